"""The decision of a line, told again of another that is decided as it was: what it repeats of the line itself
is said anew.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from compiler.runtime.diagnoses import DIAGNOSIS_EDITS, diagnosis_edits
from compiler.runtime.edits import Edit, code_not_valid, quantity, unrecognized
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy


class Told(NamedTuple):
    """A line of a decision without the edits on its diagnoses; whether there could be such."""

    line: dict[str, Any]
    concerned: bool


def to_keep(line: dict[str, Any], concerned: bool) -> Told:
    """A line of a decision as it is kept for others: nothing of it is shared."""
    kept: dict[str, Any] = copied(line)
    kept["edits"] = [edit for edit in kept["edits"] if edit["kind"] not in DIAGNOSIS_EDITS]
    return Told(kept, concerned)


def again(told: Told, policy: Policy, claim: Claim, line: Line, known_on: date | None) -> dict[str, Any]:
    """The line of a decision, from that of a line of the same signature. Nothing in it is shared."""
    kept, concerned = told
    shown = kept.copy()
    shown["line"] = line.number
    shown["procedure"] = line.procedure
    shown["service_date"] = line.day.isoformat()
    shown["rules"] = [*kept["rules"]]
    shown["assumptions"] = [*kept["assumptions"]]
    shown["subject_to"] = [*kept["subject_to"]]
    shown["missing"] = [[*facts] for facts in kept["missing"]]
    codes = kept["reason_codes"]
    if codes is not None:
        shown["reason_codes"] = {"carc": codes["carc"], "rarc": [*codes["rarc"]]}
    if "unsure" in kept:
        shown["unsure"] = [*kept["unsure"]]
    if "review" in kept:
        shown["review"] = copied(kept["review"])
    shown["edits"] = edits = []
    if kept["edits"] or concerned:
        day = policy.governing(claim, line) or line.day
        edits += _edits(kept["edits"], policy, claim, line, day, known_on)
        if concerned:
            edits += diagnosis_edits(policy, claim, line, day, known_on)
    return shown


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
                key = line.code, day, known_on, line.stated.get("line.units")
                said = policy.not_valid.get(key)
                if said is None:
                    said = policy.not_valid.keep(key, code_not_valid(policy, line, day, known_on))
                told.append(copied(said))
            case "unrecognized_value":
                strange = strange or unrecognized(None, claim, line)
                told.append(strange.pop(0))
            case "contradicts_code":
                path = edit["fact"]
                told.append({**edit, "stated": line.echo.get(path, claim.echo.get(path, edit["stated"]))})
            case _:
                told.append(copied(edit))
    return told


def copied(value: Any) -> Any:
    """The same plain data, of which nothing is shared."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) is str else copied(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) is str else copied(item) for item in value]
    return value
