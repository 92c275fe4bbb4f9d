"""Decision diagrams: many-valued, reduced and shared, so that equal functions are the same node."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import reduce
from typing import Any

MOST_NODES = 100_000

Node = int
_LEAF = 1 << 30


class TooLarge(Exception):
    """The diagram would be larger than the limit."""


class Diagram:
    """A manager of nodes. A node asks the variable of its level; a leaf carries a value."""

    def __init__(self, most_nodes: int = MOST_NODES) -> None:
        self.most_nodes = most_nodes
        self._level: list[int] = []
        self._children: list[tuple[Node, ...]] = []
        self._value: dict[Node, Any] = {}
        self._unique: dict[Hashable, Node] = {}
        self._keys: list[Hashable] = []

    def size(self) -> int:
        """How many nodes there are."""
        return len(self._level)

    def shrink(self, size: int) -> None:
        """Forget all nodes but the first ones."""
        for key in self._keys[size:]:
            del self._unique[key]
        for node in range(size, len(self._level)):
            self._value.pop(node, None)
        del self._level[size:], self._children[size:], self._keys[size:]

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
        if all(child == children[0] for child in children):
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
        self._keys.append(key)
        return node

    def level(self, node: Node) -> int | None:
        """The level of the variable that a node asks, or None of a leaf."""
        level = self._level[node]
        return None if level == _LEAF else level

    def children(self, node: Node) -> tuple[Node, ...]:
        """What follows on each cell of the variable."""
        return self._children[node]

    def value(self, leaf: Node) -> Any:
        """The value of a leaf."""
        return self._value[leaf]

    def combine(self, one: Node, other: Node, operation: Callable[[Any, Any], Hashable]) -> Node:
        """The diagram of an operation on the leaves of two."""
        memo: dict[tuple[Node, Node], Node] = {}

        def walk(f: Node, g: Node) -> Node:
            if (f, g) in memo:
                return memo[f, g]
            level = min(self._level[f], self._level[g])
            if level == _LEAF:
                result = self.leaf(operation(self._value[f], self._value[g]))
            else:
                size = len(self._children[f] if self._level[f] == level else self._children[g])
                fs = self._children[f] if self._level[f] == level else (f,) * size
                gs = self._children[g] if self._level[g] == level else (g,) * size
                result = self.node(level, tuple(walk(x, y) for x, y in zip(fs, gs, strict=True)))
            memo[f, g] = result
            return result

        return walk(one, other)

    def map(self, root: Node, operation: Callable[[Any], Hashable]) -> Node:
        """The diagram with another value at each leaf."""
        memo: dict[Node, Node] = {}

        def walk(f: Node) -> Node:
            if f not in memo:
                if self._level[f] == _LEAF:
                    memo[f] = self.leaf(operation(self._value[f]))
                else:
                    memo[f] = self.node(self._level[f], tuple(walk(child) for child in self._children[f]))
            return memo[f]

        return walk(root)

    def conjunction(self, nodes: Iterable[Node]) -> Node:
        """All of some diagrams of truth."""
        return reduce(lambda f, g: self.combine(f, g, lambda a, b: a and b), nodes, self.leaf(True))

    def restrict(self, root: Node, cells: Mapping[int, int]) -> Node:
        """The diagram where some variables (by level) lie in known cells."""
        memo: dict[Node, Node] = {}

        def walk(f: Node) -> Node:
            level = self._level[f]
            if level == _LEAF:
                return f
            if f not in memo:
                if level in cells:
                    memo[f] = walk(self._children[f][cells[level]])
                else:
                    memo[f] = self.node(level, tuple(walk(child) for child in self._children[f]))
            return memo[f]

        return walk(root)

    def limit(self, root: Node, allowed: Mapping[int, frozenset[int]]) -> Node:
        """The diagram where some variables (by level) can only lie in some cells: what would follow on any
        other cell is forgotten.
        """
        memo: dict[Node, Node] = {}

        def walk(f: Node) -> Node:
            level = self._level[f]
            if level == _LEAF:
                return f
            if f not in memo:
                cells = allowed.get(level)
                children = self._children[f]
                if cells is not None:
                    some = children[min(cells)]
                    children = tuple(child if at in cells else some for at, child in enumerate(children))
                memo[f] = self.node(level, tuple(walk(child) for child in children))
            return memo[f]

        return walk(root) if allowed else root

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
        """The cells of one way to a leaf that is wanted, or None."""
        dead: set[Node] = set()

        def walk(f: Node) -> dict[int, int] | None:
            if f in dead:
                return None
            if self._level[f] == _LEAF:
                found: dict[int, int] | None = {} if wanted(self._value[f]) else None
            else:
                tries = (
                    {self._level[f]: cell, **below}
                    for cell, child in enumerate(self._children[f])
                    if (below := walk(child)) is not None
                )
                found = next(tries, None)
            if found is None:
                dead.add(f)
            return found

        return walk(root)
