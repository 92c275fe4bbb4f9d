"""Facts, codes, concepts and definitions of a package get their meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from compiler import errors
from compiler.bind import Binder
from compiler.model import (
    BoolType,
    CodeEntry,
    CodesType,
    CodeType,
    ConceptDecl,
    ConceptEntry,
    DayType,
    Definition,
    EnumType,
    Evidence,
    FactDecl,
    FactType,
    Validity,
)
from compiler.scope import BUILT_IN, Scope
from dsl import syntax as s
from dsl.source import Span

ASKABLE_SCOPES = ("line", "claim", "member", "contract")


def facts(scope: Scope) -> None:
    """The facts that a package declares, judgements among them."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Facts):
            for fact in item.facts:
                kind = _type(fact.type, scope)
                absent = _absent(fact, kind, scope)
                assumption = scope.assumption(fact.absent.assume) if fact.absent else None
                _declare(
                    scope, FactDecl(fact.path.text, kind, absent, assumption, span=fact.path.span), fact.path
                )
        elif isinstance(item, s.Judgement):
            question = item.question.value
            _declare(
                scope, FactDecl(item.path.text, BoolType(), question=question, span=item.path.span), item.path
            )


def _declare(scope: Scope, fact: FactDecl, path: s.Path) -> None:
    if len(path.parts) != 2 or path.parts[0].text not in ASKABLE_SCOPES:
        scope.report.add(
            errors.type_mismatch(
                path.span,
                f"`{path.text}` is no place in a claim",
                "a fact is written `line.x`, `claim.x`, `member.x` or `contract.x`",
            )
        )
        return
    first = scope.unit.facts.get(fact.path) or scope.facts().get(fact.path)
    if first is not None:
        scope.report.add(errors.duplicate_name("fact", fact.path, path.span, first.span))
    elif fact.path in BUILT_IN:
        scope.report.add(errors.duplicate_name("fact", fact.path, path.span, path.span))
    else:
        scope.unit.facts[fact.path] = fact


def _type(kind: s.Type, scope: Scope) -> FactType:
    match kind:
        case s.Enumeration():
            seen: dict[str, Span] = {}
            aliases = []
            for member in kind.members:
                spellings = [(member.name.text, member.name.span)]
                spellings += [(alias.value, alias.span) for alias in member.aliases]
                for text, span in spellings:
                    first = seen.setdefault(text.casefold(), span)
                    if first is not span:
                        scope.report.add(errors.duplicate_name("value", text, span, first))
                aliases += [(alias.value, member.name.text) for alias in member.aliases]
            return EnumType(kind.open, tuple(m.name.text for m in kind.members), tuple(aliases))
        case s.Boolean():
            return BoolType()
        case s.DateType():
            return DayType()
        case s.CodeType():
            return CodeType(kind.system.text)
        case s.CodesType():
            return CodesType(kind.system.text)


def _absent(fact: s.Fact, kind: FactType, scope: Scope) -> str | None:
    if fact.absent is None:
        return None
    value = fact.absent.value
    members = kind.members if isinstance(kind, EnumType) else ("true", "false")
    if not isinstance(kind, EnumType | BoolType):
        scope.report.add(
            errors.type_mismatch(
                value.span,
                f"absence of `{fact.path.text}` cannot mean `{value.text}`",
                "only enumerations and booleans say what absence means",
            )
        )
    elif value.text not in members:
        scope.report.add(errors.unknown_name(f"value of `{fact.path.text}`", value.text, value.span, members))
    return value.text


def validity(clauses: Sequence[s.Node], scope: Scope, span: Span) -> Validity:
    """From, until and posted, wherever they stand among the clauses of a row."""
    start: date | None = None
    end: date | None = None
    posted: date | None = None
    for clause in clauses:
        match clause:
            case s.From():
                start = clause.day.value
            case s.Until():
                end = clause.day.value
            case s.Posted():
                posted = clause.day.value
            case _:
                pass
    if start is not None and end is not None and end <= start:
        scope.report.add(errors.empty_range(span))
    return Validity(start, end, posted)


def codes(scope: Scope) -> None:
    """The rows of the code systems that a package holds."""
    for item in scope.unit.file.items:
        if isinstance(item, s.CodeSystem):
            for row in item.rows:
                entry = _code_row(row, item.name.text, scope)
                if entry is not None:
                    scope.unit.codes.append(entry)
    by_code: dict[tuple[str, object], list[CodeEntry]] = defaultdict(list)
    for entry in scope.unit.codes:
        for other in by_code[entry.system, entry.codes]:
            a, b = entry.validity, other.validity
            late = a.start is not None and b.end is not None and b.end <= a.start
            early = b.start is not None and a.end is not None and a.end <= b.start
            if not late and not early:
                scope.report.add(errors.overlapping_validity(entry.shown, entry.span, other.span))
        by_code[entry.system, entry.codes].append(entry)


def _code_row(row: s.CodeRow, system: str, scope: Scope) -> CodeEntry | None:
    interval = scope.pattern(row.pattern, system)
    label: str | None = None
    per: tuple[Decimal, str] | None = None
    gives: list[tuple[str, str]] = []
    replaced: list[str] = []
    for clause in row.clauses:
        match clause:
            case s.Text():
                label = clause.value
            case s.Per():
                if clause.amount.text.replace(".", "", 1).isdecimal() and Decimal(clause.amount.text) > 0:
                    per = Decimal(clause.amount.text), clause.unit.text
                else:
                    scope.report.add(
                        errors.type_mismatch(
                            clause.amount.span,
                            f"`{clause.amount.text}` is no quantity",
                            "a number above zero",
                        )
                    )
            case s.Gives():
                gives += [gift for g in clause.gifts if (gift := _gift(g, scope)) is not None]
            case s.Replaced():
                replaced += [code for c in clause.codes if (code := scope.code(c, system)) is not None]
            case _:
                pass
    if interval is None:
        return None
    return CodeEntry(
        system,
        interval,
        row.pattern.span.text,
        label,
        validity(row.clauses, scope, row.pattern.span),
        per,
        tuple(gives),
        tuple(replaced),
        span=row.pattern.span,
    )


def _gift(gift: s.Gift, scope: Scope) -> tuple[str, str] | None:
    fact = scope.fact(gift.fact)
    if fact is None:
        return None
    if not fact.path.startswith("line.") or not isinstance(fact.type, EnumType | BoolType):
        scope.report.add(
            errors.type_mismatch(
                gift.fact.span, f"a code cannot give `{fact.path}`", "only named values of a line are given"
            )
        )
        return None
    members = fact.type.members if isinstance(fact.type, EnumType) else ("true", "false")
    if gift.value.text not in members:
        scope.report.add(
            errors.unknown_name(f"value of `{fact.path}`", gift.value.text, gift.value.span, members)
        )
        return None
    return fact.path, gift.value.text


def concepts(scope: Scope) -> None:
    """The concepts that a package holds; a named member is a concept too, `concept.member`."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Concept):
            label = item.label.value if item.label else None
            assumption = scope.assumption(item.assume)
            _concept(item.name, item.name.text, item.system.text, label, assumption, item.elements, scope)
    for name, concept in scope.unit.concepts.items():
        _rests_on_itself(name, concept, (), scope)


def _concept(
    name: s.Name,
    qualified: str,
    system: str,
    label: str | None,
    assumption: object,
    elements: tuple[s.ConceptElement, ...],
    scope: Scope,
) -> tuple[str, ...]:
    """Enter a concept and its members; gives the names of all members inside."""
    entries: list[ConceptEntry] = []
    members: list[str] = []
    for element in elements:
        match element:
            case s.ConceptCodes():
                interval = scope.pattern(element.pattern, system)
                when = validity(element.clauses, scope, element.span)
                if interval is not None:
                    entries.append(ConceptEntry(interval, None, when, span=element.span))
            case s.ConceptUse():
                used = scope.concept_id(element.path)
                uses = used or f"{scope.unit.package}.{element.path.text}"
                entries.append(ConceptEntry(None, uses, Validity(), span=element.path.span))
            case s.ConceptMember():
                inner = f"{qualified}.{element.name.text}"
                its_label = element.label.value if element.label else None
                its_assumption = scope.assumption(element.assume)
                members.append(element.name.text)
                members += _concept(
                    element.name, inner, system, its_label, its_assumption, element.elements, scope
                )
                entries.append(
                    ConceptEntry(None, f"{scope.unit.package}.{inner}", Validity(), span=element.span)
                )
    first = scope.unit.concepts.get(qualified)
    if first is not None:
        scope.report.add(errors.duplicate_name("concept", name.text, name.span, first.span))
    scope.unit.concepts[qualified] = ConceptDecl(
        f"{scope.unit.package}.{qualified}",
        system,
        label,
        assumption,  # type: ignore[arg-type]
        tuple(entries),
        tuple(members),
        span=name.span,
    )
    return tuple(members)


def _rests_on_itself(name: str, concept: ConceptDecl, trail: tuple[str, ...], scope: Scope) -> None:
    by_id = {c.id: c for unit in scope.unit.closure() for c in unit.concepts.values()}
    if concept.id in trail:
        scope.report.add(errors.recursion(name, concept.span))
        return
    for entry in concept.entries:
        if entry.uses is not None:
            used = by_id.get(entry.uses)
            if used is None:
                scope.report.add(
                    errors.unknown_name("concept", entry.span.text, entry.span, scope.unit.concepts)
                )
            else:
                _rests_on_itself(name, used, (*trail, concept.id), scope)


def definitions(scope: Scope, binder: Binder) -> None:
    """The definitions of a package that are not made by a revision."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Definition):
            first = scope.unit.definitions.get(item.name.text)
            if first is not None:
                scope.report.add(
                    errors.duplicate_name("definition", item.name.text, item.name.span, first.span)
                )
                continue
            criteria = binder.body(item.body, f"`{item.name.text}`")
            scope.unit.definitions[item.name.text] = Definition(item.name.text, criteria, span=item.name.span)


def evidence(scope: Scope) -> None:
    """Which facts of a line may be taken from the other lines of its day."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Evidence):
            fact = scope.fact(item.fact)
            within = scope.concept(item.within) if item.within else None
            if fact is None or (item.within is not None and within is None):
                continue
            if not fact.path.startswith("line.") or not isinstance(fact.type, EnumType | BoolType):
                scope.report.add(
                    errors.type_mismatch(
                        item.fact.span,
                        f"`{fact.path}` cannot be taken from another line",
                        "only named values of a line can",
                    )
                )
                continue
            taken = Evidence(
                fact.path, within.id if within else None, scope.assumption(item.assume), span=item.fact.span
            )
            first = next((e for e in scope.unit.evidence if e.fact == taken.fact), None)
            if first is not None:
                scope.report.add(errors.duplicate_name("evidence", taken.fact, taken.span, first.span))
            scope.unit.evidence.append(taken)
