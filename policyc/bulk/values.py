"""The different values of a column, each read once, and numbered by what decisions can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compiler.runtime.claim_values import Unclear, Value, reader_of
from compiler.runtime.errors import ClaimError
from policyc.bulk.numbers import Flags, Numbers
from policyc.reading.rows import Cell, Column

Apart = Callable[[Value | Unclear], Hashable]
"""What a decision can tell of a value: where that is equal, it is the same decision."""


class Numbering:
    """Small numbers for things, in order of first occurrence, behind those that are there; 0 is nothing."""

    def __init__(self, things: Iterable[Hashable] = ()) -> None:
        self.things: list[Any] = [None, *things]
        self._numbers: dict[Hashable, int] = {}

    def number(self, thing: Hashable) -> int:
        """The number of a thing."""
        found = self._numbers.setdefault(thing, len(self.things))
        if found == len(self.things):
            self.things.append(thing)
        return found

    def __len__(self) -> int:
        return len(self.things)


class Values:
    """The values of a column. A value's number is 0 where nothing is stated.

    `stated` has each value as JSON states it, `read` what the reader of claims makes of it, None where it
    refuses; `parts` how decisions tell values apart, one for each way of asking. A value that is `empty`
    states nothing.
    """

    def __init__(self, column: Column, cell: Cell, parts: tuple[Apart, ...], empty: object = "") -> None:
        self.empty = empty
        self.column = column
        self.raw: list[Any] = [None]
        self.read: list[Value | Unclear | None] = [None]
        self.stated: list[object] = [None]
        self._cell = cell
        self._reader = reader_of(column.spec)
        self._numbers: dict[Hashable, int] = {}
        self._apart = parts
        self._cells = tuple(Numbering() for _ in parts)
        self._tables: list[list[int]] = [[0] for _ in parts]
        self._bad = [False]

    def numbers(self, array: pa.Array) -> Numbers:
        """The numbers of an array's values."""
        if pa.types.is_nested(array.type):
            return np.fromiter(
                (self._number(plain(value)) for value in array.to_pylist()), np.int64, len(array)
            )
        if not pa.types.is_dictionary(array.type):
            array = pc.dictionary_encode(array)
        table = np.fromiter((self._number(plain(each)) for each in array.dictionary.to_pylist()), np.int64)
        indices = array.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        found: Numbers = np.append(table, 0)[indices]
        return found

    def _number(self, raw: Any) -> int:
        if raw is None or raw == self.empty:
            return 0
        key = repr(raw) if isinstance(raw, list | dict) else raw
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.raw)
            stated, read = self._attempt(raw)
            self.raw.append(raw)
            self.stated.append(stated)
            self.read.append(read)
            self._bad.append(read is None)
            for table, cells, apart in zip(self._tables, self._cells, self._apart, strict=True):
                table.append(0 if read is None else cells.number(apart(read)))
        return found

    def _attempt(self, raw: Any) -> tuple[object, Value | Unclear | None]:
        try:
            stated = self._cell(raw, self.column.spec, "")
            return stated, self._reader(stated)
        except ClaimError:
            return None, None

    def kinds(self, way: int) -> list[Any]:
        """By its number, what decisions can tell."""
        return self._cells[way].things

    def cells(self, way: int) -> Numbers:
        """By a value's number, the number of what decisions can tell of it."""
        return np.asarray(self._tables[way], np.int64)

    def bad(self) -> Flags:
        """By a value's number, whether the reader refuses it."""
        return np.asarray(self._bad, np.bool_)


def plain(value: Any) -> Any:
    """A value of Arrow as JSON has it. A null in an object states nothing."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if each is not None}
    return value


def as_it_is(cell: Any, _spec: object, _at: str) -> object:
    """A cell that is a value already."""
    return cell
