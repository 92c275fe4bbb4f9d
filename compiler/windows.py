"""Windows as authors write them become stretches of days around another day."""

from __future__ import annotations

from compiler.runtime.windows import Offset
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.errors import invalid_count
from dsl.syntax import DistanceKind

_MOST = 4800
_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}

Ends = tuple[Offset | None, Offset | None]


def distance(written: s.Distance, before: bool, report: Report) -> Ends | None:
    """The days that a window takes in, counted from its anchor. Both its ends count: `within 12 months
    before` goes from the day twelve months before to the day itself.
    """
    reach = far(written.count, written.unit, before, report)
    if reach is None:
        return None
    following, here, after_here = (reach[0], reach[1] + 1), (0, 0), (0, 1)
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


def far(count: s.Literal, unit: str, before: bool, report: Report) -> Offset | None:
    """How far a count of days, weeks, months or years is, or a complaint and None."""
    text = count.text
    if not text.isdecimal() or not 0 < int(text[:9]) <= _MOST:
        report.add(invalid_count(count.span))
        return None
    sign = -1 if before else 1
    return sign * int(text) * _MONTHS.get(unit, 0), sign * int(text) * _DAYS.get(unit, 0)
