"""Looks at each part of a rule: whether it holds of a line, and how near the line's values come to ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import Factory, define

from compiler.coverage.items import End, Item, Seen
from compiler.ir import decision as d
from compiler.ir.occurring import occurring
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from dsl.source import Span


def walk(
    seen: Seen, specs: Mapping[str, FactSpec], known: frozenset[str], rule: d.Rule, facts: LineFacts | None
) -> None:
    """Look at a rule's criteria and exceptions; without facts, only at what there is. The facts `known` are
    never unknown.
    """
    walker = _Walker(seen, specs, known, facts)
    whole = rule.condition.condition
    assert isinstance(whole, d.AtLeast)
    exceptions = [part for part in whole.conditions if isinstance(part, d.Not)]
    for number, exception in enumerate(exceptions, 1):
        name = f"{rule.section}: exception" + (f" {number}" if len(exceptions) > 1 else "")
        walker.judged(Item("exception", name, rule.span), exception.condition)
    walker.condition(whole, rule.span)


@define
class _Walker:
    seen: Seen
    specs: Mapping[str, FactSpec]
    known: frozenset[str]
    facts: LineFacts | None
    lists: dict[str, str] = Factory(dict)
    """Of each element in hand the list that it is from."""

    def judged(self, item: Item, condition: d.Condition) -> None:
        truths = self.seen.truths_of(item)
        truths.settled = not self.lists and self.known.issuperset(
            name for name in occurring(condition) if "." in name
        )
        if self.facts is not None:
            truths.count(judge(condition, self.facts).holds)

    def condition(self, condition: d.Condition, within: Span) -> None:
        """What stands inside a criterion or rule."""
        match condition:
            case d.Named():
                # What the compiler made of one criterion has no name or the place of the whole.
                if condition.name and condition.span != within:
                    self.judged(Item("criterion", condition.name, condition.span), condition)
                self.condition(condition.condition, condition.span if condition.name else within)
            case d.Resting(inner) | d.Not(inner):
                self.condition(inner, within)
            case d.AtLeast(_, conditions):
                for inner in conditions:
                    self.condition(inner, within)
            case d.Elements():
                self._elements(condition.fact, condition.element, (condition.where,), within)
            case d.Newest():
                self._elements(condition.fact, condition.element, (condition.among, condition.has), within)
            case d.ComputedIs():
                self._term(condition.term, within)
            case d.NumberIs() | d.DayIs() | d.WindowIs():
                self._stretches(condition, within)
            case _:
                pass

    def _term(self, term: d.Term, within: Span) -> None:
        match term:
            case d.Computed():
                for part in term.parts:
                    self._term(part, within)
            case d.Total():
                self._elements(term.fact, term.element, (term.where,), within)
            case _:
                pass

    def _elements(self, path: str, element: str, inside: tuple[d.Condition, ...], within: Span) -> None:
        self.lists[element] = path
        for _ in self._in_hand(path, element):
            for condition in inside:
                self.condition(condition, within)
        del self.lists[element]

    def _in_hand(self, path: str, element: str) -> Iterator[None]:
        """Each element of a list in hand; of a list that is not stated, one of which nothing is known."""
        if self.facts is None:
            yield
            return
        values: Any = self.facts.values.get(path)
        places = [(self.facts.strange(), None)]
        if values is not None:
            places = [(f"{path}[{at}]", value) for at, value in enumerate(values)]
        for place, value in places:
            self.facts.take(element, place, value)
            yield
            self.facts.drop(element, value)

    # ---- where stretches end -----------------------------------------------------------------------------

    def _stretches(self, atom: d.NumberIs | d.DayIs | d.WindowIs, within: Span) -> None:
        for end, distance in self._around(atom, within):
            nearest = self.seen.nearest_of(end)
            if distance is not None:
                nearest.count(end, distance)

    def _around(
        self, atom: d.NumberIs | d.DayIs | d.WindowIs, within: Span
    ) -> Iterator[tuple[End, Fraction | None]]:
        """The ends of an atom, and how far above each the line's value lies."""
        value = self._value(atom.fact)
        match atom:
            case d.NumberIs():
                for number, side in (cut for stretch in atom.stretches for cut in stretch if cut is not None):
                    end = End(within, atom.fact, number, side == 0, self._whole(atom.fact))
                    away = Fraction(value) - Fraction(number) if isinstance(value, Decimal) else None
                    yield end, away
            case d.DayIs():
                for day in (atom.start, atom.end):
                    if day is not None:
                        away = Fraction((value - day).days) if isinstance(value, date) else None
                        yield End(within, atom.fact, day, True, True), away
            case d.WindowIs():
                anchor = self._value(atom.window.anchor)
                cuts = atom.window.around(anchor) if isinstance(anchor, date) else (None, None)
                for offset, cut in zip((atom.window.start, atom.window.end), cuts, strict=True):
                    if offset is not None:
                        away = None
                        if isinstance(value, date) and cut is not None:
                            away = Fraction(value.toordinal() - cut)
                        yield End(within, atom.fact, (atom.window.anchor, offset), True, True), away

    def _value(self, fact: str) -> object:
        return self.facts.values.get(fact) if self.facts is not None else None

    def _whole(self, fact: str) -> bool:
        """Whether the values of a number are a unit apart."""
        head, _, field = fact.partition(".")
        spec = self.specs[self.lists[head]].field(field) if head in self.lists else self.specs[fact]
        return spec.kind == "integer"
