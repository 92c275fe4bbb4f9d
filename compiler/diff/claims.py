"""Claims that lie in some cells of a diagram, and smaller ones that show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    path: dict[int, int],
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
    scope, _, name = fact.partition(".")
    if fact == AGE:
        name = "birth_date"
    place = {"line": line, "claim": claim}.get(scope)
    if place is None:
        place = claim.setdefault(scope, {})
    place[name] = value


def _born(age: Any, day: str) -> str:
    """A birth by which somebody is of an age on any day of a year."""
    return date(max(1, date.fromisoformat(day).year - int(Decimal(age))), 1, 1).isoformat()


def smaller(claim: Claim, still: Callable[[Claim], bool]) -> Claim:
    """A claim without all that can be left out while it still shows what it showed."""
    shrunk = True
    while shrunk:
        shrunk = False
        for less in _less(claim):
            if still(less):
                claim, shrunk = less, True
                break
    return claim


def _less(claim: Claim) -> Iterator[Claim]:
    """The claim without one of its parts, larger parts first."""
    lines = claim["lines"]
    for at in range(1, len(lines)):
        yield {**claim, "lines": lines[:at] + lines[at + 1 :]}
    for key in claim.keys() - {"claim_id", "lines"}:
        yield {k: v for k, v in claim.items() if k != key}
    for at, line in enumerate(lines):
        for key in line.keys() - {"line", "procedure", "service_date"}:
            less = {k: v for k, v in line.items() if k != key}
            yield {**claim, "lines": [*lines[:at], less, *lines[at + 1 :]]}
    for key, value in claim.items():
        if isinstance(value, dict):
            for inner in value:
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
