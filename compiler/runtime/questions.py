"""What the unknown facts could still change: determinations over all completions, and what to ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import product
from threading import Lock
from typing import Any, NamedTuple, TypeAlias

from compiler.runtime.claim_values import Value
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.partition import Cells, Counted, Partition, Relative

MOST_SETS = 32
_MOST_SETS_INSIDE = 2_000

NOT_APPLICABLE = "not_applicable"
EXCLUDED = "excluded_by_contract"

FactSet: TypeAlias = frozenset[str]
Possible: TypeAlias = list[tuple[Cells, bool]]
"""The cells in which a fact can lie, each with whether the contract then excludes the line."""


class Missing(NamedTuple):
    """Minimal sets of facts of which some values settle the determination; `complete` if none was cut."""

    sets: tuple[tuple[str, ...], ...]
    complete: bool


class Contract(NamedTuple):
    """What the contract excludes on a day: everything, some sections, or lines with some diagnoses."""

    everything: bool
    sections: frozenset[str]
    diagnoses: frozenset[str]


class Known(NamedTuple):
    """What is known of the variables of a line, by level: their cell, or the cells that there are at all."""

    fixed: dict[int, int]
    limits: dict[int, frozenset[int]]


class Situation(NamedTuple):
    """What is known of a line, as far as the rules and the contract can tell lines apart."""

    fixed: tuple[tuple[int, int], ...]
    limits: tuple[tuple[int, frozenset[int]], ...]
    partly: tuple[tuple[str, tuple[tuple[Cells, bool], ...]], ...]
    marked: bool
    contract: Contract


class Questions:
    """The rules of one version as diagrams over the cells of the facts that they ask about.

    `answers` says for each determination when a section gives it, `sections` for each section when it
    speaks: when it holds and is not overridden. `found` is for those who ask: answers by situation.
    """

    def __init__(
        self,
        partitions: Mapping[str, Partition],
        variables: tuple[tuple[str, int], ...],
        diagram: Diagram,
        answers: Mapping[str, Node],
        sections: Mapping[str, Node],
    ) -> None:
        self.partitions = partitions
        self.variables = variables
        self.diagram = diagram
        self.answers = answers
        self.sections = sections
        self.order = {fact: place for place, fact in enumerate(partitions)}
        self._levels = {
            fact: [level for level, (asked, _) in enumerate(variables) if asked == fact]
            for fact in partitions
        }
        self.found: dict[Situation, Any] = {}
        self._determination: Node | None = None
        self._lock = Lock()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While one line is asked about: the nodes that this takes are forgotten, so that no line depends on
        those before it. Threads wait for each other.
        """
        with self._lock:
            if self._determination is None:
                self._determination = self.determination
            size = self.diagram.size()
            try:
                yield
            finally:
                self.diagram.shrink(size)

    @property
    def determination(self) -> Node:
        """The diagram whose leaves are the determinations, before the contract has its say."""
        if self._determination is None:
            root = self.diagram.leaf(NOT_APPLICABLE)
            for determination, answer in self.answers.items():
                root = self.diagram.combine(root, answer, partial(_said, determination))
            self._determination = root
        return self._determination

    def under(self, contract: Contract, marked: bool) -> Node:
        """The diagram of determinations under a contract; `marked`: it excludes by a diagnosis."""
        root = self.determination
        if contract.everything or marked:
            return self.diagram.combine(root, self.diagram.leaf(True), _excluded)
        for section in sorted(contract.sections & self.sections.keys()):
            root = self.diagram.combine(root, self.sections[section], _excluded)
        return root

    def put(self, node: Node, fact: str, cells: Cells) -> Node:
        """A diagram where a fact lies in known cells."""
        return self.diagram.restrict(node, dict(zip(self._levels[fact], cells, strict=True)))

    def situation(self, values: Mapping[str, Value | None], contract: Contract, diagnoses: str) -> Situation:
        """What is known of one line. `diagnoses` is the fact by which the contract may exclude it."""
        fixed: dict[int, int] = {}
        partly: list[tuple[str, Possible]] = []
        limits: dict[int, frozenset[int]] = {}
        marked = False
        for fact, partition in self.partitions.items():
            value = values.get(fact)
            if fact == diagnoses and contract.diagnoses and isinstance(partition, Counted):
                possible = partition.marked(value, contract.diagnoses)
            elif isinstance(partition, Relative):
                (level,) = self._levels[fact]
                cells_now = frozenset(partition.possible(value, values))
                if len(cells_now) == 1:
                    fixed[level] = min(cells_now)
                else:
                    limits[level] = cells_now
                continue
            elif value is None:
                continue
            else:
                possible = frozenset((cells, False) for cells in partition.classify(value))
            if len(possible) > 1:
                partly.append((fact, sorted(possible)))
            else:
                ((cells, mark),) = possible
                marked = marked or mark
                fixed |= dict(zip(self._levels[fact], cells, strict=True))
        in_order = tuple((fact, tuple(possible)) for fact, possible in partly)
        return Situation(tuple(fixed.items()), tuple(limits.items()), in_order, marked, contract)

    def case(self, situation: Situation) -> Case:
        """The case of all lines in a situation."""
        known = Known(dict(situation.fixed), dict(situation.limits))
        roots = [self.known(self.under(situation.contract, mark), known) for mark in (False, True)]
        partly = [(fact, list(possible)) for fact, possible in situation.partly]
        return Case(self, known, roots, partly, situation.marked)

    def known(self, node: Node, known: Known) -> Node:
        """A diagram with what is known of a line put in."""
        return self.diagram.limit(self.diagram.restrict(node, known.fixed), known.limits)


def _said(determination: str, so_far: str, says: bool) -> str:
    return determination if says else so_far


def _excluded(determination: str, excluded: bool) -> str:
    """An exclusion applies only where a section gives a determination."""
    return EXCLUDED if excluded and determination != NOT_APPLICABLE else determination


class Case:
    """What is still open about one line: a diagram over what is unknown.

    `roots` are its determinations where the contract excludes by no diagnosis, and where it does.
    """

    def __init__(
        self,
        questions: Questions,
        known: Known,
        roots: list[Node],
        partly: list[tuple[str, Possible]],
        marked: bool,
    ) -> None:
        self._questions = questions
        self._diagram = questions.diagram
        self._known = known
        self._roots = roots
        self._partly = partly
        self._marked = marked

    def _nodes(self, choices: Iterable[Possible]) -> list[Node]:
        """The determinations for all ways in which the lists can lie in some of their cells."""
        nodes = []
        for chosen in product(*choices):
            node = self._roots[self._marked or any(mark for _, mark in chosen)]
            for (fact, _), (cells, _) in zip(self._partly, chosen, strict=True):
                node = self._questions.put(node, fact, cells)
            nodes.append(node)
        return nodes

    def determinations(self) -> list[str]:
        """What the line can come to, over all completions of the unknown facts."""
        nodes = self._nodes(possible for _, possible in self._partly)
        return list(dict.fromkeys(leaf for node in nodes for leaf in self._diagram.leaves(node)))

    def speaking(self) -> dict[str, bool]:
        """The sections that speak in some completion, each with whether it does so in every one."""
        found: dict[str, bool] = {}
        for section, root in self._questions.sections.items():
            node = self._questions.known(root, self._known)
            truths: set[bool] = set()
            for chosen in product(*(possible for _, possible in self._partly)):
                put = node
                for (fact, _), (cells, _) in zip(self._partly, chosen, strict=True):
                    put = self._questions.put(put, fact, cells)
                truths.update(self._diagram.leaves(put))
            if True in truths:
                found[section] = False not in truths
        return found

    def missing(self, determinations: Iterable[str]) -> Missing:
        """The minimal sets of unknown facts of which some values settle one of the determinations.

        Raises diagram.TooLarge where the search is beyond the limit.
        """
        order = self._questions.order
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
                determines = partial(_is, determination)
                wanted = self._diagram.conjunction(self._diagram.map(node, determines) for node in nodes)
                sets.update(facts | s for s in search.sets(wanted))
        ranked = sorted(smallest(sets), key=lambda s: (len(s), sorted(order[fact] for fact in s)))
        shown = tuple(tuple(sorted(s, key=order.__getitem__)) for s in ranked[:MOST_SETS])
        return Missing(shown, search.complete and len(ranked) <= MOST_SETS)


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
