"""The fields of a claim: what a form asks for, from the facts that a policy declares."""

from __future__ import annotations

from typing import Any

from compiler.binding.scope import BUILT_IN
from compiler.model import (
    BoolType,
    CodesType,
    CodeType,
    DayType,
    EnumType,
    FactType,
    NumberType,
    RecordsType,
    TextsType,
    TextType,
)
from compiler.model.units import NO_UNIT
from compiler.program import Program
from compiler.runtime.edits import plain
from compiler.runtime.reader import DERIVED
from policyc.pages.prose import spaced
from policyc.pages.readings import pages

Field = dict[str, Any]

_ALWAYS = ("line.procedure", "line.service_date", "line.units", "claim.diagnoses")
_ONE_OF_THESE = {"member.age": "member.birth_date"}


def fields(program: Program) -> dict[str, list[Field]]:
    """The fields by where a claim states them: claim, member, contract or line. Of what every policy knows,
    those for which this one asks.
    """
    texts = [page.reading.document for page in pages(program)]
    asked = {row.label for text in texts for row in text.facts}
    asked |= {stated for derived, stated in _ONE_OF_THESE.items() if derived in asked}
    codes = sorted({row.code for text in texts for row in text.codes})
    found: dict[str, list[Field]] = {"line": [], "claim": [], "member": [], "contract": []}
    for path, fact in program.facts.items():
        shown = path in asked or path in _ALWAYS or path not in BUILT_IN
        if path in DERIVED or not shown:
            continue
        scope, _, name = path.partition(".")
        field = {"path": path, "name": name, "label": spaced(name), **_kind(fact.type)}
        if fact.question is not None:
            field["question"] = fact.question
        if fact.absent is not None:
            field["absent"] = spaced(fact.absent)
        if path == "line.procedure":
            field["options"] = codes
        found[scope].append(field)
    return found


def _kind(kind: FactType) -> Field:
    """How a value of a type is put in."""
    match kind:
        case EnumType(open_, members):
            return {"kind": "open" if open_ else "choice", "options": list(members)}
        case BoolType():
            return {"kind": "boolean"}
        case DayType():
            return {"kind": "date"}
        case NumberType():
            unit = "" if kind.unit == NO_UNIT else kind.unit.text
            bounds = {"low": kind.low, "high": kind.high}
            said = {name: plain(bound) for name, bound in bounds.items() if bound is not None}
            return {"kind": "number", "whole": kind.integer, "unit": unit, **said}
        case CodeType() | TextType():
            return {"kind": "text"}
        case CodesType() | TextsType():
            return {"kind": "texts"}
        case RecordsType(record):
            inner = [{"name": name, "label": spaced(name), **_kind(of)} for name, of in record.fields]
            return {"kind": "records", "each": spaced(record.name), "fields": inner}
