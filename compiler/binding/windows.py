"""Windows as authors write them become stretches of days around another day."""

from __future__ import annotations

from compiler.runtime.windows import Offset
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.errors import invalid_count
from dsl.syntax import DistanceKind

_MOST = 4800
MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}

Ends = tuple[Offset | None, Offset | None]


def distance(written: s.Distance, before: bool, report: Report) -> Ends | None:
    """The days that a window takes in, counted from its anchor. Both its ends count: `within 12 months
    before` goes from the day twelve months before to the day itself.
    """
    if written.kind in (DistanceKind.FULL, DistanceKind.SAME):
        return _by_calendar(written, before, report)
    reach = None if written.count is None else far(written.count, written.unit, before, report)
    if reach is None:
        return None
    following, here, after_here = reach + Offset(days=1), Offset(), Offset(days=1)
    backward: dict[DistanceKind, Ends] = {
        DistanceKind.WITHIN: (reach, after_here),
        DistanceKind.OR_MORE: (None, following),
        DistanceKind.MORE_THAN: (None, reach),
        DistanceKind.LESS_THAN: (following, after_here),
    }
    forward: dict[DistanceKind, Ends] = {
        DistanceKind.WITHIN: (here, following),
        DistanceKind.OR_MORE: (reach, None),
        DistanceKind.MORE_THAN: (following, None),
        DistanceKind.LESS_THAN: (here, reach),
    }
    return (backward if before else forward)[written.kind]


def _by_calendar(written: s.Distance, before: bool, report: Report) -> Ends | None:
    """Months or years of the calendar: that of the anchor, or all before and behind so many full ones that
    lie between.
    """
    months = MONTHS[written.unit]
    if written.count is None:
        return Offset(0, 0, months), Offset(months, 0, months)
    between = far(written.count, written.unit, before, report)
    if between is None:
        return None
    return (None, between + Offset(0, 0, months)) if before else (between + Offset(months, 0, months), None)


def far(count: s.Literal, unit: str, before: bool, report: Report) -> Offset | None:
    """How far a count of days, weeks, months or years is, or a complaint and None."""
    text = count.text
    if not text.isdecimal() or not 0 < int(text[:9]) <= _MOST:
        report.add(invalid_count(count.span, _MOST))
        return None
    sign = -1 if before else 1
    return Offset(sign * int(text) * MONTHS.get(unit, 0), sign * int(text) * _DAYS.get(unit, 0))
