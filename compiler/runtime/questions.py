"""What the unknown facts could still change: outcomes over all completions, and what to ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import product
from typing import NamedTuple, TypeAlias

from compiler.runtime.claim_values import Value
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.partition import Cells, Counted, Partition

MOST_SETS = 32
_MOST_SETS_INSIDE = 2_000

FactSet: TypeAlias = frozenset[str]
Possible: TypeAlias = list[tuple[Cells, bool]]
"""The cells in which a fact can lie, each with whether the contract then excludes the line."""


class Outcome(NamedTuple):
    """What the sections and the contract say of a complete line; `rules` by position, not overridden."""

    determination: str
    rules: tuple[int, ...]


class Missing(NamedTuple):
    """Minimal sets of facts of which some values settle the determination; `complete` if none was cut."""

    sets: tuple[tuple[str, ...], ...]
    complete: bool


Judge: TypeAlias = Callable[[frozenset[int], bool], Outcome]
"""From the rules that hold, and whether a fact of the line makes the contract exclude it."""


class Questions:
    """The rules of one version as a diagram over the cells of the facts that they ask about.

    The leaves of `root` are the sets of rules that hold.
    """

    def __init__(
        self,
        partitions: Mapping[str, Partition],
        variables: tuple[tuple[str, int], ...],
        diagram: Diagram,
        root: Node,
    ) -> None:
        self.partitions = partitions
        self.variables = variables
        self.diagram = diagram
        self.root = root
        self._levels = {fact: self._levels_of(fact) for fact in partitions}

    def _levels_of(self, fact: str) -> list[int]:
        return [level for level, (asked, _) in enumerate(self.variables) if asked == fact]

    def put(self, node: Node, fact: str, cells: Cells) -> Node:
        """A diagram where a fact lies in known cells."""
        return self.diagram.restrict(node, dict(zip(self._levels[fact], cells, strict=True)))

    def case(
        self, values: Mapping[str, Value | None], marks: Mapping[str, frozenset[str]], judge: Judge
    ) -> Case:
        """The case of one line. `marks` are the codes of a list by which a contract excludes."""
        fixed: dict[int, int] = {}
        partly: list[tuple[str, Possible]] = []
        excluded = False
        for fact, partition in self.partitions.items():
            value = values.get(fact)
            marked = marks.get(fact, frozenset())
            if marked and isinstance(partition, Counted):
                possible = partition.marked(value, marked)
            elif value is None:
                continue
            else:
                possible = frozenset((cells, False) for cells in partition.classify(value))
            if len(possible) > 1:
                partly.append((fact, sorted(possible)))
            else:
                cells, mark = next(iter(possible))
                excluded = excluded or mark
                fixed |= dict(zip(self._levels[fact], cells, strict=True))
        return Case(self, self.diagram.restrict(self.root, fixed), partly, excluded, judge)


class Case:
    """What is still open about one line: a diagram over what is unknown."""

    def __init__(
        self,
        questions: Questions,
        root: Node,
        partly: list[tuple[str, Possible]],
        excluded: bool,
        judge: Judge,
    ) -> None:
        self._questions = questions
        self._diagram = questions.diagram
        self._root = root
        self._partly = partly
        self._excluded = excluded
        self._judge = judge

    def _judged(self, node: Node, excluded: bool) -> Node:
        """A diagram of holding rules with its leaves judged."""
        return self._diagram.map(node, lambda holding: self._judge(holding, excluded))

    def _nodes(self, choices: Iterable[Possible]) -> list[Node]:
        """The judged diagrams for all ways in which the lists can lie in some of their cells."""
        nodes = []
        for chosen in product(*choices):
            node, excluded = self._root, self._excluded
            for (fact, _), (cells, mark) in zip(self._partly, chosen, strict=True):
                node, excluded = self._questions.put(node, fact, cells), excluded or mark
            nodes.append(self._judged(node, excluded))
        return nodes

    def outcomes(self) -> list[Outcome]:
        """What the line can come to, over all completions of the unknown facts."""
        nodes = self._nodes(possible for _, possible in self._partly)
        return list(dict.fromkeys(leaf for node in nodes for leaf in self._diagram.leaves(node)))

    def missing(self, determinations: Iterable[str]) -> Missing:
        """The minimal sets of unknown facts of which some values settle one of the determinations.

        Raises diagram.TooLarge where the search is beyond the limit.
        """
        order = {fact: place for place, fact in enumerate(self._questions.partitions)}
        search = _Search(self._questions)
        sets: set[FactSet] = set()
        # A list that lies in one of a few cells is asked for, and lies in one, or must not matter in any.
        ways = [[possible, *([one] for one in possible)] for _, possible in self._partly]
        for choices in product(*ways):
            facts = frozenset(
                fact
                for (fact, possible), chosen in zip(self._partly, choices, strict=True)
                if chosen is not possible
            )
            nodes = self._nodes(choices)
            for determination in sorted(determinations):
                determines = partial(_determines, determination)
                wanted = self._diagram.conjunction(self._diagram.map(node, determines) for node in nodes)
                sets.update(facts | s for s in search.sets(wanted))
        ranked = sorted(smallest(sets), key=lambda s: (len(s), sorted(order[fact] for fact in s)))
        shown = tuple(tuple(sorted(s, key=order.__getitem__)) for s in ranked[:MOST_SETS])
        return Missing(shown, search.complete and len(ranked) <= MOST_SETS)


def _determines(determination: str, leaf: Outcome) -> bool:
    return leaf.determination == determination


def smallest(sets: Iterable[FactSet]) -> list[FactSet]:
    """The sets that contain no other."""
    kept: list[FactSet] = []
    for candidate in sorted(set(sets), key=lambda s: (len(s), sorted(s))):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
    return kept


class _Search:
    """Finds the minimal sets S such that some values of S make a diagram of truth true throughout.

    A fact is either chosen, with some cell, or must not matter: then all its cells lead to truth.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self.complete = True
        self._found: dict[Node, list[FactSet]] = {}

    def sets(self, node: Node) -> list[FactSet]:
        """The minimal sets for a diagram of truth."""
        if node not in self._found:
            diagram = self._questions.diagram
            level = diagram.level(node)
            if level is None:
                self._found[node] = [frozenset()] if diagram.value(node) else []
            else:
                fact = self._questions.variables[level][0]
                children = set(diagram.children(node))
                chosen = [s | {fact} for child in children for s in self.sets(child)]
                untouched = self.sets(diagram.conjunction(sorted(children)))
                self._found[node] = self._kept([*untouched, *chosen])
        return self._found[node]

    def _kept(self, sets: list[FactSet]) -> list[FactSet]:
        kept = smallest(sets)
        if len(kept) > _MOST_SETS_INSIDE:
            self.complete = False
        return kept[:_MOST_SETS_INSIDE]
