"""Claims that show where limits end: bills of as much as is allowed, of more, and with some billed before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Place
from compiler.runtime.limits import per_unit
from compiler.runtime.tables import LimitRow
from compiler.runtime.windows import moved

DATE = "line.service_date"

_LATER = timedelta(days=45)
"""Within another month, and mostly the same year."""


def limits_differ(place: Place) -> bool:
    """Whether the first two sides ask rules, and can leave something else of what both allow: their limits
    differ, or what a code stands for, or the day from which is looked back.
    """
    return _differ(place, _leaving)


def limits_say_otherwise(place: Place) -> bool:
    """Whether they can leave something else, or say something else of what lies above."""
    return _differ(place, lambda row: row._replace(assumption=None, cites=None))


def _differ(place: Place, told_of: Callable[[LimitRow], object]) -> bool:
    told = []
    for side, day, stands in list(zip(place.sides, place.days, place.standings, strict=True))[:2]:
        if stands.decision is None:
            return False
        limits = [told_of(row) for row in stands.decision.limits]
        rows = [row for row in side.program.code_rows if row.system == "procedure"]
        told.append((limits, rows, side.known_on, day) if limits else ([], [], None, None))
    return told[0] != told[1]


def _leaving(row: LimitRow) -> object:
    """What a limit leaves, in whatever unit its amount is written."""
    bare = row._replace(assumption=None, cites=None, shown="", reasons=None)
    if not row.units or not row.amount:
        return bare
    ratios = tuple((name, Fraction(by) / Fraction(row.amount)) for name, by in row.units)
    return bare._replace(amount=Decimal(1), units=()), ratios


def limit_claims(place: Place, claim: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A claim with nothing said of its units and of history, with units around each limit, and with one unit
    more than what was billed before, where more may have been.
    """
    yield claim
    for on in _days(place):
        line, *beside = claim["lines"] if on == place.days[0] else _moved(claim["lines"], on)
        for units, days in _around(place, on):
            own = {"units": shown_value("line.units", units)}
            stated = {**claim, "lines": [{**line, **own}, *beside], "history": []}
            yield stated
            for day in days:
                before = {"procedure": place.code, "service_date": day, **own}
                yield {**stated, "history": [before]}
                yield {**stated, "lines": [{**line, "units": 1}, *beside], "history": [before, {}]}


def _days(place: Place) -> Iterator[date]:
    """The day of a place; and where a period begins with the calendar, on which others may begin as well, one
    on which they do not.
    """
    day, governed_by = place.days[0], place.sides[0].program.governed_by
    yield day
    limits = (row for stands in place.standings if stands.decision for row in stands.decision.limits)
    calendar = any(row.since is not None and row.since.calendar for row in limits)
    if calendar and len(set(place.days)) == 1 and governed_by == DATE and day < date.max - _LATER:
        yield day + _LATER


def _moved(lines: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """The lines of a claim on another day."""
    return [{**line, "service_date": day.isoformat()} for line in lines]


def _around(place: Place, day: date) -> Iterator[tuple[Decimal, list[str]]]:
    """Numbers of units at each limit and one more, with days to which it just looks back, or does not."""
    side = place.sides[0]
    decisions = [standing.decision for standing in place.standings if standing.decision is not None]
    for limit in dict.fromkeys(limit for decision in decisions for limit in decision.limits):
        per = per_unit(side.program, limit, place.code, day, side.known_on) or Decimal(1)
        first = 1 if limit.since is None else moved(day, limit.since)
        days = [day.fromordinal(max(1, at)).isoformat() for at in (first - 1, first, day.toordinal())]
        for units in (limit.amount / per, limit.amount / per + 1):
            yield units, days
