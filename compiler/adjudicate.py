"""The decision of one line: in force, concerned, valid, decided by the rules, outranked by the contract."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import Factory, define, evolve

from compiler import decision as d
from compiler.completions import Missing, Outcome, outcome
from compiler.derive import LineFacts, derive
from compiler.diagram import TooLarge
from compiler.edits import code_not_valid, edits_of
from compiler.explain import Explainer, occurring
from compiler.interpret import evaluate
from compiler.program import Program
from compiler.runtime.codes import union
from compiler.runtime.reader import Claim, Exclusion, Line
from compiler.runtime.reasons import reason_codes

_NOTHING = Missing((), True)


@define
class LineDecision:
    """The decision of a line, key for key as users read it; None and False are left out where absent."""

    determination: str
    revision: str | None = None
    rules: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    missing: Missing = _NOTHING
    exact: bool = True
    edits: list[dict[str, Any]] = Factory(list)
    assumptions: tuple[str, ...] = ()
    subject_to: tuple[str, ...] = ()
    explanation: list[dict[str, Any]] | None = None

    def as_dict(self, line: Line, day: str) -> dict[str, Any]:
        """The line of a decision as the interface has it."""
        shown: dict[str, Any] = {
            "line": line.number,
            "procedure": line.procedure,
            "service_date": day,
            "revision": self.revision,
            "determination": self.determination,
            "rules": list(self.rules),
        }
        if self.unsure:
            shown["unsure"] = list(self.unsure)
        shown["missing"] = [list(facts) for facts in self.missing.sets]
        if not self.missing.complete:
            shown["missing_complete"] = False
        if not self.exact:
            shown["exact"] = False
        shown |= {
            "edits": self.edits,
            "assumptions": list(self.assumptions),
            "subject_to": list(self.subject_to),
            "reason_codes": reason_codes(self.determination),
        }
        if self.explanation is not None:
            shown["explanation"] = self.explanation
        return shown


def decide(program: Program, claim: Claim, known_on: date | None, explain: bool = False) -> dict[str, Any]:
    """The decision of a claim, every line by itself."""
    lines = [
        decide_line(program, claim, line, known_on, explain).as_dict(line, line.day.isoformat())
        for line in claim.lines
    ]
    return {
        "claim_id": claim.claim_id,
        "policy": program.package,
        "policy_digest": program.digest,
        "known_on": known_on.isoformat() if known_on is not None else None,
        "lines": lines,
    }


def decide_line(
    program: Program, claim: Claim, line: Line, known_on: date | None, explain: bool = False
) -> LineDecision:
    """The questions in their order: in force? concerned? a valid code? what the rules say, the contract."""
    policy = program.consolidated.policy
    governing = line.day
    if policy.governed_by != "line.service_date":
        stated = {**claim.stated, **line.stated}.get(policy.governed_by)
        if not isinstance(stated, date):
            return _undated(program, line, known_on)
        governing = stated
    decision = program.decision(governing, known_on)
    revision = program.revision(governing, known_on)
    if decision is None or revision is None:
        return LineDecision("not_in_force")
    name = program.revision_name(revision)
    row = next((row for row in decision.listed if row.code == line.code), None)
    ever = line.code in program.ever_listed(known_on)
    states = bool(decision.stating) and all(p in line.stated or p in line.unclear for p in decision.stating)
    if not ever and not (decision.open and states):
        return LineDecision("not_applicable", name)
    if ever and not program.valid(line.code, governing, known_on):
        edits = [code_not_valid(program, line, governing, known_on)]
        edits += edits_of(program, None, claim, line, governing, known_on)
        return LineDecision("code_not_valid", name, edits=edits)
    if row is None and not decision.open:
        return LineDecision("not_applicable", name)
    facts = derive(program, decision, claim, line, governing, known_on)
    made = _decide_rules(program, decision, claim, line, facts, governing)
    made.revision = name
    made.edits = edits_of(program, decision, claim, line, governing, known_on)
    made.assumptions = _assumptions(decision, row, claim, line, facts, made)
    if made.determination not in ("not_applicable", "needs_information"):
        made.subject_to = policy.subject_to
    if explain:
        explainer = Explainer(facts)
        made.explanation = [explainer.tree(rule) for rule in decision.rules]
    return made


def _undated(program: Program, line: Line, known_on: date | None) -> LineDecision:
    """The governing date is not stated: it is asked for, if the line can concern the policy at all."""
    policy = program.consolidated.policy
    tables = [text.table for text in program.consolidated.texts.values() if text.table is not None]
    states = any(t.open and t.stating and line.stated.keys() >= set(t.stating) for t in tables)
    if not program.visible(known_on):
        return LineDecision("not_in_force")
    if not states and line.code not in program.ever_listed(known_on):
        return LineDecision("not_applicable")
    return LineDecision("needs_information", missing=Missing(((policy.governed_by,),), True))


def _decide_rules(
    program: Program,
    decision: d.Decision,
    claim: Claim,
    line: Line,
    facts: LineFacts,
    day: date,
) -> LineDecision:
    """What the sections and the contract say, over all completions of what is unknown."""
    decision = with_exclusions(decision, claim.exclusions, line, day)
    completions = program.completions(decision)
    if completions is None:
        return _three_valued(decision, facts)
    outcomes = completions.outcomes(facts.values)
    determinations = {found.determination for found in outcomes}
    if len(determinations) > 1:
        try:
            missing = completions.missing(facts.values)
        except TooLarge:
            missing = Missing((), False)
        shown = tuple(tuple(facts.shown_path(path) for path in s) for s in missing.sets)
        return LineDecision("needs_information", missing=Missing(shown, missing.complete))
    always = [rule for rule in outcomes[0].rules if all(rule in found.rules for found in outcomes)]
    sometimes = sorted({rule for found in outcomes for rule in found.rules})
    certain = decision.sections(tuple(always))
    possible = decision.sections(tuple(sometimes))
    return LineDecision(
        determinations.pop(),
        rules=certain,
        unsure=tuple(section for section in possible if section not in certain),
    )


def _three_valued(decision: d.Decision, facts: LineFacts) -> LineDecision:
    """Without a diagram: the outcome where every rule is known, else a question that may ask too much."""
    held = [evaluate(rule.condition, facts.values) for rule in decision.rules]
    excluded = evaluate(decision.excluded, facts.values)
    if None not in held and (excluded is not None or not any(held)):
        found: Outcome = outcome(decision, frozenset(i for i, h in enumerate(held) if h), bool(excluded))
        return LineDecision(found.determination, rules=decision.sections(found.rules))
    return LineDecision("needs_information", missing=Missing((), False), exact=False)


def with_exclusions(
    decision: d.Decision, exclusions: tuple[Exclusion, ...], line: Line, day: date
) -> d.Decision:
    """The decision under a contract: the exclusions that are in force on the day, as a condition."""
    conditions: list[d.Condition] = []
    for exclusion in exclusions:
        if not (exclusion.start <= day and (exclusion.end is None or day < exclusion.end)):
            continue
        if exclusion.section is not None:
            conditions.append(decision.speaks(exclusion.section))
        elif exclusion.procedures:
            conditions += [d.all_of(())] if line.code in exclusion.procedures else []
        elif exclusion.diagnoses:
            codes = union([(code, code + "\0") for code in exclusion.diagnoses])
            named = d.CodeIs("diagnosis", "icd10cm", codes)
            conditions.append(d.Elements("claim.diagnoses", "diagnosis", 1, named))
    return evolve(decision, excluded=d.AtLeast(1, tuple(conditions))) if conditions else decision


def _assumptions(
    decision: d.Decision,
    row: d.Listed | None,
    claim: Claim,
    line: Line,
    facts: LineFacts,
    made: LineDecision,
) -> tuple[str, ...]:
    """The assumptions that the decision rests on, in order of occurrence."""
    explainer = Explainer(facts)
    answering = {*made.rules, *made.unsure}
    rests: set[str] = set()
    order: list[str] = []
    for rule in decision.rules:
        if not answering or rule.section in answering:
            rests |= explainer.rests_on(rule.condition, evaluate(rule.condition, facts.values))
        order += occurring(rule.condition, facts)
    named = [name for name in dict.fromkeys(order) if name in rests]
    if row is not None and row.assumption is not None and made.determination != "not_applicable":
        named.append(row.assumption)
    return tuple(dict.fromkeys([*named, *_primary(row, claim, line), *decision.assumptions]))


def _primary(row: d.Listed | None, claim: Claim, line: Line) -> list[str]:
    """The assumption by which an add-on's only primary of the day is one."""
    beside = {other.code for other in claim.lines if other is not line and other.day == line.day}
    met = [assumption for code, assumption in (row.needs if row else ()) if code in beside]
    return [name for name in met[:1] if name is not None] if None not in met else []
