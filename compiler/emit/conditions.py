"""Conditions become expressions over the run-time's three-valued functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from compiler import decision as d
from compiler.emit.layout import comment
from compiler.emit.literals import call, literal, name, sequence
from compiler.interpret import assumptions_in

MOST_NESTED = 20
"""Brackets inside each other, above which a criterion is written apart: Python allows 200."""

Apart: TypeAlias = Callable[[str, tuple[str, ...], ast.expr], ast.expr]


@frozen
class Conditions:
    """`codes` gives the constant that holds a set of codes; `apart` makes a function of a criterion, from its
    name, the parameters that it needs beside `facts`, and its expression, and gives the call of it.
    """

    codes: Callable[[d.CodeIs], ast.expr]
    apart: Apart

    def rule(self, rule: d.Rule) -> ast.expr:
        """When a section's rule holds, and on which assumptions that rests."""
        value = self.condition(rule.condition.condition, ())
        if rule.condition.assumptions:
            value = call("assuming", value, *(literal(a) for a in rule.condition.assumptions))
        return value

    def condition(self, condition: d.Condition, hands: tuple[str, ...]) -> ast.expr:
        """A condition as an expression; `hands` are the list elements in hand, the innermost last."""
        match condition:
            case d.Named():
                value = self.condition(condition.condition, hands)
                if condition.assumptions:
                    value = call("assuming", value, *(literal(a) for a in condition.assumptions))
                if _nested(value) > MOST_NESTED:
                    value = self.apart(condition.name, _needed(value, hands), value)
                comment(value, condition.name)
                return value
            case d.Not(inner):
                return call("negated", self.condition(inner, hands))
            case d.AtLeast(count, conditions):
                parts = [self.condition(inner, hands) for inner in conditions]
                if count == len(parts):
                    return parts[0] if count == 1 else call("all_of", *parts)
                return call("any_of", *parts) if count == 1 else call("at_least", literal(count), *parts)
            case d.Elements():
                return self._elements(condition, hands)
            case d.ValueIs(fact, values):
                among = literal(frozenset(values))
                if fact in hands:
                    return call("element_value_in", _hand(fact, hands), among)
                return call("value_in", name("facts"), literal(fact), among)
            case d.CodeIs(fact=fact):
                if fact in hands:
                    return call("element_code_in", _hand(fact, hands), self.codes(condition))
                rests = [literal(assumption) for assumption in condition.assumptions]
                return call("code_in", name("facts"), literal(fact), self.codes(condition), *rests)
            case d.NumberIs(fact, stretches):
                return call("number_in", name("facts"), literal(fact), literal(stretches))
            case d.WindowIs(fact, window):
                return call("day_around", name("facts"), literal(fact), literal(window))
            case d.DayIs(fact, start, end):
                return call("day_in", name("facts"), literal(fact), literal(start), literal(end))
        raise AssertionError(condition)

    def _elements(self, condition: d.Elements, hands: tuple[str, ...]) -> ast.expr:
        inside = (*hands, condition.element)
        test = self.condition(condition.where, inside)
        hand = ast.arg(_hand(condition.element, inside).id)
        assumptions = tuple(dict.fromkeys(assumptions_in(condition.where)))
        return call(
            "elements",
            name("facts"),
            literal(condition.fact),
            count=literal(condition.count),
            meet=ast.Lambda(ast.arguments([], [hand], None, [], [], None, []), test),
            assumptions=sequence(literal(assumption) for assumption in assumptions),
        )


def _hand(element: str, hands: tuple[str, ...]) -> ast.Name:
    """The parameter that an element in hand is; one inside another of the same name hides it."""
    assert element.isidentifier() and element.isascii()
    depth = len(hands) - hands[::-1].index(element)
    return name(f"each{depth if depth > 1 else ''}_{element}")


def _needed(value: ast.expr, hands: tuple[str, ...]) -> tuple[str, ...]:
    """The parameters of elements in hand that an expression uses."""
    used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return tuple(
        hand for hand in dict.fromkeys(_hand(element, hands).id for element in hands) if hand in used
    )


def _nested(value: ast.AST) -> int:
    """How many brackets are inside each other."""
    inner = max(map(_nested, ast.iter_child_nodes(value)), default=0)
    return inner + isinstance(value, ast.Call | ast.Lambda)
