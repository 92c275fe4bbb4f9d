"""The different values of a column, each read once, and numbered by what decisions can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compiler.runtime.claim_values import Unclear, Value, reader_of
from compiler.runtime.errors import ClaimError
from policyc.bulk.numbers import Flags, Numbers
from policyc.reading.rows import Cell, Column

_NONE = np.zeros(0, np.int64)
_WHOLE = (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.date32())
_NEAR = 1 << 16
T = TypeVar("T")

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


class Table(Generic[T]):
    """Things by number, of which an array is made when there are more."""

    def __init__(self, things: list[T], kind: type) -> None:
        self.things = things
        self._kind = kind
        self._array: np.ndarray[Any, Any] = np.zeros(0, kind)

    @property
    def array(self) -> np.ndarray[Any, Any]:
        """The things as an array."""
        if len(self._array) < len(self.things):
            self._array = np.asarray(self.things, self._kind)
        return self._array


class Cells:
    """Numbers for what decisions can tell of values, with one value of each; 0 is nothing stated."""

    def __init__(self, apart: Apart) -> None:
        self.apart = apart
        self.values: list[Any] = [None]
        self._numbers = Numbering()

    def number(self, value: Value | Unclear, told: Hashable = None) -> int:
        """The number of what can be told of a value, which is `told` if that is known."""
        found = self._numbers.number(self.apart(value) if told is None else told)
        if found == len(self.values):
            self.values.append(value)
        return found

    @property
    def kinds(self) -> list[Any]:
        """By its number, what can be told."""
        return self._numbers.things


class Values:
    """The values of a column. A value's number is 0 where nothing is stated.

    `stated` has each value as JSON states it, `read` what the reader of claims makes of it, None where it
    refuses; `ways` how decisions tell values apart, one for each way of asking. A value that is `empty`
    states nothing.
    """

    def __init__(self, column: Column, cell: Cell, ways: tuple[Apart, ...], empty: object = "") -> None:
        self.empty = empty
        self.column = column
        self.raw: list[Any] = [None]
        self.read: list[Value | Unclear | None] = [None]
        self.stated: list[object] = [None]
        self.ways = tuple(Cells(apart) for apart in ways)
        self._cell = cell
        self._reader = reader_of(column.spec)
        self._numbers: dict[Hashable, int] = {}
        self._tables = tuple(Table[int]([0], np.int64) for _ in ways)
        self._bad = Table([False], np.bool_)
        self._last: tuple[Any, Numbers] | None = None
        self._small = _Small()

    def coded(self, column: pa.ChunkedArray) -> tuple[Numbers, Numbers]:
        """For each row of a column a place, and by place the number of a value. Words of a dictionary are
        numbered by 32 bits: places are of those of all its pieces.
        """
        places, numbers, first = [], [], 0
        for array in column.chunks:
            place, number = self._coded(array)
            places.append(place + first if first else place)
            numbers.append(number)
            first += len(number)
        if len(places) == 1:
            return places[0], numbers[0]
        return np.concatenate(places or [_NONE]), np.concatenate(numbers or [_NONE])

    def _coded(self, array: pa.Array) -> tuple[Numbers, Numbers]:
        if pa.types.is_nested(array.type):
            own = [self._number(plain(value)) for value in listed(array)]
            return np.arange(len(own)), np.asarray(own, np.int64)
        if array.type in _WHOLE and (places := self._small.places(array)) is not None:
            return places, self._small.numbers(array.type, places, self._number)
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        dictionary = array.dictionary
        if self._last is None or not dictionary.equals(self._last[0]):
            each, known = listed(dictionary), self._numbers.get
            numbers = [known(value) or self._number(plain(value)) for value in each]
            self._last = dictionary, np.asarray([*numbers, 0], np.int64)
        return filled(array.indices, len(dictionary)).to_numpy(), self._last[1]

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
            self._bad.things.append(read is None)
            for table, cells in zip(self._tables, self.ways, strict=True):
                table.things.append(0 if read is None else cells.number(read))
        return found

    def _attempt(self, raw: Any) -> tuple[object, Value | Unclear | None]:
        try:
            stated = self._cell(raw, self.column.spec, "")
            return stated, self._reader(stated)
        except ClaimError:
            return None, None

    def cells(self, way: int) -> Numbers:
        """By a value's number, the number of what decisions can tell of it."""
        return self._tables[way].array

    def bad(self) -> Flags:
        """By a value's number, whether the reader refuses it."""
        return self._bad.array


class _Small:
    """Whole numbers and days that lie near each other, found in a table and not by hashing."""

    def __init__(self) -> None:
        self._least = 0
        self._numbers = np.zeros(1, np.int64)

    def places(self, array: pa.Array) -> Numbers | None:
        """For each row its place in the table, that of a null first; None where they do not lie near."""
        whole = array.view(pa.int32()) if array.type == pa.date32() else array
        if whole.null_count == len(whole):
            return np.zeros(len(array), np.int64)
        least, most = (each.as_py() for each in pc.min_max(whole).values())
        count = len(self._numbers) - 1
        first = self._least if count else least
        low, high = min(least, first), max(most + 1, first + count)
        if high - low > _NEAR or low == -(2**63):
            return None
        if high - low > count:
            more = np.pad(self._numbers[1:], (first - low, high - first - count))
            self._least, self._numbers = low, np.append(0, more)
        places: Numbers = filled(whole.cast(pa.int64()), low - 1).to_numpy() - (low - 1)
        return places

    def numbers(self, kind: pa.DataType, places: Numbers, number: Callable[[Any], int]) -> Numbers:
        """By place the number of a value, for which `number` is asked once."""
        new = np.unique(places[(self._numbers.take(places) == 0) & (places > 0)])
        stored = pa.array(new + (self._least - 1)).cast(pa.int32() if kind == pa.date32() else kind)
        for place, value in zip(new.tolist(), listed(stored.view(kind)), strict=True):
            self._numbers[place] = number(plain(value))
        return self._numbers


def filled(array: Any, value: Any) -> Any:
    """An array of Arrow with a value in the place of null."""
    return array.fill_null(value) if array.null_count else array


def listed(array: Any) -> list[Any]:
    """The values of an array: days that Python does not have, and that no claim can state, as texts; numbers
    of few bits as they are written, 0.1 and not 0.10000000149011612.
    """
    try:
        found: list[Any] = array.to_pylist()
    except (OverflowError, ValueError):
        found = array.cast(pa.string()).to_pylist()
    return [_written(each, array.type) for each in found] if _has_short(array.type) else found


def _has_short(kind: pa.DataType) -> bool:
    """Whether values of a type are or hold numbers of few bits."""
    if pa.types.is_map(kind):  # states no fact
        return False
    inside = (kind.field(at).type for at in range(kind.num_fields))
    return kind in (pa.float16(), pa.float32()) or any(map(_has_short, inside))


def _written(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if kind in (pa.float16(), pa.float32()):
        return float(str(kind.to_pandas_dtype()(value)))
    if isinstance(value, list):
        return [_written(each, kind.value_type) for each in value]
    if isinstance(value, dict):
        return {name: _written(each, kind.field(name).type) for name, each in value.items()}
    return value


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
