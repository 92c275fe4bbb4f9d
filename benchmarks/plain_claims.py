"""A claim, read and checked by hand, for the IV-anesthetics policy alone; see `plain.py`."""

# ruff: noqa: ANN001, ANN201

import re
from datetime import date
from decimal import Decimal

from compiler.runtime.alike import Spellings

PROCEDURE = re.compile(r"[A-Z0-9][0-9]{3}[A-Z0-9]", re.ASCII | re.IGNORECASE)
DIAGNOSIS = re.compile(r"[A-Z][0-9][A-Z0-9](\.?[A-Z0-9]{1,4})?", re.ASCII | re.IGNORECASE)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DRUGS = {
    "ketamine": "ketamine",
    "lidocaine": "lidocaine",
    "esketamine": "esketamine",
    "lidocaine_epinephrine": "lidocaine_epinephrine",
    "ketamine hcl": "ketamine",
    "ketamine hydrochloride": "ketamine",
    "lidocaine hcl": "lidocaine",
    "lidocaine hydrochloride": "lidocaine",
    "esketamine hcl": "esketamine",
    "esketamine hydrochloride": "esketamine",
    "lidocaine with epinephrine": "lidocaine_epinephrine",
    "lidocaine hcl with epinephrine": "lidocaine_epinephrine",
}
NEAR = Spellings(DRUGS)
ROUTES = (
    "intravenous intramuscular subcutaneous oral intranasal epidural intrathecal perineural topical other"
)
ROUTES = frozenset(ROUTES.split())
PURPOSES = frozenset({"treatment", "procedural_anesthesia", "other"})
CLAIM_KEYS = frozenset({"claim_id", "lines", "diagnoses"})
LINE_KEYS = frozenset({"line", "procedure", "service_date", "units", "diagnoses", "drug", "route", "purpose"})


class Line:
    """A line that was read; `own`: it has diagnoses of its own."""

    __slots__ = (
        "code",
        "day",
        "diagnoses",
        "drug",
        "number",
        "own",
        "procedure",
        "purpose",
        "route",
        "said",
        "stated",
        "units",
    )


def text_of(value):
    if not isinstance(value, str):
        raise ValueError("no text")
    value.encode()
    return value


def day_of(value):
    if not DAY.fullmatch(text_of(value)):
        raise ValueError("no date")
    return date.fromisoformat(value)


def diagnoses_of(value):
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("no list")
    found = []
    for code in value:
        if code is not None:
            if not DIAGNOSIS.fullmatch(text_of(code)):
                raise ValueError("no diagnosis")
            code = code.upper().replace(".", "")  # noqa: PLW2901
        found.append(code)
    return found


def units_of(value):
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("no number")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if (
        not number.is_finite()
        or number < 0
        or abs(number.adjusted()) > 100
        or len(number.as_tuple().digits) > 100
    ):
        raise ValueError("no amount")
    return number


def read_line(raw, diagnoses):
    """A line of a claim, checked."""
    if not isinstance(raw, dict) or not raw.keys() <= LINE_KEYS:
        raise ValueError("an unknown key")
    line = Line()
    number = raw["line"]
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("no number")
    line.number = number
    line.procedure = text_of(raw["procedure"])
    if not PROCEDURE.fullmatch(line.procedure):
        raise ValueError("no procedure")
    line.code = line.procedure.upper()
    line.day = day_of(raw["service_date"])
    units = raw.get("units")
    line.units = None if units is None else units_of(units)
    line.own = "diagnoses" in raw
    line.diagnoses = diagnoses_of(raw["diagnoses"]) if line.own else diagnoses
    line.said = line.drug = line.route = line.purpose = None
    line.stated = {}
    drug = raw.get("drug")
    if drug is not None:
        folded = text_of(drug).casefold()
        line.drug = DRUGS.get(folded)
        if line.drug is None:
            near = NEAR.near(folded)
            if near:
                line.said = (drug, near)
            else:
                line.drug = folded
        if line.drug is not None:
            line.stated["drug"] = drug
    for fact, values in (("route", ROUTES), ("purpose", PURPOSES)):
        value = raw.get(fact)
        if value is not None:
            folded = text_of(value).casefold()
            if folded not in values:
                raise ValueError("not declared")
            setattr(line, fact, folded)
            line.stated[fact] = value
    return line


def read_claim(claim):
    """The number of a claim and its lines; ValueError or KeyError where it cannot be read."""
    if not isinstance(claim, dict) or not claim.keys() <= CLAIM_KEYS:
        raise ValueError("an unknown key")
    claim_id = text_of(claim["claim_id"])
    diagnoses = diagnoses_of(claim.get("diagnoses"))
    if not isinstance(claim["lines"], list) or not claim["lines"]:
        raise ValueError("no lines")
    lines = [read_line(raw, diagnoses) for raw in claim["lines"]]
    if len({line.number for line in lines}) < len(lines):
        raise ValueError("two lines of one number")
    return claim_id, lines
