"""A compiled policy as the interpreter runs it: versions are made when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from datetime import date
from functools import cached_property
from typing import Any

from compiler.answers.explain import explain
from compiler.binding.amendments import listed_codes, written_sections
from compiler.binding.resolve import PolicyText
from compiler.binding.scope import BUILT_IN, NOWHERE, procedures
from compiler.history.consolidate import Consolidated
from compiler.ir.decision import Decision
from compiler.ir.occurring import occurring
from compiler.ir.without import without
from compiler.lower import Lowering
from compiler.model import (
    BoolType,
    CodesType,
    CodeType,
    DayType,
    EnumType,
    FactDecl,
    FactType,
    NumberType,
    RecordsType,
    RevisionId,
    TextsType,
    TextType,
)
from compiler.model.units import NO_UNIT
from compiler.runtime.adjudicate import adjudicate, decision
from compiler.runtime.claim_values import FactSpec, Value
from compiler.runtime.conditions import Held
from compiler.runtime.derive import STATED
from compiler.runtime.judge import judge
from compiler.runtime.kept import Kept
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import DERIVED, Claim
from compiler.runtime.tables import (
    CodeRow,
    EvidenceRule,
    Giver,
    Listed,
    Policy,
    RevisionRow,
    Version,
)


class Program(Policy):
    """One policy, decided by running its IR."""

    def __init__(
        self,
        consolidated: Consolidated,
        lowering: Lowering,
        facts: dict[str, FactDecl],
        digest: str,
        unmade: frozenset[str] = frozenset(),
    ) -> None:
        policy = consolidated.policy
        super().__init__(
            policy.unit.package,
            digest,
            {path: spec(fact) for path, fact in facts.items() if path not in DERIVED},
            {p: meant for p, meant in absences(facts) if meant[1] not in unmade},
            policy.governed_by,
            policy.subject_to,
            tuple(
                RevisionRow(
                    revision.id.effective,
                    revision.id.posted,
                    revision_name(revision.id, consolidated),
                    listed_codes((revision,)),
                    written_sections(revision),
                )
                for revision in policy.revisions
            ),
            tuple(code_rows(lowering, facts)),
            tuple(givers(lowering, facts)),
        )
        self.specs |= {path + STATED: FactSpec(path + STATED, "boolean") for path in facts}
        self.consolidated = consolidated
        self.lowering = lowering
        self.facts = facts
        self.unmade = unmade
        self._without: dict[frozenset[str], Program] = {}
        self._decisions: dict[int, tuple[Decision, Decision]] = {}
        self._versions: dict[Decision, Version] = {}

    @property
    def day_cuts(self) -> tuple[date, ...]:
        """The days on which something changes."""
        return self.lowering.day_cuts

    @property
    def posting_cuts(self) -> tuple[date, ...]:
        """The days on which something becomes known."""
        return self.lowering.posting_cuts

    def decision(self, day: date, known_on: date | None) -> Decision | None:
        """What stands on a day as known on another."""
        made = self.lowering.at(day, known_on)
        if made is None or not self.unmade:
            return made
        if id(made) not in self._decisions:
            self._decisions[id(made)] = made, without(made, self.unmade)
        return self._decisions[id(made)][1]

    @property
    def assumptions(self) -> dict[str, str]:
        """The assumptions of the policy and its libraries, each with its reason."""
        units = self.consolidated.policy.unit.closure()
        return {name: found.reason for unit in units for name, found in unit.assumptions.items()}

    def without(self, names: frozenset[str]) -> Program:
        """The policy that does not make some assumptions."""
        unmade = self.unmade | names
        if unmade not in self._without:
            made = Program(self.consolidated, self.lowering, self.facts, self.digest, unmade)
            self._without[unmade] = made
        return self._without[unmade]

    @cached_property
    def terse(self) -> Program:
        """The same policy, whose decisions do not tell what is missing."""
        made = copy(self)
        made.found, made.tells_missing = Kept(), False
        return made

    def version(self, day: date, known_on: date | None) -> Version | None:
        stands = self.decision(day, known_on)
        return None if stands is None else self.version_of(stands)

    def version_of(self, stands: Decision) -> Version:
        """A decision as what decides claims."""
        if stands not in self._versions:
            self._versions[stands] = self._version(stands)
        return self._versions[stands]

    def _version(self, stands: Decision) -> Version:
        def all_held(facts: LineFacts) -> list[Held]:
            return [judge(rule.condition, facts) for rule in stands.rules]

        asked = tuple(dict.fromkeys(name for rule in stands.rules for name in occurring(rule.condition)))
        return Version(
            tuple(rule.row for rule in stands.rules),
            stands.overrides,
            {row.code: Listed(row.needs, row.assumption) for row in stands.listed},
            stands.open,
            stands.stating,
            tuple(EvidenceRule(e.fact, e.codes, e.assumption) for e in stands.evidence),
            stands.assumptions,
            asked,
            all_held,
            stands.limits,
            tuple(name.removesuffix(STATED) for name in asked if name.endswith(STATED)),
        )

    def explained(self, claim: Claim, known_on: date | None) -> dict[str, Any]:
        """The decision of a claim, each line with its explanation."""
        lines = []
        for line in claim.lines:
            made = adjudicate(self, claim, line, known_on)
            shown = made.as_dict(line, explain=True)
            shown["explanation"] = []
            if made.facts is not None:
                stands = next(d for d, version in self._versions.items() if version is made.version)
                shown["explanation"] = explain(stands, made.facts)
            lines.append(shown)
        return decision(self, claim, known_on, lines)


def revision_name(revision: RevisionId, consolidated: Consolidated) -> str:
    """A revision as decisions name it: with its posting date where two share the effective date."""
    shared = [r for r in consolidated.policy.revisions if r.id.effective == revision.effective]
    return str(revision.effective) if len(shared) == 1 else f"{revision.effective}@{revision.posted}"


def code_rows(lowering: Lowering, facts: dict[str, FactDecl]) -> list[CodeRow]:
    """The library's rows of procedures and diagnoses, and of codes that give facts."""
    systems = {giver.system for giver in givers(lowering, facts)} | {"procedure", "icd10cm"}
    return [
        CodeRow(
            *entry.codes,
            entry.validity.start,
            entry.validity.end,
            entry.validity.posted,
            entry.per,
            entry.gives,
            entry.replaced_by,
            procedures(entry.system),
        )
        for entry in lowering.entries
        if procedures(entry.system) in systems
    ]


def givers(lowering: Lowering, facts: dict[str, FactDecl]) -> list[Giver]:
    """The facts whose codes give others, one whose code is given behind the one that gives it."""
    given = dict.fromkeys(path for entry in lowering.entries for path, _ in entry.gives)
    found = _givers(
        "", "", given, {p: f.giver for p, f in facts.items()}, {p: f.type for p, f in facts.items()}
    )
    for path, fact in facts.items():
        if isinstance(fact.type, RecordsType):
            record = fact.type.record
            found += _givers(path, f"{record.id}.", given, dict(record.given), dict(record.fields))
    return found


def _givers(
    listed: str, prefix: str, given: Iterable[str], by: dict[str, str], kinds: dict[str, FactType]
) -> list[Giver]:
    """The givers among facts, or among the fields of a list's records."""
    gives: dict[str, list[str]] = {}
    for path in given:
        name = path.removeprefix(prefix)
        if path.startswith(prefix) and name in by:
            gives.setdefault(by[name], []).append(path)

    def depth(giver: str) -> int:
        return 1 + depth(by[giver]) if prefix + giver in given and giver in by else 0

    return [
        Giver(giver, procedures(kind.system), tuple(gives[giver]), listed)
        for giver in sorted(gives, key=depth)
        if isinstance(kind := kinds[giver], CodeType)
    ]


def absences(facts: dict[str, FactDecl]) -> Iterator[tuple[str, tuple[Value, str | None]]]:
    """What it means that a claim does not state facts, by path."""
    return ((fact.path, absent(fact)) for fact in facts.values() if fact.absent is not None)


def absent(fact: FactDecl) -> tuple[Value, str | None]:
    """What it means that a claim does not state a fact, and the assumption behind it."""
    assumption = fact.absent_assumption.name if fact.absent_assumption else None
    return meant(fact, fact.absent or ""), assumption


def meant(fact: FactDecl, value: str) -> bool | str | tuple[()]:
    """What absence means, as claims state it."""
    return () if isinstance(fact.type, CodesType | TextsType | RecordsType) else named(fact, value)


def named(fact: FactDecl, value: str) -> bool | str:
    """A named value of a fact as claims state it."""
    return value == "true" if isinstance(fact.type, BoolType) else value


def spec(fact: FactDecl) -> FactSpec:
    """What the reader of claims needs to know of a fact."""
    match fact.type:
        case EnumType(open_, members, aliases):
            names = {member.casefold(): member for member in members}
            names |= {alias.casefold(): member for alias, member in aliases}
            return FactSpec(fact.path, "enum", "", open_, names)
        case BoolType():
            return FactSpec(fact.path, "boolean")
        case DayType():
            return FactSpec(fact.path, "date")
        case TextType():
            return FactSpec(fact.path, "text")
        case TextsType():
            return FactSpec(fact.path, "texts")
        case NumberType():
            return number_spec(fact.path, fact.type)
        case CodeType(system):
            return FactSpec(fact.path, "code", system)
        case CodesType(system):
            return FactSpec(fact.path, "codes", system)
        case RecordsType(record):
            fields = tuple(_field(name, kind) for name, kind in record.fields)
            return FactSpec(fact.path, "records", fields=fields)


def _field(name: str, kind: FactType) -> FactSpec:
    return spec(FactDecl(name, kind, span=NOWHERE))


def number_spec(path: str, kind: NumberType) -> FactSpec:
    """What the reader of claims needs to know of a number."""
    name = "integer" if kind.integer else "decimal"
    its = "" if kind.unit == NO_UNIT else kind.unit.text
    return FactSpec(path, name, low=kind.low, high=kind.high, above=kind.above, below=kind.below, unit=its)


def program_of(policy: PolicyText, lowering: Lowering, others: Mapping[str, Program]) -> Program:
    """The program of a policy that was consolidated and lowered, with the policies that it imports."""
    facts = dict(BUILT_IN)
    for unit in policy.unit.closure():
        facts |= unit.facts
    return Program(lowering.consolidated, lowering, facts, digest(policy, others.values()))


def digest(policy: PolicyText, others: Iterable[Program] = ()) -> str:
    """A digest of what a policy and all that it rests on mean, free of layout and comments."""
    units = sorted(policy.unit.closure(), key=lambda unit: unit.package)
    meaning = [
        (unit.package, unit.facts, unit.codes, unit.concepts, unit.definitions, unit.evidence)
        for unit in units
    ]
    said = (
        policy.title,
        policy.payer,
        policy.governed_by,
        policy.subject_to,
        policy.revisions,
        policy.applies,
        *(other.digest for other in others),
    )
    return "sha256:" + hashlib.sha256(repr((meaning, said)).encode()).hexdigest()
