"""Whole claims, whatever the order of the rows: claims that lie in pieces are brought together on disk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from policyc.bulk.chunk import CLAIM_ID, ROW, one_array, starts_of
from policyc.bulk.numbers import Numbers


class ScatteredError(Exception):
    """The rows of a claim do not stand together."""


def whole(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows of tables, cut between claims: the last claim of one waits for the next.

    Raises ScatteredError, at the end, where a claim's rows do not stand together.
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
            hashes.append(_hashed(ids, starts[:-1]))
            yield joined.slice(0, last)
    if waiting:
        hashes.append(_hashed(one_array(waiting[0].column(CLAIM_ID)), np.zeros(1, np.int64)))
        yield waiting[0]
    if hashes:
        each = np.sort(np.concatenate(hashes))
        if (each[1:] == each[:-1]).any():
            raise ScatteredError


def _hashed(ids: pa.Array, rows: Numbers) -> Numbers:
    """A number for the text of each of some rows, equal where texts are. Others may share it: then a sort too
    many is done.
    """
    offsets = np.frombuffer(ids.buffers()[1], np.int32)[ids.offset :]
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
    lines: Iterator[pa.Table], claims: Iterator[pa.Table] | None, memory: int | None, size: int
) -> Iterator[pa.Table]:
    """Rows of lines, those of a claim together, each with what a table says of its claim.

    DuckDB sorts and joins, on disk where `memory` (in bytes) does not suffice.
    """
    import duckdb  # noqa: PLC0415  (seldom wanted)

    with duckdb.connect() as db:
        db.execute("SET enable_progress_bar = false")
        if memory is not None:
            db.execute(f"SET memory_limit = '{memory}B'")
        named = {"lines": lines, "claims": claims}
        for name, tables in named.items():
            first = next(tables, None) if tables is not None else None
            if first is not None and tables is not None:
                db.register(name, _reader(first, tables))
            elif name == "lines":
                return
        joined = "lines.*", "lines"
        if claims is not None:
            joined = (
                f'lines.*, claims.* EXCLUDE ("{CLAIM_ID}", "{ROW}")',
                f'lines LEFT JOIN claims ON lines."{CLAIM_ID}" = claims."{CLAIM_ID}"',
            )
        order = f'lines."{CLAIM_ID}", lines."{ROW}"'
        result = db.sql(f"SELECT {joined[0]} FROM {joined[1]} ORDER BY {order}")
        for batch in result.to_arrow_reader(size):
            yield pa.Table.from_batches([batch])


def _reader(first: pa.Table, others: Iterator[pa.Table]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from first.to_batches()
        for table in others:
            yield from table.cast(first.schema).to_batches()

    return pa.RecordBatchReader.from_batches(first.schema, batches())
