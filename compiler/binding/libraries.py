"""Facts, codes, concepts and definitions of a package get their meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.gifts import gift
from compiler.binding.givers import givers
from compiler.binding.numbers import number
from compiler.binding.replacements import replacements
from compiler.binding.scope import BUILT_IN, Scope, procedures
from compiler.binding.types import fact_type
from compiler.model import (
    BoolType,
    CodeEntry,
    CodesType,
    EnumType,
    Evidence,
    FactDecl,
    FactType,
    RecordsType,
    TextsType,
    Validity,
)
from compiler.runtime.claim_values import Scalar
from compiler.runtime.codes import PROCEDURES, Interval, outermost_first
from dsl import syntax as s
from dsl.source import Span

CLAIM_KEYS = frozenset(
    {"line.line", "line.diagnoses", "claim.claim_id", "claim.lines", "claim.member", "claim.contract"}
    | {"contract.exclusions", "contract.riders"}
)
"""What the claim format says itself, beside the facts that every policy knows."""

MOST_PARTS = 100_000
MOST_STEPS = 50
ASKABLE_SCOPES = ("line", "claim", "member", "contract")


def facts(scope: Scope) -> None:
    """The facts that a package declares, judgements among them."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Facts):
            for fact in item.facts:
                kind = fact_type(fact.type, scope)
                absent = _absent(fact, kind, scope)
                assumption = scope.assumption(fact.absent.assume) if fact.absent else None
                given_by = fact.given_by.text if fact.given_by else None
                declared = FactDecl(
                    fact.path.text, kind, absent, assumption, given_by=given_by, span=fact.path.span
                )
                _declare(scope, declared, fact.path)
        elif isinstance(item, s.Judgement):
            question = item.question.value
            _declare(
                scope, FactDecl(item.path.text, BoolType(), question=question, span=item.path.span), item.path
            )
    givers(scope)


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
    first = scope.facts().get(fact.path)
    if fact.path in BUILT_IN or fact.path in CLAIM_KEYS:
        scope.report.add(errors.built_in_fact(fact.path, path.span))
    elif first is not None:
        scope.report.add(errors.duplicate_name("fact", fact.path, path.span, first.span))
    else:
        scope.unit.facts[fact.path] = fact


def _absent(fact: s.Fact, kind: FactType, scope: Scope) -> str | None:
    if fact.absent is None:
        return None
    value = fact.absent.value
    if isinstance(kind, CodesType | TextsType | RecordsType):
        if value.text != "empty":
            scope.report.add(errors.unknown_name("meaning of a list", value.text, value.span, ("empty",)))
        return "empty"
    members = kind.members if isinstance(kind, EnumType) else ("true", "false")
    if not isinstance(kind, EnumType | BoolType):
        scope.report.add(
            errors.type_mismatch(
                value.span,
                f"absence of `{fact.path.text}` cannot mean `{value.text}`",
                "only enumerations, booleans and lists say what absence means",
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
                end, span = clause.day.value, clause.span
            case s.Posted():
                posted = clause.day.value
            case _:
                pass
    if start is not None and end is not None and end <= start:
        scope.report.add(errors.empty_range(span, "not after its first day"))
    return Validity(start, end, posted)


def codes(scope: Scope) -> None:
    """The rows of the code systems that a package holds."""
    for item in scope.unit.file.items:
        if isinstance(item, s.CodeSystem):
            for row in item.rows:
                entry = _code_row(row, item.name.text, scope)
                if entry is not None:
                    scope.unit.codes.append(entry)
    _overlaps(scope)
    replacements(scope)


def _overlaps(scope: Scope) -> None:
    """On each day one row says whether a code is valid: rows are apart, in time or in codes, or nested."""
    mine = {id(entry) for entry in scope.unit.codes}
    by_codes: dict[tuple[str, Interval], list[CodeEntry]] = defaultdict(list)
    for unit in scope.unit.closure():
        for entry in unit.codes:
            key = "procedure" if entry.system in PROCEDURES else entry.system, entry.codes
            for other in by_codes[key]:
                if entry.validity.meets(other.validity):
                    later, first = (entry, other) if id(entry) in mine else (other, entry)
                    scope.report.add(errors.overlapping_validity(later.shown, later.span, first.span))
            by_codes[key].append(entry)
    for name in {name for name, _ in by_codes}:
        around: list[Interval] = []
        for codes in outermost_first(own for whose, own in by_codes if whose == name):
            while around and around[-1][1] <= codes[0]:
                around.pop()
            if around and around[-1][1] < codes[1]:
                one, other = by_codes[name, codes][0], by_codes[name, around[-1]][0]
                scope.report.add(errors.overlapping_validity(one.shown, one.span, other.span))
            around.append(codes)


def _code_row(row: s.CodeRow, name: str, scope: Scope) -> CodeEntry | None:
    interval = scope.pattern(row.pattern, name)
    label: str | None = None
    per: tuple[Decimal, str] | None = None
    gives: list[tuple[str, Scalar]] = []
    replaced: list[str] = []
    for clause in row.clauses:
        match clause:
            case s.Text():
                label = clause.value
            case s.Per():
                amount = number(clause.amount, False, scope.report)
                if amount is not None and amount > 0:
                    per = amount, clause.unit.text
                elif amount is not None:
                    message = f"`{clause.amount.text}` is no quantity"
                    scope.report.add(errors.type_mismatch(clause.amount.span, message, "a number above zero"))
            case s.Gives():
                gives += [given for g in clause.gifts if (given := gift(g, name, scope)) is not None]
            case s.Replaced():
                replaced += [code for c in clause.codes if (code := scope.code(c, name)) is not None]
            case _:
                pass
    if interval is None:
        return None
    return CodeEntry(
        name,
        interval,
        row.pattern.text,
        label,
        validity(row.clauses, scope, row.pattern.span),
        per,
        tuple(gives),
        tuple(replaced),
        span=row.pattern.span,
    )


def definitions(scope: Scope, binder: Binder) -> None:
    """The definitions of a package that are not made by a revision."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Definition):
            first = scope.unit.definitions.get(item.name.text)
            if first is not None:
                scope.report.add(
                    errors.duplicate_name(
                        "definition",
                        item.name.text,
                        item.name.span,
                        first.span,
                        "two ways to meet one definition are one definition: `any of { ... }`",
                    )
                )
                continue
            scope.unit.definitions[item.name.text] = binder.definition(item)


def evidence(scope: Scope) -> None:
    """Which facts of a line may be taken from the other lines of its day."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Evidence):
            fact = scope.fact(item.fact)
            within = scope.concept(item.within) if item.within else None
            if fact is None or (item.within is not None and within is None):
                continue
            if item.within is not None and within is not None and procedures(within.system) != "procedure":
                what = f"`{item.within.text}` holds codes of `{within.system}`"
                label = "the other line's procedure is meant, `cpt` or `hcpcs`"
                scope.report.add(errors.type_mismatch(item.within.span, what, label))
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
                fact.path,
                within.id if within else None,
                scope.one_behind(item.cites, item.assume),
                span=item.fact.span,
            )
            first = next((e for e in scope.unit.evidence if e.fact == taken.fact), None)
            if first is not None:
                scope.report.add(errors.duplicate_name("evidence", taken.fact, taken.span, first.span))
            scope.unit.evidence.append(taken)
