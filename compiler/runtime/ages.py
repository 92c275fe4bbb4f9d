"""Ages are known by the date of birth: what is asked of both is asked of the date of birth alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compiler.runtime.atoms import (
    AtLeast,
    Condition,
    DayIs,
    Elements,
    Newest,
    Not,
    NumberIs,
    Resting,
    facts_of,
)
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.numbers import Cut, Stretch
from compiler.runtime.questions import Case
from compiler.runtime.windows import Offset, Window, moved

AGE, BIRTH = "member.age", "member.birth_date"


def aged(case: Case, facts: LineFacts) -> Case:
    """A case that does not ask both for an age and for the date of birth by which it is known."""
    open_ = [truth for truth in case.truths if not isinstance(truth, bool)]
    day = facts.values.get("line.service_date")
    if not {AGE, BIRTH} <= {fact for truth in open_ for fact in facts_of(truth)} or not isinstance(day, date):
        return case
    truths = tuple(truth if isinstance(truth, bool) else by_birth(truth, day) for truth in case.truths)
    return case._replace(truths=truths)


def by_birth(condition: Condition, day: date) -> Condition:
    """A condition of a line of a day, where what is asked of an age is asked of the date of birth. Who is
    born later counts as newborn. What is computed from an age stays as it is.
    """
    match condition:
        case Resting(inner, assumptions):
            return Resting(by_birth(inner, day), assumptions)
        case Not(inner):
            return Not(by_birth(inner, day))
        case AtLeast(count, conditions):
            return AtLeast(count, tuple(by_birth(inner, day) for inner in conditions))
        case Elements(fact, element, count, where, different, run):
            return Elements(fact, element, count, by_birth(where, day), different, run)
        case Newest(fact, element, by, latest, among, has):
            return Newest(fact, element, by, latest, by_birth(among, day), by_birth(has, day))
        case NumberIs(fact, stretches) if fact == AGE:
            return AtLeast(1, tuple(_born(window, day) for window in births(stretches, fact)))
        case _:
            return condition


def births(stretches: tuple[Stretch, ...], anchor: str) -> Iterator[Window]:
    """The births around a day that make an age of some stretches of numbers on it."""
    for stretch in stretches:
        least, above = (None if cut is None else _whole(cut) for cut in stretch)
        if above is None or above > 0:
            start = None if above is None else _not_so_old(above)
            yield Window(anchor, start, None if least is None or least <= 0 else _not_so_old(least))


def _born(window: Window, day: date) -> Condition:
    """A birth in a window around a day."""
    start, end = (
        None if offset is None else _in_calendar(moved(day, offset)) for offset in (window.start, window.end)
    )
    return DayIs(BIRTH, start, end)


def _whole(cut: Cut) -> int:
    """The least whole number behind a cut."""
    number, side = cut
    floor = int(number // 1)
    return floor + (number != floor or side == 2)


def _not_so_old(years: int) -> Offset:
    """From a day to the first day of birth on which somebody is not yet so old on it."""
    return Offset(-12 * years, 1)


def _in_calendar(number: int) -> date:
    return date.fromordinal(max(1, number))
