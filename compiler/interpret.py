"""Runs the IR as it stands, in three-valued logic: the measure of all backends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias, assert_never

from compiler import decision as d
from compiler.runtime.claim_values import Value
from compiler.runtime.codes import contains
from compiler.runtime.numbers import among
from compiler.runtime.tables import Held, Kleene, LineFacts

Facts: TypeAlias = Mapping[str, Value | None]
"""Values by path; what is missing, or None, is unknown. A list may hold unknown elements (None)."""


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
        case d.WindowIs(fact, window):
            value, anchor = facts.get(fact), facts.get(window.anchor)
            if not isinstance(value, date) or not isinstance(anchor, date):
                return None
            start, end = window.around(anchor)
            return start <= value.toordinal() < end
        case _:
            value = facts.get(condition.fact)
            return None if value is None else holds(condition, value)


def _at_least(count: int, held: list[Kleene]) -> Kleene:
    certain = sum(1 for h in held if h)
    possible = certain + sum(1 for h in held if h is None)
    return True if certain >= count else None if possible >= count else False


def holds(atom: d.ValueIs | d.CodeIs | d.DayIs | d.NumberIs, value: Value) -> bool:
    """Whether an atom holds of a known value."""
    match atom:
        case d.ValueIs(_, values):
            return str(value).casefold() in values
        case d.CodeIs():
            assert isinstance(value, str)
            return contains(atom.codes, value)
        case d.DayIs(_, start, end):
            assert isinstance(value, date)
            return (start is None or start <= value) and (end is None or value < end)
        case d.NumberIs(_, stretches):
            assert isinstance(value, Decimal)
            return among(value, stretches)
    assert_never(atom)


def held(condition: d.Condition, facts: LineFacts) -> Held:
    """Whether a condition holds of a line, and the assumptions that this rests on."""
    value = evaluate(condition, facts.values)
    return Held(value, frozenset(rests_on(condition, value, facts)))


def rests_on(condition: d.Condition, value: Kleene, facts: LineFacts) -> set[str]:
    """The assumptions behind a condition's value: those of a reason that suffices, with the fewest.

    What is unknown rests on all that leaves it open.
    """
    match condition:
        case d.Named(condition=inner, assumptions=assumptions):
            return rests_on(inner, value, facts) | set(assumptions)
        case d.Not(inner):
            return rests_on(inner, None if value is None else not value, facts)
        case d.AtLeast(count, conditions):
            values = [(inner, evaluate(inner, facts.values)) for inner in conditions]
            parts = [(truth, rests_on(inner, truth, facts)) for inner, truth in values]
            if value is None:
                return set[str]().union(*(rests for _, rests in parts))
            needed = count if value else len(conditions) - count + 1
            enough = sorted((rests for truth, rests in parts if truth is value), key=len)[:needed]
            return set[str]().union(*enough)
        case d.Elements(fact, _, _, where):
            behind = () if facts.values.get(fact) == () else assumptions_in(where)
            return {*_of_fact(fact, facts), *behind}
        case d.CodeIs(fact=fact, assumptions=assumptions):
            return {*_of_fact(fact, facts), *assumptions}
        case _:
            return set(_of_fact(condition.fact, facts))


def _of_fact(path: str, facts: LineFacts) -> tuple[str, ...]:
    assumption = facts.assumptions.get(path)
    return (assumption,) if assumption is not None else ()


def assumptions_in(condition: d.Condition) -> Iterator[str]:
    """The assumptions that the author attached to a condition or what is inside it."""
    match condition:
        case d.Named():
            yield from condition.assumptions
            yield from assumptions_in(condition.condition)
        case d.Not(inner):
            yield from assumptions_in(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from assumptions_in(inner)
        case d.CodeIs():
            yield from condition.assumptions
        case d.Elements():
            yield from assumptions_in(condition.where)
        case _:
            pass


def occurring(condition: d.Condition) -> Iterator[str]:
    """All that a condition could rest on, in order of occurrence: assumptions, and facts by their path."""
    match condition:
        case d.Named():
            yield from condition.assumptions
            yield from occurring(condition.condition)
        case d.Not(inner):
            yield from occurring(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from occurring(inner)
        case d.ValueIs(fact=fact) | d.DayIs(fact=fact) | d.WindowIs(fact=fact) | d.NumberIs(fact=fact):
            yield fact
        case d.CodeIs(fact=fact) | d.Elements(fact=fact):
            yield fact
            yield from assumptions_in(condition)
