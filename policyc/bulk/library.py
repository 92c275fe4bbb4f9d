"""Rows decided by all policies of a library: a row for each line and policy that concerns the claim.

A claim is read once, by what all policies declare together; each policy is given the claims that it can
concern, by their codes and by what they state, as the library does it for one claim. Where these have few
lines, it decides claim by claim, as the library does; for many, columns pay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import Claim, Schema
from compiler.runtime.tables import Policy
from policyc.bulk.apart import PROCEDURE
from policyc.bulk.chunk import CLAIM_ID, ROW, Chunk, Reading, one_array
from policyc.bulk.facts import ListValues
from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Flags, Numbers, spread
from policyc.bulk.outcomes import PLAIN, Ragged
from policyc.bulk.rows import Made, rows_of
from policyc.bulk.sayings import Sayings
from policyc.bulk.sources import place
from policyc.bulk.taking import taken
from policyc.bulk.values import Cells, Values
from policyc.library import SILENT, Index, most_kept, own_claim, paths_of, silence
from policyc.reading.rows import Cell, Column

MANY = 2000
"""So many lines of a chunk a policy decides in columns. Below, what columns cost that have been made once is
measured to be more than what they spare.
"""

_FEW = "few of the lines that are read together concern their policy"


class _Part(NamedTuple):
    """Rows that are made, as JSON texts or as columns, with the row of the chunk and the policy of each."""

    rows: Numbers
    policies: Numbers
    made: Any


class Library:
    """All policies of a library, deciding chunk after chunk of whole claims, as known on a day; `columns` are
    those of the input by fact. `compiled` gives a policy by its number, and `kernel` makes that of one and
    of the columns that it knows, when it is first wanted.
    """

    def __init__(
        self,
        index: Index,
        compiled: Callable[[int], Policy],
        known_on: date | None,
        columns: dict[str, Column],
        cell: Cell,
        extra: Callable[[str], None] | None,
        kernel: Callable[[int, dict[str, Column]], Kernel],
    ) -> None:
        self._index = index
        self._compiled = compiled
        self._most_kept = most_kept(len(index.declared))
        self._known_on = known_on
        self._columns = columns
        self._reading = _reading(index.schema, columns, cell, extra)
        self._make = kernel
        self._kinds: set[tuple[int, str]] = set()
        self.kernels: dict[int, Kernel] = {}
        self.reasons: Counter[str] = Counter()

    @property
    def kinds(self) -> int:
        """The number of different outcomes, of all policies together."""
        found = {(policy, kind) for policy, kernel in self.kernels.items() for kind in kernel.outcomes.kinds}
        return len(found | self._kinds)

    def decide(self, table: pa.Table, faults: dict[int, ClaimError], as_json: bool) -> Made:
        """The rows of whole claims, by claim, policy and line. A policy that is silent on every line of a
        claim has none; where all are, the rows of the claim have no policy.
        """
        table = table.combine_chunks()
        chunk = Chunk(self._reading, table, faults)
        rejects = list(_rejects(chunk))
        read = np.ones(len(chunk.starts), np.bool_)
        read[[number for number, _ in rejects]] = False
        alone = np.zeros(chunk.rows, np.bool_)
        lengths = np.diff(np.append(chunk.starts, chunk.rows))
        few, parts = [], []
        for policy, claims in self._concerned(chunk, read):
            _, rows = spread(chunk.starts, lengths, claims)
            if len(rows) < MANY:
                few.append((policy, claims, rows))
                continue
            kernel = self._kernel(policy)
            decided = kernel.decide(_taken(table, rows, self._own(policy)), faults)
            alone[rows] |= decided.chunk.alone
            parts.append(_part(policy, rows, kernel, decided, as_json))
        sayings = self._few(chunk, few, alone)
        for said in (sayings.rows, *(part.rows for part in parts)):
            read[chunk.claim_of_row[said]] = False
        nobodys = np.flatnonzero(read[chunk.claim_of_row])
        sayings.add_silence(len(self._index.declared), nobodys, silence())
        parts.append(_Part(sayings.rows, sayings.policies, sayings.made(chunk, as_json)))
        ordered = partial(_in_order, chunk, parts)
        return Made(ordered, int(alone.sum()), [reject for _, reject in rejects])

    def _few(self, chunk: Chunk, few: list[tuple[int, Numbers, Numbers]], alone: Flags) -> Sayings:
        """What is said by policies, each with the few claims that it can concern, and their rows."""
        those = np.zeros(chunk.rows, np.bool_)
        for _, _, rows in few:
            those[rows] = True
        if those.any():
            self.reasons[_FEW] += int(those.sum())
        alone |= those
        chunk.build(np.flatnonzero(those & ~chunk.alone))
        sayings = Sayings(self._known_on)
        starts = chunk.starts.tolist()
        paths: dict[int, frozenset[str]] = {}
        for number, claims, _ in few:
            policy = self._compiled(number)
            policy.keep_at_most(self._most_kept)
            for at in claims.tolist():
                claim = chunk.claim(at)
                assert isinstance(claim, Claim), "those that cannot be read concern nobody"
                if at not in paths:
                    paths[at] = paths_of(claim)
                sayings.decide(number, policy, own_claim(claim, paths[at], policy), starts[at])
        self._kinds |= sayings.kinds()
        return sayings

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
        path: ListValues(c, cell, (), False, Cells(_alike))
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
    claims[chunk.claim_of_row[speaks[decided.outcome.said]]] = True
    found: Flags = claims[chunk.claim_of_row]
    return found


def _part(policy: int, rows: Numbers, kernel: Kernel, decided: Decided, as_json: bool) -> _Part:
    """The rows of a policy that decides in columns."""
    assert not decided.rejects, "who reads a claim by all that is declared can read it by less"
    spoken = _speaks(kernel, decided)
    outcome = decided.outcome
    kept = outcome._replace(said=np.where(spoken, outcome.said, 0))
    made = rows_of(kernel, decided._replace(outcome=kept), as_json)
    own = rows[spoken]
    return _Part(own, np.full(len(own), policy), made if as_json else made.cast(PLAIN))


def _in_order(chunk: Chunk, parts: list[_Part]) -> Any:
    rows, policies = (np.concatenate(each) for each in [*zip(*parts, strict=True)][:2])
    order = np.lexsort((rows, policies, chunk.claim_of_row[rows]))
    if isinstance(parts[0].made, list):
        texts = [text for part in parts for text in part.made]
        return [texts[at] for at in order.tolist()]
    columns = pa.concat_tables([part.made for part in parts]).columns
    return pa.Table.from_arrays([taken(one_array(each), order) for each in columns], schema=PLAIN)
