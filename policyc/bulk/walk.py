"""Lines told apart step by step: a number stands for all that was told of a line so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from compiler.runtime.reader import Claim, Line
from policyc.bulk.chunk import Chunk
from policyc.bulk.numbers import Numbers, Pairs, firsts
from policyc.bulk.values import Numbering, Table


class Told(NamedTuple):
    """What is told of lines: to rules, beside these to what else is found of them, and to their edits; None:
    nothing.
    """

    rules: Hashable = None
    beside: Hashable = None
    edits: Hashable = None


class Step:
    """One more thing that is told of lines. What is told of a cell depends on where the line began."""

    def __init__(
        self, began: Callable[[int], int], told: Callable[[int, int], Hashable] = lambda _, cell: cell
    ) -> None:
        self._before = began
        self._told = told
        self._began = [0]
        self._numbers = Numbering()
        self._pairs = Pairs(self._number)

    def _number(self, before: int, cell: int) -> int:
        began = self._before(before)
        number = self._numbers.number((before, self._told(began, cell)))
        if number == len(self._began):
            self._began.append(began)
        return number

    def began(self, number: int) -> int:
        """Where the lines of a number began."""
        return self._began[number]

    def numbers(self, before: Numbers, cells: Numbers) -> Numbers:
        """For each row the number of all that is told of it."""
        return self._pairs.numbers(before, cells)

    def told(self, number: int) -> tuple[int, Any]:
        """The number before, and what this step told."""
        before, told = self._numbers.things[number]
        return before, told

    def __len__(self) -> int:
        return len(self._numbers)


class Kinds:
    """Lines that are told apart by steps, of which some are alike for what is found of them, or for their
    edits. `began` tells of the number with which such lines began.
    """

    def __init__(self, began: Callable[[int], Told], steps: Sequence[Step]) -> None:
        self._began = began
        self._steps = steps
        self._these = object()
        self._ruled = Numbering()
        self._findings = Numbering()
        self._edits = Numbering()
        self._tables = Table[int]([0], np.int64), Table[int]([0], np.int64)

    def of(self, kinds: Numbers) -> tuple[Numbers, Numbers]:
        """For each row a number of what counts of its kind for what is found of it, and one for its edits."""
        findings, edits = self._tables
        count = len(self._steps[-1]) if self._steps else int(kinds.max(initial=0)) + 1
        for kind in range(len(edits.things), count):
            ruled, beside, edited = zip(*self._told(kind), strict=True)
            findings.things.append(self._findings.number((self._ruled.number(ruled), beside)))
            edits.things.append(self._edits.number(edited))
        return findings.array.take(kinds), edits.array.take(kinds)

    def ruled(self, finding: int) -> Hashable:
        """What is equal where rules say the same, and that of no other run."""
        return self._these, self._findings.things[finding][0]

    def _told(self, kind: int) -> Iterator[Told]:
        for step in reversed(self._steps):
            kind, told = step.told(kind)
            yield told
        yield self._began(kind)


class Found:
    """What was found of lines by a number, made of the first line that has it."""

    def __init__(self, made: Callable[[int, Claim, Line], int]) -> None:
        self._made = made
        self._found = np.full(64, -1, np.int64)

    def of(self, chunk: Chunk, numbers: Numbers) -> Numbers:
        """For each row what is found of its number; 0 where lines alone have it that stand alone."""
        while len(self._found) <= numbers.max(initial=0):
            self._found = np.append(self._found, np.full_like(self._found, -1))
        found = self._found.take(numbers)
        if found.min(initial=0) == 0:
            return found
        rows = np.flatnonzero((found < 0) & ~chunk.alone)
        if len(rows):
            first = firsts(numbers[rows], len(self._found))
            rows = rows[first[first >= 0]]
            for number, line in zip(numbers[rows].tolist(), chunk.lines_of(rows), strict=True):
                self._found[number] = self._made(number, *line)
            found = self._found.take(numbers)
        return np.maximum(found, 0)
