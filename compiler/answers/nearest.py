"""The nearest change of facts by which a line would be decided otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice, product
from typing import Any, cast

from attrs import define

from compiler.answers.changes import Change, changeable, changed_claim, clash, forget, place, shown
from compiler.runtime.adjudicate import Adjudicated, adjudicate, case_of
from compiler.runtime.ages import AGE, BIRTH, by_birth
from compiler.runtime.atoms import DayIs, NumberIs, atoms
from compiler.runtime.cells import Space
from compiler.runtime.contract import DIAGNOSES, by_diagnosis, terms_on
from compiler.runtime.derive import STATED, derive
from compiler.runtime.diagram import TooLarge
from compiler.runtime.line_facts import LineFacts, spec_of
from compiler.runtime.numbers import after, before
from compiler.runtime.questions import Questions, questions_of
from compiler.runtime.reader import Claim, Line
from compiler.runtime.scalars import decimal, numbers
from compiler.runtime.tables import Policy

MOST_CHANGED = 3
"""Facts that are changed together."""

_MOST_TRIED = 400
"""Sets of facts that are looked at, and changed claims that are decided, for one line."""

_OPEN = "needs_information"


def nearest(policy: Policy, claim: Claim, line: Line, known_on: date | None) -> dict[str, Any]:
    """For each other determination the fewest facts of a line that can be changed so that the line comes to
    it, with values that do it; the nearest first.

    Of equally many facts those that occur first in the rules; of numbers and dates the nearest values. What
    was done, the governing date and the contract stay as they are, and so do the other lines. Each change
    that is told was made, and the claim decided. At most three facts are changed together.

    `counterfactual`: determinations and changes; `counterfactual_complete` is false where a smaller change,
    or a determination, may have been overlooked. Empty for a line that is open, and for one of which no rule
    is asked.
    """
    made = adjudicate(policy, claim, line, known_on)
    if made.facts is None or made.finding.determination == _OPEN:
        return {}
    search = _Search(policy, claim, line, known_on, made, made.facts)
    found = search.smallest()
    told = [{"determination": name, "changes": changes} for name, changes in found.items()]
    return {"counterfactual": told} | ({"counterfactual_complete": False} if search.cut else {})


@define
class _Search:
    policy: Policy
    claim: Claim
    line: Line
    known_on: date | None
    made: Adjudicated
    facts: LineFacts
    cut: bool = False
    tried: int = 0

    def smallest(self) -> dict[str, list[dict[str, Any]]]:
        """The smallest change that leads to each other determination."""
        version = self.made.version
        assert version is not None
        fixed = {"line.procedure", "line.service_date", self.policy.governed_by}
        # Not looked through: from what a code gives to the code, and from a fact to its being stated.
        self.cut = any(giver.by not in fixed for giver in self.policy.givers) or bool(version.asks_stated)
        facts = [BIRTH if fact == AGE else fact for fact in version.facts if not fact.endswith(STATED)]
        if any(each.diagnoses for each in (*self.claim.exclusions, *self.claim.riders)):
            facts.append(DIAGNOSES)
        asked = [fact for fact in dict.fromkeys(facts) if fact in self.policy.specs and fact not in fixed]
        wanted = {made: frozenset[str]() for made in self._within_reach(asked)}
        single = [change for fact in asked for change in changeable(fact, self.facts)]
        found: dict[str, list[dict[str, Any]]] = {}
        for size in range(1, MOST_CHANGED + 1):
            for chosen in combinations(single, size):
                if not wanted or self.tried > _MOST_TRIED:
                    return found
                touched = {change.fact for change in chosen}
                near = {made for made, needed in wanted.items() if needed <= touched}
                for determination, values in self._reached(chosen, near) if near else ():
                    told = [shown(c, v, self.facts) for c, v in zip(chosen, values, strict=True)]
                    found[determination] = told
                    del wanted[determination]
            if size == 1 and wanted:
                wanted = self._needed(asked, wanted)
        return found

    def _within_reach(self, unknown: list[str]) -> set[str]:
        """The determinations, but for the present one, to which other values of some facts can lead."""
        try:
            open_ = self._questions(unknown, ())
        except TooLarge:
            self.cut = True
            return set()
        return open_.determinations() - {self.made.finding.determination}

    def _needed(self, asked: list[str], wanted: Iterable[str]) -> dict[str, frozenset[str]]:
        """For each determination the facts without whose change nothing leads to it."""
        reach = {fact: self._within_reach([f for f in asked if f != fact]) for fact in asked}
        return {made: frozenset(fact for fact in asked if made not in reach[fact]) for made in wanted}

    def _reached(self, chosen: tuple[Change, ...], wanted: set[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The determinations, of those that are wanted, to which other values of some facts lead."""
        for values in () if clash(chosen) else self._ways(chosen, wanted):
            determination = self._decided(chosen, values)
            if determination in wanted:
                wanted.discard(determination)
                yield determination, values
            if not wanted or self._spent():
                return

    def _spent(self) -> bool:
        self.tried += 1
        self.cut = self.cut or self.tried > _MOST_TRIED
        return self.tried > _MOST_TRIED

    def _questions(self, unknown: list[str], chosen: tuple[Change, ...]) -> Questions:
        """The line, where nothing is known of some facts. Raises TooLarge."""
        version, day = self.made.version, self.made.day
        assert version is not None and day is not None
        facts = derive(self.policy, version, self.claim, self.line, day, self.known_on)
        for fact in unknown:
            facts.values.pop(fact, None)
            facts.assumptions.pop(fact, None)
        forget(facts, chosen)
        if facts.values.get(BIRTH) is None:
            facts.values.pop(AGE, None)
        terms = [terms_on(stated, self.line) for stated in (self.claim.exclusions, self.claim.riders)]
        excluded, covered = (by_diagnosis(facts, each.diagnoses) for each in terms)
        case = case_of(version, version.held(facts), terms[0], excluded, terms[1], covered)
        born = [t if isinstance(t, bool) else by_birth(t, self.line.day) for t in case.truths]
        return questions_of(case._replace(truths=tuple(born)), facts.specs, version.facts)

    def _ways(self, chosen: tuple[Change, ...], wanted: set[str]) -> Iterator[tuple[Any, ...]]:
        """Values of some facts that may lead to a determination that is wanted, the nearest first."""
        if self._spent():
            return
        try:
            asked = self._questions([], chosen)
        except TooLarge:
            self.cut = True
            return
        if wanted.isdisjoint(asked.determinations()):
            return
        self.cut = self.cut or not asked.exact
        each = [self._values(asked.space, change, chosen) for change in chosen]
        places = list(islice(product(*(range(len(values)) for values in each)), _MOST_TRIED + 1))
        self.cut = self.cut or len(places) > _MOST_TRIED
        for at in sorted(places, key=lambda at: (sum(at), at)):
            yield tuple(values[i] for values, i in zip(each, at, strict=True))

    def _values(self, space: Space, change: Change, chosen: tuple[Change, ...]) -> list[Any]:
        """The values that show all that the rules tell apart about what is changed, the nearest first."""
        if change.removed:
            return [None]
        path = place(change, chosen)
        lists = [v for v in space.variables if v.facts == (path,) and isinstance(v.values[0], tuple)]
        if lists:
            # The parts of a list are told apart by elements that have nothing in common.
            ways = product(*(cast("tuple[tuple[Any, ...], ...]", v.values) for v in lists))
            return [tuple(element for part in way for element in part) for way in ways]
        if change.fields:
            fields = [(name, self._told_apart(space, f"{path}.{name}")) for name in change.fields]
            asked = [(name, values) for name, values in fields if values]
            rows = product(*(values for _, values in asked))
            return [{name: v for (name, _), v in zip(asked, row, strict=True)} for row in rows]
        stated = change.value
        others = [v for v in self._told_apart(space, path) if v != stated]
        return sorted(others, key=lambda value: _far(value, stated))

    def _told_apart(self, space: Space, path: str) -> list[Any]:
        """Values of one fact: one of each kind, and of what has an order those beside each cut."""
        found = list(space.values(path))
        spec = spec_of(path, space.specs)
        asked = [a for c in space.expanded for a in atoms(c) if isinstance(a, DayIs | NumberIs)]
        own = [atom for atom in asked if atom.fact == path]
        days = [day for atom in own if isinstance(atom, DayIs) for day in (atom.start, atom.end) if day]
        found += [day - timedelta(days=1) for day in days if day > date.min] + days
        stretches = [s for atom in own if isinstance(atom, NumberIs) for s in atom.stretches]
        if stretches:
            cuts = {cut[0] for stretch in stretches for cut in stretch if cut is not None}
            step = 1 if spec.kind == "integer" else Decimal("0.1")
            beside = {Fraction(cut) + Fraction(by) for cut in cuts for by in (-step, 0, step)}
            points = [(before(number), after(number)) for number in beside]
            found += [decimal(number) for number in numbers(points, spec, True) if number in beside]
        return list(dict.fromkeys(found))

    def _decided(self, chosen: tuple[Change, ...], values: tuple[Any, ...]) -> str:
        """What the claim with these values comes to."""
        claim, line = changed_claim(self.claim, self.line, self.facts, zip(chosen, values, strict=True))
        return adjudicate(self.policy, claim, line, self.known_on).finding.determination


def _far(value: Any, stated: Any) -> Decimal:
    """How far a value lies from the stated one; of what has no order all are equally far."""
    if isinstance(value, Decimal) and isinstance(stated, Decimal):
        return abs(value - stated)
    if isinstance(value, date) and isinstance(stated, date):
        return Decimal(abs((value - stated).days))
    return Decimal(0)
