"""A concrete claim that lies in some cells of a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from compiler.answers.explain import shown_value
from compiler.ir.decision import Rule, facts_of
from compiler.program import Program
from compiler.questions.ask import Asked
from compiler.runtime.claim_values import FactSpec

LISTS = ("codes", "texts", "records")


def without_elements(
    claim: dict[str, Any], rules: Iterable[Rule], specs: Mapping[str, FactSpec]
) -> dict[str, Any]:
    """The claim, where the lists that some rules ask for and it does not state are empty."""
    stated = {**claim, "lines": [dict(line) for line in claim["lines"]]}
    for fact in (fact for rule in rules for fact in facts_of(rule.condition)):
        scope, _, name = fact.partition(".")
        place = stated["lines"][0] if scope == "line" else stated
        if scope in ("claim", "line") and fact in specs and specs[fact].kind in LISTS:
            place.setdefault(name, [])
    return stated


def witness_claim(program: Program, asked: Asked, path: dict[int, int]) -> dict[str, Any]:
    """The claim: facts that the path asks are stated by their witnesses, the others are left out.

    What is computed from several facts has no witness of its own, and is left out too.
    """
    valid = [row.code for row in asked.decision.listed if program.valid(row.code, asked.day, None)]
    line: dict[str, Any] = {
        "line": 1,
        "procedure": (valid or ["99199"])[0],
        "service_date": asked.day.isoformat(),
    }
    claim: dict[str, Any] = {"claim_id": "witness", "lines": [line]}
    places: dict[str, dict[str, Any]] = {"line": line, "claim": claim}
    if asked.fixed is not None:
        scope, _, name = asked.fixed.fact.partition(".")
        if scope not in places:
            places[scope] = claim[scope] = {}
        places[scope][name] = shown_value(asked.fixed.fact, asked.fixed.value)
    lists: dict[str, list[Any]] = {}
    for level, variable in enumerate(asked.space.variables):
        if level not in path or variable.loose:
            continue
        (fact,) = variable.facts
        scope, _, name = fact.partition(".")
        if scope not in places:
            places[scope] = claim[scope] = {}
        cell = variable.values[path[level]]
        if fact == "member.age" and isinstance(cell, Decimal):
            # An age is stated by a birth date; the first day of a year completes it on any day.
            name, cell = "birth_date", date(max(1, asked.day.year - int(cell)), 1, 1)
        value = shown_value(fact, cell)
        if isinstance(value, list):
            # The parts of a list are told apart by elements that have nothing in common.
            value = lists.setdefault(fact, [])
            value += shown_value(fact, variable.values[path[level]])
        places[scope][name] = value
    return claim
