"""The decisions of many claims: lines that a policy cannot tell apart are decided once, by the policy itself.

A line is told apart by what its own facts come to (its signature), and by what the lines of its claim and day
contribute. The first line of each kind is decided as `eval` decides it, in its own claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.partition import SERVICE, Partition
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.ages import BIRTH
from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.codes import contains
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import given
from compiler.runtime.errors import ClaimError
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import EvidenceRule, Policy
from policyc.bulk.apart import OWN_DIAGNOSES, PROCEDURE, Telling
from policyc.bulk.chunk import Chunk, Reading
from policyc.bulk.facts import ListValues
from policyc.bulk.numbers import Groups, Numbers, different, firsts, packed
from policyc.bulk.outcomes import UNITS, Outcomes
from policyc.bulk.values import Numbering, Values
from policyc.reading.rows import Cell, Column

_WORD = 62
_MUTE, _DISPUTED, _LARGEST = -1, 1, 2**62
_NOTHING: frozenset[str] = frozenset()
_OTHERS_COUNT = "a limit or an add-on counts units or codes of other lines"
_UNREADABLE = "perhaps the claim cannot be read"


class Reject(NamedTuple):
    """A claim that cannot be read, the number of the row at fault (None where rows have none), and why."""

    row: int | None
    error: ClaimError


class Decided(NamedTuple):
    """A chunk, for each of its rows the number of its outcome (0 where its claim is rejected), and how many
    rows were decided one by one.
    """

    chunk: Chunk
    numbers: Numbers
    rejects: list[Reject]
    alone: int


class Kernel:
    """One policy, deciding chunk after chunk of whole claims; `columns` are those of the input by fact."""

    def __init__(
        self,
        policy: Policy,
        partition: Partition,
        known_on: date | None,
        columns: dict[str, Column],
        cell: Cell,
        extra: Callable[[str], None] | None = None,
    ) -> None:
        self.policy = policy
        self.known_on = known_on
        self._telling = Telling(policy, partition, known_on)
        values = {
            path: Values(column, cell, self._ways(path))
            for path, column in columns.items()
            if path not in ("claim_id", "line.line")
        }
        lists = {
            path: self._list_values(path, column, cell)
            for path, column in columns.items()
            if column.spec.kind in ("codes", "texts") and not self._telling.is_evidence(path)
        }
        self._reading = Reading(policy.schema, columns, cell, values, lists, extra)
        self._values = values
        coding = (PROCEDURE, SERVICE, policy.governed_by, *sorted(self._telling.givers))
        self._coding = [path for path in dict.fromkeys(coding) if path in values]
        self.outcomes = Outcomes(policy, known_on, values)
        self._known_kinds: dict[tuple[int, ...], int] = {}
        self._kinds = [_ALONE]
        self._speaking: dict[tuple[int, ...], int] = {}
        self._speakers = [_Speaker((_MUTE,) * len(self._telling.evidence_rules), None)]
        self._said = {path: Numbering(("disputed",)) for path in partition.evidence}
        self._evident = Numbering(("disputed",))
        self._known: dict[tuple[int, ...], int] = {}
        self._named: dict[tuple[str, int, int, tuple[str | None, ...]], int] = {}
        self._ages = Numbering()
        self.reasons: Counter[str] = Counter()
        self._lying = Numbering()

    def _list_values(self, path: str, column: Column, cell: Cell) -> ListValues:
        telling = self._telling
        own = Column(column.title, column.scope, column.key, column.spec.element())
        elements = Values(own, cell, (lambda value: telling.element(path, str(value)),), None)
        return ListValues(
            elements,
            path in telling.whole,
            lambda values: telling.value(path, values),
        )

    @property
    def whole(self) -> list[str]:
        """The facts of the input of which every value counts."""
        return [path for path in self._values if path in self._telling.whole]

    def _ways(self, path: str) -> tuple[Callable[[Value | Unclear], Hashable], ...]:
        """How a fact's values are told apart: by the line itself, and by others whose evidence they are."""

        def own(value: Value | Unclear) -> Hashable:
            return self._telling.value(path, value)

        def evidence(value: Value | Unclear) -> Hashable:
            return Unclear if isinstance(value, Unclear) else value

        return (own, evidence) if self._telling.is_evidence(path) else (own,)

    def decide(self, table: pa.Table, faults: dict[int, ClaimError]) -> Decided:
        """The outcomes of whole claims; `faults` are rows that are broken, by their numbers in the input."""
        chunk = Chunk(self._reading, table, faults)
        kinds = self._kinds_of(chunk)
        chunk.set_apart(np.asarray([kind.alone for kind in self._kinds])[kinds], _OTHERS_COUNT)
        numbers = self._outcomes_of(chunk, [*self._own(chunk, kinds), *self._beside(chunk, kinds)])
        self.reasons += chunk.reasons
        return Decided(chunk, numbers, self._one_by_one(chunk, numbers), int(chunk.alone.sum()))

    # ---- the line itself ----------------------------------------------------------------------------------

    def _gates(self, chunk: Chunk) -> list[Numbers]:
        """By which it is told what counts of a line at all: its code, its days, which facts it states."""
        telling = self._telling
        stating = [np.minimum(chunk.own(path), 1) for path in (*telling.stating, *telling.evidence)]
        return [*self._codes(chunk), *stating]

    def _codes(self, chunk: Chunk) -> list[Numbers]:
        """By which it is told what the codes of a line say."""
        return [chunk.cells(path) for path in self._coding]

    def _kinds_of(self, chunk: Chunk) -> Numbers:
        """The number of each row's kind; rows whose claims are to be decided alone get any."""

        def kind(claim: Claim, line: Line) -> int:
            self._kinds.append(self._kind(claim, line))
            return len(self._kinds) - 1

        places, found = _known(chunk, self._gates(chunk), self._known_kinds, kind)
        return np.asarray(found, np.int64)[places]

    def _kind(self, claim: Claim, line: Line) -> _Kind:
        """What counts for lines of a kind, by one of them."""
        if self._telling.is_limited(line.code):
            return _ALONE
        made = adjudicate(self.policy, claim, line, self.known_on)
        if made.facts is None and made.finding.determination in ("not_in_force", "not_applicable"):
            return _Kind(0, _NO_RULES, _NOTHING, False)
        if made.version is None or made.day is None:
            return _Kind(1, _NO_RULES, _NOTHING, False)
        listed = made.version.listed.get(line.code)
        needs = frozenset(code for code, _ in listed.needs) if listed is not None else _NOTHING
        if line.code in needs:
            return _ALONE
        said = given(self.policy, claim, line, made.day, self.known_on)
        closed = {*claim.stated, *claim.unclear, *line.stated, *line.unclear, *said}
        evidence = frozenset(rule for rule in made.version.evidence if rule.fact not in closed)
        return _Kind(1, evidence, needs, False)

    def _own(self, chunk: Chunk, kinds: Numbers) -> list[Numbers]:
        """What the decision of a line can tell of what it states itself, as far as that counts."""
        opens = np.asarray([kind.opens for kind in self._kinds], np.int64)[kinds]
        parts = [self._cells(chunk, path) * opens for path in self._values if path not in self._coding]
        parts += [self._lie(chunk, atom) * opens for atom in self._telling.windows]
        if self._telling.asks_age and BIRTH in self._values:
            parts.append(self._aged(chunk) * opens)
        return [*self._gates(chunk), *parts]

    def _cells(self, chunk: Chunk, path: str) -> Numbers:
        """What the decision of a line can tell of a fact. What edits repeat of it is put in later."""
        telling, own = self._telling, chunk.own(path)
        if path == UNITS and not telling.asks(path):
            codes = [str(code) for code in self._values[PROCEDURE].read]
            counted = np.asarray([telling.has_quantity(code) for code in codes])
            return np.where(counted[chunk.own(PROCEDURE)], np.minimum(own, 1), 0)
        return chunk.cells(path)

    def _lie(self, chunk: Chunk, atom: Any) -> Numbers:
        """How two dates lie, one in a window around the other; where one is unknown, by the other."""
        paths = atom.fact, atom.window.anchor
        read = [self._values[path].read if path in self._values else [None] for path in paths]
        fact, anchor = map(chunk.own, paths)
        width = len(read[0])
        pairs, places = different(anchor * width + fact)
        numbers = []
        for pair in pairs:
            facts = LineFacts({}, False, {})
            known = dict(zip(paths, (read[0][pair % width], read[1][pair // width]), strict=True))
            facts.values |= {path: day for path, day in known.items() if isinstance(day, date)}
            held = judge(atom, facts).holds if len(facts.values) == 2 else None
            numbers.append(self._lying.number(held if held is not None else tuple(facts.values.items())))
        return np.asarray(numbers, np.int64)[places]

    def _aged(self, chunk: Chunk) -> Numbers:
        """What can be told of the age."""
        (born, born_in, born_day), (day, year, day_of_year) = (
            (numbers, *_calendar(self._values[path].read))
            for path, numbers in ((p, chunk.own(p)) for p in (BIRTH, SERVICE))
        )
        years = year[day] - born_in[born] - (day_of_year[day] < born_day[born])
        years = np.where((born > 0) & (day > 0), np.maximum(years, -1), -2)
        ages, places = different(years)
        return np.asarray([self._age(age) for age in ages], np.int64)[places]

    def _age(self, years: int) -> int:
        """The number of what can be told of an age; below zero are no ages."""
        return self._ages.number(years if years < 0 else (self._telling.age(years),))

    # ---- the lines beside ---------------------------------------------------------------------------------

    def _beside(self, chunk: Chunk, kinds: Numbers) -> list[Numbers]:
        """What a line can tell of the lines of its claim and day: of each fact that may be taken from them,
        the one value that they state or give, or that there are several; and which codes stand beside.
        """
        places, found = _known(chunk, self._codes(chunk), self._speaking, self._speaks)
        speaking = [self._speakers[number] for number in found]
        groups = chunk.days()
        beside = []
        for at, rule in enumerate(self._telling.evidence_rules):
            wants = np.asarray([rule in kind.evidence for kind in self._kinds])[kinds]
            if not wants.any():
                beside.append(np.zeros(chunk.rows, np.int64))
                continue
            gives = np.asarray([speaker.evidence[at] for speaker in speaking])[places]
            beside.append(np.where(wants, self._evidence(chunk, rule.fact, gives, groups), 0))
        codes = sorted(self._telling.needed)
        for first in range(0, len(codes), _WORD):
            word = {code: 1 << at for at, code in enumerate(codes[first : first + _WORD])}
            stands = np.asarray([word.get(speaker.code or "", 0) for speaker in speaking], np.int64)[places]
            wanted = [sum(word.get(code, 0) for code in kind.needs) for kind in self._kinds]
            beside.append(groups.reduced(stands, np.bitwise_or) & np.asarray(wanted, np.int64)[kinds])
        return beside

    def _evidence(self, chunk: Chunk, fact: str, given: Numbers, groups: Groups) -> Numbers:
        """What can be told of the values that the lines of a day state of a fact, or (`given`) have by their
        code: 0 of none, 1 of several or one that is not clear.
        """
        said = self._said[fact]
        stated = given
        if fact in self._values:
            stating = self._values[fact].kinds(1)[1:]
            table = [0, *(_DISPUTED if each is Unclear else said.number(each) for each in stating)]
            of_value = np.asarray(table, np.int64)[chunk.cells(fact, 1)]
            stated = np.where(given == _MUTE, 0, np.where(of_value > 0, of_value, given))
        stated = np.maximum(stated, 0)
        most = groups.reduced(stated, np.maximum)
        least = groups.reduced(np.where(stated > 0, stated, _LARGEST), np.minimum)
        told = [0, _DISPUTED]
        told += [self._evident.number(self._telling.value(fact, each)) for each in said.things[2:]]
        return np.where((most > 0) & (least < most), _DISPUTED, np.asarray(told, np.int64)[most])

    def _speaks(self, claim: Claim, line: Line) -> int:
        """The number of what a line contributes to the others of its day by its code."""
        policy, known_on = self.policy, self.known_on
        day = policy.governing(claim, line) or line.day
        if not policy.valid(line.code, day, known_on):
            return 0
        said = given(policy, claim, line, day, known_on)
        evidence = [
            _MUTE
            if rule.codes is not None and not contains(rule.codes, line.code)
            else self._said[rule.fact].number(said[rule.fact])
            if rule.fact in said
            else 0
            for rule in self._telling.evidence_rules
        ]
        self._speakers.append(_Speaker(tuple(evidence), line.code))
        return len(self._speakers) - 1

    # ---- outcomes -----------------------------------------------------------------------------------------

    def _outcomes_of(self, chunk: Chunk, parts: list[Numbers]) -> Numbers:
        """The outcome of each row, of which the first of each kind is decided by the policy."""
        places, numbers = _known(chunk, parts, self._known, self._outcome)
        found = np.where(chunk.alone, 0, np.asarray(numbers, np.int64)[places])
        for path in (OWN_DIAGNOSES, DIAGNOSES):
            if path in chunk.facts and self.policy.knows_diagnoses:
                self._name_diagnoses(chunk, path, found)
        return found

    def _name_diagnoses(self, chunk: Chunk, path: str, numbers: Numbers) -> None:
        """Put in what edits say of the diagnoses of lines."""
        rows = chunk.facts[path].having(self._telling.named) & (numbers > 0)
        if path == DIAGNOSES and OWN_DIAGNOSES in chunk.facts:
            rows &= chunk.own(OWN_DIAGNOSES) == 0
        governed = chunk.facts.get(self.policy.governed_by)
        if governed is None:
            return
        days = chunk.cells(self.policy.governed_by)
        for row in np.flatnonzero(rows & self.outcomes.names_diagnoses()[numbers]).tolist():
            codes = chunk.facts[path].read(row)
            named = tuple(code if code and self._telling.named(code) else None for code in codes)
            key = path, int(numbers[row]), int(days[row]), named
            if key not in self._named:
                self._named[key] = self.outcomes.with_diagnoses(*key[:2], named, governed.read(row))
            numbers[row] = self._named[key]

    def _one_by_one(self, chunk: Chunk, numbers: Numbers) -> list[Reject]:
        """Decide the claims that stand alone line by line; those that cannot be read are rejected."""
        rejects = []
        for number in np.unique(chunk.claim_of_row[chunk.alone]).tolist():
            claim = chunk.claim(number)
            if isinstance(claim, ClaimError):
                rejects.append(Reject(chunk.row_at_fault(number, claim), claim))
            else:
                start, stop = chunk.bounds(number)
                made = [(adjudicate(self.policy, claim, line, self.known_on), line) for line in claim.lines]
                numbers[start:stop] = [self.outcomes.number(*each, whole=True) for each in made]
        return rejects

    def _outcome(self, claim: Claim, line: Line) -> int:
        return self.outcomes.number(adjudicate(self.policy, claim, line, self.known_on), line)


class _Kind(NamedTuple):
    """What counts for lines: `opens` is 1 if more of them counts than their code and day, `evidence` and
    `needs` are what counts of the lines beside; `alone`: such lines are decided one by one.
    """

    opens: int
    evidence: frozenset[EvidenceRule]
    needs: frozenset[str]
    alone: bool


class _Speaker(NamedTuple):
    """What a line contributes by its code: for each rule of evidence the number of a value, 0 where it gives
    none, and _MUTE where what it states does not count either; and its code, where that is valid.
    """

    evidence: tuple[int, ...]
    code: str | None


_NO_RULES: frozenset[EvidenceRule] = frozenset()
_ALONE = _Kind(1, _NO_RULES, _NOTHING, True)


def _known(
    chunk: Chunk,
    parts: list[Numbers],
    known: dict[tuple[int, ...], int],
    made: Callable[[Claim, Line], int],
) -> tuple[Numbers, list[int]]:
    """For each row the place of its parts among the different ones, and what is known of each: what is not
    is made of a line that has them. Of rows that stand alone nothing need be known.
    """
    places, count = packed(parts, chunk.rows)
    found: list[int | None] = [None] * count
    while None in found:
        first = firsts(places, count, ~chunk.alone)
        keys = np.stack([part[first] for part in parts], axis=1).tolist()
        for at, (row, key) in enumerate(zip(first.tolist(), map(tuple, keys), strict=True)):
            if found[at] is not None or row < 0:
                found[at] = found[at] or 0
            elif key in known:
                found[at] = known[key]
            elif (line := chunk.line(row)) is not None:
                found[at] = known[key] = made(*line)
            else:
                chunk.set_apart(np.arange(chunk.rows) == row, _UNREADABLE)
    return places, [number or 0 for number in found]


def _calendar(read: list[Any]) -> tuple[Numbers, Numbers]:
    """By a value's number, the year of a date, and a number that grows with the day of the year."""
    days = [value if isinstance(value, date) else date.min for value in read]
    years = np.asarray([day.year for day in days], np.int64)
    return years, np.asarray([day.month * 32 + day.day for day in days], np.int64)
