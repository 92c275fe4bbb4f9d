"""How the values of each fact are told apart by a policy, as its partition has it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from datetime import date
from functools import cache

from compiler.partition import SERVICE, Partition
from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.atoms import Condition
from compiler.runtime.claim_values import Record, Unclear, Value
from compiler.runtime.codes import contains
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.diagnoses import said_of
from compiler.runtime.judge import judge
from compiler.runtime.limits import speaks_of
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.tables import Policy, Version

PROCEDURE = "line.procedure"
OWN_DIAGNOSES = "line.diagnoses"
ECHOED = ("enum", "text", "code")
"""Facts whose values edits repeat as they were stated."""

Kind = tuple[bool | None, ...]


class Telling:
    """What one policy, as known on a day, can tell apart."""

    def __init__(self, policy: Policy, partition: Partition, known_on: date | None) -> None:
        self.policy = policy
        self.partition = partition
        self.known_on = known_on
        self.versions = list(self._versions())
        self.evidence = frozenset(partition.evidence)
        self.givers = frozenset(giver.by for giver in policy.fact_givers)
        windows = {path for atom in partition.windows for path in (atom.fact, atom.window.anchor)}
        derived = {path for giver in policy.fact_givers for path in giver.gives} | self.evidence
        derived |= policy.absent.keys()
        self.windows = tuple(
            atom
            for atom in partition.windows
            if not {atom.fact, atom.window.anchor} & (derived | {AGE}) and atom.fact != atom.window.anchor
        )
        paired = {path for atom in self.windows for path in (atom.fact, atom.window.anchor)}
        self.whole = partition.whole | (windows - paired) | (self.givers - {PROCEDURE})
        for atom in partition.windows:
            if atom not in self.windows:
                self.whole |= {atom.fact, atom.window.anchor}
        self._named: dict[str, bool] = {}
        self._given: dict[str, set[Hashable]] = {}
        for row in policy.code_rows:
            for path, said in row.gives:
                self._given.setdefault(path, set()).add(_folded(said))
        # What a code says otherwise is shown as it was stated: numbers and days by their value.
        self.whole |= {path for path in self._given if policy.specs[path].kind not in ECHOED}
        self.needed = frozenset(
            code for v in self.versions for row in v.listed.values() for code, _ in row.needs
        )
        self.stating = tuple(dict.fromkeys(path for v in self.versions if v.open for path in v.stating))
        self.evidence_rules = tuple(dict.fromkeys(rule for v in self.versions for rule in v.evidence))
        self.asks_age = AGE in partition.asked and BIRTH not in self.whole

    def _versions(self) -> Iterable[Version]:
        found = {}
        for day in (date.min, *self.partition.days):
            version = self.policy.version(day, self.known_on)
            if version is not None:
                found[id(version)] = version
        return found.values()

    def is_evidence(self, path: str) -> bool:
        """Whether what a line states of a fact can count for the lines beside."""
        return path in self.evidence

    def asks(self, path: str) -> bool:
        """Whether rules ask for a fact."""
        return path in self.whole or path in self.partition.asked

    def value(self, path: str, value: Value | Unclear) -> Hashable:
        """What the line's own decision can tell of a stated value, where no code says otherwise."""
        if isinstance(value, Unclear):
            return Unclear
        if path in self.whole or (isinstance(value, tuple) and any(isinstance(e, Record) for e in value)):
            return _frozen(value)
        if path == PROCEDURE:
            return self.procedure(str(value))
        if isinstance(value, tuple):
            return self.listed(path, value)
        told = self._told(path, value)
        if _folded(value) in self._given.get(path, ()):
            return value, told
        if path in (SERVICE, self.policy.governed_by) and isinstance(value, date):
            return bisect_right(self.partition.days, value), told
        return told

    def _told(self, path: str, value: Value) -> tuple[bool | None, ...]:
        return tuple(_holds(atom, path, value) for atom in self.partition.asked.get(path, ()))

    def age(self, years: int) -> Hashable:
        """What can be told of an age."""
        from decimal import Decimal  # noqa: PLC0415

        return self._told(AGE, Decimal(years))

    @cache  # noqa: B019  (one for each policy of a run)
    def procedure(self, code: str) -> Hashable:
        """A code that no list and no library row names is told apart by sets of codes alone."""
        policy = self.policy
        if (
            policy.ever_listed(code, self.known_on)
            or policy.rows(code, self.known_on)
            or self.is_limited(code)
            or code in self.needed
        ):
            return code
        evidence = tuple(rule.codes is None or contains(rule.codes, code) for rule in self.evidence_rules)
        return evidence, self._told(PROCEDURE, code)

    def is_limited(self, code: str) -> bool:
        """Whether a limit can speak of a code: then other lines and their units count."""
        return any(speaks_of(self.policy, limit, code) for v in self.versions for limit in v.limits)

    def has_quantity(self, code: str) -> bool:
        """Whether the units of a code can stand for a quantity."""
        return any(row.per is not None for row in self.policy.rows(code, self.known_on))

    def listed(self, path: str, values: tuple[object, ...]) -> Hashable:
        """A list is told apart by what its elements meet, and by the places of nulls."""
        kinds = met(frozenset(self.element(path, str(each)) for each in values if each is not None))
        nulls = tuple(at for at, each in enumerate(values) if each is None)
        return (kinds, nulls) if nulls else kinds

    def element(self, path: str, code: str) -> Kind:
        """The conditions that a list's element meets. What edits say of diagnoses is put in later."""
        asked = self.partition.elements.get(DIAGNOSES if path == OWN_DIAGNOSES else path, ())
        return tuple(_holds(atom.where, atom.element, code) for atom in asked)

    def named(self, code: str) -> bool:
        """Whether an edit can name a diagnosis."""
        if code not in self._named:
            days = (date.min, *self.partition.days) if self.policy.knows(code) else ()
            self._named[code] = any(said_of(self.policy, code, day, self.known_on) for day in days)
        return self._named[code]


def met(kinds: frozenset[Kind]) -> Hashable:
    """What can be told of a list with elements of some kinds. It is asked whether one element meets a
    condition (so has it a partition), not whether the same one meets another.
    """
    if not kinds or any(None in kind for kind in kinds):
        return kinds
    return tuple(any(each) for each in zip(*kinds, strict=True))


def _holds(condition: Condition, path: str, value: Value) -> bool | None:
    facts = LineFacts({}, False, {})
    facts.values[path] = value
    return judge(condition, facts).holds


def _frozen(value: Value) -> Hashable:
    """A value as something that can be looked up: records are told apart by all that they state."""
    return (
        repr([(each, getattr(each, "unclear", None)) for each in value])
        if isinstance(value, tuple)
        else value
    )


def _folded(value: Value) -> Hashable:
    return value.casefold() if isinstance(value, str) else value if not isinstance(value, tuple) else None
