"""The earliest, latest, least and greatest of a list, compared: what is said of all and of some elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from compiler import errors
from compiler.binding.comparisons import both
from compiler.binding.dates import FLIPPED
from compiler.model import Condition, ElementType, Negated
from dsl import syntax as s
from dsl.syntax import GroupKind

if TYPE_CHECKING:
    from compiler.binding.bind import Binder

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


def misplaced(node: s.Comparison, value: s.Extreme, binder: Binder) -> None:
    """Complain of one that something is compared with: it is said first, and compared with a plain value."""
    said = f"{value.kind} of"
    if isinstance(node.subject, s.Extreme):
        hint = "ask one list within the other: `some x in LIST { no y in LIST { y.date > x.date } }`"
    else:
        hint = f"say it first: `{said} ... {FLIPPED[node.operator]} {node.subject.span.text}`"
    label = "it is compared with one date or number"
    binder.scope.report.add(
        errors.type_mismatch(value.span, f"nothing is compared with a `{said}`", label, (hint,))
    )


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


_ONE_SIDED = (s.DistanceKind.OR_MORE, s.DistanceKind.MORE_THAN, s.DistanceKind.FULL)
_NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def window(node: s.Window, binder: Binder, elements: Mapping[str, ElementType]) -> Condition | None:
    """The latest (or earliest) date of a list lies in a window: some date does, and none behind it."""
    extreme = node.subject
    assert isinstance(extreme, s.Extreme)
    inside = s.Window(extreme.value, node.distance, node.before, node.anchor, span=node.span)
    found = _some(extreme, inside, binder, elements)
    behind = _behind(node, extreme, inside)
    if found is None or behind is None:
        return found
    beyond = _some(extreme, behind, binder, elements)
    return None if beyond is None else both(found, Negated(beyond))


def _behind(node: s.Window, extreme: s.Extreme, inside: s.Window) -> s.Condition | None:
    """That a date lies behind the window, on the side where the extreme is sought; None where none does."""
    late = extreme.kind in HIGH
    outside = s.Not(inside, span=node.span)
    if node.distance.kind in _ONE_SIDED:
        return outside if late is node.before else None
    # Other windows take in the day around which they lie.
    side = s.Comparison(extreme.value, ">" if late else "<", node.anchor, span=node.span)
    return s.And((outside, side), span=node.span)


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
