"""Runs a condition as it stands: the interpreter, and the meaning of every construct."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compiler.runtime.atoms import (
    AtLeast,
    CodeIs,
    ComputedIs,
    Condition,
    DayIs,
    Elements,
    Newest,
    Not,
    NumberIs,
    Open,
    Resting,
    Term,
    ValueIs,
    WindowIs,
)
from compiler.runtime.conditions import (
    Held,
    assuming,
    at_least,
    code_in,
    day_around,
    day_in,
    left_open,
    negated,
    number_in,
    value_in,
)
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.lists import elements, newest
from compiler.runtime.numbers import Stretch
from compiler.runtime.terms import computation


def judge(condition: Condition, facts: LineFacts) -> Held:
    """Whether a condition holds of what is known of a line."""
    match condition:
        case Resting(inner, assumptions):
            return assuming(judge(inner, facts), *assumptions)
        case Not(inner):
            return negated(judge(inner, facts))
        case AtLeast(count, conditions):
            return _at_least(count, conditions, facts)
        case ValueIs(fact, values):
            return value_in(facts, fact, frozenset(values))
        case CodeIs(fact, system, codes):
            return code_in(facts, fact, codes, system)
        case DayIs(fact, start, end):
            return day_in(facts, fact, start, end)
        case WindowIs(fact, window):
            return day_around(facts, fact, window)
        case NumberIs(fact, stretches):
            return number_in(facts, fact, stretches)
        case ComputedIs(term, stretches):
            return computed_in(facts, term, stretches)
        case Elements():
            assumptions = tuple(dict.fromkeys(assumptions_in(condition.where)))
            return elements(
                facts,
                condition.fact,
                condition.element,
                condition.count,
                lambda facts: judge(condition.where, facts),
                assumptions,
                condition.different,
                condition.run,
            )
        case Newest():
            both = [*assumptions_in(condition.among), *assumptions_in(condition.has)]
            return newest(
                facts,
                condition.fact,
                condition.element,
                condition.by,
                condition.latest,
                lambda facts: judge(condition.among, facts),
                lambda facts: judge(condition.has, facts),
                tuple(dict.fromkeys(both)),
            )
        case Open():
            return left_open(facts, condition)
    assert_never(condition)


def _at_least(count: int, conditions: tuple[Condition, ...], facts: LineFacts) -> Held:
    """At least so many of some conditions hold; none is asked behind one that settles it on no assumption."""
    alone = False if count == len(conditions) else True if count == 1 else None
    parts = []
    for inner in conditions:
        part = judge(inner, facts)
        if part.holds is alone is not None and not part.rests:
            return Held(alone)
        parts.append(part)
    return at_least(count, *parts)


def computed_in(facts: LineFacts, term: Term, stretches: tuple[Stretch, ...]) -> Held:
    """What is computed lies in one of some stretches."""
    return computation(facts, term, stretches, judge)


def assumptions_in(condition: Condition) -> Iterator[str]:
    """The assumptions that the author attached to a condition or what is inside it."""
    match condition:
        case Resting():
            yield from condition.assumptions
            yield from assumptions_in(condition.condition)
        case Not(inner):
            yield from assumptions_in(inner)
        case AtLeast(_, conditions):
            for inner in conditions:
                yield from assumptions_in(inner)
        case Elements():
            yield from assumptions_in(condition.where)
        case Newest():
            yield from assumptions_in(condition.among)
            yield from assumptions_in(condition.has)
        case _:
            pass
