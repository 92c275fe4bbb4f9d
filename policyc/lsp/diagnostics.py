"""Diagnostics: what the compiler and lint say of a file as it stands."""

from __future__ import annotations

from lsprotocol import types

from dsl.diagnostics import Diagnostic, Severity
from dsl.source import Span
from policyc.commands.explain import pages
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.places import location, range_of
from policyc.settings import SettingsError, settings_for

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def diagnostics(analysis: Analysis, desk: Desk) -> list[types.Diagnostic]:
    """What there is to say of a file; a mistake in another that it rests on stands where that is imported."""
    found = [_diagnostic(said, desk) for said in own(analysis)]
    others = [d for d in analysis.diagnostics if d.severity is Severity.ERROR and not _is_own(d, analysis)]
    first = {said.labels[0].span.source.name: said for said in reversed(others)}
    return [*found, *(_elsewhere(said, analysis, desk) for said in first.values())]


def own(analysis: Analysis) -> list[Diagnostic]:
    """What is said of the file itself, less what the project's settings turn off."""
    try:
        off = settings_for(analysis.path, frozenset(pages())).off
    except (SettingsError, OSError):
        off = frozenset()  # `policyc lint` says what is wrong with the settings
    return [
        said
        for said in analysis.diagnostics
        if _is_own(said, analysis) and (said.severity is Severity.ERROR or said.code not in off)
    ]


def _is_own(said: Diagnostic, analysis: Analysis) -> bool:
    return said.labels[0].span.source.name == analysis.path.as_posix()


def _diagnostic(said: Diagnostic, desk: Desk) -> types.Diagnostic:
    first, *others = said.labels
    hints = [f"hint: {hint}" for hint in said.hints]
    return types.Diagnostic(
        range_of(first.span, desk),
        "\n".join([said.message, *([first.text] if first.text else []), *hints]),
        _SEVERITIES[said.severity],
        said.code,
        source="policyc",
        related_information=[
            types.DiagnosticRelatedInformation(location(label.span, desk), label.text) for label in others
        ],
        tags=[types.DiagnosticTag.Unnecessary] if said.code.startswith("unused-") else None,
    )


def _elsewhere(said: Diagnostic, analysis: Analysis, desk: Desk) -> types.Diagnostic:
    """A mistake of another file, at the import that leads to it, or else at the beginning."""
    there = said.labels[0].span
    imports = analysis.file.imports if analysis.file is not None else ()
    package = next((n for n, at in analysis.library.paths.items() if at.as_posix() == there.source.name), "")
    place = next((i.path.span for i in imports if i.path.text == package), None)
    if place is None and imports:
        place = imports[0].path.span
    own_source = analysis.file.source if analysis.file is not None else there.source
    return types.Diagnostic(
        range_of(place or Span(own_source, 0, 0), desk),
        f"nothing is checked here while `{package or there.source.name}` has a mistake: {said.message}",
        types.DiagnosticSeverity.Error,
        said.code,
        source="policyc",
        related_information=[types.DiagnosticRelatedInformation(location(there, desk), said.message)],
    )
