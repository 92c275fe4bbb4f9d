"""The facts of a chunk's rows, as numbers: a value a row, or a list a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import evolve

from policyc.bulk.apart import of_list
from policyc.bulk.numbers import Flags, Numbers, mapped
from policyc.bulk.values import Apart, Cells, Table, Values
from policyc.reading.rows import Cell, Column

_APART = 61
"""The bit of elements of which lists are looked at one by one: there are too many kinds, or all count."""


class Facts(Protocol):
    """What the rows of a chunk state of one fact."""

    @property
    def own(self) -> Numbers:
        """For each row the number of what it states, 0 where that is nothing."""

    def cells(self, way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""

    def named(self, name: Callable[[str], int]) -> tuple[Numbers, Numbers, Numbers]:
        """The elements of rows' lists that have a name other than 0: their rows, places and names."""

    def read(self, rows: Numbers) -> list[Any]:
        """What rows state, as the reader of claims has it."""

    def stated(self, rows: Numbers) -> list[Any]:
        """What rows state, as JSON has it."""

    def bad(self) -> Flags | None:
        """The rows that the reader of claims refuses; None where it refuses none."""

    def changes(self, among: Flags) -> Flags:
        """Of some rows (the first of all left out) those that state something else than the one before."""

    def raw(self, row: int) -> Any:
        """What a row states."""


class Scalars:
    """A value a row."""

    def __init__(self, values: Values, column: pa.ChunkedArray) -> None:
        self.values = values
        self._places, self._numbers = values.coded(column)

    @cached_property
    def own(self) -> Numbers:
        """For each row the number of what it states, 0 where that is nothing."""
        return self._numbers.take(self._places)

    def cells(self, way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""
        return self.values.cells(way).take(self._numbers).take(self._places)

    def named(self, name: Callable[[str], int]) -> tuple[Numbers, Numbers, Numbers]:
        """The elements of rows' lists that have a name other than 0: their rows, places and names."""
        lists = [self.values.read[number] for number in self._numbers.tolist()]
        names = [
            [name(each) if isinstance(each, str) else 0 for each in read] if isinstance(read, tuple) else ()
            for read in lists
        ]
        wanted = np.asarray([any(each) for each in names])
        found = [
            (row, place, each)
            for row in np.flatnonzero(wanted[self._places]).tolist()
            for place, each in enumerate(names[self._places[row]])
            if each
        ]
        rows, places, of = np.asarray(found, np.int64).reshape(-1, 3).T
        return rows, places, of

    def stated(self, rows: Numbers) -> list[Any]:
        """What rows state, as JSON has it."""
        return self._of(self.values.stated, rows)

    def read(self, rows: Numbers) -> list[Any]:
        """The values of rows as the reader of claims has them."""
        return self._of(self.values.read, rows)

    def _of(self, things: list[Any], rows: Numbers) -> list[Any]:
        return [things[number] for number in self._numbers.take(self._places.take(rows)).tolist()]

    def bad(self) -> Flags | None:
        """The rows that the reader of claims refuses; None where it refuses none."""
        bad = self.values.bad()[self._numbers]
        return bad[self._places] if bad.any() else None

    def changes(self, among: Flags) -> Flags:
        """Of some rows (the first of all left out) those that state something else than the one before."""
        found: Flags = among & (self.own[1:] != self.own[:-1])
        return found

    def raw(self, row: int) -> Any:
        """What a row states."""
        return self.values.raw[self._numbers[self._places[row]]]


class ListValues:
    """How the elements of a fact's lists are told apart over a whole run, and the lists, which are numbered
    together with those that are no lists of Arrow.
    """

    def __init__(
        self, column: Column, cell: Cell, ways: tuple[Apart, ...], whole: bool, lists: Cells
    ) -> None:
        self.elements = Values(evolve(column, spec=column.spec.element()), cell, ways, None)
        self.whole = whole
        self.lists = lists
        self.names = Table[int]([], np.int64)
        self.list_of = cache(self._list_of)

    def _list_of(self, bits: int, nulls: int) -> int:
        """The number of what can be told of a list with elements of some cells (a bit each, that of null
        first), and so many nulls.
        """
        known = self.elements.ways[0]
        cells = [at for at in range(1, bits.bit_length()) if bits >> at & 1]
        kinds = of_list(frozenset(known.kinds[at] for at in cells), nulls)
        return self.lists.number((*(known.values[at] for at in cells), *[None] * nulls), kinds)


class Lists:
    """A list of codes or texts a row. Lists whose elements meet the same are alike."""

    def __init__(self, values: ListValues, column: pa.ChunkedArray) -> None:
        self._values = values
        lengths = pc.list_value_length(column)
        self._null = pc.is_null(lengths).to_numpy()
        self._lengths = lengths.fill_null(0).to_numpy().astype(np.int64)
        self._starts = np.append(0, np.cumsum(self._lengths))
        elements = pa.chunked_array([each.flatten() for each in column.chunks])
        self._places, self._numbers = values.elements.coded(elements)
        self.own = np.where(self._null, 0, 1 + self._lengths)

    def cells(self, _way: int) -> Numbers:
        """For each row the number of what decisions can tell of it."""
        values = self._values
        kinds = values.elements.cells(0)
        kinds = np.full_like(kinds, _APART) if values.whole else np.minimum(kinds, _APART)
        bits = self._of_rows(np.bitwise_or, _bits(kinds))
        looked_at = 1 | 1 << _APART
        cells = mapped(bits, lambda each: 0 if each & looked_at else values.list_of(each, 0))
        with_null = np.flatnonzero(bits & 1)
        if len(with_null):
            at = np.flatnonzero(self._numbers.take(self._places) == 0)
            nulls = np.bincount(self._rows(at), minlength=len(bits))
            pairs = zip(bits[with_null].tolist(), nulls[with_null].tolist(), strict=True)
            cells[with_null] = [values.list_of(*pair) for pair in pairs]
        if kinds.max() == _APART:
            for row in np.flatnonzero(bits >> _APART & 1).tolist():
                cells[row] = values.lists.number(self._list(row) or ())
        cells[self._null] = 0
        return cells

    def _of_rows(self, way: np.ufunc, of_value: Any) -> Any:
        """For each row what its elements come to."""
        found = np.zeros(len(self._null), of_value.dtype)
        some = np.flatnonzero(self._lengths)
        if len(some):
            each = of_value.take(self._numbers).take(self._places)
            found[some] = way.reduceat(each, self._starts[some])
        return found

    def _rows(self, elements: Numbers) -> Numbers:
        """The rows of elements, by their places among all."""
        return np.searchsorted(self._starts, elements, "right") - 1

    def named(self, name: Callable[[str], int]) -> tuple[Numbers, Numbers, Numbers]:
        """The elements of rows' lists that have a name other than 0: their rows, places and names."""
        known, read = self._values.names, self._values.elements.read
        known.things += [name(each) if isinstance(each, str) else 0 for each in read[len(known.things) :]]
        names = known.array[self._numbers]
        at = np.flatnonzero((names > 0).take(self._places))
        rows = self._rows(at)
        return rows, at - self._starts[rows], names[self._places[at]]

    def stated(self, rows: Numbers) -> list[Any]:
        """What rows state, as JSON has it."""
        return [self.raw(row) for row in rows]

    def read(self, rows: Numbers) -> list[Any]:
        """The lists of rows as the reader of claims has them."""
        return [self._list(row) for row in rows.tolist()]

    def _list(self, row: int) -> tuple[Any, ...] | None:
        return None if self._null[row] else tuple(self._values.elements.read[at] for at in self._own(row))

    def bad(self) -> Flags | None:
        """The rows that the reader of claims refuses; None where it refuses none."""
        bad = self._values.elements.bad()
        return self._of_rows(np.logical_or, bad) if bad[self._numbers].any() else None

    def changes(self, among: Flags) -> Flags:
        """Of some rows (the first of all left out) those that state something else than the one before."""
        found: Flags = among & (self.own[1:] != self.own[:-1])
        rows = np.flatnonzero(among & ~found) + 1
        at = 0
        while len(rows := rows[self._lengths[rows] > at]):
            here = self._starts[rows] + at
            one, other = (self._numbers[self._places[each]] for each in (here, here - self._lengths[rows]))
            found[rows[one != other] - 1] = True
            at += 1
        return found

    def raw(self, row: int) -> Any:
        """What a row states."""
        return None if self._null[row] else [self._values.elements.raw[at] for at in self._own(row)]

    def _own(self, row: int) -> list[int]:
        """The numbers of a row's elements."""
        places = self._places[self._starts[row] : self._starts[row + 1]]
        found: list[int] = self._numbers[places].tolist()
        return found


def _bits(cells: Numbers) -> Any:
    """A bit a cell, in the smallest whole numbers that hold them."""
    kind = np.min_scalar_type(1 << int(cells.max(initial=0)))
    return np.left_shift(1, cells).astype(kind)
