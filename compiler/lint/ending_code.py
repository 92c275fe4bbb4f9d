"""A code that ends is not named without its successors. Of the codes that a table lists `check` tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compiler import errors
from compiler.binding.scope import procedures
from compiler.history.standing import StandingText
from compiler.model import CodeEntry, CodeIn, Criterion, asked_of, inside
from compiler.program import Program
from compiler.runtime.codes import Interval, contains, system, union
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax.walk import inside as nodes


class Named(NamedTuple):
    """A single code that is named somewhere within a span, with all codes named beside it."""

    code: str
    system: str
    beside: Sequence[Interval]
    within: Span


def ending_code(program: Program, report: Report) -> None:
    """What the last revision leaves standing names no code that ends without its successors, and none that
    ends after that revision.
    """
    day = program.consolidated.effective_days[-1]
    text = program.consolidated.at(day, None)
    for named in _named(program, text) if text is not None else ():
        last = _last(program, named)
        over = last.validity.end if last is not None else None
        if last is None or over is None:
            continue
        missing = [code for code in last.replaced_by if not contains(union(list(named.beside)), code)]
        if missing or (not last.replaced_by and over > day):
            span, listed = _place(program, named, last.shown)
            shown = [system(named.system).shown(code) for code in missing]
            report.add(errors.ending_code(last.shown, span, over, shown, listed))


def _last(program: Program, named: Named) -> CodeEntry | None:
    """The row of a code that is valid longest."""
    rows = [
        entry
        for entry in program.lowering.entries
        if procedures(entry.system) == procedures(named.system) and contains((entry.codes,), named.code)
    ]
    endless = [row for row in rows if row.validity.end is None]
    return endless[0] if endless else max(rows, key=lambda row: str(row.validity.end), default=None)


def _named(program: Program, text: StandingText) -> Iterator[Named]:
    """The codes that a text names outside of its code table's own list."""
    for row in text.table.rows if text.table is not None else ():
        for primary in row.needs:
            beside = [_single(other.code) for other in row.needs]
            yield Named(primary.code, "procedure", beside, primary.span)
    criteria = [c for stands in text.definitions for c in stands.criteria]
    for section in text.sections:
        criteria += [c for r in section.rules for body in (r.criteria, *r.exceptions) for c in body]
        for limit in section.limits:
            beside = [_single(other) for other in limit.codes]
            for code in limit.codes:
                yield Named(code, "procedure", beside, limit.span)
    for criterion in criteria:
        yield from _asked(criterion)
    for concept in program.lowering.concepts.values():
        for entries in (concept.entries, concept.excepted):
            beside = [entry.codes for entry in entries if entry.codes is not None]
            for entry in entries:
                if entry.codes is not None and _is_single(entry.codes) and entry.validity.end is None:
                    yield Named(entry.codes[0], concept.system, beside, entry.span)


def _asked(criterion: Criterion) -> Iterator[Named]:
    match asked_of(criterion.condition):
        case CodeIn(system=system, codes=codes):
            for interval in codes:
                if _is_single(interval):
                    yield Named(interval[0], system, codes, criterion.span)
        case _:
            pass
    for inner in inside(criterion.condition):
        yield from _asked(inner)


def _single(code: str) -> Interval:
    return code, code + "\0"


def _is_single(interval: Interval) -> bool:
    return interval == _single(interval[0])


def _place(program: Program, named: Named, shown: str) -> tuple[Span, bool]:
    """Where a code stands within a stretch of a file, and whether others can be listed beside it."""
    files = (unit.file for unit in program.consolidated.policy.unit.closure())
    items = next(file.items for file in files if file.source == named.within.source)
    listed = {
        pattern.low.span
        for kind in (s.Set, s.Concept)
        for around in nodes(items, kind)
        for pattern in nodes(around, s.Pattern)
    }
    for literal in nodes(items, s.Literal):
        inside_it = named.within.start <= literal.span.start and literal.span.end <= named.within.end
        if inside_it and literal.text == shown:
            return literal.span, literal.span in listed
    return named.within, False
