"""Ink: diagnostics as text for people, and as JSON for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span
from policyc.words.render import counted, printable

MOST_DRAWN = 50
_WIDTH = 100
_BEFORE = 40
_LONGEST_MESSAGE = 500


def drawn(diagnostics: Sequence[Diagnostic]) -> str:
    """Diagnostics with the source lines that they speak of; of each severity the first ones."""
    parts: list[str] = []
    seen: dict[str, int] = {}
    for diagnostic in diagnostics:
        seen[diagnostic.severity] = seen.get(diagnostic.severity, 0) + 1
        if seen[diagnostic.severity] <= MOST_DRAWN:
            parts.append(_diagnostic(diagnostic))
    left = [counted(n - MOST_DRAWN, f"more {severity}") for severity, n in seen.items() if n > MOST_DRAWN]
    return "\n\n".join(parts + ([f"and {', '.join(left)}, not shown"] if left else []))


def _diagnostic(diagnostic: Diagnostic) -> str:
    message = printable(diagnostic.message, _LONGEST_MESSAGE)
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {message}"]
    width = max(len(str(_line_of(label))) for label in diagnostic.labels)
    for source, labels in groupby(diagnostic.labels, lambda label: label.span.source.name):
        group = list(labels)
        lines.append(
            f"{' ' * width}--> {printable(str(group[0].span) if group[0].span.source.text else source)}"
        )
        for label in group:
            lines += _label(label, width)
    lines += [f"{' ' * width} hint: {printable(hint)}" for hint in diagnostic.hints]
    return "\n".join(lines)


def _line_of(label: Label) -> int:
    return label.span.source.position(label.span.start)[0]


def _label(label: Label, width: int) -> Iterator[str]:
    """The source line of a label, and its place and words beneath."""
    span, words = label.span, printable(label.text, _LONGEST_MESSAGE)
    if not span.source.text:
        if words:
            yield f"{' ' * width} = {words}"
        return
    number, column = span.source.position(span.start)
    text = span.source.line_text(number)
    start = min(column - 1, len(text))
    end = min(start + span.end - span.start, len(text))
    left = 0 if len(text) <= _WIDTH else max(0, min(start - _BEFORE, len(text) - _WIDTH))
    right = min(left + _WIDTH, len(text))
    end = min(end, right)
    before, marked, after = (_shown(text[a:b]) for a, b in ((left, start), (start, end), (end, right)))
    dots = "…" if left else "", "…" if right < len(text) else ""
    yield f"{number:>{width}} | {dots[0]}{before}{marked}{after}{dots[1]}".rstrip()
    carets = "^" * max(1, _columns(marked))
    yield f"{' ' * width} | {' ' * (len(dots[0]) + _columns(before))}{carets} {words}".rstrip()


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian letters two, combining marks none."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic for programs; `end_line` and `end_column` point behind the last character."""
    first, *others = diagnostic.labels
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(first.span),
        "label": first.text,
        "related": [{**_place(label.span), "label": label.text} for label in others],
        "hints": list(diagnostic.hints),
    }


def _place(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
