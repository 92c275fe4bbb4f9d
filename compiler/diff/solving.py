"""Arithmetic over several facts, which diagrams tell apart only loosely, put to a solver if there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, frozen

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, claim_of
from compiler.diff.lists import with_lists
from compiler.runtime.atoms import ComputedIs, atoms
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node


class Unsolved(Exception):
    """The solver gave up."""


@frozen
class Model:
    """A way through a diagram, the cell by level, and numbers of facts that go with it: as far as they are no
    decimals, some that come near.
    """

    path: Mapping[int, int]
    numbers: tuple[Mapping[str, Decimal], ...]


Solver = Callable[[Space, Node, Callable[[Any], bool]], Model | None]
"""Finds a way to a leaf that is wanted; None proves that there is none. Raises Unsolved."""


@define
class Arithmetic:
    """Asks a solver about what depends on arithmetic; `solved`: it was asked, and gave an answer."""

    solver: Solver | None = None
    solved: bool = False

    def claims(
        self,
        place: Place,
        circumstance: Circumstance,
        space: Space,
        root: Node,
        wanted: Callable[[Any], bool],
    ) -> list[Claim] | None:
        """Claims that may come to a leaf that is wanted; none if no claim does, None where that is open."""
        if self.solver is None or not _computes(space, root):
            return None
        try:
            model = self.solver(space, root, wanted)
        except Unsolved:
            return None
        self.solved = True
        if model is None:
            return []
        path = dict(model.path)
        found = [claim_of(place, circumstance, space, path, numbers) for numbers in model.numbers]
        return [each for claim in found for each in (claim, *with_lists(place, space, path, claim))]


def _computes(space: Space, root: Node) -> bool:
    """Whether a diagram asks for what is computed from several facts."""
    asked = {atom.term for each in space.expanded for atom in atoms(each) if isinstance(atom, ComputedIs)}
    return not space.diagram.levels(root).isdisjoint(space.level(term) for term in asked)
