"""What a decision would be if one of its assumptions were not made."""

from __future__ import annotations

from datetime import date
from typing import Any

from compiler.program import Program
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.reader import Claim, Line

_TOLD = ("rules", "unsure", "missing", "missing_complete", "exact", "edits")


def without_assumption(
    program: Program, name: str, claim: Claim, line: Line, known_on: date | None, told: dict[str, Any]
) -> dict[str, Any]:
    """The determination of a line without an assumption, and what else of its decision would change."""
    made = adjudicate(program.without(frozenset([name])), claim, line, known_on).as_dict(line)
    changed = {key: made[key] for key in _TOLD if key in made and made[key] != told.get(key)}
    return {"determination": made["determination"], **changed}
