"""Facts cut into finite partitions: what the rules can tell apart about each, with real witnesses.

A scalar fact is one variable. A list is summarised by how many of its elements meet each condition that
is asked, counted no further than is asked; conditions that no element meets together are independent
parts, each a variable of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

from attrs import Factory, define

from compiler import decision as d
from compiler.interpret import Facts, Value, evaluate, holds
from compiler.model import BoolType, CodesType, CodeType, DayType, EnumType, FactType, TextsType, TextType
from compiler.runtime.codes import system

UNDECLARED = "zzzzzzzzzzzzzzzzzzzz"
"""A value that no author declares, and that resembles none."""

Cells = tuple[int, ...]
"""One cell for each part of a fact."""


def expand(condition: d.Condition, outer: frozenset[str] = frozenset()) -> d.Condition:
    """The same condition, where what is asked of list elements asks about nothing but the element.

    An atom about something else is decided outside: once taken as true, once as false.
    """
    match condition:
        case d.Named():
            return expand(condition.condition, outer)
        case d.Not(inner):
            return d.Not(expand(inner, outer))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(expand(inner, outer) for inner in conditions))
        case d.Elements(fact, element, count, where):
            where = expand(where, outer | {element})
            strange = next((a for a in d.atoms(where) if a.fact != element), None)
            if strange is None:
                return d.Elements(fact, element, count, where)
            taken = [
                d.Elements(fact, element, count, _assume(where, strange, truth)) for truth in (True, False)
            ]
            return d.AtLeast(
                1,
                (
                    d.all_of((strange, expand(taken[0], outer))),
                    d.all_of((d.Not(strange), expand(taken[1], outer))),
                ),
            )
        case _:
            return condition


def _assume(condition: d.Condition, atom: d.Atom, truth: bool) -> d.Condition:
    """A condition with an atom taken as true or as false."""
    match condition:
        case d.Not(inner):
            return d.Not(_assume(inner, atom, truth))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(_assume(inner, atom, truth) for inner in conditions))
        case _:
            return (d.all_of(()) if truth else d.NEVER) if condition == atom else condition


@define
class Partition:
    """The cells of one fact. `parts` are their numbers; witnesses are values that lie in them."""

    fact: str
    sizes: tuple[int, ...]

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        """The part that an atom asks about, and whether it holds in each of its cells."""
        raise NotImplementedError

    def classify(self, value: Value) -> frozenset[Cells]:
        """The cells in which a value can lie: several only for a list with unknown elements."""
        raise NotImplementedError

    def witness(self, cells: Cells) -> Value:
        """A value in some cells."""
        raise NotImplementedError

    def everything(self) -> frozenset[Cells]:
        """All cells: nothing is known."""
        return frozenset(product(*(range(size) for size in self.sizes)))


@define
class ScalarPartition(Partition):
    """Values told apart by which atoms hold of them."""

    atoms: tuple[d.ValueIs | d.CodeIs | d.DayIs, ...]
    cells: dict[tuple[bool, ...], int]
    witnesses: tuple[Value, ...]

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        assert not isinstance(atom, d.Elements)
        return 0, tuple(holds(atom, witness) for witness in self.witnesses)

    def classify(self, value: Value) -> frozenset[Cells]:
        return frozenset([(self.cells[tuple(holds(atom, value) for atom in self.atoms)],)])

    def witness(self, cells: Cells) -> Value:
        return self.witnesses[cells[0]]


def scalar(fact: str, kind: FactType, atoms: Sequence[d.Atom]) -> ScalarPartition:
    """The partition of a scalar fact by the atoms that ask about it."""
    asked = tuple(atom for atom in atoms if not isinstance(atom, d.Elements))
    cells: dict[tuple[bool, ...], int] = {}
    witnesses: list[Value] = []
    for value in _candidates(kind, asked):
        signature = tuple(holds(atom, value) for atom in asked)
        if signature not in cells:
            cells[signature] = len(witnesses)
            witnesses.append(value)
    return ScalarPartition(fact, (len(witnesses),), asked, cells, tuple(witnesses))


def _candidates(kind: FactType, atoms: Sequence[d.ValueIs | d.CodeIs | d.DayIs]) -> list[Value]:
    """Values of a type among which every combination of atoms that can hold is met."""
    match kind:
        case EnumType(open_, members):
            return [*members, *([UNDECLARED] if open_ else [])]
        case BoolType():
            return [True, False]
        case TextType():
            named = [value for atom in atoms if isinstance(atom, d.ValueIs) for value in atom.values]
            return [*dict.fromkeys(named), UNDECLARED]
        case CodeType(name):
            form = system(name)
            sets = [atom.codes for atom in atoms if isinstance(atom, d.CodeIs)]
            bounds = sorted({""} | {bound for codes in sets for pair in codes for bound in pair})
            found: list[Value] = []
            for low, high in zip(bounds, [*bounds[1:], None], strict=True):
                first = form.first_from(low)
                if first is not None and (high is None or first < high):
                    found.append(first)
            return found
        case DayType():
            days = [a for atom in atoms if isinstance(atom, d.DayIs) for a in (atom.start, atom.end)]
            cuts = sorted({day for day in days if day is not None})
            before = [cuts[0] - timedelta(days=1)] if cuts and cuts[0] > date.min else []
            return [*before, *cuts] or [date(2000, 1, 1)]
        case _:
            raise AssertionError(f"a fact of type {kind} is no scalar that rules ask")


@define
class ListPartition(Partition):
    """Lists told apart by capped counts, part by part."""

    wheres: tuple[d.Condition, ...]
    element: str
    caps: tuple[int, ...]
    classes: dict[tuple[bool, ...], Value]
    parts: tuple[tuple[int, ...], ...]
    states: tuple[dict[tuple[int, ...], int], ...]
    lists: tuple[tuple[tuple[str, ...], ...], ...]

    def _where(self, atom: d.Elements) -> int:
        return self.wheres.index(_renamed(atom.where, atom.element, self.element))

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        assert isinstance(atom, d.Elements)
        where = self._where(atom)
        part = next(p for p, members in enumerate(self.parts) if where in members)
        at = self.parts[part].index(where)
        return part, tuple(state[at] >= atom.count for state in self.states[part])

    def classify(self, value: Value) -> frozenset[Cells]:
        assert isinstance(value, tuple)
        zero = (0,) * len(self.wheres)
        reached = {zero}
        for element in value:
            added = list(self.classes) if element is None else [_vector(self.wheres, self.element, element)]
            reached = {_add(state, vector, self.caps) for state in reached for vector in added}
        return frozenset(
            tuple(
                states[tuple(state[where] for where in members)]
                for states, members in zip(self.states, self.parts, strict=True)
            )
            for state in reached
        )

    def witness(self, cells: Cells) -> Value:
        return tuple(code for part, cell in enumerate(cells) for code in self.lists[part][cell])


def _vector(wheres: Sequence[d.Condition], element: str, value: Value) -> tuple[bool, ...]:
    facts: Facts = {element: value}
    return tuple(evaluate(where, facts) is True for where in wheres)


def _add(state: tuple[int, ...], vector: tuple[bool, ...], caps: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(s + v, cap) for s, v, cap in zip(state, vector, caps, strict=True))


def _renamed(where: d.Condition, old: str, new: str) -> d.Condition:
    """A condition on elements with another name for the element in hand."""
    match where:
        case d.Not(inner):
            return d.Not(_renamed(inner, old, new))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(_renamed(inner, old, new) for inner in conditions))
        case d.CodeIs():
            return d.CodeIs(new, where.system, where.codes, where.assumptions)
        case d.ValueIs():
            return d.ValueIs(new, where.values)
        case _:
            raise AssertionError("an element condition asks about its element alone")


def listed(fact: str, kind: CodesType | TextsType, atoms: Sequence[d.Atom]) -> ListPartition:
    """The partition of a list by what is asked of its elements."""
    element = f"an element of {fact}"
    asked = [atom for atom in atoms if isinstance(atom, d.Elements)]
    counts: dict[d.Condition, int] = {}
    for atom in asked:
        where = _renamed(atom.where, atom.element, element)
        counts[where] = max(counts.get(where, 1), atom.count)
    wheres = tuple(counts)
    caps = tuple(counts.values())
    inner = CodeType(kind.system) if isinstance(kind, CodesType) else TextType()
    inner_atoms = [a for where in wheres for a in d.atoms(where) if not isinstance(a, d.Elements)]
    classes: dict[tuple[bool, ...], Value] = {}
    for value in _candidates(inner, inner_atoms):
        classes.setdefault(_vector(wheres, element, value), value)
    parts = _parts(len(wheres), classes)
    states, lists = [], []
    for part in parts:
        reached, shown = _states(part, caps, classes)
        states.append(reached)
        lists.append(shown)
    sizes = tuple(len(reached) for reached in states)
    return ListPartition(fact, sizes, wheres, element, caps, classes, parts, tuple(states), tuple(lists))


def _parts(count: int, classes: dict[tuple[bool, ...], Value]) -> tuple[tuple[int, ...], ...]:
    """Conditions that some element meets together belong to one part."""
    group = list(range(count))
    for vector in classes:
        met = [where for where in range(count) if vector[where]]
        joined = {group[where] for where in met}
        group = [min(joined) if g in joined else g for g in group]
    return tuple(tuple(w for w in range(count) if group[w] == g) for g in sorted(set(group)))


def _states(
    part: tuple[int, ...], caps: tuple[int, ...], classes: dict[tuple[bool, ...], Value]
) -> tuple[dict[tuple[int, ...], int], tuple[tuple[str, ...], ...]]:
    """The counts that lists reach in one part, from the empty list on, each with a list that reaches it."""
    its_caps = tuple(caps[where] for where in part)
    steps = {tuple(vector[where] for where in part): value for vector, value in classes.items()}
    start = (0,) * len(part)
    states: dict[tuple[int, ...], int] = {start: 0}
    lists: list[tuple[str, ...]] = [()]
    waiting = [start]
    while waiting:
        state = waiting.pop(0)
        for vector, value in steps.items():
            following = _add(state, vector, its_caps)
            if following not in states:
                states[following] = len(lists)
                lists.append((*lists[states[state]], str(value)))
                waiting.append(following)
    return states, tuple(lists)


@define
class Space:
    """The partitions of all facts that some conditions ask about, and their variables in order."""

    partitions: dict[str, Partition] = Factory(dict)
    variables: list[tuple[str, int]] = Factory(list)
    _levels: dict[tuple[str, int], int] = Factory(dict)

    @classmethod
    def of(cls, conditions: Sequence[d.Condition], types: dict[str, FactType]) -> Space:
        """From expanded conditions; variables in order of first occurrence."""
        by_fact: dict[str, list[d.Atom]] = {}
        for condition in conditions:
            for atom in d.atoms(condition):
                by_fact.setdefault(atom.fact, []).append(atom)
        space = cls()
        for fact, asked in by_fact.items():
            kind = types[fact]
            partition: Partition = (
                listed(fact, kind, asked)
                if isinstance(kind, CodesType | TextsType)
                else scalar(fact, kind, asked)
            )
            space.partitions[fact] = partition
            for part in range(len(partition.sizes)):
                space._levels[fact, part] = len(space.variables)
                space.variables.append((fact, part))
        return space

    def level(self, fact: str, part: int) -> int:
        """The place of a variable in the order."""
        return self._levels[fact, part]

    def levels(self, fact: str) -> list[int]:
        """The places of all variables of a fact."""
        return [self._levels[fact, part] for part in range(len(self.partitions[fact].sizes))]
