"""Consolidated texts become decisions: no sugar, no names, no dates left."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from typing import assert_never

from attrs import Factory, define, field

from compiler import decision as d
from compiler.consolidate import Applied, Consolidated
from compiler.model import (
    CodeEntry,
    CodeIn,
    ConceptDecl,
    Condition,
    Criterion,
    DayIn,
    DayWithin,
    Definition,
    Group,
    Negated,
    NumberIn,
    Quantified,
    Section,
    Use,
    ValueIn,
)
from compiler.runtime.codes import Interval, outermost_first, union, without
from compiler.standing import StandingText
from dsl.syntax import GroupKind


@define
class Lowering:
    """The decisions of a consolidated policy, made when first asked for, equal ones once."""

    consolidated: Consolidated
    concepts: dict[str, ConceptDecl]
    definitions: dict[str, Definition]
    entries: tuple[CodeEntry, ...]
    day_cuts: tuple[date, ...] = field(init=False)
    posting_cuts: tuple[date, ...] = field(init=False)
    _made: dict[tuple[int, int, Applied], d.Decision] = Factory(dict)
    _interned: dict[d.Decision, d.Decision] = Factory(dict)

    def __attrs_post_init__(self) -> None:
        validities = [entry.validity for entry in self.entries]
        validities += [entry.validity for c in self.concepts.values() for entry in c.entries]
        days = {day for v in validities for day in (v.start, v.end) if day is not None}
        postings = {v.posted for v in validities if v.posted is not None}
        self.day_cuts = tuple(sorted(days | set(self.consolidated.effective_days)))
        self.posting_cuts = tuple(sorted(postings | set(self.consolidated.posting_days)))

    @classmethod
    def of(cls, consolidated: Consolidated) -> Lowering:
        """With the concepts, definitions and codes of all that the policy rests on."""
        units = list(consolidated.policy.unit.closure())
        return cls(
            consolidated,
            {concept.id: concept for unit in units for concept in unit.concepts.values()},
            {f"{unit.package}.{n}": stands for unit in units for n, stands in unit.definitions.items()},
            tuple(entry for unit in units for entry in unit.codes),
        )

    def at(self, day: date, known_on: date | None) -> d.Decision | None:
        """The decision in force on a day as known on another, or None where no text is in force."""
        text = self.consolidated.at(day, known_on)
        if text is None:
            return None
        known = len(self.posting_cuts) if known_on is None else bisect_right(self.posting_cuts, known_on)
        key = bisect_right(self.day_cuts, day), known, self.consolidated.applied(day, known_on)
        if key not in self._made:
            made = lower(text, self, day, known_on)
            self._made[key] = self._interned.setdefault(made, made)
        return self._made[key]

    def codes_of(self, concept: str, day: date, known_on: date | None) -> tuple[Interval, ...]:
        """The codes of a concept on a day: of its entries then in force, those that are valid then."""
        found: list[Interval] = []
        for entry in self.concepts[concept].entries:
            if entry.validity.known(known_on) and entry.validity.on(day):
                if entry.codes is not None:
                    found.append(entry.codes)
                elif entry.uses is not None:
                    found += self.codes_of(entry.uses, day, known_on)
        return without(union(found), self.invalid(self.concepts[concept].system, day, known_on))

    def invalid(self, system: str, day: date, known_on: date | None) -> tuple[Interval, ...]:
        """The codes of a system that its rows call not valid on a day; the narrowest row decides."""
        valid: dict[Interval, bool] = {}
        for entry in self.entries:
            if entry.system == system and entry.validity.known(known_on):
                valid[entry.codes] = valid.get(entry.codes, False) or entry.validity.on(day)
        out: tuple[Interval, ...] = ()
        for codes in outermost_first(valid):
            out = without(out, (codes,)) if valid[codes] else union([*out, codes])
        return out

    def assumptions_of(self, concept: str) -> tuple[str, ...]:
        """The assumptions behind a concept, and behind the concepts that it takes in."""
        decl = self.concepts[concept]
        names = [decl.assumption.name] if decl.assumption else []
        for entry in decl.entries:
            names += self.assumptions_of(entry.uses) if entry.uses else []
        return tuple(dict.fromkeys(names))


def lower(text: StandingText, lowering: Lowering, day: date, known_on: date | None) -> d.Decision:
    """The decision that a text makes on a day, as known on another."""
    unit = lowering.consolidated.policy.unit
    lowerer = _Lowerer(text, lowering, day, known_on)
    table = text.table
    listed = tuple(
        d.Listed(
            row.code,
            tuple((p.code, p.assumption.name if p.assumption else None) for p in row.needs),
            row.assumption.name if row.assumption else None,
        )
        for row in (table.rows if table else ())
    )
    evidence = tuple(
        d.EvidenceRule(
            e.fact,
            lowering.codes_of(e.within, day, known_on) if e.within else None,
            e.assumption.name if e.assumption else None,
        )
        for other in unit.closure()
        for e in other.evidence
    )
    return d.Decision(
        tuple(rule for section in text.sections for rule in lowerer.rules(section)),
        tuple((o.winner, o.loser) for o in text.overrides),
        listed,
        table.open if table else False,
        table.stating if table else (),
        evidence,
        tuple(assumption.name for assumption in text.assumptions),
    )


@define
class _Lowerer:
    text: StandingText
    lowering: Lowering
    day: date
    known_on: date | None

    def rules(self, section: Section) -> list[d.Rule]:
        rules = []
        for rule in section.rules:
            conditions: list[d.Condition] = [self._criterion(criterion) for criterion in rule.criteria]
            conditions += [
                d.Not(d.all_of(tuple(self._criterion(criterion) for criterion in exception)))
                for exception in rule.exceptions
            ]
            named = d.Named(
                section.title,
                d.all_of(tuple(conditions)),
                section.citation,
                tuple(assumption.name for assumption in section.assumptions),
                section.revision,
                section.span,
            )
            rules.append(d.Rule(section.name, rule.determination, named))
        return rules

    def _criterion(self, criterion: Criterion) -> d.Named:
        condition = criterion.condition
        name = criterion.label or " ".join(criterion.span.text.split())
        return d.Named(
            name,
            self._condition(condition),
            criterion.citation,
            (criterion.assumption.name,) if criterion.assumption else (),
            criterion.revision,
            criterion.span,
        )

    def _criteria(self, criteria: tuple[Criterion, ...]) -> tuple[d.Condition, ...]:
        return tuple(self._criterion(criterion) for criterion in criteria)

    def _condition(self, condition: Condition) -> d.Condition:
        match condition:
            case ValueIn(fact, values):
                return d.ValueIs(fact, tuple(sorted(set(values))))
            case NumberIn(fact, stretches):
                return d.NumberIs(fact, stretches)
            case DayWithin(fact, window):
                return d.WindowIs(fact, window)
            case DayIn(fact, start, end):
                return d.DayIs(fact, start, end)
            case CodeIn():
                return self._codes(condition)
            case Use(definition):
                return d.all_of(self._criteria(self._definition(definition).criteria))
            case Negated(inner):
                return d.Not(self._condition(inner))
            case Group(kind, count, criteria):
                parts = self._criteria(criteria)
                match kind:
                    case GroupKind.ALL:
                        return d.all_of(parts)
                    case GroupKind.NONE:
                        return d.Not(d.AtLeast(1, parts))
                    case _:
                        return d.AtLeast(count, parts)
            case Quantified(kind, count, element, fact, criteria):
                where = d.all_of(self._criteria(criteria))
                if kind is GroupKind.EVERY:
                    return d.Not(d.Elements(fact, element, 1, d.Not(where)))
                return d.Elements(fact, element, count, where)
        assert_never(condition)

    def _codes(self, condition: CodeIn) -> d.Condition:
        found = list(condition.codes)
        assumptions: list[str] = []
        for concept in condition.concepts:
            found += self.lowering.codes_of(concept, self.day, self.known_on)
            assumptions += self.lowering.assumptions_of(concept)
        name = "_or_".join(c.rpartition(".")[2] for c in condition.concepts) or "codes"
        rests = tuple(dict.fromkeys(assumptions))
        return d.CodeIs(condition.fact, condition.system, union(found), rests, name)

    def _definition(self, definition: str) -> Definition:
        if "." in definition:
            return self.lowering.definitions[definition]
        return next(stands for stands in self.text.definitions if stands.name == definition)
