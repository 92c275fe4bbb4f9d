"""The text that stands after some revisions, and what must be true of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import frozen

from compiler import errors
from compiler.binding import amendments as a
from compiler.ir.occurring import SCOPES
from compiler.model import (
    Assumption,
    CodeTable,
    ComputedIn,
    Criterion,
    Definition,
    Group,
    NewestOf,
    NumberIn,
    Override,
    Quantified,
    Section,
    asked_of,
    facts_of,
    inside,
    totalled,
)
from compiler.runtime.numbers import among
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax import GroupKind

Criteria = tuple[Criterion, ...]


@frozen
class StandingText:
    """The policy as it stands after some revisions; every element knows the revision that wrote it."""

    sections: tuple[Section, ...]
    table: CodeTable | None
    definitions: tuple[Definition, ...]
    overrides: tuple[Override, ...]
    assumptions: tuple[Assumption, ...]
    retired: str | None

    @classmethod
    def beginning(cls, definitions: Mapping[str, Definition]) -> StandingText:
        """What stands before the first revision: the definitions that no revision made."""
        return cls((), None, tuple(definitions.values()), (), (), None)


def criteria_of(criterion: Criterion) -> Criteria:
    """The criteria inside a criterion."""
    condition = criterion.condition
    return inside(condition)


def labels_in(criteria: Criteria) -> list[tuple[str, Span]]:
    """The labels of some criteria and of those inside them."""
    found: list[tuple[str, Span]] = []
    for criterion in criteria:
        if criterion.label is not None:
            start = criterion.span.start
            place = Span(criterion.span.source, start, start + len(criterion.label))
            found.append((criterion.label, place))
        found += labels_in(criteria_of(criterion))
    return found


def standing(text: StandingText, revision: a.Revision, report: Report) -> None:
    """Check a text that a revision has amended."""
    for what, bodies, element in _bodies(text):
        _labels_once(bodies, report)
        for body in bodies:
            _something_asked(what, body, revision, report)
            _elements_in_hand(body, frozenset() if element is None else frozenset({element}), report)
            _divisors_guarded(body, frozenset(), report)
    _names_apart(text, report)
    _override_names(text, revision, report)


def _bodies(text: StandingText) -> Iterator[tuple[str, list[Criteria], str | None]]:
    """The bodies of each section and definition, with the element that it is about."""
    for section in text.sections:
        yield (
            f"section `{section.name}`",
            [
                body
                for rule in section.rules
                for body in (rule.criteria, *rule.exceptions)
                if body or not (rule.otherwise or rule.table)
            ],
            None,
        )
    for definition in text.definitions:
        yield f"`{definition.name}`", [definition.criteria], definition.element


def _labels_once(bodies: list[Criteria], report: Report) -> None:
    """A label is an address: it occurs once in its section or definition."""
    seen: dict[str, Span] = {}
    for label, span in (pair for body in bodies for pair in labels_in(body)):
        first = seen.setdefault(label, span)
        if first != span:
            report.add(errors.duplicate_name("label", label, span, first))


def _something_asked(what: str, body: Criteria, revision: a.Revision, report: Report) -> None:
    """No amendment leaves a body without a criterion, or a group with fewer than it asks for."""
    if not body:
        report.add(errors.empty_body(revision.span, f"after this revision {what}"))
    for criterion in body:
        condition = criterion.condition
        if isinstance(condition, Group) or (isinstance(condition, Quantified) and not condition.bare):
            label = f"`{criterion.label}` of {what}" if criterion.label else f"a group of {what}"
            _something_asked(label, condition.criteria, revision, report)
            asked = condition.count if condition.kind is GroupKind.AT_LEAST else 1
            if isinstance(condition, Group) and asked > len(condition.criteria) > 0:
                report.add(
                    errors.impossible_count(criterion.span, "at least", asked, len(condition.criteria))
                )


def _elements_in_hand(body: Criteria, elements: frozenset[str], report: Report) -> None:
    """A criterion speaks of list elements only where they are in hand."""
    for criterion in body:
        condition = criterion.condition
        own = elements | totalled(condition)
        for fact in facts_of(condition):
            hand = fact.partition(".")[0]
            if hand not in SCOPES and hand not in own:
                report.add(errors.unknown_name("fact", fact, criterion.span, elements))
        match asked_of(condition):
            case Quantified(element=name) | NewestOf(element=name):
                if name in elements:
                    report.add(errors.duplicate_name("element", name, criterion.span, criterion.span))
                own = own | {name}
            case _:
                pass
        _elements_in_hand(inside(condition), own, report)


def _divisors_guarded(body: Criteria, nonzero: frozenset[str], report: Report) -> None:
    """What guards a divisor still stands before it."""
    for criterion in body:
        condition = criterion.condition
        asked = asked_of(condition)
        if isinstance(asked, ComputedIn) and not asked.guarded <= nonzero:
            report.add(errors.division_by_zero(criterion.span))
        joined = isinstance(condition, Group) and condition.kind is GroupKind.ALL
        inner = inside(condition)
        if joined or not isinstance(asked, Group):
            _divisors_guarded(inner, nonzero, report)
        else:
            for one in inner:
                _divisors_guarded((one,), nonzero, report)
        if isinstance(condition, NumberIn) and not among(Decimal(0), condition.stretches):
            nonzero |= {condition.fact}


def _names_apart(text: StandingText, report: Report) -> None:
    """`replace x.label` must mean one thing: no section has the name of a definition."""
    sections = {section.name: section for section in text.sections}
    for definition in text.definitions:
        section = sections.get(definition.name)
        if section is not None:
            later, first = sorted((definition.span, section.span), key=lambda span: -span.start)
            report.add(errors.duplicate_name("section or definition", section.name, later, first))


def _override_names(text: StandingText, revision: a.Revision, report: Report) -> None:
    """An order speaks of sections that stand, and has no ring."""
    names = [section.name for section in text.sections]
    for override in text.overrides:
        for name in (override.winner, override.loser):
            if name not in names:
                report.add(errors.amends_nothing(f"section `{name}`", override.span, revision.id, names))
    beaten = {name: [o.loser for o in text.overrides if o.winner == name] for name in names}

    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in trail:
            span = next(o.span for o in text.overrides if o.loser == name)
            report.add(errors.override_cycle(span, (*trail[trail.index(name) :], name)))
            return
        for loser in beaten.get(name, []):
            visit(loser, (*trail, name))
        done.add(name)

    for name in names:
        visit(name, ())
