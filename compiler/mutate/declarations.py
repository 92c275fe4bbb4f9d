"""Claims that only one of two declarations of a fact can take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from compiler.program import Program
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.lists import fresh


def declaration_claims(program: Program, mutant: Program) -> Iterator[dict[str, Any]]:
    """Claims that state facts which the two declare otherwise, with values at the ends of these."""
    code, day = _listed(program)
    for path, spec in program.specs.items():
        other = mutant.specs.get(path)
        if other is None or other == spec:
            continue
        scope, _, key = path.partition(".")
        for value in _values(spec, other):
            line: dict[str, Any] = {"line": 1, "procedure": code, "service_date": day.isoformat()}
            claim: dict[str, Any] = {"claim_id": "witness", "lines": [line]}
            there = {"line": line, "claim": claim}.get(scope)
            if there is None:
                there = claim.setdefault(scope, {})
            there[key] = value
            yield claim


def _listed(program: Program) -> tuple[str, date]:
    """A code with a day on which the policy lists it and it is valid, if there is one."""
    days = [row.effective for row in program.revisions]
    for row in program.revisions:
        for day in sorted((day for day in days if day >= row.effective), reverse=True):
            for code in row.lists:
                if program.valid(code, day, None):
                    return code, day
    return "99213", max(days)


def _values(spec: FactSpec, other: FactSpec) -> Iterator[Any]:
    match spec.kind:
        case "integer" | "decimal":
            for end in dict.fromkeys((spec.low, other.low, spec.high, other.high)):
                if end is not None:
                    yield int(end) if end == end.to_integral_value() else float(end)
            if spec.kind != other.kind:
                yield float(spec.low or 0) + 0.5
        case "enum":
            yield from spec.names.keys() ^ other.names.keys()
            yield fresh(0)
        case "records":
            for field in spec.fields:
                changed = next((each for each in other.fields if each.path == field.path), None)
                if changed is not None and changed != field:
                    for value in _values(field, changed):
                        yield [{field.path: value}]
        case _:
            pass
