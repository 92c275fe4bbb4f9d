"""Edits: what is to be said of a line beside its determination, in their fixed order."""

from __future__ import annotations

from datetime import date
from decimal import Context, Decimal, Inexact
from functools import lru_cache
from typing import Any

from compiler.runtime.beside import Beside
from compiler.runtime.claim_values import Record, Value
from compiler.runtime.codes import system
from compiler.runtime.line_facts import LineFacts, spec_of
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import reason_codes
from compiler.runtime.tables import CodeRow, Listed, Policy, Version

Edit = dict[str, Any]

_ONE = Decimal(1)

EXACT = Context(prec=500, traps=[Inexact])
"""Holds the sums and products of whatever numbers claims and libraries may state."""


def copied(value: Any) -> Any:
    """The same plain data, of which nothing is shared."""
    kind = type(value)
    if kind is dict:
        made = value.copy()
        for key, item in made.items():
            if type(item) is not str:
                made[key] = copied(item)
        return made
    if kind is list:
        return [item if type(item) is str else copied(item) for item in value]
    return value


def plain(number: Decimal) -> str:
    """An exact number without exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def code_not_valid(policy: Policy, line: Line, day: date, known_on: date | None) -> Edit:
    """The edit of a code that is not valid: its nearest validity, successors, and what its units become."""
    of = line.code, day, known_on
    validity, factors = policy.not_valid.get(of) or policy.not_valid.keep(of, _not_valid(policy, *of))
    edit: Edit = {"kind": "code_not_valid", **validity}
    if "replaced_by" in edit:
        edit["replaced_by"] = [*edit["replaced_by"]]
    if factors:
        edit["unit_factor"] = {code: _billed_quantity(_ONE, factor) for code, factor in factors.items()}
        units = line.stated.get("line.units")
        if isinstance(units, Decimal):
            edit["units"] = _billed_quantity(units, _ONE)
            edit["units_become"] = {code: _billed_quantity(units, factor) for code, factor in factors.items()}
    return edit


def _not_valid(
    policy: Policy, code: str, day: date, known_on: date | None
) -> tuple[Edit, dict[str, Decimal]]:
    """The nearest validity of a code, and how many units of each successor one of its units is."""
    row = nearest(policy.rows(code, known_on), day)
    said = validity_of(row, day)
    successors = {new: policy.row(new, day, known_on) for new in said.get("replaced_by", ())}
    factors = {new: unit_factor(row.per, its.per) for new, its in successors.items() if its}
    return said, {new: factor for new, factor in factors.items() if factor is not None}


def nearest(rows: list[CodeRow], day: date) -> CodeRow:
    """Of the rows of a code that is not valid on a day, the last that has ended, else the first to come."""
    return ([row for row in rows if row.end is not None and row.end <= day] or rows[:1])[-1]


def validity_of(row: CodeRow, day: date) -> Edit:
    """When a code is valid that is not valid on a day and, if it has ended, what replaced it."""
    said: Edit = {}
    if row.start is not None:
        said["valid_from"] = row.start.isoformat()
    if row.end is not None:
        said["valid_until"] = row.end.isoformat()
    if row.end is not None and row.end <= day and row.replaced_by:
        said["replaced_by"] = list(row.replaced_by)
    return said


def unit_factor(old: tuple[Decimal, str] | None, new: tuple[Decimal, str] | None) -> Decimal | None:
    """How many new units one old unit is, by what each stands for; None where they stand for no quantity
    of one kind, or where the factor is no decimal: it is rather not said than rounded.
    """
    if old is None or new is None or old[1] != new[1]:
        return None
    try:
        return EXACT.divide(old[0], new[0])
    except Inexact:
        return None


def edits_of_valid(
    policy: Policy,
    version: Version,
    claim: Claim,
    line: Line,
    facts: LineFacts,
    day: date,
    known_on: date | None,
) -> list[Edit]:
    """The edits of a line that concerns the policy and whose code is valid."""
    edits: list[Edit] = []
    listed = version.listed.get(line.code)
    if listed is None:
        edits.append({"kind": "not_listed"})
    elif listed.needs and not primaries(policy, listed, claim, line, known_on):
        needs = [code for code, _ in listed.needs]
        kind = "add_on_without_primary"
        edits.append({"kind": kind, "needs": needs, "reason_codes": reason_codes(kind, day)})
    return edits + quantity(policy, line, day, known_on) + _contradicting(facts, claim, line)


def primaries(
    policy: Policy, listed: Listed, claim: Claim, line: Line, known_on: date | None
) -> tuple[tuple[str, str | None], ...]:
    """Of the codes of which an add-on needs one, those that are valid on another line of its day."""
    if not listed.needs or len(claim.lines) == 1:
        return ()
    kept = policy.about(claim)
    key = (Listed, known_on)
    if key not in kept:
        days = ((each, policy.governing(claim, each) or each.day) for each in claim.lines)
        kept[key] = Beside((each, each.code) for each, day in days if policy.valid(each.code, day, known_on))
    codes: Beside[str] = kept[key]
    return tuple(need for need in listed.needs if codes.says(line, need[0]))


def unrecognized(facts: LineFacts | None, claim: Claim, line: Line) -> list[Edit]:
    """The stated values that merely resemble a declared one."""
    unclear = facts.unclear if facts is not None else {**claim.unclear, **line.unclear}
    return [
        {"kind": "unrecognized_value", "fact": path, "stated": found.stated, "near": list(found.near)}
        for path, found in unclear.items()
    ]


def quantity(policy: Policy, line: Line, day: date, known_on: date | None) -> list[Edit]:
    """The quantity that the units of a valid code stand for."""
    row = policy.row(line.code, day, known_on)
    units = line.stated.get("line.units")
    if row is None or row.per is None or not isinstance(units, Decimal):
        return []
    amount, unit = row.per
    return [{"kind": "quantity", "value": _billed_quantity(units, amount), "unit": unit}]


@lru_cache(maxsize=4096)
def _billed_quantity(units: Decimal, amount: Decimal) -> str:
    return plain(EXACT.multiply(units, amount))


def _contradicting(facts: LineFacts, claim: Claim, line: Line) -> list[Edit]:
    """The stated facts of which a code says otherwise."""
    edits: list[Edit] = []
    for path, said in facts.given.items():
        if facts.origins.get(path) == "given":
            continue
        stated = _as_stated(path, {**claim.stated, **line.stated})
        if stated is not None and not same(stated, said):
            shown_as = {**claim.echo, **line.echo}.get(path, _shown(path, stated, facts))
            edit = {"kind": "contradicts_code", "fact": path, "stated": shown_as}
            edits.append({**edit, "code_says": _shown(path, said, facts)})
    return edits


def _as_stated(path: str, stated: dict[str, Value]) -> Value | None:
    """What is stated of a fact, or of a field of a list's record: `claim.trials[0].class`."""
    listed, bracket, place = path.partition("[")
    if not bracket:
        return stated.get(path)
    at, _, field = place.partition("].")
    record = stated[listed][int(at)]  # type: ignore[index]
    assert isinstance(record, Record)
    return record[field]


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same; texts without regard to case."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return one == other


def _shown(path: str, value: Value, facts: LineFacts) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    spec = spec_of(path, facts.specs)
    return system(spec.system).shown(str(value)) if spec.kind == "code" else str(value)
