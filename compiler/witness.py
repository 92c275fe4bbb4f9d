"""A concrete claim that lies in some cells of a decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from compiler.cells import Space, WindowCells
from compiler.decision import Decision
from compiler.explain import shown_value
from compiler.program import Program
from compiler.runtime.claim_values import Value
from compiler.runtime.partition import Relative
from compiler.runtime.windows import Window


def days_of(partition: Relative, day: date) -> dict[str, Value | None]:
    """The days around which windows lie, all of them one day."""
    return {window.anchor: day for window in partition.windows if isinstance(window, Window)}


def witness_claim(
    program: Program, decision: Decision, space: Space, path: dict[int, int], day: date
) -> dict[str, Any]:
    """The claim: facts that the path asks are stated by their witnesses, the others are left out."""
    valid = [row.code for row in decision.listed if program.valid(row.code, day, None)]
    line: dict[str, Any] = {"line": 1, "procedure": (valid or ["99199"])[0], "service_date": day.isoformat()}
    claim: dict[str, Any] = {"claim_id": "witness", "lines": [line]}
    places: dict[str, dict[str, Any]] = {"line": line, "claim": claim}
    for fact, cells in space.facts.items():
        levels = space.levels(fact)
        if any(level in path for level in levels):
            found = tuple(path.get(level, 0) for level in levels)
            if isinstance(cells, WindowCells):
                value: Value = cells.partition.possible(None, days_of(cells.partition, day))[found[0]]
            else:
                value = cells.witness(found)
            scope, _, name = fact.partition(".")
            if scope not in places:
                places[scope] = claim[scope] = {}
            places[scope][name] = shown_value(fact, value)
    return claim
