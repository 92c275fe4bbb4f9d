"""Claims that lie in some cells of a diagram, and smaller ones that show the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Circumstance, Place
from compiler.runtime.ages import AGE, DAY
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node
from compiler.runtime.scalars import witnesses

Claim = dict[str, Any]


def paths(space: Space, root: Node, wanted: Callable[[Any], bool]) -> Iterator[dict[int, int]]:
    """The cells of some ways to leaves that are wanted: of each the variables that it asks, by level."""
    diagram = space.diagram
    alive: dict[Node, bool] = {}

    def leads(f: Node) -> bool:
        if f not in alive:
            if diagram.level(f) is None:
                alive[f] = wanted(diagram.value(f))
            else:
                alive[f] = any(leads(child) for child in diagram.children(f))
        return alive[f]

    def walk(f: Node) -> Iterator[dict[int, int]]:
        level = diagram.level(f)
        if not leads(f):
            return
        if level is None:
            yield {}
            return
        for cell, child in enumerate(diagram.children(f)):
            for below in walk(child):
                yield {level: cell, **below}

    return walk(root)


def claim_of(
    place: Place,
    circumstance: Circumstance,
    space: Space,
    path: Mapping[int, int],
    numbers: Mapping[str, Decimal] | None = None,
) -> Claim:
    """A claim of the first side's day that lies in the cells of a path, in a circumstance; `numbers` are
    those of facts that are to go together.

    What is told apart only loosely is left out, but for a list that may as well be empty.
    """
    first = place.sides[0].program
    stated: dict[str, Any] = {}
    for level, cell in path.items():
        variable = space.variables[level]
        if variable.loose:
            for fact in variable.enough.get(cell, ()):
                stated.setdefault(fact, [])
            continue
        (fact,) = variable.facts
        value = variable.values[cell]
        shown = shown_value(fact, value)
        # The parts of a list are told apart by elements that have nothing in common.
        stated[fact] = [*stated.get(fact, []), *shown] if isinstance(shown, list) else shown
    stated |= {fact: shown_value(fact, number) for fact, number in (numbers or {}).items()}
    for fact in {f for standing in place.standings for f in (*standing.stating, *standing.asks_stated)}:
        if fact not in stated and fact not in circumstance.unstated:
            stated[fact] = shown_value(fact, witnesses(space.specs[fact], [])[0])
    stated = {fact: value for fact, value in stated.items() if fact not in place.unstated}
    for each in place.stated:
        stated[each.fact] = shown_value(each.fact, each.value)
    day = place.days[0]
    claim: Claim = {"claim_id": "witness", "lines": []}
    for number, (code, facts) in enumerate(((place.code, ()), *circumstance.beside), start=1):
        line = {"line": number, "procedure": code, "service_date": day.isoformat()}
        claim["lines"].append(line)
        for fact, said in facts:
            put(claim, line, fact, shown_value(fact, said))
    for fact, value in {first.governed_by: day.isoformat(), **stated}.items():
        for line in claim["lines"] if fact == first.governed_by else claim["lines"][:1]:
            put(claim, line, fact, _born(value, str(stated.get(DAY, day))) if fact == AGE else value)
    if any(standing.decision is not None and standing.decision.limits for standing in place.standings):
        # What a limit leaves of a line is open as long as nobody says what was billed, now and before.
        claim.setdefault("history", [])
        claim["lines"][0].setdefault("units", 1)
    return claim


def put(claim: Claim, line: Claim, fact: str, value: object) -> None:
    """State a fact of a claim, or of one of its lines."""
    where, name = _where(claim, line, fact)
    where[name] = value


def add(claim: Claim, line: Claim, fact: str, elements: list[Any]) -> None:
    """State more elements of a list."""
    where, name = _where(claim, line, fact)
    where[name] = [*where.get(name, ()), *elements]


def _where(claim: Claim, line: Claim, fact: str) -> tuple[Claim, str]:
    """The object that states a fact, and under which key."""
    scope, name = _place(fact)
    where = {"line": line, "claim": claim}.get(scope)
    return (where if where is not None else claim.setdefault(scope, {})), name


def _place(fact: str) -> tuple[str, str]:
    """Where a claim states a fact, and under which key."""
    scope, _, name = fact.partition(".")
    return scope, "birth_date" if fact == AGE else name


def _born(age: Any, day: str) -> str:
    """A birth by which somebody is of an age on any day of a year."""
    return date(max(1, date.fromisoformat(day).year - int(Decimal(age))), 1, 1).isoformat()


def needed(space: Space, root: Node, path: Mapping[int, int], settled: Callable[[Any], bool]) -> set[str]:
    """The facts of a path without which it could lead to leaves that are not `settled` as well; none where
    something is told apart loosely.
    """
    if space.loose(path):
        return set()
    found = set()
    for fact in {fact for level in path for fact in space.variables[level].facts}:
        own = [level for level in path if fact in space.variables[level].facts]
        if all(space.beside(level) is None for level in own):
            fixed = {level: cell for level, cell in path.items() if level not in own}
            if not all(map(settled, _reached(space, root, fixed))):
                found.add(fact)
    return found


def other_value(place: Place, claim: Claim) -> Claim:
    """The claim with another value of the fact that is fixed at its place: to what it comes then, it can come
    without the fact as well.
    """
    assert place.fixed is not None
    fact, own = place.fixed.fact, place.fixed.value
    specs = {**place.sides[1].program.specs, **place.sides[0].program.specs}
    values = [value for value in specs[fact].names.values() if value != own]
    changed = deepcopy(claim)
    put(changed, changed["lines"][0], fact, shown_value(fact, values[-1]) if values else None)
    return changed


def _reached(space: Space, root: Node, fixed: Mapping[int, int]) -> Iterator[Any]:
    """The leaves that can be reached where the variables of some levels lie in known cells."""
    diagram = space.diagram
    seen, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        level = diagram.level(node)
        if level is None:
            yield diagram.value(node)
            continue
        children = diagram.children(node)
        following = {children[fixed[level]]} if level in fixed else {*children}
        waiting += following - seen
        seen |= following


def smaller(claim: Claim, still: Callable[[Claim], bool], keep: Collection[str] = ()) -> Claim:
    """A claim without all that can be left out while it still shows what it showed; the facts to `keep` are
    known to be needed.
    """
    places = {_place(fact) for fact in keep}
    shrunk = True
    while shrunk:
        shrunk = False
        for less in _less(claim, places):
            if still(less):
                claim, shrunk = less, True
                break
    return claim


def _less(claim: Claim, keep: Collection[tuple[str, str]] = ()) -> Iterator[Claim]:
    """The claim without one of its parts, larger parts first, but for places to `keep`."""
    lines = claim["lines"]
    for at in range(1, len(lines)):
        yield {**claim, "lines": lines[:at] + lines[at + 1 :]}
    kept = {name if scope == "claim" else scope for scope, name in keep}
    for key in (key for key in claim if key not in {"claim_id", "lines", *kept}):
        yield {k: v for k, v in claim.items() if k != key}
    for at, line in enumerate(lines):
        kept = {name for scope, name in keep if scope == "line" and at == 0}
        for key in (key for key in line if key not in {"line", "procedure", "service_date", *kept}):
            less = {k: v for k, v in line.items() if k != key}
            yield {**claim, "lines": [*lines[:at], less, *lines[at + 1 :]]}
    for key, value in claim.items():
        if isinstance(value, dict):
            for inner in (inner for inner in value if (key, inner) not in keep):
                yield {**claim, key: {k: v for k, v in value.items() if k != inner}}
        elif isinstance(value, list) and key != "lines":
            for at in range(len(value)):
                yield {**claim, key: value[:at] + value[at + 1 :]}


def without_facts(claim: Claim) -> Iterator[Claim]:
    """The claim without one fact, without two, and with none at all."""
    singles = list(_less(claim))
    yield from singles
    for less in singles:
        yield from _less(less)
    yield {
        "claim_id": claim["claim_id"],
        "lines": [
            {key: line[key] for key in ("line", "procedure", "service_date")} for line in claim["lines"]
        ],
    }
