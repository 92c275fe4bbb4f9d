"""Edits on the diagnoses of a line: codes that are not valid on the day, or not specific enough."""

from __future__ import annotations

from datetime import date

from compiler.runtime.codes import system
from compiler.runtime.edits import Edit, copied, nearest, validity_of
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import reason_codes
from compiler.runtime.tables import Policy

DIAGNOSIS_EDITS = ("diagnosis_not_valid", "diagnosis_not_specific")


def diagnosis_edits(policy: Policy, claim: Claim, line: Line, day: date, known_on: date | None) -> list[Edit]:
    """One for each diagnosis that the code list calls not valid on a day, or divides further."""
    if not policy.knows_diagnoses:
        return []
    if line.own_diagnoses:
        path, stated = "line.diagnoses", line.stated.get("line.diagnoses")
    else:
        path, stated = "claim.diagnoses", claim.stated.get("claim.diagnoses")
    if not isinstance(stated, tuple) or policy.knows_none(stated):
        return []
    return diagnosis_edits_of(policy, path, stated, day, known_on)


def diagnosis_edits_of(
    policy: Policy, path: str, codes: tuple[object, ...], day: date, known_on: date | None
) -> list[Edit]:
    """The edits of the diagnoses that stand under a path."""
    edits: list[Edit] = []
    if policy.knows_none(codes):
        return edits
    for at, code in enumerate(codes):
        if not isinstance(code, str) or not policy.knows(code):
            continue
        of = code, day, known_on
        (said,) = policy.said.get(of) or policy.said.keep(of, (said_of(policy, *of),))
        if said is not None:
            kind, more = said
            named = {"kind": kind, "fact": f"{path}[{at}]", "code": system("icd10cm").shown(code)}
            edits.append({**named, **copied(more), "reason_codes": reason_codes(kind, day)})
    return edits


def said_of(policy: Policy, code: str, day: date, known_on: date | None) -> tuple[str, Edit] | None:
    shown = system("icd10cm").shown
    rows, parts = policy.rows(code, known_on, "icd10cm"), policy.parts(code, known_on)
    if rows and not any(row.on(day) for row in rows):
        said = validity_of(nearest(rows, day), day)
        if "replaced_by" in said:
            said["replaced_by"] = [shown(each) for each in said["replaced_by"]]
        return "diagnosis_not_valid", said
    valid = dict.fromkeys(row.low for row in parts if row.on(day))
    if valid and not any((row.low, row.high) == (code, f"{code}\0") for row in rows):
        return "diagnosis_not_specific", {"divided_into": [shown(part) for part in valid]}
    return None
