"""Sections that say different things of one claim without a stated order, with such a claim."""

from __future__ import annotations

import json
from datetime import date

from compiler import errors
from compiler.ask import Asked
from compiler.decision import Decision
from compiler.program import Program
from compiler.runtime.diagram import MOST_NODES
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
            asked = program.asked(decision)
            if asked is None:
                report.add(errors.too_large(policy.span, MOST_NODES))
            else:
                _conflict(program, decision, asked, day, report)


def _conflict(program: Program, decision: Decision, asked: Asked, day: date, report: Report) -> None:
    def disagree(holding: frozenset[int]) -> bool:
        return len({decision.rules[rule].determination for rule in decision.effective(holding)}) > 1

    diagram, root = asked.questions.diagram, asked.questions.root
    path = diagram.path(root, disagree)
    if path is None:
        return
    holding = diagram.value(diagram.restrict(root, path))
    rules = decision.effective(holding)
    first = decision.rules[rules[0]]
    second = next(decision.rules[r] for r in rules if decision.rules[r].determination != first.determination)
    claim = json.dumps(witness_claim(program, decision, asked.space, path, day))
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
