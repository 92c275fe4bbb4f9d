"""The rows that are written of lines which are decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa

from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Numbers
from policyc.bulk.outcomes import SCHEMA, as_text

IDS = pa.schema({"claim_id": pa.string(), "line": pa.int64(), "outcome": pa.int64()})
"""What is written of a line where outcomes stand in a table of their own."""


class Made(NamedTuple):
    """What came of a table: its rows, which are made by who writes them, how many of its lines were decided
    one by one, and claims not read.
    """

    rows: Callable[[], Any]
    alone: int
    rejects: list[Reject]


def rows_of(kernel: Kernel, decided: Decided, as_json: bool) -> Any:
    """The rows of a chunk that are decided, as columns or as JSON texts."""
    chunk, outcome = decided.chunk, decided.outcome
    ids, lines, own = chunk.ids, chunk.lines, chunk.own
    if not outcome.said.all():
        kept = outcome.said.nonzero()[0]
        ids, lines, outcome = ids.take(pa.array(kept)), lines[kept], outcome.of(kept)

        def own(path: str) -> Numbers:
            return chunk.own(path)[kept]

    if as_json:
        heads = zip(ids.to_pylist(), lines.tolist(), kernel.outcomes.texts(outcome, own), strict=True)
        return [f'{{"claim_id": {as_text(claim)}, "line": {line}, {said}}}' for claim, line, said in heads]
    columns = kernel.outcomes.columns(outcome, own)
    return pa.Table.from_arrays([ids, pa.array(lines), *columns], schema=SCHEMA)


def ids_of(kernel: Kernel, decided: Decided) -> tuple[pa.Table, dict[int, str]]:
    """The rows of a chunk that are decided, each with the number of its outcome, and what outcomes say."""
    chunk, kept = decided.chunk, decided.outcome.said.nonzero()[0]
    numbers, outcomes = kernel.outcomes.whole(decided.outcome.of(kept), lambda path: chunk.own(path)[kept])
    arrays = [chunk.ids.take(pa.array(kept)), pa.array(chunk.lines[kept]), pa.array(numbers)]
    return pa.Table.from_arrays(arrays, schema=IDS), outcomes
