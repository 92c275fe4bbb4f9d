"""A compiled policy as plain data, and what is asked of it while claims are decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.codes import Interval, outermost_first
from compiler.runtime.questions import Questions
from compiler.runtime.reader import Claim, Line, Schema

_MOST_KEPT = 4096
"""What has been looked up is kept up to this number, and then forgotten."""

Kleene: TypeAlias = bool | None
"""True, False, or None: what is known does not say."""


class LineFacts:
    """Values by path, with where each comes from; what is not here is unknown."""

    __slots__ = ("assumptions", "origins", "own_diagnoses", "unclear", "values")

    def __init__(self, unclear: dict[str, Unclear], own_diagnoses: bool) -> None:
        self.values: dict[str, Value | None] = {}
        self.origins: dict[str, str] = {}
        self.assumptions: dict[str, str] = {}
        self.unclear = unclear
        self.own_diagnoses = own_diagnoses

    def put(self, path: str, value: Value, origin: str, assumption: str | None = None) -> None:
        """A value and its origin (stated, given, evidence), with the assumption behind it, if one is."""
        self.values[path] = value
        self.origins[path] = origin
        if assumption is not None:
            self.assumptions[path] = assumption

    def shown_path(self, path: str) -> str:
        """The name by which the claim knows a fact: a line's own diagnoses are the line's, an age is known by
        the date of birth.
        """
        if path == "member.age":
            return "member.birth_date"
        return "line.diagnoses" if path == "claim.diagnoses" and self.own_diagnoses else path


class CodeRow(NamedTuple):
    """When the procedure codes from `low` to before `high` are valid, [start, end), known since `posted`;
    what a billed unit stands for (`per`), the facts that the code itself gives, and its successors.
    """

    low: str
    high: str
    start: date | None = None
    end: date | None = None
    posted: date | None = None
    per: tuple[Decimal, str] | None = None
    gives: tuple[tuple[str, str | bool], ...] = ()
    replaced_by: tuple[str, ...] = ()

    def on(self, day: date) -> bool:
        """Whether the code is valid on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


class Listed(NamedTuple):
    """A row of the policy's code table; `needs`: codes of which one must stand beside, with assumptions."""

    needs: tuple[tuple[str, str | None], ...] = ()
    assumption: str | None = None


class EvidenceRule(NamedTuple):
    """A fact that may be taken from the other lines of the day: those of some codes, or all (None)."""

    fact: str
    codes: tuple[Interval, ...] | None
    assumption: str | None


class RevisionRow(NamedTuple):
    """A revision, how decisions name it, and the codes that it lists."""

    effective: date
    posted: date
    name: str
    lists: tuple[str, ...] = ()


class Held(NamedTuple):
    """Whether a rule holds, and the assumptions that this rests on."""

    holds: Kleene
    rests: frozenset[str]


class Version(NamedTuple):
    """What stands in one stretch of days: the rules in document order, and all that decides with them.

    `order` names the assumptions in order of occurrence; an entry with a dot is a fact, and stands for
    the assumption by which the line's fact was taken, if one was.
    """

    rules: tuple[tuple[str, str], ...]
    overrides: tuple[tuple[str, str], ...]
    listed: Mapping[str, Listed]
    open: bool
    stating: tuple[str, ...]
    evidence: tuple[EvidenceRule, ...]
    assumptions: tuple[str, ...]
    order: tuple[str, ...]
    held: Callable[[LineFacts], list[Held]]
    questions: Questions | None

    def effective(self, holding: frozenset[int]) -> tuple[int, ...]:
        """Of the rules that hold (by position), those that no effective section overrides."""
        if not self.overrides:
            return tuple(sorted(holding))
        sections = {self.rules[index][0] for index in holding}
        silent: dict[str, bool] = {}

        def is_silent(section: str) -> bool:
            if section not in silent:
                silent[section] = any(
                    loser == section and winner in sections and not is_silent(winner)
                    for winner, loser in self.overrides
                )
            return silent[section]

        return tuple(i for i in sorted(holding) if not is_silent(self.rules[i][0]))

    def sections(self, rules: tuple[int, ...]) -> tuple[str, ...]:
        """The names of the sections of some rules, each once, in document order."""
        return tuple(dict.fromkeys(self.rules[index][0] for index in rules))


class Policy:
    """A compiled policy. `absent` says what it means that a claim does not state a fact, by path."""

    def __init__(
        self,
        package: str,
        digest: str,
        schema: Schema,
        absent: Mapping[str, tuple[Value, str | None]],
        governed_by: str,
        subject_to: tuple[str, ...],
        revisions: tuple[RevisionRow, ...],
        rows: tuple[CodeRow, ...],
    ) -> None:
        self.package = package
        self.digest = digest
        self.schema = schema
        self.absent = absent
        self.governed_by = governed_by
        self.subject_to = subject_to
        self.revisions = revisions
        self.code_rows = rows
        self._by_code: dict[tuple[str, date | None], list[CodeRow]] = {}
        self._visible: dict[date | None, tuple[tuple[RevisionRow, ...], frozenset[str]]] = {}

    def governing(self, claim: Claim, line: Line) -> date | None:
        """The day that governs a line, or None where the claim does not state it."""
        if self.governed_by == "line.service_date":
            return line.day
        stated = line.stated.get(self.governed_by, claim.stated.get(self.governed_by))
        return stated if isinstance(stated, date) else None

    def version(self, day: date, known_on: date | None) -> Version | None:
        """What stands on a day as known on another; None where no version is in force."""
        raise NotImplementedError

    def visible(self, known_on: date | None) -> tuple[RevisionRow, ...]:
        """The revisions that one knew on a day."""
        return self._known(known_on)[0]

    def _known(self, known_on: date | None) -> tuple[tuple[RevisionRow, ...], frozenset[str]]:
        """The revisions that one knew on a day, and the codes that they list."""
        known = self._visible.get(known_on)
        if known is None:
            rows = tuple(row for row in self.revisions if known_on is None or row.posted <= known_on)
            known = rows, frozenset(code for row in rows for code in row.lists)
            if len(self._visible) >= _MOST_KEPT:
                self._visible.clear()
            self._visible[known_on] = known
        return known

    def revision(self, day: date, known_on: date | None) -> str | None:
        """The name of the last revision in force, by effective date."""
        in_force = [row for row in self.visible(known_on) if row.effective <= day]
        return max(in_force).name if in_force else None

    def ever_listed(self, code: str, known_on: date | None) -> bool:
        """Whether any visible revision lists a code."""
        return code in self._known(known_on)[1]

    def rows(self, code: str, known_on: date | None) -> list[CodeRow]:
        """The library rows of a procedure code that are known, in order of validity."""
        rows = self._by_code.get((code, known_on))
        if rows is None:
            found = [row for row in self.code_rows if row.low <= code < row.high]
            known = [r for r in found if known_on is None or r.posted is None or r.posted <= known_on]
            # Of rows inside each other the narrowest decides.
            narrowest = outermost_first((row.low, row.high) for row in known)[-1:]
            own = [row for row in known if (row.low, row.high) in narrowest]
            rows = sorted(own, key=lambda row: row.start or date.min)
            if len(self._by_code) >= _MOST_KEPT:
                self._by_code.clear()
            self._by_code[code, known_on] = rows
        return rows

    def row(self, code: str, day: date, known_on: date | None) -> CodeRow | None:
        """The library row by which a procedure code is valid on a day."""
        return next((row for row in self.rows(code, known_on) if row.on(day)), None)

    def valid(self, code: str, day: date, known_on: date | None) -> bool:
        """Whether a procedure code is valid on a day; one that no library lists counts as valid."""
        return self.row(code, day, known_on) is not None or not self.rows(code, known_on)
