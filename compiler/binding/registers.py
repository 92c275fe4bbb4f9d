"""Registers: dated tables outside the policy, as CSV files beside it, become definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.scope import Scope
from compiler.model import (
    BoolType,
    CodeType,
    Condition,
    Criterion,
    DayType,
    Definition,
    EnumType,
    Group,
    InForce,
    NumberType,
    Validity,
)
from dsl import syntax as s
from dsl.errors import invalid_date
from dsl.source import Source, Span
from dsl.syntax import GroupKind

FROM, UNTIL = "from", "until"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CELL = re.compile(r'(?:[ \t]*"(?P<quoted>[^"]*(?:""[^"]*)*)"[ \t]*|(?P<bare>[^,\n]*?))(?=,|\r?\n|\r?\Z)')
"""One by one, for their places: the standard reader gives texts alone."""


def registers(scope: Scope, binder: Binder) -> None:
    """The registers of a package: each holds where a row in force says all that it says of a line."""
    for item in scope.unit.file.items:
        if not isinstance(item, s.Register):
            continue
        first = scope.unit.definitions.get(item.name.text)
        if first is not None:
            scope.report.add(errors.duplicate_name("definition", item.name.text, item.name.span, first.span))
        source = scope.unit.registers.get(item.name.text)
        rows = tuple(_rows(item, source, scope, binder)) if source is not None else ()
        if source is not None and not rows:
            scope.report.add(errors.empty_body(item.file.span, f"`{source.name}`", "row"))
        either = Criterion(None, Group(GroupKind.ANY, 1, rows), span=item.name.span)
        scope.unit.definitions[item.name.text] = Definition(item.name.text, (either,), span=item.name.span)


def _rows(item: s.Register, source: Source, scope: Scope, binder: Binder) -> Iterator[Criterion]:
    columns = {column.name.text: column for column in item.columns}
    read = lines(source)
    header_span, named = next(read, (Span(source, 0, 0), []))
    header = [cell.text for cell in named]
    for name in header:
        if name not in columns and name not in (FROM, UNTIL):
            scope.report.add(errors.unknown_name("column", name, header_span, [*columns, FROM, UNTIL]))
    for name in sorted({name for name in header if header.count(name) > 1}):
        scope.report.add(errors.duplicate_name("column", name, header_span, header_span))
    for name, column in columns.items():
        if name not in header:
            scope.report.add(errors.unknown_name("column", name, column.name.span, header))
    if set(columns) - set(header) or set(header) - set(columns) - {FROM, UNTIL}:
        return
    for span, cells in read:
        broken = [cell for cell in cells if cell.text.startswith('"') and not cell.quoted]
        for cell in broken:
            what = "this cell begins with a quote, and does not end with it"
            hint = 'the closing `"` is the last of the cell; a quote inside is `""`'
            scope.report.add(errors.type_mismatch(cell.span, what, hint))
        if broken:
            continue
        if len(cells) != len(header):
            what = f"this row has {len(cells)} cells, and the header {len(header)}"
            scope.report.add(errors.type_mismatch(span, what, "one cell a column; an empty one asks nothing"))
            continue
        told = dict(zip(header, (cell.text for cell in cells), strict=True))
        when = Validity(*(_day(told.get(end, ""), span, scope) for end in (FROM, UNTIL)))
        if when.start is not None and when.end is not None and when.end <= when.start:
            scope.report.add(errors.empty_range(span, "not after its first day"))
        asked = [
            Criterion(None, condition, span=span)
            for name, column in columns.items()
            if told[name] and (condition := _asked(column.fact, told[name], span, scope, binder)) is not None
        ]
        yield Criterion(None, InForce(when, tuple(asked)), span=span)


class Cell(NamedTuple):
    """What a cell says, its place, with the quotes around it, and whether it has such."""

    text: str
    span: Span
    quoted: bool


def lines(source: Source) -> Iterator[tuple[Span, list[Cell]]]:
    """The rows of a CSV file that say something, with their places; a cell in quotes may hold line breaks."""
    text, at = source.text, 0
    while at < len(text):
        cells = list(_cells(source, at))
        end = cells[-1].span.end
        if any(cell.text for cell in cells):
            yield Span(source, at, end), cells
        following = text.find("\n", end)
        at = following + 1 if following >= 0 else len(text)


def _cells(source: Source, at: int) -> Iterator[Cell]:
    """The cells of the line that begins at a place."""
    more = True
    while more:
        found = _CELL.match(source.text, at)
        assert found is not None
        quoted = found["quoted"] is not None
        said = found["quoted"].replace('""', '"') if quoted else found["bare"]
        yield Cell(said.strip(), Span(source, at, found.end()), quoted)
        at = found.end() + 1
        more = source.text[found.end() : at] == ","


def _day(text: str, span: Span, scope: Scope) -> date | None:
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # no day of the calendar: complained about like any other text
    scope.report.add(invalid_date(span))
    return None


def _asked(fact: s.Path, cell: str, span: Span, scope: Scope, binder: Binder) -> Condition | None:
    """What a cell asks of its fact."""
    kind = binder.subject(fact, {})
    node: s.Path | s.Pattern | s.Text
    match kind:
        case EnumType() | BoolType():
            node = s.Path((s.Name(cell, span=span),), span=span)
        case CodeType() | NumberType():
            node = s.Pattern(
                s.Literal(cell, span=Span(Source(span.source.name, cell), 0, len(cell))), None, span=span
            )
        case DayType():
            day = _day(cell, span, scope)
            if day is None:
                return None
            return binder.condition(s.Comparison(fact, "==", s.Day(day, span=span), span=span), {})
        case None:
            return None
        case _:
            node = s.Text(cell, span=span)
    return binder.condition(s.Membership(fact, s.Set((node,), span=span), span=span), {})
