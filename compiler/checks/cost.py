"""How much work a decision is at most: known before any claim is."""

from __future__ import annotations

from collections import Counter
from datetime import date

from attrs import frozen

from compiler.ir import decision as d
from compiler.program import Program
from compiler.runtime.diagram import MOST_NODES


@frozen
class Cost:
    """Conditions asked of a line once, and of each element of a list; of `squared` lists of each two elements
    whose order is not known.
    """

    once: int
    each: tuple[tuple[str, int], ...]
    squared: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The bound, as it is told."""
        asked = "1 condition" if self.once == 1 else f"{self.once} conditions"
        told = [f"a line asks at most {asked}"]
        told += [f"{count} of each element of {fact}" for fact, count in self.each]
        told += [f"and, of {fact}, of each two whose order is not known" for fact in self.squared]
        return f"{', '.join(told)}; what is unknown takes at most {MOST_NODES:,} nodes of a diagram"


def cost(program: Program) -> Cost:
    """The bound over all versions. The conditions of a version are asked once each, those about the elements
    of a list once an element.
    """
    once = 0
    each: Counter[str] = Counter()
    squared: dict[str, None] = {}
    seen: set[int] = set()
    for known_on in (None, *program.lowering.posting_cuts):
        for day in (date.min, *program.lowering.day_cuts):
            decision = program.decision(day, known_on)
            if decision is None or id(decision) in seen:
                continue
            seen.add(id(decision))
            own: Counter[str] = Counter()
            for rule in decision.rules:
                _count(rule.condition, "", own, squared)
            once = max(once, own.pop("", 0))
            each |= own
    return Cost(once, tuple(sorted(each.items())), tuple(squared))


def _count(condition: d.Condition, where: str, counts: Counter[str], squared: dict[str, None]) -> None:
    """Count the atoms by the list of whose elements they are asked; nested lists by both."""
    for atom in d.atoms(condition):
        counts[where] += 1
        match atom:
            case d.Elements():
                _count(atom.where, _within(where, atom.fact), counts, squared)
            case d.Newest():
                squared[atom.fact] = None
                _count(atom.among, _within(where, atom.fact), counts, squared)
                _count(atom.has, _within(where, atom.fact), counts, squared)
            case d.ComputedIs():
                _term(atom.term, where, counts, squared)
            case _:
                pass


def _within(where: str, fact: str) -> str:
    return f"{where} with each of {fact}" if where else fact


def _term(term: d.Term, where: str, counts: Counter[str], squared: dict[str, None]) -> None:
    match term:
        case d.Computed():
            for part in term.parts:
                _term(part, where, counts, squared)
        case d.Total():
            counts[_within(where, term.fact)] += 1
            _count(term.where, _within(where, term.fact), counts, squared)
        case _:
            pass
