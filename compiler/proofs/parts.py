"""The parts of a decision, and the decision without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from compiler.ir import decision as d
from dsl.source import Span


class Part(NamedTuple):
    """A part of the text: a rule, row, exception or criterion at a place."""

    kind: str
    name: str
    span: Span


def parts(decision: d.Decision) -> dict[Part, tuple[str, list[int]]]:
    """The parts of a decision, each with a section and the rules in which it stands; of tables the rows as a
    whole.
    """
    found: dict[Part, tuple[str, list[int]]] = {}
    for at, rule in enumerate(decision.rules):
        own = [Part("row" if rule.table else "rule", rule.determination, rule.span)]
        if rule.table is None:
            for exception in _exceptions(rule.condition.condition):
                first = next(_named(exception))
                own.append(Part("exception", first.name, first.span))
            named = _named(rule.condition.condition)
            own += [Part("criterion", each.name, each.span) for each in named]
        for part in dict.fromkeys(own):
            found.setdefault(part, (rule.section, []))[1].append(at)
    return found


def _exceptions(condition: d.Condition) -> list[d.Condition]:
    """The exceptions of a rule: what its criteria say has names."""
    parts = condition.conditions if isinstance(condition, d.AtLeast) else ()
    return [part for part in parts if isinstance(part, d.Not)]


def _named(condition: d.Condition) -> Iterator[d.Named]:
    """The criteria inside a condition, those about list elements too."""
    match condition:
        case d.Named():
            if condition.name:
                yield condition
            yield from _named(condition.condition)
        case d.Resting(inner) | d.Not(inner):
            yield from _named(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from _named(inner)
        case d.Elements():
            yield from _named(condition.where)
        case d.Newest():
            yield from _named(condition.among)
            yield from _named(condition.has)
        case _:
            pass


def groups(decision: d.Decision, part: Part) -> Iterator[d.AtLeast]:
    """The conjunctions in which a criterion stands, but for those about list elements."""
    waiting = [rule.condition.condition for rule in decision.rules]
    while waiting:
        match waiting.pop():
            case d.Resting(inner) | d.Not(inner):
                waiting.append(inner)
            case d.AtLeast(count, conditions) as group:
                own = (each for each in conditions if isinstance(each, d.Named))
                joined = any((each.name, each.span) == (part.name, part.span) for each in own)
                if joined and count == len(conditions):
                    yield group
                waiting += conditions
            case _:
                pass


def left(decision: d.Decision, part: Part, among: Iterable[int]) -> dict[int, d.Named]:
    """What is left, without a part, of the rules in which it stands, by their places, which are `among`."""
    return {at: _rule_left(decision.rules[at], part) for at in among}


def _rule_left(rule: d.Rule, part: Part) -> d.Named:
    condition = rule.condition.condition
    if part.kind == "criterion":
        condition = but_for(condition, part, d.ALWAYS)
    elif part.kind == "exception":
        gone = [each for each in _exceptions(condition) if next(_named(each)).span == part.span]
        kept = condition.conditions if isinstance(condition, d.AtLeast) else ()
        condition = d.conjunction(tuple(each for each in kept if each not in gone)) if gone else condition
    elif rule.span == part.span:
        condition = d.NEVER
    return d.Named(condition, (), rule.section, None, None, rule.condition.span)


def but_for(condition: d.Condition, part: Part, nothing: d.Condition) -> d.Condition:
    """A condition without a criterion: `nothing` is what stands for it where it stood."""
    match condition:
        case d.Named() if condition.name == part.name and condition.span == part.span:
            return nothing
        case d.Resting(inner):
            return but_for(inner, part, nothing)
        case d.Not(inner):
            return d.Not(but_for(inner, part, nothing))
        case d.AtLeast(count, conditions):
            own = d.ALWAYS if count == len(conditions) else d.NEVER
            return d.AtLeast(count, tuple(but_for(inner, part, own) for inner in conditions))
        case d.Elements(fact, element, count, where, different, run):
            return d.Elements(fact, element, count, but_for(where, part, d.ALWAYS), different, run)
        case d.Newest(fact, element, by, latest, among, has):
            ways = (but_for(each, part, d.ALWAYS) for each in (among, has))
            return d.Newest(fact, element, by, latest, *ways)
        case _:
            return condition
