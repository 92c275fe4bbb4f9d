"""Which bracket closes which, and where a file's declarations begin."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise

from attrs import frozen

from dsl import errors
from dsl.diagnostics import Report
from dsl.scan import Scanned
from dsl.source import Source, Span

MOST_NESTED = 30
_CLOSES = {"}": "{", ")": "("}
_DECLARATION = re.compile(
    r"^[ \t]*(?:(?:policy|facts|record|scale|judgement|evidence|variant|parameter|codes|concept|revision)\b"
    r"|claim\s+\"|[a-z_][a-z0-9_]*\s+if\b|[a-z_][a-z0-9_]*\s*:=)",
    re.MULTILINE,
)


@frozen
class Outline:
    """The pairs of brackets by the place of the opening one, and the places where declarations begin."""

    pairs: dict[int, int]
    starts: tuple[int, ...]


def outline(source: Source, scanned: Scanned, report: Report) -> Outline | None:
    """Where everything begins and ends, or None where a file is nested too deeply to say."""
    text = scanned.text
    pairs, wrong = _pairs(text, scanned.brackets)
    if pairs is None:
        at = wrong[0]
        report.add(errors.nested_too_deeply(Span(source, at, at + 1)))
        return None
    words = [match.end() - len(match[0].lstrip()) for match in _DECLARATION.finditer(text)]
    if not wrong:
        return Outline(pairs, tuple(_outside(words, pairs)))
    # A bracket is missing: what begins a line at its very left begins a declaration all the same.
    starts = [at for at in words if at == 0 or text[at - 1] == "\n"]
    edges = [0, *starts, len(text)]
    for start, end in pairwise(edges):
        brackets = scanned.brackets[bisect_left(scanned.brackets, start) : bisect_left(scanned.brackets, end)]
        if _pairs(text, brackets)[1]:
            _tell(source, text, brackets, end, report)
            scanned.told.append((start, end))
    if not any(scanned.was_told(at, at + 1) for at in wrong):
        _tell(source, text, scanned.brackets, len(text), report)
        scanned.told.append((0, len(text)))
    return Outline(pairs, tuple(starts))


def _pairs(text: str, brackets: list[int]) -> tuple[dict[int, int] | None, list[int]]:
    """The pairs, and the brackets without a partner; no pairs where too many are open at once."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    wrong: list[int] = []
    for at in brackets:
        if text[at] in "{(":
            opened.append(at)
            if len(opened) > MOST_NESTED:
                return None, [at]
        elif opened and text[opened[-1]] == _CLOSES[text[at]]:
            pairs[opened.pop()] = at
        else:
            wrong.append(at)
    return pairs, sorted([*wrong, *opened])


def _tell(source: Source, text: str, brackets: list[int], end: int, report: Report) -> None:
    """Complain about the first bracket that has no partner, by the layout where it helps."""
    opened: list[int] = []
    for at in brackets:
        if text[at] in "{(":
            opened.append(at)
            continue
        leads = _indent(text, at) == at - (text.rfind("\n", 0, at) + 1)
        if not opened:
            report.add(errors.unopened_brace(Span(source, at, at + 1)))
            return
        last = opened[-1]
        further_left = leads and _indent(text, at) < _indent(text, last)
        if text[last] != _CLOSES[text[at]] or further_left:
            report.add(errors.unclosed_brace(Span(source, last, last + 1), Span(source, at, at + 1)))
            return
        opened.pop()
    if opened:
        last = opened[-1]
        until = len(text[:end].rstrip())
        report.add(errors.unclosed_brace(Span(source, last, last + 1), Span(source, until, until)))


def _indent(text: str, at: int) -> int:
    """The columns of blank space before the first word of a place's line."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start : at + 1]
    return len(line) - len(line.lstrip(" \t"))


def _outside(words: list[int], pairs: dict[int, int]) -> list[int]:
    """The words that stand in no bracket."""
    found: list[int] = []
    covered = -1
    spans = iter(sorted(pairs.items()))
    pair = next(spans, None)
    for at in words:
        while pair is not None and pair[0] < at:
            covered = max(covered, pair[1])
            pair = next(spans, None)
        if at > covered:
            found.append(at)
    return found
