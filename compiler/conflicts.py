"""Sections that say different things of one claim without a stated order, with such a claim."""

from __future__ import annotations

import json
from datetime import date

from compiler import errors
from compiler.completions import Completions
from compiler.decision import Decision
from compiler.diagram import MOST_NODES
from compiler.program import Program
from compiler.witness import witness_claim
from dsl.diagnostics import Report


def conflicts(program: Program, report: Report) -> None:
    """Check every decision of every day, for the present knowledge and for each earlier one."""
    seen: set[int] = set()
    policy = program.consolidated.policy
    for known_on in (None, *program.lowering.posting_cuts):
        for day in program.lowering.day_cuts:
            decision = program.decision(day, known_on)
            if decision is None or id(decision) in seen:
                continue
            seen.add(id(decision))
            completions = program.completions(decision)
            if completions is None:
                report.add(errors.too_large(policy.span, MOST_NODES))
            else:
                _conflict(program, decision, completions, day, report)


def _conflict(
    program: Program, decision: Decision, completions: Completions, day: date, report: Report
) -> None:
    def disagree(leaf: tuple[frozenset[int], bool]) -> bool:
        return len({decision.rules[rule].determination for rule in decision.effective(leaf[0])}) > 1

    path = completions.diagram.path(completions.holding, disagree)
    if path is None:
        return
    node = completions.diagram.restrict(completions.holding, path)
    holding, _ = completions.diagram.value(node)
    rules = decision.effective(holding)
    first = decision.rules[rules[0]]
    second = next(decision.rules[r] for r in rules if decision.rules[r].determination != first.determination)
    claim = json.dumps(witness_claim(program, decision, completions.space, path, day))
    report.add(
        errors.overlapping_rules(
            first.section,
            first.condition.span,
            second.section,
            second.condition.span,
            (first.determination, second.determination),
            claim,
        )
    )
