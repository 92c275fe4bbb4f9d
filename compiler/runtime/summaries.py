"""Lists that are not stated: how many elements meet each condition, counted no further than asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple, TypeAlias

from compiler.runtime.atoms import Atom, DayIs, Elements, WindowIs, atoms, facts_of
from compiler.runtime.claim_values import FactSpec, Record, Scalar
from compiler.runtime.clusters import clusters, days_of
from compiler.runtime.diagram import TooLarge
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.lists import Each, fresh
from compiler.runtime.scalars import witnesses

_MOST_ELEMENTS = 20_000
_MOST_STATES = 5_000

Met: TypeAlias = tuple[object, ...]
"""For each atom whether an element meets it: None if not, else True or the value that has to differ."""

State: TypeAlias = tuple[object, ...]
"""For each atom how many elements meet it, up to its count, or which different values they have."""


class Part(NamedTuple):
    """Atoms that elements can meet together, and the states that lists reach, each with such a list."""

    atoms: tuple[Elements, ...]
    states: dict[State, tuple[Each, ...]]

    def truths(self, atom: Elements) -> tuple[bool, ...]:
        """Whether an atom holds in each state."""
        at = self.atoms.index(atom)
        return tuple(_count(state[at]) >= atom.count for state in self.states)


def summary(spec: FactSpec, asked: Sequence[Elements], specs: Mapping[str, FactSpec]) -> list[Part]:
    """The parts of a list that is not stated. Raises TooLarge."""
    classes: dict[Met, Each] = {}
    facts = LineFacts({}, False, specs)
    for number, element in enumerate(_elements(spec, asked)):
        if number > _MOST_ELEMENTS:
            raise TooLarge
        classes.setdefault(tuple(_meets(atom, element, facts) for atom in asked), element)
    return [_part(members, asked, classes) for members in _parts(len(asked), classes)]


def _meets(atom: Elements, element: Each, facts: LineFacts) -> object:
    facts.take(atom.element, atom.element, element)
    holds = judge(atom.where, facts).holds
    facts.drop(atom.element, element)
    if not holds:
        return None
    return element[atom.different] if atom.different is not None and isinstance(element, Record) else True


def _count(state: object) -> int:
    return len(state) if isinstance(state, frozenset) else state if isinstance(state, int) else 0


def _parts(count: int, classes: Mapping[Met, Each]) -> list[tuple[int, ...]]:
    """Atoms that some element meets together belong to one part."""
    group = list(range(count))
    for met in classes:
        joined = {group[at] for at in range(count) if met[at] is not None}
        group = [min(joined) if g in joined else g for g in group]
    return [tuple(at for at in range(count) if group[at] == g) for g in sorted(set(group))]


def _part(members: tuple[int, ...], asked: Sequence[Elements], classes: Mapping[Met, Each]) -> Part:
    """The states that lists reach, from the empty list on, each with a list that reaches it."""
    mine = tuple(asked[at] for at in members)
    steps: dict[Met, Each] = {}
    for met, element in classes.items():
        steps.setdefault(tuple(met[at] for at in members), element)
    start: State = tuple(frozenset() if atom.different is not None else 0 for atom in mine)
    states: dict[State, tuple[Each, ...]] = {start: ()}
    waiting = [start]
    while waiting:
        state = waiting.pop(0)
        for step, element in steps.items():
            following = tuple(_added(s, m, a.count) for s, m, a in zip(state, step, mine, strict=True))
            if following not in states:
                if len(states) >= _MOST_STATES:
                    raise TooLarge
                states[following] = (*states[state], element)
                waiting.append(following)
    return Part(mine, states)


def _added(state: object, met: object, count: int) -> object:
    if met is None or _count(state) >= count:
        return state
    return state | {met} if isinstance(state, frozenset) else _count(state) + 1


# ---- elements that show all that can be met ---------------------------------------------------------------


def _elements(spec: FactSpec, asked: Sequence[Elements]) -> Iterator[Each]:
    inner = [(atom.element, each) for atom in asked for each in atoms(atom.where)]
    if spec.kind != "records":
        for value in witnesses(spec.element(), [atom for _, atom in inner]):
            assert isinstance(value, str)
            yield value
        return
    by_field: dict[str, list[Atom]] = {}
    for hand, atom in inner:
        for fact in facts_of(atom):
            by_field.setdefault(fact.removeprefix(f"{hand}."), []).append(atom)
    for atom in asked:
        if atom.different is not None:
            by_field.setdefault(atom.different, [])
    columns = {field: _column(spec.field(field), own, asked) for field, own in by_field.items()}
    columns |= _together([atom for _, atom in inner], asked)
    for values in product(*columns.values()):
        record = Record(field.path for field in spec.fields)
        record.update(zip(columns, values, strict=True))
        yield record


def _column(spec: FactSpec, own: list[Atom], asked: Sequence[Elements]) -> list[Scalar]:
    """The values of a field: one of each kind, or so many as have to differ."""
    count = _differing(spec.path, asked)
    found = witnesses(spec, [atom for atom in own if not isinstance(atom, WindowIs)])
    if not count:
        return found
    match spec.kind:
        case "boolean":
            return [True, False]
        case "enum" | "text":
            members: list[Scalar] = [*dict.fromkeys(spec.names.values()), *found]
            if spec.kind == "text" or spec.open:
                members += [fresh(number) for number in range(count)]
            return list(dict.fromkeys(members))
        case "date":
            return [*_filled([day for day in found if isinstance(day, date)], count)]
        case _:
            raise TooLarge


def _differing(field: str, asked: Sequence[Elements]) -> int:
    """How many different values of a field are counted."""
    return max((atom.count for atom in asked if atom.different == field), default=0)


def _filled(days: list[date], count: int) -> Iterator[date]:
    """So many days of each stretch between some days, as far as it goes; the first goes back."""
    first = min(days)
    days = sorted({*days, *(first - timedelta(days=k) for k in range(1, count) if first > date.min)})
    for day, end in zip(days, [*days[1:], date.max], strict=True):
        yield from (day + timedelta(days=k) for k in range(min(count, max(1, (end - day).days))))


def _together(inner: list[Atom], asked: Sequence[Elements]) -> dict[str, list[Scalar]]:
    """The days of fields that are compared with each other."""
    windows = [atom for atom in inner if isinstance(atom, WindowIs)]
    columns: dict[str, list[Scalar]] = {}
    for cluster in clusters(windows):
        days = [atom for atom in inner if isinstance(atom, DayIs) and atom.fact in cluster]
        own = [atom for atom in windows if atom.fact in cluster]
        told = days_of(cluster, days, own)
        different = {fact: _differing(fact.partition(".")[2], asked) for fact in cluster}
        if any(different.values()):
            # Of what has to differ so many days of each kind are told apart from all others.
            more = {fact: _filled([*told[fact].days], count) for fact, count in different.items() if count}
            days += [DayIs(fact, day, None) for fact, found in more.items() for day in found]
            told = days_of(cluster, days, own)
        for fact, column in told.items():
            columns[fact.partition(".")[2]] = list(column.days)
    return columns
