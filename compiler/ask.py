"""Decisions become diagrams over the cells of their facts, as of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import frozen

from compiler import decision as d
from compiler.occurring import occurring
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import Case, Questions, questions


@frozen(eq=False)
class Asked:
    """A decision as diagrams, for lines of one day."""

    decision: d.Decision
    day: date
    questions: Questions


def ask(
    decisions: Sequence[d.Decision], specs: Mapping[str, FactSpec], governed_by: str, day: date
) -> list[Asked]:
    """Several decisions over one set of variables: equal functions have the same root.

    Raises diagram.TooLarge beyond the limit.
    """
    facts = LineFacts({}, False, specs)
    facts.put(governed_by, day, "stated")
    cases = []
    for decision in decisions:
        held = [judge(rule.condition, facts) for rule in decision.rules]
        truths = tuple(found.open if found.holds is None else found.holds for found in held)
        cases.append(Case(tuple(rule.row for rule in decision.rules), decision.overrides, truths))
    order = [f for decision in decisions for rule in decision.rules for f in occurring(rule.condition)]
    asked = questions(cases, specs, dict.fromkeys(order))
    return [Asked(decision, day, its) for decision, its in zip(decisions, asked, strict=True)]
