"""What a policy can tell apart about the facts of a line: lines that it cannot tell apart are decided alike.

Where that is not known of a fact, every value of it counts for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.atoms import (
    AtLeast,
    CodeIs,
    Condition,
    DayIs,
    Elements,
    Not,
    NumberIs,
    Resting,
    ValueIs,
    WindowIs,
    atoms,
    facts_of,
)
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import STATED
from compiler.runtime.reasons import SINCE

if TYPE_CHECKING:
    from compiler.ir.decision import Decision
    from compiler.program import Program

Simple = ValueIs | CodeIs | DayIs | NumberIs
_SIMPLE = (ValueIs, CodeIs, DayIs, NumberIs)
SERVICE = "line.service_date"


class Partition(NamedTuple):
    """What decisions ask of facts, by path, as known on one day.

    `asked`: all that is asked of a fact, where that is no more than sets of its own values. `elements`: all
    that is asked of a list, where that is whether an element meets a condition about itself. `windows`:
    pairs of dates of which one is asked to lie around the other. Of the facts `whole` every value counts
    for itself. `days`: those on which something changes. `limited`: whether limits ask for other lines.
    `versions`: the same of each version alone, with the first day of each stretch in which it stands.
    """

    asked: dict[str, tuple[Simple, ...]]
    elements: dict[str, tuple[Elements, ...]]
    windows: tuple[WindowIs, ...]
    whole: frozenset[str]
    days: tuple[date, ...]
    limited: bool
    evidence: tuple[str, ...]
    versions: tuple[tuple[date, Partition], ...] = ()


def partition(program: Program, known_on: date | None) -> Partition:
    """What the versions that one knew on a day can tell apart."""
    decisions = dict(_decisions(program, known_on))
    versions = tuple((day, partition_of(program, [decision])) for day, decision in decisions.items())
    return partition_of(program, decisions.values())._replace(versions=versions)


def partition_of(program: Program, decisions: Iterable[Decision]) -> Partition:
    """What some versions can tell apart."""
    decisions = list(decisions)
    found = _Asked()
    for decision in decisions:
        for rule in decision.rules:
            for atom in atoms(rule.condition):
                found.add(atom)
    changes = {day for row in program.code_rows for day in (row.start, row.end) if day is not None}
    asked_days = {day for atom in found.asked.get(SERVICE, ()) for day in _ends(atom)}
    evidence = dict.fromkeys(rule.fact for decision in decisions for rule in decision.evidence)
    return Partition(
        {path: tuple(dict.fromkeys(of)) for path, of in found.asked.items() if path not in found.whole},
        {path: tuple(dict.fromkeys(of)) for path, of in found.elements.items() if path not in found.whole},
        tuple(dict.fromkeys(found.windows)),
        frozenset(found.whole | found.born()),
        tuple(sorted({*program.day_cuts, *changes, *asked_days, *SINCE.values()})),
        any(decision.limits for decision in decisions),
        tuple(evidence),
    )


def _decisions(program: Program, known_on: date | None) -> Iterator[tuple[date, Decision]]:
    for day in (date.min, *program.day_cuts):
        decision = program.decision(day, known_on)
        if decision is not None:
            yield day, decision


def _ends(atom: Simple) -> Iterable[date]:
    return [day for day in (atom.start, atom.end) if day is not None] if isinstance(atom, DayIs) else []


class _Asked:
    def __init__(self) -> None:
        self.asked: dict[str, list[Simple]] = {}
        self.elements: dict[str, list[Elements]] = {}
        self.windows: list[WindowIs] = []
        self.whole: set[str] = set()

    def add(self, atom: Condition) -> None:
        """Another atom of a rule."""
        match atom:
            case ValueIs() if atom.fact.endswith(STATED):
                pass  # what a line states is always told apart from what it does not
            case ValueIs() | CodeIs() | DayIs() | NumberIs():
                self.asked.setdefault(atom.fact, []).append(atom)
            case WindowIs():
                self.windows.append(atom)
            case Elements() if _about_itself(atom):
                # Whatever a rule calls them, a line's own diagnoses count for the claim's.
                path = DIAGNOSES if atom.fact == "line.diagnoses" else atom.fact
                plain = Elements(atom.fact, atom.element, atom.count, _plain(atom.where))
                self.elements.setdefault(path, []).append(plain)
            case _:
                self.whole.update(facts_of(atom))

    def born(self) -> set[str]:
        """Where both are asked, ages are known by the date of birth, as of the very day."""
        paired = {path for atom in self.windows for path in (atom.fact, atom.window.anchor)}
        if {AGE, BIRTH} <= {*self.asked, *self.whole, *paired} or AGE in self.whole | paired:
            return {BIRTH, SERVICE}
        return set()


def _plain(condition: Condition) -> Condition:
    """What a condition asks, whatever its author called it and assumed: who reads a partition again need not
    know of that.
    """
    match condition:
        case Resting():
            return _plain(condition.condition)
        case Not(inner):
            return Not(_plain(inner))
        case AtLeast(count, conditions):
            return AtLeast(count, tuple(map(_plain, conditions)))
    return condition


def _about_itself(atom: Elements) -> bool:
    """Whether it is asked of one element at least, and of that alone."""
    inner = list(atoms(atom.where))
    return (
        atom.count == 1
        and atom.different is None
        and atom.run is None
        and all(isinstance(each, _SIMPLE) and each.fact == atom.element for each in inner)
    )
