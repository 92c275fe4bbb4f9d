"""An age on a day is a stretch of birth dates: two days then speak of one birth."""

from __future__ import annotations

from datetime import date, timedelta

from compiler import decision as d
from compiler.runtime.atoms import NEVER
from compiler.runtime.numbers import Cut, Stretch

AGE, BIRTH = "member.age", "member.birth_date"


def by_birth(condition: d.Condition, day: date) -> d.Condition:
    """The condition of a line of a day, where what is asked of an age is asked of the date of birth.

    What is computed from an age stays as it is.
    """
    match condition:
        case d.Resting(inner, assumptions):
            return d.Resting(by_birth(inner, day), assumptions)
        case d.Not(inner):
            return d.Not(by_birth(inner, day))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(by_birth(inner, day) for inner in conditions))
        case d.NumberIs(fact, stretches) if fact == AGE:
            return d.AtLeast(1, tuple(_born(stretch, day) for stretch in stretches))
        case _:
            return condition


def _born(stretch: Stretch, day: date) -> d.Condition:
    """The births that make an age of a stretch of numbers."""
    low, high = stretch
    least = None if low is None else _whole(low)
    above = None if high is None else _whole(high)
    if above is not None and above <= 0:
        return NEVER
    # Of an age of n or more are those born before the day after the nth last birthday.
    end = None if least is None or least <= 0 else _after(day, least)
    start = None if above is None else _after(day, above)
    return d.DayIs(BIRTH, start, end)


def _whole(cut: Cut) -> int:
    """The least whole number behind a cut."""
    number, side = cut
    floor = int(number // 1)
    return floor + (number != floor or side == 2)


def _after(day: date, years: int) -> date | None:
    """The first day on which somebody is born who is not yet so old on a day; None where the calendar has no
    such day.
    """
    if day.year <= years:
        return date.min
    try:
        return day.replace(year=day.year - years) + timedelta(days=1)
    except ValueError:
        return date(day.year - years, 3, 1)
