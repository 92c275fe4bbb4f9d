"""Claims of which versions can say something different beside the determination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from compiler.diff.circumstances import Place
from compiler.diff.side import Side, Standing
from compiler.explain import shown_value
from compiler.runtime.scalars import witnesses


def edit_claims(place: Place) -> Iterator[dict[str, Any]]:
    """Claims that bring out what a code table and rows of codes say; none where the sides say the same."""
    said = [_said(place.code, *each) for each in zip(place.sides, place.days, place.standings, strict=True)]
    if all(other == said[0] for other in said):
        return
    stating = {fact for standing in place.standings for fact in standing.stating}
    facts = {fact.partition(".")[2]: _first(place, fact) for fact in stating}
    needs = {code for standing in place.standings for code in _needs(place.code, standing)}
    for stated in ({"units": 1}, {"units": 1, **facts}, {}, facts):
        for beside in (None, *sorted(needs)):
            day = place.days[0].isoformat()
            lines = [{"line": 1, "procedure": place.code, "service_date": day, **stated}]
            if beside is not None:
                lines.append({"line": 2, "procedure": beside, "service_date": day})
            yield {"claim_id": "witness", "lines": lines}


def _said(code: str, side: Side, day: date, standing: Standing) -> object:
    program = side.program
    row = program.row(code, day, side.known_on)
    if standing.settled is not None or row is None:
        return standing.settled, program.rows(code, side.known_on)
    return standing.stating, _needs(code, standing), row.per, row.gives


def _needs(code: str, standing: Standing) -> tuple[str, ...]:
    rows = standing.decision.listed if standing.decision is not None else ()
    return tuple(need for row in rows if row.code == code for need, _ in row.needs)


def _first(place: Place, fact: str) -> Any:
    """Some value of a fact of the line, as claims state it; its key is without the place."""
    return shown_value(fact, witnesses(place.sides[0].program.specs[fact], [])[0])
