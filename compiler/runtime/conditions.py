"""Conditions in three-valued logic: each knows whether it holds, and on which assumptions that rests.

A condition's value rests on a reason that suffices, with the fewest assumptions; what is unknown rests on
all that leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from compiler.runtime.claim_values import Value
from compiler.runtime.codes import Interval, contains
from compiler.runtime.numbers import Stretch, among
from compiler.runtime.tables import Held, LineFacts
from compiler.runtime.windows import Window

_NONE: frozenset[str] = frozenset()


def at_least(count: int, *parts: Held) -> Held:
    """At least so many of some conditions hold."""
    true = [part.rests for part in parts if part.holds]
    false = [part.rests for part in parts if part.holds is False]
    if len(true) >= count:
        return Held(True, _fewest(true, count))
    if len(parts) - len(false) < count:
        return Held(False, _fewest(false, len(parts) - count + 1))
    return Held(None, _NONE.union(*[part.rests for part in parts]))


def _fewest(reasons: list[frozenset[str]], needed: int) -> frozenset[str]:
    """The assumptions of so many reasons, those that have the fewest; of equals, the first."""
    if needed == 1:
        return min(reasons, key=len)
    return _NONE.union(*(reasons if needed == len(reasons) else sorted(reasons, key=len)[:needed]))


def all_of(*parts: Held) -> Held:
    """All conditions hold."""
    return at_least(len(parts), *parts)


def any_of(*parts: Held) -> Held:
    """One condition or more holds."""
    return at_least(1, *parts)


def negated(part: Held) -> Held:
    """The condition does not hold."""
    return Held(None if part.holds is None else not part.holds, part.rests)


def assuming(part: Held, *assumptions: str) -> Held:
    """A condition that the author wrote under assumptions."""
    return Held(part.holds, part.rests.union(assumptions))


def value_in(facts: LineFacts, path: str, values: frozenset[str]) -> Held:
    """A fact has one of some values."""
    return _tested(facts, path, lambda value: str(value).casefold() in values)


def code_in(facts: LineFacts, path: str, codes: tuple[Interval, ...], *assumptions: str) -> Held:
    """A code fact lies in a set of codes."""
    return assuming(_tested(facts, path, lambda value: contains(codes, str(value))), *assumptions)


def day_in(facts: LineFacts, path: str, start: date | None, end: date | None) -> Held:
    """A date fact lies in `[start, end)`."""

    def inside(value: Value) -> bool:
        assert isinstance(value, date)
        return (start is None or start <= value) and (end is None or value < end)

    return _tested(facts, path, inside)


def day_around(facts: LineFacts, path: str, window: Window) -> Held:
    """A date fact lies in a window around the day of another."""
    anchor = facts.values.get(window.anchor)

    def inside(value: Value) -> bool:
        assert isinstance(value, date) and isinstance(anchor, date)
        start, end = window.around(anchor)
        return start <= value.toordinal() < end

    return _tested(facts, path, inside)


def number_in(facts: LineFacts, path: str, stretches: tuple[Stretch, ...]) -> Held:
    """A number lies in one of some stretches."""

    def inside(value: Value) -> bool:
        assert isinstance(value, Decimal)
        return among(value, stretches)

    return _tested(facts, path, inside)


def _tested(facts: LineFacts, path: str, test: Callable[[Value], bool]) -> Held:
    value = facts.values.get(path)
    assumption = facts.assumptions.get(path)
    rests = _NONE if assumption is None else frozenset([assumption])
    return Held(None if value is None else test(value), rests)


def elements(
    facts: LineFacts, path: str, count: int, meet: Callable[[str | None], Held], assumptions: tuple[str, ...]
) -> Held:
    """At least so many elements of a list meet a condition; an unknown element is None."""
    values = facts.values.get(path)
    assumption = facts.assumptions.get(path)
    rests = _NONE if assumption is None else frozenset([assumption])
    if values is None:
        return Held(None, rests.union(assumptions))
    assert isinstance(values, tuple)
    held = [meet(value).holds for value in values]
    holds = True if held.count(True) >= count else None if len(held) - held.count(False) >= count else False
    return Held(holds, rests.union(assumptions) if values else rests)


def element_value_in(element: str | None, values: frozenset[str]) -> Held:
    """The element in hand is one of some texts."""
    return Held(None if element is None else element.casefold() in values, _NONE)


def element_code_in(element: str | None, codes: tuple[Interval, ...]) -> Held:
    """The element in hand lies in a set of codes."""
    return Held(None if element is None else contains(codes, element), _NONE)
