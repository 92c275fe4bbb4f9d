"""Decision diagrams: many-valued, reduced and shared, so that equal functions are the same node."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

MOST_NODES = 100_000
MOST_STEPS = 400_000
"""So many nodes and pairs of nodes are looked at while diagrams are made."""

Node = int
_LEAF = 1 << 30


class TooLarge(Exception):
    """The diagram would be larger than the limit."""


class Diagram:
    """A manager of nodes. A node asks the variable of its level; a leaf carries a value."""

    def __init__(self, most_nodes: int = MOST_NODES, most_steps: int = MOST_STEPS) -> None:
        self.most_nodes = most_nodes
        self.most_steps = most_steps
        self.steps = 0
        self._level: list[int] = []
        self._children: list[tuple[Node, ...]] = []
        self._value: dict[Node, Any] = {}
        self._unique: dict[Hashable, Node] = {}
        self._chosen: dict[tuple[Node, ...], Node] = {}

    def size(self) -> int:
        """How many nodes there are."""
        return len(self._level)

    @contextmanager
    def growing(self, nodes: int, steps: int) -> Iterator[None]:
        """Meanwhile it may grow by so many nodes, in so many steps."""
        limits = self.most_nodes, self.most_steps
        self.most_nodes, self.most_steps = self.size() + nodes, self.steps + steps
        try:
            yield
        finally:
            self.most_nodes, self.most_steps = limits

    def leaf(self, value: Hashable) -> Node:
        """The leaf of a value."""
        key = (_LEAF, type(value), value)
        if key not in self._unique:
            self._value[self._new(key, _LEAF, ())] = value
        return self._unique[key]

    def node(self, level: int, children: tuple[Node, ...]) -> Node:
        """The node that asks a variable, or its only child where the answer does not matter.

        Raises TooLarge beyond the limit.
        """
        if children.count(children[0]) == len(children):
            return children[0]
        key = (level, children)
        found = self._unique.get(key)
        return self._new(key, level, children) if found is None else found

    def _new(self, key: Hashable, level: int, children: tuple[Node, ...]) -> Node:
        if len(self._level) >= self.most_nodes:
            raise TooLarge
        node = self._unique[key] = len(self._level)
        self._level.append(level)
        self._children.append(children)
        return node

    def level(self, node: Node) -> int | None:
        """The level of the variable that a node asks, or None of a leaf."""
        level = self._level[node]
        return None if level == _LEAF else level

    def height(self, node: Node) -> int:
        """How early a diagram asks: the level of its node; of leaves one behind all."""
        return self._level[node]

    def children(self, node: Node) -> tuple[Node, ...]:
        """What follows on each cell of the variable."""
        return self._children[node]

    def value(self, leaf: Node) -> Any:
        """The value of a leaf."""
        return self._value[leaf]

    def combine(self, one: Node, other: Node, operation: Callable[[Any, Any], Hashable]) -> Node:
        """The diagram of an operation on the leaves of two. Raises TooLarge beyond the limit."""
        found: dict[tuple[Node, ...], Node] = {}
        waiting: list[tuple[Node, ...]] = [(one, other)]
        while waiting:
            pair = waiting[-1]
            if pair in found:
                waiting.pop()
            elif self._level[pair[0]] == self._level[pair[1]] == _LEAF:
                found[pair] = self.leaf(operation(self._value[pair[0]], self._value[pair[1]]))
            else:
                level, below = self._below(pair)
                left = [each for each in below if each not in found]
                waiting += left
                if not left:
                    self._step()
                    found[pair] = self.node(level, tuple(found[each] for each in below))
        return found[one, other]

    def choose(self, test: Node, then: Node, otherwise: Node) -> Node:
        """The diagram that is one where a diagram of truth is true, and another where it is false.

        Raises TooLarge beyond the limit.
        """
        levels, found, below_of = self._level, self._chosen, self._children
        sides = self.leaf(True), self.leaf(False)
        if then == otherwise or levels[test] == _LEAF:
            return then if then == otherwise or self._value[test] else otherwise
        if (then, otherwise) == sides:
            return test
        waiting: list[tuple[Node, ...]] = [(test, then, otherwise)]
        while waiting:
            three = waiting[-1]
            if three in found:
                waiting.pop()
                continue
            one, yes, no = three
            level = min(levels[one], levels[yes], levels[no])
            size = len(below_of[one if levels[one] == level else yes if levels[yes] == level else no])
            ones = below_of[one] if levels[one] == level else (one,) * size
            yeses = below_of[yes] if levels[yes] == level else (yes,) * size
            noes = below_of[no] if levels[no] == level else (no,) * size
            children: list[Node] = []
            for each in zip(ones, yeses, noes, strict=True):
                one, yes, no = each
                if yes == no:
                    children.append(yes)
                elif levels[one] == _LEAF:
                    children.append(yes if self._value[one] else no)
                elif (yes, no) == sides:
                    children.append(one)
                elif each in found:
                    children.append(found[each])
                else:
                    waiting.append(each)
            if len(children) == size:
                self._step()
                found[three] = self.node(level, tuple(children))
        return found[test, then, otherwise]

    def _below(self, nodes: tuple[Node, ...]) -> tuple[int, Sequence[tuple[Node, ...]]]:
        """The first level of some nodes, and for each of its cells what follows of each."""
        levels = [self._level[node] for node in nodes]
        level = min(levels)
        size = len(self._children[nodes[levels.index(level)]])
        columns = [
            self._children[node] if own == level else (node,) * size
            for node, own in zip(nodes, levels, strict=True)
        ]
        return level, tuple(zip(*columns, strict=True))

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.most_steps:
            raise TooLarge

    def map(self, root: Node, operation: Callable[[Any], Hashable]) -> Node:
        """The diagram with another value at each leaf."""
        found: dict[Node, Node] = {}
        # A node is made after all below it.
        for node in sorted(self.reachable(root)):
            if self._level[node] == _LEAF:
                found[node] = self.leaf(operation(self._value[node]))
            else:
                found[node] = self.node(self._level[node], tuple(found[n] for n in self._children[node]))
        return found[root]

    def either(self, nodes: Iterable[Node]) -> Node:
        """One or more of some diagrams of truth."""
        return reduce(lambda f, g: self.choose(g, self.leaf(True), f), nodes, self.leaf(False))

    def conjunction(self, nodes: Iterable[Node]) -> Node:
        """All of some diagrams of truth."""
        return reduce(lambda f, g: self.choose(g, f, self.leaf(False)), nodes, self.leaf(True))

    def restrict(self, root: Node, level: int, cell: int) -> Node:
        """The diagram where a variable lies in a known cell. Raises TooLarge beyond the limit."""
        above: set[Node] = set()
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node not in above and self._level[node] <= level:
                self._step()
                above.add(node)
                waiting += self._children[node] if self._level[node] < level else ()
        found: dict[Node, Node] = {}
        for node in sorted(above):
            children = self._children[node]
            if self._level[node] == level:
                found[node] = children[cell]
            else:
                found[node] = self.node(self._level[node], tuple(found.get(n, n) for n in children))
        return found.get(root, root)

    def reachable(self, root: Node) -> set[Node]:
        """A node and all below it."""
        seen: set[Node] = set()
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += self._children[node]
        return seen

    def leaves(self, root: Node) -> list[Any]:
        """The values that can be reached, each once, in the order of their making."""
        return [self._value[node] for node in sorted(self.reachable(root)) if self._level[node] == _LEAF]

    def levels(self, root: Node) -> set[int]:
        """The levels of the variables on which a diagram depends."""
        return {self._level[node] for node in self.reachable(root)} - {_LEAF}

    def path(self, root: Node, wanted: Callable[[Any], bool]) -> dict[int, int] | None:
        """The cells of one way to a leaf that is wanted, the first of each level; or None."""
        leads: set[Node] = set()
        for node in sorted(self.reachable(root)):
            if self._level[node] == _LEAF:
                leads |= {node} if wanted(self._value[node]) else set()
            elif not leads.isdisjoint(self._children[node]):
                leads.add(node)
        if root not in leads:
            return None
        cells: dict[int, int] = {}
        while self._level[root] != _LEAF:
            cell = next(at for at, child in enumerate(self._children[root]) if child in leads)
            cells[self._level[root]] = cell
            root = self._children[root][cell]
        return cells
