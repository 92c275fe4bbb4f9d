"""What some claims exercise of a policy, by running the interpreter on each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from attrs import Factory, define, field

from compiler.coverage.items import End, Item, Seen
from compiler.coverage.walk import walk
from compiler.history.standing import StandingText
from compiler.ir import decision as d
from compiler.model import Located, Override
from compiler.program import Program, revision_name
from compiler.runtime.adjudicate import Adjudicated, adjudicate
from compiler.runtime.judge import judge
from compiler.runtime.limits import ALLOWED
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line

KNOWN_ON = "known_on"
"""The day of knowledge, where others have a fact."""


@define
class Coverage:
    """The parts of a policy, and what was seen of each so far."""

    program: Program
    seen: Seen = Factory(Seen)
    _known: frozenset[str] = field(init=False)
    """Facts of which a value is always known: what lines must state, and what says what absence means."""

    def __attrs_post_init__(self) -> None:
        meant = {path for path in self.program.absent if self._closed(path)}
        self._known = frozenset({"line.procedure", "line.service_date", self.program.governed_by, *meant})
        for decision in _decisions(self.program):
            self._rules(decision, None)
        for text in self.program.consolidated.texts.values():
            for item in _standing(text):
                self.seen.truths_of(item)
        for item, ends in self._revisions():
            self.seen.truths_of(item)
            for end in ends:
                self.seen.nearest_of(end)

    def add(self, claim: Claim, known_on: date | None) -> None:
        """Count what a claim exercises."""
        for line in claim.lines:
            made = adjudicate(self.program, claim, line, known_on)
            day = self.program.governing(claim, line)
            if day is None or (made.facts is None and made.finding.determination == "not_applicable"):
                continue
            self._dated(made, day, known_on)
            decision = self.program.decision(day, known_on)
            text = self.program.consolidated.at(day, known_on)
            if made.facts is not None and decision is not None and text is not None:
                holding = self._rules(decision, made.facts)
                self._stood(text, line, made, holding)

    def _closed(self, path: str) -> bool:
        """Whether what a claim states of a fact is one of its values, or no claim: nothing resembles one."""
        spec = self.program.specs[path]
        return spec.kind == "boolean" or (spec.kind == "enum" and not spec.open)

    def _rules(self, decision: d.Decision, facts: LineFacts | None) -> frozenset[str]:
        """Look at the rules; which sections hold is given back."""
        holding = set()
        known = self._known - {rule.fact for rule in decision.evidence}
        for rule in decision.rules:
            kind = "rule" if rule.table is None else "row"
            truths = self.seen.truths_of(Item(kind, f"{rule.section}: {rule.determination}", rule.span))
            if facts is not None:
                holds = judge(rule.condition, facts).holds
                truths.count(holds)
                if holds:
                    holding.add(rule.section)
            walk(self.seen, self.program.specs, known, rule, facts)
        return frozenset(holding)

    def _stood(self, text: StandingText, line: Line, made: Adjudicated, holding: frozenset[str]) -> None:
        """What stands beside the rules: codes, orders and limits."""
        if text.table is not None:
            for row in text.table.rows:
                if row.code == line.code:
                    self.seen.truths_of(_item("code", row.code, row)).count(True)
        for override in text.overrides:
            if {override.winner, override.loser} <= holding:
                self.seen.truths_of(_order(override)).count(True)
        if made.finding.determination != ALLOWED:
            return
        over = {(edit["section"], edit["limit"]) for edit in made.edits if edit["kind"] == "units_over_limit"}
        for section in text.sections:
            for limit in section.limits if section.name in made.finding.rules else ():
                above = (section.name, limit.shown) in over
                self.seen.truths_of(_item("limit", limit.shown, limit)).count(above)

    def _dated(self, made: Adjudicated, day: date, known_on: date | None) -> None:
        """The revision that decides, and how near the days are to those on which each begins to count."""
        for item, (effective, *posted) in self._revisions():
            if made.revision == item.name:
                self.seen.truths_of(item).count(True)
            self.seen.nearest_of(effective).count(effective, _days(day, effective))
            for end in posted if known_on is not None else ():
                self.seen.nearest_of(end).count(end, _days(known_on, end))

    def _revisions(self) -> Iterator[tuple[Item, tuple[End, ...]]]:
        """The revisions, each with the day from which it counts, and that of its posting if it is another."""
        for revision in self.program.consolidated.policy.revisions:
            item = _item("revision", revision_name(revision.id, self.program.consolidated), revision)
            ends = [End(item.span, self.program.governed_by, revision.id.effective, True, True)]
            if revision.id.posted != revision.id.effective:
                ends.append(End(item.span, KNOWN_ON, revision.id.posted, True, True))
            yield item, tuple(ends)


def _days(day: date | None, end: End) -> Fraction:
    """How far above an end a day lies."""
    assert isinstance(end.at, date) and day is not None
    return Fraction((day - end.at).days)


def _decisions(program: Program) -> Iterator[d.Decision]:
    """All that can stand on any day, as known on any other."""
    lowering = program.lowering
    seen = set()
    for day in (*lowering.day_cuts, date.max):
        for known_on in (*lowering.posting_cuts, None):
            decision = program.decision(day, known_on)
            if decision is not None and id(decision) not in seen:
                seen.add(id(decision))
                yield decision


def _standing(text: StandingText) -> Iterator[Item]:
    for row in text.table.rows if text.table is not None else ():
        yield _item("code", row.code, row)
    for override in text.overrides:
        yield _order(override)
    for section in text.sections:
        for limit in section.limits:
            yield _item("limit", limit.shown, limit)


def _order(override: Override) -> Item:
    return _item("override", f"{override.winner} overrides {override.loser}", override)


def _item(kind: str, name: str, located: Located) -> Item:
    return Item(kind, name, located.span)
