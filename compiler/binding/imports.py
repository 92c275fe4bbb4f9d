"""Packages that rest on others: every import is used, and no name means two things."""

from __future__ import annotations

from compiler import errors
from compiler.binding.scope import Scope, Unit
from compiler.model import Assumption
from dsl.diagnostics import Report
from dsl.source import Span

_PROCEDURES = frozenset({"cpt", "hcpcs", "procedure"})


def imports(scope: Scope) -> None:
    """Every import of a package is used, and has a last word of its own where names are said with it."""
    report = scope.report
    units = {unit.package: unit for unit in scope.unit.imports}
    spoken = scope.used | (_PROCEDURES if scope.used & _PROCEDURES else set())
    short: dict[str, Span] = {}
    seen: set[str] = set()
    for imported in scope.unit.file.imports:
        name, span = imported.path.text, imported.path.span
        unit = units.get(name)
        if unit is None or name in seen:
            continue
        seen.add(name)
        alias = name.rpartition(".")[2]
        if (unit.concepts or unit.definitions) and short.setdefault(alias, span) is not span:
            why = f"`{alias}.x` could mean either: rename one of the files"
            report.add(errors.duplicate_name("imported package", alias, span, short[alias], why))
        systems = {entry.system for other in unit.closure() for entry in other.codes}
        if name not in scope.used and not systems & spoken:
            silent = not any(other.facts or other.codes or other.evidence for other in unit.closure())
            report.add(errors.unused_import(span, name, silent))


def one_meaning(unit: Unit, report: Report) -> None:
    """A fact, and an assumption's name, say one thing in a package and all that it rests on."""
    facts: dict[str, Span] = {}
    assumptions: dict[str, Assumption] = {}
    for other in reversed(list(unit.closure())):
        for path, fact in other.facts.items():
            declared = facts.setdefault(path, fact.span)
            if declared != fact.span:
                report.add(errors.duplicate_name("fact", path, fact.span, declared))
        for name, assumption in other.assumptions.items():
            first = assumptions.setdefault(name, assumption)
            if first.span != assumption.span:
                report.add(errors.duplicate_assumption(name, assumption.span, first.span))
