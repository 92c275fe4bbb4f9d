"""What two versions of a policy can decide differently."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from compiler import amendments as a
from compiler.ask import ask
from compiler.consolidate import consolidate
from compiler.decision import Decision
from compiler.lower import Lowering
from compiler.occurring import occurring
from compiler.program import Program
from compiler.runtime.diagram import TooLarge
from compiler.views import views
from dsl.diagnostics import Report


@frozen
class Difference:
    """In what two decisions differ; `determination` and `rules` are None where it could not be told."""

    determination: bool | None
    rules: bool | None
    codes: bool
    evidence: bool
    limits: bool
    reviews: bool
    reasons: bool
    assumptions: bool


def compare(one: Decision, other: Decision, program: Program, days: tuple[date, date]) -> Difference:
    """Compare two decisions of some days: equal outcomes are the same node of one diagram."""
    codes = _table(one) != _table(other)
    evidence = [(e.fact, e.codes) for e in one.evidence] != [(e.fact, e.codes) for e in other.evidence]
    beside = (
        [limit._replace(assumption=None, reasons=None) for limit in one.limits]
        != [limit._replace(assumption=None, reasons=None) for limit in other.limits],
        _reviews(one) != _reviews(other),
        _reasons(one) != _reasons(other),
        _assumed(one) != _assumed(other),
    )
    determination = sections = False
    try:
        for day in views((one, other), program.governed_by, days):
            first, second = (
                asked.questions for asked in ask((one, other), program.specs, program.governed_by, day)
            )
            determination |= first.root != second.root
            sections |= list(first.spoken.items()) != list(second.spoken.items())
    except TooLarge:
        return Difference(None, None, codes, evidence, *beside)
    return Difference(determination, sections, codes, evidence, *beside)


def _reviews(decision: Decision) -> object:
    """What reviewers are asked."""
    rows = [rule.row for rule in decision.rules]
    return [(row.section, row.question, row.addressee) for row in rows if row.question is not None]


def _reasons(decision: Decision) -> object:
    """The reason codes that sections name."""
    rows = [(rule.section, rule.determination, rule.row.reasons) for rule in decision.rules]
    rows += [(limit.section, limit.determination, limit.reasons) for limit in decision.limits]
    return [row for row in rows if row[-1] is not None]


def _assumed(decision: Decision) -> object:
    """On what decisions can rest: assumptions of the text, of rules, of rows and of evidence."""
    rules = [(rule.section, sorted(occurring(rule.condition))) for rule in decision.rules]
    rows = [(row.code, row.assumption, row.needs) for row in decision.listed]
    limits = [limit.assumption for limit in decision.limits]
    return decision.assumptions, rules, rows, [e.assumption for e in decision.evidence], limits


def _table(decision: Decision) -> object:
    rows = {row.code: tuple(code for code, _ in row.needs) for row in decision.listed}
    return rows, decision.open, decision.stating


def only(lowering: Lowering, revisions: tuple[a.Revision, ...]) -> Lowering:
    """The policy with some of its revisions alone, ready to decide."""
    policy = lowering.consolidated.policy
    return Lowering.of(consolidate(evolve(policy, revisions=revisions), Report()), lowering.others)


def days_between(lowerings: tuple[Lowering, ...], start: date) -> list[date]:
    """One day for each stretch, from a day on, in which no version of the policy changes."""
    return sorted({start} | {day for lowering in lowerings for day in lowering.day_cuts if day > start})
