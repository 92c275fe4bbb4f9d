"""Arithmetic over several facts, which diagrams tell apart only loosely, put to a solver if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from attrs import Factory, define, frozen

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, claim_of
from compiler.diff.lists import with_lists
from compiler.diff.unstated import STATED, Left, computed, left_out, without
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge


class Unsolved(Exception):
    """The solver gave up."""


@frozen
class Model:
    """A way through a diagram, the cell by level, and numbers of facts that go with it: as far as they are no
    decimals, some that come near.
    """

    path: Mapping[int, int]
    numbers: tuple[Mapping[str, Decimal], ...]


class Solver(Protocol):
    """Knows which numbers go together."""

    def __call__(
        self, space: Space, root: Node, wanted: Callable[[Any], bool], left: Left = STATED
    ) -> list[Model]:
        """Ways to a leaf that is wanted, of claims that state all numbers but what is `left` out; none are a
        proof that there is none. Raises Unsolved.
        """


@define
class Arithmetic:
    """Asks a solver about what depends on arithmetic; `solved`: it was asked, and gave an answer."""

    solver: Solver | None = None
    solved: bool = False
    _alike: dict[tuple[int, Node], Space] = Factory(dict)
    """Of diagrams, of which no claim that leaves numbers out comes to a leaf that is wanted, the spaces."""

    def claims(
        self,
        place: Place,
        circumstance: Circumstance,
        space: Space,
        root: Node,
        wanted: Callable[[Any], bool],
        left: Left = STATED,
    ) -> list[Claim] | None:
        """Claims that may come to a leaf that is wanted; none if no claim does that states all numbers but
        what is `left` out, None where that is open.
        """
        if self.solver is None or not computed(space, root):
            return None
        try:
            models = self.solver(space, root, wanted, left)
        except Unsolved:
            return None
        self.solved = True
        return _claims(place, circumstance, space, models, left)

    def left_out(
        self,
        place: Place,
        circumstance: Circumstance,
        space: Space,
        root: Node,
        wanted: Callable[[Any], bool],
    ) -> Iterator[list[Claim]]:
        """Of each set of numbers that claims can leave out, so that some may come to a leaf that is wanted,
        claims that do; none are given where that is open.
        """
        if self.solver is None or (id(space), root) in self._alike:
            return
        if not computed(space, root) or not any(map(wanted, space.diagram.leaves(root))):
            return
        sets = left_out(space, root)
        alike = bool(sets)
        if not sets:
            yield []
        for facts in sets:
            try:
                made, left = without(space, root, facts, len(place.sides))
                if not any(map(wanted, space.diagram.leaves(made))):
                    continue
                models = self.solver(space, made, wanted, left)
            except (TooLarge, Unsolved):
                alike = False
                yield []
                continue
            self.solved = True
            if models:
                alike = False
                yield _claims(place, circumstance, space, models, left)
        if alike:
            self._alike[id(space), root] = space


def _claims(
    place: Place, circumstance: Circumstance, space: Space, models: Sequence[Model], left: Left
) -> list[Claim]:
    """Claims that models may show, without what is left out."""
    found = []
    for model in models:
        path = left.stated(space, model.path)
        for numbers in model.numbers:
            claim = claim_of(place, circumstance, space, path, numbers)
            found += [claim, *with_lists(place, space, path, claim)]
    return found
