"""What two versions of a policy can decide differently."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from compiler.ask import ask_together
from compiler.consolidate import consolidate
from compiler.decision import Decision
from compiler.lower import Lowering
from compiler.model import FactType
from compiler.resolve import PolicyText
from compiler.runtime.diagram import TooLarge
from dsl.diagnostics import Report


@frozen
class Difference:
    """In what two decisions differ; `determination` and `rules` are None where it could not be told."""

    determination: bool | None
    rules: bool | None
    codes: bool
    evidence: bool

    @property
    def nothing(self) -> bool:
        """Whether the two decide every line alike."""
        return self.determination is False and self.rules is False and not self.codes and not self.evidence


def compare(one: Decision, other: Decision, types: dict[str, FactType]) -> Difference:
    """Compare two decisions: equal outcomes are the same node of one diagram."""
    codes = _table(one) != _table(other)
    evidence = [(e.fact, e.codes) for e in one.evidence] != [(e.fact, e.codes) for e in other.evidence]
    try:
        first, second = ask_together((one, other), types)
    except TooLarge:
        return Difference(None, None, codes, evidence)
    determination = first.questions.determination != second.questions.determination
    return Difference(determination, first.questions.sections != second.questions.sections, codes, evidence)


def _table(decision: Decision) -> object:
    rows = {row.code: tuple(code for code, _ in row.needs) for row in decision.listed}
    return rows, decision.open, decision.stating


def cut_after(policy: PolicyText, count: int) -> Lowering:
    """The policy with its first revisions alone, ready to decide."""
    return Lowering.of(consolidate(evolve(policy, revisions=policy.revisions[:count]), Report()))


def days_between(lowerings: tuple[Lowering, ...], start: date) -> list[date]:
    """One day for each stretch, from a day on, in which no version of the policy changes."""
    return sorted({start} | {day for lowering in lowerings for day in lowering.day_cuts if day > start})
