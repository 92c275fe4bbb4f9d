"""What a decision would be if one of its assumptions were not made."""

from __future__ import annotations

from datetime import date
from typing import Any

from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy

_TOLD = ("rules", "unsure", "missing", "missing_complete", "exact", "edits")


def without_assumption(
    policy: Policy, claim: Claim, line: Line, known_on: date | None, told: dict[str, Any]
) -> dict[str, Any]:
    """What another policy, that does not make an assumption, would tell otherwise of a line."""
    made = adjudicate(policy, claim, line, known_on).as_dict(line)
    changed = {key: made[key] for key in _TOLD if key in made and made[key] != told.get(key)}
    return {"determination": made["determination"], **changed}
