"""Every name gets its meaning."""

from __future__ import annotations

from itertools import pairwise
from typing import assert_never

from attrs import frozen

from compiler import errors
from compiler.binding import amendments as a
from compiler.binding import declared, libraries
from compiler.binding.bind import Binder
from compiler.binding.concepts import concepts
from compiler.binding.elements import Elements, element_types, free
from compiler.binding.imports import imports, one_meaning
from compiler.binding.library import Library
from compiler.binding.listed_code import listed_code
from compiler.binding.once import once
from compiler.binding.promises import promises
from compiler.binding.reasons import reasons
from compiler.binding.registers import registers
from compiler.binding.scope import Scope, Unit, citation, governing
from compiler.binding.sections import section
from compiler.binding.uncounted import uncounted
from compiler.model import (
    Assumption,
    Citation,
    CodeTable,
    Criterion,
    DayType,
    ListedCode,
    ListedName,
    Located,
    Override,
    Primary,
    Promise,
    RevisionId,
)
from dsl import syntax as s
from dsl.diagnostics import Report

MOST_REVISIONS = 250


@frozen
class PolicyText(Located):
    """A policy with its revision history, every name bound."""

    unit: Unit
    title: str
    payer: str
    document: str | None
    edition: Citation | None
    governed_by: str
    subject_to: tuple[str, ...]
    revisions: tuple[a.Revision, ...]
    renamed_from: str | None = None
    applies: tuple[Criterion, ...] = ()
    promises: tuple[Promise, ...] = ()


@frozen
class Resolved:
    """Packages by name with all names bound, and the policies among them."""

    units: dict[str, Unit]
    policies: tuple[PolicyText, ...]

    def unchanged(self, file: s.File, imports: tuple[Unit, ...]) -> Unit | None:
        """The package of a file that rests on just these, if it is here."""
        unit = self.units.get(file.package.path.text)
        same = (
            unit is not None and unit.file is file and list(map(id, unit.imports)) == list(map(id, imports))
        )
        return unit if same else None


def resolve(library: Library, report: Report, known: Resolved | None = None) -> Resolved:
    """Bind every name of every package; packages before those that import them. Those that stand in `known`
    just so, with all that they rest on, are taken from there without complaint.
    """
    units: dict[str, Unit] = {}
    policies: list[PolicyText] = []

    def enter(name: str) -> Unit | None:
        if name in units or name not in library.files:
            return units.get(name)
        file = library.files[name]
        imports = tuple(u for i in file.imports if (u := enter(i.path.text)) is not None)
        before = known.unchanged(file, imports) if known is not None else None
        if known is not None and before is not None:
            policies.extend(policy for policy in known.policies if policy.unit is before)
            return units.setdefault(name, before)
        unit = units[name] = Unit(name, file, imports)
        unit.registers |= {of: src for (package, of), src in library.registers.items() if package == name}
        policy = _unit(unit, report)
        if policy is not None:
            policies.append(policy)
        return unit

    for name in sorted(library.files):
        enter(name)
    for unit in units.values():
        one_meaning(unit, report)
    return Resolved(units, tuple(policies))


def _unit(unit: Unit, report: Report) -> PolicyText | None:
    file = unit.file
    revisions = [item for item in file.items if isinstance(item, s.Revision)]
    own = [item for item in file.items if isinstance(item, s.Definition | s.Register)]
    own += [m for r in revisions for m in r.amendments if isinstance(m, s.Definition)]
    scope = Scope(unit, report, frozenset(definition.name.text for definition in own))
    policy = next((item for item in file.items if isinstance(item, s.Policy)), None)
    once(file, report)
    binder = Binder(scope, governing(file))
    declared.scales(scope)
    declared.records(scope)
    declared.values(scope)
    declared.versions(tuple(revisions), scope, binder)
    libraries.facts(scope)
    libraries.codes(scope)
    concepts(scope)
    libraries.evidence(scope)
    declared.qualities((item for item in own if isinstance(item, s.Definition)), scope, binder)
    declared.variants(scope, binder)
    libraries.definitions(scope, binder)
    registers(scope, binder)
    if policy is None:
        for revision in revisions:
            report.add(errors.incomplete_policy(revision.effective.span, 'policy "title" { ... }'))
        text = None
    else:
        text = _policy(policy, tuple(revisions), scope, binder)
    imports(scope)
    if not report.has_errors:
        uncounted(unit, report)
    return text


def _policy(policy: s.Policy, revisions: tuple[s.Revision, ...], scope: Scope, binder: Binder) -> PolicyText:
    report = scope.report
    payer: str | None = None
    document: s.SourceDocument | None = None
    governed = governing(scope.unit.file)
    subject_to: list[str] = []
    renamed: str | None = None
    applies: tuple[Criterion, ...] = ()
    for line in policy.lines:
        match line:
            case s.Payer():
                payer = line.name.value
            case s.SourceDocument():
                document = line
            case s.Governed():
                fact = scope.fact(line.fact)
                if fact is not None and not isinstance(fact.type, DayType):
                    report.add(
                        errors.type_mismatch(
                            line.fact.span, f"`{governed}` is no date", "a policy is governed by one"
                        )
                    )
                entries = [entry for unit in scope.unit.closure() for entry in unit.codes]
                if any(path == governed for entry in entries for path, _ in entry.gives):
                    what, why = f"`{governed}` is given by a code", "the date that governs is only stated"
                    report.add(errors.type_mismatch(line.fact.span, what, why))
            case s.RenamedFrom():
                renamed = line.path.text
            case s.Applies():
                applies = binder.body(line.body, "`applies`")
            case s.Subject():
                subject_to.append(line.name.text)
            case s.OutOfScope():
                pass  # it speaks of the document, and of no claim
            case _:
                assert_never(line)
    if payer is None:
        report.add(errors.incomplete_policy(policy.title.span, "payer"))
    if not revisions:
        report.add(errors.incomplete_policy(policy.title.span, "revision"))
    if len(revisions) > MOST_REVISIONS:
        report.add(errors.too_many_revisions(revisions[MOST_REVISIONS].effective.span, MOST_REVISIONS))
        revisions = revisions[:MOST_REVISIONS]
    edition = None
    if document is not None and document.edition is not None:
        edition = Citation("", document.edition.value, False, span=document.span)
    elements = element_types(scope)
    bound = tuple(_revision(revision, revisions, scope, binder, elements) for revision in revisions)
    for before, after in pairwise(bound):
        if after.id <= before.id:
            report.add(errors.revision_out_of_order(after.span, after.id, before.span))
    return PolicyText(
        scope.unit,
        policy.title.value,
        payer or "",
        document.name.value if document else None,
        edition,
        governed,
        tuple(subject_to),
        bound,
        renamed,
        applies,
        promises(scope, binder),
        span=policy.title.span,
    )


def _id(revision: s.Revision) -> RevisionId:
    posted = revision.posted or revision.effective
    return RevisionId(revision.effective.value, posted.value)


def _revision(
    revision: s.Revision,
    all_of_them: tuple[s.Revision, ...],
    scope: Scope,
    binder: Binder,
    elements: Elements,
) -> a.Revision:
    superseded: list[tuple[RevisionId, Located]] = []
    for named in revision.supersedes:
        fits = [
            _id(r)
            for r in all_of_them
            if r.effective.value == named.effective.value
            and (named.posted is None or _id(r).posted == named.posted.value)
        ]
        if len(fits) == 1 and fits[0] != _id(revision):
            superseded.append((fits[0], Located(span=named.span)))
        else:
            scope.report.add(errors.unknown_revision(named.span, named.effective.value))
    amended = [
        bound
        for amendment in revision.amendments
        if (bound := _amendment(amendment, scope, binder, elements)) is not None
    ]
    return a.Revision(
        _id(revision),
        revision.title.value,
        citation(revision.cites),
        tuple(superseded),
        tuple(amended),
        wording_only=revision.wording_only.span if revision.wording_only is not None else None,
        span=revision.effective.span,
    )


def _amendment(
    amendment: s.Amendment, scope: Scope, binder: Binder, elements: Elements
) -> a.Amendment | None:
    span = amendment.span
    match amendment:
        case s.Section():
            return a.PutSection(section(amendment, scope, binder), False, span=amendment.name.span)
        case s.ReplaceSection():
            return a.PutSection(
                section(amendment.section, scope, binder), True, span=amendment.section.name.span
            )
        case s.RemoveSection():
            return a.RemoveSection(amendment.section.text, span=amendment.section.span)
        case s.NamesMore():
            names = tuple(ListedName(name.text, span=name.span) for name in amendment.names)
            cited = citation(amendment.cites)
            return a.AddNames(amendment.section.text, names, cited, span=amendment.section.span)
        case s.SectionReasons():
            named = reasons(amendment.reasons, scope)
            return a.PutReasons(amendment.section.text, named, span=amendment.section.span) if named else None
        case s.CodeTable():
            return a.PutTable(_table(amendment, scope), False, span=span)
        case s.ReplaceTable():
            return a.PutTable(_table(amendment.table, scope), True, span=span)
        case s.AddCodes():
            if not amendment.rows:
                scope.report.add(errors.empty_body(span, "this addition", "code"))
            return a.PutCodes((), _rows(amendment.rows, scope), span=span)
        case s.RemoveCode():
            removed = tuple(c for x in amendment.codes if (c := listed_code(x, scope)) is not None)
            return a.PutCodes(removed, (), span=amendment.codes[0].span)
        case s.ReplaceCode():
            old = listed_code(amendment.code, scope)
            rows = tuple(s.TableRow(code, (), span=code.span) for code in amendment.successors)
            return a.PutCodes((old,) if old else (), _rows(rows, scope), span=amendment.code.span)
        case s.Definition():
            return a.PutDefinition(binder.definition(amendment), span=amendment.name.span)
        case s.ReplaceElement():
            criteria = binder.body(amendment.body, f"`{amendment.path.text}`", free(elements, amendment.body))
            return a.ReplaceElement(_path(amendment.path), criteria, span=amendment.path.span)
        case s.ReplaceValue():
            name = amendment.declared.name
            known = scope.unit.versions.get(name.text, [])
            if amendment.declared not in known:
                return None
            return a.PutVersion(name.text, known.index(amendment.declared) + 1, span=name.span)
        case s.AddTo():
            criteria = binder.body(amendment.body, "this addition", free(elements, amendment.body))
            return a.AddTo(_path(amendment.path), criteria, span=amendment.path.span)
        case s.RemoveElement():
            return a.RemoveElement(_path(amendment.path), span=amendment.path.span)
        case s.Overrides():
            override = Override(amendment.winner.text, amendment.loser.text, span=span)
            return a.PutOverride(override, False, span=span)
        case s.RemoveOverrides():
            override = Override(amendment.winner.text, amendment.loser.text, span=span)
            return a.PutOverride(override, True, span=span)
        case s.Assumption():
            assumption = scope.assumption(amendment.assume)
            return a.PutAssumption(assumption, span=span) if assumption else None
        case s.RemoveAssumption():
            return a.RemoveAssumption(amendment.name.text, span=amendment.name.span)
        case s.Retire():
            return a.Retire(amendment.reason.value, span=span)
    assert_never(amendment)


def _path(path: s.ElementPath) -> tuple[str, ...]:
    return tuple(part.text for part in path.parts)


def _rows(rows: tuple[s.TableRow, ...], scope: Scope) -> tuple[ListedCode, ...]:
    listed: list[ListedCode] = []
    for row in rows:
        code = listed_code(row.code, scope)
        needs: list[Primary] = []
        acknowledged: str | None = None
        assumption: Assumption | None = None
        for clause in row.clauses:
            match clause:
                case s.Needs():
                    for alternative in clause.alternatives:
                        primary = listed_code(alternative.code, scope)
                        why = scope.assumption(alternative.assume)
                        if primary is not None and primary == code:
                            scope.report.add(errors.recursion(primary, alternative.code.span))
                        if primary is not None:
                            needs.append(Primary(primary, why, span=alternative.span))
                case s.Acknowledged():
                    acknowledged = clause.reason.value
                case s.Assume():
                    assumption = scope.assumption(clause)
                case _:
                    assert_never(clause)
        if code is None:
            continue
        first = next((other for other in listed if other.code == code), None)
        if first is not None:
            scope.report.add(errors.duplicate_name("code", code, row.code.span, first.span))
        listed.append(ListedCode(code, tuple(needs), acknowledged, assumption, span=row.code.span))
    return tuple(listed)


def _table(table: s.CodeTable, scope: Scope) -> CodeTable:
    if table.stating and not table.open:
        scope.report.add(errors.stating_without_open(table.stating[0].span))
    if not table.rows:
        scope.report.add(errors.empty_body(table.span, "the code table", "code"))
    stating = tuple(fact.path for path in table.stating if (fact := scope.fact(path)) is not None)
    return CodeTable(table.open, stating, citation(table.cites), _rows(table.rows, scope), span=table.span)
