"""The consolidated policy as text, with the revision that wrote each element in the margin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from attrs import frozen

from compiler import amendments as a
from compiler.model import (
    Assumption,
    Citation,
    CodeEntry,
    CodeTable,
    Condition,
    Criterion,
    Group,
    ListedCode,
    Quantified,
    ReasonCodes,
    RevisionId,
    Rule,
    Section,
)
from compiler.program import Program, revision_name
from compiler.runtime.codes import PROCEDURES
from compiler.runtime.edits import plain, unit_factor
from compiler.standing import StandingText, criteria_of
from dsl import syntax as s
from dsl.syntax import GroupKind
from policyc.history import sentence
from policyc.render import printable, successors, validity

_STEP = "    "
_COMMENT = re.compile(r'("(?:\\["\\]|[^"\\\n])*")|#[^\n]*')


def show(program: Program, on: date, known_on: date | None) -> str:
    """The text in force on a day as known on another; if none is, why."""
    known = f" as known on {known_on}" if known_on else ""
    text = program.consolidated.at(on, known_on)
    if text is None:
        return f"{program.package} is not in force on {on}{known}: {_absence(program, on, known_on)}"
    shower = _Shower(program, text, on, known_on)
    return "\n".join([f"{program.package} on {on}{known}", "", *shower.revisions(), "", *shower.margin()])


def _absence(program: Program, on: date, known_on: date | None) -> str:
    revisions = program.consolidated.policy.revisions
    visible = _visible(program, known_on)
    if not visible:
        return f"its first revision was posted on {min(r.id.posted for r in revisions)}"
    applied = program.consolidated.applied(on, known_on)
    if not applied:
        return f"its first revision is in force from {min(r.id.effective for r in visible)} on"
    retired = program.consolidated.texts[applied].retired
    return (
        f"retired by revision {revision_name(max(applied), program.consolidated)}, {printable(retired or '')}"
    )


def _visible(program: Program, known_on: date | None) -> list[a.Revision]:
    revisions = program.consolidated.policy.revisions
    return [r for r in revisions if known_on is None or r.id.posted <= known_on]


Row = tuple[RevisionId | None, str]
"""A line of text, and the revision that wrote it; None for what no revision wrote."""


@frozen
class _Shower:
    program: Program
    text: StandingText
    on: date
    known_on: date | None

    @property
    def applied(self) -> list[a.Revision]:
        """The revisions that made the text, in the order of application."""
        ids = self.program.consolidated.applied(self.on, self.known_on)
        by_id = {revision.id: revision for revision in self.program.consolidated.policy.revisions}
        return [by_id[identity] for identity in ids]

    def _name(self, revision: RevisionId) -> str:
        return revision_name(revision, self.program.consolidated)

    def revisions(self) -> Iterator[str]:
        last = max(revision.id for revision in self.applied)
        for revision in self.applied:
            name = self._name(revision.id)
            mark = "  <- the one in force, marked * below" if revision.id == last else ""
            yield f"revision {name}  {printable(revision.title)}{mark}"
            for amendment in revision.amendments if revision.id == last else ():
                yield f"{' ' * 9}{printable(sentence(amendment))}"
        after = [r.id for r in _visible(self.program, self.known_on) if r.id.effective > self.on]
        if after:
            yield f"until revision {self._name(min(after))}"

    def margin(self) -> Iterator[str]:
        """The rows with their revisions before them."""
        last = max(revision.id for revision in self.applied)
        names = {revision.id: self._name(revision.id) for revision in self.applied}
        width = max(len(name) for name in names.values())
        for identity, row in self.rows():
            name = names.get(identity, "") if identity else ""
            yield f"{name:<{width}} {'*' if identity == last else ' '} | {printable(row)}".rstrip()

    def rows(self) -> Iterator[Row]:
        yield from self.policy()
        for definition in self.text.definitions:
            yield None, ""
            yield definition.revision, f"{definition.name} if {{"
            yield from self.criteria(definition.criteria, 1)
            yield None, "}"
        for assumption in self.text.assumptions:
            yield None, ""
            yield self._assumed(assumption), _assume(assumption)
        for section in self.text.sections:
            yield None, ""
            yield from self.section(section)
        if self.text.overrides:
            yield None, ""
        for override in self.text.overrides:
            yield override.revision, f"{override.winner} overrides {override.loser}"
        if self.text.table is not None:
            yield None, ""
            yield from self.table(self.text.table)

    def policy(self) -> Iterator[Row]:
        """What no revision writes: the head, what counts as evidence, and what absence means."""
        policy = self.program.consolidated.policy
        yield None, f"policy {_quoted(policy.title)} {{"
        yield None, f"{_STEP}payer {_quoted(policy.payer)}"
        if policy.document is not None:
            edition = f" edition {policy.edition.edition}" if policy.edition is not None else ""
            yield None, f"{_STEP}source {_quoted(policy.document)}{edition}"
        if policy.renamed_from is not None:
            yield None, f"{_STEP}renamed from {policy.renamed_from}"
        yield None, f"{_STEP}governed by {policy.governed_by}"
        if policy.applies:
            yield None, f"{_STEP}applies if {{"
            yield from self.criteria(policy.applies, 2)
            yield None, f"{_STEP}}}"
        for name in policy.subject_to:
            yield None, f"{_STEP}subject to {name}"
        yield None, "}"
        for unit in policy.unit.closure():
            for item in unit.file.items:
                if isinstance(item, s.Scale | s.ValueDefinition | s.Parameter):
                    yield None, ""
                    yield None, _flat(item.span.text)
        for evidence in (taken for unit in policy.unit.closure() for taken in unit.evidence):
            yield None, ""
            beside = f" with {evidence.within}" if evidence.within else ""
            yield None, f"evidence {evidence.fact} from other lines of the day{beside}"
            if evidence.assumption:
                yield None, _STEP + _assume(evidence.assumption)
        for fact in self.program.facts.values():
            if fact.given_by is not None:
                yield None, ""
                yield None, f"{fact.path} given by {fact.given_by}"
            if fact.absent is not None:
                yield None, ""
                yield None, f"{fact.path} absent means {fact.absent}"
                if fact.absent_assumption:
                    yield None, _STEP + _assume(fact.absent_assumption)

    def section(self, section: Section) -> Iterator[Row]:
        cited = _cites(section.citation)
        yield section.revision, f"section {section.name} {_quoted(section.title)}{cited} {{"
        for assumption in section.assumptions:
            yield section.revision, _STEP + _assume(assumption)
        if section.concept is not None:
            listing = f"{' open' if section.open else ''}{' names' if section.names else ''}"
            yield section.revision, f"{_STEP}for {section.concept}{listing}"
            concept = self.program.lowering.concepts[section.concept]
            if concept.assumption:
                yield None, _STEP * 2 + _assume(concept.assumption)
            for name in section.names:
                yield name.revision, _STEP * 2 + name.name
        if section.reasons is not None:
            yield section.reasons.revision, f"{_STEP}{_reasons(section.reasons)}"
        for rule in section.rules:
            yield from self.rule(rule, section)
        for limit in section.limits:
            yield section.revision, f"{_STEP}limit {limit.shown} then {limit.determination}"
        yield None, "}"

    def rule(self, rule: Rule, section: Section) -> Iterator[Row]:
        if rule.otherwise and not rule.criteria:
            named = f" {_reasons(rule.reasons)}" if rule.reasons is not None else ""
            yield section.revision, _STEP + _says(rule) + named
            return
        yield section.revision, f"{_STEP}{_says(rule)} if {{"
        yield from self.criteria(rule.criteria, 2)
        for exception in rule.exceptions:
            holding, unless = _unless(exception)
            yield section.revision, f"{_STEP}}} except if {{"
            yield from self.criteria(holding, 2)
            if unless:
                yield section.revision, f"{_STEP}}} unless {{"
                yield from self.criteria(unless, 2)
        named = f" {_reasons(rule.reasons)}" if rule.reasons is not None else ""
        yield None, f"{_STEP}}}{named}"

    def criteria(self, criteria: tuple[Criterion, ...], depth: int) -> Iterator[Row]:
        for criterion in criteria:
            yield from self.criterion(criterion, depth)

    def criterion(self, criterion: Criterion, depth: int) -> Iterator[Row]:
        """A criterion as it was written; one of several lines, or amended inside, is laid out anew."""
        indent = _STEP * depth
        if not _as_written(criterion):
            condition = criterion.condition
            assert isinstance(condition, Group | Quantified)
            label = f"{criterion.label}: " if criterion.label else ""
            yield criterion.revision, f"{indent}{label}{_opening(condition)} {{"
            yield from self.criteria(condition.criteria, depth + 1)
            assumed = f" {_assume(criterion.assumption)}" if criterion.assumption else ""
            yield None, f"{indent}}}{_cites(criterion.citation)}{assumed}"
            return
        yield criterion.revision, indent + self._source(criterion)

    def _source(self, criterion: Criterion) -> str:
        """A criterion's source text, with its label; another body may have been put under that."""
        text = _flat(criterion.span.text)
        labelled = criterion.label is None or text.startswith(f"{criterion.label}:")
        return text if labelled else f"{criterion.label}: {text}"

    def table(self, table: CodeTable) -> Iterator[Row]:
        opened = " open" if table.open else ""
        stating = f" to lines stating {', '.join(table.stating)}" if table.stating else ""
        yield table.revision, f"codes{opened}{stating}{_cites(table.citation)} {{"
        for row in table.rows:
            yield row.revision, _STEP + self._code(row)
            for needed in row.needs:
                if needed.assumption:
                    yield row.revision, f"{_STEP * 2}{needed.code}: {_assume(needed.assumption)}"
            if row.acknowledged is not None:
                yield row.revision, f"{_STEP * 2}though ended {_quoted(row.acknowledged)}"
            if row.assumption:
                yield row.revision, _STEP * 2 + _assume(row.assumption)
        yield from self._taken_out(table)
        yield None, "}"

    def _code(self, row: ListedCode) -> str:
        """A row of the code table, with what the library says of the code."""
        needs = f" needs {' or '.join(needed.code for needed in row.needs)}" if row.needs else ""
        entries = self._entries(row.code)
        entry = self._entry(row.code, self.on)
        if entry is None:
            when = " and ".join(validity(e.validity.start, e.validity.end) for e in entries)
            return f"{row.code}{needs}" + (f"  # not valid on this day, but {when}" if when else "")
        said: list[str] = [entry.label] if entry.label else []
        if entry.per:
            said.append(f"per {_plain(entry.per[0])} {entry.per[1]}")
        then = [(code, self._factor(entry, code)) for code in entry.replaced_by]
        if entry.validity.start or entry.validity.end:
            said.append(validity(entry.validity.start, entry.validity.end) + successors(then))
        return f"{row.code}{needs}" + (f"  # {', '.join(said)}" if said else "")

    def _entries(self, code: str) -> list[CodeEntry]:
        entries = [
            e
            for e in self.program.lowering.entries
            if e.system in PROCEDURES and e.codes[0] <= code < e.codes[1] and e.validity.known(self.known_on)
        ]
        return sorted(entries, key=lambda e: e.validity.start or date.min)

    def _entry(self, code: str, day: date) -> CodeEntry | None:
        return next((e for e in self._entries(code) if e.validity.on(day)), None)

    def _factor(self, entry: CodeEntry, successor: str) -> str | None:
        """How many units of its successor a unit is, where both stand for a quantity of one kind."""
        new = self._entry(successor, entry.validity.end or self.on)
        factor = unit_factor(entry.per, new.per) if new is not None else None
        return plain(factor) if factor is not None else None

    def _taken_out(self, table: CodeTable) -> Iterator[Row]:
        """The codes that the revision in force has taken out: what a reader who compares looks for."""
        last = max(self.applied, key=lambda revision: revision.id)
        before = [r.id for r in self.applied if r.id != last.id]
        stood = self.program.consolidated.texts.get(tuple(before))
        listed = {row.code for row in table.rows}
        for row in stood.table.rows if stood is not None and stood.table is not None else ():
            if row.code not in listed:
                yield last.id, f"{_STEP}# {row.code} is no longer listed"

    def _assumed(self, assumption: Assumption) -> RevisionId | None:
        found = [
            r.id
            for r in self.applied
            for amendment in r.amendments
            if isinstance(amendment, a.PutAssumption) and amendment.assumption.span == assumption.span
        ]
        return found[-1] if found else None


def _unless(exception: tuple[Criterion, ...]) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """The criteria of an exception, and those of its own exception, which stands behind them."""
    match exception[-1] if exception else None:
        case (
            Criterion(
                condition=Group(
                    kind=GroupKind.NONE, criteria=(Criterion(condition=Group() as unless) as inner,)
                )
            ) as last
        ) if inner.span == last.span and last.span.text.startswith("{"):
            return exception[:-1], unless.criteria
    return exception, ()


def _says(rule: Rule) -> str:
    """What a rule determines, of whom it asks what, and when it is in force."""
    asked = f" {_quoted(rule.question)}" if rule.question is not None else ""
    asked += f" to {_quoted(rule.addressee)}" if rule.addressee is not None else ""
    valid = rule.validity
    since = f" from {valid.start}" if valid.start is not None else ""
    until = f" until {valid.end}" if valid.end is not None else ""
    return f"{rule.determination}{asked}{' otherwise' if rule.otherwise else ''}{since}{until}"


def _reasons(reasons: ReasonCodes) -> str:
    rarc = ", ".join(code.code for code in reasons.rarc)
    return f"reasons carc {reasons.carc.code}" + (f" rarc {rarc}" if rarc else "")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _assume(assumption: Assumption) -> str:
    return f"assume {assumption.name} {_quoted(assumption.reason)}"


def _cites(citation: Citation | None) -> str:
    if citation is None:
        return ""
    edition = f" edition {citation.edition}" if citation.edition else ""
    return f" cites {_quoted(citation.place)}{edition}{' reconstructed' if citation.reconstructed else ''}"


def _flat(source: str) -> str:
    """Source text on one line, without its comments."""
    return " ".join(_COMMENT.sub(lambda match: match[1] or "", source).split())


def _below(condition: Condition) -> Iterator[Criterion]:
    if isinstance(condition, Group | Quantified):
        for criterion in condition.criteria:
            yield criterion
            yield from _below(criterion.condition)


def _as_written(criterion: Criterion) -> bool:
    """Whether the source text still says the criterion: short, and nothing inside could be amended."""
    below = list(_below(criterion.condition))
    span = criterion.span
    if not below:
        bare = isinstance(criterion.condition, Quantified) and criterion.condition.bare
        return bare or not isinstance(criterion.condition, Group | Quantified)
    if any(not c.span.text or (c.span == span and c.label is None) for c in criteria_of(criterion)):
        return True  # what was made of one condition is read as it was written
    inside = all(
        c.label is None
        and c.span.source == span.source
        and span.start <= c.span.start
        and c.span.end <= span.end
        for c in below
    )
    return inside and "\n" not in span.text


def _opening(condition: Group | Quantified) -> str:
    counted = condition.kind in (GroupKind.AT_LEAST, GroupKind.AT_MOST, GroupKind.EXACTLY)
    kind = f"{condition.kind.value} {condition.count}" if counted else condition.kind.value
    if not isinstance(condition, Quantified):
        return f"{kind} of"
    kind = "no" if condition.kind is GroupKind.NONE else kind
    different = f" with different {condition.different}" if condition.different else ""
    run = f" within {condition.run[0]} consecutive days of {condition.run[1]}" if condition.run else ""
    return f"{kind} {condition.element} in {condition.list}{different}{run}"
