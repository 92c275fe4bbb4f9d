"""A compiled policy as plain data, and what is asked of it while claims are decided."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from compiler.runtime.claim_values import Scalar, Value
from compiler.runtime.codes import Interval, outermost_first
from compiler.runtime.conditions import Held, Test
from compiler.runtime.kept import MOST_KEPT, Found, Kept
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import RuleRow
from compiler.runtime.reader import BUILT_IN, DERIVED, Claim, Line, Schema
from compiler.runtime.windows import Offset

Signature: TypeAlias = tuple[Hashable, ...]
"""What tells a line from others that are decided otherwise."""


class CodeRow(NamedTuple):
    """When the codes of a system from `low` to before `high` are valid, [start, end), known since `posted`;
    what a billed unit stands for (`per`), the facts that the code itself gives, and its successors.
    """

    low: str
    high: str
    start: date | None = None
    end: date | None = None
    posted: date | None = None
    per: tuple[Decimal, str] | None = None
    gives: tuple[tuple[str, Scalar], ...] = ()
    replaced_by: tuple[str, ...] = ()
    system: str = "procedure"

    def known(self, known_on: date | None) -> bool:
        """Whether one who knew what was posted by a day knew of this row."""
        return known_on is None or self.posted is None or self.posted <= known_on

    def on(self, day: date) -> bool:
        """Whether the code is valid on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


_NO_ROW = CodeRow("", "")
"""Stands for what has not been looked up."""


class Giver(NamedTuple):
    """A fact that holds a code of a system, and the facts that this code gives; with a list, a field of its
    records, and the fields that the code gives there.
    """

    by: str
    system: str
    gives: tuple[str, ...]
    list: str = ""


class Listed(NamedTuple):
    """A row of the policy's code table; `needs`: codes of which one must stand beside, with assumptions."""

    needs: tuple[tuple[str, str | None], ...] = ()
    assumption: str | None = None


class EvidenceRule(NamedTuple):
    """A fact that may be taken from the other lines of the day: those of some codes, or all (None)."""

    fact: str
    codes: tuple[Interval, ...] | None
    assumption: str | None


class LimitRow(NamedTuple):
    """So much may be billed in a period that ends on the line's day, and begins so far from it, or with all
    time; what is above has a determination of its own. `units` are those of codes that count, each with what
    it comes to; without, billed units count. `codes` are counted together; without, each code for itself,
    with those that it replaces and that replace it. `doubted`: how much is allowed is not known.
    """

    section: str
    amount: Decimal
    units: tuple[tuple[str, Decimal], ...]
    since: Offset | None
    determination: str
    shown: str
    codes: tuple[str, ...] = ()
    cites: str | None = None
    assumption: str | None = None
    reasons: tuple[str, tuple[str, ...]] | None = None
    doubted: bool = False


class RevisionRow(NamedTuple):
    """A revision, how decisions name it, the codes that it lists, and the sections that it writes."""

    effective: date
    posted: date
    name: str
    lists: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What rules ask of facts, by path: tests of a value, or of an element of a list, each with the name by
    which the test knows it. Of the facts `whole` they can tell any two values apart.
    """

    tests: Mapping[str, tuple[tuple[str, Test], ...]]
    whole: tuple[str, ...] = ()


class Version(NamedTuple):
    """What stands in one stretch of days: the rules in document order, and all that decides with them.

    `order` names the assumptions in order of occurrence; an entry with a dot is a fact, and stands for
    the assumption by which the line's fact was taken, if one was. Of the facts `asks_stated` it is asked
    whether the line itself states them.
    """

    rules: tuple[RuleRow, ...]
    overrides: tuple[tuple[str, str], ...]
    listed: Mapping[str, Listed]
    open: bool
    stating: tuple[str, ...]
    evidence: tuple[EvidenceRule, ...]
    assumptions: tuple[str, ...]
    order: tuple[str, ...]
    held: Callable[[LineFacts], list[Held]]
    limits: tuple[LimitRow, ...] = ()
    asks_stated: tuple[str, ...] = ()
    asked: Asked | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that the rules ask, in order of occurrence."""
        return tuple(name for name in self.order if "." in name)

    @property
    def names_reasons(self) -> bool:
        """Whether a rule has reason codes of its own."""
        return any(row.reasons is not None for row in self.rules)

    def effective(self, holding: frozenset[int]) -> tuple[int, ...]:
        """Of the rules that hold (by position), those that no effective section overrides."""
        spoken = self._not_overridden(holding) if self.overrides else tuple(sorted(holding))
        first = tuple(i for i in spoken if not self.rules[i].otherwise)
        return first or spoken

    def _not_overridden(self, holding: frozenset[int]) -> tuple[int, ...]:
        sections = {self.rules[i].section for i in holding if not self.rules[i].otherwise}
        silent: dict[str, bool] = {}

        def is_silent(section: str) -> bool:
            if section not in silent:
                silent[section] = any(
                    loser == section and winner in sections and not is_silent(winner)
                    for winner, loser in self.overrides
                )
            return silent[section]

        return tuple(i for i in sorted(holding) if not is_silent(self.rules[i].section))

    def reviews(self, sections: tuple[str, ...]) -> list[dict[str, str]]:
        """What the sections that send a line to review ask there, and of whom."""
        asked = [rule for rule in self.rules if rule.section in sections and rule.question is not None]
        return [
            {"section": rule.section, "question": str(rule.question)}
            | ({"addressee": rule.addressee} if rule.addressee is not None else {})
            for rule in asked
        ]

    def sections(self, rules: tuple[int, ...]) -> tuple[str, ...]:
        """The names of the sections of some rules, each once, in document order."""
        return tuple(dict.fromkeys(self.rules[index].section for index in rules))


class Policy:
    """A compiled policy. `absent` says what it means that a claim does not state a fact, by path; a giver
    whose code another gives stands behind that.
    """

    tells_missing = True
    """Whether decisions tell what is missing, which takes longer than all the rest."""

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
        givers: tuple[Giver, ...],
    ) -> None:
        self.package = package
        self.digest = digest
        self.schema = schema
        self.specs = {**BUILT_IN, **DERIVED, **schema}
        self.found: Kept[object, object] = Kept()
        self.ruled: Kept[Hashable, Any] = Kept()
        self.adjudicated: Kept[Signature, Any] = Kept(4 * MOST_KEPT)
        self.told: Kept[str, Any] = Kept()
        self.absent = absent
        self.governed_by = governed_by
        self.subject_to = subject_to
        self.revisions = revisions
        self.code_rows = rows
        self.givers = givers
        self.fact_givers = tuple(giver for giver in givers if not giver.list)
        self.field_givers = tuple(giver for giver in givers if giver.list)
        self._diagnosis_rows = [row for row in rows if row.system == "icd10cm"]
        self.knows_diagnoses = bool(self._diagnosis_rows)
        self._knows: Kept[str, bool] = Kept()
        self._strange: set[str | None] = {None}
        self._by_code: Kept[tuple[str, date | None, str], list[CodeRow]] = Kept()
        self._row: Kept[tuple[str, date, date | None, str], CodeRow | None] = Kept()
        self._parts: Kept[tuple[str, date | None], list[CodeRow]] = Kept()
        self._visible: Kept[date | None, tuple[tuple[RevisionRow, ...], frozenset[str]]] = Kept()
        self.heard: Kept[Hashable, bool] = Kept()
        self.gifts = Found(self._gifts)
        self.not_valid: Kept[Hashable, Any] = Kept()
        self.said: Kept[Hashable, Any] = Kept()
        self._families: Kept[str, frozenset[str]] = Kept()
        self._about: tuple[Claim | None, dict[Hashable, Any]] = (None, {})

    def keep_at_most(self, number: int) -> None:
        """Keep no more than a number of decisions, for one of many policies."""
        for kept in (self.adjudicated, self.told, self.found, self.ruled):
            kept.most = min(kept.most, number)

    def signatures(self, claim: Claim, known_on: date | None) -> Sequence[Signature | None]:
        """What tells the lines of a claim apart, for those of which decisions are kept by that: here none."""
        return [None] * len(claim.lines)

    def about(self, claim: Claim) -> dict[Hashable, Any]:
        """What was found out about all lines of a claim together, kept until another claim is decided."""
        kept = self._about
        if kept[0] is not claim:
            kept = self._about = claim, {}
        return kept[1]

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
            self._visible.keep(known_on, known)
        return known

    def revision(self, day: date, known_on: date | None) -> str | None:
        """The name of the last revision in force, by effective date."""
        in_force = [row for row in self.visible(known_on) if row.effective <= day]
        return max(in_force).name if in_force else None

    def ever_listed(self, known_on: date | None) -> frozenset[str]:
        """The codes that any visible revision lists."""
        return self._known(known_on)[1]

    def rows(self, code: str, known_on: date | None, system: str = "procedure") -> list[CodeRow]:
        """The library rows of a code that are known, in order of validity."""
        rows = self._by_code.get((code, known_on, system))
        if rows is None:
            found = [row for row in self.code_rows if row.low <= code < row.high and row.system == system]
            known = [row for row in found if row.known(known_on)]
            # Of rows inside each other the narrowest decides.
            narrowest = outermost_first((row.low, row.high) for row in known)[-1:]
            own = [row for row in known if (row.low, row.high) in narrowest]
            rows = sorted(own, key=lambda row: row.start or date.min)
            self._by_code.keep((code, known_on, system), rows)
        return rows

    def knows(self, diagnosis: str) -> bool:
        """Whether any library row speaks of a diagnosis code, or of codes into which it is divided."""
        known = self._knows.get(diagnosis)
        if known is None:
            rows = self._diagnosis_rows
            known = any(row.low <= diagnosis < row.high or row.low.startswith(diagnosis) for row in rows)
            self._knows.keep(diagnosis, known)
            if not known:
                if len(self._strange) >= MOST_KEPT:
                    self._strange = {None}
                self._strange.add(diagnosis)
        return known

    def knows_none(self, diagnoses: Iterable[object]) -> bool:
        """Whether it was found out already that no library row speaks of any of some diagnosis codes."""
        return self._strange.issuperset(diagnoses)

    def parts(self, diagnosis: str, known_on: date | None) -> list[CodeRow]:
        """The known library rows of the codes into which a diagnosis code is divided."""
        parts = self._parts.get((diagnosis, known_on))
        if parts is None:
            found = [row for row in self._diagnosis_rows if row.known(known_on)]
            parts = [row for row in found if row.low.startswith(diagnosis) and row.low != diagnosis]
            self._parts.keep((diagnosis, known_on), parts)
        return parts

    def row(self, code: str, day: date, known_on: date | None, system: str = "procedure") -> CodeRow | None:
        """The library row by which a code is valid on a day."""
        found = self._row.get((code, day, known_on, system), _NO_ROW)
        if found is _NO_ROW:
            valid = (row for row in self.rows(code, known_on, system) if row.on(day))
            found = self._row.keep((code, day, known_on, system), next(valid, None))
        return found

    def _gifts(self, of: tuple[str, date, date | None, Giver]) -> dict[str, Scalar]:
        """What a code says on a day of the facts that a giver's codes give."""
        code, day, known_on, giver = of
        row = self.row(code, day, known_on, giver.system)
        return {path: value for path, value in row.gives if path in giver.gives} if row is not None else {}

    def family(self, code: str) -> frozenset[str]:
        """A code with its predecessors and successors: what stands for the same, whatever it is called."""
        known = self._families.get(code)
        return known if known is not None else self._families.keep(code, self._family(code))

    def _family(self, code: str) -> frozenset[str]:
        rows = [row for row in self.code_rows if row.system == "procedure"]
        found, waiting = {code}, [code]
        while waiting:
            each = waiting.pop()
            linked = [new for row in rows if row.low == each for new in row.replaced_by]
            linked += [row.low for row in rows if each in row.replaced_by]
            waiting += [other for other in linked if other not in found]
            found.update(linked)
        return frozenset(found)

    def valid(self, code: str, day: date, known_on: date | None) -> bool:
        """Whether a procedure code is valid on a day; one that no library lists counts as valid."""
        return self.row(code, day, known_on) is not None or not self.rows(code, known_on)
