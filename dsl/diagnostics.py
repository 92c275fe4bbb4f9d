"""What a stage has to say about a source: facts only, the drawing is done elsewhere."""

from __future__ import annotations

from enum import StrEnum

from attrs import Factory, define, frozen

from dsl.source import Span


class Severity(StrEnum):
    """An error stops the work; a warning wants a look; a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen
class Label:
    """A place in a source with a few words about it."""

    span: Span
    text: str = ""


@frozen
class Edit:
    """Another text in the place of a stretch of a source."""

    span: Span
    text: str


@frozen
class Fix:
    """A way out of a mistake, as edits. A safe one changes no decision, and asks nobody."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@frozen
class Diagnostic:
    """One complaint. The first label is where it is; the others are what it has to do with."""

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...]
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@define
class Report:
    """Collects what the stages complain about; every stage goes on as far as it honestly can."""

    diagnostics: list[Diagnostic] = Factory(list)
    _seen: set[Diagnostic] = Factory(set)

    def add(self, diagnostic: Diagnostic) -> None:
        """Take a diagnostic, once: the same complaint at the same place is not repeated."""
        if diagnostic not in self._seen:
            self._seen.add(diagnostic)
            self.diagnostics.append(diagnostic)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)
