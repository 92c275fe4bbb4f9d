"""Whole claims, whatever the order of the rows: claims that lie in pieces are brought together on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compiler.runtime.errors import ClaimError
from policyc.bulk.chunk import CLAIM_ID, ROW, one_array, starts_of
from policyc.bulk.numbers import Numbers
from policyc.bulk.sources import Source, place
from policyc.reading.rows import RowsError

_A_THREAD = 96 * 10**6
"""The memory of each thread that sorts: of several with less, none can put much on disk."""

_OF_CLAIM = " row of claim"
"""The column of the row by which a table of claims tells of a line's claim."""


class ScatteredError(Exception):
    """The rows of a claim do not stand together."""


def whole(tables: Iterator[pa.Table], together: bool) -> Iterator[pa.Table]:
    """The rows of tables, cut between claims: the last claim of one waits for the next.

    Raises ScatteredError, at the end, where a claim's rows do not stand together; not if it is known that
    they do.
    """
    waiting: list[pa.Table] = []
    hashes = []
    for table in tables:
        joined = pa.concat_tables([*waiting, table], promote_options="permissive") if waiting else table
        ids = one_array(joined.column(CLAIM_ID))
        starts = starts_of(ids)
        if not len(starts):
            continue
        last = int(starts[-1])
        waiting = [joined.slice(last)]
        if last:
            if not together:
                hashes.append(_hashed(ids, starts[:-1]))
            yield joined.slice(0, last)
    if waiting:
        if not together:
            hashes.append(_hashed(one_array(waiting[0].column(CLAIM_ID)), np.zeros(1, np.int64)))
        yield waiting[0]
    if hashes:
        each = np.sort(np.concatenate(hashes))
        if (each[1:] == each[:-1]).any():
            raise ScatteredError


def _hashed(ids: pa.Array, rows: Numbers) -> Numbers:
    """A number for the text of each of some rows, if it is not empty, equal where texts are. Others may share
    it: then a sort too many is done.
    """
    offsets = np.frombuffer(ids.buffers()[1], np.int32)[ids.offset :]
    rows = rows[offsets.take(rows) < offsets.take(rows + 1)]
    first = int(offsets[0])
    texts = np.frombuffer(ids.buffers()[2] or b"", np.uint8)[first : int(offsets[len(ids)])]
    data = np.append(texts, np.zeros(8, np.uint8))
    starts = offsets.take(rows).astype(np.int64) - first
    lengths = offsets.take(rows + 1) - first - starts
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    found, longest = lengths.astype(np.uint64), int(lengths.max(initial=0))
    alike = bool((lengths == longest).all())
    with np.errstate(over="ignore"):
        for start in range(0, longest, 8):
            some = slice(None) if alike else np.flatnonzero(lengths > start)
            word = words[starts[some] + start]
            left = np.minimum(lengths[some] - start, 8).astype(np.uint64)
            word &= np.uint64(2**64 - 1) >> ((np.uint64(8) - left) * np.uint64(8))
            mixed = (found[some] ^ word) * np.uint64(0x9E3779B97F4A7C15)
            found[some] = mixed ^ (mixed >> np.uint64(29))
    return found.view(np.int64)


def gathered(
    lines: Source,
    claims: Source | None,
    absent: Callable[[int], None],
    memory: int | None,
    size: int,
) -> Iterator[pa.Table]:
    """Rows of lines, those of a claim together, each with what a table says of its claim. Where that cannot
    be read, the lines of the claim are among the faults of lines; `absent` is told of how many lines it says
    nothing.

    DuckDB sorts and joins, on disk where `memory` (in bytes) does not suffice. Raises RowsError where a row
    of claims does not say whose it is, or a broken one of lines, and where there are too many for the memory.
    """
    import duckdb  # noqa: PLC0415  (seldom wanted)

    failed: list[Exception] = []
    with duckdb.connect() as db:
        db.execute("SET enable_progress_bar = false")
        if memory is not None:
            db.execute(f"SET memory_limit = '{memory}B'")
            db.execute(f"SET threads = {max(1, min(os.cpu_count() or 1, memory // _A_THREAD))}")
        of_lines = _owned(lines, "the table", lines.faults)
        first = next(of_lines, None)
        if first is None:
            return
        db.register("lines", _reader(first, of_lines, failed))
        joined = "lines.*", "lines"
        if claims is not None:
            of_claims = _owned(claims, "the table of claims", None)
            first = next(of_claims, None)
            db.register("claims", _reader(_none(claims) if first is None else first, of_claims, failed))
            joined = (
                f'lines.*, claims.* EXCLUDE ("{CLAIM_ID}", "{ROW}"), claims."{ROW}" AS "{_OF_CLAIM}"',
                f'lines LEFT JOIN claims ON lines."{CLAIM_ID}" = claims."{CLAIM_ID}"',
            )
        order = f'lines."{CLAIM_ID}", lines."{ROW}"'
        try:
            result = db.sql(f"SELECT {joined[0]} FROM {joined[1]} ORDER BY {order}")
            for batch in result.to_arrow_reader(size):
                table = pa.Table.from_batches([batch])
                if claims is not None:
                    absent(table.column(_OF_CLAIM).null_count)
                    table = _with_faults(table, claims.faults, lines.faults)
                yield table
        except Exception as error:
            if failed:  # DuckDB tells of it in words of its own
                raise failed[0] from None
            if "Out of Memory" in str(error):
                little = "there is too little memory" if memory is None else "`--memory-limit` is too small"
                raise RowsError(f"{little} to bring so many rows together") from None
            raise


def _owned(source: Source, named: str, among: Container[int] | None) -> Iterator[pa.Table]:
    """The rows of a table, each of which (of those `among` them if these are given) says whose it is: else it
    might be of any claim.
    """
    for table in source.tables:
        for at in np.flatnonzero(pc.binary_length(one_array(table.column(CLAIM_ID))).to_numpy() == 0):
            number = table.column(ROW)[int(at)].as_py()
            if among is None or number in among:
                fault = source.faults.get(number)
                why = "no `claim_id` is stated" if fault is None else fault.message
                raise RowsError(f"row {number} of {named} may be of any claim: {why}")
        yield table


def _none(claims: Source) -> pa.Table:
    """A table without claims."""
    names = [place(path) for path in claims.columns]
    return pa.table({ROW: pa.array([], pa.int64()), **{name: pa.array([], pa.string()) for name in names}})


def _with_faults(table: pa.Table, broken: dict[int, ClaimError], faults: dict[int, ClaimError]) -> pa.Table:
    """The rows of lines; those of whose claims a row is broken are told of."""
    if broken:
        of_claim = table.column(_OF_CLAIM)
        some = table.select([ROW, _OF_CLAIM]).filter(pc.is_in(of_claim, pa.array(list(broken), pa.int64())))
        for row, number in zip(*(column.to_pylist() for column in some.columns), strict=True):
            error = broken[number]
            faults[row] = ClaimError(error.code, f"row {number} of the table of claims: {error.message}")
    return table.drop_columns([_OF_CLAIM])


def _reader(first: pa.Table, others: Iterator[pa.Table], failed: list[Exception]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from first.to_batches()
            for table in others:
                yield from table.cast(first.schema).to_batches()
        except Exception as error:
            failed.append(error)
            raise

    return pa.RecordBatchReader.from_batches(first.schema, batches())
