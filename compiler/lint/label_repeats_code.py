"""A code's label says what the code is, and not the code again."""

from __future__ import annotations

import re

from compiler import errors
from dsl import syntax as s
from dsl.diagnostics import Edit, Report
from dsl.source import Span
from dsl.syntax.walk import inside


def label_repeats_code(file: s.File, report: Report) -> None:
    """Every label of a file's code rows."""
    for row in inside(file.items, s.CodeRow):
        code = row.pattern.span.text
        for label in row.clauses:
            if isinstance(label, s.Text):
                words = label.value.split()
                others = [word for word in words if _plain(word) != _plain(code)]
                if len(others) < len(words):
                    kept = " ".join(others).strip(" :;,-–—")  # noqa: RUF001  (dashes of people)
                    report.add(errors.label_repeats_code(code, label.span, _without(label, kept)))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _without(label: s.Text, kept: str) -> Edit:
    """The label without the code; with what parts it from the word before (or behind, at the beginning of a
    line) where nothing is left of it.
    """
    if kept:
        quoted = kept.replace("\\", "\\\\").replace('"', '\\"')
        return Edit(label.span, f'"{quoted}"')
    source, start, end = label.span.source, label.span.start, label.span.end
    before = len(source.text[:start].rstrip(" \t"))
    if source.text[:before].endswith("\n"):
        behind = source.text[end:]
        return Edit(Span(source, start, end + len(behind) - len(behind.lstrip(" \t"))), "")
    return Edit(Span(source, before, end), "")
