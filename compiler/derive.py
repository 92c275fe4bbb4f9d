"""The facts of a line: stated by the claim, given by the policy, taken as evidence, or unknown.

One pure step over what is stated; it is never run again inside a completion.
"""

from __future__ import annotations

from datetime import date

from attrs import Factory, define

from compiler.decision import Decision, EvidenceRule
from compiler.interpret import Value
from compiler.program import Program
from compiler.runtime.codes import contains
from compiler.runtime.reader import Claim, Line, Unclear


@define
class LineFacts:
    """Values by path, with where each comes from; what is not here is unknown."""

    values: dict[str, Value | None] = Factory(dict)
    origins: dict[str, str] = Factory(dict)
    assumptions: dict[str, str] = Factory(dict)
    unclear: dict[str, Unclear] = Factory(dict)
    own_diagnoses: bool = False

    def put(self, path: str, value: Value, origin: str, assumption: str | None = None) -> None:
        """A value and its origin, with the assumption behind it, if one is."""
        self.values[path] = value
        self.origins[path] = origin
        if assumption is not None:
            self.assumptions[path] = assumption

    def shown_path(self, path: str) -> str:
        """The name by which the claim knows a fact: a line's own diagnoses are the line's."""
        return "line.diagnoses" if path == "claim.diagnoses" and self.own_diagnoses else path


def derive(
    program: Program, decision: Decision, claim: Claim, line: Line, day: date, known_on: date | None
) -> LineFacts:
    """The facts of one line of a claim, whose code is read as of the governing day."""
    facts = LineFacts(unclear={**claim.unclear, **line.unclear}, own_diagnoses=line.own_diagnoses)
    for path, value in {**claim.stated, **line.stated}.items():
        facts.put(path, value, "stated")
    if line.own_diagnoses:
        facts.values.pop("claim.diagnoses", None)
        facts.origins.pop("claim.diagnoses", None)
        if "line.diagnoses" in line.stated:
            facts.put("claim.diagnoses", line.stated["line.diagnoses"], "stated")
    open_paths = [path for path in program.facts if path not in facts.values and path not in facts.unclear]
    given = _given(program, line.code, day, known_on)
    for path in open_paths:
        if path in given:
            facts.put(path, given[path], "given")
    for rule in decision.evidence:
        if rule.fact in open_paths and rule.fact not in facts.values:
            found = _evidence(program, rule, claim, line, known_on)
            if found is None or len(found) > 1:
                open_paths.remove(rule.fact)
            for value in found if found is not None and len(found) == 1 else ():
                facts.put(rule.fact, value, "evidence", rule.assumption)
    for path in open_paths:
        fact = program.facts[path]
        if path not in facts.values and fact.absent is not None:
            meant = {"true": True, "false": False}.get(fact.absent, fact.absent)
            assumption = fact.absent_assumption.name if fact.absent_assumption else None
            facts.put(path, meant, "given", assumption)
    return facts


def _given(program: Program, code: str, day: date, known_on: date | None) -> dict[str, Value]:
    """What a code itself says, where it is valid that day."""
    entry = program.entry(code, day, known_on)
    gives = entry.gives if entry is not None else ()
    return {path: {"true": True, "false": False}.get(value, value) for path, value in gives}


def _evidence(
    program: Program, rule: EvidenceRule, claim: Claim, line: Line, known_on: date | None
) -> set[Value] | None:
    """The values that the other lines of the day state or give; None where one cannot be told."""
    found: set[Value] = set()
    for other in claim.lines:
        if other is line or other.day != line.day or not program.valid(other.code, other.day, known_on):
            continue
        if rule.codes is not None and not contains(rule.codes, other.code):
            continue
        if rule.fact in other.unclear:
            return None
        if rule.fact in other.stated:
            found.add(other.stated[rule.fact])
        else:
            given = _given(program, other.code, other.day, known_on)
            found |= {given[rule.fact]} if rule.fact in given else set()
    return found
