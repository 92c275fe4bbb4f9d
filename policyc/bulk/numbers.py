"""Whole numbers for what rows have, found without sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define

Numbers = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_MOST = 2**62
_LARGEST_TABLE = 2**22


def different(numbers: Numbers) -> tuple[list[int], Numbers]:
    """The different numbers, and the place among them of each."""
    encoded = pc.dictionary_encode(pa.array(numbers))
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def mapped(numbers: Any, number: Callable[[int], int]) -> Numbers:
    """For each number another, for which `number` is asked once. None is below zero."""
    if numbers.itemsize > 2:
        found, places = different(numbers)
        return np.asarray([number(each) for each in found], np.int64)[places]
    there = np.zeros(1 << 8 * numbers.itemsize, np.bool_)
    there[numbers] = True
    table = np.zeros(len(there), np.int64)
    for each in np.flatnonzero(there).tolist():
        table[each] = number(each)
    made: Numbers = table.take(numbers)
    return made


def packed(parts: list[Numbers], rows: int) -> tuple[Numbers, int]:
    """A number a row, equal where all parts are, and the number of different ones."""
    key, width = np.zeros(rows, np.int64), 1
    for part in parts:
        most = int(part.max(initial=0)) + 1
        if most == 1:
            continue
        if width * most >= _MOST:
            found, key = different(key)
            width = len(found)
        key = key * most + part
        width *= most
    found, key = different(key)
    return key, len(found)


def firsts(places: Numbers, count: int) -> Numbers:
    """The first row of each place."""
    found = np.full(count, -1, np.int64)
    found[places[::-1]] = np.arange(len(places))[::-1]
    return found


def spread(starts: Numbers, lengths: Numbers, rows: Numbers) -> tuple[Numbers, Numbers]:
    """The lists of rows, of which it is known where they start and how long they are: offsets, and for each
    item where it is.
    """
    offsets = np.zeros(len(rows) + 1, np.int64)
    if not lengths.any():
        return offsets, np.zeros(0, np.int64)
    np.cumsum(lengths.take(rows), out=offsets[1:])
    if not offsets[-1]:
        return offsets, np.zeros(0, np.int64)
    shift = starts.take(rows) - offsets[:-1]
    return offsets, np.repeat(shift, np.diff(offsets)) + np.arange(offsets[-1])


class Pairs:
    """Numbers for pairs of numbers over a whole run; `number` is asked for that of a pair."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self._number = number
        self._table = np.full((8, 8), -1, np.int32)

    def numbers(self, ones: Numbers, others: Numbers) -> Numbers:
        """For each row the number of its pair."""
        if not len(ones):
            return ones
        height, width = (
            _enough(size, int(part.max()))
            for size, part in zip(self._table.shape, (ones, others), strict=True)
        )
        # The table has numbers of 32 bits; that of a pair may need more.
        keys = ones.astype(np.int64) * width + others
        if height * width > _LARGEST_TABLE:
            return mapped(keys, lambda key: self._number(*divmod(key, width)))
        if (height, width) != self._table.shape:
            larger = np.full((height, width), -1, np.int32)
            larger[: self._table.shape[0], : self._table.shape[1]] = self._table
            self._table = larger
        table = self._table.reshape(-1)
        numbers = table.take(keys)
        new = numbers < 0
        if new.any():
            for key in different(keys[new])[0]:
                table[key] = self._number(*divmod(key, width))
            numbers = table.take(keys)
        return numbers


def _enough(size: int, most: int) -> int:
    while size <= most:
        size *= 2
    return size


@define
class Groups:
    """Rows in groups, which begin at the places `starts` of the rows, put in `order` if one is given."""

    order: Numbers | None
    starts: Numbers
    rows: int

    def reduced(self, numbers: Numbers, way: np.ufunc) -> Numbers:
        """For each row what its group comes to."""
        if not self.rows:
            return numbers
        ordered = numbers if self.order is None else numbers[self.order]
        lengths = np.diff(np.append(self.starts, self.rows))
        found = np.repeat(way.reduceat(ordered, self.starts), lengths)
        if self.order is None:
            return found
        back = np.empty_like(found)
        back[self.order] = found
        return back
