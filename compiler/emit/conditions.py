"""Conditions become expressions over the run-time's three-valued functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from compiler.emit.layout import comment
from compiler.emit.literals import call, literal, name
from compiler.ir import decision as d
from compiler.runtime.judge import assumptions_in

MOST_NESTED = 20
"""Brackets inside each other, above which a criterion is written apart: Python allows 200."""

_SLOW = frozenset({"elements", "newest", "computed_in"})

Apart: TypeAlias = Callable[[str, ast.expr], ast.expr]


@frozen
class Conditions:
    """`codes` gives the constant that holds a set of codes; `apart` makes a function of a criterion, from its
    name and its expression, and gives the call of it.
    """

    codes: Callable[[d.CodeIs], ast.expr]
    apart: Apart

    def rule(self, rule: d.Rule) -> ast.expr:
        """When a section's rule holds, and on which assumptions that rests."""
        named = rule.condition
        return _assuming(self.condition(named.condition), named.assumptions)

    def condition(self, condition: d.Condition) -> ast.expr:
        """A condition as an expression over `facts`."""
        facts = name("facts")
        match condition:
            case d.Named():
                value = _assuming(self.condition(condition.condition), condition.assumptions)
                if _nested(value) > MOST_NESTED:
                    value = self.apart(condition.name, value)
                if condition.name:
                    comment(value, condition.name)
                return value
            case d.Resting(inner, assumptions):
                return _assuming(self.condition(inner), assumptions)
            case d.Not(inner):
                return call("negated", self.condition(inner))
            case d.AtLeast(count, conditions):
                parts = [self.condition(inner) for inner in conditions]
                if count == len(parts) == 1:
                    return parts[0]
                if count in (1, len(parts)):
                    return call(
                        "any_of" if count == 1 else "all_of", *parts[:1], *map(_asked_last, parts[1:])
                    )
                return call("at_least", literal(count), *parts)
            case d.Elements():
                return self._elements(condition)
            case d.Newest():
                behind = [*assumptions_in(condition.among), *assumptions_in(condition.has)]
                return call(
                    "newest",
                    facts,
                    *(
                        literal(part)
                        for part in (condition.fact, condition.element, condition.by, condition.latest)
                    ),
                    among=self.test(condition.among),
                    has=self.test(condition.has),
                    assumptions=literal(tuple(dict.fromkeys(behind))),
                )
            case d.ValueIs(fact, values):
                return call("value_in", facts, literal(fact), literal(frozenset(values)))
            case d.CodeIs(fact=fact, system=system):
                return call("code_in", facts, literal(fact), self.codes(condition), literal(system))
            case d.NumberIs(fact, stretches):
                return call("number_in", facts, literal(fact), literal(stretches))
            case d.ComputedIs(term, stretches):
                return call("computed_in", facts, literal(term), literal(stretches))
            case d.WindowIs(fact, window):
                return call("day_around", facts, literal(fact), literal(window))
            case d.DayIs(fact, start, end):
                return call("day_in", facts, literal(fact), literal(start), literal(end))
            case d.Open():
                return call("left_open", facts, literal(condition))
        raise AssertionError(condition)

    def test(self, condition: d.Condition) -> ast.expr:
        """What is asked of an element in hand."""
        facts = ast.arg("facts")
        return ast.Lambda(ast.arguments([], [facts], None, [], [], None, []), self.condition(condition))

    def _elements(self, condition: d.Elements) -> ast.expr:
        more = {}
        if condition.different is not None:
            more["different"] = literal(condition.different)
        if condition.run is not None:
            more["run"] = literal(condition.run)
        where = condition.where
        while isinstance(where, d.Resting) or (isinstance(where, d.AtLeast) and _is_one(where)):
            where = where.condition if isinstance(where, d.Resting) else where.conditions[0]
        if isinstance(where, d.CodeIs) and where.fact == condition.element and not more:
            more["codes"] = self.codes(where)
        return call(
            "elements",
            name("facts"),
            literal(condition.fact),
            literal(condition.element),
            literal(condition.count),
            self.test(condition.where),
            literal(tuple(dict.fromkeys(assumptions_in(condition.where)))),
            **more,
        )


def _asked_last(value: ast.expr) -> ast.expr:
    """What asks about a list, or computes, is asked only where what stands before leaves it open."""
    if any(isinstance(part, ast.Name) and part.id in _SLOW for part in ast.walk(value)):
        return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value)
    return value


def _is_one(condition: d.AtLeast) -> bool:
    """Whether a group is its only condition."""
    return condition.count == len(condition.conditions) == 1


def _assuming(value: ast.expr, assumptions: tuple[str, ...]) -> ast.expr:
    return call("assuming", value, *(literal(a) for a in assumptions)) if assumptions else value


def _nested(value: ast.AST) -> int:
    """How many brackets are inside each other."""
    inner = max(map(_nested, ast.iter_child_nodes(value)), default=0)
    return inner + isinstance(value, ast.Call | ast.Lambda)
