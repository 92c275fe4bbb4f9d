"""How many claims are tried to show something, so that a search ends."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import islice
from typing import TypeVar

from attrs import Factory, define

MOST = 24

T = TypeVar("T")


def few(found: Iterator[T]) -> Iterator[T]:
    """Those that are tried where something is looked for once."""
    return islice(found, MOST)


@define
class Tries:
    """Counts steps, not time: half as many at each further place where something is looked for, and one at
    the least, since a place costs more than a try.
    """

    _most: dict[Hashable, int] = Factory(dict)

    def of(self, sought: Hashable, found: Iterator[T]) -> Iterator[T]:
        """Those that are tried at the next place, of all that may show what is sought."""
        most = self._most.get(sought, MOST)
        self._most[sought] = max(1, most // 2)
        return islice(found, most)
