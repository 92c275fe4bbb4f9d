"""Which criteria decided whether a rule holds, each with the facts that it did so by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from compiler.answers.explain import shown_value
from compiler.ir import decision as d
from compiler.ir.occurring import SCOPES
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import DERIVED


class Because(NamedTuple):
    """A fact under the name by which a claim knows it; `path` is the name by which the rules do."""

    path: str
    shown: str
    value: Any
    origin: str


class Point(NamedTuple):
    """A criterion that matters, whether it is met, and by which facts; `excepts` if it takes a case out."""

    criterion: str
    met: bool
    because: tuple[Because, ...]
    excepts: bool = False


def deciding(rule: d.Rule, facts: LineFacts) -> tuple[Point, ...]:
    """Why a rule holds: its criteria. Why it does not: those that are not met, and exceptions that hold. For
    one of which that is open: nothing.
    """
    holds = judge(rule.condition, facts).holds
    if holds is None:
        return ()
    inner = rule.condition.condition
    joined = isinstance(inner, d.AtLeast) and inner.count == len(inner.conditions)
    criteria = inner.conditions if joined and isinstance(inner, d.AtLeast) else (inner,)
    points: list[Point] = []
    for criterion in criteria:
        if isinstance(criterion, d.Not):
            points += (
                () if holds else [p._replace(excepts=True) for p in _points(criterion.condition, True, facts)]
            )
        else:
            points += _points(criterion, holds, facts)
    return tuple(dict.fromkeys(points))


def _points(condition: d.Condition, met: bool, facts: LineFacts) -> list[Point]:
    """The criteria by which a condition is met, or is not; none where it is otherwise, or open."""
    if judge(condition, facts).holds is not met:
        return []
    match condition:
        case d.Named() if condition.name:
            inner = condition.condition
            within: list[Point] = []
            if met is isinstance(inner, d.Not):
                # What is denied, and what is not met, is told by what inside it is not met.
                within = _points(inner.condition if isinstance(inner, d.Not) else inner, False, facts)
            return within or [Point(condition.name, met, tuple(dict.fromkeys(_because(inner, met, facts))))]
        case d.Resting():
            return _points(condition.condition, met, facts)
        case d.Not():
            return _points(condition.condition, not met, facts)
        case d.AtLeast():
            return [point for part in condition.conditions for point in _points(part, met, facts)]
        case _:
            return []


def _because(condition: d.Condition, met: bool, facts: LineFacts) -> Iterator[Because]:
    """The facts by which a condition is met, or is not."""
    match condition:
        case d.Resting():
            yield from _because(condition.condition, met, facts)
        case d.Not():
            yield from _because(condition.condition, not met, facts)
        case d.AtLeast():
            for part in condition.conditions:
                if judge(part, facts).holds is met:
                    yield from _because(part, met, facts)
        case _:
            for path in d.facts_of(condition):
                if path.partition(".")[0] in SCOPES:
                    yield fact(path, facts)


def fact(path: str, facts: LineFacts) -> Because:
    """What is known of a fact of the line."""
    unclear = facts.unclear.get(path)
    value = facts.values.get(path)
    name = path if path in DERIVED and value is not None else facts.shown_path(path)
    shown = unclear.stated if unclear else shown_value(path, value)
    return Because(path, name, _hashable(shown), facts.origins.get(path, "unknown"))


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_hashable(each) for each in value)
    return tuple(value.items()) if isinstance(value, dict) else value
