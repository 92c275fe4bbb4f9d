"""Ages are known by the date of birth: what is asked of both is asked of the date of birth alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from compiler.runtime.atoms import (
    AtLeast,
    Condition,
    DayIs,
    Elements,
    Newest,
    Not,
    NumberIs,
    Open,
    Resting,
    WindowIs,
    facts_of,
)
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.numbers import Cut, Stretch
from compiler.runtime.questions import Truth
from compiler.runtime.windows import Offset, Window, moved

AGE, BIRTH, DAY = "member.age", "member.birth_date", "line.service_date"


def aged(truths: Sequence[Truth], facts: LineFacts, tied: bool = False) -> tuple[Truth, ...]:
    """What is open of a line, not asking both for an age and for the date of birth by which it is known."""
    open_ = [truth for truth in truths if not isinstance(truth, bool)]
    if not {AGE, BIRTH} <= {fact for truth in open_ for fact in facts_of(truth)}:
        return tuple(truths)
    day = facts.values.get(DAY)
    known = day if isinstance(day, date) else None
    return tuple(truth if isinstance(truth, bool) else by_birth(truth, known, tied) for truth in truths)


def by_birth(condition: Condition, day: date | None, tied: bool = False) -> Condition:
    """A condition of a line of a day (None: of one that is not known), where what is asked of an age is asked
    of the date of birth. Who is born later counts as newborn. What is computed from an age stays as it is. A
    day that is not known may be `tied` to another date, of which not all days are looked at: then an age is
    told apart only loosely.
    """

    def aged(stretches: tuple[Stretch, ...]) -> Condition:
        if day is None and tied:
            return Open(f"{AGE} {stretches}", (BIRTH, DAY))
        return AtLeast(1, tuple(_born(window, day) for window in births(stretches)))

    return _with_ages(condition, aged)


def _with_ages(condition: Condition, aged: Callable[[tuple[Stretch, ...]], Condition]) -> Condition:
    """A condition with something else in the place of what it asks of ages."""
    match condition:
        case Resting(inner, assumptions):
            return Resting(_with_ages(inner, aged), assumptions)
        case Not(inner):
            return Not(_with_ages(inner, aged))
        case AtLeast(count, conditions):
            return AtLeast(count, tuple(_with_ages(inner, aged) for inner in conditions))
        case Elements(fact, element, count, where, different, run):
            return Elements(fact, element, count, _with_ages(where, aged), different, run)
        case Newest(fact, element, by, latest, among, has):
            return Newest(fact, element, by, latest, _with_ages(among, aged), _with_ages(has, aged))
        case NumberIs(fact, stretches) if fact == AGE:
            return aged(stretches)
        case _:
            return condition


def births(stretches: tuple[Stretch, ...]) -> Iterator[Window]:
    """The births around the day of a line that make an age of some stretches of numbers on it."""
    for stretch in stretches:
        least, above = (None if cut is None else _whole(cut) for cut in stretch)
        if above is None or above > 0:
            start = None if above is None else _not_so_old(above)
            yield Window(DAY, start, None if least is None or least <= 0 else _not_so_old(least))


def _born(window: Window, day: date | None) -> Condition:
    """A birth in a window around the day of a line."""
    if day is None:
        return WindowIs(BIRTH, window)
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
