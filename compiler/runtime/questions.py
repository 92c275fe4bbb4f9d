"""What the unknown facts could still change: determinations over all completions, and what to ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial, reduce
from typing import NamedTuple, TypeAlias

from compiler.runtime.atoms import Condition
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import Diagram, Node, TooLarge

MOST_SETS = 32
_MOST_SETS_INSIDE = 2_000
_MOST_SEARCHED = 20_000
"""Nodes that a search for sets may make."""

_MOST_COMPARISONS = 2_000_000
"""Comparisons of sets in one search, after which it keeps no more of them than are shown."""

NOT_APPLICABLE = "not_applicable"
EXCLUDED = "excluded_by_contract"

FactSet: TypeAlias = frozenset[str]
Truth: TypeAlias = bool | Condition
"""Whether something holds, or what is open about it."""


class Missing(NamedTuple):
    """Minimal sets of facts of which some values settle the determination; `complete` if none was cut."""

    sets: tuple[tuple[str, ...], ...]
    complete: bool


class RuleRow(NamedTuple):
    """A rule of a section: what it says, and for a reviewer what is asked, and of whom. An `otherwise` rule
    speaks where no other does.
    """

    section: str
    determination: str
    otherwise: bool = False
    question: str | None = None
    addressee: str | None = None


class Case(NamedTuple):
    """What is known of a line, as far as rules and contract can tell lines apart.

    `excluded`: by a diagnosis; `sections` are those that the contract excludes.
    """

    rules: tuple[RuleRow, ...]
    overrides: tuple[tuple[str, str], ...]
    truths: tuple[Truth, ...]
    excluded: Truth = False
    everything: bool = False
    sections: frozenset[str] = frozenset()


class Questions:
    """A case as diagrams over the cells of what is unknown. Raises diagram.TooLarge beyond the limit.

    `speaks` says for each rule when it holds and is not overridden, `answers` for each determination when
    a rule gives it, `spoken` for each section when it speaks.
    """

    def __init__(self, case: Case, space: Space, holds: list[Node]) -> None:
        self.space = space
        self.diagram = space.diagram
        self._case = case
        *holds, self._excluded = holds
        self.speaks = speaking(case.rules, case.overrides, holds, self.diagram)
        self.answers: dict[str, Node] = {}
        self.spoken: dict[str, Node] = {}
        for rule, node in zip(case.rules, self.speaks, strict=True):
            for said, key in ((self.answers, rule.determination), (self.spoken, rule.section)):
                said[key] = either(said.get(key, self.diagram.leaf(False)), node, self.diagram)
        self.root = self._determination()

    def _determination(self) -> Node:
        """The diagram whose leaves are the determinations, after the contract has had its say."""
        diagram = self.diagram
        root = diagram.leaf(NOT_APPLICABLE)
        for determination, answer in self.answers.items():
            root = diagram.combine(root, answer, partial(_said, determination))
        root = diagram.combine(root, self._excluded, _but_excluded)
        if self._case.everything:
            return diagram.combine(root, diagram.leaf(True), _but_excluded)
        for section in sorted(self._case.sections & self.spoken.keys()):
            root = diagram.combine(root, self.spoken[section], _but_excluded)
        return root

    def determinations(self) -> list[str]:
        """What the line can come to, over all completions of the unknown facts."""
        return self.diagram.leaves(self.root)

    @property
    def exact(self) -> bool:
        """Whether every combination of cells on which the determination depends is one that a claim has."""
        return not self.space.loose(self.diagram.levels(self.root))

    def speaking(self) -> dict[str, bool]:
        """The sections that speak in some completion, each with whether it does so in every one."""
        truths = {section: self.diagram.leaves(node) for section, node in self.spoken.items()}
        return {section: False not in found for section, found in truths.items() if True in found}

    def missing(self) -> Missing:
        """The minimal sets of unknown facts of which some values settle one of the determinations.

        Where the search is beyond its limit, all facts on which the determination depends are one set: it
        settles, though less may do.
        """
        try:
            return self._smallest_sets()
        except TooLarge:
            variables = self.space.variables
            levels = sorted(self.diagram.levels(self.root))
            every = dict.fromkeys(fact for level in levels for fact in variables[level].facts)
            return Missing((tuple(every),), False)

    def _smallest_sets(self) -> Missing:
        most, self.diagram.most_nodes = self.diagram.most_nodes, self.diagram.size() + _MOST_SEARCHED
        try:
            return self._searched()
        finally:
            self.diagram.most_nodes = most

    def _searched(self) -> Missing:
        order = {fact: place for place, fact in enumerate(self.space.facts())}
        search = _Search(self.space)
        sets: set[FactSet] = set()
        for determination in sorted(self.determinations()):
            wanted = self.diagram.map(self.root, partial(_is, determination))
            sets.update(search.sets(wanted))
        ranked = sorted(smallest(sets), key=lambda s: (len(s), sorted(order[fact] for fact in s)))
        shown = tuple(tuple(sorted(s, key=order.__getitem__)) for s in ranked[:MOST_SETS])
        return Missing(shown, search.complete and len(ranked) <= MOST_SETS)


def questions(cases: Sequence[Case], specs: Mapping[str, FactSpec], order: Iterable[str]) -> list[Questions]:
    """Some cases over one set of variables: equal functions are the same node. Raises diagram.TooLarge."""
    asked = [truth for case in cases for truth in (*case.truths, case.excluded)]
    space = Space([truth for truth in asked if not isinstance(truth, bool)], specs, order)
    nodes = iter(space.nodes())
    holds = iter([space.diagram.leaf(t) if isinstance(t, bool) else next(nodes) for t in asked])
    return [Questions(case, space, [next(holds) for _ in range(len(case.truths) + 1)]) for case in cases]


def speaking(
    rules: Sequence[RuleRow], overrides: Sequence[tuple[str, str]], holds: list[Node], diagram: Diagram
) -> tuple[Node, ...]:
    """When each rule holds, and no section that speaks overrides its own; `otherwise` where none speaks."""
    spoken: dict[str, Node] = {}

    def some(nodes: Iterable[Node]) -> Node:
        return reduce(lambda f, g: either(f, g, diagram), nodes, diagram.leaf(False))

    def speaks(section: str) -> Node:
        if section not in spoken:
            pairs = zip(rules, holds, strict=True)
            own = some(node for rule, node in pairs if rule.section == section and not rule.otherwise)
            spoken[section] = diagram.combine(own, overridden(section), _but_not)
        return spoken[section]

    def overridden(section: str) -> Node:
        return some(speaks(winner) for winner, loser in overrides if loser == section)

    said = [
        diagram.combine(node, overridden(rule.section), _but_not)
        for rule, node in zip(rules, holds, strict=True)
    ]
    if not any(rule.otherwise for rule in rules):
        return tuple(said)
    first = some(node for rule, node in zip(rules, said, strict=True) if not rule.otherwise)
    return tuple(
        diagram.combine(node, first, _but_not) if rule.otherwise else node
        for rule, node in zip(rules, said, strict=True)
    )


def either(one: Node, other: Node, diagram: Diagram) -> Node:
    """The diagram of `or`."""
    return diagram.combine(one, other, _or)


def _or(one: bool, other: bool) -> bool:
    return one or other


def _but_not(holds: bool, silenced: bool) -> bool:
    return holds and not silenced


def _said(determination: str, so_far: str, says: bool) -> str:
    return determination if says else so_far


def _but_excluded(determination: str, excluded: bool) -> str:
    """An exclusion applies only where a section gives a determination."""
    return EXCLUDED if excluded and determination != NOT_APPLICABLE else determination


def _is(determination: str, leaf: str) -> bool:
    return leaf == determination


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

    def __init__(self, space: Space) -> None:
        self._space = space
        self.complete = True
        self._compared = 0
        self._found: dict[tuple[Node, frozenset[int]], list[FactSet]] = {}

    def sets(self, node: Node, fixed: frozenset[int] = frozenset()) -> list[FactSet]:
        """The minimal sets for a diagram of truth; `fixed` are chosen dates that others are compared with."""
        key = node, fixed
        if key not in self._found:
            diagram = self._space.diagram
            level = diagram.level(node)
            if level is None:
                self._found[key] = [frozenset()] if diagram.value(node) else []
            else:
                variable = self._space.variables[level]
                beside = self._space.beside(level)
                children = diagram.children(node)
                cells: Iterable[int] = range(len(children))
                if beside is not None and beside not in fixed:
                    cells = variable.chosen
                then = fixed if beside is None else fixed | {level}
                ways = {(children[cell], variable.to_choose(cell)) for cell in cells}
                chosen = [s.union(facts) for child, facts in ways for s in self.sets(child, then)]
                untouched = self.sets(diagram.conjunction(sorted(set(children))), fixed)
                self._found[key] = self._kept([*untouched, *chosen])
        return self._found[key]

    def _kept(self, sets: list[FactSet]) -> list[FactSet]:
        most = _MOST_SETS_INSIDE if self._compared < _MOST_COMPARISONS else MOST_SETS
        distinct = sorted(set(sets), key=lambda s: (len(s), sorted(s)))
        kept = smallest(distinct[: 2 * most])
        self._compared += len(distinct[: 2 * most]) * len(kept)
        if len(kept) > most or len(distinct) > 2 * most:
            self.complete = False
        return kept[:most]
