"""What lines can tell of the lines beside them, those of the same claim and day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from compiler.runtime.claim_values import Unclear
from compiler.runtime.codes import contains
from compiler.runtime.derive import given
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import EvidenceRule
from policyc.bulk.apart import Telling
from policyc.bulk.chunk import Chunk
from policyc.bulk.numbers import Groups, Numbers, mapped
from policyc.bulk.standing import Stands
from policyc.bulk.values import Cells, Numbering, Values
from policyc.bulk.walk import Found, Told

_WORD = 62
_MUTE, _DISPUTED = -1, 1


class _Speaker(NamedTuple):
    """What a line contributes by its code: for each rule of evidence the number of a value, 0 where it gives
    none, and _MUTE where what it states does not count either; and its code, where that is valid.
    """

    evidence: tuple[int, ...]
    code: str | None


class Beside:
    """What counts of the lines beside: of each fact that may be taken from them, the one value that they
    state or give, or that there are several; and which codes stand there.
    """

    def __init__(self, telling: Telling, values: Mapping[str, Values], stands: Stands) -> None:
        self._telling = telling
        self._values = values
        self._stands = stands
        self._said = {path: Numbering(("disputed",)) for path in telling.evidence}
        self._evident = {path: Cells(partial(telling.value, path)) for path in telling.evidence}
        self._speakers = [_Speaker((_MUTE,) * len(telling.evidence_rules), None)]
        self._speaking = Found(self._speaks)
        codes = sorted(telling.needed)
        self._words = [codes[first : first + _WORD] for first in range(0, len(codes), _WORD)]
        self._standing = [Numbering() for _ in self._words]
        rules = [partial(self._told, rule) for rule in telling.evidence_rules]
        self.tolds = [*rules, *(partial(self._needed, at) for at in range(len(self._words)))]
        """For each column, what can be told of a cell by lines with a stand."""

    def columns(self, chunk: Chunk, stands: Numbers, codes: Numbers) -> Iterator[Numbers]:
        """The cells of the rows, whose stands and codes are known."""
        asking = np.asarray([bool(stand.evidence or stand.needs) for stand in self._stands.stands])
        rows = chunk.of_claims(asking.take(stands))
        groups = chunk.days(rows)
        speakers = self._speaking.of(chunk, codes)[rows]
        for at, rule in enumerate(self._telling.evidence_rules):
            gives = np.asarray([speaker.evidence[at] for speaker in self._speakers])
            yield chunk.among(rows, self._evidence(chunk, rule.fact, gives.take(speakers), groups, rows))
        for at, word in enumerate(self._words):
            bits = {code: 1 << at for at, code in enumerate(word)}
            stands_there = np.asarray([bits.get(speaker.code or "", 0) for speaker in self._speakers])
            there = groups.reduced(stands_there.take(speakers), np.bitwise_or)
            yield chunk.among(rows, mapped(there, self._standing[at].number))

    def _evidence(self, chunk: Chunk, fact: str, given: Numbers, groups: Groups, rows: Numbers) -> Numbers:
        """The cells of the values that the lines of a day state of a fact, or (`given`) have by their code: 0
        of none, 1 of several or one that is not clear.
        """
        said, evident = self._said[fact], self._evident[fact]
        stated = given
        if fact in self._values:
            stating = self._values[fact].ways[1].values[1:]
            table = [0, *(_DISPUTED if each is Unclear else said.number(each) for each in stating)]
            of_value = np.asarray(table, np.int64)[chunk.cells(fact, 1)[rows]]
            stated = np.where(given == _MUTE, 0, np.where(of_value > 0, of_value, given))
        # The bits of the values that are said and, behind them, of their complements: several values have
        # a bit in common with the complement of another.
        every = (1 << len(said).bit_length()) - 1
        number = np.arange(len(said))
        bits = number | (number ^ every) * (every + 1) * (number > 0)
        narrow = bits.astype(np.min_scalar_type(every * (every + 2)))
        both = groups.reduced(narrow.take(np.maximum(stated, 0)), np.bitwise_or)
        ones, others = both & every, both >> every.bit_length()
        cells = [0, _DISPUTED, *(1 + evident.number(each) for each in said.things[2:])]
        return np.asarray(cells, np.int64).take(np.where(ones & others, _DISPUTED, ones))

    def _told(self, rule: EvidenceRule, number: int, cell: int) -> Told:
        """What a line with a stand can tell of evidence."""
        stand = self._stands.stands[number]
        if cell == 0 or stand.version is None or rule not in stand.evidence:
            return Told()
        if cell == _DISPUTED:
            return Told(rules=Unclear)
        return Told(
            rules=self._telling.told(stand.version, rule.fact, self._evident[rule.fact].values[cell - 1])
        )

    def _needed(self, at: int, number: int, cell: int) -> Told:
        """Which of the codes of a word, of which a line with a stand needs one, stand there, and on which
        assumptions what is found of it then rests: on none, where one of them needs none.
        """
        word, needs = self._standing[at].things[cell] or 0, self._stands.stands[number].needs
        bits = {code: 1 << place for place, code in enumerate(self._words[at])}
        there = tuple(need for need in needs if word & bits.get(need[0], 0))
        assumptions = [assumption for _, assumption in there]
        if None in assumptions:
            # With more words, those of another count for nothing then.
            assumptions = [None] if len(self._words) > 1 else []
        return Told(beside=tuple(assumptions), edits=there)

    def _speaks(self, _number: int, claim: Claim, line: Line) -> int:
        """The number of what a line contributes to the others of its day by its code."""
        policy, known_on = self._telling.policy, self._telling.known_on
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
