"""Claims that show where limits end: bills of as much as is allowed, of more, and with some billed before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from compiler.diff.circumstances import Place
from compiler.diff.side import Standing
from compiler.explain import shown_value
from compiler.runtime.windows import moved


def limits_differ(standings: Sequence[Standing]) -> bool:
    """Whether the first two sides ask rules and limit otherwise what these allow."""
    said = [
        [row._replace(assumption=None, cites=None, shown="") for row in standing.decision.limits]
        for standing in standings[:2]
        if standing.decision is not None
    ]
    return len(said) == 2 and said[0] != said[1]


def limit_claims(place: Place, claim: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A claim with nothing said of its units and of history, and with units around each limit."""
    line, *beside = claim["lines"]
    yield claim
    for units, days in _around(place):
        own = {"units": shown_value("line.units", units)}
        stated = {**claim, "lines": [{**line, **own}, *beside], "history": []}
        yield stated
        for day in days:
            yield {**stated, "history": [{"procedure": place.code, "service_date": day, **own}]}


def _around(place: Place) -> Iterator[tuple[Decimal, list[str]]]:
    """Numbers of units at each limit and one more, with the first and the last day that it looks back to."""
    side, day = place.sides[0], place.days[0]
    row = side.program.row(place.code, day, side.known_on)
    decisions = [standing.decision for standing in place.standings if standing.decision is not None]
    for limit in dict.fromkeys(limit for decision in decisions for limit in decision.limits):
        per = row.per[0] if limit.unit and row is not None and row.per is not None else Decimal(1)
        first = moved(day, (-limit.months, -limit.days))
        days = [day.fromordinal(max(1, first + n)).isoformat() for n in (0, 1)]
        for units in (limit.amount / per, limit.amount / per + 1):
            yield units, days
