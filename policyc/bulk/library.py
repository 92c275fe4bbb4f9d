"""Rows decided by all policies of a library: a row for each line and policy that concerns the claim."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from compiler.runtime.errors import ClaimError
from policyc.bulk.chunk import Chunk
from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Flags, Numbers
from policyc.bulk.outcomes import PLAIN
from policyc.bulk.rows import Made, rows_of
from policyc.library import SILENT, silence


def decided_by_all(
    kernels: Sequence[Kernel], table: pa.Table, faults: dict[int, ClaimError], as_json: bool
) -> Made:
    """The rows of whole claims, by claim, policy and line. A policy that is silent on every line of a claim
    has none; where all are, the rows of the claim have no policy.
    """
    found = [kernel.decide(table, faults) for kernel in kernels]
    chunk = found[0].chunk
    read = np.logical_and.reduce([decided.numbers > 0 for decided in found])
    unconcerned = read.copy()
    parts, keys = [], []
    for at, (kernel, decided) in enumerate(zip(kernels, found, strict=True)):
        concerned = read & _concerned(kernel, decided)
        unconcerned &= ~concerned
        rows = rows_of(kernel, decided._replace(numbers=np.where(concerned, decided.numbers, 0)), as_json)
        parts.append(rows if as_json else rows.cast(PLAIN))
        keys.append((np.flatnonzero(concerned), at))
    parts.append(_unconcerned(chunk, np.flatnonzero(unconcerned), as_json))
    keys.append((np.flatnonzero(unconcerned), len(kernels)))
    alone = np.logical_or.reduce([decided.chunk.alone for decided in found])
    return Made(_in_order(chunk, parts, keys), int(alone.sum()), _rejects(found, read))


def _concerned(kernel: Kernel, decided: Decided) -> Flags:
    """The rows of claims of which the policy is not silent on some line."""
    speaks = np.asarray([said.get("determination") not in SILENT for said in kernel.outcomes.said])
    speaks[0] = False
    chunk = decided.chunk
    claims = np.zeros(len(chunk.starts), np.bool_)
    claims[chunk.claim_of_row[speaks[decided.numbers]]] = True
    concerned: Flags = claims[chunk.claim_of_row]
    return concerned


def _unconcerned(chunk: Chunk, rows: Numbers, as_json: bool) -> Any:
    """Rows of claims that no policy concerns."""
    ids, lines = chunk.ids.take(pa.array(rows)), chunk.lines[rows]
    if as_json:
        said = json.dumps({"policy": None, **silence()})[1:-1]
        heads = zip(ids.to_pylist(), lines.tolist(), strict=True)
        return [
            f'{{"claim_id": {json.dumps(claim, ensure_ascii=False)}, "line": {line}, {said}}}'
            for claim, line in heads
        ]
    lists: dict[str, Any] = {field.name: [] for field in PLAIN if pa.types.is_list(field.type)}
    one = pa.Table.from_pylist([{**lists, **silence()}], schema=PLAIN)
    said = one.take(pa.array(np.zeros(len(rows), np.int64)))
    return said.set_column(0, "claim_id", ids).set_column(1, "line", pa.array(lines))


def _in_order(chunk: Chunk, parts: list[Any], keys: list[tuple[Numbers, int]]) -> Any:
    rows = np.concatenate([rows for rows, _ in keys])
    policies = np.repeat([at for _, at in keys], [len(rows) for rows, _ in keys])
    order = np.lexsort((rows, policies, chunk.claim_of_row[rows]))
    if isinstance(parts[0], list):
        texts = [text for part in parts for text in part]
        return [texts[at] for at in order.tolist()]
    return pa.concat_tables(parts).take(pa.array(order))


def _rejects(found: Sequence[Decided], read: Flags) -> list[Reject]:
    """The claims that some policy cannot read, with the reason of the first of these."""
    chunk = found[0].chunk
    rejects = []
    for number in np.unique(chunk.claim_of_row[~read]).tolist():
        row = chunk.bounds(number)[0]
        refusing = next(decided.chunk for decided in found if not decided.numbers[row])
        error = refusing.claim(number)
        assert isinstance(error, ClaimError)
        rejects.append(Reject(refusing.row_at_fault(number, error), error))
    return rejects
