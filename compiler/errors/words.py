"""How the functions of this folder make their diagnostics."""

from __future__ import annotations

from compiler.model import RevisionId
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.source import Span


def diagnostic(
    severity: Severity,
    code: str,
    message: str,
    span: Span,
    label: str,
    *more: Label,
    hints: tuple[str, ...] = (),
) -> Diagnostic:
    """A complaint, its own place first."""
    return Diagnostic(code, severity, message, (Label(span, label), *more), hints)


def error(
    code: str, message: str, span: Span, label: str, *more: Label, hints: tuple[str, ...] = ()
) -> Diagnostic:
    """A complaint that stops the work."""
    return diagnostic(Severity.ERROR, code, message, span, label, *more, hints=hints)


def warning(
    code: str, message: str, span: Span, label: str, *more: Label, hints: tuple[str, ...] = ()
) -> Diagnostic:
    """A complaint that wants a look."""
    return diagnostic(Severity.WARNING, code, message, span, label, *more, hints=hints)


def shown(revision: RevisionId) -> str:
    """A revision as people name it."""
    if revision.posted == revision.effective:
        return str(revision.effective)
    return f"{revision.effective} (posted {revision.posted})"
