"""Equal rows of whole numbers, found without sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_MOST = 2**62


def different(numbers: Numbers) -> tuple[list[int], Numbers]:
    """The different numbers in order of first occurrence, and the place among them of each."""
    if not len(numbers):
        return [], numbers
    encoded = pc.dictionary_encode(pa.array(numbers))
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


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


def firsts(places: Numbers, count: int, among: Flags) -> Numbers:
    """The first row of each place, of some rows; -1 where it has none."""
    rows = np.flatnonzero(among)[::-1]
    found = np.full(count, -1, np.int64)
    found[places[rows]] = rows
    return found


@define
class Groups:
    """Rows in groups, which begin at the places `starts` of the rows, put in `order` if one is given."""

    order: Numbers | None
    starts: Numbers
    rows: int

    def reduced(self, numbers: Numbers, way: np.ufunc) -> Numbers:
        """For each row what its group comes to."""
        ordered = numbers if self.order is None else numbers[self.order]
        lengths = np.diff(np.append(self.starts, self.rows))
        found = np.repeat(way.reduceat(ordered, self.starts), lengths)
        if self.order is None:
            return found
        back = np.empty_like(found)
        back[self.order] = found
        return back
