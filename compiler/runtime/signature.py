"""Lines of one signature are decided alike: it holds all that a compiled policy can tell apart about a line.

What is not in it, decisions repeat from the line itself: its number, its procedure and day as written, and
what edits repeat of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.conditions import Test
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import offered, states
from compiler.runtime.edits import beside, same
from compiler.runtime.kept import Kept
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import ECHOED, Claim, Line
from compiler.runtime.tables import Asked, EvidenceRule, Policy, Signature, Version

_ELSEWHERE = frozenset({"line.procedure", "line.service_date", "line.diagnoses", DIAGNOSES, AGE})
"""Facts that have a place of their own in a signature, or are computed from such."""

_DISPUTED = Unclear("", ())
"""Stands for evidence that is none, since it is not of one clear value."""


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
    """What a version can tell apart of the facts of a claim and of a line."""

    def __init__(self, policy: Policy, version: Version, asked: Asked) -> None:
        gives = {path for giver in policy.fact_givers for path in giver.gives}
        whole = {*asked.whole, policy.governed_by, *(giver.by for giver in policy.fact_givers)}
        paths = {*whole, *gives, *asked.tests, *(giver.list for giver in policy.field_givers)}
        paths |= {*version.stating, *version.asks_stated, *(rule.fact for rule in version.evidence)}
        if AGE in paths:
            whole |= {BIRTH}
            paths |= {BIRTH}
        self.unsigned = bool(version.limits) or any(path.startswith(ASSUMPTION) for path in whole)
        self.exact_day = "line.service_date" in asked.whole or BIRTH in whole
        self.facts = {
            path: _Fact(path, None if path in whole else asked.tests.get(path, ()))
            for path in sorted(paths)
            if not path.startswith(ASSUMPTION)
        }
        self.diagnoses = self.facts.get(DIAGNOSES) or _Fact(DIAGNOSES, ())
        own = [fact for path, fact in self.facts.items() if path not in _ELSEWHERE]
        self.records = frozenset(fact.path for fact in own if policy.specs[fact.path].kind == "records")
        self.plain = [fact for fact in own if fact.path not in self.records]


class _Stand(NamedTuple):
    """What stands for a code on a day: `settled` where no fact has a say any more; else the version with what
    it can tell, the codes of which one is needed beside, and what the code says of facts.
    """

    key: Hashable
    version: Version | None = None
    facts: _Apart | None = None
    unlisted: bool = False
    needs: frozenset[str] = frozenset()
    gives: Mapping[str, Value] = {}


class Signatures:
    """The signatures of lines under one policy; `changes` are the days on which what is said may change."""

    def __init__(self, policy: Policy, changes: tuple[date, ...]) -> None:
        self._policy = policy
        self._changes = changes
        self._stands: Kept[tuple[str, date, date | None], _Stand] = Kept()
        self._facts: dict[int, _Apart] = {}
        self._given_by_others = frozenset(
            path for giver in policy.fact_givers if giver.by != "line.procedure" for path in giver.gives
        )

    def of(self, claim: Claim, known_on: date | None) -> Sequence[Signature | None]:
        """The signatures of a claim's lines; None of a line that is decided without: where a contract, a
        limit, the records of a list or an undated line have a say, or an assumption is not made.
        """
        if claim.exclusions or claim.riders:
            return [None] * len(claim.lines)
        neighbours = _Neighbours(self._policy, claim, known_on) if len(claim.lines) > 1 else None
        return [self._signature(claim, line, known_on, neighbours) for line in claim.lines]

    def _signature(
        self, claim: Claim, line: Line, known_on: date | None, neighbours: _Neighbours | None
    ) -> Signature | None:
        day = self._policy.governing(claim, line)
        if day is None:
            return None
        stand = self._stands.get((line.code, day, known_on)) or self._stand(line.code, day, known_on)
        key, version, facts, unlisted, _, gives = stand
        unclear = (*claim.unclear, *line.unclear) if claim.unclear or line.unclear else None
        units = "line.units" in line.stated
        if version is None or facts is None or (unlisted and not states(version.stating, line)):
            return key, units, unclear
        if facts.unsigned or not facts.records.isdisjoint((*claim.stated, *line.stated)):
            return None
        own = line.own_diagnoses
        parts: list[Hashable] = [
            key,
            units,
            unclear,
            line.day if facts.exact_day else bisect_right(self._changes, line.day),
            own,
            facts.diagnoses.told((line if own else claim).stated.get("line.diagnoses" if own else DIAGNOSES)),
        ]
        for fact in facts.plain:
            path = fact.path
            value = (line if fact.of_line else claim).stated.get(path)
            parts.append(fact.told(value))
            if path in gives:
                # Where a code says otherwise, an edit repeats what is stated.
                parts.append(value is not None and self._otherwise(path, value, gives[path]))
            elif path in self._given_by_others:
                parts += [value, (line if fact.of_line else claim).echo.get(path)]
        if neighbours is not None:
            parts += self._beside(neighbours, line, stand)
        return tuple(parts)

    def _otherwise(self, path: str, stated: Value, said: Value) -> Hashable:
        if same(stated, said):
            return False
        return True if self._policy.specs[path].kind in ECHOED else stated

    def _beside(self, neighbours: _Neighbours, line: Line, stand: _Stand) -> Iterator[Hashable]:
        """What the other lines of the day say of a line's facts, and which codes that it needs they have."""
        assert stand.version is not None and stand.facts is not None
        for rule in stand.version.evidence:
            if rule.fact not in line.stated and rule.fact not in stand.gives:
                said = neighbours.said(rule, line)
                yield said if isinstance(said, Unclear) else stand.facts.facts[rule.fact].told(said)
        if stand.needs:
            yield stand.needs & neighbours.codes(line)

    def _stand(self, code: str, day: date, known_on: date | None) -> _Stand:
        policy, key = self._policy, (code, bisect_right(self._changes, day), known_on)
        version = policy.version(day, known_on)
        ever = policy.ever_listed(code, known_on)
        listed = version.listed.get(code) if version is not None else None
        stand = _Stand(key)
        invalid = ever and not policy.valid(code, day, known_on)
        if version is not None and not invalid and (listed is not None or version.open):
            row = policy.row(code, day, known_on)
            needs = frozenset(each for each, _ in listed.needs) if listed is not None else frozenset[str]()
            gives = dict(row.gives) if row is not None else {}
            stand = _Stand(key, version, self._facts_of(version), not ever, needs, gives)
        return self._stands.keep((code, day, known_on), stand)

    def _facts_of(self, version: Version) -> _Apart:
        facts = self._facts.get(id(version))
        if facts is None:
            assert version.asked is not None
            facts = self._facts[id(version)] = _Apart(self._policy, version, version.asked)
        return facts


class _Neighbours:
    """What the lines of a claim say of each other."""

    def __init__(self, policy: Policy, claim: Claim, known_on: date | None) -> None:
        self._policy = policy
        self._claim = claim
        self._known_on = known_on
        self._offers: dict[int, list[Value | Unclear | None]] = {}

    def codes(self, line: Line) -> set[str]:
        """The valid codes of the other lines of the day."""
        return beside(self._policy, self._claim, line, self._known_on)

    def said(self, rule: EvidenceRule, line: Line) -> Value | Unclear | None:
        """The one value that the other lines of the day offer, or that it is disputed or unclear."""
        offers = self._offers.get(id(rule))
        if offers is None:
            lines = self._claim.lines
            offers = [offered(self._policy, rule, self._claim, each, self._known_on) for each in lines]
            self._offers[id(rule)] = offers
        said = None
        for offer, other in zip(offers, self._claim.lines, strict=True):
            if offer is not None and other is not line and other.day == line.day and offer != said:
                if said is not None:
                    return _DISPUTED
                said = _DISPUTED if isinstance(offer, Unclear) else offer
        return said
