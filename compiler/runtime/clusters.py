"""Dates that are compared with each other: days that show every way in which they can lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from compiler.runtime.atoms import DayIs, WindowIs
from compiler.runtime.diagram import TooLarge
from compiler.runtime.windows import LAST_DAY, Offset

_MOST_PAIRS = 200_000
_SOME_DAY = date(2000, 1, 1).toordinal()
_CYCLE = 4 * 366
"""Days after which months and leap days lie as before."""

_MONTHS_DIFFER = 4

MOST_DATES = 2
"""So many dates compared with each other are told apart exactly."""


def clusters(windows: Iterable[WindowIs]) -> list[tuple[str, ...]]:
    """The groups of date facts that windows link, in order of first occurrence."""
    groups: list[list[str]] = []
    for atom in windows:
        pair = [atom.window.anchor, atom.fact]
        linked = [group for group in groups if set(group) & set(pair)]
        joined = list(dict.fromkeys([*(f for group in linked for f in group), *pair]))
        groups = [group for group in groups if group not in linked] + [joined]
    return [tuple(group) for group in groups]


class Days(NamedTuple):
    """Days of a date fact that show all cells; those in `chosen` show all ways in which it alone can lie, and
    only for these does the other date have all of its cells.
    """

    days: tuple[date, ...]
    chosen: frozenset[int]


def days_of(facts: tuple[str, ...], asked: Sequence[DayIs], windows: Sequence[WindowIs]) -> dict[str, Days]:
    """For each of two facts the days on which something changes for some day of the other.

    The calendar counts as endless: its ends are no days that settle anything. Raises TooLarge for more than
    two facts, or too many days.
    """
    if len(facts) > MOST_DATES:
        raise TooLarge
    told: dict[str, set[int]] = {fact: set() for fact in facts}
    for atom in asked:
        told[atom.fact] |= {day.toordinal() for day in (atom.start, atom.end) if day is not None}
    others = dict(zip(facts, facts[::-1], strict=True))
    known = sorted(day for found in told.values() for day in found)
    calendar = _calendar(windows, known[0] if known else _SOME_DAY)
    # On the days of `core` the windows lie otherwise among the days that are told apart by themselves.
    core = {
        fact: told[fact] | _met(fact, {day - n for day in told[other] for n in (0, 1)}, windows) | calendar
        for fact, other in others.items()
    }
    core = {fact: _with_earlier(found or {known[0] if known else _SOME_DAY}) for fact, found in core.items()}
    every = {
        fact: _with_earlier(core[fact] | _met(fact, core[other], windows)) for fact, other in others.items()
    }
    sizes = [len(found) for found in every.values()]
    if sizes[0] * sizes[-1] > _MOST_PAIRS:
        raise TooLarge
    return {
        fact: Days(
            tuple(map(date.fromordinal, sorted(found))),
            frozenset(at for at, day in enumerate(sorted(found)) if day in core[fact]),
        )
        for fact, found in every.items()
    }


def _met(fact: str, days: Iterable[int], windows: Sequence[WindowIs]) -> set[int]:
    """The days of a fact on which windows begin and end for some days of the other."""
    found: set[int] = set()
    for day in days:
        for atom in windows:
            if atom.fact == fact and 1 <= day <= LAST_DAY:
                found |= set(atom.window.around(date.fromordinal(day)))
            if atom.window.anchor == fact:
                found |= {atom.window.first_anchor(day, side) for side in (True, False)}
    # Without an end, a window ends with the calendar, where nothing is told apart.
    return {day for day in found if 1 < day <= LAST_DAY}


def _with_earlier(days: set[int]) -> set[int]:
    """The days, and one before them."""
    return days | {max(1, min(days) - 1)}


def _calendar(windows: Sequence[WindowIs], start: int) -> set[int]:
    """Where it depends on the month which of two distances is the longer, the ends of the months of four
    years.
    """
    if not any(_crossing(one, other) for (one, _), (other, _) in combinations(_distances(windows), 2)):
        return set()
    days = range(start, min(start + _CYCLE, LAST_DAY))
    return {day for day in days if date.fromordinal(day).day in (1, 28, 29, 30, 31)}


def _distances(windows: Sequence[WindowIs]) -> set[tuple[Offset, bool]]:
    """How far it is from the first fact to the second, and whether counted so."""
    first = windows[0].fact
    return {
        (offset, True) if atom.fact == first else (_backward(offset), False)
        for atom in windows
        for offset in (atom.window.start, atom.window.end)
        if offset is not None
    }


def _backward(offset: Offset) -> Offset:
    return Offset(-offset.months, -offset.days, offset.calendar)


def _crossing(one: Offset, other: Offset) -> bool:
    """Whether two distances are about equally long, and one is of months."""
    if one.calendar or other.calendar:
        return True
    months, days = one.months - other.months, other.days - one.days
    few, many = sorted((28 * months, 31 * months))
    return bool(one.months or other.months) and few - _MONTHS_DIFFER <= days <= many + _MONTHS_DIFFER
