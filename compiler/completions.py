"""What the unknown facts could still change: outcomes over all completions, and what to ask for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial, reduce
from itertools import product

from attrs import Factory, define, frozen

from compiler import decision as d
from compiler.cells import Cells, Space, expand
from compiler.diagram import Diagram, Node
from compiler.interpret import Facts
from compiler.model import FactType

MOST_SETS = 32
_MOST_SETS_INSIDE = 2_000

FactSet = frozenset[str]


@frozen
class Outcome:
    """What the sections and the contract say of a complete line; `rules` by position, not overridden."""

    determination: str
    rules: tuple[int, ...]


def outcome(decision: d.Decision, holding: frozenset[int], excluded: bool) -> Outcome:
    """The outcome where some rules hold. An exclusion needs a section that gives a determination."""
    rules = decision.effective(holding)
    if not rules:
        return Outcome("not_applicable", ())
    if excluded:
        return Outcome("excluded_by_contract", ())
    return Outcome(decision.rules[rules[0]].determination, rules)


def _noted(index: int, rules: int, leaf: tuple[frozenset[int], bool], holds: bool) -> Hashable:
    """A leaf that also knows of one more rule, or, after the last rule, of the exclusion."""
    return (leaf[0], holds) if index == rules else (leaf[0] | ({index} if holds else set()), False)


def _outcome_of(decision: d.Decision, leaf: tuple[frozenset[int], bool]) -> Outcome:
    return outcome(decision, *leaf)


def _determines(determination: str, leaf: Outcome) -> bool:
    return leaf.determination == determination


@frozen
class Missing:
    """Minimal sets of facts of which some values settle the determination; `complete` if none was cut."""

    sets: tuple[tuple[str, ...], ...]
    complete: bool


@define
class Completions:
    """A decision as a diagram over the cells of its facts.

    Building raises diagram.TooLarge where the rules are beyond the limit.
    """

    decision: d.Decision
    space: Space
    diagram: Diagram
    holding: Node
    root: Node

    @classmethod
    def of(cls, decision: d.Decision, types: dict[str, FactType]) -> Completions:
        """The diagram of a decision; its leaves are outcomes."""
        return together((decision,), types)[0]

    def _residuals(self, facts: Facts) -> tuple[Node, list[tuple[str, list[Cells]]]]:
        """The diagram with what is known put in, and the lists that are known in part."""
        fixed: dict[int, int] = {}
        partly: list[tuple[str, list[Cells]]] = []
        for fact, partition in self.space.partitions.items():
            value = facts.get(fact)
            if value is None:
                continue
            possible = partition.classify(value)
            if len(possible) > 1:
                partly.append((fact, sorted(possible)))
            else:
                fixed |= dict(zip(self.space.levels(fact), next(iter(possible)), strict=True))
        return self.diagram.restrict(self.root, fixed), partly

    def put(self, node: Node, fact: str, cells: Cells) -> Node:
        """A diagram where a fact lies in known cells."""
        return self.diagram.restrict(node, dict(zip(self.space.levels(fact), cells, strict=True)))

    def outcomes(self, facts: Facts) -> list[Outcome]:
        """What the line can come to, over all completions of the unknown facts."""
        root, partly = self._residuals(facts)
        found: dict[Outcome, None] = {}
        for chosen in product(*(cells for _, cells in partly)):
            node = self._put_all(root, partly, chosen)
            found |= dict.fromkeys(self.diagram.leaves(node))
        return list(found)

    def missing(self, facts: Facts) -> Missing:
        """The minimal sets of unknown facts of which some values settle the determination.

        Raises diagram.TooLarge where the search is beyond the limit.
        """
        root, partly = self._residuals(facts)
        order = {fact: place for place, fact in enumerate(self.space.partitions)}
        determinations = {
            leaf.determination
            for cells in product(*(cells for _, cells in partly))
            for leaf in self.diagram.leaves(self._put_all(root, partly, cells))
        }
        search = _Search(self)
        sets: set[FactSet] = set()
        for determination in sorted(determinations):
            wanted = self.diagram.map(root, partial(_determines, determination))
            sets.update(search.with_lists(wanted, partly))
        ranked = sorted(smallest(sets), key=lambda s: (len(s), sorted(order[fact] for fact in s)))
        shown = tuple(tuple(sorted(s, key=order.__getitem__)) for s in ranked[:MOST_SETS])
        return Missing(shown, search.complete and len(ranked) <= MOST_SETS)

    def _put_all(self, root: Node, partly: list[tuple[str, list[Cells]]], cells: tuple[Cells, ...]) -> Node:
        pairs = zip((fact for fact, _ in partly), cells, strict=True)
        return reduce(lambda node, pair: self.put(node, *pair), pairs, root)


def together(decisions: tuple[d.Decision, ...], types: dict[str, FactType]) -> list[Completions]:
    """Several decisions over one partition and in one manager: equal functions have the same root.

    Raises diagram.TooLarge beyond the limit.
    """
    asked = [
        [*(expand(rule.condition) for rule in decision.rules), expand(decision.excluded)]
        for decision in decisions
    ]
    space = Space.of([condition for conditions in asked for condition in conditions], types)
    diagram = Diagram()
    made = []
    for decision, conditions in zip(decisions, asked, strict=True):
        holding = diagram.leaf((frozenset(), False))
        for index, condition in enumerate(conditions):
            held = condition_node(condition, space, diagram)
            holding = diagram.combine(holding, held, partial(_noted, index, len(decision.rules)))
        root = diagram.map(holding, partial(_outcome_of, decision))
        made.append(Completions(decision, space, diagram, holding, root))
    return made


def condition_node(condition: d.Condition, space: Space, diagram: Diagram) -> Node:
    """The diagram of an expanded condition."""
    match condition:
        case d.Named(condition=inner):
            return condition_node(inner, space, diagram)
        case d.Not(inner):
            return diagram.map(condition_node(inner, space, diagram), lambda truth: not truth)
        case d.AtLeast(count, conditions):
            nodes = [condition_node(inner, space, diagram) for inner in conditions]
            return _at_least(count, nodes, diagram)
        case _:
            part, truth = space.partitions[condition.fact].truth(condition)
            leaves = tuple(diagram.leaf(value) for value in truth)
            return diagram.node(space.level(condition.fact, part), leaves)


def _at_least(count: int, nodes: list[Node], diagram: Diagram) -> Node:
    if count >= len(nodes):
        return diagram.conjunction(nodes) if count == len(nodes) else diagram.leaf(False)
    if count == 1:
        either: Callable[[bool, bool], bool] = lambda a, b: a or b  # noqa: E731
        return reduce(lambda f, g: diagram.combine(f, g, either), nodes, diagram.leaf(False))
    counted = reduce(
        lambda f, g: diagram.combine(f, g, lambda n, more: min(count, n + bool(more))),
        nodes,
        diagram.leaf(0),
    )
    return diagram.map(counted, lambda n: n >= count)


def smallest(sets: Iterable[FactSet]) -> list[FactSet]:
    """The sets that contain no other."""
    kept: list[FactSet] = []
    for candidate in sorted(set(sets), key=lambda s: (len(s), sorted(s))):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
    return kept


@define
class _Search:
    """Finds the minimal sets S such that some values of S make a diagram of truth true throughout.

    A fact is either chosen, with some cell, or must not matter: then all its cells lead to truth.
    """

    completions: Completions
    complete: bool = True
    _found: dict[Node, list[FactSet]] = Factory(dict)

    def with_lists(self, node: Node, partly: list[tuple[str, list[Cells]]]) -> list[FactSet]:
        """As `sets`, where some lists can only lie in some cells."""
        if not partly:
            return self.sets(node)
        (fact, cells), *rest = partly
        put = [self.completions.put(node, fact, c) for c in cells]
        chosen = [s | {fact} for n in set(put) for s in self.with_lists(n, rest)]
        untouched = self.with_lists(self.completions.diagram.conjunction(put), rest)
        return self._kept([*untouched, *chosen])

    def sets(self, node: Node) -> list[FactSet]:
        """The minimal sets for a diagram of truth."""
        if node not in self._found:
            diagram = self.completions.diagram
            level = diagram.level(node)
            if level is None:
                self._found[node] = [frozenset()] if diagram.value(node) else []
            else:
                fact = self.completions.space.variables[level][0]
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
