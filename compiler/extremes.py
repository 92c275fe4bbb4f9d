"""The earliest, latest, least and greatest of a list, compared: what is said of all and of some elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from compiler.comparisons import both
from compiler.model import Condition, ElementType, Negated
from dsl import syntax as s
from dsl.syntax import GroupKind

if TYPE_CHECKING:
    from compiler.bind import Binder

HIGH = frozenset({"latest", "greatest"})


def compared(node: s.Comparison, binder: Binder, elements: Mapping[str, ElementType]) -> Condition | None:
    """Of nothing, no comparison holds. The greatest is above a bound where some element is, and below it
    where there are elements and none is not.
    """
    extreme, operator = node.subject, node.operator
    assert isinstance(extreme, s.Extreme)
    if operator in ("==", "!="):
        least = _compared(node, ">=", binder, elements)
        most = _compared(node, "<=", binder, elements)
        if least is None or most is None:
            return None
        equal = both(least, most)
        there = _some(extreme, None, binder, elements)
        return equal if operator == "==" or there is None else both(there, Negated(equal))
    return _compared(node, operator, binder, elements)


def _compared(
    node: s.Comparison, operator: str, binder: Binder, elements: Mapping[str, ElementType]
) -> Condition | None:
    extreme = node.subject
    assert isinstance(extreme, s.Extreme)
    by_some = (operator in (">", ">=")) is (extreme.kind in HIGH)
    asked = s.Comparison(extreme.value, operator if by_some else _NOT[operator], node.value, span=node.span)
    found = _some(extreme, asked, binder, elements)
    if found is None or by_some:
        return found
    there = _some(extreme, None, binder, elements)
    return None if there is None else both(there, Negated(found))


_NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def window(node: s.Window, binder: Binder, elements: Mapping[str, ElementType]) -> Condition | None:
    """The latest (or earliest) date of a list lies in a window: some date does, and none behind it."""
    extreme = node.subject
    assert isinstance(extreme, s.Extreme)
    inside = s.Window(extreme.value, node.distance, node.before, node.anchor, span=node.span)
    found = _some(extreme, inside, binder, elements)
    reach = _reach(node, extreme)
    beyond = None if reach is None else _some(extreme, reach, binder, elements)
    if found is None:
        return None
    return found if beyond is None else both(found, Negated(beyond))


def _reach(node: s.Window, extreme: s.Extreme) -> s.Condition | None:
    """That a date lies behind the window, on the side where the extreme is sought."""
    count, unit = node.distance.count, node.distance.unit
    anchor = node.anchor
    if not isinstance(anchor, s.Path):
        return None
    edge = s.Moved(count, unit, node.before, anchor, span=node.span)
    late = extreme.kind in HIGH
    far_end = late is not node.before
    kind = node.distance.kind
    if kind in (s.DistanceKind.OR_MORE, s.DistanceKind.MORE_THAN):
        if far_end:
            return None
        operator = (
            {True: ">", False: "<"}[late]
            if kind is s.DistanceKind.OR_MORE
            else {True: ">=", False: "<="}[late]
        )
        return s.Comparison(extreme.value, operator, edge, span=node.span)
    if far_end:
        operator = (
            {True: ">", False: "<"}[late]
            if kind is s.DistanceKind.WITHIN
            else {True: ">=", False: "<="}[late]
        )
        return s.Comparison(extreme.value, operator, edge, span=node.span)
    return s.Comparison(extreme.value, ">" if late else "<", anchor, span=node.span)


def _some(
    extreme: s.Extreme, asked: s.Condition | None, binder: Binder, elements: Mapping[str, ElementType]
) -> Condition | None:
    """Some element that counts meets a condition."""
    criteria = extreme.body.criteria if extreme.body is not None else ()
    if asked is not None:
        criteria = (*criteria, s.Criterion(None, asked, None, None, span=asked.span))
    body = s.Body(criteria, span=extreme.span) if criteria else None
    some = s.Quantity(GroupKind.SOME, None, span=extreme.span)
    quantified = s.Quantified(some, extreme.element, extreme.list, None, None, body, span=extreme.span)
    return binder.condition(quantified, elements)
