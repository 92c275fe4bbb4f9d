"""The decisions of many claims: lines that a policy cannot tell apart are decided once, by the policy itself.

A line is told apart by what its own facts come to (its signature), and by what the lines of its claim and day
contribute. The first line of each kind is decided as `eval` decides it, in its own claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.partition import SERVICE, Partition
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.ages import BIRTH
from compiler.runtime.claim_values import Unclear, Value
from compiler.runtime.codes import contains
from compiler.runtime.derive import given
from compiler.runtime.errors import ClaimError
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy
from policyc.bulk.apart import PROCEDURE, Telling
from policyc.bulk.chunk import Chunk, Reading
from policyc.bulk.numbers import Numbers, different, firsts, joined, packed
from policyc.bulk.outcomes import Outcomes
from policyc.bulk.values import Numbering, Values
from policyc.rows import Cell, Column

UNITS = "line.units"
_WORD = 62
_UNREADABLE = "perhaps the claim cannot be read"


class Reject(NamedTuple):
    """A claim that cannot be read, the number of the row at fault, and why."""

    row: int
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
        self.outcomes = Outcomes(policy, known_on)
        self._telling = Telling(policy, partition, known_on)
        values = {
            path: Values(column, cell, self._ways(path))
            for path, column in columns.items()
            if path not in ("claim_id", "line.line")
        }
        self._reading = Reading(policy.schema, columns, cell, values, extra)
        self._values = values
        self._signatures: dict[tuple[int, ...], int] = {}
        self._kinds: list[_Kind] = []
        self._contributions: dict[tuple[int, ...], int] = {}
        self._bits = _Bits()
        self._known: dict[tuple[int, int], int] = {}
        self._ages = Numbering()
        self.reasons: Counter[str] = Counter()
        self._lying = Numbering()

    @property
    def units(self) -> list[Value | Unclear | None]:
        """By its number, what the units of a line are."""
        return self._values[UNITS].read if UNITS in self._values else [None]

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
        signatures = self._signatures_of(chunk)
        besides, sets = self._beside(chunk)
        numbers = self._outcomes_of(chunk, signatures, besides, sets)
        self.reasons += chunk.reasons
        return Decided(chunk, numbers, self._one_by_one(chunk, numbers), int(chunk.alone.sum()))

    # ---- the line itself ----------------------------------------------------------------------------------

    def _signatures_of(self, chunk: Chunk) -> Numbers:
        """The number of each row's signature; rows whose claims are to be decided alone get any."""
        parts = [self._cells(chunk, path) for path in self._values]
        parts += [self._lie(chunk, atom) for atom in self._telling.windows]
        if self._telling.asks_age and BIRTH in self._values:
            parts.append(self._aged(chunk))

        def signed(row: int) -> int:
            self._kinds.append(self._kind(chunk, row))
            return len(self._kinds) - 1

        places, found = _known(chunk, parts, self._signatures, signed)
        return np.asarray(found, np.int64)[places]

    def _cells(self, chunk: Chunk, path: str) -> Numbers:
        """What the decision of a line can tell of a fact. Where the line's code says something of the fact
        too, every way of stating it counts.
        """
        telling, values = self._telling, self._values[path]
        own, cells = chunk.numbers[path], values.cells(0)
        codes = chunk.numbers[PROCEDURE], [str(code) for code in self._values[PROCEDURE].read]
        if path == UNITS and not telling.asks(path):
            counted = np.asarray([telling.has_quantity(code) for code in codes[1]])
            return np.where(counted[codes[0]], np.minimum(own, 1), 0)
        if path in telling.given_by_others:
            return own
        if path in telling.given:
            gives = np.asarray([path in telling.gives(code) for code in codes[1]])
            return np.where(gives[codes[0]], 2 * own + 1, 2 * cells[own])
        return cells[own]

    def _lie(self, chunk: Chunk, atom: Any) -> Numbers:
        """How two dates lie, one in a window around the other; where one is unknown, by the other."""
        paths = atom.fact, atom.window.anchor
        read = [self._values[path].read if path in self._values else [None] for path in paths]
        zeros = np.zeros(chunk.rows, np.int64)
        fact, anchor = (chunk.numbers.get(path, zeros) for path in paths)
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
            for path, numbers in ((p, chunk.numbers[p]) for p in (BIRTH, SERVICE))
        )
        years = year[day] - born_in[born] - (day_of_year[day] < born_day[born])
        years = np.where((born > 0) & (day > 0), np.maximum(years, -1), -2)
        ages, places = different(years)
        return np.asarray([self._age(age) for age in ages], np.int64)[places]

    def _age(self, years: int) -> int:
        """The number of what can be told of an age; below zero are no ages."""
        return self._ages.number(years if years < 0 else (self._telling.age(years),))

    def _kind(self, chunk: Chunk, row: int) -> _Kind:
        """What of other lines counts for lines of a signature, by one of them."""
        found = chunk.line(row)
        if found is None:
            return _ALONE
        claim, line = found
        if self._telling.is_limited(line.code):
            return _ALONE
        made = adjudicate(self.policy, claim, line, self.known_on)
        if made.version is None or made.day is None:
            return _Kind(frozenset(), False)
        listed = made.version.listed.get(line.code)
        needs = {code for code, _ in listed.needs} if listed is not None else set()
        if line.code in needs:
            return _ALONE
        said = given(self.policy, claim, line, made.day, self.known_on)
        closed = {*claim.stated, *claim.unclear, *line.stated, *line.unclear, *said}
        evidence = {(rule.fact, rule.codes) for rule in made.version.evidence if rule.fact not in closed}
        return _Kind(frozenset({*needs, *evidence}), False)

    # ---- the lines beside ---------------------------------------------------------------------------------

    def _beside(self, chunk: Chunk) -> tuple[Numbers, list[int]]:
        """What all lines of a claim and day contribute: for each row the number of a set of bits."""
        telling = self._telling
        parts = []
        for path, values in self._values.items():
            if path in (PROCEDURE, SERVICE, self.policy.governed_by) or telling.is_evidence(path):
                parts.append(values.cells(1 if telling.is_evidence(path) else 0)[chunk.numbers[path]])

        def contributed(row: int) -> int:
            found = chunk.line(row)
            return 0 if found is None else self._contributed(*found)

        places, masks = _known(chunk, parts, self._contributions, contributed)
        if not any(masks):
            return np.zeros(chunk.rows, np.int64), [0]
        words = range(0, max(masks).bit_length(), _WORD)
        rows = [
            np.asarray([(mask >> low) % (1 << _WORD) for mask in masks], np.int64)[places] for low in words
        ]
        of_days = joined(rows, *chunk.days())
        numbers, count = packed([_small(word) for word in of_days], chunk.rows)
        first = firsts(numbers, count, np.ones(chunk.rows, np.bool_))
        sets = [0] * count
        for low, word in zip(words, of_days, strict=True):
            sets = [bits | (more << low) for bits, more in zip(sets, word[first].tolist(), strict=True)]
        return numbers, sets

    def _contributed(self, claim: Claim, line: Line) -> int:
        """What a line contributes to the others of its day, as bits."""
        policy, known_on = self.policy, self.known_on
        day = policy.governing(claim, line) or line.day
        if not policy.valid(line.code, day, known_on):
            return 0
        mask = self._bits.bit(line.code, None) if line.code in self._telling.needed else 0
        said = given(policy, claim, line, day, known_on)
        for rule in self._telling.evidence_rules:
            if rule.codes is None or contains(rule.codes, line.code):
                channel = rule.fact, rule.codes
                if rule.fact in line.unclear:
                    mask |= self._bits.bit(channel, Unclear)
                elif rule.fact in line.stated or rule.fact in said:
                    value = line.stated[rule.fact] if rule.fact in line.stated else said[rule.fact]
                    mask |= self._bits.bit(channel, (type(value), value))
        return mask

    # ---- outcomes -----------------------------------------------------------------------------------------

    def _outcomes_of(self, chunk: Chunk, signatures: Numbers, besides: Numbers, sets: list[int]) -> Numbers:
        """The outcome of each row, of which the first of each kind is decided by the policy."""
        lonely = np.asarray([kind.alone for kind in self._kinds] or [True])[signatures]
        chunk.set_apart(lonely, "a limit or an add-on counts units or codes of other lines")
        pairs, places = different(signatures * len(sets) + besides)
        numbers = [0] * len(pairs)
        for at, row in enumerate(firsts(places, len(pairs), ~chunk.alone).tolist()):
            if row >= 0:
                signature, beside = divmod(pairs[at], len(sets))
                key = signature, sets[beside] & self._bits.of(self._kinds[signature].channels)
                if key not in self._known:
                    found = chunk.line(row)
                    if found is None:
                        chunk.set_apart(places == at, _UNREADABLE)
                        continue
                    self._known[key] = self._outcome(*found)
                numbers[at] = self._known[key]
        return np.where(chunk.alone, 0, np.asarray(numbers, np.int64)[places])

    def _one_by_one(self, chunk: Chunk, numbers: Numbers) -> list[Reject]:
        """Decide the claims that stand alone line by line; those that cannot be read are rejected."""
        rejects = []
        for number in np.unique(chunk.claim_of_row[chunk.alone]).tolist():
            claim = chunk.claim(number)
            if isinstance(claim, ClaimError):
                rejects.append(Reject(chunk.row_at_fault(number, claim), claim))
            else:
                start, stop = chunk.bounds(number)
                numbers[start:stop] = [self._outcome(claim, line) for line in claim.lines]
        return rejects

    def _outcome(self, claim: Claim, line: Line) -> int:
        return self.outcomes.number(adjudicate(self.policy, claim, line, self.known_on), line)


class _Kind(NamedTuple):
    """What counts of the lines beside, by channel; `alone`: such lines are decided one by one."""

    channels: frozenset[Hashable]
    alone: bool


_ALONE = _Kind(frozenset(), True)


class _Bits:
    """Bits for what lines contribute, by channel: a code, or a fact and the codes that are evidence of it."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._channels: dict[Hashable, int] = {}

    def bit(self, channel: Hashable, value: Hashable) -> int:
        """The bit of something contributed."""
        bit = 1 << self._numbers.setdefault((channel, value), len(self._numbers))
        self._channels[channel] = self._channels.get(channel, 0) | bit
        return bit

    def of(self, channels: Iterable[Hashable]) -> int:
        """All bits of some channels."""
        mask = 0
        for channel in channels:
            mask |= self._channels.get(channel, 0)
        return mask


def _known(
    chunk: Chunk, parts: list[Numbers], known: dict[tuple[int, ...], int], made: Callable[[int], int]
) -> tuple[Numbers, list[int]]:
    """For each row the place of its parts among the different ones, and what is known of each: what is not
    is made of a row that has them. Of rows that stand alone nothing need be known.
    """
    places, count = packed(parts, chunk.rows)
    first = firsts(places, count, ~chunk.alone)
    keys = np.stack([part[first] for part in parts], axis=1).tolist()
    found = [0] * count
    for at, (row, key) in enumerate(zip(first.tolist(), map(tuple, keys), strict=True)):
        if row >= 0:
            if key not in known:
                known[key] = made(row)
            found[at] = known[key]
    return places, found


def _small(word: Numbers) -> Numbers:
    """The same in smaller numbers: equal where they are equal."""
    return different(word)[1]


def _calendar(read: list[Any]) -> tuple[Numbers, Numbers]:
    """By a value's number, the year of a date, and a number that grows with the day of the year."""
    days = [value if isinstance(value, date) else date.min for value in read]
    years = np.asarray([day.year for day in days], np.int64)
    return years, np.asarray([day.month * 32 + day.day for day in days], np.int64)
