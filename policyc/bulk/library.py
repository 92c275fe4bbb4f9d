"""Rows decided by all policies of a library: a row for each line and policy that concerns the claim.

A claim is read once, by what all policies declare together; each policy is given the claims that it can
concern, by their codes and by what they state, as the library does it for one claim.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import Schema
from policyc.bulk.apart import PROCEDURE
from policyc.bulk.chunk import CLAIM_ID, ROW, Chunk, Reading
from policyc.bulk.facts import ListValues
from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Flags, Numbers
from policyc.bulk.outcomes import PLAIN, Ragged
from policyc.bulk.rows import Made, rows_of
from policyc.bulk.sources import place
from policyc.bulk.values import Cells, Values
from policyc.library import SILENT, Index, silence
from policyc.reading.rows import Cell, Column


class Library:
    """All policies of a library, deciding chunk after chunk of whole claims; `columns` are those of the input
    by fact. `kernel` makes that of a policy, by its number and the columns that it knows, when it is first
    wanted.
    """

    def __init__(
        self,
        index: Index,
        columns: dict[str, Column],
        cell: Cell,
        extra: Callable[[str], None] | None,
        kernel: Callable[[int, dict[str, Column]], Kernel],
    ) -> None:
        self._index = index
        self._columns = columns
        self._reading = _reading(index.schema, columns, cell, extra)
        self._make = kernel
        self.kernels: dict[int, Kernel] = {}

    def decide(self, table: pa.Table, faults: dict[int, ClaimError], as_json: bool) -> Made:
        """The rows of whole claims, by claim, policy and line. A policy that is silent on every line of a
        claim has none; where all are, the rows of the claim have no policy.
        """
        table = table.combine_chunks()
        chunk = Chunk(self._reading, table, faults)
        rejects = list(_rejects(chunk))
        read = np.ones(len(chunk.starts), np.bool_)
        read[[number for number, _ in rejects]] = False
        unconcerned, alone = read.copy(), np.zeros(chunk.rows, np.bool_)
        parts, keys = [], []
        for policy, claims in self._concerned(chunk, read):
            kernel = self._kernel(policy)
            rows = _rows_of(chunk, claims)
            decided = kernel.decide(_taken(table, rows, self._own(policy)), faults)
            assert not decided.rejects, "who reads a claim by all that is declared can read it by less"
            speaks = _speaks(kernel, decided)
            made = rows_of(kernel, decided._replace(numbers=np.where(speaks, decided.numbers, 0)), as_json)
            parts.append(made if as_json else made.cast(PLAIN))
            keys.append((rows[speaks], policy))
            alone[rows] |= decided.chunk.alone
            unconcerned[chunk.claim_of_row[rows[speaks]]] = False
        rows = np.flatnonzero(unconcerned[chunk.claim_of_row])
        parts.append(_unconcerned(chunk, rows, as_json))
        keys.append((rows, len(self._index.declared)))
        ordered = partial(_in_order, chunk, parts, keys)
        return Made(ordered, int(alone.sum()), [reject for _, reject in rejects])

    def _kernel(self, policy: int) -> Kernel:
        if policy not in self.kernels:
            self.kernels[policy] = self._make(policy, self._own(policy))
        return self.kernels[policy]

    def _own(self, policy: int) -> dict[str, Column]:
        """The columns that a policy knows: its own facts, and those that need no declaration."""
        declared, schema = self._index.declared[policy], self._index.schema
        return {
            path: column for path, column in self._columns.items() if path in declared or path not in schema
        }

    def _concerned(self, chunk: Chunk, read: Flags) -> Iterator[tuple[int, Numbers]]:
        """The policies that a line of a chunk can concern, each with the claims of such lines."""
        index, width = self._index, len(chunk.starts)
        values = self._reading.values[PROCEDURE].read
        listing = [index.by_code.get(code, ()) if isinstance(code, str) else () for code in values]
        _, policies, rows = Ragged(listing).take(chunk.own(PROCEDURE))
        pairs = [policies * width + chunk.claim_of_row[rows]]
        for path, concerned in index.by_fact.items():
            claims = np.unique(chunk.claim_of_row[chunk.own(path) > 0])
            pairs += [policy * width + claims for policy in concerned]
        each = np.unique(np.concatenate(pairs))
        policies, claims = np.divmod(each[read[each % width]], width)
        starts = np.flatnonzero(np.diff(policies, prepend=-1))
        for start, some in zip(starts, np.split(claims, starts)[1:], strict=True):
            yield int(policies[start]), some


def _reading(
    schema: Schema, columns: dict[str, Column], cell: Cell, extra: Callable[[str], None] | None
) -> Reading:
    """How claims are read that nobody decides by it: no values are told apart."""
    values = {path: Values(c, cell, ()) for path, c in columns.items() if path not in (CLAIM_ID, "line.line")}
    lists = {
        path: ListValues(
            Values(Column(c.title, c.scope, c.key, c.spec.element()), cell, (), None), False, Cells(_alike)
        )
        for path, c in columns.items()
        if c.spec.kind in ("codes", "texts")
    }
    return Reading(schema, columns, cell, values, lists, extra)


def _alike(_value: object) -> None:
    """Of no value anything is told."""


def _rejects(chunk: Chunk) -> Iterator[tuple[int, Reject]]:
    """The claims that cannot be read, with their numbers."""
    for number in np.unique(chunk.claim_of_row[chunk.alone]).tolist():
        claim = chunk.claim(number)
        if isinstance(claim, ClaimError):
            yield number, Reject(chunk.row_at_fault(number, claim), claim)


def _rows_of(chunk: Chunk, claims: Numbers) -> Numbers:
    """The rows of claims, in order."""
    wanted = np.zeros(len(chunk.starts), np.bool_)
    wanted[claims] = True
    return np.flatnonzero(wanted[chunk.claim_of_row])


def _taken(table: pa.Table, rows: Numbers, columns: dict[str, Column]) -> pa.Table:
    """Rows of a table, in some columns."""
    names = [ROW, *map(place, columns)]
    taken = table.select(names).take(pa.array(rows))
    # Not with the words of all rows: each policy would have to read them.
    kinds = [each.value_type if pa.types.is_dictionary(each) else each for each in taken.schema.types]
    return taken.cast(pa.schema(zip(names, kinds, strict=True)))


def _speaks(kernel: Kernel, decided: Decided) -> Flags:
    """The rows of claims of which the policy is not silent on some line."""
    speaks = np.asarray([said.get("determination") not in SILENT for said in kernel.outcomes.said])
    speaks[0] = False
    chunk = decided.chunk
    claims = np.zeros(len(chunk.starts), np.bool_)
    claims[chunk.claim_of_row[speaks[decided.numbers]]] = True
    found: Flags = claims[chunk.claim_of_row]
    return found


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
