"""The decision of a line, told again of another that is decided as it was: what it repeats of the line itself
is said anew.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from compiler.runtime.diagnoses import DIAGNOSIS_EDITS, diagnosis_edits
from compiler.runtime.edits import Edit, code_not_valid, copied, quantity, unrecognized
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy


class Told(NamedTuple):
    """A line of a decision; its edits but those on its diagnoses, and whether there could be such."""

    line: dict[str, Any]
    edits: list[Edit]
    concerned: bool


def to_keep(policy: Policy, line: dict[str, Any], concerned: bool) -> Told:
    """A line of a decision as it is kept for others: nothing of it is shared with the decision. What is said
    alike of lines of many signatures is kept once, and so nearer at hand.
    """
    edits = [edit for edit in line["edits"] if edit["kind"] not in DIAGNOSIS_EDITS]
    kept = {**line, "line": None, "procedure": None, "service_date": None, "edits": None}
    said = repr((kept, edits, concerned))
    known: Told | None = policy.told.get(said)
    return known or policy.told.keep(said, Told(copied(kept), copied(edits), concerned))


def again(told: Told, policy: Policy, claim: Claim, line: Line, known_on: date | None) -> dict[str, Any]:
    """The line of a decision, from that of a line of the same signature. Nothing in it is shared."""
    kept = told.line
    shown = kept.copy()
    shown["line"] = line.number
    shown["procedure"] = line.procedure
    shown["service_date"] = line.day.isoformat()
    shown["rules"] = [*kept["rules"]]
    shown["assumptions"] = [*kept["assumptions"]]
    shown["subject_to"] = [*kept["subject_to"]]
    shown["missing"] = [[*facts] for facts in kept["missing"]] if kept["missing"] else []
    codes = kept["reason_codes"]
    if codes is not None:
        shown["reason_codes"] = {"carc": codes["carc"], "rarc": [*codes["rarc"]]}
    if "unsure" in kept:
        shown["unsure"] = [*kept["unsure"]]
    if "review" in kept:
        shown["review"] = copied(kept["review"])
    shown["edits"] = edits_again(told, policy, claim, line, known_on) if told.concerned else []
    return shown


def edits_again(told: Told, policy: Policy, claim: Claim, line: Line, known_on: date | None) -> list[Edit]:
    """The edits of a line of the same signature, where there can be such. Nothing in them is shared."""
    day = policy.governing(claim, line) or line.day
    said = _edits(told.edits, policy, claim, line, day, known_on) if told.edits else []
    said += diagnosis_edits(policy, claim, line, day, known_on)
    return said


def _edits(
    edits: list[Edit], policy: Policy, claim: Claim, line: Line, day: date, known_on: date | None
) -> list[Edit]:
    strange: list[Edit] = []
    told: list[Edit] = []
    for edit in edits:
        match edit["kind"]:
            case "quantity":
                told += quantity(policy, line, day, known_on)
            case "code_not_valid":
                told.append(code_not_valid(policy, line, day, known_on))
            case "unrecognized_value":
                strange = strange or unrecognized(None, claim, line)
                told.append(strange.pop(0))
            case "contradicts_code":
                path = edit["fact"]
                told.append({**edit, "stated": line.echo.get(path, claim.echo.get(path, edit["stated"]))})
            case _:
                told.append(copied(edit))
    return told
