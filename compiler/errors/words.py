"""How the functions of this folder make their diagnostics."""

from __future__ import annotations

from compiler.model import RevisionId
from dsl.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from dsl.source import Span


def diagnostic(
    severity: Severity,
    code: str,
    message: str,
    span: Span,
    label: str,
    *more: Label,
    hints: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """A complaint, its own place first."""
    return Diagnostic(code, severity, message, (Label(span, label), *more), hints, fixes)


def error(
    code: str,
    message: str,
    span: Span,
    label: str,
    *more: Label,
    hints: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """A complaint that stops the work."""
    return diagnostic(Severity.ERROR, code, message, span, label, *more, hints=hints, fixes=fixes)


def warning(
    code: str,
    message: str,
    span: Span,
    label: str,
    *more: Label,
    hints: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """A complaint that wants a look."""
    return diagnostic(Severity.WARNING, code, message, span, label, *more, hints=hints, fixes=fixes)


def another(span: Span, name: str | None) -> tuple[Fix, ...]:
    """The fix that puts a name in the place of what stands there, if there is one to offer."""
    return (Fix(f"write `{name}`", (Edit(span, name),)),) if name is not None else ()


def shown(revision: RevisionId) -> str:
    """A revision as people name it."""
    if revision.posted == revision.effective:
        return str(revision.effective)
    return f"{revision.effective} (posted {revision.posted})"
