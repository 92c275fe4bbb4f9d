"""What was billed before is asked as of the day of its bill: a code that has ended since was valid then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from compiler.ir import decision as d
from compiler.runtime.codes import Interval, without

HISTORY = "claim.history"
PROCEDURE, DAY = "procedure", "service_date"

Codes = tuple[Interval, ...]


def billed(
    codes_on: Callable[[date], Codes], cuts: Sequence[date], one_of: Callable[[Codes], d.Condition], day: str
) -> d.Condition:
    """A code is one of those that a concept takes in on the `day` of the bill; the concept changes on some of
    the `cuts` at most.
    """
    starts = [date.min, *cuts]
    stretches: list[tuple[date, Codes]] = []
    for start in starts:
        codes = codes_on(start)
        if not stretches or stretches[-1][1] != codes:
            stretches.append((start, codes))
    always = stretches[0][1]
    for _, codes in stretches[1:]:
        always = without(always, without(always, codes))
    parts = [one_of(always)] if always or len(stretches) == 1 else []
    for at, (start, codes) in enumerate(stretches):
        more = without(codes, always)
        end = stretches[at + 1][0] if at + 1 < len(stretches) else None
        if more:
            within = d.DayIs(day, None if start == date.min else start, end)
            parts.append(d.conjunction((one_of(more), within)))
    return parts[0] if len(parts) == 1 else d.AtLeast(1, tuple(parts))
