"""Which cell of its partition a value of a fact lies in.

The rules tell values apart only by their cells. A fact has one number for each of its parts; what is not
known of it is the set of all numbers that it can still have.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import NamedTuple, TypeAlias

from compiler.runtime.claim_values import Value
from compiler.runtime.codes import system
from compiler.runtime.numbers import Cut, place
from compiler.runtime.windows import Window

Cells: TypeAlias = tuple[int, ...]
"""One cell for each part of a fact."""

Vector: TypeAlias = tuple[bool, ...]

_LAST_DAY = date.max.toordinal()


class Values(NamedTuple):
    """A fact of named values: booleans by "true" and "false". Whatever is not named is in the cell `other`
    (of an enumeration that is not open, no value is).
    """

    cells: dict[str, int]
    other: int
    size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.size,)

    def classify(self, value: Value) -> frozenset[Cells]:
        """The cell of a value."""
        return frozenset([(self.cells.get(str(value).casefold(), self.other),)])


class Ordered(NamedTuple):
    """A date, a code or a number: `cells[i]` is the cell from bound i-1 to before bound i."""

    bounds: tuple[date, ...] | tuple[str, ...] | tuple[Cut, ...]
    cells: tuple[int, ...]
    size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.size,)

    def classify(self, value: Value) -> frozenset[Cells]:
        """The cell of a value."""
        found = place(value) if isinstance(value, Decimal) else value
        return frozenset([(self.cells[bisect_right(self.bounds, found)],)])


class Relative(NamedTuple):
    """A date, by the windows in which it lies: the cell's bits, the first window's the lowest.

    Which cells there are depends on the days around which the windows lie. A stretch between fixed days
    has no anchor.
    """

    windows: tuple[Window | tuple[date | None, date | None], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return (1 << len(self.windows),)

    def possible(self, value: Value | None, values: Mapping[str, Value | None]) -> dict[int, date]:
        """The cells in which a date can lie, each with a day there; one, if the date is known."""
        stretches = [_ordinals(window, values) for window in self.windows]
        cuts = {1} | {cut for stretch in stretches for cut in stretch if 1 <= cut <= _LAST_DAY}
        days = [value.toordinal()] if isinstance(value, date) else sorted(cuts)
        found: dict[int, date] = {}
        for day in days:
            bits = sum(1 << at for at, (start, end) in enumerate(stretches) if start <= day < end)
            found.setdefault(bits, date.fromordinal(day))
        return found

    def classify(self, value: Value) -> frozenset[Cells]:
        """Not without the days around which the windows lie: `possible` says it."""
        raise NotImplementedError


def _ordinals(
    window: Window | tuple[date | None, date | None], values: Mapping[str, Value | None]
) -> tuple[int, int]:
    if isinstance(window, Window):
        anchor = values.get(window.anchor)
        assert isinstance(anchor, date)
        return window.around(anchor)
    start, end = window
    return 1 if start is None else start.toordinal(), _LAST_DAY + 1 if end is None else end.toordinal()


class Counted(NamedTuple):
    """A list, by how many of its elements meet each condition that is asked, counted to its cap.

    An element meets the conditions of `vectors[i]` from bound i-1 to before bound i; of a list of texts,
    an element meets those of `named`, or of `other`. Conditions that an element can meet together form
    a part; a part's cells are the counts that lists can reach.
    """

    system: str
    bounds: tuple[str, ...]
    vectors: tuple[Vector, ...]
    named: dict[str, Vector]
    other: Vector
    caps: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]
    states: tuple[dict[tuple[int, ...], int], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(states) for states in self.states)

    def vector(self, element: str) -> Vector:
        """The conditions that an element meets."""
        if not self.system:
            return self.named.get(element.casefold(), self.other)
        return self.vectors[bisect_right(self.bounds, element)]

    def classify(self, value: Value) -> frozenset[Cells]:
        """The cells in which a list can lie: several only where it has unknown elements."""
        assert isinstance(value, tuple)
        if None not in value:
            state = (0,) * len(self.caps)
            for element in value:
                state = self._add(state, self.vector(str(element)))
            return frozenset([self._cells(state)])
        return frozenset(cells for cells, _ in self.marked(value, frozenset()))

    def marked(self, value: Value | None, marks: frozenset[str]) -> frozenset[tuple[Cells, bool]]:
        """The cells of a list, if stated, each with whether the list can hold a marked code there."""
        elements = self._elements(marks)
        start: set[tuple[tuple[int, ...], bool]] = {((0,) * len(self.caps), False)}
        if value is None:
            waiting = list(start)
            while waiting:
                state, mark = waiting.pop()
                for vector, marked in elements:
                    following = self._add(state, vector), mark or marked
                    if following not in start:
                        start.add(following)
                        waiting.append(following)
        else:
            assert isinstance(value, tuple)
            for element in value:
                step = elements if element is None else {(self.vector(element), element in marks)}
                start = {
                    (self._add(state, vector), mark or marked)
                    for state, mark in start
                    for vector, marked in step
                }
        return frozenset((self._cells(state), mark) for state, mark in start)

    def _elements(self, marks: frozenset[str]) -> set[tuple[Vector, bool]]:
        """The vectors that some element has, and whether a marked one has it."""
        if not self.system:
            vectors = {(vector, name in marks) for name, vector in self.named.items()}
            return vectors | {(self.other, False)} | {(self.vector(mark), True) for mark in marks}
        bounds = sorted({"", *self.bounds, *marks, *(mark + "\0" for mark in marks)})
        form = system(self.system)
        found: set[tuple[Vector, bool]] = set()
        for low, high in zip(bounds, [*bounds[1:], None], strict=True):
            first = form.first_from(low)
            if first is not None and (high is None or first < high):
                found.add((self.vector(first), first in marks))
        return found

    def _add(self, state: tuple[int, ...], vector: Iterable[bool]) -> tuple[int, ...]:
        return tuple(min(s + v, cap) for s, v, cap in zip(state, vector, self.caps, strict=True))

    def _cells(self, state: tuple[int, ...]) -> Cells:
        return tuple(
            states[tuple(state[where] for where in members)]
            for states, members in zip(self.states, self.parts, strict=True)
        )


Partition: TypeAlias = Values | Ordered | Relative | Counted


def everything(partition: Partition) -> frozenset[Cells]:
    """All cells: nothing is known."""
    return frozenset(product(*(range(size) for size in partition.sizes)))
