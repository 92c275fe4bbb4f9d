"""The smallest sets of unknown facts of which some values settle something, whatever the rest are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import partial
from math import inf
from operator import eq
from typing import NamedTuple, TypeAlias

from compiler.runtime.cells import Space
from compiler.runtime.diagram import Diagram, Node, TooLarge

MOST_SETS = 32
_MOST_SEARCHED = 30_000
"""Nodes that a search for sets may make."""

_MOST_SEARCHING = 60_000
"""Steps that all searches over the same diagrams may take together."""

_Asked: TypeAlias = tuple[Node, frozenset[int]]
"""A diagram of truth, and the levels of chosen dates with which others in it are compared."""


class Missing(NamedTuple):
    """Minimal sets of facts of which some values settle the determination; `complete` if none was cut."""

    sets: tuple[tuple[str, ...], ...]
    complete: bool


class Settling:
    """The sets of facts that settle diagrams of truth, as diagrams over which facts are in the set.

    A fact is either chosen, with some cell, or must not matter: then all its cells lead to truth. What holds
    of a set holds of every larger one.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._facts = space.facts()
        self._place = {fact: place for place, fact in enumerate(self._facts)}
        self._steps = _MOST_SEARCHING
        self._sets = Diagram(_MOST_SEARCHED, _MOST_SEARCHING)
        self._no, self._yes = self._sets.leaf(False), self._sets.leaf(True)
        self._sizes: list[float] = [inf, 0]
        """Of each node so far how many facts the smallest of its sets has."""
        self._found: dict[_Asked, Node] = {}

    def settling(self, root: Node, leaves: Sequence[Hashable]) -> Missing:
        """The minimal sets with which a diagram surely comes to one of some leaves, by size, then by order.

        Where the search is beyond its limit, the sets that were found by then; if none, for each leaf the
        facts on one way to it: they settle it, though fewer may do.
        """
        diagram = self._space.diagram
        found: list[tuple[str, ...]] = []
        searched = diagram.steps
        with diagram.growing(_MOST_SEARCHED, self._steps):
            try:
                wanted = [diagram.map(root, partial(eq, leaf)) for leaf in leaves]
                left = self._sets.either([self._settles(node) for node in wanted])
                while left != self._no and len(found) < MOST_SETS:
                    found.append(self._first(left))
                    left = self._sets.choose(self._including(found[-1]), self._no, left)
                return Missing(tuple(found), left == self._no)
            except TooLarge:
                return Missing(tuple(found or self._ways(root, leaves)), False)
            finally:
                self._steps -= diagram.steps - searched

    def _settles(self, wanted: Node) -> Node:
        waiting: list[_Asked] = [(wanted, frozenset())]
        choices: dict[_Asked, list[tuple[Node, _Asked]]] = {}
        while waiting:
            asked = waiting[-1]
            if asked in self._found:
                waiting.pop()
                continue
            if asked not in choices:
                choices[asked] = self._choices(*asked)
                if len(self._found) + len(choices) > _MOST_SEARCHED:
                    raise TooLarge
            left = [then for _, then in choices[asked] if then not in self._found]
            waiting += left
            if not left:
                pairs = [(facts, self._found[then]) for facts, then in choices[asked]]
                sets = [self._sets.choose(facts, then, self._no) for facts, then in pairs]
                self._found[asked] = self._sets.either(sets) if sets else self._leaf(asked[0])
        return self._found[wanted, frozenset()]

    def _leaf(self, node: Node) -> Node:
        return self._sets.leaf(self._space.diagram.value(node))

    def _choices(self, node: Node, fixed: frozenset[int]) -> list[tuple[Node, _Asked]]:
        """What may be done about the variable of a node: the facts that takes, and what is then to settle."""
        space, diagram = self._space, self._space.diagram
        level = diagram.level(node)
        if level is None:
            return []
        variable, children = space.variables[level], diagram.children(node)
        then = fixed if space.beside(level) is None else fixed | {level}
        ways = {(variable.to_choose(cell), children[cell]) for cell in space.cells(level, fixed)}
        chosen = [(self._including(facts), (child, then)) for facts, child in sorted(ways)]
        return [(self._yes, (diagram.conjunction(sorted(set(children))), fixed)), *chosen]

    def _including(self, facts: Iterable[str]) -> Node:
        """The sets in which some facts are."""
        made = self._yes
        for place in sorted((self._place[fact] for fact in facts), reverse=True):
            made = self._sets.node(place, (self._no, made))
        return made

    def _first(self, sets: Node) -> tuple[str, ...]:
        """The first of the smallest sets."""
        sizes = self._sizes
        for node in range(len(sizes), self._sets.size()):
            # A node is made after all below it.
            without, with_ = self._sets.children(node)
            sizes.append(min(sizes[without], 1 + sizes[with_]))
        found = []
        while (level := self._sets.level(sets)) is not None:
            without, with_ = self._sets.children(sets)
            taken = 1 + sizes[with_] == sizes[sets]
            found += [self._facts[level]] if taken else []
            sets = with_ if taken else without
        return tuple(found)

    def _ways(self, root: Node, leaves: Iterable[Hashable]) -> list[tuple[str, ...]]:
        """For each leaf the facts on one way to it."""
        diagram, variables = self._space.diagram, self._space.variables
        found = set()
        for leaf in leaves:
            way = (diagram.path(root, partial(eq, leaf)) or {}).items()
            found.add(frozenset(fact for level, cell in way for fact in variables[level].to_choose(cell)))
        smallest = [s for s in found if not any(other < s for other in found)]
        in_order = [tuple(sorted(s, key=self._place.__getitem__)) for s in smallest]
        return sorted(in_order, key=lambda s: (len(s), [self._place[fact] for fact in s]))
