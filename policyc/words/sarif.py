"""Diagnostics as SARIF 2.1.0, which code hosts show in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dsl.diagnostics import Diagnostic, Edit, Label
from dsl.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(said: Sequence[Diagnostic], page: Callable[[str], str]) -> dict[str, Any]:
    """The log of one run; `page` gives the help text of a code. Paths are as from the working folder."""
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in said))
    rules = [{"id": code, "help": {"text": page(code), "markdown": page(code)}} for code in codes]
    driver = {"name": "policyc", "version": version("policyc"), "rules": rules}
    results = [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in said]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    first, *others = diagnostic.labels
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": ". ".join([diagnostic.message, *diagnostic.hints])},
        "locations": [_location(first)],
    }
    if others:
        result["relatedLocations"] = [{"id": n, **_location(label)} for n, label in enumerate(others, 1)]
    if diagnostic.fixes:
        result["fixes"] = [
            {"description": {"text": fix.title}, "artifactChanges": _changes(fix.edits)}
            for fix in diagnostic.fixes
        ]
    return result


def _location(label: Label) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(label.span.source)}
    if label.span.source.text:
        physical["region"] = _region(label.span)
    return {"physicalLocation": physical, **({"message": {"text": label.text}} if label.text else {})}


def _changes(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    return [
        {
            "artifactLocation": _artifact(source),
            "replacements": [
                {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
                for edit in edits
                if edit.span.source == source
            ],
        }
        for source in dict.fromkeys(edit.span.source for edit in edits)
    ]


def _artifact(source: Source) -> dict[str, str]:
    path = Path(source.name)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix())}


def _region(span: Span) -> dict[str, int]:
    """Lines and columns from 1; the end column is behind the last character."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
