"""Consolidated texts become decisions: no sugar, no names, no dates left."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from typing import Self, assert_never

from attrs import Factory, define, evolve, field

from compiler.history.consolidate import Applied, Consolidated
from compiler.history.standing import StandingText
from compiler.ir import decision as d
from compiler.ir.billed import DAY, HISTORY, PROCEDURE, billed
from compiler.ir.occurring import This
from compiler.ir.outcomes import Others, outcome
from compiler.ir.value_sets import ValueSets
from compiler.model import (
    CodeIn,
    ComputedIn,
    Condition,
    Criterion,
    DayIn,
    DayWithin,
    Definition,
    Group,
    InForce,
    Negated,
    NewestOf,
    NumberIn,
    Operation,
    OutcomeIn,
    Quantified,
    ReasonCodes,
    Section,
    Term,
    TotalOf,
    Use,
    Validity,
    ValueIn,
    inside,
)
from compiler.runtime.codes import Interval, contains, union
from compiler.runtime.reasons import complete
from dsl.syntax import GroupKind

_BEHIND = re.compile(r' (cites "|assume [a-z]\w* ").*')
"""What follows a criterion: where it comes from."""


@define
class Lowering(ValueSets):
    """The decisions of a consolidated policy, made when first asked for, equal ones once."""

    consolidated: Consolidated
    definitions: dict[str, Definition]
    day_cuts: tuple[date, ...] = field(init=False)
    posting_cuts: tuple[date, ...] = field(init=False)
    others: Others = Factory(dict)
    _beside: tuple[list[date], list[date]] = field(init=False)
    """The days on which something changes beside the text, and on which more of that becomes known."""
    _made: dict[tuple[date | None, date | None, Applied], d.Decision] = Factory(dict)
    _interned: dict[d.Decision, d.Decision] = Factory(dict)
    _sections: dict[Hashable, tuple[d.Rule, ...]] = Factory(dict)

    def __attrs_post_init__(self) -> None:
        validities = [entry.validity for entry in self.entries]
        texts = self.consolidated.texts.values()
        rules = [rule for text in texts for section in text.sections for rule in section.rules]
        validities += [rule.validity for rule in rules]
        own = self.consolidated.policy.unit.definitions
        defined = (*self.definitions.values(), *own.values())
        validities += [v for stands in defined for c in stands.criteria for v in dated(c)]
        validities += [entry.validity for c in self.concepts.values() for entry in (*c.entries, *c.excepted)]
        days = {day for v in validities for day in (v.start, v.end) if day is not None}
        postings = {v.posted for v in validities if v.posted is not None}
        days = days.union(*(other.day_cuts for other in self.others.values()))
        postings = postings.union(*(other.posting_cuts for other in self.others.values()))
        self._beside = sorted(days), sorted(postings)
        self.day_cuts = tuple(sorted({*days, *self.consolidated.effective_days}))
        self.posting_cuts = tuple(sorted({*postings, *self.consolidated.posting_days}))

    @classmethod
    def of(cls, consolidated: Consolidated, others: Others, beside: Lowering | None = None) -> Lowering:
        """With the concepts, definitions and codes of all that the policy rests on, and the policies whose
        outcomes it asks for; what it makes as the one `beside` does, of other revisions of the policy, is the
        same object.
        """
        own = consolidated.policy.unit
        units = list(own.closure())
        # What a policy defines its own revisions date, but for variants.
        lasting = {
            f"{unit.package}.{name}": stands
            for unit in units
            for name, stands in unit.definitions.items()
            if not unit.is_policy or (unit is own and name in {f"variant {v}" for v in unit.variants})
        }
        made = cls(
            {concept.id: concept for unit in units for concept in unit.concepts.values()},
            tuple(entry for unit in units for entry in unit.codes),
            consolidated,
            lasting,
            others=others,
        )
        if beside is not None:
            made._interned, made._sections = beside._interned, beside._sections
        return made

    def at(self, day: date, known_on: date | None) -> d.Decision | None:
        """The decision in force on a day as known on another, or None where no text is in force."""
        text = self.consolidated.at(day, known_on)
        if text is None:
            return None
        key = *self.stretch(day, known_on), self.consolidated.applied(day, known_on)
        if key not in self._made:
            made = lower(text, self, day, known_on)
            self._made[key] = self._interned.setdefault(made, made)
        return self._made[key]

    def rules(
        self, text: StandingText, section: Section, day: date, known_on: date | None
    ) -> tuple[d.Rule, ...]:
        """The rules of a section of a text on a day, as known on another."""
        definitions = tuple(map(This, text.definitions))
        key = This(section), definitions, *self.stretch(day, known_on)
        if key not in self._sections:
            self._sections[key] = tuple(_Lowerer(text, self, day, known_on).rules(section))
        return self._sections[key]

    def stretch(self, day: date, known_on: date | None) -> tuple[date | None, date | None]:
        """Since when nothing beside the text has changed, nor more of that become known."""
        days, postings = self._beside
        at = bisect_right(days, day)
        known = len(postings) if known_on is None else bisect_right(postings, known_on)
        return days[at - 1] if at else None, postings[known - 1] if known else None


def dated(criterion: Criterion) -> Iterator[Validity]:
    """The stretches of days on which rows of a register are in force."""
    for inner in inside(criterion.condition):
        if isinstance(inner.condition, InForce):
            yield inner.condition.validity


def lower(text: StandingText, lowering: Lowering, day: date, known_on: date | None) -> d.Decision:
    """The decision that a text makes on a day, as known on another."""
    unit = lowering.consolidated.policy.unit
    reasons = _Lowerer(text, lowering, day, known_on).reasons
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
        tuple(rule for section in text.sections for rule in lowering.rules(text, section, day, known_on)),
        tuple((o.winner, o.loser) for o in text.overrides),
        listed,
        table.open if table else False,
        table.stating if table else (),
        evidence,
        tuple(assumption.name for assumption in text.assumptions),
        tuple(
            d.LimitRow(
                section.name,
                limit.amount,
                limit.units,
                limit.since,
                limit.determination,
                limit.shown,
                limit.codes,
                limit.citation.place if limit.citation is not None else None,
                limit.assumption.name if limit.assumption is not None else None,
                reasons(section.reasons),
            )
            for section in text.sections
            for limit in section.limits
        ),
    )


def lowered(
    criteria: tuple[Criterion, ...], lowering: Lowering, day: date, known_on: date | None
) -> d.Condition:
    """Criteria that stand beside the text, as of a day on which one is in force as known on another."""
    text = lowering.consolidated.at(day, known_on)
    assert text is not None
    return d.conjunction(_Lowerer(text, lowering, day, known_on)._criteria(criteria))


@define
class _Lowerer:
    text: StandingText
    lowering: Lowering
    day: date
    known_on: date | None
    elements: Mapping[str, str] = Factory(dict)
    """How the element of a definition is called where the definition is used."""
    billed: frozenset[str] = frozenset()
    """Elements of what was billed before."""

    def rules(self, section: Section) -> list[d.Rule]:
        rules = []
        for rule in section.rules:
            if not rule.validity.on(self.day):
                continue
            applies = self.lowering.consolidated.policy.applies
            conditions: list[d.Condition] = [self._criterion(c) for c in (*applies, *rule.criteria)]
            conditions += [
                d.Not(d.conjunction(tuple(self._criterion(criterion) for criterion in exception)))
                for exception in rule.exceptions
            ]
            named = d.Named(
                d.conjunction(tuple(conditions)),
                tuple(a.name for a in (*section.assumptions, *rule.assumptions)),
                section.title,
                rule.citation or section.citation,
                section.revision,
                section.span,
            )
            row = d.RuleRow(
                section.name,
                rule.determination,
                rule.otherwise,
                rule.question,
                rule.addressee,
                self.reasons(rule.reasons or section.reasons),
            )
            rules.append(d.Rule(row, named, rule.span, rule.table))
        return rules

    def reasons(self, named: ReasonCodes | None) -> tuple[str, tuple[str, ...]] | None:
        """The reason codes that are valid on the day, if the CARC is."""
        if named is None:
            return None
        carc, *rarc = (
            code.code if self._is_valid(code.system, code.code) else None
            for code in (named.carc, *named.rarc)
        )
        return complete(carc, rarc)

    def _is_valid(self, system: str, code: str) -> bool:
        return not contains(self.lowering.invalid(system, self.day, self.known_on), code)

    def _criterion(self, criterion: Criterion) -> d.Named:
        condition = criterion.condition
        name = criterion.label or _BEHIND.sub("", criterion.span.said)
        return d.Named(
            self._condition(condition),
            tuple(assumption.name for assumption in criterion.assumptions),
            name,
            criterion.citation,
            criterion.revision,
            criterion.span,
        )

    def _criteria(self, criteria: tuple[Criterion, ...]) -> tuple[d.Condition, ...]:
        return tuple(self._criterion(criterion) for criterion in criteria)

    def _condition(self, condition: Condition) -> d.Condition:
        match condition:
            case ValueIn(fact, values):
                return d.ValueIs(self._fact(fact), tuple(sorted(set(values))))
            case NumberIn(fact, stretches, assumption):
                number = d.NumberIs(self._fact(fact), stretches)
                return number if assumption is None else d.Resting(number, (assumption,))
            case DayWithin(fact, window):
                return d.WindowIs(self._fact(fact), window._replace(anchor=self._fact(window.anchor)))
            case DayIn(fact, start, end):
                return d.DayIs(self._fact(fact), start, end)
            case CodeIn():
                return self._codes(condition)
            case Use(name, element):
                definition = self._definition(name)
                inside = self
                if definition.element is not None and element is not None:
                    inside = evolve(self, elements={definition.element: self._fact(element)})
                return d.conjunction(inside._criteria(definition.criteria))
            case Negated(inner):
                return d.Not(self._condition(inner))
            case Group(kind, count, criteria):
                parts = self._criteria(criteria)
                match kind:
                    case GroupKind.ALL:
                        return d.conjunction(parts)
                    case GroupKind.NONE:
                        return d.Not(d.AtLeast(1, parts))
                    case GroupKind.AT_MOST:
                        return d.Not(d.AtLeast(count + 1, parts))
                    case GroupKind.EXACTLY:
                        return d.conjunction((d.AtLeast(count, parts), d.Not(d.AtLeast(count + 1, parts))))
                    case _:
                        return d.AtLeast(count, parts)
            case Quantified():
                return self._quantified(condition)
            case NewestOf():
                own = self._holding(condition.list, condition.element)
                among, has = (d.conjunction(own._criteria(c)) for c in (condition.criteria, condition.has))
                return d.Newest(condition.list, condition.element, condition.by, condition.latest, among, has)
            case InForce(validity, criteria):
                known = validity.on(self.day)
                return d.conjunction(self._criteria(criteria)) if known else d.NEVER
            case ComputedIn(term, stretches):
                return d.ComputedIs(self._term(term), stretches)
            case OutcomeIn(policy, determinations):
                return outcome(self.lowering.others[policy], determinations, self.day, self.known_on)
        assert_never(condition)

    def _quantified(self, condition: Quantified) -> d.Condition:
        where = d.conjunction(self._holding(condition.list, condition.element)._criteria(condition.criteria))

        def at_least(count: int, where: d.Condition = where) -> d.Condition:
            return d.Elements(
                condition.list, condition.element, count, where, condition.different, condition.run
            )

        match condition.kind:
            case GroupKind.EVERY:
                return d.Not(at_least(1, d.Not(where)))
            case GroupKind.NONE:
                return d.Not(at_least(1))
            case GroupKind.AT_MOST:
                return d.Not(at_least(condition.count + 1))
            case GroupKind.EXACTLY:
                return d.conjunction((at_least(condition.count), d.Not(at_least(condition.count + 1))))
            case _:
                return at_least(condition.count)

    def _term(self, term: Term) -> d.Term:
        match term:
            case Operation(operator, parts):
                return d.Computed(operator, tuple(self._term(part) for part in parts))
            case TotalOf():
                where = d.conjunction(self._holding(term.list, term.element)._criteria(term.criteria))
                return d.Total(term.list, term.element, self._term(term.value), where)
            case d.Amount(fact):
                return d.Amount(self._fact(fact))
            case d.Elapsed(unit, start, end):
                return d.Elapsed(unit, self._fact(start), self._fact(end))
            case _:
                return term

    def _fact(self, path: str) -> str:
        """A fact, a field or an element by the name that it has here."""
        head, dot, field = path.partition(".")
        return self.elements.get(head, head) + dot + field

    def _holding(self, listed: str, element: str) -> Self:
        """The same, with an element of a list in hand."""
        return evolve(self, billed=self.billed | {element}) if listed == HISTORY else self

    def _codes(self, condition: CodeIn) -> d.Condition:
        fact = self._fact(condition.fact)
        concepts = condition.concepts
        rests = tuple(dict.fromkeys(a for c in concepts for a in self.lowering.assumptions_of(c)))
        name = "_or_".join(c.rpartition(".")[2] for c in concepts) or "codes"

        def on(day: date) -> tuple[Interval, ...]:
            listed = [codes for c in concepts for codes in self.lowering.codes_of(c, day, self.known_on)]
            return union([*condition.codes, *listed])

        def one_of(codes: tuple[Interval, ...]) -> d.Condition:
            return d.CodeIs(fact, condition.system, codes, name)

        element, _, field = fact.partition(".")
        if element in self.billed and field == PROCEDURE:
            found = billed(on, self.lowering.day_cuts, one_of, f"{element}.{DAY}")
        else:
            found = one_of(on(self.day))
        return d.Resting(found, rests) if rests else found

    def _definition(self, definition: str) -> Definition:
        if "." in definition:
            return self.lowering.definitions[definition]
        return next(stands for stands in self.text.definitions if stands.name == definition)
