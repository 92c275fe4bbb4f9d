"""The rows that are written of lines which are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa

from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Numbers
from policyc.bulk.outcomes import SCHEMA, Outcome, Own, as_text

IDS = pa.schema({"claim_id": pa.string(), "line": pa.int64(), "outcome": pa.int64()})
"""What is written of a line where outcomes stand in a table of their own."""


class Made(NamedTuple):
    """What came of a table: its rows, which are made by who writes them, how many of its lines were decided
    one by one, and claims not read.
    """

    rows: Callable[[], Any]
    alone: int
    rejects: list[Reject]


def made_of(kernel: Kernel, decided: Decided, as_json: bool, outcomes: dict[int, str] | None) -> Made:
    """What came of a chunk. With `outcomes` its rows have numbers of outcomes, and what these say is put
    there when the rows are made.
    """
    if outcomes is None:
        rows = partial(rows_of, kernel, decided, as_json)
    else:
        rows = partial(_ids_of, kernel, decided, outcomes)
    return Made(rows, decided.alone, decided.rejects)


def rows_of(kernel: Kernel, decided: Decided, as_json: bool) -> Any:
    """The rows of a chunk that are decided, as columns or as JSON texts."""
    ids, lines, outcome, own = _said(decided)
    if as_json:
        heads = zip(ids.to_pylist(), lines.tolist(), kernel.outcomes.texts(outcome, own), strict=True)
        return [f'{{"claim_id": {as_text(claim)}, "line": {line}, {said}}}' for claim, line, said in heads]
    columns = kernel.outcomes.columns(outcome, own)
    return pa.Table.from_arrays([ids, pa.array(lines), *columns], schema=SCHEMA)


def _ids_of(kernel: Kernel, decided: Decided, outcomes: dict[int, str]) -> pa.Table:
    ids, lines, outcome, own = _said(decided)
    numbers, said = kernel.outcomes.whole(outcome, own)
    learn(outcomes, said)
    return pa.Table.from_arrays([ids, pa.array(lines), pa.array(numbers)], schema=IDS)


def learn(outcomes: dict[int, str], said: Iterable[tuple[int, str]]) -> None:
    """Put what some outcomes say to that of others, by their numbers.

    Raises ValueError where one number is that of two.
    """
    for number, text in said:
        if outcomes.setdefault(number, text) != text:
            raise ValueError(f"two outcomes have the number {number}")


def _said(decided: Decided) -> tuple[pa.Array, Numbers, Outcome, Own]:
    """The rows of which something is said: their claims, lines and outcomes, and what they state."""
    chunk, outcome = decided.chunk, decided.outcome
    if outcome.said.all():
        return chunk.ids, chunk.lines, outcome, chunk.own
    kept = outcome.said.nonzero()[0]
    ids = chunk.ids.take(pa.array(kept))
    return ids, chunk.lines[kept], outcome.of(kept), lambda path: chunk.own(path)[kept]
