"""What is looked for in a diagram of what a line comes to, and the claims that go a way there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import Factory, frozen

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, claim_of, paths
from compiler.diff.lists import with_lists
from compiler.diff.unstated import STATED, Left
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node


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

    @property
    def possible(self) -> bool:
        """Whether there is such a leaf."""
        return any(map(self.wanted, self.space.diagram.leaves(self.root)))

    def paths(self) -> Iterator[dict[int, int]]:
        """The ways there."""
        return paths(self.space, self.root, self.wanted)

    def claim(self, path: Mapping[int, int], numbers: Mapping[str, Decimal] | None = None) -> Claim:
        """A claim that goes a way; `numbers` are those of facts that are to go together."""
        stated = self.left.stated(self.space, path)
        return claim_of(self.place, self.circumstance, self.space, stated, numbers)

    def claims(
        self, path: Mapping[int, int], numbers: Mapping[str, Decimal] | None = None
    ) -> Iterator[Claim]:
        """The claim, and some with lists for what is open of these."""
        claim = self.claim(path, numbers)
        yield claim
        yield from with_lists(self.place, self.space, self.left.stated(self.space, path), claim)
