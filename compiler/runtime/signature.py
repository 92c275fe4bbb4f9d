"""Lines of one signature are decided alike: it holds all that a compiled policy can tell apart about a line.

What is not in it, decisions repeat from the line itself: its number, its procedure and day as written, and
what edits repeat of it. The last element of a signature is all that the rules can tell apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple, TypeAlias, cast

from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.claim_values import Scalar, Value
from compiler.runtime.conditions import Test
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import DISPUTED, evidence, states
from compiler.runtime.edits import primaries, same
from compiler.runtime.kept import Kept
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import ECHOED, Claim, Line
from compiler.runtime.reasons import SINCE
from compiler.runtime.tables import Asked, EvidenceRule, Listed, Policy, Signature, Version

CODE, DAY = "line.procedure", "line.service_date"

_ELSEWHERE = frozenset({CODE, DAY, "line.diagnoses", DIAGNOSES, AGE})
"""Facts that have a place of their own in a signature, or are computed from such."""

_REASONS_CHANGE = sorted({*SINCE.values()})

_Told: TypeAlias = tuple[Hashable, "str | None"]
"""What can be told of a value that a line does not state, and the assumption by which it is taken."""

_Given: TypeAlias = tuple[Scalar, Hashable, int]
"""What a code says of a fact, what can be told of that, and its place among what it says."""


class _Fact:
    """What a version can tell apart of a fact; without tests, everything."""

    def __init__(self, path: str, tests: tuple[tuple[str, Test], ...] | None) -> None:
        self.path = path
        self.of_line = path.startswith("line.")
        self._tests = tests
        self._kinds: Kept[object, int] = Kept()

    def told(self, value: Value | None) -> Hashable:
        """What can be told of a value; of a list, which tests an element meets, and how many are unknown."""
        if value is None or self._tests is None:
            return value
        if not isinstance(value, tuple):
            return self._kind(value)
        met = -1 if not value else 0
        for each in value:
            if each is not None:
                met |= self._kind(each)
        return (met, value.count(None)) if None in value else met

    def _kind(self, value: object) -> int:
        """The tests that a value meets, as bits."""
        found = self._kinds.get(value)
        if found is None:
            found = 0
            for at, (name, test) in enumerate(self._tests or ()):
                facts = LineFacts({}, False, {})
                facts.values[name] = cast(Value, value)
                found |= bool(test(facts).holds) << at
            self._kinds.keep(value, found)
        return found


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
            return _Fact(path, None if path in whole else asked.tests.get(path, ()))

        self.code, self.day, self.diagnoses = fact(CODE), fact(DAY), fact(DIAGNOSES)
        own = [path for path in sorted(paths - _ELSEWHERE) if not path.startswith(ASSUMPTION)]
        records = {path for path in own if policy.specs[path].kind == "records"}
        self.records = frozenset({*records, *(giver.list for giver in policy.field_givers)})
        self.unsigned = bool(version.limits) or any(path.startswith(ASSUMPTION) for path in paths)
        self.plain = [fact(path) for path in own if path not in records]
        self.evidence: dict[str, list[EvidenceRule]] = {}
        for rule in version.evidence:
            self.evidence.setdefault(rule.fact, []).append(rule)
        self.absent: dict[str, _Told] = {}
        for each in self.plain:
            value, assumption = policy.absent.get(each.path, (None, None))
            self.absent[each.path] = each.told(value), assumption
        self._gives = {path for giver in givers if giver.by == CODE for path in giver.gives}

    def given(self, says: Iterable[tuple[str, Scalar]]) -> dict[str, _Given]:
        """What a code says of facts."""
        told = {fact.path: fact.told for fact in self.plain}
        known = ((path, value) for path, value in says if path in self._gives)
        return {path: (value, told[path](value), place) for place, (path, value) in enumerate(known)}


class _Stand(NamedTuple):
    """What stands for a code on a day: what all its lines have in common (`key`). Where facts have a say, the
    version with what it can tell of them, what its rules ask of the code (`rules`), the code's row, and what
    the code says of facts. An `unlisted` code has to be brought in, else lines are `silent`. `counts`: what
    is said repeats a line's units.
    """

    key: Hashable
    counts: bool = False
    version: Version | None = None
    facts: _Apart | None = None
    rules: int = 0
    listed: Listed | None = None
    unlisted: bool = False
    silent: Hashable = None
    gives: Mapping[str, _Given] = {}


class Signatures:
    """The signatures of lines under one policy; `changes` are the days on which what is said may change."""

    def __init__(self, policy: Policy, changes: tuple[date, ...]) -> None:
        self._policy = policy
        self._changes = changes
        self._stands: Kept[tuple[str, date, date | None], _Stand] = Kept()
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
        return [self._signature(claim, line, known_on) for line in claim.lines]

    def _signature(self, claim: Claim, line: Line, known_on: date | None) -> Signature | None:
        day = self._policy.governing(claim, line)
        if day is None:
            return None
        stand = self._stands.get((line.code, day, known_on)) or self._stand(line.code, day, known_on)
        key, counts, version, facts, rules, listed, unlisted, silent, gives = stand
        stated = line.stated
        unclear = (*claim.unclear, *line.unclear) if claim.unclear or line.unclear else ()
        if version is None or facts is None:
            return (key, "line.units" in stated, unclear) if counts else (key,)
        if unlisted and not states(version.stating, line):
            return (silent,)
        if facts.unsigned or not facts.records.isdisjoint((*claim.stated, *stated)):
            return None
        own = line.own_diagnoses
        diagnoses = stated.get("line.diagnoses") if own else claim.stated.get(DIAGNOSES)
        asked: list[Hashable] = [rules, own, facts.day.told(line.day), facts.diagnoses.told(diagnoses)]
        taken: list[Hashable] = []
        edits: list[Hashable] = [key, counts and "line.units" in stated, unclear]
        for fact in facts.plain:
            path = fact.path
            value = (stated if fact.of_line else claim.stated).get(path)
            said = gives.get(path)
            if value is not None:
                asked.append(fact.told(value))
                if said is not None and not same(value, said[0]):
                    edits.append(self._contradicted(path, value, said))
            elif path in unclear:
                asked.append(None)
            elif said is not None:
                asked.append(said[1])
            else:
                told, assumption = self._taken(facts, fact, claim, line, known_on)
                asked.append(told)
                if assumption is not None:
                    taken.append((path, assumption))
        for path in self._by_others:
            part = line if path.startswith("line.") else claim
            taken.append((part.stated.get(path), part.echo.get(path)))
        if version.asks_stated:
            taken.append(tuple(path in stated or path in line.unclear for path in version.asks_stated))
        if listed is not None and listed.needs:
            edits.append(primaries(self._policy, listed, claim, line, known_on))
        return (*edits, (*asked, *taken))

    def _contradicted(self, path: str, stated: Value, said: _Given) -> Hashable:
        """What an edit repeats where a code says otherwise than a line states."""
        says, _, place = said
        return path, says, place, None if self._policy.specs[path].kind in ECHOED else stated

    def _taken(self, facts: _Apart, fact: _Fact, claim: Claim, line: Line, known_on: date | None) -> _Told:
        """What a fact is taken to be that neither the line nor its code says."""
        disputed = False
        for rule in facts.evidence.get(fact.path, ()):
            found = evidence(self._policy, rule, claim, line, known_on)
            if found is DISPUTED:
                disputed = True
            elif found is not None:
                return fact.told(cast(Value, found)), rule.assumption
        return (None, None) if disputed else facts.absent[fact.path]

    def _stand(self, code: str, day: date, known_on: date | None) -> _Stand:
        policy = self._policy
        version, ever = policy.version(day, known_on), policy.ever_listed(code, known_on)
        where = code, bisect_right(self._changes, day), known_on
        silent = version is not None, policy.revision(day, known_on)
        listed = version.listed.get(code) if version is not None else None
        if version is not None and ever and not policy.valid(code, day, known_on):
            stand = _Stand(self._key(where), True)
        elif version is None or (listed is None and not version.open):
            stand = _Stand(self._key(silent))
        else:
            row, facts = policy.row(code, day, known_on), self._facts_of(version)
            counts = row is not None and row.per is not None
            reasons = bisect_right(_REASONS_CHANGE, day)
            rules = self._key((id(version), facts.code.told(code), where if self._by_others else None))
            key = self._key((rules, silent, listed, counts, reasons))
            gives = facts.given(row.gives if row is not None else ())
            stand = _Stand(key, counts, version, facts, rules, listed, not ever, self._key(silent), gives)
        return self._stands.keep((code, day, known_on), stand)

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
