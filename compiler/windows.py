"""Windows as authors write them become stretches of days around another day."""

from __future__ import annotations

from compiler import errors
from compiler.model import DayType, DayWithin, FactType
from compiler.runtime.windows import Offset, Window
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.errors import invalid_count
from dsl.syntax import DistanceKind

_MOST = 4800
_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}


def around(condition: s.Window, kind: FactType, anchors: tuple[str, ...], report: Report) -> DayWithin | None:
    """The days that a window takes in. Both its ends count: `within 12 months before` goes from the day
    twelve months before to the day itself.
    """
    subject, anchor = condition.subject, condition.anchor
    if not isinstance(kind, DayType):
        report.add(
            errors.type_mismatch(subject.span, f"`{subject.text}` is no date", "a date is wanted here")
        )
        return None
    if not anchored(anchor, anchors, report):
        return None
    distance = condition.distance
    text = distance.count.text
    if not text.isdecimal() or not 0 < int(text[:9]) <= _MOST:
        report.add(invalid_count(distance.count.span))
        return None
    far = _far(int(text), distance.unit, condition.before)
    following, here, after_here = (far[0], far[1] + 1), (0, 0), (0, 1)
    before: dict[DistanceKind, tuple[Offset | None, Offset | None]] = {
        DistanceKind.WITHIN: (far, after_here),
        DistanceKind.OR_MORE: (None, following),
        DistanceKind.MORE_THAN: (None, far),
        DistanceKind.LESS_THAN: (following, after_here),
    }
    after: dict[DistanceKind, tuple[Offset | None, Offset | None]] = {
        DistanceKind.WITHIN: (here, following),
        DistanceKind.OR_MORE: (far, None),
        DistanceKind.MORE_THAN: (following, None),
        DistanceKind.LESS_THAN: (here, far),
    }
    start, end = (before if condition.before else after)[distance.kind]
    return DayWithin(subject.text, Window(anchor.text, start, end))


def compared(
    fact: str, operator: str, anchor: s.Path, anchors: tuple[str, ...], report: Report
) -> DayWithin | None:
    """The days that a comparison with the anchor takes in; `!=` is not one stretch, and is the caller's."""
    if not anchored(anchor, anchors, report):
        return None
    here, after_here = (0, 0), (0, 1)
    stretches: dict[str, tuple[Offset | None, Offset | None]] = {
        "==": (here, after_here),
        "!=": (here, after_here),
        "<": (None, here),
        "<=": (None, after_here),
        ">": (after_here, None),
        ">=": (here, None),
    }
    return DayWithin(fact, Window(anchor.text, *stretches[operator]))


def anchored(anchor: s.Path, anchors: tuple[str, ...], report: Report) -> bool:
    """Whether a window may lie around a fact: around a day that every line states."""
    if anchor.text in anchors:
        return True
    told = " or ".join(f"`{known}`" for known in anchors)
    report.add(
        errors.type_mismatch(
            anchor.span, f"`{anchor.text}` is no day that every line states", f"expected {told}"
        )
    )
    return False


def _far(count: int, unit: str, before: bool) -> Offset:
    sign = -1 if before else 1
    return sign * count * _MONTHS.get(unit, 0), sign * count * _DAYS.get(unit, 0)
