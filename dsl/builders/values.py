"""Values: literals, what is worked out from facts, and their definitions."""

from __future__ import annotations

from typing import Any

from lark import v_args
from lark.tree import Meta

from dsl import errors
from dsl import syntax as s
from dsl.builders.words import Words, many, plain


def singular(unit: object) -> str:
    """`days` and `day` are one unit."""
    return str(unit).removesuffix("s")


@v_args(meta=True)
class Values(Words):
    """Builds values. A parenthesis may hold a condition; where a value is wanted that is told."""

    def value(self, node: Any) -> Any:
        """A value, or a complaint about the condition that stands in its place."""
        if not isinstance(node, s.Value):
            hint = "a condition is true or false: there is nothing to compare or to reckon with"
            self.report.add(errors.unexpected_word(node.span, ["a value"], (hint,)))
        return node

    def arithmetic(self, meta: Meta, parts: list[Any]) -> s.Arithmetic:
        left, operator, right = parts
        return s.Arithmetic(str(operator), self.value(left), self.value(right), span=self.span(meta))

    def extremum(self, meta: Meta, parts: list[Any]) -> s.Extremum:
        name, *values = parts
        return s.Extremum(str(name), tuple(map(self.value, values)), span=self.span(meta))

    def percent_change(self, meta: Meta, parts: list[Any]) -> s.PercentChange:
        _, way, old, new = parts
        return s.PercentChange(str(way) == "fall", self.value(old), self.value(new), span=self.span(meta))

    def elapsed(self, meta: Meta, parts: list[Any]) -> s.Elapsed:
        unit, start, end = parts
        return s.Elapsed(singular(unit), self.value(start), self.value(end), span=self.span(meta))

    def moved(self, meta: Meta, parts: list[Any]) -> s.Moved:
        count, unit, side, day = parts
        return s.Moved(count, singular(unit), str(side) == "before", day, span=self.span(meta))

    def count(self, meta: Meta, parts: list[Any]) -> s.Total:
        _, element, among, different, body = parts
        return s.Total(None, element, among, body, different, span=self.span(meta))

    distinct = v_args(inline=True)(lambda self, field: field)

    def total(self, meta: Meta, parts: list[Any]) -> s.Total:
        _, value, element, among, body = parts
        return s.Total(self.value(value), element, among, body, span=self.span(meta))

    def extreme(self, meta: Meta, parts: list[Any]) -> s.Extreme:
        kind, value, element, among, body = parts
        return s.Extreme(str(kind), self.value(value), element, among, body, span=self.span(meta))

    def outcome(self, meta: Meta, parts: list[Any]) -> s.Outcome:
        _, policy = parts
        return s.Outcome(policy, span=self.span(meta))

    parameter = many(s.Parameter, 1)
    register = many(s.Register, 2)
    register_column = plain(s.RegisterColumn)

    def parameter_value(self, meta: Meta, parts: list[Any]) -> s.ParameterValue:
        return s.ParameterValue(parts[0], self.value(parts[1]), span=self.span(meta))

    def value_definition(self, meta: Meta, parts: list[Any]) -> s.ValueDefinition:
        return s.ValueDefinition(parts[0], self.value(parts[1]), span=self.span(meta))

    def range(self, meta: Meta, parts: list[Any]) -> s.Range:
        low, low_open, high_open, high = parts
        return s.Range(low, high, low_open is not None, high_open is not None, span=self.span(meta))

    value_set = many(s.Set)
