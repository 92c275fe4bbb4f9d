"""One revision amends the text that stood before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from attrs import evolve, frozen

from compiler import errors
from compiler.binding import amendments as a
from compiler.binding.scope import Unit
from compiler.binding.sections import check_name
from compiler.binding.versions import with_version
from compiler.history.standing import StandingText, criteria_of, labels_in, standing
from compiler.model import (
    CodeTable,
    Criterion,
    Group,
    NewestOf,
    Quantified,
    RevisionId,
    Section,
)
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax import GroupKind

Criteria = tuple[Criterion, ...]
Change = Callable[[Criterion], Criteria]


def touches(amendment: a.Amendment) -> list[tuple[str, ...]]:
    """The elements that an amendment writes, as paths from the outside in."""
    match amendment:
        case a.PutSection():
            name = amendment.section.name
            return [("element", name), ("name", name), ("cites", name), ("reasons", name)]
        case a.RemoveSection():
            return [("element", amendment.name)]
        case a.AddNames():
            names: list[tuple[str, ...]] = [("name", amendment.section, n.name) for n in amendment.names]
            return [*names, ("cites", amendment.section)] if amendment.citation else names
        case a.PutReasons():
            return [("reasons", amendment.section)]
        case a.PutTable():
            return [("code",)]
        case a.PutCodes():
            return [("code", code) for code in (*amendment.removed, *(row.code for row in amendment.added))]
        case a.PutDefinition():
            return [("element", amendment.definition.name)]
        case a.ReplaceElement() | a.RemoveElement():
            # A label inside another may be named with or without it.
            head, *labels = amendment.path
            return [("element", head, label) for label in labels] or [("element", head)]
        case a.AddTo():
            labels = [criterion.label or criterion.span.said for criterion in amendment.criteria]
            return [("element", *amendment.path, label) for label in labels]
        case a.PutVersion():
            return [("element", amendment.name)]
        case a.PutOverride():
            return [("order", amendment.override.winner, amendment.override.loser)]
        case a.PutAssumption():
            return [("assumption", amendment.assumption.name)]
        case a.RemoveAssumption():
            return [("assumption", amendment.name)]
        case a.Retire():
            return [("retired",)]
    assert_never(amendment)


def amend(text: StandingText, revision: a.Revision, unit: Unit, report: Report) -> StandingText:
    """The text after one more revision; an amendment that finds nothing to amend is complained about."""
    amender = _Amender(revision.id, unit, report)
    for amendment in revision.amendments:
        if text.retired is not None:
            report.add(errors.after_retirement(amendment.span, revision.id))
        text = amender.apply(text, amendment)
    standing(text, revision, report)
    return text


@frozen
class _Amender:
    """Applies the amendments of one revision."""

    revision: RevisionId
    unit: Unit
    report: Report

    def apply(self, text: StandingText, amendment: a.Amendment) -> StandingText:
        match amendment:
            case a.PutSection() | a.RemoveSection() | a.AddNames() | a.PutReasons():
                return self._sections(text, amendment)
            case a.PutTable() | a.PutCodes():
                return evolve(text, table=self._table(text.table, amendment))
            case a.PutDefinition(definition):
                stands = next((d for d in text.definitions if d.name == definition.name), None)
                if stands is not None:
                    self._there(f"definition `{definition.name}`", definition.span, stands.span)
                    return text
                written = evolve(
                    definition, criteria=self._written(definition.criteria), revision=self.revision
                )
                return evolve(text, definitions=(*text.definitions, written))
            case a.ReplaceElement() | a.AddTo() | a.RemoveElement():
                return self._element(text, amendment)
            case a.PutVersion(name, number):
                return evolve(text, definitions=tuple(with_version(text.definitions, name, number)))
            case a.PutOverride(override, removes):
                pair = override.winner, override.loser
                kept = tuple(o for o in text.overrides if (o.winner, o.loser) != pair)
                if removes:
                    if len(kept) == len(text.overrides):
                        self._nothing(f"`{pair[0]} overrides {pair[1]}`", amendment.span)
                    return evolve(text, overrides=kept)
                stated = next((o for o in text.overrides if (o.winner, o.loser) == pair), None)
                if stated is not None:
                    self._there(f"`{pair[0]} overrides {pair[1]}`", amendment.span, stated.span)
                return evolve(text, overrides=(*kept, evolve(override, revision=self.revision)))
            case a.PutAssumption(assumption):
                return evolve(text, assumptions=(*text.assumptions, assumption))
            case a.RemoveAssumption(name):
                left = tuple(x for x in text.assumptions if x.name != name)
                if len(left) == len(text.assumptions):
                    self._nothing(f"assumption `{name}`", amendment.span, [x.name for x in text.assumptions])
                return evolve(text, assumptions=left)
            case a.Retire(reason):
                return evolve(text, retired=reason)
        assert_never(amendment)

    def _nothing(self, what: str, span: Span, known: list[str] | None = None) -> None:
        self.report.add(errors.amends_nothing(what, span, self.revision, known or []))

    def _there(self, what: str, span: Span, first: Span) -> None:
        self.report.add(errors.already_there(what, span, self.revision, first))

    def _written(self, criteria: Criteria) -> Criteria:
        """Criteria signed with the revision that writes them, those inside them too."""
        return tuple(
            evolve(_inside(criterion, self._written), revision=self.revision) for criterion in criteria
        )

    def _sections(
        self, text: StandingText, amendment: a.PutSection | a.RemoveSection | a.AddNames | a.PutReasons
    ) -> StandingText:
        name = (
            amendment.section.name
            if isinstance(amendment, a.PutSection)
            else (amendment.name if isinstance(amendment, a.RemoveSection) else amendment.section)
        )
        stands = next((section for section in text.sections if section.name == name), None)
        known = [section.name for section in text.sections]
        if isinstance(amendment, a.PutSection):
            written = self._section(amendment.section)
            if stands is None:
                if amendment.replaces:
                    self._nothing(f"section `{name}`", amendment.span, known)
                return evolve(text, sections=(*text.sections, written))
            if not amendment.replaces:
                self._there(f"section `{name}`", amendment.span, stands.span)
            changed: tuple[Section, ...] = (written,)
        elif stands is None:
            self._nothing(f"section `{name}`", amendment.span, known)
            return text
        elif isinstance(amendment, a.RemoveSection):
            changed = ()
        elif isinstance(amendment, a.PutReasons):
            changed = (evolve(stands, reasons=evolve(amendment.reasons, revision=self.revision)),)
        else:
            changed = (self._named(stands, amendment),)
        sections: list[Section] = []
        for section in text.sections:
            sections += changed if section is stands else (section,)
        return evolve(text, sections=tuple(sections))

    def _section(self, section: Section) -> Section:
        rules = tuple(
            evolve(
                rule,
                criteria=self._written(rule.criteria),
                exceptions=tuple(self._written(exception) for exception in rule.exceptions),
            )
            for rule in section.rules
        )
        names = tuple(evolve(name, revision=self.revision) for name in section.names)
        reasons = evolve(section.reasons, revision=self.revision) if section.reasons else None
        return evolve(section, rules=rules, names=names, reasons=reasons, revision=self.revision)

    def _named(self, section: Section, amendment: a.AddNames) -> Section:
        concept = next(
            (c for u in self.unit.closure() for c in u.concepts.values() if c.id == section.concept), None
        )
        if concept is None:
            self._nothing(f"the list of names of section `{section.name}`", amendment.span)
            return section
        for name in amendment.names:
            check_name(name.name, name.span, concept.members, self.report)
            first = next((n for n in section.names if n.name == name.name), None)
            if first is not None:
                self._there(f"the name `{name.name}`", name.span, first.span)
        names = section.names + tuple(evolve(name, revision=self.revision) for name in amendment.names)
        if amendment.citation is None:
            return evolve(section, names=names)
        kept = () if section.citation and section.citation.reconstructed else section.assumptions
        return evolve(section, names=names, citation=amendment.citation, assumptions=kept)

    def _table(self, table: CodeTable | None, amendment: a.PutTable | a.PutCodes) -> CodeTable | None:
        if isinstance(amendment, a.PutTable):
            if table is not None and not amendment.replaces:
                self._there("the code table", amendment.span, table.span)
            if table is None and amendment.replaces:
                self._nothing("the code table", amendment.span)
            rows = tuple(evolve(row, revision=self.revision) for row in amendment.table.rows)
            return evolve(amendment.table, rows=rows, revision=self.revision)
        if table is None:
            self._nothing("the code table", amendment.span)
            return None
        listed = {row.code: row for row in table.rows}
        for code in amendment.removed:
            if code not in listed:
                self._nothing(f"code `{code}`", amendment.span, list(listed))
        kept = tuple(row for row in table.rows if row.code not in amendment.removed)
        for row in amendment.added:
            if row.code in listed and row.code not in amendment.removed:
                self._there(f"code `{row.code}`", row.span, listed[row.code].span)
        added = tuple(evolve(row, revision=self.revision) for row in amendment.added)
        return evolve(table, rows=kept + added)

    def _element(
        self, text: StandingText, amendment: a.ReplaceElement | a.AddTo | a.RemoveElement
    ) -> StandingText:
        head, *labels = amendment.path
        what = f"`{'.'.join(amendment.path)}`"
        section = next((x for x in text.sections if x.name == head), None)
        definition = next((x for x in text.definitions if x.name == head), None)
        known = [x.name for x in text.sections] + [x.name for x in text.definitions]
        if section is not None:
            amended = self._in_section(section, labels, amendment)
            if amended is None:
                self._nothing(what, amendment.span, [f"{head}.{x}" for x in _labels_of(section)])
                return text
            return evolve(text, sections=tuple(amended if x is section else x for x in text.sections))
        if definition is None:
            self._nothing(what, amendment.span, known)
            return text
        if not labels and isinstance(amendment, a.RemoveElement):
            return evolve(text, definitions=tuple(x for x in text.definitions if x is not definition))
        criteria = self._in_criteria(definition.criteria, labels, amendment)
        if criteria is None:
            self._nothing(what, amendment.span)
            return text
        new = evolve(definition, criteria=criteria, revision=self.revision)
        return evolve(text, definitions=tuple(new if x is definition else x for x in text.definitions))

    def _in_section(
        self, section: Section, labels: list[str], amendment: a.ReplaceElement | a.AddTo | a.RemoveElement
    ) -> Section | None:
        if not labels and len(section.rules) != 1:
            return None
        for at, rule in enumerate(section.rules):
            bodies = (rule.criteria, *rule.exceptions)
            for number, body in enumerate(bodies):
                amended = self._in_criteria(body, labels, amendment)
                if amended is not None and (labels or not isinstance(amendment, a.RemoveElement)):
                    new = (*bodies[:number], amended, *bodies[number + 1 :])
                    changed = evolve(rule, criteria=new[0], exceptions=new[1:])
                    rules = (*section.rules[:at], changed, *section.rules[at + 1 :])
                    return evolve(section, rules=rules)
        return None

    def _in_criteria(
        self, criteria: Criteria, labels: list[str], amendment: a.ReplaceElement | a.AddTo | a.RemoveElement
    ) -> Criteria | None:
        """A body with the labelled element amended, or None where it is not inside."""
        written = () if isinstance(amendment, a.RemoveElement) else self._written(amendment.criteria)
        if not labels:
            return (*criteria, *written) if isinstance(amendment, a.AddTo) else written
        label, *deeper = labels
        found = False

        def change(criterion: Criterion) -> Criteria:
            nonlocal found
            if criterion.label != label:
                return (_inside(criterion, lambda inner: tuple(x for c in inner for x in change(c))),)
            if deeper:
                inside = self._in_criteria(criteria_of(criterion), deeper, amendment)
                found = found or inside is not None
                return (_inside(criterion, lambda inner: inside if inside is not None else inner),)
            if isinstance(amendment, a.AddTo) and not isinstance(criterion.condition, Group | Quantified):
                return (criterion,)
            found = True
            if isinstance(amendment, a.RemoveElement):
                return ()
            if isinstance(amendment, a.AddTo):
                return (_inside(criterion, lambda inner: (*inner, *written)),)
            return (self._rewritten(criterion, written),)

        amended = tuple(x for criterion in criteria for x in change(criterion))
        return amended if found else None

    def _rewritten(self, criterion: Criterion, written: Criteria) -> Criterion:
        """A labelled criterion with another body; its label stays, its citation and assumption unless
        others are given."""
        only = written[0] if len(written) == 1 and written[0].label is None else None
        if only is None:
            return evolve(criterion, condition=Group(GroupKind.ALL, 1, written), revision=self.revision)
        return evolve(
            only,
            label=criterion.label,
            citation=only.citation or criterion.citation,
            assumptions=only.assumptions or criterion.assumptions,
        )


def _inside(criterion: Criterion, change: Callable[[Criteria], Criteria]) -> Criterion:
    """A criterion whose inner criteria are changed, if it has any."""
    condition = criterion.condition
    if isinstance(condition, NewestOf):
        changed = evolve(condition, criteria=change(condition.criteria), has=change(condition.has))
        return evolve(criterion, condition=changed)
    if not isinstance(condition, Group | Quantified):
        return criterion
    return evolve(criterion, condition=evolve(condition, criteria=change(condition.criteria)))


def _labels_of(section: Section) -> list[str]:
    bodies = [body for rule in section.rules for body in (rule.criteria, *rule.exceptions)]
    return [label for body in bodies for label, _ in labels_in(body)]
