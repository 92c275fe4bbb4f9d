"""The decisions of many claims: lines that a policy cannot tell apart are decided once, by the policy itself.

A line is told apart by what its own facts come to (its signature), and by what the lines of its claim and day
contribute. The first line of each kind is decided as `eval` decides it, in its own claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.partition import SERVICE, Partition
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.ages import BIRTH
from compiler.runtime.atoms import WindowIs
from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.errors import ClaimError
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy
from policyc.bulk.apart import OWN_DIAGNOSES, Telling
from policyc.bulk.beside import Beside
from policyc.bulk.chunk import Chunk, Reading
from policyc.bulk.facts import ListValues
from policyc.bulk.numbers import Numbers, Pairs, different, firsts, packed
from policyc.bulk.outcomes import Outcome, Outcomes
from policyc.bulk.standing import Stands
from policyc.bulk.values import Numbering, Values
from policyc.bulk.walk import Found, Kinds, Step, Told
from policyc.reading.rows import Cell, Column

_OTHERS_COUNT = "a limit or an add-on counts units or codes of other lines"


class Reject(NamedTuple):
    """A claim that cannot be read, the number of the row at fault (None where rows have none), and why."""

    row: int | None
    error: ClaimError


class Decided(NamedTuple):
    """A chunk, what came of each of its rows (nothing is said where its claim is rejected), and how many rows
    were decided one by one.
    """

    chunk: Chunk
    outcome: Outcome
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
        self._telling = telling = Telling(policy, partition, known_on)
        self._values = values = {
            path: Values(column, cell, self._ways(path))
            for path, column in columns.items()
            if path not in ("claim_id", "line.line")
        }
        lists = {
            path: self._list_values(path, column, cell)
            for path, column in columns.items()
            if column.spec.kind in ("codes", "texts") and path not in telling.evidence
        }
        self._reading = Reading(policy.schema, columns, cell, values, lists, extra)
        self.outcomes = Outcomes(policy, known_on, values)
        self._stands = stands = Stands(telling, values)
        self._beside = Beside(telling, values, stands)
        self._facts = [path for path in values if path not in stands.coding]
        self._lying = Numbering()
        self._asks_age = BIRTH in values and any(telling.by(v).asks_age for v in telling.versions)
        self._steps: list[Step] = []
        for told in self._tolds():
            began = self._steps[-1].began if self._steps else int
            self._steps.append(Step(began, cache(told)))
        self._kinds = Kinds(stands.told_by.__getitem__, self._steps)
        self._said = Found(self._saying)
        self._edits = Found(self._edits_of)
        self._names = Numbering()
        self._namings = Numbering()
        self._days_of_namings = [date.min]
        self._with_naming = Pairs(self._named)
        self.reasons: Counter[str] = Counter()

    def _list_values(self, path: str, column: Column, cell: Cell) -> ListValues:
        sight = self._telling.all
        ways = (lambda value: sight.element(path, str(value)),)
        return ListValues(column, cell, ways, path in sight.whole, self._values[path].ways[0])

    @property
    def whole(self) -> list[str]:
        """The facts of the input of which every value counts."""
        return [path for path in self._values if path in self._telling.all.whole]

    def _ways(self, path: str) -> tuple[Callable[[Value | Unclear], Hashable], ...]:
        """How a fact's values are told apart: by the line itself, and by others whose evidence they are."""

        def own(value: Value | Unclear) -> Hashable:
            return self._telling.value(path, value)

        def evidence(value: Value | Unclear) -> Hashable:
            return Unclear if isinstance(value, Unclear) else value

        return (own, evidence) if path in self._telling.evidence else (own,)

    def decide(self, table: pa.Table, faults: dict[int, ClaimError]) -> Decided:
        """The outcomes of whole claims; `faults` are rows that are broken, by their numbers in the input."""
        chunk = Chunk(self._reading, table, faults)
        codes = self._stands.codes(chunk)
        kinds = stands = self._stands.of(chunk, codes)
        chunk.set_apart(
            np.asarray([stand.alone for stand in self._stands.stands]).take(stands), _OTHERS_COUNT
        )
        for step, cells in zip(self._steps, self._columns(chunk, stands, codes), strict=True):
            kinds = step.numbers(kinds, cells)
        findings, edits = self._kinds.of(kinds)
        said, edits = self._said.of(chunk, findings), self._edits.of(chunk, edits)
        for path in (OWN_DIAGNOSES, DIAGNOSES):
            if path in chunk.facts and self.policy.knows_diagnoses:
                self._name_diagnoses(chunk, path, edits)
        self.reasons += chunk.reasons
        outcome = Outcome(said, edits)
        return Decided(chunk, outcome, self._one_by_one(chunk, outcome), int(chunk.alone.sum()))

    # ---- what is told of a line ---------------------------------------------------------------------------

    def _columns(self, chunk: Chunk, stands: Numbers, codes: Numbers) -> Iterator[Numbers]:
        """For each step the cells of the rows."""
        yield from (chunk.cells(path) for path in self._facts)
        yield from (self._lie(chunk, atom) for atom in self._telling.all.windows)
        if self._asks_age:
            yield self._aged(chunk)
        yield from self._beside.columns(chunk, stands, codes)

    def _tolds(self) -> Iterator[Callable[[int, int], Told]]:
        """For each step what can be told of a cell by lines with a stand."""
        yield from (partial(self._fact, path) for path in self._facts)
        yield from (partial(self._lying_in, atom) for atom in self._telling.all.windows)
        if self._asks_age:
            yield self._age
        yield from self._beside.tolds

    def _fact(self, path: str, stand: int, cell: int) -> Told:
        return self._stands.told(stand, path, self._values[path].ways[0].values[cell])

    def _lying_in(self, atom: WindowIs, stand: int, cell: int) -> Told:
        sight = self._stands.sight(stand)
        return Told(rules=cell if sight is not None and atom in sight.windows else None)

    def _age(self, stand: int, cell: int) -> Told:
        sight = self._stands.sight(stand)
        if sight is None or not sight.asks_age:
            return Told()
        return Told(rules=sight.age(cell - 2) if cell > 1 else cell)

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
        """The age, behind 0 of none that is known, and 1 of a day before that of birth."""
        (born, born_in, born_day), (day, year, day_of_year) = (
            (numbers, *_calendar(self._values[path].read))
            for path, numbers in ((p, chunk.own(p)) for p in (BIRTH, SERVICE))
        )
        years = year[day] - born_in[born] - (day_of_year[day] < born_day[born])
        return np.where((born > 0) & (day > 0), np.maximum(years, -1) + 2, 0)

    # ---- outcomes -----------------------------------------------------------------------------------------

    def _name_diagnoses(self, chunk: Chunk, path: str, edits: Numbers) -> None:
        """Put in what edits say of the diagnoses of lines that do not stand alone."""
        governed = self.policy.governed_by
        if governed not in chunk.facts:
            return
        rows, places, names = chunk.facts[path].named(self._name)
        wanted = self.outcomes.names_diagnoses()[edits[rows]] & ~chunk.alone[rows]
        if path == DIAGNOSES:
            wanted &= chunk.own(OWN_DIAGNOSES)[rows] == 0
        rows, places, names = (each[wanted] for each in (rows, places, names))
        if not len(rows):
            return
        starts = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
        counts = np.diff(np.append(starts, len(rows)))
        named = rows[starts]
        parts = [chunk.cells(governed)[named]]
        for at in range(int(counts.max())):
            there = np.minimum(starts + at, len(rows) - 1)
            parts += [np.where(counts > at, each[there], 0) for each in (1 + places, names)]
        alike, count = packed(parts, len(named))
        first = named[firsts(alike, count)]
        lists, days = chunk.facts[path].read(first), chunk.facts[governed].read(first)
        of_days = chunk.cells(governed)[first].tolist()
        namings = [self._naming(path, *each) for each in zip(lists, days, of_days, strict=True)]
        edits[named] = self._with_naming.numbers(edits[named], np.asarray(namings, np.int64)[alike])

    def _name(self, code: str) -> int:
        return self._names.number(code) if self._telling.named(code) else 0

    def _naming(self, path: str, codes: tuple[Any, ...], day: date, of_day: int) -> int:
        """The number of the diagnoses that edits can name, as of a day, of which `of_day` can be told."""
        named = tuple(code if code and self._telling.named(code) else None for code in codes)
        number = self._namings.number((path, of_day, named))
        if number == len(self._days_of_namings):
            self._days_of_namings.append(day)
        return number

    def _named(self, edits: int, naming: int) -> int:
        path, _, named = self._namings.things[naming]
        return self.outcomes.with_diagnoses(path, edits, named, self._days_of_namings[naming])

    def _one_by_one(self, chunk: Chunk, outcome: Outcome) -> list[Reject]:
        """Decide the claims that stand alone line by line; those that cannot be read are rejected."""
        outcome.said[chunk.alone] = 0
        rejects = []
        for number in np.unique(chunk.claim_of_row[chunk.alone]).tolist():
            claim = chunk.claim(number)
            if isinstance(claim, ClaimError):
                rejects.append(Reject(chunk.row_at_fault(number, claim), claim))
            else:
                start, stop = chunk.bounds(number)
                made = [(adjudicate(self.policy, claim, line, self.known_on), line) for line in claim.lines]
                outcome.said[start:stop] = [self.outcomes.saying(*each) for each in made]
                outcome.edits[start:stop] = [self.outcomes.edits_of(*each, whole=True) for each in made]
        return rejects

    def _saying(self, finding: int, claim: Claim, line: Line) -> int:
        alike = self._kinds.ruled(finding)
        return self.outcomes.saying(adjudicate(self.policy, claim, line, self.known_on, alike), line)

    def _edits_of(self, _edits: int, claim: Claim, line: Line) -> int:
        return self.outcomes.edits_of(adjudicate(self.policy, claim, line, self.known_on), line)


def _calendar(read: list[Any]) -> tuple[Numbers, Numbers]:
    """By a value's number, the year of a date, and a number that grows with the day of the year."""
    days = [value if isinstance(value, date) else date.min for value in read]
    years = np.asarray([day.year for day in days], np.int64)
    return years, np.asarray([day.month * 32 + day.day for day in days], np.int64)
