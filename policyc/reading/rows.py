"""Claims from tables: a row a line, a column a fact; rows of one claim stand together."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby
from typing import Any, BinaryIO, TypeAlias

from attrs import frozen

from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError, is_unicode, quoted, step
from compiler.runtime.reader import BUILT_IN, FactSpec, Schema

DX = re.compile(r"dx([1-9][0-9]?)")
"""Columns with a diagnosis each."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OTHER_MARKS = {";": "`;`", "\t": "tabs", "|": "`|`"}
REQUIRED = ("claim_id", "line", "procedure", "service_date")
_STRUCTURE = {
    "claim_id": FactSpec("claim.claim_id", "text"),
    "line.line": FactSpec("line.line", "integer"),
    "contract.exclusions": FactSpec("contract.exclusions", "records"),
    "contract.riders": FactSpec("contract.riders", "records"),
}


class RowsError(Exception):
    """A table that holds no claims, and why."""


@frozen
class Column:
    """Where a column's values stand in a claim: the key of an object, of the line if `scope` is that."""

    title: str
    scope: str
    key: str
    spec: FactSpec


Cell: TypeAlias = Callable[[Any, FactSpec, str], object]
"""A cell that states something as JSON states it; its place in the claim is for a ClaimError."""


def claims_of_csv(stream: BinaryIO, schema: Schema, extra: Callable[[str], None] | None) -> Iterator[Any]:
    """The claims of a CSV file as JSON has them; a ClaimError stands in the place of each whose rows do not
    make one. A column is named by the path of its fact, that of a line's with or without `line.`; a cell
    without text states nothing. A list is JSON, or its codes with `;` between them; diagnoses may stand in
    columns `dx1`, `dx2`, ... `extra` is told of each column that names no fact, which is an error without it.

    Raises RowsError where the table is none, or the rows of a claim do not stand together.
    """
    rows: Iterator[list[Any]] = csv_rows(stream)
    titles = next(rows)
    dx = sorted((title for title in titles if DX.fullmatch(title)), key=lambda title: int(title[2:]))
    places = [titles.index(title) for title in dx]
    if dx:
        if "diagnoses" in titles:
            raise RowsError(f"both `diagnoses` and {quoted(dx[0])} state diagnoses")
        if len({*dx}) < len(dx):
            raise RowsError("two columns have one name")
        rows = _with_diagnoses(rows, len(titles), places)
    named = {place: title for place, title in enumerate(titles) if place not in places[1:]}
    named |= dict.fromkeys(places[:1], "diagnoses")
    found = columns_of([*named.values()], schema, extra)
    columns = {place: found[at] for at, place in enumerate(named) if at in found}
    yield from claims_of_rows(rows, columns, len(titles), titles.index("claim_id"), _of_csv)


def _with_diagnoses(rows: Iterable[list[Any]], width: int, places: Sequence[int]) -> Iterator[list[Any]]:
    """The rows, at the first of some places the list of what all of them state, if any does."""
    for row in rows:
        if len(row) == width:
            row[places[0]] = [row[place] for place in places if row[place]] or None
        yield row


def _of_csv(cell: Any, spec: FactSpec, at: str) -> object:
    """As `of_text`; what is not UTF-8 is told as that."""
    for each in cell if isinstance(cell, list) else [cell]:
        if not is_unicode(each):
            raise ClaimError("invalid-text", f"expected UTF-8 in {quoted(each)}", at)
    return of_text(cell, spec, at)


def claims_of_rows(
    rows: Iterable[Sequence[Any]], columns: Mapping[int, Column], width: int, at: int, cell: Cell
) -> Iterator[Any]:
    """The claims of rows as `claim_of` has them, or why they make none; a claim's id stands at a place.

    Raises RowsError where the rows of a claim do not stand together.
    """
    seen: set[int] = set()
    for claim_id, group in groupby(rows, lambda row: row[at] if at < len(row) else ""):
        # Of each claim a number is kept, lest one comes twice, and each time with some of its lines.
        if claim_id and hash(claim_id) in seen:
            raise RowsError(f"the rows of claim {quoted(claim_id)} do not stand together: sort them")
        seen.add(hash(claim_id))
        yield claim_of(claim_id, list(group), columns, width, cell)


def csv_rows(stream: BinaryIO) -> Iterator[list[str]]:
    """The rows of a CSV file that are not empty, the titles first.

    Raises RowsError where it is none.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    # Strictly, since a quotation mark out of place would make one cell of many rows.
    rows = csv.reader(text, strict=True)
    first, titles = 1, None
    try:
        for row in rows:
            if row:
                if titles is None:
                    titles = row
                    _separated(titles)
                yield row
            first = rows.line_num + 1
    except csv.Error as error:
        raise RowsError(f"the row that begins in line {first}: {error}") from None
    if titles is None:
        raise RowsError("it is empty: its first line names the columns")


def _separated(titles: Sequence[str]) -> None:
    """Raise RowsError where the first row shows how the file was saved, and how it is to be."""
    if any("\0" in title for title in titles):
        raise RowsError("expected UTF-8, not UTF-16: save it as CSV in UTF-8")
    for mark, named in _OTHER_MARKS.items():
        if len(titles) == 1 and mark in titles[0]:
            raise RowsError(f"expected columns with commas between them, not {named}")


def facts_of(schema: Schema) -> Schema:
    """What columns can state, by path."""
    return {**_STRUCTURE, **BUILT_IN, **schema}


def columns_of(
    titles: Sequence[str],
    schema: Schema,
    extra: Callable[[str], None] | None,
    required: Sequence[str] = REQUIRED,
) -> dict[int, Column]:
    """The columns that state something, by their places; those named in `required` must be there.

    Raises RowsError where one names no fact (`extra` is told instead, if given), or one is missing.
    """
    facts = facts_of(schema)
    found: dict[int, Column] = {}
    for place, title in enumerate(titles):
        spec = facts.get(title) or facts.get(f"line.{title}")
        if spec is not None:
            if any(column.spec == spec for column in found.values()):
                raise RowsError(f"two columns state {quoted(spec.path)}")
            scope, _, key = spec.path.partition(".")
            found[place] = Column(title, scope, key, spec)
        elif extra is not None:
            extra(title)
        else:
            known = [*facts, *(path.removeprefix("line.") for path in facts)]
            near = get_close_matches(title.strip().lower(), known, 1)
            hint = f"; the nearest fact is {quoted(near[0])}" if near else ""
            raise RowsError(f"the column {quoted(title)} names no fact{hint}")
    named = [column.key for column in found.values() if column.scope == "line" or column.key == "claim_id"]
    missing = [name for name in required if name not in named]
    if missing:
        raise RowsError(f"the column {quoted(missing[0])} is missing")
    return found


def claim_of(
    claim_id: str, rows: Sequence[Sequence[Any]], columns: Mapping[int, Column], width: int, cell: Cell
) -> dict[str, Any] | ClaimError:
    """The claim of some rows as JSON has it, or why they make none. An empty cell states nothing."""
    claim: dict[str, Any] = {"lines": []}
    try:
        for number, row in enumerate(rows):
            at = f"/lines/{number}"
            if len(row) != width:
                raise ClaimError("wrong-type", f"expected {width} columns, not {len(row)}", at)
            line: dict[str, Any] = {}
            for place, column in columns.items():
                if column.scope == "line":
                    if not _empty(row[place]):
                        line[column.key] = cell(row[place], column.spec, f"{at}{step(column.key)}")
                elif row[place] != rows[0][place]:
                    raise ClaimError("wrong-type", f"its rows disagree on {quoted(column.title)}", at)
            claim["lines"].append(line)
        for place, column in columns.items():
            if column.scope != "line" and not _empty(rows[0][place]):
                there = claim if column.scope == "claim" else claim.setdefault(column.scope, {})
                below = "" if column.scope == "claim" else f"/{column.scope}"
                there[column.key] = cell(rows[0][place], column.spec, f"{below}{step(column.key)}")
    except ClaimError as error:
        error.claim_id = claim_id or None
        return error
    return claim


def _empty(cell: object) -> bool:
    return cell is None or cell == ""


def of_text(cell: Any, spec: FactSpec, at: str) -> object:
    """A cell of text as JSON states the value of a fact; what is no such value is left to the reader of
    claims.
    """
    match spec.kind:
        case "boolean" if cell.casefold() in ("true", "false"):
            return cell.casefold() == "true"
        case "integer" | "decimal" if _NUMBER.fullmatch(cell):
            return int(cell) if "." not in cell and len(cell) <= 100 else Decimal(cell)
        case "codes" | "texts" if isinstance(cell, list):
            return cell
        case "codes" | "texts" | "records" if cell.lstrip().startswith("[") or spec.kind == "records":
            return of_json(cell, spec, at)
        case "codes" | "texts":
            return [each.strip() for each in cell.split(";")]
        case _:
            return cell


def of_json(cell: Any, spec: FactSpec, at: str) -> object:
    """A cell that is the JSON text of a value."""
    if isinstance(cell, list):
        return [None if each is None else of_json(each, spec, at) for each in cell]
    try:
        return decode(cell.encode(errors="surrogateescape"))
    except ClaimError as error:
        error.at = at + error.at
        raise
