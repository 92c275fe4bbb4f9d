"""How the values of each fact are told apart by a policy, as its partition has it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, cached_property

from compiler.partition import SERVICE, Partition
from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.atoms import Condition
from compiler.runtime.claim_values import Record, Scalar, Unclear, Value
from compiler.runtime.codes import contains
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.diagnoses import said_of
from compiler.runtime.edits import same
from compiler.runtime.judge import judge
from compiler.runtime.limits import speaks_of
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reasons import SINCE
from compiler.runtime.tables import Policy, Version

PROCEDURE = "line.procedure"
OWN_DIAGNOSES = "line.diagnoses"
ECHOED = ("enum", "text", "code")
"""Facts whose values edits repeat as they were stated."""

Kind = tuple[bool | None, ...]


class Sight:
    """What can be told of values by a version alone, or by all versions together."""

    def __init__(self, policy: Policy, partition: Partition) -> None:
        self.partition = partition
        givers = frozenset(giver.by for giver in policy.fact_givers)
        windows = {path for atom in partition.windows for path in (atom.fact, atom.window.anchor)}
        derived = {path for giver in policy.fact_givers for path in giver.gives} | {*partition.evidence}
        derived |= policy.absent.keys()
        self.windows = tuple(
            atom
            for atom in partition.windows
            if not {atom.fact, atom.window.anchor} & (derived | {AGE}) and atom.fact != atom.window.anchor
        )
        paired = {path for atom in self.windows for path in (atom.fact, atom.window.anchor)}
        self.whole = partition.whole | (windows - paired) | (givers - {PROCEDURE})
        for atom in partition.windows:
            if atom not in self.windows:
                self.whole |= {atom.fact, atom.window.anchor}
        self.given: dict[str, set[Hashable]] = {}
        for row in policy.code_rows:
            for path, said in row.gives:
                if path in policy.specs:  # else a field of a record, of which every value counts
                    self.given.setdefault(path, set()).add(_folded(said))
        # What a code says otherwise is shown as it was stated: numbers and days by their value.
        self.whole |= {path for path in self.given if policy.specs[path].kind not in ECHOED}
        if givers - {PROCEDURE}:
            self.whole |= self.given.keys()
        if DIAGNOSES in self.whole:
            self.whole |= {OWN_DIAGNOSES}
        self.asks_age = AGE in partition.asked and BIRTH not in self.whole

    def asks(self, path: str) -> bool:
        """Whether rules ask for a fact."""
        if path in self.whole or path in self.partition.asked:
            return True
        return _listed_as(path) in self.partition.elements

    def is_whole(self, path: str, value: Value) -> bool:
        """Whether a value counts for itself."""
        return path in self.whole or has_records(value)

    def told(self, path: str, value: Value | Unclear) -> Hashable:
        """What rules can tell of a stated value."""
        if isinstance(value, Unclear):
            return Unclear
        if self.is_whole(path, value):
            return frozen(value)
        if isinstance(value, tuple):
            return self._listed(path, value)
        return tuple(_holds(atom, path, value) for atom in self.partition.asked.get(path, ()))

    def age(self, years: int) -> Hashable:
        """What can be told of an age."""
        return self.told(AGE, Decimal(years))

    def _listed(self, path: str, values: tuple[object, ...]) -> Hashable:
        """A list is told apart by what its elements meet, and by how many of them are null."""
        kinds = frozenset(self.element(path, str(each)) for each in values if each is not None)
        return of_list(kinds, values.count(None))

    def element(self, path: str, code: str) -> Kind:
        """The conditions that a list's element meets. What edits say of diagnoses is put in later."""
        asked = self.partition.elements.get(_listed_as(path), ())
        return tuple(_holds(atom.where, atom.element, code) for atom in asked)


class Telling:
    """What one policy, as known on a day, can tell apart."""

    def __init__(self, policy: Policy, partition: Partition, known_on: date | None) -> None:
        self.policy = policy
        self.partition = partition
        self.known_on = known_on
        self.all = Sight(policy, partition)
        self.versions = list(self._versions())
        self._alone: dict[int, Sight] = {}
        self.evidence = frozenset(partition.evidence)
        self.givers = frozenset(giver.by for giver in policy.fact_givers)
        self._named: dict[str, bool] = {}
        self.needed = frozenset(
            code for v in self.versions for row in v.listed.values() for code, _ in row.needs
        )
        self.stating = tuple(dict.fromkeys(path for v in self.versions if v.open for path in v.stating))
        self.evidence_rules = tuple(dict.fromkeys(rule for v in self.versions for rule in v.evidence))

    def _versions(self) -> Iterable[Version]:
        found = {}
        for day in (date.min, *self.partition.days):
            version = self.policy.version(day, self.known_on)
            if version is not None:
                found[id(version)] = version
        return found.values()

    @cached_property
    def _parts(self) -> dict[int, Partition]:
        found = ((self.policy.version(day, self.known_on), part) for day, part in self.partition.versions)
        return {id(version): part for version, part in found}

    def by(self, version: Version) -> Sight:
        """What a version alone can tell of values."""
        if id(version) not in self._alone:
            self._alone[id(version)] = Sight(self.policy, self._parts[id(version)])
        return self._alone[id(version)]

    def value(self, path: str, value: Value | Unclear) -> Hashable:
        """What any version can tell of a stated value, and that codes say it."""
        if isinstance(value, Unclear) or self.all.is_whole(path, value):
            return self.all.told(path, value)
        if path == PROCEDURE:
            return self.procedure(str(value))
        told = self.all.told(path, value)
        if _folded(value) in self.all.given.get(path, ()):
            return value, told
        if path in (SERVICE, self.policy.governed_by) and isinstance(value, date):
            return bisect_right(self.partition.days, value), told
        return told

    def told(self, version: Version, path: str, value: Value | Unclear) -> Hashable:
        """What the rules of a version can tell of a stated value; None: nothing."""
        sight = self.by(version)
        counts = isinstance(value, Unclear) or sight.is_whole(path, value) or sight.asks(path)
        return sight.told(path, value) if counts else None

    def edited(
        self, version: Version | None, gives: Mapping[str, Scalar], path: str, value: Value | Unclear
    ) -> Hashable:
        """What edits can tell of a stated value where the line's code gives some facts; None: nothing. What
        merely resembles a declared value is told, and what a code contradicts.
        """
        if isinstance(value, Unclear) or has_records(value):
            return self.all.told(path, value)
        if version is None or path not in gives:
            return None
        sight = self.by(version)
        return sight.told(path, value) if sight.is_whole(path, value) else same(value, gives[path])

    @cache  # noqa: B019  (one for each policy of a run)
    def procedure(self, code: str) -> Hashable:
        """A code that no list and no library row names is told apart by sets of codes alone."""
        policy = self.policy
        if (
            code in policy.ever_listed(self.known_on)
            or policy.rows(code, self.known_on)
            or self.is_limited(code)
            or code in self.needed
        ):
            return code
        evidence = tuple(rule.codes is None or contains(rule.codes, code) for rule in self.evidence_rules)
        return evidence, self.all.told(PROCEDURE, code)

    def day(self, version: Version | None, day: date) -> Hashable:
        """What can be told of the day of a line where its code is valid, or where nothing asks for that."""
        told = self.by(version).told(SERVICE, day) if version is not None else None
        return told, bisect_right(_SINCE, day)

    def is_limited(self, code: str) -> bool:
        """Whether a limit can speak of a code: then other lines and their units count."""
        return any(speaks_of(self.policy, limit, code) for v in self.versions for limit in v.limits)

    def has_quantity(self, code: str) -> bool:
        """Whether the units of a code can stand for a quantity."""
        return any(row.per is not None for row in self.policy.rows(code, self.known_on))

    def named(self, code: str) -> bool:
        """Whether an edit can name a diagnosis."""
        if code not in self._named:
            days = (date.min, *self.partition.days) if self.policy.knows(code) else ()
            self._named[code] = any(said_of(self.policy, code, day, self.known_on) for day in days)
        return self._named[code]


_SINCE = sorted({*SINCE.values()})


def of_list(kinds: frozenset[Kind], nulls: int) -> Hashable:
    """What can be told of a list with elements of some kinds, and so many nulls. It is asked whether one
    element meets a condition (so has it a partition), not whether the same one meets another.
    """
    met = kinds if any(None in kind for kind in kinds) else tuple(any(m) for m in zip(*kinds, strict=True))
    return (met, nulls) if nulls or not kinds else met


def has_records(value: Value) -> bool:
    """Whether a value is a list of records."""
    return isinstance(value, tuple) and any(isinstance(each, Record) for each in value)


def frozen(value: Value) -> Hashable:
    """A value as something that can be looked up: records are told apart by all that they state."""
    return (
        repr([(each, getattr(each, "unclear", None)) for each in value])
        if isinstance(value, tuple)
        else value
    )


def _listed_as(path: str) -> str:
    """Whatever a rule calls them, a line's own diagnoses count for the claim's."""
    return DIAGNOSES if path == OWN_DIAGNOSES else path


def _holds(condition: Condition, path: str, value: Value) -> bool | None:
    facts = LineFacts({}, False, {})
    facts.values[path] = value
    return judge(condition, facts).holds


def _folded(value: Value) -> Hashable:
    return value.casefold() if isinstance(value, str) else value if not isinstance(value, tuple) else None
