"""In what two decisions of one line differ."""

from __future__ import annotations

from typing import Any

Decided = dict[str, Any]
"""A line of a decision."""


def kind(one: Decided, other: Decided) -> str | None:
    """The first of determination, rules, missing, edits and reasons (reason codes) that differs; None where
    all are the same.
    """
    if one["determination"] != other["determination"]:
        return "determination"
    if any(one.get(part) != other.get(part) for part in ("rules", "unsure")):
        return "rules"
    if one["missing"] != other["missing"]:
        return "missing"
    if one["edits"] != other["edits"]:
        return "edits"
    return "reasons" if one["reason_codes"] != other["reason_codes"] else None


def other_edits(one: Decided, other: Decided) -> tuple[str, ...]:
    """The kinds of the edits that stand in one of two lines alone."""
    edits = [*one["edits"], *other["edits"]]
    apart = {edit["kind"] for edit in edits if edit not in one["edits"] or edit not in other["edits"]}
    return tuple(sorted(apart))
