"""Lines of one signature are decided alike: it holds all that a compiled policy can tell apart about a line.

What is not in it, decisions repeat from the line itself: its number, its procedure and day as written, and
its units and diagnoses as edits name them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.codes import Interval, contains
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import STATED, offered
from compiler.runtime.edits import beside
from compiler.runtime.kept import Kept
from compiler.runtime.line_facts import ASSUMPTION
from compiler.runtime.reader import ECHOED, Claim, Line
from compiler.runtime.reasons import SINCE
from compiler.runtime.tables import EvidenceRule, Policy, Signature, Version

_BY_DAY = frozenset({"line.service_date", "member.age", "member.birth_date"})
"""Facts by which a rule can tell any two days apart."""

_ELSEWHERE = frozenset({"line.procedure", "line.service_date", "line.diagnoses", DIAGNOSES})
"""Facts that have a place of their own in a signature."""

_DISPUTED = Unclear("", ())
"""Stands for evidence that is none, since it is not of one value."""


class Asked(NamedTuple):
    """What the rules of all versions ask of diagnoses: in which sets a code is, and of how many at most."""

    sets: tuple[tuple[Interval, ...], ...] = ()
    most: int = 0


class _Stand(NamedTuple):
    """What stands for a code on a day."""

    version: Version | None
    needs: frozenset[str]


class Signatures:
    """The signatures of lines under one policy."""

    def __init__(
        self, policy: Policy, versions: Iterable[Version], days: tuple[date, ...], diagnoses: Asked
    ) -> None:
        self._policy = policy
        self._asked = diagnoses
        self._days = sorted({*days, *SINCE.values()})
        self._classes: Kept[str, int] = Kept()
        self._stands: Kept[tuple[str, date, date | None], _Stand] = Kept()
        gives = {path for giver in policy.fact_givers for path in giver.gives}
        asked = gives | {giver.by for giver in policy.fact_givers} | {policy.governed_by}
        asked |= {giver.list for giver in policy.field_givers}
        self._unsigned = False
        for version in versions:
            asked |= {path.removesuffix(STATED) for path in version.facts}
            asked |= {*version.stating, *version.asks_stated, *(rule.fact for rule in version.evidence)}
            self._unsigned |= bool(version.limits) or any(
                path.startswith(ASSUMPTION) for path in version.facts
            )
        asked = {path for path in asked if not path.startswith(ASSUMPTION)}
        self._exact_day = not _BY_DAY.isdisjoint(asked)
        asked |= {"member.birth_date"} if "member.age" in asked else set()
        asked -= _ELSEWHERE | {"member.age"}
        self._records = frozenset(path for path in asked if policy.specs[path].kind == "records")
        # A code says otherwise than a text that is stated: then the edit repeats the text.
        echoed = {path for path in gives if policy.specs[path].kind in ECHOED}
        plain = asked - self._records - echoed
        self._of_line = tuple(sorted(path for path in plain if path.startswith("line.")))
        self._of_claim = tuple(sorted(plain.difference(self._of_line)))
        self._echo_of_line = tuple(sorted(path for path in echoed if path.startswith("line.")))
        self._echo_of_claim = tuple(sorted(echoed.difference(self._echo_of_line)))

    def caches(self) -> tuple[Kept[Any, Any], ...]:
        """What is kept between claims."""
        return self._classes, self._stands

    def of(self, claim: Claim, known_on: date | None) -> Sequence[Signature | None]:
        """The signatures of a claim's lines; None of a line that is decided without: where a contract, a
        limit or the records of a list have a say, or an assumption is not made.
        """
        stated, echo = claim.stated.get, claim.echo.get
        if self._unsigned or claim.exclusions or claim.riders or not self._records.isdisjoint(claim.stated):
            return [None] * len(claim.lines)
        shared = (
            known_on,
            tuple(claim.unclear.items()) if claim.unclear else None,
            *[stated(path) for path in self._of_claim],
            *[echo(path) for path in self._echo_of_claim],
        )
        diagnoses = self._diagnoses(stated(DIAGNOSES))
        neighbours = _Neighbours(self._policy, claim, known_on) if len(claim.lines) > 1 else None
        return [self._signature(claim, line, known_on, shared, diagnoses, neighbours) for line in claim.lines]

    def _signature(
        self,
        claim: Claim,
        line: Line,
        known_on: date | None,
        shared: Hashable,
        diagnoses: Hashable,
        neighbours: _Neighbours | None,
    ) -> Signature | None:
        code, day, stated, echo = line.code, line.day, line.stated.get, line.echo.get
        if not self._records.isdisjoint(line.stated):
            return None
        if line.own_diagnoses:
            diagnoses = self._diagnoses(stated("line.diagnoses"))
        around: Hashable = None
        if neighbours is not None:
            stand = self._stands_on(code, self._policy.governing(claim, line), known_on)
            around = neighbours.of(line, stand)
        return (
            code,
            day if self._exact_day else bisect_right(self._days, day),
            shared,
            line.own_diagnoses,
            diagnoses,
            around,
            tuple(line.unclear.items()) if line.unclear else None,
            "line.units" in line.stated,
            *[stated(path) for path in self._of_line],
            *[echo(path) for path in self._echo_of_line],
        )

    def _stands_on(self, code: str, day: date | None, known_on: date | None) -> _Stand:
        if day is None:
            return _Stand(None, frozenset())
        found = self._stands.get((code, day, known_on))
        if found is None:
            version = self._policy.version(day, known_on)
            listed = version.listed.get(code) if version is not None else None
            needs = frozenset(each for each, _ in listed.needs) if listed is not None else frozenset[str]()
            found = self._stands.keep((code, day, known_on), _Stand(version, needs))
        return found

    def _diagnoses(self, codes: Value | None) -> Hashable:
        """What can be told apart of a list of diagnoses: in which sets its codes are; with an unknown one
        among them, also at which places.
        """
        if not isinstance(codes, tuple):
            return None
        classes = [self._class(code) for code in codes]
        if None in codes:
            return tuple(classes)
        return frozenset(classes) if self._asked.most <= 1 else tuple(sorted(classes))

    def _class(self, code: object) -> int:
        """The sets in which a code is, as bits; -1 of one that is unknown."""
        if not isinstance(code, str):
            return -1
        found = self._classes.get(code)
        if found is None:
            bits = sum(contains(codes, code) << at for at, codes in enumerate(self._asked.sets))
            found = self._classes.keep(code, bits)
        return found


class _Neighbours:
    """What the lines of a claim say of each other."""

    def __init__(self, policy: Policy, claim: Claim, known_on: date | None) -> None:
        self._policy = policy
        self._claim = claim
        self._known_on = known_on
        self._offers: dict[int, list[Value | Unclear | None]] = {}

    def of(self, line: Line, stand: _Stand) -> Hashable:
        """What the other lines of the day say of a line's facts, and which codes that it needs they have."""
        version, needs = stand
        if version is None:
            return None
        said = [None if rule.fact in line.stated else self._said(rule, line) for rule in version.evidence]
        there = needs & beside(self._policy, self._claim, line, self._known_on) if needs else None
        return (*said, there)

    def _said(self, rule: EvidenceRule, line: Line) -> Value | Unclear | None:
        """The one value that the others offer, or that they offer several."""
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
                said = offer
        return said
