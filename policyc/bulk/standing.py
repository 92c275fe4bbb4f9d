"""What stands for lines by their codes and days, and what of a line its decision can depend on then."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from compiler.partition import SERVICE
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.claim_values import Scalar, Unclear, Value
from compiler.runtime.derive import given
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import EvidenceRule, Listed, Version
from policyc.bulk.apart import PROCEDURE, Sight, Telling
from policyc.bulk.chunk import Chunk
from policyc.bulk.numbers import Numbers
from policyc.bulk.outcomes import UNITS
from policyc.bulk.values import Numbering, Values
from policyc.bulk.walk import Found, Step, Told

_NO_RULES: frozenset[EvidenceRule] = frozenset()


class Stand(NamedTuple):
    """What counts of lines. If it is not `open` no more of them does than their code and day; without a
    version, what edits repeat. `gives`: what the code says of facts; `counted`: its units can stand for a
    quantity; `evidence` and `needs`: what counts of the lines beside. Such lines are decided one by one if
    they are `alone`.
    """

    open: bool = False
    version: Version | None = None
    gives: Mapping[str, Scalar] = {}
    counted: bool = False
    evidence: frozenset[EvidenceRule] = _NO_RULES
    needs: tuple[tuple[str, str | None], ...] = ()
    alone: bool = False


class Stands:
    """The different stands of lines under one policy, by number; 0 is that of lines decided one by one."""

    def __init__(self, telling: Telling, values: Mapping[str, Values]) -> None:
        self._telling = telling
        self._values = values
        coding = (PROCEDURE, SERVICE, telling.policy.governed_by, *sorted(telling.givers))
        self.coding = [path for path in dict.fromkeys(coding) if path in values]
        self._coding_steps = [(path, Step(int)) for path in self.coding]
        stating = dict.fromkeys((*telling.stating, *telling.partition.evidence))
        self._stating_steps = [(path, Step(int)) for path in stating if path in values]
        self._merged = telling.policy.governed_by == SERVICE and (
            {giver.by for giver in telling.policy.givers} <= {PROCEDURE}
        )
        self._known = Numbering()
        self.stands = [Stand(alone=True)]
        self.told_by: list[Told] = [Told()]
        """By a stand's number what it tells of lines."""
        self._found = Found(self._number)

    def codes(self, chunk: Chunk) -> Numbers:
        """For each row a number of what the codes of a line say."""
        numbers = np.zeros(chunk.rows, np.int64)
        for path, step in self._coding_steps:
            numbers = step.numbers(numbers, chunk.cells(path))
        return numbers

    def of(self, chunk: Chunk, codes: Numbers) -> Numbers:
        """For each row the number of its stand; any if its claim is decided alone."""
        for path, step in self._stating_steps:
            codes = step.numbers(codes, np.minimum(chunk.own(path), 1))
        return self._found.of(chunk, codes)

    def _number(self, _codes: int, claim: Claim, line: Line) -> int:
        telling, policy, known_on = self._telling, self._telling.policy, self._telling.known_on
        if telling.is_limited(line.code):
            return 0
        made = adjudicate(policy, claim, line, known_on)
        found = made.revision, made.finding, telling.day(None, made.day or line.day)
        if made.day is None:
            return self._kept(found, Stand(), Told(beside=found))
        days = tuple(self._stated(claim, line))
        gives = given(policy, claim, line, made.day, known_on)
        stand = Stand(True, made.version, gives, telling.has_quantity(line.code))
        if made.version is None:
            return self._kept(days, stand, Told(beside=found))
        listed = made.version.listed.get(line.code)
        needs, assumption = listed if listed is not None else Listed()
        if line.code in {code for code, _ in needs}:
            return 0
        closed = {*claim.stated, *claim.unclear, *line.stated, *line.unclear, *gives}
        evidence = frozenset(rule for rule in made.version.evidence if rule.fact not in closed)
        stand = stand._replace(evidence=evidence, needs=needs)
        if not self._merged:
            return self._kept((days, evidence), stand, Told(rules=(days, evidence)))
        row = policy.row(line.code, made.day, known_on)
        told = id(made.version), telling.day(made.version, line.day)
        # What a code gives is told like what a line states: here, if no line can state it.
        asked = {PROCEDURE: line.code, **{path: gives[path] for path in gives if path not in self._values}}
        ruled = tuple((path, telling.told(made.version, path, value)) for path, value in asked.items())
        of_code = made.revision, evidence, telling.procedure(line.code), id(row)
        by = Told(rules=(*told, ruled), beside=(made.revision, assumption))
        return self._kept((*told, *of_code), stand, by)

    def _stated(self, claim: Claim, line: Line) -> Iterator[Hashable]:
        """What can be told of the codes and days of a line, as far as they are stated."""
        for path in self.coding:
            own = line if path.startswith("line.") else claim
            value = own.stated.get(path, own.unclear.get(path))
            yield None if value is None else self._telling.value(path, value)

    def _kept(self, known_by: Hashable, stand: Stand, told: Told) -> int:
        number = self._known.number(known_by)
        if number == len(self.stands):
            self.stands.append(stand)
            self.told_by.append(told._replace(edits=number))
        return number

    def told(self, number: int, path: str, value: Value | Unclear | None) -> Told:
        """What the decision of a line with a stand can tell of a value that it states, if it states one."""
        stand, telling = self.stands[number], self._telling
        if not stand.open:
            return Told()
        if value is None:
            return Told(rules=self._ruled(stand, path, stand.gives.get(path)))
        edits = telling.edited(stand.version, stand.gives, path, value)
        if path == UNITS and stand.counted:
            edits = (edits,)
        rules = self._ruled(stand, path, value)
        asks_stated = stand.version is not None and path in stand.version.asks_stated
        return Told(rules=(rules,) if asks_stated else rules, edits=edits)

    def _ruled(self, stand: Stand, path: str, value: Value | Unclear | None) -> Hashable:
        """What rules can tell of a value that a line states, or has by its code."""
        if stand.version is None or value is None:
            return None
        return self._telling.told(stand.version, path, value)

    def sight(self, number: int) -> Sight | None:
        """What the version of a stand can tell of values."""
        version = self.stands[number].version
        return self._telling.by(version) if version is not None else None
