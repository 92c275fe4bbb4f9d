"""The earliest, latest, least and greatest of a list, compared: what is said of all and of some elements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from compiler.comparisons import both
from compiler.model import Condition, ElementType, Negated
from compiler.runtime.windows import LAST_DAY, moved
from compiler.windows import far
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
    edge = _edge(node, binder)
    if edge is None:
        return None
    reach = _reach(node, extreme, edge)
    beyond = None if reach is None else _some(extreme, reach, binder, elements)
    if found is None:
        return None
    return found if beyond is None else both(found, Negated(beyond))


def _edge(node: s.Window, binder: Binder) -> s.Value | None:
    """The far end of a window around a fact or a day, or a complaint and None."""
    count, unit = node.distance.count, node.distance.unit
    match node.anchor:
        case s.Path():
            return s.Moved(count, unit, node.before, node.anchor, span=node.span)
        case s.Day(value=day):
            offset = far(count, unit, node.before, binder.scope.report)
            return None if offset is None else s.Day(_clamped(moved(day, offset)), span=node.span)
        case _:
            what = f"`{node.anchor.span.text}` is no plain day"
            binder.mismatch(node.anchor, what, "a window of the latest lies around a fact or a day")
            return None


def _clamped(ordinal: int) -> date:
    return date.fromordinal(max(1, min(ordinal, LAST_DAY)))


def _reach(node: s.Window, extreme: s.Extreme, edge: s.Value) -> s.Condition | None:
    """That a date lies behind the window, on the side where the extreme is sought."""
    anchor = node.anchor
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
