"""The decision of one line: in force, concerned, valid, decided by the rules, outranked by the contract."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from itertools import repeat
from typing import Any, NamedTuple

from compiler.runtime.again import Told, again, to_keep
from compiler.runtime.ages import aged
from compiler.runtime.asks import asks
from compiler.runtime.conditions import Held
from compiler.runtime.contract import (
    SILENT,
    Terms,
    by_diagnosis,
    contradictions,
    contradictory,
    over_limit,
    terms_on,
    unknown_sections,
)
from compiler.runtime.derive import derive, states
from compiler.runtime.diagnoses import diagnosis_edits
from compiler.runtime.diagram import TooLarge
from compiler.runtime.edits import Edit, code_not_valid, edits_of_valid, primaries, unrecognized
from compiler.runtime.limits import ALLOWED, Limited, limited
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.open_limits import distinct, with_limits
from compiler.runtime.questions import (
    EXCLUDED,
    NOT_APPLICABLE,
    REVIEW,
    Case,
    Questions,
    Truth,
    but_covered,
    but_excluded,
    questions_of,
)
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import Reasons, reason_codes
from compiler.runtime.settling import Missing
from compiler.runtime.tables import Policy, Version

_NOTHING = Missing((), True)
_SILENT = ("not_applicable", "needs_information", "excluded_by_contract")


class Finding(NamedTuple):
    """What the rules and the contract say of a line; `case` is what was asked where some of it is open."""

    determination: str
    rules: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    missing: Missing = _NOTHING
    exact: bool = True
    case: Case | None = None


class Adjudicated(NamedTuple):
    """The decision of a line, and the facts on which it stands where the rules were asked."""

    finding: Finding
    revision: str | None = None
    edits: tuple[Edit, ...] = ()
    assumptions: tuple[str, ...] = ()
    subject_to: tuple[str, ...] = ()
    version: Version | None = None
    facts: LineFacts | None = None
    day: date | None = None
    reasons: Reasons | None = None
    reviews: tuple[dict[str, Any], ...] = ()

    def as_dict(self, line: Line, explain: bool = False) -> dict[str, Any]:
        """The line of a decision as the interface has it; `explain`: with what to ask where it is open."""
        finding = self.finding
        shown: dict[str, Any] = {
            "line": line.number,
            "procedure": line.procedure,
            "service_date": line.day.isoformat(),
            "revision": self.revision,
            "determination": finding.determination,
            "rules": list(finding.rules),
        }
        if finding.unsure:
            shown["unsure"] = list(finding.unsure)
        shown["missing"] = [list(facts) for facts in finding.missing.sets]
        if not finding.missing.complete:
            shown["missing_complete"] = False
        if not finding.exact:
            shown["exact"] = False
        shown["edits"] = list(self.edits)
        shown["assumptions"] = list(self.assumptions)
        shown["subject_to"] = list(self.subject_to)
        if self.reviews:
            shown["review"] = list(self.reviews)
        shown["reason_codes"] = reason_codes(finding.determination, self.day or line.day, self.reasons)
        if explain and finding.determination == "needs_information":
            shown |= self._asks()
        return shown

    def _asks(self) -> dict[str, Any]:
        """What to ask: for the rules, for a limit of what they allow, or for the governing date."""
        finding = self.finding
        if self.version is not None and self.facts is not None and finding.case is not None:
            return asks(finding.case, self.facts, self.version.facts)
        sets = [list(facts) for facts in finding.missing.sets]
        if self.version is None:
            return {"ask_first": sets[0][0]}
        relevant = list(dict.fromkeys(fact for facts in sets for fact in facts))
        return {"missing_for": {ALLOWED: sets}, "relevant": relevant, "ask_first": sets[0][0]}


def decide_claim(
    policy: Policy, claim: Claim, known_on: date | None, explain: bool = False
) -> dict[str, Any]:
    """The decision of a claim, every line by itself; `explain`: with what to ask where a line is open."""
    signatures = policy.signatures(claim, known_on) if not explain else repeat(None)
    lines = []
    for line, signature in zip(claim.lines, signatures, strict=False):
        kept: Told | None = policy.adjudicated.get(signature) if signature is not None else None
        if kept is not None:
            lines.append(again(kept, policy, claim, line, known_on))
        else:
            alike = signature[-1] if signature is not None else None
            made = adjudicate(policy, claim, line, known_on, alike)
            lines.append(made.as_dict(line, explain))
            if signature is not None:
                policy.adjudicated.keep(signature, to_keep(policy, lines[-1], made.day is not None))
    return decision(policy, claim, known_on, lines)


def kept_of(policy: Policy, claim: Claim, known_on: date | None) -> list[Told | None]:
    """What is kept of the decisions of lines of the same signatures, for each line of a claim."""
    signatures = policy.signatures(claim, known_on)
    return [each if each is None else policy.adjudicated.get(each) for each in signatures]


def decision(
    policy: Policy, claim: Claim, known_on: date | None, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    """The decision of a claim from those of its lines."""
    return {
        "claim_id": claim.claim_id,
        "policy": policy.package,
        "policy_digest": policy.digest,
        "known_on": known_on.isoformat() if known_on is not None else None,
        "lines": lines,
    }


def adjudicate(
    policy: Policy, claim: Claim, line: Line, known_on: date | None, alike: Hashable = None
) -> Adjudicated:
    """The questions in their order: in force? concerned? a valid code? what the rules say, the contract.

    Of lines of one kind (`alike`) the rules say the same.
    """
    day = policy.governing(claim, line)
    if day is None:
        return _undated(policy, line, known_on)
    version = policy.version(day, known_on)
    if version is None:
        return Adjudicated(Finding("not_in_force"))
    revision = policy.revision(day, known_on)
    ever = line.code in policy.ever_listed(known_on)
    if not ever and not (version.open and states(version.stating, line)):
        return Adjudicated(Finding("not_applicable"), revision)
    if ever and not policy.valid(line.code, day, known_on):
        invalid = [code_not_valid(policy, line, day, known_on), *unrecognized(None, claim, line)]
        invalid += diagnosis_edits(policy, claim, line, day, known_on)
        return Adjudicated(Finding("code_not_valid"), revision, tuple(invalid), day=day)
    listed = version.listed.get(line.code)
    if listed is None and not version.open:
        return Adjudicated(Finding("not_applicable"), revision)
    facts = derive(policy, version, claim, line, day, known_on)
    held, finding = policy.ruled.get(alike) or (None, None)
    if held is None or finding is None:
        held = version.held(facts)
        contract = terms_on(claim.exclusions, line), terms_on(claim.riders, line)
        finding = find(policy, version, facts, held, *contract)
        if alike is not None:
            policy.ruled.keep(alike, (held, finding))
    limits = Limited()
    if version.limits and (open_ := _may_allow(finding)):
        each = {s: limited(policy, version, claim, line, (s,), day, known_on) for s in open_}
        finding, limits = _left(policy, version, facts, finding, each)
    elif version.limits and finding.determination == ALLOWED:
        limits = limited(policy, version, claim, line, finding.rules, day, known_on)
        if limits.missing.sets:
            finding = Finding("needs_information", missing=limits.missing)
    assumptions = [*_rests_on(version, facts, held, finding)]
    if listed is not None and finding.determination != "not_applicable":
        assumptions += [listed.assumption] if listed.assumption is not None else []
    assumptions += limits.assumptions
    if listed is not None:
        assumptions += _primary(primaries(policy, listed, claim, line, known_on))
    edits = edits_of_valid(policy, version, claim, line, facts, day, known_on)
    edits += unrecognized(facts, claim, line)
    edits += [over_limit(edit, claim, line, facts) for edit in limits.edits]
    edits += unknown_sections(policy, claim, line, known_on)
    edits += diagnosis_edits(policy, claim, line, day, known_on)
    return Adjudicated(
        finding,
        revision,
        tuple(edits),
        tuple(dict.fromkeys([*assumptions, *version.assumptions])),
        () if finding.determination in _SILENT else policy.subject_to,
        version,
        facts,
        day,
        reasons_of(version, held, finding),
        _reviews(claim, line, version, facts, held, finding) if finding.determination == REVIEW else (),
    )


def _may_allow(finding: Finding) -> tuple[str, ...]:
    """The sections of which it is open whether they allow the line."""
    if finding.case is None or not (finding.unsure or finding.determination == "needs_information"):
        return ()
    pairs = zip(finding.case.rules, finding.case.truths, strict=True)
    found = (row.section for row, truth in pairs if row.determination == ALLOWED and truth is not False)
    return tuple(dict.fromkeys(found))


def _left(
    policy: Policy, version: Version, facts: LineFacts, finding: Finding, each: dict[str, Limited]
) -> tuple[Finding, Limited]:
    """The finding where it is open which sections allow a line, and what the limits of all that may leave."""
    assert finding.case is not None
    if any(found.edits or found.missing.sets for found in each.values()):
        finding = _found(policy, version, facts, with_limits(finding.case, each))
    if finding.determination != ALLOWED:
        return finding, Limited()
    speaking = [found for section, found in each.items() if section in (*finding.rules, *finding.unsure)]
    assumptions = dict.fromkeys(name for found in speaking for name in found.assumptions)
    return finding, Limited(tuple(distinct(speaking)), assumptions=tuple(assumptions))


def _undated(policy: Policy, line: Line, known_on: date | None) -> Adjudicated:
    """The governing date is not stated: it is asked for, if the line can concern the policy at all."""
    visible = policy.visible(known_on)
    if not visible:
        return Adjudicated(Finding("not_in_force"))
    versions = [policy.version(row.effective, known_on) for row in visible]
    brought_in = any(v is not None and v.open and states(v.stating, line) for v in versions)
    if not brought_in and line.code not in policy.ever_listed(known_on):
        return Adjudicated(Finding("not_applicable"))
    return Adjudicated(Finding("needs_information", missing=Missing(((policy.governed_by,),), True)))


def find(
    policy: Policy,
    version: Version,
    facts: LineFacts,
    held: list[Held],
    exclusions: Terms = SILENT,
    riders: Terms = SILENT,
) -> Finding:
    """What the sections and the contract say, over all completions of what is unknown."""
    truths = [rule.holds for rule in held]
    if None not in truths and True not in truths:
        return Finding(NOT_APPLICABLE)
    excluded, covered = by_diagnosis(facts, exclusions.diagnoses), by_diagnosis(facts, riders.diagnoses)
    if None not in (*truths, excluded.holds, covered.holds):
        rules = version.effective(frozenset(i for i, truth in enumerate(truths) if truth))
        return _certain(version, rules, exclusions, bool(excluded.holds), riders, bool(covered.holds))
    case = case_of(version, held, exclusions, excluded, riders, covered)
    return _found(policy, version, facts, case._replace(truths=aged(case.truths, facts)))


def _found(policy: Policy, version: Version, facts: LineFacts, case: Case) -> Finding:
    """The finding of a case of which something is open."""
    # What is asked first is in the order of the version's facts.
    key = case, version.order
    kept = policy.found.get(key)
    finding = kept or policy.found.keep(key, _over_completions(case, version, facts, policy.tells_missing))
    assert isinstance(finding, Finding)
    sets = tuple(tuple(facts.shown_path(path) for path in s) for s in finding.missing.sets)
    return finding._replace(missing=Missing(sets, finding.missing.complete), case=case)


def case_of(
    version: Version, held: list[Held], exclusions: Terms, excluded: Held, riders: Terms, covered: Held
) -> Case:
    """What is known of a line, and what is open."""
    return Case(
        version.rules,
        version.overrides,
        tuple(_truth(rule) for rule in held),
        _truth(excluded),
        exclusions.everything,
        exclusions.sections,
        _truth(covered),
        riders.everything,
        riders.sections,
    )


def _truth(held: Held) -> Truth:
    return held.open if held.holds is None else held.holds


def _certain(
    version: Version,
    rules: tuple[int, ...],
    exclusions: Terms,
    excluded: bool,
    riders: Terms,
    covered: bool,
) -> Finding:
    """The finding of the rules that speak, where that is known of every rule."""
    if not rules:
        return Finding(NOT_APPLICABLE)
    sections = version.sections(rules)
    said = {version.rules[rule].determination for rule in rules}
    # The compiler excludes that rules contradict each other where it can: elsewhere a person decides.
    (determination,) = said if len(said) == 1 else (REVIEW,)
    determination = but_excluded(determination, _fits(exclusions, excluded, sections))
    determination = but_covered(determination, _fits(riders, covered, sections))
    return Finding(determination, sections if determination != EXCLUDED else ())


def _fits(terms: Terms, diagnosed: bool, sections: tuple[str, ...]) -> bool:
    return diagnosed or terms.everything or not terms.sections.isdisjoint(sections)


def _reviews(
    claim: Claim, line: Line, version: Version, facts: LineFacts, held: list[Held], finding: Finding
) -> tuple[dict[str, Any], ...]:
    """What a reviewer is asked: by sections, and where the contract contradicts."""
    asked: list[dict[str, Any]] = [*version.reviews(finding.rules)]
    speaking = {*finding.rules, *finding.unsure}
    possible = version.effective(frozenset(i for i, rule in enumerate(held) if rule.holds is not False))
    says = [version.rules[rule][:2] for rule in possible if version.rules[rule].section in speaking]
    asked += contradictory(says) + contradictions(claim, line, facts, says)
    return tuple(asked)


def _over_completions(case: Case, version: Version, facts: LineFacts, tells_missing: bool) -> Finding:
    """The finding where it is not."""
    try:
        return _asked(questions_of(case, facts.specs, version.facts), tells_missing)
    except TooLarge:
        return Finding("needs_information", missing=Missing((), False), exact=False)


def _asked(asked: Questions, tells_missing: bool) -> Finding:
    made, *more = asked.answered()
    if more:
        missing = asked.missing() if tells_missing else _NOTHING
        return Finding("needs_information", missing=missing, exact=asked.exact)
    determination = made.determination
    if determination in (NOT_APPLICABLE, EXCLUDED):
        return Finding(determination)
    speaking = asked.speaking()
    certain = tuple(section for section, always in speaking.items() if always)
    unsure = tuple(section for section, always in speaking.items() if not always)
    return Finding(determination, certain, unsure)


def _rests_on(version: Version, facts: LineFacts, held: list[Held], finding: Finding) -> list[str]:
    """The assumptions of the sections that answer, or of all where none does, in order of occurrence."""
    answering = {*finding.rules, *finding.unsure}
    if finding.determination == "excluded_by_contract":
        answering = {section for (section, *_), rule in zip(version.rules, held, strict=True) if rule.holds}
    rows = [(row, rule) for row, rule in zip(version.rules, held, strict=True) if row.section in answering]
    plain = [rule for row, rule in rows if not row.otherwise]
    if any(rule.holds for rule in plain):
        behind = plain
    elif any(row.otherwise for row, _ in rows) or not answering:
        behind = held  # what speaks where nothing else does rests on all that does not speak
    else:
        behind = plain
    rests = frozenset[str]().union(*(rule.rests for rule in behind))
    order = (facts.assumptions.get(name, "") if "." in name else name for name in version.order)
    return [name for name in dict.fromkeys(order) if name in rests]


def reasons_of(version: Version, held: list[Held], finding: Finding) -> Reasons | None:
    """The reason codes of the first rule that surely gives the determination, if it names any."""
    if finding.determination == ALLOWED or not version.names_reasons:
        return None
    rows = list(zip(version.rules, held, strict=True))
    holding = [row for row, rule in rows if rule.holds and row.section in finding.rules]
    speaking = [row for row in holding if row.determination == finding.determination]
    plain = [row for row in speaking if not row.otherwise]
    if not plain and any(rule.holds is None for row, rule in rows if not row.otherwise):
        return None
    return next((row.reasons for row in plain or speaking), None)


def _primary(beside: tuple[tuple[str, str | None], ...]) -> list[str]:
    """The assumption by which an add-on's only primary of the day is one."""
    met = [assumption for _, assumption in beside]
    return [name for name in met[:1] if name is not None] if None not in met else []
