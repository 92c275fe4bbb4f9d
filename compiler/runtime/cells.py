"""What is open of the rules, as diagrams over the cells of unknown facts.

A scalar fact is one variable, with a real value for each cell. Dates that are compared with each other are
cut so finely that each pair of cells has one answer. A list that is not stated is a variable for each part of
its summary. What is computed from several unknown facts is a variable of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from compiler.runtime.atoms import (
    AtLeast,
    Atom,
    ComputedIs,
    Condition,
    DayIs,
    Elements,
    Not,
    Open,
    Resting,
    WindowIs,
    atoms,
    facts_of,
    terms_facts,
)
from compiler.runtime.claim_values import FactSpec, Value
from compiler.runtime.clusters import MOST_DATES, clusters, days_of
from compiler.runtime.diagram import Diagram, Node, TooLarge
from compiler.runtime.expand import expand
from compiler.runtime.line_facts import ASSUMPTION, EACH, asked_as, spec_of
from compiler.runtime.numbers import exactly_among
from compiler.runtime.scalars import holds, numbers, witnesses
from compiler.runtime.summaries import Part, summary
from compiler.runtime.terms import bounds_of

_MOST_ATOMS = 5_000
_MOST_VARIABLES = 2_000


class Variable(NamedTuple):
    """`facts` are those to be asked for; `values` has one for each cell, None where none can be shown.
    `loose`: it can have cells that no claim has, by itself or with other variables about the same facts; and
    some of its facts can be enough to know its cell: `enough` are such facts, by cell.
    """

    facts: tuple[str, ...]
    values: tuple[Value | None, ...]
    loose: bool = False
    beside: str | None = None
    chosen: frozenset[int] = frozenset()
    enough: dict[int, tuple[str, ...]] = {}  # noqa: RUF012 - never written to

    def to_choose(self, cell: int) -> tuple[str, ...]:
        """The facts of which some values put it into a cell."""
        return self.enough.get(cell, self.facts)


class Space:
    """The variables of some conditions, in order of occurrence, and the conditions as diagrams over them.

    Raises TooLarge where they are too many.
    """

    def __init__(
        self, conditions: Iterable[Condition], specs: Mapping[str, FactSpec], order: Iterable[str] = ()
    ) -> None:
        self.specs = specs
        self.diagram = Diagram()
        self.variables: list[Variable] = []
        self._parts: dict[Elements, Part] = {}
        self._levels: dict[Hashable, int] = {}
        self.expanded = [expand(condition) for condition in conditions]
        found = dict.fromkeys(atom for condition in self.expanded for atom in atoms(condition))
        if len(found) > _MOST_ATOMS:
            raise TooLarge
        asked: dict[Hashable, list[Atom]] = {}
        windows = [atom for atom in found if isinstance(atom, WindowIs)]
        groups = clusters(windows)
        self._apart = {a for a in windows for group in groups if a.fact in group and len(group) > MOST_DATES}
        for atom in found:
            for key in (atom,) if atom in self._apart else _keys(atom):
                asked.setdefault(key, []).append(atom)
        # What a person has to judge is true or false beside whatever else; of several questions that is open.
        judged = {
            a: a.question or a.about
            for a in found
            if isinstance(a, Open) and not a.free and {f[: len(ASSUMPTION)] for f in a.facts} == {ASSUMPTION}
        }
        self._judged = frozenset(judged if len({*judged.values()}) == 1 else ())
        days = self._days(list(found))
        places = {fact: place for place, fact in enumerate(order)}
        for key in sorted(asked, key=lambda key: places.get(_first(asked[key][0], key), len(places))):
            self._add(key, asked[key], days)

    def _days(self, found: list[Atom]) -> dict[str, Variable]:
        """The dates that are compared with each other."""
        windows = [atom for atom in found if isinstance(atom, WindowIs) and atom not in self._apart]
        days: dict[str, Variable] = {}
        for cluster in clusters(windows):
            asked = [atom for atom in found if isinstance(atom, DayIs) and atom.fact in cluster]
            told = days_of(cluster, asked, [atom for atom in windows if atom.fact in cluster])
            for fact, other in zip(cluster, cluster[::-1], strict=True):
                own = told[fact]
                days[fact] = Variable((asked_as(fact),), own.days, False, other, own.chosen)
        return days

    def _add(self, key: Hashable, own: list[Atom], days: Mapping[str, Variable]) -> None:
        match own[0]:
            case WindowIs(fact, window) if own[0] in self._apart:
                self._new(key, Variable((fact, window.anchor), (None, None), True))
            case Open(facts=facts, of=listed, free=free):
                enough: dict[int, tuple[str, ...]] = {0: (listed,)} if listed is not None else {}
                loose = not free and own[0] not in self._judged
                self._new(key, Variable(facts, (None, None), loose, enough=enough))
            case ComputedIs(term=term):
                facts = tuple(dict.fromkeys(terms_facts(term)))
                stretches = [s for atom in own if isinstance(atom, ComputedIs) for s in atom.stretches]
                low, high = bounds_of(term, self.specs)
                spec = FactSpec("", "decimal")._replace(low=low, high=high)  # type: ignore[arg-type]
                self._new(key, Variable(facts, tuple(numbers(stretches, spec)), True))  # type: ignore[arg-type]
            case Elements():
                lists = [atom for atom in own if isinstance(atom, Elements)]
                for part in summary(self.specs[lists[0].fact], lists, self.specs):
                    for atom in part.atoms:
                        self._parts[atom] = part
                    values: tuple[Value, ...] = tuple(part.states.values())  # type: ignore[arg-type]
                    self._new(part.atoms, Variable((lists[0].fact,), values))
            case _:
                assert isinstance(key, str)
                if key in days:
                    self._new(key, days[key])
                else:
                    told = [atom for atom in own if not isinstance(atom, WindowIs)]
                    values = tuple(witnesses(spec_of(key, self.specs), told))
                    self._new(key, Variable((asked_as(key),), values))

    def _new(self, key: Hashable, variable: Variable) -> None:
        if len(self.variables) >= _MOST_VARIABLES:
            raise TooLarge
        # An element of which nothing is known is asked for by its list, which is among the facts too.
        known_by = tuple(dict.fromkeys(fact for fact in variable.facts if not fact.startswith(EACH)))
        self._levels[key] = len(self.variables)
        self.variables.append(variable._replace(facts=known_by))

    def beside(self, level: int) -> int | None:
        """The level of the date with which one is compared."""
        fact = self.variables[level].beside
        return None if fact is None else self._levels.get(fact)

    def cells(self, level: int, fixed: frozenset[int]) -> Collection[int]:
        """The cells that show all ways in which a variable can lie, where the dates of `fixed` are chosen."""
        variable = self.variables[level]
        beside = self.beside(level)
        return range(len(variable.values)) if beside is None or beside in fixed else variable.chosen

    def values(self, path: str) -> tuple[Value | None, ...]:
        """A value for each cell of a fact that is no list; none where nothing is asked of it."""
        level = self._levels.get(path)
        return () if level is None else self.variables[level].values

    def level(self, key: Hashable) -> int | None:
        """The level of what is asked of a fact that is no list, by its path, or of what is computed, by its
        term.
        """
        return self._levels.get(key)

    def facts(self) -> tuple[str, ...]:
        """The unknown facts, in order."""
        return tuple(dict.fromkeys(fact for variable in self.variables for fact in variable.facts))

    def loose(self, levels: Iterable[int]) -> bool:
        """Whether some of these variables can be told apart only loosely."""
        return any(self.variables[level].loose for level in levels)

    # ---- diagrams ----------------------------------------------------------------------------------------

    def nodes(self) -> list[Node]:
        """The diagrams of the conditions; their leaves are true and false."""
        return [self._node(condition) for condition in self.expanded]

    def _node(self, condition: Condition) -> Node:
        match condition:
            case Resting(inner):
                return self._node(inner)
            case Not(inner):
                leaf = self.diagram.leaf
                return self.diagram.choose(self._node(inner), leaf(False), leaf(True))
            case AtLeast(count, conditions):
                return self._at_least(count, [self._node(inner) for inner in conditions])
            case WindowIs() if condition in self._apart:
                return self._asks(condition, (False, True))
            case WindowIs():
                return self._window(condition)
            case Open():
                return self._asks(condition, (False, True))
            case ComputedIs(term, stretches):
                values = self.variables[self._levels[term]].values
                return self._asks(term, [exactly_among(v, stretches) for v in values])  # type: ignore[arg-type]
            case Elements():
                part = self._parts[condition]
                return self._asks(part.atoms, part.truths(condition))
            case _:
                fact = condition.fact
                values = self.variables[self._levels[fact]].values
                return self._asks(fact, [holds(condition, value) for value in values])  # type: ignore[arg-type]

    def _asks(self, key: Hashable, truths: Iterable[bool]) -> Node:
        return self.diagram.node(self._levels[key], tuple(self.diagram.leaf(truth) for truth in truths))

    def _window(self, atom: WindowIs) -> Node:
        fact, anchor = self._levels[atom.fact], self._levels[atom.window.anchor]
        days = [day.toordinal() for day in self.variables[fact].values if isinstance(day, date)]
        anchors = [day for day in self.variables[anchor].values if isinstance(day, date)]
        around = [atom.window.around(day) for day in anchors]
        table = [[start <= day < end for start, end in around] for day in days]
        if anchor < fact:
            table = [list(row) for row in zip(*table, strict=True)]
        low, high = min(fact, anchor), max(fact, anchor)
        leaf = self.diagram.leaf
        return self.diagram.node(
            low, tuple(self.diagram.node(high, tuple(leaf(truth) for truth in row)) for row in table)
        )

    def _at_least(self, count: int, nodes: list[Node]) -> Node:
        diagram = self.diagram
        if count <= 1 or count >= len(nodes):
            if count == 1:
                return diagram.either(nodes)
            return diagram.conjunction(nodes) if count == len(nodes) else diagram.leaf(count <= 0)
        # For each number, whether so many hold of those seen: the last variables first, so that little is
        # made anew.
        reached = [diagram.leaf(True), *(diagram.leaf(False) for _ in range(count))]
        in_order = sorted(nodes, key=diagram.height, reverse=True)
        for left, node in zip(reversed(range(len(nodes))), in_order, strict=True):
            least = max(1, count - left)
            more = [diagram.choose(node, *pair) for pair in pairwise(reached[least - 1 :])]
            reached[least:] = more
        return reached[count]


def _keys(atom: Atom) -> tuple[Hashable, ...]:
    """The variables that an atom asks."""
    match atom:
        case WindowIs():
            return atom.window.anchor, atom.fact
        case Open():
            return (atom,)
        case ComputedIs():
            return (atom.term,)
        case Elements():
            return (("list", atom.fact),)
        case _:
            return (atom.fact,)


def _first(atom: Atom, key: Hashable) -> str:
    """The fact by whose place in the rules a variable is ordered."""
    fact = key if isinstance(key, str) else next(iter(facts_of(atom)))
    return fact.partition("[")[0]
