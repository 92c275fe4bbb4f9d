"""Edits: what is to be said of a line beside its determination, in their fixed order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from compiler.decision import Decision
from compiler.model import CodeEntry
from compiler.program import Program
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import ADD_ON_WITHOUT_PRIMARY, shown


def plain(number: Decimal) -> str:
    """An exact number without exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def code_not_valid(program: Program, line: Line, day: date, known_on: date | None) -> dict[str, Any]:
    """The edit of a code that is not valid: its nearest validity, successors, and what its units become."""
    rows = program.entries(line.code, known_on)
    ended = [row for row in rows if row.validity.end is not None and row.validity.end <= day]
    row = ended[-1] if ended else rows[0]
    edit: dict[str, Any] = {"kind": "code_not_valid"}
    if row.validity.start is not None:
        edit["valid_from"] = row.validity.start.isoformat()
    if row.validity.end is not None:
        edit["valid_until"] = row.validity.end.isoformat()
    if ended and row.replaced_by:
        edit["replaced_by"] = list(row.replaced_by)
        factors = {code: unit_factor(program, row, code, day, known_on) for code in row.replaced_by}
        known = {code: plain(factor) for code, factor in factors.items() if factor is not None}
        if known:
            edit["unit_factor"] = known
    return edit


def unit_factor(
    program: Program, row: CodeEntry, successor: str, day: date, known_on: date | None
) -> Decimal | None:
    """How many units of a successor one old unit is, where both stand for a quantity of one kind."""
    new = program.entry(successor, day, known_on)
    if new is None or row.per is None or new.per is None or row.per[1] != new.per[1]:
        return None
    return row.per[0] / new.per[0]


def edits_of(
    program: Program,
    decision: Decision | None,
    claim: Claim,
    line: Line,
    day: date,
    known_on: date | None,
) -> list[dict[str, Any]]:
    """The other edits of a line that concerns the policy; those of its code only where that is valid."""
    edits: list[dict[str, Any]] = []
    if decision is not None:
        row = next((row for row in decision.listed if row.code == line.code), None)
        if row is None:
            edits.append({"kind": "not_listed"})
        elif row.needs and not _has_primary(program, tuple(c for c, _ in row.needs), claim, line, known_on):
            edits.append(
                {
                    "kind": "add_on_without_primary",
                    "needs": [code for code, _ in row.needs],
                    "reason_codes": shown(ADD_ON_WITHOUT_PRIMARY),
                }
            )
        edits += _of_code(program, line, day, known_on)
    for path, unclear in {**claim.unclear, **line.unclear}.items():
        edits.append(
            {
                "kind": "unrecognized_value",
                "fact": path,
                "stated": unclear.stated,
                "near": list(unclear.near),
            }
        )
    return edits


def _has_primary(
    program: Program, needs: tuple[str, ...], claim: Claim, line: Line, known_on: date | None
) -> bool:
    return any(
        other.code in needs
        and other is not line
        and other.day == line.day
        and program.valid(other.code, other.day, known_on)
        for other in claim.lines
    )


def _of_code(program: Program, line: Line, day: date, known_on: date | None) -> list[dict[str, Any]]:
    """What a valid code says: the quantity that the units stand for, and facts that it contradicts."""
    entry = program.entry(line.code, day, known_on)
    if entry is None:
        return []
    edits: list[dict[str, Any]] = []
    units = line.stated.get("line.units")
    if entry.per is not None and isinstance(units, Decimal):
        amount, unit = entry.per
        edits.append({"kind": "quantity", "value": plain(units * amount), "unit": unit})
    for path, said in entry.gives:
        stated = line.stated.get(path)
        as_text = str(stated).lower() if isinstance(stated, bool) else stated
        if stated is not None and as_text != said:
            edits.append(
                {
                    "kind": "contradicts_code",
                    "fact": path,
                    "stated": line.echo.get(path, str(as_text)),
                    "code_says": said,
                }
            )
    return edits
