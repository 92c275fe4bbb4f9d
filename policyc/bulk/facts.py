"""The facts of a chunk's rows, as numbers: a value a row, or a list a row."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policyc.bulk.apart import met
from policyc.bulk.numbers import Flags, Numbers, different
from policyc.bulk.values import Numbering, Values

_MOST_KINDS = 62


class Facts(Protocol):
    """What the rows of a chunk state of one fact."""

    own: Numbers
    """For each row the number of what it states, 0 where that is nothing."""

    def cells(self, way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""

    def having(self, element: Callable[[str], bool]) -> Flags:
        """The rows whose list has an element of some sort."""

    def read(self, row: int) -> Any:
        """What a row states, as the reader of claims has it."""

    def stated(self, row: int) -> object:
        """What a row states, as JSON has it."""

    def bad(self) -> Flags:
        """The rows that the reader of claims refuses."""

    def changes(self) -> Flags:
        """The rows, but the first, that state something else than the one before."""

    def raw(self, row: int) -> Any:
        """What a row states."""


class Scalars:
    """A value a row."""

    def __init__(self, values: Values, array: pa.Array) -> None:
        self.values = values
        self.own = values.numbers(array)

    def cells(self, way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""
        return self.values.cells(way)[self.own]

    def having(self, element: Callable[[str], bool]) -> Flags:
        """The rows whose list has an element of some sort."""
        lists = [each if isinstance(each, tuple) else () for each in self.values.read]
        wanted = [any(isinstance(each, str) and element(each) for each in read) for read in lists]
        found: Flags = np.asarray(wanted)[self.own]
        return found

    def stated(self, row: int) -> object:
        """What a row states, as JSON has it."""
        return self.values.stated[self.own[row]]

    def read(self, row: int) -> Any:
        """The value of a row as the reader of claims has it."""
        return self.values.read[self.own[row]]

    def bad(self) -> Flags:
        """The rows that the reader of claims refuses."""
        found: Flags = self.values.bad()[self.own]
        return found

    def changes(self) -> Flags:
        """The rows, but the first, that state something else than the one before."""
        found: Flags = self.own[1:] != self.own[:-1]
        return found

    def raw(self, row: int) -> Any:
        """What a row states."""
        return self.values.raw[self.own[row]]


class ListValues:
    """How the elements of a fact's lists, and the lists, are told apart over a whole run."""

    def __init__(
        self, elements: Values, whole: bool, cell: Callable[[tuple[str | None, ...]], Hashable]
    ) -> None:
        self.elements = elements
        self.whole = whole
        self.cell = cell
        self.lists = Numbering()


class Lists:
    """A list of codes or texts a row.

    Lists whose elements meet the same are alike; one that has a null is looked at by itself.
    """

    def __init__(self, values: ListValues, array: pa.Array) -> None:
        self._values = values
        lengths = pc.list_value_length(array)
        self._null = pc.is_null(lengths).to_numpy(zero_copy_only=False)
        self._lengths = lengths.fill_null(0).to_numpy().astype(np.int64)
        self._starts = np.append(0, np.cumsum(self._lengths))
        self._elements = values.elements.numbers(array.flatten())
        self.own = np.where(self._null, 0, 1 + self._lengths)

    def cells(self, _way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""
        values, numbers = self._values, self._values.lists
        kinds = values.elements.cells(0)
        apart = np.asarray([values.whole or each is None for each in values.elements.read])
        apart |= kinds >= _MOST_KINDS
        by_itself = np.zeros(len(self._null), np.bool_)
        bits = np.zeros(len(self._null), np.int64)
        some = np.flatnonzero(self._lengths)
        if len(some):
            first = self._starts[some]
            by_itself[some] = np.logical_or.reduceat(apart[self._elements], first)
            one = np.left_shift(1, np.minimum(kinds, _MOST_KINDS))
            bits[some] = np.bitwise_or.reduceat(one[self._elements], first)
        bits[self._null] = -1
        bits[by_itself] = -2
        found, places = different(bits)
        table = [0 if each < 0 else numbers.number(self._met(each)) for each in found]
        cells = np.asarray(table, np.int64)[places]
        for row in np.flatnonzero(by_itself).tolist():
            cells[row] = numbers.number(values.cell(self.read(row) or ()))
        return cells

    def having(self, element: Callable[[str], bool]) -> Flags:
        """The rows with an element of some sort."""
        found = np.zeros(len(self._null), np.bool_)
        wanted = np.asarray([isinstance(each, str) and element(each) for each in self._values.elements.read])
        some = np.flatnonzero(self._lengths)
        if wanted.any() and len(some):
            found[some] = np.logical_or.reduceat(wanted[self._elements], self._starts[some])
        return found

    def _met(self, bits: int) -> Hashable:
        kinds = self._values.elements.kinds(0)
        return met(frozenset(kinds[at] for at in range(bits.bit_length()) if bits >> at & 1))

    def stated(self, row: int) -> object:
        """What a row states, as JSON has it."""
        return self.raw(row)

    def read(self, row: int) -> tuple[Any, ...] | None:
        """The list of a row as the reader of claims has it."""
        if self._null[row]:
            return None
        start, stop = self._starts[row], self._starts[row + 1]
        return tuple(self._values.elements.read[number] for number in self._elements[start:stop].tolist())

    def bad(self) -> Flags:
        """The rows that the reader of claims refuses."""
        found = np.zeros(len(self._null), np.bool_)
        bad = self._values.elements.bad()
        if bad.any():
            some = np.flatnonzero(self._lengths)
            found[some] = np.logical_or.reduceat(bad[self._elements], self._starts[some])
        return found

    def changes(self) -> Flags:
        """The rows, but the first, that state something else than the one before."""
        found: Flags = self.own[1:] != self.own[:-1]
        of_row = np.repeat(np.arange(len(self._lengths)), self._lengths)
        before = np.arange(len(self._elements)) - self._lengths[of_row]
        other = self._elements != self._elements[np.maximum(before, 0)]
        rows = of_row[other & (of_row > 0)] - 1
        found[rows] = True
        return found

    def raw(self, row: int) -> Any:
        """What a row states."""
        if self._null[row]:
            return None
        start, stop = self._starts[row], self._starts[row + 1]
        return [self._values.elements.raw[number] for number in self._elements[start:stop].tolist()]
