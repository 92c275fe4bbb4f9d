"""Arithmetic over several facts, which diagrams tell apart only loosely, put to a solver if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from attrs import Factory, define, evolve, frozen

from compiler.diff.claims import Claim
from compiler.diff.sought import Sought
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

    def claims(self, sought: Sought) -> list[Claim] | None:
        """Claims that may show what is sought; none if no claim does that states all numbers but what is left
        out, None where that is open.
        """
        if self.solver is None or not computed(sought.space, sought.root):
            return None
        try:
            models = self.solver(sought.space, sought.root, sought.wanted, sought.left)
        except Unsolved:
            return None
        self.solved = True
        return _claims(sought, models)

    def left_out(self, sought: Sought) -> Iterator[list[Claim]]:
        """Of each set of numbers that claims can leave out, so that some may show what is sought, claims that
        do; none are given where that is open.
        """
        space, root = sought.space, sought.root
        if self.solver is None or (id(space), root) in self._alike:
            return
        if not computed(space, root) or not sought.possible:
            return
        sets = left_out(space, root)
        alike = bool(sets)
        if not sets:
            yield []
        for facts in sets:
            try:
                made, left = without(space, root, facts, len(sought.place.sides))
                less = evolve(sought, root=made, left=left)
                if not less.possible:
                    continue
                models = self.solver(space, made, sought.wanted, left)
            except (TooLarge, Unsolved):
                alike = False
                yield []
                continue
            self.solved = True
            if models:
                alike = False
                yield _claims(less, models)
        if alike:
            self._alike[id(space), root] = space


def _claims(sought: Sought, models: Sequence[Model]) -> list[Claim]:
    """Claims that models may show, without what is left out."""
    return [
        claim for model in models for numbers in model.numbers for claim in sought.claims(model.path, numbers)
    ]
