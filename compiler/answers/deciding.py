"""Which criteria decided whether a rule holds, each with the facts that it did so by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from compiler.answers.counted import Counted, counted, hashable
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
    counted: Counted | None = None


class Point(NamedTuple):
    """A criterion that matters, whether it is met, and by which facts; `excepts` if it takes a case out."""

    criterion: str
    met: bool
    because: tuple[Because, ...]
    excepts: bool = False


class Choice(NamedTuple):
    """A group that is not met: so many of its criteria are needed, of which something is missing."""

    needed: int
    missing: tuple[tuple[Point | Choice, ...], ...]


Reason = Point | Choice


def distance(rule: d.Rule, facts: LineFacts) -> int:
    """How many of a rule's criteria, as the author wrote them, are not met or are open."""
    return sum(judge(criterion, facts).holds is not True for criterion in _criteria(rule))


def deciding(rule: d.Rule, facts: LineFacts) -> tuple[Reason, ...]:
    """Why a rule holds: its criteria. Why it does not: those that are not met, and exceptions that hold. For
    one of which that is open: nothing.
    """
    holds = judge(rule.condition, facts).holds
    if holds is None:
        return ()
    points: list[Reason] = []
    for criterion in _criteria(rule):
        if isinstance(criterion, d.Not):
            found = () if holds else _points(criterion.condition, True, facts)
            points += [p._replace(excepts=True) if isinstance(p, Point) else p for p in found]
        else:
            points += _points(criterion, holds, facts)
    return tuple(dict.fromkeys(points))


def _criteria(rule: d.Rule) -> tuple[d.Condition, ...]:
    inner = rule.condition.condition
    joined = isinstance(inner, d.AtLeast) and inner.count == len(inner.conditions)
    return inner.conditions if joined and isinstance(inner, d.AtLeast) else (inner,)


def _points(condition: d.Condition, met: bool, facts: LineFacts) -> list[Reason]:
    """The criteria by which a condition is met, or is not; none where it is otherwise, or open."""
    if judge(condition, facts).holds is not met:
        return []
    match condition:
        case d.Named() if condition.name:
            inner = condition.condition
            within: list[Reason] = []
            if met is isinstance(inner, d.Not):
                # What is denied, and what is not met, is told by what inside it is not met.
                within = _points(inner.condition if isinstance(inner, d.Not) else inner, False, facts)
            return within or [Point(condition.name, met, tuple(dict.fromkeys(_because(inner, met, facts))))]
        case d.Resting():
            return _points(condition.condition, met, facts)
        case d.Not():
            return _points(condition.condition, not met, facts)
        case d.AtLeast(count, conditions):
            parts = [tuple(_points(part, met, facts)) for part in conditions]
            if met or count == len(conditions):
                return [point for part in parts for point in part]
            return _choice(count, [part for part in parts if part])
        case _:
            return []


def _choice(count: int, missing: list[tuple[Reason, ...]]) -> list[Reason]:
    """What would be needed of a group; of one choice within another, that is one choice."""
    if len(missing) < 2:
        return [point for part in missing for point in part]
    flat: list[tuple[Reason, ...]] = []
    for part in missing:
        only = part[0] if len(part) == 1 else None
        flat += only.missing if isinstance(only, Choice) and only.needed == count == 1 else [part]
    return [Choice(count, tuple(dict.fromkeys(flat)))]


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
            among = counted(condition, facts)
            for path in d.facts_of(condition):
                if path.partition(".")[0] in SCOPES:
                    yield _fact(path, facts)._replace(counted=among.get(path))


def _fact(path: str, facts: LineFacts) -> Because:
    """What is known of a fact of the line."""
    unclear = facts.unclear.get(path)
    value = facts.values.get(path)
    name = path if path in DERIVED and value is not None else facts.shown_path(path)
    shown = unclear.stated if unclear else shown_value(path, value)
    return Because(path, name, hashable(shown), facts.origins.get(path, "unknown"))
