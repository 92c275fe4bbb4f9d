"""Lists that meet what diagrams tell apart only loosely: so many elements in a run, or the newest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count, islice, product
from typing import Any

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Place
from compiler.ir import decision as d
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec, Record, Scalar
from compiler.runtime.errors import ClaimError
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import read_claim
from compiler.runtime.scalars import witnesses

_MOST_RECORDS = 2_000
_MOST_DAYS = 400
_BEFORE = timedelta(days=60)


def with_lists(
    place: Place, space: Space, path: Mapping[int, int], claim: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """A claim with lists for what has to hold of them, if some lists have to meet what is told loosely."""
    wanted = {
        fact
        for level, cell in path.items()
        if space.variables[level].loose and cell
        for fact in space.variables[level].enough.get(0, ())
    }
    if not wanted:
        return
    stated = claim
    for fact in _dates(place, wanted):
        scope, _, name = fact.partition(".")
        if scope == "claim" and name not in stated:
            stated = {**stated, name: (place.days[0] - _BEFORE).isoformat()}
    for side, day, standing in zip(place.sides, place.days, place.standings, strict=True):
        if standing.decision is None:
            continue
        try:
            read = read_claim(side.moved(stated), side.program.schema, lambda _: None)
        except ClaimError:
            continue
        facts = adjudicate(side.program, read, read.lines[0], side.known_on).facts
        for atom in _of_lists(standing.decision, wanted):
            found = _elements(atom, facts, side.program.specs[atom.fact], day) if facts is not None else None
            if found is not None:
                yield {**stated, atom.fact.partition(".")[2]: shown_value(atom.fact, tuple(found))}


def _of_lists(decision: d.Decision, lists: set[str]) -> Iterator[d.Elements]:
    """What is asked of some lists, as elements that have to be there."""
    for rule in decision.rules:
        for atom in d.atoms(rule.condition):
            match atom:
                case d.Elements() if atom.fact in lists:
                    yield atom
                case d.Newest() if atom.fact in lists:
                    yield d.Elements(atom.fact, atom.element, 1, d.conjunction((atom.among, atom.has)))
                case _:
                    pass


def _dates(place: Place, lists: set[str]) -> list[str]:
    """The dates around which elements of some lists lie."""
    decisions = [standing.decision for standing in place.standings if standing.decision is not None]
    asked = [
        atom for decision in decisions for each in _of_lists(decision, lists) for atom in d.atoms(each.where)
    ]
    return [atom.window.anchor for atom in asked if isinstance(atom, d.WindowIs)]


def _elements(atom: d.Elements, facts: LineFacts, spec: FactSpec, day: date) -> list[Record] | None:
    """So many elements as have to meet the condition, on days in a row; None if none are found."""
    apart = atom.different or (atom.run[1] if atom.run is not None else None)
    inner = list(d.atoms(atom.where))
    columns = {each.path: _column(atom.element, each, inner, facts, day) for each in spec.fields}
    for values in islice(product(*columns.values()), _MOST_RECORDS):
        first = Record(columns)
        first.update(zip(columns, values, strict=True))
        if not _meets(atom, first, facts):
            continue
        found = [first]
        start = first[apart] if apart is not None else None
        for step in count(1):
            if len(found) >= atom.count:
                return found
            if start is None or not isinstance(start, date) or step > _MOST_DAYS or apart is None:
                break
            following = Record(columns)
            following.update({**first, apart: start + timedelta(days=step)})
            if _meets(atom, following, facts):
                found.append(following)
    return None


def _column(
    element: str, spec: FactSpec, inner: Sequence[d.Atom], facts: LineFacts, day: date
) -> list[Scalar]:
    """Values of a field: those that are told apart, and of dates the days on which windows begin."""
    asked = [_plain(atom) for atom in inner if list(d.facts_of(atom)) == [f"{element}.{spec.path}"]]
    found = witnesses(spec, [atom for atom in asked if not isinstance(atom, d.ComputedIs)])
    if spec.kind != "date":
        return found
    for atom in inner:
        if isinstance(atom, d.WindowIs) and atom.fact == f"{element}.{spec.path}":
            anchor = facts.values.get(atom.window.anchor)
            if isinstance(anchor, date):
                around = (*atom.window.around(anchor), anchor.toordinal())
                found += [date.fromordinal(n) for n in around if 1 < n < date.max.toordinal()]
    return sorted({each for each in (*found, day) if isinstance(each, date)}, reverse=True)


def _plain(atom: d.Atom) -> d.Atom:
    """What is asked of a number itself: 4 minutes of one in hours are computed, being no decimal."""
    match atom:
        case d.ComputedIs(d.Amount(fact), stretches):
            return d.NumberIs(fact, stretches)
        case _:
            return atom


def _meets(atom: d.Elements, record: Record, facts: LineFacts) -> bool:
    facts.take(atom.element, atom.element, record)
    holds = judge(atom.where, facts).holds
    facts.drop(atom.element, record)
    return holds is True
