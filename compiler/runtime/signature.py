"""Lines of one signature are decided alike: it holds all that a compiled policy can tell apart about a line.

What is not in it, decisions repeat from the line itself: its number, its procedure and day as written, and
what edits repeat of it. The last element of a signature is all that the rules can tell apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from itertools import count
from typing import Any, NamedTuple, TypeAlias, cast

from compiler.runtime.ages import AGE, BIRTH, DAY
from compiler.runtime.claim_values import Scalar, Value
from compiler.runtime.conditions import Test
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import DISPUTED, evidence, states
from compiler.runtime.edits import primaries, same
from compiler.runtime.kept import Found, Kept
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import ECHOED, Claim, Line
from compiler.runtime.reasons import SINCE
from compiler.runtime.tables import Asked, EvidenceRule, Listed, Policy, Signature, Version

CODE = "line.procedure"

_ELSEWHERE = frozenset({CODE, DAY, "line.diagnoses", DIAGNOSES, AGE})
"""Facts that have a place of their own in a signature, or are computed from such."""

_REASONS_CHANGE = sorted({*SINCE.values()})

_Taken: TypeAlias = tuple[Hashable, "tuple[str, str] | None"]
"""What can be told of a value that a line does not state; by which assumption it is taken, with its path."""


class _Fact:
    """What a version can tell apart of a fact; without tests, everything. `told` says it of a value."""

    def __init__(self, path: str, tests: tuple[tuple[str, Test], ...] | None, listed: bool) -> None:
        self.path = path
        self._tests = tests or ()
        self._unknown = 1 << len(self._tests)
        self._kinds: Found[object, int] = Found(self._kind)
        self.told: Callable[[Any], Hashable] = self._kinds.__getitem__
        if tests is None:
            self.told = _itself
        elif listed:
            self.told = self._list

    def _list(self, values: tuple[object, ...] | None) -> Hashable:
        """Which tests an element of a list meets, and how many elements are unknown."""
        if values is None:
            return None
        met = 0 if values else -1
        kinds = self._kinds
        for value in values:
            met |= kinds[value]
        return (met, values.count(None)) if met >= self._unknown else met

    def _kind(self, value: object) -> int:
        """The tests that a value meets, as bits; one more stands for an unknown element."""
        if value is None:
            return self._unknown
        found = 0
        for at, (name, test) in enumerate(self._tests):
            facts = LineFacts({}, False, {})
            facts.values[name] = cast(Value, value)
            found |= bool(test(facts).holds) << at
        return found


def _itself(value: Hashable) -> Hashable:
    return value


class _Source(NamedTuple):
    """Where a line has a fact from: it states it, else its code `says` it (`kind` can be told of that, and
    `place` is that among all that the code says), else it is evidence, else what its absence means.
    """

    path: str
    of_line: bool
    told: Callable[[Any], Hashable]
    says: Scalar | None
    kind: Hashable
    place: int
    evidence: tuple[EvidenceRule, ...]
    absent: _Taken


class _Apart:
    """What a version can tell apart of the facts of a claim and of a line, and what it takes them from."""

    def __init__(self, policy: Policy, version: Version, asked: Asked) -> None:
        givers = policy.fact_givers
        whole = {*asked.whole, *(giver.by for giver in givers if giver.by != CODE)}
        paths = {*whole, *asked.tests, *(path for giver in givers for path in giver.gives)}
        if AGE in paths or BIRTH in whole:
            whole |= {BIRTH, DAY}
            paths |= {BIRTH}

        def fact(path: str) -> _Fact:
            listed = policy.specs[path].kind in ("codes", "texts")
            return _Fact(path, None if path in whole else asked.tests.get(path, ()), listed)

        self.code, self.day, self.diagnoses = fact(CODE), fact(DAY), fact(DIAGNOSES)
        own = [path for path in sorted(paths - _ELSEWHERE) if not path.startswith(ASSUMPTION)]
        records = {path for path in own if policy.specs[path].kind == "records"}
        self.records = frozenset({*records, *(giver.list for giver in policy.field_givers)})
        self.unsigned = bool(version.limits) or any(path.startswith(ASSUMPTION) for path in paths)
        self._plain = [fact(path) for path in own if path not in records]
        self._evidence = version.evidence
        self._absent = policy.absent
        self._gives = {path for giver in givers if giver.by == CODE for path in giver.gives}
        self.sources = Found(self._sources)

    def _sources(self, says: tuple[tuple[str, Scalar], ...]) -> tuple[_Source, ...]:
        """Where lines have facts from whose code says this."""
        known = [(path, value) for path, value in says if path in self._gives]
        given = {path: (value, place) for place, (path, value) in enumerate(known)}
        return tuple(self._source(fact, *given.get(fact.path, (None, 0))) for fact in self._plain)

    def _source(self, fact: _Fact, says: Scalar | None, place: int) -> _Source:
        path = fact.path
        evidence = tuple(rule for rule in self._evidence if rule.fact == path)
        value, assumption = self._absent.get(path, (None, None))
        absent = None if value is None else fact.told(value), _taken_by(path, assumption)
        kind = None if says is None else fact.told(says)
        return _Source(path, path.startswith("line."), fact.told, says, kind, place, evidence, absent)


def _taken_by(path: str, assumption: str | None) -> tuple[str, str] | None:
    """A fact with the assumption by which it is taken, if one is."""
    return None if assumption is None else (path, assumption)


class _Stand(NamedTuple):
    """What stands for a code on a day: what all its lines have in common (`key`). Where facts have a say, the
    version with what it can tell of them and where lines have them from, what its rules ask of the code
    (`rules`), and the code's row. An `unlisted` code has to be brought in, else lines are `silent`. `counts`:
    what is said repeats a line's units.
    """

    key: Hashable
    counts: bool = False
    version: Version | None = None
    facts: _Apart | None = None
    sources: tuple[_Source, ...] = ()
    rules: int = 0
    listed: Listed | None = None
    unlisted: bool = False
    silent: Hashable = None


class Signatures:
    """The signatures of lines under one policy; `changes` are the days on which what is said may change."""

    def __init__(self, policy: Policy, changes: tuple[date, ...]) -> None:
        self._policy = policy
        self._changes = changes
        self._by_service = policy.governed_by == DAY
        self._stands = Found(self._stand)
        self._facts: dict[int, _Apart] = {}
        self._keys: Kept[Hashable, int] = Kept()
        self._next = count()
        self._by_others = sorted(
            path for giver in policy.fact_givers if giver.by != CODE for path in giver.gives
        )

    def of(self, claim: Claim, known_on: date | None) -> Sequence[Signature | None]:
        """The signatures of a claim's lines; None of a line that is decided without: where a contract, a
        limit, the records of a list or an undated line have a say, or an assumption is not made.
        """
        if claim.exclusions or claim.riders:
            return [None] * len(claim.lines)
        diagnosed: dict[_Apart, Hashable] = {}
        return [self._signature(claim, line, known_on, diagnosed) for line in claim.lines]

    def _signature(
        self, claim: Claim, line: Line, known_on: date | None, diagnosed: dict[_Apart, Hashable]
    ) -> Signature | None:
        """The signature of a line; `diagnosed` has what can be told of the claim's diagnoses."""
        day = line.day if self._by_service else self._policy.governing(claim, line)
        if day is None:
            return None
        stand = self._stands[line.code, day, known_on]
        key, counts, version, facts, sources, rules, listed, unlisted, silent = stand
        stated = line.stated
        unclear = (*claim.unclear, *line.unclear) if claim.unclear or line.unclear else ()
        if version is None or facts is None:
            return key, unclear
        if unlisted and not states(version.stating, line):
            return (silent,)
        of_claim = claim.stated
        if facts.unsigned or (facts.records and not facts.records.isdisjoint((*of_claim, *stated))):
            return None
        own = line.own_diagnoses
        if own:
            diagnoses = facts.diagnoses.told(stated.get("line.diagnoses"))
        elif facts in diagnosed:
            diagnoses = diagnosed[facts]
        else:
            diagnoses = diagnosed[facts] = facts.diagnoses.told(of_claim.get(DIAGNOSES))
        asked: list[Hashable] = [rules, own, facts.day.told(line.day), diagnoses]
        taken: list[Hashable] = []
        edits: list[Hashable] = [key, counts and "line.units" in stated, unclear]
        for path, of_line, told, says, kind, place, rules_of_evidence, absent in sources:
            value = stated.get(path) if of_line else of_claim.get(path)
            if value is not None:
                asked.append(told(value))
                if says is not None and value != says and not same(value, says):
                    echoed = self._policy.specs[path].kind in ECHOED
                    edits.append((path, says, place, None if echoed else value))
            elif unclear and path in unclear:
                asked.append(None)
            elif says is not None:
                asked.append(kind)
            else:
                found, by = absent
                if rules_of_evidence:
                    found, by = self._heard(rules_of_evidence, told, claim, line, known_on) or absent
                asked.append(found)
                if by is not None:
                    taken.append(by)
        for path in self._by_others:
            part = line if path.startswith("line.") else claim
            taken.append(part.stated.get(path))
        if version.asks_stated:
            taken.append(tuple(path in stated or path in line.unclear for path in version.asks_stated))
        if listed is not None and listed.needs:
            edits.append(primaries(self._policy, listed, claim, line, known_on))
        return (*edits, (*asked, *taken))

    def _heard(
        self,
        rules: tuple[EvidenceRule, ...],
        told: Callable[[Any], Hashable],
        claim: Claim,
        line: Line,
        known_on: date | None,
    ) -> _Taken | None:
        """What a fact is taken to be from the lines beside; None where they say nothing of it."""
        disputed = False
        for rule in rules:
            found = evidence(self._policy, rule, claim, line, known_on)
            if found is DISPUTED:
                disputed = True
            elif found is not None:
                return told(found), _taken_by(rule.fact, rule.assumption)
        return (None, None) if disputed else None

    def _stand(self, of: tuple[str, date, date | None]) -> _Stand:
        """What stands for a code on a day, as known on another."""
        code, day, known_on = of
        policy = self._policy
        version, ever = policy.version(day, known_on), code in policy.ever_listed(known_on)
        where = code, bisect_right(self._changes, day), known_on
        silent = version is not None, policy.revision(day, known_on)
        listed = version.listed.get(code) if version is not None else None
        if version is not None and ever and not policy.valid(code, day, known_on):
            return _Stand(self._key(where))
        if version is None or (listed is None and not version.open):
            return _Stand(self._key(silent))
        row, facts = policy.row(code, day, known_on), self._facts_of(version)
        counts = row is not None and row.per is not None
        reasons = bisect_right(_REASONS_CHANGE, day)
        rules = self._key((id(version), facts.code.told(code), where if self._by_others else None))
        key = self._key((rules, silent, listed, counts, reasons))
        sources = facts.sources[row.gives if row is not None else ()]
        return _Stand(key, counts, version, facts, sources, rules, listed, not ever, self._key(silent))

    def _key(self, of: Hashable) -> int:
        """A number for what lines have in common; no other ever has it."""
        known = self._keys.get(of)
        return known if known is not None else self._keys.keep(of, next(self._next))

    def _facts_of(self, version: Version) -> _Apart:
        facts = self._facts.get(id(version))
        if facts is None:
            assert version.asked is not None
            facts = self._facts[id(version)] = _Apart(self._policy, version, version.asked)
        return facts
