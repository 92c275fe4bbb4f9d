"""Tables of lines from Parquet, CSV and NDJSON, as Arrow has them: a column a fact, named by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from json import dumps
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from attrs import define

from compiler.runtime.claim_values import FactSpec
from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError, is_unicode, quoted, step
from compiler.runtime.reader import Schema
from policyc.bulk.chunk import CLAIM_ID, LINE, ROW
from policyc.bulk.pieces import pieces
from policyc.bulk.values import as_it_is, filled
from policyc.reading.rows import (
    DX,
    REQUIRED,
    Cell,
    Column,
    RowsError,
    columns_of,
    csv_rows,
    facts_of,
    of_json,
    of_text,
)

Extra = Callable[[str], None] | None
_DIAGNOSES = "diagnoses"
_MOST_DX = 25
_KEYS = {"claim_id": CLAIM_ID, "line.line": LINE}


@define
class Source:
    """A table of lines: what its columns state, by fact, how its cells are read, and its rows.

    `faults` are the rows that are broken, by their numbers from 1 on; they are known when rows that come
    behind them have been given.
    """

    columns: dict[str, Column]
    cell: Cell
    tables: Iterator[pa.Table]
    faults: dict[int, ClaimError]
    rows: int | None = None


def place(path: str) -> str:
    """The name of a column of rows, by the path of what it states."""
    return _KEYS.get(path, path)


@define
class Layout:
    """Where the columns of a file go: `names` are its own, each with the one that it has for policies."""

    names: dict[str, str]
    columns: dict[str, Column]
    dx: tuple[str, ...]
    listed: str

    def of(self, name: str) -> str:
        """The file's own name of a column."""
        return next(title for title, known in self.names.items() if known == name)

    def table(self, first: int, arrays: dict[str, pa.Array]) -> pa.Table:
        """The rows of arrays by the file's names, numbered from `first` on."""
        rows = len(next(iter(arrays.values())))
        return self.numbered(pa.array(np.arange(first, first + rows)), arrays)

    def numbered(self, numbers: pa.Array, arrays: dict[str, pa.Array]) -> pa.Table:
        """The rows of arrays by the file's names, with their numbers."""
        named = {self.names[name]: array for name, array in arrays.items()}
        made = {ROW: numbers}
        if self.dx:
            named[self.listed] = _together([named[each] for each in self.dx])
        for path, column in self.columns.items():
            made[place(path)] = named[column.title]
        made[CLAIM_ID] = filled(_texts(made[CLAIM_ID]), "")
        return pa.table(made)


def opened(
    path: Path,
    schema: Schema,
    mapping: dict[str, str] | None,
    extra: Extra,
    size: int,
    apart: bool = False,
    disputed: frozenset[str] = frozenset(),
) -> Source:
    """A file with a row a line, read `size` rows at a time. With a mapping the columns that it names are
    read, and no others. `apart`: what claims state stands in a table of its own. `disputed` are facts that
    policies declare differently.

    Raises RowsError where it holds no table of lines, OSError where it cannot be read.
    """
    return _opened(path, _Names(schema, mapping, extra, "line", apart, disputed), size)


def opened_claims(
    path: Path, schema: Schema, mapping: dict[str, str] | None, extra: Extra, size: int
) -> Source:
    """A file with a row a claim: what the claim, its member and its contract state. A column without a scope
    is one of the claim.
    """
    return _opened(path, _Names(schema, mapping, extra, "claim"), size)


def layout_of(
    titles: Sequence[str],
    schema: Schema,
    mapping: dict[str, str] | None,
    extra: Extra,
    disputed: frozenset[str],
) -> Layout:
    """Where the columns of a table of lines go. `disputed` are facts that policies declare differently.

    Raises RowsError where they make none.
    """
    return _Names(schema, mapping, extra, "line", disputed=disputed).layout(titles)


def _opened(path: Path, names: _Names, size: int) -> Source:
    match path.suffix:
        case ".parquet":
            return _parquet(path, names, size)
        case ".csv":
            return _csv(path, names, size)
        case ".ndjson" | ".jsonl":
            return _ndjson(path, names, size)
    raise RowsError("expected a file that ends in .parquet, .csv or .ndjson")


@define
class _Names:
    """How columns are named that state something of a `scope`: of a line, or of a claim; `apart` where a
    table of lines has one of claims beside it.
    """

    schema: Schema
    mapping: dict[str, str] | None
    extra: Extra
    scope: str
    apart: bool = False
    disputed: frozenset[str] = frozenset()

    def full(self, name: str) -> str:
        """The name of a fact with its scope."""
        own = f"{self.scope}.{name}"
        return own if self.scope == "claim" and own in facts_of(self.schema) else name

    def of_key(self, key: str) -> str:
        """The name among those `known` of what a key states, with its scope or without it."""
        return self.full(key).removeprefix("line.") if self.mapping is None else key

    def known(self) -> list[str]:
        """The names of all that could be stated, a list of diagnoses and not columns of them."""
        paths = [path for path in facts_of(self.schema) if self.fits(path)]
        if self.apart:
            paths = [path for path in paths if path == CLAIM_ID or path.startswith("line.")]
        return [path.removeprefix("line.") for path in paths]

    def fits(self, path: str) -> bool:
        """Whether a fact can stand in such a table."""
        return self.scope == "line" or not path.startswith("line.")

    def layout(self, titles: Sequence[str]) -> Layout:
        """Where the columns of a file go."""
        names = {title: title for title in titles} if self.mapping is None else dict(self.mapping)
        absent = [title for title in names if title not in titles]
        if absent:
            raise RowsError(f"there is no column {quoted(absent[0])}")
        names = {title: self.full(name) for title, name in names.items()}
        dx = sorted((name for name in names.values() if DX.fullmatch(name)), key=lambda name: int(name[2:]))
        listed = self.full(_DIAGNOSES)
        known = [name for name in names.values() if name not in dx]
        if len(set(names.values())) < len(names):
            raise RowsError("two columns have one name")
        for name in known:
            if not self.disputed.isdisjoint((name, f"{self.scope}.{name}")):
                raise RowsError(f"policies declare {quoted(name)} differently: let each decide alone")
        if dx and listed in known:
            raise RowsError(f"both {quoted(listed)} and {quoted(dx[0])} state diagnoses")
        required = REQUIRED if self.scope == "line" else ("claim_id",)
        columns = columns_of([*known, *([listed] if dx else [])], self.schema, self.extra, required)
        strange = [column for column in columns.values() if not self.fits(column.spec.path)]
        if strange:
            raise RowsError(f"the column {quoted(strange[0].title)} is of a line, and not of a claim")
        used = {column.title for column in columns.values()} | {*dx}
        kept = {title: name for title, name in names.items() if name in used}
        if twice := [title for title in kept if titles.count(title) > 1]:
            raise RowsError(f"two columns are called {quoted(twice[0])}")
        return Layout(kept, {_path(c.spec): c for c in columns.values()}, tuple(dx), listed)


def _path(spec: FactSpec) -> str:
    return CLAIM_ID if spec.path == "claim.claim_id" else spec.path


def _texts(array: Any) -> Any:
    if pa.types.is_integer(array.type):
        return array.cast(pa.string())
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if (
        pa.types.is_null(array.type)
        or pa.types.is_large_string(array.type)
        or pa.types.is_string_view(array.type)
    ):
        return array.cast(pa.string())
    if not pa.types.is_string(array.type):
        raise RowsError(f"`claim_id` is no text but {array.type}")
    return array


def _together(columns: list[pa.Array]) -> pa.Array:
    """A list a row of what its columns state; of a row that states nothing, none."""
    columns = [pc.if_else(pc.equal(each, ""), None, each) for each in map(_texts_or_null, columns)]
    valid = np.stack([pc.is_valid(each).to_numpy(zero_copy_only=False) for each in columns], axis=1)
    rows, width = valid.shape
    counts = valid.sum(axis=1)
    offsets = np.append(0, np.cumsum(counts)).astype(np.int32)
    joined = pa.concat_arrays(columns)
    places = (np.arange(width)[None, :] * rows + np.arange(rows)[:, None])[valid]
    mask = pa.array(counts == 0)
    return pa.ListArray.from_arrays(pa.array(offsets), joined.take(pa.array(places)), mask=mask)


def _texts_or_null(array: Any) -> pa.Array:
    one = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return one.cast(pa.string())


def broken(
    faults: dict[int, ClaimError], number: int, error: ClaimError, claim_id: str | None = None
) -> None:
    """A row that is broken. One of which it is not known whose it is breaks its neighbours too: it may be
    evidence for them.
    """
    faults[number] = error
    if not claim_id:
        message = f"row {number}, which may belong to this claim, cannot be read: {error.message}"
        for beside in (number - 1, number + 1):
            faults.setdefault(beside, ClaimError(error.code, message))


# ---- Parquet ----------------------------------------------------------------------------------------------


def _parquet(path: Path, names: _Names, size: int) -> Source:
    try:
        plain = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise RowsError(f"no Parquet: {error}") from None
    layout = names.layout(plain.schema_arrow.names)

    def tables() -> Iterator[pa.Table]:
        first = 1
        try:
            for some in pieces(path, plain, layout.names, size, range(plain.num_row_groups)):
                yield layout.table(first, dict(zip(some.column_names, some.columns, strict=True)))
                first += some.num_rows
        except (pa.ArrowException, OSError) as error:  # what is broken inside is an OSError to Arrow
            raise RowsError(f"row {first} or one behind it cannot be read: {error}") from None

    return Source(layout.columns, as_it_is, tables(), {}, plain.metadata.num_rows)


# ---- CSV --------------------------------------------------------------------------------------------------


def _csv(path: Path, names: _Names, size: int) -> Source:
    with path.open("rb") as stream:
        titles = next(csv_rows(stream))
    layout = names.layout(titles)
    faults: dict[int, ClaimError] = {}
    places = {title: titles.index(title) for title in layout.names}

    def tables() -> Iterator[pa.Table]:
        first = 1
        with path.open("rb") as stream:
            rows = csv_rows(stream)
            next(rows)
            while some := list(islice(rows, size)):
                for number, row in enumerate(some, first):
                    if len(row) != len(titles):
                        message = f"expected {len(titles)} columns, not {len(row)}"
                        claim_id = row[places[layout.of("claim_id")] :][:1]
                        broken(faults, number, ClaimError("wrong-type", message), *claim_id)
                        some[number - first] = row + [""] * (len(titles) - len(row))
                columns = {title: [row[place] for row in some] for title, place in places.items()}
                owners = columns[layout.of("claim_id")]
                arrays = {t: _of_texts(c, owners, first, faults) for t, c in columns.items()}
                yield layout.table(first, arrays)
                first += len(some)

    return Source(layout.columns, of_text, tables(), faults)


def _of_texts(cells: list[str], owners: list[str], first: int, faults: dict[int, ClaimError]) -> pa.Array:
    """Cells as an array; those that are no Unicode are told of, and empty."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        for number, (cell, owner) in enumerate(zip(cells, owners, strict=True), first):
            if not is_unicode(cell):
                error = ClaimError("invalid-text", f"expected UTF-8 in {quoted(cell)}")
                broken(faults, number, error, owner if is_unicode(owner) else None)
        return pa.array([cell if is_unicode(cell) else "" for cell in cells], pa.string())


# ---- NDJSON -----------------------------------------------------------------------------------------------


def _ndjson(path: Path, names: _Names, size: int) -> Source:
    known = list(names.mapping) if names.mapping is not None else names.known()
    if names.mapping is None and _has_dx(path):
        known = [name for name in known if names.full(name) != names.full(_DIAGNOSES)]
        known += [f"dx{number}" for number in range(1, _MOST_DX + 1)]
    layout = names.layout(known)
    faults: dict[int, ClaimError] = {}
    owner = layout.of("claim_id")

    def tables() -> Iterator[pa.Table]:
        first = 1
        with path.open("rb") as stream:
            lines = (line for line in stream if line.strip())
            while some := list(islice(lines, size)):
                columns: dict[str, list[str | None]] = {title: [None] * len(some) for title in layout.names}
                for at, line in enumerate(some):
                    try:
                        _put_row(decode(line.strip()), at, columns, owner, names)
                    except ClaimError as error:
                        broken(faults, first + at, error, columns[owner][at])
                yield layout.table(first, {t: pa.array(c, pa.string()) for t, c in columns.items()})
                first += len(some)

    return Source(layout.columns, of_json, tables(), faults)


def _has_dx(path: Path) -> bool:
    """Whether the first row that states diagnoses states them one by one. Rows leave out what is null."""
    with path.open("rb") as stream:
        for line in stream:
            if b'"dx' not in line and b'diagnoses"' not in line:
                continue
            try:
                row = decode(line.strip())
            except ClaimError:
                continue
            keys = row if isinstance(row, dict) else ()
            if any(DX.fullmatch(key) for key in keys):
                return True
            if any(key.rpartition(".")[2] == _DIAGNOSES for key in keys):
                return False
    return False


def _put_row(row: object, at: int, columns: dict[str, list[str | None]], owner: str, names: _Names) -> None:
    """Put the values of a row into columns, as JSON texts; the claim's id, by the key `owner`, as it is."""
    if not isinstance(row, dict):
        raise ClaimError("not-an-object", "expected an object, a row a line")
    for key, value in sorted(row.items(), key=lambda item: item[0] != owner):
        name = key if key in columns else names.of_key(key)
        if name not in columns:
            if names.mapping is not None:
                continue
            if names.extra is None:
                raise ClaimError("unknown-key", f"unknown key {quoted(key)}", step(key))
            names.extra(key)
        elif name == owner and not isinstance(value, str | None):
            raise ClaimError("wrong-type", "expected text", "/claim_id")
        elif value is not None:
            if columns[name][at] is not None:
                raise ClaimError("duplicate-key", f"two keys state {quoted(name)}", step(key))
            columns[name][at] = value if name == owner else _json(value)


def _json(value: object) -> str:
    """A decoded value as JSON text, its numbers exact."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{dumps(key)}: {_json(each)}" for key, each in value.items()) + "}"
    return dumps(value, ensure_ascii=False)
