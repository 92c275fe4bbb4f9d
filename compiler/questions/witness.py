"""A concrete claim that lies in some cells of a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from compiler.answers.explain import shown_value
from compiler.ir.decision import Rule, facts_of
from compiler.ir.outcomes import PROCEDURE
from compiler.program import Program
from compiler.questions.ask import Asked
from compiler.runtime.ages import AGE, BIRTH, DAY
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.derive import STATED
from compiler.runtime.scalars import witnesses

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
    known = asked.known.values
    stated: dict[str, Any] = {PROCEDURE: None, DAY: known[program.governed_by], **known}
    for level, cell in path.items():
        variable = asked.space.variables[level]
        if variable.loose:
            continue
        (fact,) = variable.facts
        value = variable.values[cell]
        if isinstance(value, tuple):
            # The parts of a list are told apart by elements that have nothing in common.
            stated[fact] = (*stated.get(fact, ()), *value)
        elif not fact.endswith(STATED):
            stated[fact] = value
        elif value:
            own = fact.removesuffix(STATED)
            stated.setdefault(own, witnesses(program.specs[own], [])[0])
    if AGE in stated:
        # An age is stated by a birth date; the first day of a year completes it on any day.
        stated[BIRTH] = date(max(1, stated[DAY].year - int(stated.pop(AGE))), 1, 1)
    line: dict[str, Any] = {"line": 1}
    claim: dict[str, Any] = {"claim_id": "witness", "lines": [line]}
    for fact, value in stated.items():
        scope, _, name = fact.partition(".")
        place = {"line": line, "claim": claim}.get(scope)
        (claim.setdefault(scope, {}) if place is None else place)[name] = shown_value(fact, value)
    return claim
