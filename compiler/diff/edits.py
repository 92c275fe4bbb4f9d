"""Claims of which versions can say something different beside the determination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Place
from compiler.diff.side import Side, Standing
from compiler.runtime.codes import system
from compiler.runtime.scalars import witnesses

_MOST_DIAGNOSES = 50


def edit_claims(place: Place) -> Iterator[dict[str, Any]]:
    """Claims that bring out what a code table and rows of codes say; none where the sides say the same."""
    yield from _diagnosed(place)
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


def _diagnosed(place: Place) -> Iterator[dict[str, Any]]:
    """Claims with each diagnosis that is valid for some sides, or divided, and not for others."""
    rows = {row for side in place.sides for row in side.program.code_rows if row.system == "icd10cm"}
    told = [
        {row for row in side.program.code_rows if row in rows and row.on(day)}
        for side, day in zip(place.sides, place.days, strict=True)
    ]
    day = place.days[0].isoformat()
    line = {"line": 1, "procedure": place.code, "service_date": day}
    for code in sorted({row.low for row in rows if len({row in own for own in told}) > 1})[:_MOST_DIAGNOSES]:
        shown = system("icd10cm").shown(code)
        yield {"claim_id": "witness", "lines": [line], "diagnoses": [shown]}


def undated_claims(place: Place) -> Iterator[dict[str, Any]]:
    """Claims that state no governing date, with and without the facts that bring a line in."""
    day = place.days[0].isoformat()
    line = {"line": 1, "procedure": place.code, "service_date": day}
    stating = {fact for standing in place.standings for fact in standing.stating}
    facts = {fact.partition(".")[2]: _first(place, fact) for fact in stating}
    yield from ({"claim_id": "witness", "lines": [{**line, **more}]} for more in ({}, facts))


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
