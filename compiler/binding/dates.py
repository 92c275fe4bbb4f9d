"""Comparisons of dates as authors write them: with a day, with each other, with windows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from compiler.binding.windows import distance, far
from compiler.model import Condition, DayIn, DayWithin, ElementType, Negated
from compiler.runtime.windows import Offset, Window
from dsl import syntax as s

if TYPE_CHECKING:
    from compiler.binding.bind import Binder

Elements = Mapping[str, ElementType]
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


Point = tuple[str | date, Offset]
"""A date fact or a day, and how far from it."""


def point(value: s.Value, binder: Binder, elements: Elements) -> Point | None:
    """The day that a value stands for, or a complaint and None."""
    if isinstance(value, s.Day):
        return value.value, Offset()
    defined = binder.value_of(value) if isinstance(value, s.Path) else None
    if defined is not None:
        return point(defined[0], defined[1], elements)
    if isinstance(value, s.Moved):
        around = binder.date_fact(value.day, elements)
        offset = far(value.count, value.unit, value.before, binder.scope.report)
        return None if around is None or offset is None else (around, offset)
    fact = binder.date_fact(value, elements)
    return None if fact is None else (fact, Offset())


def dates(node: s.Comparison, binder: Binder, elements: Elements) -> Condition | None:
    """A comparison of dates; one side is a fact as it stands."""
    left, right = (point(value, binder, elements) for value in (node.subject, node.value))
    if left is None or right is None:
        return None
    operator, written = node.operator, node.subject
    if not isinstance(left[0], str) or left[1] != Offset():
        left, right, operator, written = right, left, FLIPPED[operator], node.value
    as_they_stand = isinstance(right[0], str) and left[1] == right[1] == Offset()
    if left[0] == binder.governing and as_they_stand:
        left, right, operator, written = right, left, FLIPPED[operator], node.value
    fact, offset = left
    if not isinstance(fact, str) or offset != Offset():
        binder.mismatch(
            node, "one side of a comparison of dates is a fact as it stands", "move the other side"
        )
        return None
    if not isinstance(right[0], str) and binder.asks_governing(fact, written):
        return None
    return day_compared(fact, operator, right)


def day_compared(fact: str, operator: str, other: Point) -> Condition:
    """A date fact compared with a day."""
    around, here = other
    inside: Condition
    if isinstance(around, str):
        behind = here + Offset(days=1)
        windows: dict[str, tuple[Offset | None, Offset | None]] = {
            "==": (here, behind),
            "!=": (here, behind),
            "<": (None, here),
            "<=": (None, behind),
            ">": (behind, None),
            ">=": (here, None),
        }
        inside = DayWithin(fact, Window(around, *windows[operator]))
    else:
        following = around + timedelta(days=1) if around < date.max else None
        stretch: dict[str, tuple[date | None, date | None]] = {
            "==": (around, following),
            "!=": (around, following),
            "<": (None, around),
            ">=": (around, None),
            "<=": (None, following),
            ">": (following, None) if following else (around, around),
        }
        inside = DayIn(fact, *stretch[operator])
    return Negated(inside) if operator == "!=" else inside


def window(node: s.Window, binder: Binder, elements: Elements) -> Condition | None:
    """A date fact in a window around another day."""
    fact = binder.date_fact(node.subject, elements)
    around = point(node.anchor, binder, elements)
    ends = distance(node.distance, node.before, binder.scope.report)
    if fact is None or around is None or ends is None:
        return None
    day, offset = around
    if not isinstance(day, str) and binder.asks_governing(fact, node.subject):
        return None
    if offset != Offset() and any(end is not None and end.calendar for end in ends):
        what = f"`{node.anchor.span.said}` is no plain day"
        binder.mismatch(node.anchor, what, "a month or year of the calendar is that of a fact or a day")
        return None
    moved = tuple(None if end is None else end + offset for end in ends)
    if isinstance(day, str):
        return DayWithin(fact, Window(day, *moved))
    start, end = Window("", *moved).around(day)
    low = date.fromordinal(start) if start > 1 else None
    high = date.fromordinal(end) if end <= date.max.toordinal() else None
    return DayIn(fact, low, high)
