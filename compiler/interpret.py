"""Runs the IR as it stands, in three-valued logic: the measure of all backends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias, assert_never

from compiler import decision as d
from compiler.runtime.codes import contains

Value: TypeAlias = str | bool | date | Decimal | tuple[str | None, ...]
Facts: TypeAlias = Mapping[str, Value | None]
"""Values by path; what is missing, or None, is unknown. A list may hold unknown elements (None)."""

Kleene: TypeAlias = bool | None


def evaluate(condition: d.Condition, facts: Facts) -> Kleene:
    """Whether a condition holds: True, False, or None where what is known does not say."""
    match condition:
        case d.Named(condition=inner):
            return evaluate(inner, facts)
        case d.Not(inner):
            held = evaluate(inner, facts)
            return None if held is None else not held
        case d.AtLeast(count, conditions):
            return _at_least(count, [evaluate(inner, facts) for inner in conditions])
        case d.Elements(fact, element, count, where):
            elements = facts.get(fact)
            if elements is None:
                return None
            assert isinstance(elements, tuple)
            return _at_least(count, [evaluate(where, {**facts, element: value}) for value in elements])
        case _:
            value = facts.get(condition.fact)
            return None if value is None else holds(condition, value)


def _at_least(count: int, held: list[Kleene]) -> Kleene:
    certain = sum(1 for h in held if h)
    possible = certain + sum(1 for h in held if h is None)
    return True if certain >= count else None if possible >= count else False


def holds(atom: d.ValueIs | d.CodeIs | d.DayIs, value: Value) -> bool:
    """Whether an atom holds of a known value."""
    match atom:
        case d.ValueIs(_, values):
            return (str(value).lower() if isinstance(value, bool) else value) in values
        case d.CodeIs():
            assert isinstance(value, str)
            return contains(atom.codes, value)
        case d.DayIs(_, start, end):
            assert isinstance(value, date)
            return (start is None or start <= value) and (end is None or value < end)
    assert_never(atom)
