"""A claim that shows what a diagram says of a line: found in the diagram, decided before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from attrs import Factory, frozen

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, claim_of, paths
from compiler.diff.lists import with_lists
from compiler.diff.solving import Arithmetic
from compiler.diff.spaces import Apart, loosely
from compiler.diff.unstated import STATED, Left
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node

Claims = Generator[Claim, None, set[Apart]]
"""Claims that may show something; at the end, what kept the answer from being exact, if none of them did."""


@frozen
class Sought:
    """The leaves that are `wanted` of a diagram of what a line of a place comes to in a circumstance, where
    it leaves out what is `left`.
    """

    place: Place
    space: Space
    root: Node
    wanted: Callable[[Any], bool]
    circumstance: Circumstance = Factory(Circumstance)
    left: Left = STATED

    def paths(self) -> Iterator[dict[int, int]]:
        """The ways there."""
        return paths(self.space, self.root, self.wanted)

    def claim(self, path: dict[int, int]) -> Claim:
        """A claim that goes a way."""
        return claim_of(self.place, self.circumstance, self.space, self.left.stated(self.space, path))


def claims(
    sought: Sought,
    tried: Iterable[dict[int, int]],
    arithmetic: Arithmetic,
    more: Callable[[Claim], Iterable[Claim]] | None = None,
) -> Claims:
    """Claims for the ways that are `tried`, and `more` for each of them; then what a solver finds."""
    loose: set[Apart] = set()
    any_way = False
    for path in tried:
        any_way = True
        claim = sought.claim(path)
        yield claim
        yield from with_lists(sought.place, sought.space, path, claim)
        yield from more(claim) if more is not None else ()
        loose |= loosely(sought.space, path)
    if not any_way:
        return set()
    solved = arithmetic.claims(
        sought.place, sought.circumstance, sought.space, sought.root, sought.wanted, sought.left
    )
    yield from solved or ()
    return set() if solved == [] else loose or {Apart("not reproduced", ())}


def witness(found: Claims, shows: Callable[[Claim], bool]) -> tuple[Claim | None, set[Apart]]:
    """The first claim that shows what is sought; without one, what kept the answer from being exact."""
    while True:
        try:
            claim = next(found)
        except StopIteration as end:
            return None, end.value
        if shows(claim):
            return claim, set()
