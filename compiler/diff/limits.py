"""Claims that show where limits end: bills of as much as is allowed, of more, and with some billed before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Place
from compiler.runtime.limits import per_unit
from compiler.runtime.windows import moved


def limits_differ(place: Place) -> bool:
    """Whether the first two sides ask rules, and can leave something else of what both allow: their limits
    differ, or what a code stands for, or the day from which is looked back.
    """
    told = []
    for side, day, stands in list(zip(place.sides, place.days, place.standings, strict=True))[:2]:
        if stands.decision is None:
            return False
        limits = [row._replace(assumption=None, cites=None, shown="") for row in stands.decision.limits]
        rows = [row for row in side.program.code_rows if row.system == "procedure"]
        told.append((limits, rows, side.known_on, day) if limits else ([], [], None, None))
    return told[0] != told[1]


def limit_claims(place: Place, claim: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A claim with nothing said of its units and of history, with units around each limit, and with one unit
    more than what was billed before, where more may have been.
    """
    line, *beside = claim["lines"]
    yield claim
    for units, days in _around(place):
        own = {"units": shown_value("line.units", units)}
        stated = {**claim, "lines": [{**line, **own}, *beside], "history": []}
        yield stated
        for day in days:
            before = {"procedure": place.code, "service_date": day, **own}
            yield {**stated, "history": [before]}
            yield {**stated, "lines": [{**line, "units": 1}, *beside], "history": [before, {}]}


def _around(place: Place) -> Iterator[tuple[Decimal, list[str]]]:
    """Numbers of units at each limit and one more, with days to which it just looks back, or does not."""
    side, day = place.sides[0], place.days[0]
    decisions = [standing.decision for standing in place.standings if standing.decision is not None]
    for limit in dict.fromkeys(limit for decision in decisions for limit in decision.limits):
        per = per_unit(side.program, limit, place.code, day, side.known_on) or Decimal(1)
        first = 1 if limit.since is None else moved(day, limit.since)
        days = [day.fromordinal(max(1, at)).isoformat() for at in (first - 1, first, day.toordinal())]
        for units in (limit.amount / per, limit.amount / per + 1):
            yield units, days
