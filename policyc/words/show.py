"""The consolidated policy as text, with the revision that wrote each element in the margin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from compiler.binding import amendments as a
from compiler.binding.versions import is_version, standing
from compiler.history.standing import StandingText
from compiler.model import (
    Assumption,
    CodeTable,
    Criterion,
    Group,
    ListedCode,
    Quantified,
    RevisionId,
    Rule,
    Section,
)
from compiler.program import Program, revision_name
from compiler.runtime.edits import plain
from dsl import syntax as s
from policyc.words.amendments import sentence
from policyc.words.render import printable, successors, validity
from policyc.words.shown import (
    Codes,
    as_written,
    assume_words,
    cites_words,
    determined,
    flat,
    opening,
    parted,
    quoted,
    reason_words,
    written,
)

_STEP = "    "


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
            if is_version(definition.name):
                continue
            yield None, ""
            of = f" of {definition.element} in {definition.listed}" if definition.element is not None else ""
            yield definition.revision, f"{definition.name}{of} if {{"
            yield from self.criteria(definition.criteria, 1)
            yield None, "}"
        for assumption in self.text.assumptions:
            yield None, ""
            yield self._assumed(assumption), assume_words(assumption)
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
        yield None, f"policy {quoted(policy.title)} {{"
        yield None, f"{_STEP}payer {quoted(policy.payer)}"
        if policy.document is not None:
            edition = f" edition {policy.edition.edition}" if policy.edition is not None else ""
            yield None, f"{_STEP}source {quoted(policy.document)}{edition}"
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
                    yield None, flat(standing(item, unit, self.text.definitions).span.text)
        for evidence in (taken for unit in policy.unit.closure() for taken in unit.evidence):
            yield None, ""
            beside = f" with {evidence.within}" if evidence.within else ""
            yield None, f"evidence {evidence.fact} from other lines of the day{beside}"
            if evidence.assumption:
                yield None, _STEP + assume_words(evidence.assumption)
        for fact in self.program.facts.values():
            if fact.given_by is not None:
                yield None, ""
                yield None, f"{fact.path} given by {fact.given_by}"
            if fact.absent is not None:
                yield None, ""
                yield None, f"{fact.path} absent means {fact.absent}"
                if fact.absent_assumption:
                    yield None, _STEP + assume_words(fact.absent_assumption)

    def section(self, section: Section) -> Iterator[Row]:
        cited = cites_words(section.citation)
        yield section.revision, f"section {section.name} {quoted(section.title)}{cited} {{"
        for assumption in section.assumptions:
            yield section.revision, _STEP + assume_words(assumption)
        if section.concept is not None:
            listing = f"{' open' if section.open else ''}{' names' if section.names else ''}"
            yield section.revision, f"{_STEP}for {section.concept}{listing}"
            concept = self.program.lowering.concepts[section.concept]
            if concept.assumption:
                yield None, _STEP * 2 + assume_words(concept.assumption)
            for name in section.names:
                yield name.revision, _STEP * 2 + name.name
        if section.reasons is not None:
            yield section.reasons.revision, f"{_STEP}{reason_words(section.reasons)}"
        for rule in section.rules:
            yield from self.rule(rule, section)
        for limit in section.limits:
            yield section.revision, f"{_STEP}limit {limit.shown} then {limit.determination}"
        yield None, "}"

    def rule(self, rule: Rule, section: Section) -> Iterator[Row]:
        assumed = "".join(f" {assume_words(each)}" for each in rule.assumptions)
        reasons = f" {reason_words(rule.reasons)}" if rule.reasons is not None else ""
        behind = cites_words(rule.citation) + assumed + reasons
        if rule.otherwise and not rule.criteria:
            yield section.revision, _STEP + determined(rule) + behind
            return
        yield section.revision, f"{_STEP}{determined(rule)} if {{"
        yield from self.criteria(rule.criteria, 2)
        for exception in rule.exceptions:
            holding, unless = parted(exception)
            yield section.revision, f"{_STEP}}} except if {{"
            yield from self.criteria(holding, 2)
            if unless:
                yield section.revision, f"{_STEP}}} unless {{"
                yield from self.criteria(unless, 2)
        yield None, f"{_STEP}}}{behind}"

    def criteria(self, criteria: tuple[Criterion, ...], depth: int) -> Iterator[Row]:
        for criterion in criteria:
            yield from self.criterion(criterion, depth)

    def criterion(self, criterion: Criterion, depth: int) -> Iterator[Row]:
        """A criterion as it was written; one of several lines, or amended inside, is laid out anew."""
        indent = _STEP * depth
        if not as_written(criterion):
            condition = criterion.condition
            assert isinstance(condition, Group | Quantified)
            label = f"{criterion.label}: " if criterion.label else ""
            yield criterion.revision, f"{indent}{label}{opening(condition)} {{"
            yield from self.criteria(condition.criteria, depth + 1)
            assumed = "".join(f" {assume_words(each)}" for each in criterion.assumptions)
            yield None, f"{indent}}}{cites_words(criterion.citation)}{assumed}"
            return
        yield criterion.revision, indent + written(criterion)

    def table(self, table: CodeTable) -> Iterator[Row]:
        opened = " open" if table.open else ""
        stating = f" to lines stating {', '.join(table.stating)}" if table.stating else ""
        yield table.revision, f"codes{opened}{stating}{cites_words(table.citation)} {{"
        for row in table.rows:
            yield row.revision, _STEP + self._code(row)
            for needed in row.needs:
                if needed.assumption:
                    yield row.revision, f"{_STEP * 2}{needed.code}: {assume_words(needed.assumption)}"
            if row.acknowledged is not None:
                yield row.revision, f"{_STEP * 2}though ended {quoted(row.acknowledged)}"
            if row.assumption:
                yield row.revision, _STEP * 2 + assume_words(row.assumption)
        yield from self._taken_out(table)
        yield None, "}"

    def _code(self, row: ListedCode) -> str:
        """A row of the code table, with what the library says of the code."""
        needs = f" needs {' or '.join(needed.code for needed in row.needs)}" if row.needs else ""
        codes = Codes(self.program, self.on, self.known_on)
        entries = codes.entries(row.code)
        entry = codes.entry(row.code)
        if entry is None:
            when = " and ".join(validity(e.validity.start, e.validity.end) for e in entries)
            return f"{row.code}{needs}" + (f"  # not valid on this day, but {when}" if when else "")
        said: list[str] = [entry.label] if entry.label else []
        if entry.per:
            said.append(f"per {plain(entry.per[0])} {entry.per[1]}")
        if entry.validity.start or entry.validity.end:
            said.append(
                validity(entry.validity.start, entry.validity.end) + successors(codes.successors(entry))
            )
        return f"{row.code}{needs}" + (f"  # {', '.join(said)}" if said else "")

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
