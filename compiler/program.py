"""A compiled policy: what is asked of it while claims are decided."""

from __future__ import annotations

from datetime import date

from attrs import Factory, define, field

from compiler import amendments as a
from compiler.completions import Completions
from compiler.consolidate import Consolidated
from compiler.decision import Decision
from compiler.diagram import TooLarge
from compiler.lower import Lowering, revision_on
from compiler.model import (
    BoolType,
    CodeEntry,
    CodesType,
    CodeType,
    DayType,
    DecimalType,
    EnumType,
    FactDecl,
    FactType,
    RevisionId,
    TextsType,
    TextType,
)
from compiler.runtime.reader import FactSpec, Schema

PROCEDURE_SYSTEMS = ("cpt", "hcpcs")


@define
class Program:
    """One policy, ready to decide. Decisions and diagrams are made when first asked for."""

    package: str
    consolidated: Consolidated
    lowering: Lowering
    facts: dict[str, FactDecl]
    digest: str
    schema: Schema = field(init=False)
    types: dict[str, FactType] = field(init=False)
    _entries: dict[str, list[CodeEntry]] = Factory(dict)
    _completions: dict[Decision, Completions | None] = Factory(dict)

    def __attrs_post_init__(self) -> None:
        self.schema = {path: spec(fact) for path, fact in self.facts.items()}
        self.types = {path: fact.type for path, fact in self.facts.items()}

    def revision(self, day: date, known_on: date | None) -> RevisionId | None:
        """The last revision in force, or None before the first and after retirement."""
        if self.consolidated.at(day, known_on) is None:
            return None
        return revision_on(self.consolidated, day, known_on)

    def revision_name(self, revision: RevisionId) -> str:
        """A revision as decisions name it: with its posting date where two share the effective date."""
        shared = [r for r in self.consolidated.policy.revisions if r.id.effective == revision.effective]
        return str(revision.effective) if len(shared) == 1 else f"{revision.effective}@{revision.posted}"

    def decision(self, day: date, known_on: date | None) -> Decision | None:
        """What stands on a day as known on another."""
        return self.lowering.at(day, known_on)

    def completions(self, decision: Decision) -> Completions | None:
        """The diagram of a decision, or None where it is too large."""
        if decision not in self._completions:
            try:
                self._completions[decision] = Completions.of(decision, self.types)
            except TooLarge:
                self._completions[decision] = None
        return self._completions[decision]

    def ever_listed(self, known_on: date | None) -> frozenset[str]:
        """The codes that any visible revision lists."""
        codes: set[str] = set()
        for revision in self.visible(known_on):
            for amendment in revision.amendments:
                if isinstance(amendment, a.PutTable):
                    codes |= {row.code for row in amendment.table.rows}
                elif isinstance(amendment, a.PutCodes):
                    codes |= {row.code for row in amendment.added}
        return frozenset(codes)

    def visible(self, known_on: date | None) -> list[a.Revision]:
        """The revisions that one knew on a day."""
        revisions = self.consolidated.policy.revisions
        return [r for r in revisions if known_on is None or r.id.posted <= known_on]

    def entries(self, code: str, known_on: date | None) -> list[CodeEntry]:
        """The library rows of a procedure code that are known, in order of validity."""
        if code not in self._entries:
            rows = [
                entry
                for entry in self.lowering.entries
                if entry.system in PROCEDURE_SYSTEMS and entry.codes[0] <= code < entry.codes[1]
            ]
            self._entries[code] = sorted(rows, key=lambda e: e.validity.start or date.min)
        return [entry for entry in self._entries[code] if entry.validity.known(known_on)]

    def entry(self, code: str, day: date, known_on: date | None) -> CodeEntry | None:
        """The library row by which a procedure code is valid on a day."""
        rows = self.entries(code, known_on)
        return next((entry for entry in rows if entry.validity.on(day)), None)

    def valid(self, code: str, day: date, known_on: date | None) -> bool:
        """Whether a procedure code is valid on a day; one that no library lists counts as valid."""
        return self.entry(code, day, known_on) is not None or not self.entries(code, known_on)


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
        case DecimalType():
            return FactSpec(fact.path, "decimal")
        case CodeType(system):
            return FactSpec(fact.path, "code", system)
        case CodesType(system):
            return FactSpec(fact.path, "codes", system)
