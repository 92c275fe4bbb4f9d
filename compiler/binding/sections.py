"""Sections get their meaning: their rules, tables and limits."""

from __future__ import annotations

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.limits import limit as bound_limit
from compiler.binding.reasons import reasons
from compiler.binding.scope import Scope, citation
from compiler.binding.tables import table_rules
from compiler.model import DETERMINATIONS, Criterion, Group, ListedName, Rule, Section
from compiler.runtime.limits import ALLOWED
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax import GroupKind


def section(section: s.Section, scope: Scope, binder: Binder) -> Section:
    """A section with its rules, tables and limits, every name bound."""
    named = section.body.names
    concept = scope.concept(named.concept) if named else None
    names: tuple[ListedName, ...] = ()
    if named is not None:
        names = tuple(ListedName(name.text, span=name.span) for name in named.names)
        for name in named.names if concept else ():
            check_name(name.text, name.span, concept.members if concept else (), scope.report)
    if not section.body.rules and not section.body.tables:
        scope.report.add(errors.empty_body(section.name.span, f"section `{section.name.text}`"))
    rules = [_rule(rule, scope, binder) for rule in section.body.rules]
    for table in section.body.tables:
        for row in table.rows:
            _determination(row.determination, scope)
        rules += table_rules(table, scope, binder)
    for limit in section.body.limits:
        _determination(limit.determination, scope)
        if not any(rule.determination == ALLOWED for rule in rules):
            what = f"section `{section.name.text}` makes nothing {ALLOWED}"
            scope.report.add(errors.type_mismatch(limit.span, what, "a limit is one of what is allowed"))
    limits = [bound for written in section.body.limits if (bound := bound_limit(written, scope)) is not None]
    return Section(
        section.name.text,
        section.title.value,
        citation(section.cites),
        scope.behind(section.cites, section.assume),
        concept.id if concept else None,
        named.open if named else False,
        names,
        tuple(rules),
        tuple(limits),
        reasons=reasons(section.body.reasons, scope),
        span=section.name.span,
    )


def check_name(name: str, span: Span, members: tuple[str, ...], report: Report) -> None:
    """A name that a section lists is a member of its concept."""
    if name not in members:
        report.add(errors.unknown_name("member", name, span, members))


def _rule(rule: s.Rule, scope: Scope, binder: Binder) -> Rule:
    determination = rule.determination
    _determination(determination, scope)
    criteria = binder.body(rule.body, f"`{determination.text}`") if rule.body is not None else ()
    exceptions = tuple(_exception(exception, binder) for exception in rule.exceptions)
    asked, of = (text.value if text is not None else None for text in (rule.question, rule.addressee))
    return Rule(
        determination.text,
        criteria,
        exceptions,
        rule.otherwise,
        asked,
        of,
        citation=citation(rule.cites),
        assumptions=scope.behind(rule.cites, rule.assume),
        reasons=reasons(rule.reasons, scope),
        span=determination.span,
    )


def _determination(name: s.Name, scope: Scope) -> None:
    if name.text not in DETERMINATIONS:
        scope.report.add(errors.unknown_determination(name.text, name.span, DETERMINATIONS))


def _exception(exception: s.Except, binder: Binder) -> tuple[Criterion, ...]:
    """An exception holds unless its own exception does."""
    criteria = binder.body(exception.body, "this exception")
    if exception.unless is None:
        return criteria
    unless = Group(GroupKind.ALL, 1, binder.body(exception.unless, "this exception"))
    span = exception.unless.span
    inner = Criterion(None, unless, span=span)
    return (*criteria, Criterion(None, Group(GroupKind.NONE, 1, (inner,)), span=span))
