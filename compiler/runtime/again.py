"""The edits of a line that is decided as one of its signature was: what they say of its own units and
diagnoses is said anew.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from compiler.runtime.diagnoses import diagnosis_edits
from compiler.runtime.edits import Edit, code_not_valid, quantity
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy

_ON_DIAGNOSES = ("diagnosis_not_valid", "diagnosis_not_specific")


def without_own(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Edits without those that speak of the diagnoses of one line."""
    return tuple(edit for edit in edits if edit["kind"] not in _ON_DIAGNOSES)


def edits_again(
    policy: Policy, claim: Claim, line: Line, known_on: date | None, edits: tuple[Edit, ...], concerned: bool
) -> list[Edit]:
    """The edits of a line, from those of another that also states its units, or also does not; `concerned`:
    whether edits on diagnoses belong to them. Nothing in them is shared.
    """
    day = policy.governing(claim, line) or line.day
    told: list[Edit] = []
    for edit in edits:
        match edit["kind"]:
            case "quantity":
                told += quantity(policy, line, day, known_on)
            case "code_not_valid":
                told.append(code_not_valid(policy, line, day, known_on))
            case _:
                told.append(copied(edit))
    return told + diagnosis_edits(policy, claim, line, day, known_on) if concerned else told


def copied(value: Any) -> Any:
    """The same plain data, of which nothing is shared."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value
