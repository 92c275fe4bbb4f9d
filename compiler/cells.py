"""Facts cut into finite partitions: what the rules can tell apart about each, with real witnesses.

A scalar fact is one variable. A list is summarised by how many of its elements meet each condition that
is asked, counted no further than is asked; conditions that no element meets together are independent
parts, each a variable of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import Factory, define, frozen

from compiler import decision as d
from compiler.expand import renamed
from compiler.interpret import Facts, evaluate, holds
from compiler.model import (
    BoolType,
    CodesType,
    CodeType,
    DayType,
    EnumType,
    FactType,
    NumberType,
    TextsType,
    TextType,
)
from compiler.runtime.claim_values import Value
from compiler.runtime.codes import system
from compiler.runtime.diagram import TooLarge
from compiler.runtime.numbers import Cut, after, among, before
from compiler.runtime.partition import Cells, Counted, Ordered, Partition, Relative, Values, Vector

UNDECLARED = "zzzzzzzzzzzzzzzzzzzz"
"""A value that no author declares, and that resembles none."""


@frozen
class ScalarCells:
    """The cells of a fact with one value, each with a witness."""

    partition: Values | Ordered
    witnesses: tuple[Value, ...]

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        """The part that an atom asks about, and whether it holds in each of its cells."""
        assert not isinstance(atom, d.Elements | d.WindowIs)
        return 0, tuple(holds(atom, witness) for witness in self.witnesses)

    def witness(self, cells: Cells) -> Value:
        """A value that lies in some cells."""
        return self.witnesses[cells[0]]


@frozen
class WindowCells:
    """The cells of a date by the windows in which it lies; which there are depends on the line's day."""

    partition: Relative
    atoms: tuple[d.DayIs | d.WindowIs, ...]

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        """The part that an atom asks about, and whether it holds in each of its cells."""
        assert isinstance(atom, d.DayIs | d.WindowIs)
        at = self.atoms.index(atom)
        return 0, tuple(bool(cell >> at & 1) for cell in range(*self.partition.sizes))


MOST_WINDOWS = 8


def windowed(atoms: Sequence[d.Atom]) -> WindowCells:
    """The cells of a date that windows ask about. Raises diagram.TooLarge for more windows than can be told
    apart.
    """
    asked = tuple(dict.fromkeys(atom for atom in atoms if isinstance(atom, d.DayIs | d.WindowIs)))
    if len(asked) > MOST_WINDOWS:
        raise TooLarge
    windows = tuple(a.window if isinstance(a, d.WindowIs) else (a.start, a.end) for a in asked)
    return WindowCells(Relative(windows), asked)


@frozen
class ListCells:
    """The cells of a list, each with a list that lies in it; `wheres` are the conditions counted."""

    partition: Counted
    wheres: tuple[d.Condition, ...]
    lists: tuple[tuple[tuple[str, ...], ...], ...]

    def truth(self, atom: d.Atom) -> tuple[int, tuple[bool, ...]]:
        """The part that an atom asks about, and whether it holds in each of its cells."""
        assert isinstance(atom, d.Elements)
        where = self.wheres.index(renamed(atom.where, atom.element, _ELEMENT))
        part = next(p for p, members in enumerate(self.partition.parts) if where in members)
        at = self.partition.parts[part].index(where)
        return part, tuple(state[at] >= atom.count for state in self.partition.states[part])

    def witness(self, cells: Cells) -> Value:
        """A value that lies in some cells."""
        return tuple(code for part, cell in enumerate(cells) for code in self.lists[part][cell])


_ELEMENT = "element"
DIAGNOSES = "claim.diagnoses"


def scalar(kind: FactType, atoms: Sequence[d.Atom]) -> ScalarCells:
    """The cells of a scalar fact: values told apart by which atoms hold of them."""
    asked = tuple(atom for atom in atoms if not isinstance(atom, d.Elements | d.WindowIs))
    cells: dict[tuple[bool, ...], int] = {}
    witnesses: list[Value] = []

    def cell(value: Value) -> int:
        signature = tuple(holds(atom, value) for atom in asked)
        if signature not in cells:
            cells[signature] = len(witnesses)
            witnesses.append(value)
        return cells[signature]

    match kind:
        case EnumType() | BoolType() | TextType():
            named: list[Value] = [True, False] if isinstance(kind, BoolType) else list(_names(kind, asked))
            numbers = {str(name).casefold(): cell(name) for name in named}
            open_ = not isinstance(kind, BoolType) and not (isinstance(kind, EnumType) and not kind.open)
            other = cell(UNDECLARED) if open_ else 0
            return ScalarCells(Values(numbers, other, len(witnesses)), tuple(witnesses))
        case CodeType(name):
            bounds = _code_bounds(asked)
            numbers_by_stretch = [cell(code) if code else 0 for _, code in _stretches(bounds, name)]
            ordered = Ordered(tuple(bounds), tuple(numbers_by_stretch), len(witnesses))
            return ScalarCells(ordered, tuple(witnesses))
        case NumberType():
            places = _number_cuts(kind, asked)
            in_order = tuple(0 if n is None else cell(n) for n in _witnesses(kind, places))
            return ScalarCells(Ordered(tuple(places), in_order, len(witnesses)), tuple(witnesses))
        case DayType():
            asked_days = [a for atom in asked if isinstance(atom, d.DayIs) for a in (atom.start, atom.end)]
            cuts = sorted({day for day in asked_days if day is not None})
            first = cuts[0] - timedelta(days=1) if cuts and cuts[0] > date.min else date.min
            days = tuple(cell(day) for day in (first, *cuts))
            return ScalarCells(Ordered(tuple(cuts), days, len(witnesses)), tuple(witnesses))
        case _:
            raise AssertionError(f"a fact of type {kind} is no scalar that rules ask")


def _names(kind: EnumType | TextType, atoms: Sequence[d.Atom]) -> tuple[str, ...]:
    if isinstance(kind, EnumType):
        return kind.members
    named = [value for atom in atoms if isinstance(atom, d.ValueIs) for value in atom.values]
    return tuple(dict.fromkeys(named))


def _number_cuts(kind: NumberType, atoms: Sequence[d.Atom]) -> list[Cut]:
    """The cuts that the atoms ask about, and those of the fact's own range."""
    stretches = [stretch for atom in atoms if isinstance(atom, d.NumberIs) for stretch in atom.stretches]
    found = {cut for stretch in stretches for cut in stretch if cut is not None}
    found |= {before(kind.low)} if kind.low is not None else set()
    found |= {after(kind.high)} if kind.high is not None else set()
    return sorted(found)


def _witnesses(kind: NumberType, cuts: list[Cut]) -> list[Decimal | None]:
    """Of each stretch between cuts a number that the fact can be, or None."""
    found: list[Decimal | None] = []
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        tries: list[Decimal] = []
        if low is not None:
            tries += [low[0], low[0] + 1]
        if high is not None:
            tries += [high[0], high[0] - 1]
        if low is not None and high is not None:
            tries.append((low[0] + high[0]) / 2)
        if kind.integer:
            tries = [
                n
                for number in tries
                for n in (number.to_integral_value(ROUND_FLOOR), number.to_integral_value(ROUND_CEILING))
            ]
        found.append(
            next((n for n in tries or [Decimal(0)] if _lies(n, low, high) and _lies(n, *_range(kind))), None)
        )
    return found


def _range(kind: NumberType) -> tuple[Cut | None, Cut | None]:
    return (
        None if kind.low is None else before(kind.low),
        None if kind.high is None else after(kind.high),
    )


def _lies(number: Decimal, low: Cut | None, high: Cut | None) -> bool:
    return among(number, ((low, high),))


def _code_bounds(atoms: Sequence[d.Atom]) -> list[str]:
    sets = [atom.codes for atom in atoms if isinstance(atom, d.CodeIs)]
    return sorted({bound for codes in sets for pair in codes for bound in pair})


def _stretches(bounds: list[str], name: str) -> list[tuple[str, str | None]]:
    """Each stretch between bounds, with the first code that lies in it, if the system has one there."""
    form = system(name)
    found: list[tuple[str, str | None]] = []
    for low, high in zip(["", *bounds], [*bounds, None], strict=True):
        first = form.first_from(low)
        found.append((low, first if first is not None and (high is None or first < high) else None))
    return found


def listed(kind: CodesType | TextsType, atoms: Sequence[d.Atom]) -> ListCells:
    """The cells of a list by what is asked of its elements."""
    counts: dict[d.Condition, int] = {}
    for atom in atoms:
        assert isinstance(atom, d.Elements)
        where = renamed(atom.where, atom.element, _ELEMENT)
        counts[where] = max(counts.get(where, 1), atom.count)
    wheres, caps = tuple(counts), tuple(counts.values())
    inner = [atom for where in wheres for atom in d.atoms(where)]
    classes: dict[Vector, str] = {}
    if isinstance(kind, CodesType):
        bounds = _code_bounds(inner)
        vectors = []
        for _, code in _stretches(bounds, kind.system):
            vectors.append(_vector(wheres, code or ""))
            if code is not None:
                classes.setdefault(vectors[-1], code)
        named: dict[str, Vector] = {}
        name = kind.system
    else:
        bounds, vectors, name = [], [], ""
        named = {text: _vector(wheres, text) for text in _names(TextType(), inner)}
        for text, vector in {**named, UNDECLARED: _vector(wheres, UNDECLARED)}.items():
            classes.setdefault(vector, text)
    parts = _parts(len(wheres), classes)
    reached = [_states(part, caps, classes) for part in parts]
    counted = Counted(
        name,
        tuple(bounds),
        tuple(vectors),
        named,
        _vector(wheres, UNDECLARED),
        caps,
        parts,
        tuple(states for states, _ in reached),
    )
    return ListCells(counted, wheres, tuple(lists for _, lists in reached))


def _vector(wheres: Sequence[d.Condition], value: str) -> Vector:
    facts: Facts = {_ELEMENT: value}
    return tuple(evaluate(where, facts) is True for where in wheres)


def _parts(count: int, classes: dict[Vector, str]) -> tuple[tuple[int, ...], ...]:
    """Conditions that some element meets together belong to one part."""
    group = list(range(count))
    for vector in classes:
        joined = {group[where] for where in range(count) if vector[where]}
        group = [min(joined) if g in joined else g for g in group]
    return tuple(tuple(w for w in range(count) if group[w] == g) for g in sorted(set(group)))


def _states(
    part: tuple[int, ...], caps: tuple[int, ...], classes: dict[Vector, str]
) -> tuple[dict[tuple[int, ...], int], tuple[tuple[str, ...], ...]]:
    """The counts that lists reach in one part, from the empty list on, each with a list that reaches it."""
    steps = {tuple(vector[where] for where in part): code for vector, code in classes.items()}
    start = (0,) * len(part)
    states: dict[tuple[int, ...], int] = {start: 0}
    lists: list[tuple[str, ...]] = [()]
    waiting = [start]
    while waiting:
        state = waiting.pop(0)
        for vector, code in steps.items():
            following = tuple(
                min(count + met, caps[where]) for count, met, where in zip(state, vector, part, strict=True)
            )
            if following not in states:
                states[following] = len(lists)
                lists.append((*lists[states[state]], code))
                waiting.append(following)
    return states, tuple(lists)


@define
class Space:
    """The cells of all facts that some conditions ask about, and their variables in order."""

    facts: dict[str, ScalarCells | WindowCells | ListCells] = Factory(dict)
    variables: list[tuple[str, int]] = Factory(list)

    @classmethod
    def of(cls, conditions: Sequence[d.Condition], types: dict[str, FactType], order: Sequence[str]) -> Space:
        """From expanded conditions; variables in the order of facts that is given.

        Diagnoses are always there: a contract may exclude by one, though no rule asks for any.
        """
        by_fact: dict[str, list[d.Atom]] = {fact: [] for fact in (*order, DIAGNOSES)}
        for condition in conditions:
            for atom in d.atoms(condition):
                by_fact.setdefault(atom.fact, []).append(atom)
        space = cls()
        for fact, asked in by_fact.items():
            if not asked and fact != DIAGNOSES:
                continue
            kind = types[fact]
            if isinstance(kind, CodesType | TextsType):
                space.facts[fact] = listed(kind, asked)
            elif any(isinstance(atom, d.WindowIs) for atom in asked):
                space.facts[fact] = windowed(asked)
            else:
                space.facts[fact] = scalar(kind, asked)
            space.variables += [(fact, part) for part in range(len(space.facts[fact].partition.sizes))]
        return space

    @property
    def partitions(self) -> dict[str, Partition]:
        """The partition of each fact, in order of first occurrence."""
        return {fact: cells.partition for fact, cells in self.facts.items()}

    def level(self, fact: str, part: int) -> int:
        """The place of a variable in the order."""
        return self.variables.index((fact, part))

    def levels(self, fact: str) -> list[int]:
        """The places of all variables of a fact."""
        return [level for level, (asked, _) in enumerate(self.variables) if asked == fact]
