"""What rules ask of dates, those of list elements under the name of their list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from compiler.ir import decision as d
from compiler.ir.occurring import This
from compiler.runtime.ages import AGE, BIRTH, DAY, births
from compiler.runtime.atoms import Condition, DayIs, WindowIs
from compiler.runtime.clusters import clusters

Dated = DayIs | WindowIs

_NONE: Mapping[str, str] = {}


def inside(conditions: Iterable[Condition], hands: Mapping[str, str] = _NONE) -> Iterator[d.Atom]:
    """All atoms, also those about list elements. What is asked of a date names an element by its list."""
    for condition in conditions:
        for atom in d.atoms(condition):
            match atom:
                case DayIs(fact, start, end):
                    yield DayIs(_named(fact, hands), start, end)
                case WindowIs(fact, window):
                    anchor = _named(window.anchor, hands)
                    yield WindowIs(_named(fact, hands), window._replace(anchor=anchor))
                case d.Elements(fact, element, _, where):
                    yield atom
                    yield from inside((where,), {**hands, element: fact})
                case d.Newest(fact, element, _, _, among, has):
                    yield atom
                    yield from inside((among, has), {**hands, element: fact})
                case _:
                    yield atom


def _named(fact: str, hands: Mapping[str, str]) -> str:
    head, dot, field = fact.partition(".")
    return hands.get(head, head) + dot + field


def dated(conditions: Iterable[Condition]) -> list[Dated]:
    """What is asked of each date, in order of occurrence, each once; not how elements of a list lie to other
    elements, which is told apart loosely.
    """
    found = dict.fromkeys(atom for atom in inside(conditions) if isinstance(atom, DayIs | WindowIs))
    return [atom for atom in found if isinstance(atom, DayIs) or not _of_two_elements(atom)]


def _of_two_elements(atom: WindowIs) -> bool:
    lists = [fact.rpartition(".")[0] for fact in (atom.fact, atom.window.anchor)]
    same = lists[0] == lists[1] and atom.fact != atom.window.anchor
    return all("." in each for each in lists) and not same


def aged(conditions: Iterable[Condition], anchor: str) -> list[Dated]:
    """What is asked of an age, as births around the day on which somebody is as old; none around another."""
    if anchor != DAY:
        return []
    asked = (a for a in inside(conditions) if isinstance(a, d.NumberIs) and a.fact == AGE)
    return [WindowIs(BIRTH, window) for atom in asked for window in births(atom.stretches)]


@lru_cache(maxsize=4096)
def around(decision: This[d.Decision], fact: str) -> bool:
    """Whether rules compare a date with others."""
    asked = dated(rule.condition for rule in decision.value.rules)
    return any(fact in facts_in(atom) for atom in asked if isinstance(atom, WindowIs))


def linked(asked: Sequence[Dated], anchor: str) -> Iterator[tuple[tuple[str, ...], list[Dated]]]:
    """The dates, those together that are compared with each other, without that around which all is looked
    at; with what is asked of them.
    """
    windows = [atom for atom in asked if isinstance(atom, WindowIs)]
    between = [atom for atom in windows if anchor not in (atom.fact, atom.window.anchor)]
    facts = dict.fromkeys(fact for atom in asked for fact in facts_in(atom) if fact != anchor)
    groups = clusters(between)
    groups += [(fact,) for fact in facts if not any(fact in group for group in groups)]
    for group in groups:
        yield group, [atom for atom in asked if not set(group).isdisjoint(facts_in(atom))]


def centres(asked: Sequence[Dated], anchor: str) -> Iterator[str]:
    """The dates with which alone all others are compared, but for that around which all is looked at; each
    where none are compared.
    """
    pairs = [set(facts_in(atom)) - {anchor} for atom in asked]
    links = [pair for pair in pairs if len(pair) == 2]
    found = dict.fromkeys(fact for atom in asked for fact in facts_in(atom) if fact != anchor)
    return (fact for fact in found if all(fact in pair for pair in links))


def facts_in(atom: Dated) -> tuple[str, ...]:
    """The dates of which an atom asks."""
    return (atom.fact, atom.window.anchor) if isinstance(atom, WindowIs) else (atom.fact,)


def told_by_the_day(conditions: Sequence[Condition], governed_by: str) -> bool:
    """Whether rules can tell a day by more than windows around it: it is asked for itself, or computed with,
    or somebody's age and date of birth both are asked.
    """
    found: set[str] = set()
    for atom in inside(conditions):
        match atom:
            case WindowIs():
                found |= {fact for fact in (atom.fact, atom.window.anchor) if fact == BIRTH}
            case d.ComputedIs() | d.Open():
                if {governed_by, AGE} & set(d.facts_of(atom)):
                    return True
            case d.Elements() | d.Newest():
                pass
            case _:
                found.add(atom.fact)
    return governed_by in found or {AGE, BIRTH} <= found
