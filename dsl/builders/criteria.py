"""Criteria: conditions, and groups of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lark import v_args
from lark.tree import Meta

from dsl import errors
from dsl import syntax as s
from dsl.builders.values import Values, singular
from dsl.builders.words import many, plain
from dsl.told_short import repeated, told_short
from dsl.units import is_time, unit_hint

_ENDS_IN_NUMBER = re.compile(r"(?<![\w.-])[0-9]+(?:\.[0-9]+)?[ \t]*\Z")
_UNIT_LIKE = re.compile(r"[\w%/.]+")
_FAR_BACK = 60


def _quantity(kind: s.GroupKind) -> Callable[..., Any]:
    """How many of a group, or of a list, are wanted."""
    counted = (s.GroupKind.AT_LEAST, s.GroupKind.AT_MOST, s.GroupKind.EXACTLY)

    def build(self: Criteria, meta: Meta, parts: list[Any]) -> s.Quantity:
        count = parts[0] if kind in counted else None
        if count is not None and not (count.text.isdecimal() and 1 <= int(count.text[:9]) <= 999):
            self.report.add(errors.invalid_count(count.span))
            count = s.Literal("1", span=count.span)
        return s.Quantity(kind, count, span=self.span(meta))

    return build


def _distance(kind: s.DistanceKind) -> Callable[..., Any]:
    """How far a date lies from another: a count and a unit."""

    def build(self: Criteria, meta: Meta, parts: list[Any]) -> s.Distance:
        return s.Distance(kind, parts[0], singular(parts[1]), span=self.span(meta))

    return build


def _joined(node: Callable[..., s.Node]) -> Callable[..., Any]:
    """Conditions that are joined by a word."""

    def build(self: Criteria, meta: Meta, parts: list[Any]) -> Any:
        either = node is s.Or
        for asked, values in told_short(parts, lambda _, part: _value(part)):
            hint = repeated(asked, values, either)
            self.report.add(errors.unexpected_word(values[0].span, ["a comparison"], (hint,)))
            parts = [part for part in parts if part not in values]
        return node(tuple(map(self.condition, parts)), span=self.span(meta))

    return build


def _value(node: Any) -> bool:
    """Whether a node is a value that no condition can be."""
    return isinstance(node, s.Value) and not isinstance(node, s.Path)


@v_args(meta=True)
class Criteria(Values):
    """Builds conditions. The grammar reads values in their place, too: here they are told apart."""

    def condition(self, node: Any) -> Any:
        """A condition: a bare path holds; of any other value there is a complaint."""
        if isinstance(node, s.Path):
            return s.Holds(node, span=node.span)
        if isinstance(node, s.Value):
            hint = "a value alone is no criterion: compare it, `claim.score >= 3`"
            self.report.add(errors.unexpected_word(node.span, ["a comparison"], (hint,)))
        return node

    def criterion(self, meta: Meta, parts: list[Any]) -> s.Criterion:
        condition, cites, assume = parts
        if not self._unknown_unit(condition):
            condition = self.condition(condition)
        return s.Criterion(None, condition, cites, assume, span=self.span(meta))

    def labelled(self, meta: Meta, parts: list[Any]) -> s.Criterion:
        label, condition, cites, assume = parts
        return s.Criterion(label, self.condition(condition), cites, assume, span=self.span(meta))

    def _unknown_unit(self, condition: Any) -> bool:
        """Whether a criterion is rather the unit of the number before it; complains.

        A word by itself is a definition of the same file: no other word can stand behind a number.
        """
        first = condition
        while isinstance(first, s.And | s.Or):
            first = first.conditions[0]
        bare = isinstance(first, s.Arithmetic) or (
            isinstance(first, s.Path | s.Holds) and "." not in first.span.text
        )
        text, start = self.source.text, first.span.start
        said = first.span.text
        if not bare or not _UNIT_LIKE.fullmatch(said):
            return False
        before = text[max(0, start - _FAR_BACK) : start]
        if not _ENDS_IN_NUMBER.search(before):
            return False
        if re.search(rf"(?<![\w.]){re.escape(said)}\s+if\b", text):
            return False
        wanted = [] if is_time(said) else ["a unit"]
        self.report.add(errors.unexpected_word(first.span, wanted, (unit_hint(said, before),)))
        return True

    definition = plain(s.Definition)
    variant = plain(s.Variant)
    body = many(s.Body)
    label = v_args(inline=True)(lambda self, name: name)
    both = _joined(s.And)
    disjunction = _joined(s.Or)

    def negated(self, meta: Meta, parts: list[Any]) -> s.Not:
        return s.Not(self.condition(parts[0]), span=self.span(meta))

    def evidenced(self, meta: Meta, parts: list[Any]) -> s.Evidenced:
        condition, by = map(self.condition, parts)
        return s.Evidenced(condition, by, span=self.span(meta))

    def comparison(self, meta: Meta, parts: list[Any]) -> s.Comparison:
        subject, operator, value = parts
        return s.Comparison(self.value(subject), str(operator), self.value(value), span=self.span(meta))

    def membership(self, meta: Meta, parts: list[Any]) -> s.Membership:
        return s.Membership(self.value(parts[0]), parts[1], span=self.span(meta))

    def between(self, meta: Meta, parts: list[Any]) -> s.Between:
        subject, low, high = map(self.value, parts)
        return s.Between(subject, low, high, span=self.span(meta))

    def window(self, meta: Meta, parts: list[Any]) -> s.Window:
        subject, distance, side, anchor = parts
        before = str(side) == "before"
        return s.Window(self.value(subject), distance, before, self.value(anchor), span=self.span(meta))

    def same(self, meta: Meta, parts: list[Any]) -> s.Window:
        subject, distance, anchor = parts
        return s.Window(self.value(subject), distance, False, self.value(anchor), span=self.span(meta))

    def same_period(self, meta: Meta, parts: list[Any]) -> s.Distance:
        return s.Distance(s.DistanceKind.SAME, None, singular(parts[0]), span=self.span(meta))

    within = _distance(s.DistanceKind.WITHIN)
    or_more = _distance(s.DistanceKind.OR_MORE)
    more_than = _distance(s.DistanceKind.MORE_THAN)
    less_than = _distance(s.DistanceKind.LESS_THAN)
    full_or_more = _distance(s.DistanceKind.FULL)

    group = plain(s.Group)
    quantified = plain(s.Quantified)
    different = plain(s.Different)

    some_in = _quantity(s.GroupKind.SOME)
    every_in = _quantity(s.GroupKind.EVERY)
    no_in = _quantity(s.GroupKind.NONE)
    all_of = _quantity(s.GroupKind.ALL)
    any_of = _quantity(s.GroupKind.ANY)
    none_of = _quantity(s.GroupKind.NONE)
    at_least = _quantity(s.GroupKind.AT_LEAST)
    at_most = _quantity(s.GroupKind.AT_MOST)
    exactly = _quantity(s.GroupKind.EXACTLY)

    def run(self, meta: Meta, parts: list[Any]) -> s.Run:
        count, unit, field = parts
        return s.Run(count, singular(unit), field, span=self.span(meta))

    def newest(self, meta: Meta, parts: list[Any]) -> s.Newest:
        which, *rest = parts
        return s.Newest(str(which) == "latest", *rest, span=self.span(meta))
