"""Conditions in three-valued logic: each knows whether it holds, on which assumptions that rests, and what
is still open about it.

A condition's value rests on a reason that suffices, with the fewest assumptions; what is unknown rests on
all that leaves it open. What is open speaks of unknown facts alone: all that is known has been put in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from compiler.runtime.atoms import (
    ALWAYS,
    AtLeast,
    CodeIs,
    Condition,
    DayIs,
    Not,
    NumberIs,
    Open,
    ValueIs,
    WindowIs,
)
from compiler.runtime.claim_values import Value
from compiler.runtime.codes import Interval, contains
from compiler.runtime.kept import MOST_KEPT, Kept
from compiler.runtime.line_facts import EACH, LineFacts
from compiler.runtime.numbers import Stretch, among
from compiler.runtime.windows import LAST_DAY, Window

Kleene: TypeAlias = bool | None
"""True, False, or None: what is known does not say."""

_NONE: frozenset[str] = frozenset()


class Held(NamedTuple):
    """Whether a condition holds, the assumptions that this rests on, and what is open about it."""

    holds: Kleene
    rests: frozenset[str] = _NONE
    open: Condition = ALWAYS


YES = Held(True)
NO = Held(False)

Test: TypeAlias = Callable[[LineFacts], Held]

Operand: TypeAlias = Held | Callable[[], Held]
"""A condition, or what finds out whether it holds: that is not asked behind one that settles the matter."""


def at_least(count: int, *parts: Held) -> Held:
    """At least so many of some conditions hold."""
    if count == len(parts):
        return all_of(*parts)
    if count == 1:
        return any_of(*parts)
    true = [part.rests for part in parts if part.holds]
    false = [part.rests for part in parts if part.holds is False]
    if len(true) >= count:
        return Held(True, _fewest(true, count) if count > 0 else _NONE)
    if len(parts) - len(false) < count:
        return Held(False, _fewest(false, len(parts) - count + 1))
    left = [part.open for part in parts if part.holds is None]
    return Held(None, _NONE.union(*[part.rests for part in parts]), _so_many(count - len(true), left))


def _so_many(count: int, left: list[Condition]) -> Condition:
    """That so many hold of what is open."""
    return left[0] if len(left) == count == 1 else AtLeast(count, tuple(left))


def _fewest(reasons: list[frozenset[str]], needed: int) -> frozenset[str]:
    """The assumptions of so many reasons, those that have the fewest; of equals, the first."""
    if needed == 1:
        return min(reasons, key=len)
    return _NONE.union(*(reasons if needed == len(reasons) else sorted(reasons, key=len)[:needed]))


def _group(settling: bool) -> Callable[..., Held]:
    """Whether all conditions hold, where one that does not hold settles it, or any of them, where one that
    does.
    """
    settles, passes = (YES, NO) if settling else (NO, YES)

    def group(*parts: Operand) -> Held:
        rests, settled, left = _NONE, None, []
        for part in parts:
            holds, its, open_ = part if isinstance(part, Held) else part()
            if holds is settling:
                if not its:
                    return settles
                if settled is None or len(its) < len(settled):
                    settled = its
            elif holds is None:
                left.append(open_)
            if its:
                rests = rests | its if rests else its
        if settled is not None:
            return Held(settling, settled)
        if left:
            return Held(None, rests, _so_many(1 if settling else len(left), left))
        return Held(not settling, rests) if rests else passes

    return group


all_of = _group(settling=False)
"""All conditions hold."""

any_of = _group(settling=True)
"""One condition or more holds."""


def negated(part: Held) -> Held:
    """The condition does not hold."""
    if part.holds is None:
        return Held(None, part.rests, Not(part.open))
    return Held(not part.holds, part.rests)


def assuming(part: Held, *assumptions: str) -> Held:
    """A condition that the author wrote under assumptions."""
    return Held(part.holds, part.rests.union(assumptions), part.open)


def value_in(facts: LineFacts, path: str, values: frozenset[str]) -> Held:
    """A fact has one of some values."""
    value = facts.values.get(path)
    if value is None:
        return _open(facts, path, _value_is(facts.real(path), values))
    return _told(facts, path, str(value).casefold() in values)


def code_in(facts: LineFacts, path: str, codes: tuple[Interval, ...], system: str) -> Held:
    """A code lies in a set of codes of a system."""
    value = facts.values.get(path)
    if value is None:
        return _open(facts, path, _code_is(facts.real(path), system, codes))
    return _told(facts, path, contains(codes, str(value)))


def day_in(facts: LineFacts, path: str, start: date | None, end: date | None) -> Held:
    """A date fact lies in `[start, end)`."""
    value = facts.values.get(path)
    if value is None:
        return _open(facts, path, DayIs(facts.real(path), start, end))
    assert isinstance(value, date)
    return _told(facts, path, (start is None or start <= value) and (end is None or value < end))


def day_around(facts: LineFacts, path: str, window: Window) -> Held:
    """A date fact lies in a window around the day of another."""
    value, anchor = facts.values.get(path), facts.values.get(window.anchor)
    if isinstance(anchor, date):
        start, end = window.around(anchor)
        if value is None:
            return day_between(facts, path, start, end)
        assert isinstance(value, date)
        return _told(facts, path, start <= value.toordinal() < end)
    if isinstance(value, date):
        # Of the anchor's days those from whose window the day is not yet, or no longer, out.
        first = window.first_anchor(value.toordinal(), False)
        last = window.first_anchor(value.toordinal(), True)
        return day_between(facts, window.anchor, first, last)
    around = Window(facts.real(window.anchor), window.start, window.end)
    return _open(facts, path, WindowIs(facts.real(path), around))


def day_between(facts: LineFacts, path: str, start: int, end: int) -> Held:
    """An unknown date fact lies from one ordinal day to before another."""
    first, last = 1, date.max.toordinal() + 1
    start, end = max(start, first), min(end, last)
    if start >= end:
        return _told(facts, path, False)
    if start == first and end == last:
        return _told(facts, path, True)
    low = date.fromordinal(start) if start > first else None
    high = date.fromordinal(end) if end < last else None
    return _open(facts, path, DayIs(facts.real(path), low, high))


def elapsed_in(
    facts: LineFacts, unit: str, paths: tuple[str, str], stretches: tuple[Stretch, ...]
) -> Held | None:
    """The complete units between two dates, of which one is unknown, lie in one of some stretches; None where
    both are known, or neither.
    """
    start, end = (facts.values.get(path) for path in paths)
    if isinstance(start, date) is isinstance(end, date):
        return None

    def later(ordinal: int) -> tuple[Fraction, int]:
        """Grows with the unknown day."""
        day = date.fromordinal(ordinal)
        if isinstance(start, date):
            return Fraction(elapsed(unit, start, day)), 1
        assert isinstance(end, date)
        return Fraction(-elapsed(unit, day, end)), 1

    ways = []
    days = range(1, LAST_DAY + 1)
    for stretch in stretches:
        low, high = (None if cut is None else (Fraction(cut[0]), cut[1]) for cut in stretch)
        if start is None:
            low, high = (None if cut is None else (-cut[0], 2 - cut[1]) for cut in (high, low))
        first = 1 if low is None else 1 + bisect_left(days, low, key=later)
        last = LAST_DAY + 1 if high is None else 1 + bisect_left(days, high, key=later)
        ways.append(day_between(facts, paths[start is not None], first, last))
    return any_of(*ways)


def elapsed(unit: str, start: date, end: date) -> int:
    """The complete days, weeks, months or years from one day to another, negative where it is before.

    A month is complete on the same day of a later month, or where that has none on the first of the next.
    """
    if end < start:
        return -elapsed(unit, end, start)
    days = (end - start).days
    if unit in ("day", "week"):
        return days if unit == "day" else days // 7
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return months if unit == "month" else months // 12


def number_in(facts: LineFacts, path: str, stretches: tuple[Stretch, ...]) -> Held:
    """A number lies in one of some stretches."""
    value = facts.values.get(path)
    if value is None:
        return _open(facts, path, NumberIs(facts.real(path), stretches))
    assert isinstance(value, Decimal)
    return _told(facts, path, among(value, stretches))


def left_open(facts: LineFacts, asked: Open) -> Held:
    """What nobody knows; of elements in hand it is the same of those that are alike."""
    hands = [name for name in asked.facts if facts.real(name) != name]
    if not hands:
        return Held(None, open=asked)
    known = [facts.values.get(name) for name in hands]
    alike = [facts.real(n) if value is None else str(value) for n, value in zip(hands, known, strict=True)]
    strange = tuple(facts.real(name) for name in hands if facts.real(name).startswith(EACH))
    others = tuple(name for name in asked.facts if name not in hands)
    question = asked.about if None not in known else None
    return Held(None, open=Open(f"{asked.about} {alike}", (*strange, *others), question=question))


@lru_cache(maxsize=MOST_KEPT)
def _value_is(path: str, values: frozenset[str]) -> Condition:
    return ValueIs(path, tuple(sorted(values)))


_code_atoms: Kept[tuple[str, str, int], tuple[tuple[Interval, ...], Condition]] = Kept()


def _code_is(path: str, system: str, codes: tuple[Interval, ...]) -> Condition:
    # By identity, and with the codes kept, so that no others can come to have their id.
    of = path, system, id(codes)
    known = _code_atoms.get(of) or _code_atoms.keep(of, (codes, CodeIs(path, system, codes)))
    return known[1]


def _rests(facts: LineFacts, path: str) -> frozenset[str]:
    assumption = facts.assumptions.get(path)
    return _NONE if assumption is None else frozenset([assumption])


def _told(facts: LineFacts, path: str, holds: bool) -> Held:
    assumption = facts.assumptions.get(path)
    if assumption is None:
        return YES if holds else NO
    return Held(holds, frozenset([assumption]))


def _open(facts: LineFacts, path: str, atom: Condition) -> Held:
    return Held(None, _rests(facts, path), atom)


__all__ = [
    "Held",
    "Kleene",
    "Test",
    "Value",
    "all_of",
    "any_of",
    "assuming",
    "at_least",
    "code_in",
    "day_around",
    "day_between",
    "day_in",
    "elapsed",
    "elapsed_in",
    "left_open",
    "negated",
    "number_in",
    "value_in",
]
