"""What the other lines of a line's day say, counted once for all lines of a claim."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date
from itertools import islice
from typing import Generic, TypeVar

from compiler.runtime.reader import Line

W = TypeVar("W", bound=Hashable)


class Beside(Generic[W]):
    """What lines say, one thing each: a line is told what others say, and not what it says itself."""

    def __init__(self, said: Iterable[tuple[Line, W]]) -> None:
        self._own: dict[int, W] = {}
        self._by_day: dict[date, dict[W, int]] = {}
        for line, what in said:
            self._own[id(line)] = what
            counts = self._by_day.setdefault(line.day, {})
            counts[what] = counts.get(what, 0) + 1

    def says(self, line: Line, what: W) -> bool:
        """Whether another line of the day says something."""
        counts = self._by_day.get(line.day, {})
        return counts.get(what, 0) > (self._own.get(id(line)) == what)

    def first(self, line: Line) -> list[W]:
        """What other lines of the day say: all of it, or at least two things."""
        counts = self._by_day.get(line.day)
        if counts is None:
            return []
        own = self._own.get(id(line))
        return [what for what, count in islice(counts.items(), 3) if count > (what == own)]
