"""Some whole claims in columns, their facts as numbers, and any of them as the reader of claims has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice, repeat
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compiler.runtime.claim_values import FactSpec, Unclear, Value, unclear_inside
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import Claim, Line, Schema, read_claim
from policyc.bulk.apart import ECHOED
from policyc.bulk.facts import Facts, Lists, ListValues, Scalars
from policyc.bulk.numbers import Flags, Groups, Numbers
from policyc.bulk.values import Values, filled
from policyc.reading.rows import Cell, Column, claim_of

CLAIM_ID, LINE, ROW = "claim_id", "line", " row"
"""The columns of a chunk that are no facts: ROW has the number of each row in the input, from 1 on."""

_PARTS = ("claim.", "member.", "contract.")
"""What is no line's, in the order in which the reader of claims reads it."""

CONTRACTS = ("contract.exclusions", "contract.riders")
_LEAST, _LARGEST = -(2**63), 2**63 - 1
_LINE = Column(LINE, "line", LINE, FactSpec("line.line", "integer"))
_Stated: TypeAlias = tuple[dict[str, Value], dict[str, Unclear], dict[str, str]]
"""What is stated of facts: values, what is not clear, and how they were written."""

_OF_LINE = re.compile(r"/lines/([0-9]+)")


class Reading:
    """How rows become claims: the columns by fact, and what is done with each."""

    def __init__(
        self,
        schema: Schema,
        columns: dict[str, Column],
        cell: Cell,
        values: dict[str, Values],
        lists: dict[str, ListValues],
        extra: Callable[[str], None] | None,
    ) -> None:
        self.schema = schema
        self.columns = columns
        self.cell = cell
        self.values = values
        self.lists = lists
        self.extra = extra


class Chunk:
    """Rows of whole claims: `numbers` are those of the facts' values, by path."""

    def __init__(self, reading: Reading, table: pa.Table, faults: dict[int, ClaimError]) -> None:
        self.reading = reading
        self.rows = table.num_rows
        self.faults = faults
        self.ids = filled(one_array(table.column(CLAIM_ID)), "")
        self.row_numbers = table.column(ROW).to_numpy()
        self.starts = starts_of(self.ids)
        self.claim_of_row = np.repeat(np.arange(len(self.starts)), np.diff(np.append(self.starts, self.rows)))
        self._line_cells = table.column(LINE)
        self.lines, self._bad_lines = self._line_numbers(self._line_cells)
        self.facts = {path: self._fact(path, table.column(path)) for path in reading.values}
        each = [
            (path, facts, reading.values[path].column.spec.kind in ECHOED)
            for path, facts in self.facts.items()
        ]
        self._of_line = [of for of in each if of[0].startswith("line.")]
        self._of_claim = [of for part in _PARTS for of in each if of[0].startswith(part)]
        self.alone = np.zeros(self.rows, np.bool_)
        self.reasons: Counter[str] = Counter()
        for rows, reason in self._suspects():
            self.set_apart(rows, reason)
        self._cells: dict[tuple[str, int], Numbers] = {}
        self._claims: dict[int, Claim | ClaimError] = {}

    def _fact(self, path: str, column: pa.ChunkedArray) -> Facts:
        if path in self.reading.lists and (
            pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
        ):
            return Lists(self.reading.lists[path], column)
        return Scalars(self.reading.values[path], column)

    def own(self, path: str) -> Numbers:
        """For each row the number of what it states of a fact, 0 where that is nothing."""
        return self.facts[path].own if path in self.facts else np.zeros(self.rows, np.int64)

    def cells(self, path: str, way: int = 0) -> Numbers:
        """For each row the number of what decisions can tell of what it states of a fact."""
        if (path, way) not in self._cells:
            self._cells[path, way] = self.facts[path].cells(way)
        return self._cells[path, way]

    def _line_numbers(self, column: pa.ChunkedArray) -> tuple[Numbers, Flags]:
        """The numbers of the lines, and where there is none that can be written."""
        if pa.types.is_integer(column.type) and not pa.types.is_uint64(column.type):
            return filled(column.cast(pa.int64()), 0).to_numpy(), pc.is_null(column).to_numpy()
        values = Values(_LINE, self.reading.cell, ())
        places, of_place = values.coded(column)
        numbers = of_place[places]
        whole = [int(n) if isinstance(n, Decimal) and _LEAST <= n <= _LARGEST else None for n in values.read]
        bad = np.asarray([number is None for number in whole])
        return np.asarray([number or 0 for number in whole], np.int64)[numbers], bad[numbers]

    def _suspects(self) -> Iterator[tuple[Flags, str]]:
        """The rows that perhaps cannot be read, or that the contract makes unlike others, and why."""
        suspect = self._bad_lines.copy()
        broken = [row for row in list(self.faults) if self.row_numbers.min() <= row <= self.row_numbers.max()]
        if broken:
            suspect |= np.isin(self.row_numbers, broken)
        suspect |= pc.binary_length(self.ids).to_numpy() == 0
        same = self.claim_of_row[1:] == self.claim_of_row[:-1]
        terms = np.zeros(self.rows, np.bool_)
        for path, facts in self.facts.items():
            bad = facts.bad()
            if bad is not None:
                suspect |= bad
            if path in ("line.procedure", "line.service_date"):
                suspect |= facts.own == 0
            elif path in CONTRACTS:
                terms |= facts.own > 0
            if not path.startswith("line."):
                suspect[1:] |= facts.changes(same)
        yield suspect, "perhaps the claim cannot be read"
        yield self._repeated(same), "the claim has a line twice"
        yield terms, "the contract has exclusions or riders"

    def _repeated(self, same: Flags) -> Flags:
        """The rows of claims that have a line's number twice."""
        found = np.zeros(self.rows, np.bool_)
        back = np.append(False, same & (self.lines[1:] <= self.lines[:-1]))
        if back.any():
            rows = np.flatnonzero(np.isin(self.claim_of_row, self.claim_of_row[back]))
            rows = rows[np.lexsort((self.lines[rows], self.claim_of_row[rows]))]
            claims, lines = self.claim_of_row[rows], self.lines[rows]
            found[rows[1:]] = (claims[1:] == claims[:-1]) & (lines[1:] == lines[:-1])
        return found

    def set_apart(self, rows: Flags, reason: str) -> None:
        """The claims of some rows are to be decided line by line, for a reason."""
        if rows.any():
            claims = np.zeros(len(self.starts), np.bool_)
            claims[self.claim_of_row[rows]] = True
            more = claims[self.claim_of_row] & ~self.alone
            self.reasons[reason] += int(more.sum())
            self.alone |= more

    def bounds(self, claim: int) -> tuple[int, int]:
        """The first row of a claim, and the one behind its last."""
        start = int(self.starts[claim])
        return start, int(self.starts[claim + 1]) if claim + 1 < len(self.starts) else self.rows

    def claim(self, claim: int) -> Claim | ClaimError:
        """A claim as the reader of claims has it, or why it has none."""
        found = self._claims.get(claim)
        if found is None:
            try:
                found = self._read(claim)
            except ClaimError as error:
                found = error
            self._claims[claim] = found
        return found

    def _read(self, claim: int) -> Claim:
        reading = self.reading
        start, stop = self.bounds(claim)
        claim_id = self.ids[start].as_py()
        for at, number in enumerate(self.row_numbers[start:stop].tolist()):
            fault = self.faults.get(number)
            if fault is not None:
                raise ClaimError(fault.code, fault.message, f"/lines/{at}{fault.at}", claim_id or None)
        columns = dict(enumerate(reading.columns.values()))
        rows = []
        for row in range(start, stop):
            cells = {
                CLAIM_ID: claim_id,
                "line.line": self._line_cells[row].as_py() if self._bad_lines[row] else int(self.lines[row]),
                **{path: facts.raw(row) for path, facts in self.facts.items()},
            }
            rows.append([cells[path] for path in reading.columns])

        def cell(raw: Any, spec: FactSpec, at: str) -> object:
            if spec.path == "claim.claim_id":
                return raw
            stated = raw if type(raw) is int else reading.cell(raw, spec, at)
            if (
                spec.path == "line.line"
                and isinstance(stated, int | Decimal)
                and not _LEAST <= stated <= _LARGEST
            ):
                raise ClaimError("invalid-number", "expected the number of a line, of 64 bits at most", at)
            return stated

        made = claim_of(claim_id, rows, columns, len(columns), cell)
        if isinstance(made, ClaimError):
            raise made
        return read_claim(made, reading.schema, reading.extra)

    def build(self, rows: Numbers) -> None:
        """Make the claims of some rows that do not stand alone: every value has been read, once for all rows
        that state it.
        """
        claims = [each for each in np.unique(self.claim_of_row[rows]).tolist() if each not in self._claims]
        bounds = [self.bounds(claim) for claim in claims]
        starts = np.asarray([start for start, _ in bounds], np.int64)
        every = np.concatenate([np.arange(*each) for each in bounds]) if bounds else starts
        parts = zip(self.lines[every].tolist(), self._stated(every, self._of_line), strict=True)
        of_claims = zip(self.ids.take(starts).to_pylist(), self._stated(starts, self._of_claim), strict=True)
        for claim, (start, stop), (name, of_claim) in zip(claims, bounds, of_claims, strict=True):
            lines = (_line(number, *part) for number, part in islice(parts, stop - start))
            self._claims[claim] = Claim(name, *of_claim, tuple(lines), (), ())

    def _stated(self, rows: Numbers, wanted: list[tuple[str, Facts, bool]]) -> list[_Stated]:
        """What rows state of some facts."""
        found: list[_Stated] = [({}, {}, {}) for _ in rows]
        for path, facts, echoed in wanted:
            texts = facts.stated(rows) if echoed else repeat(None)
            for (stated, unclear, echo), read, text in zip(found, facts.read(rows), texts, strict=False):
                if read is None:
                    continue
                if isinstance(read, Unclear):
                    unclear[path] = read
                else:
                    stated[path] = read
                    if isinstance(read, tuple):
                        unclear.update(unclear_inside(path, read))
                if echoed:
                    echo[path] = cast(str, text)
        return found

    def lines_of(self, rows: Numbers) -> Iterator[tuple[Claim, Line]]:
        """The lines of some rows that do not stand alone, each in its claim."""
        self.build(rows)
        for row, number in zip(rows.tolist(), self.claim_of_row[rows].tolist(), strict=True):
            claim = cast(Claim, self._claims[number])
            yield claim, claim.lines[row - self.starts[number]]

    def row_at_fault(self, claim: int, error: ClaimError) -> int:
        """The number in the input of the row of which an error speaks, else of the claim's first."""
        start, _ = self.bounds(claim)
        found = _OF_LINE.match(error.at)
        return int(self.row_numbers[start + (int(found[1]) if found else 0)])

    def days(self, rows: Numbers) -> Groups:
        """Rows of whole claims, in groups of one claim and day."""
        day = self.own("line.service_date")[rows]
        order = None
        key = self.claim_of_row[rows] * (int(day.max(initial=0)) + 1) + day
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key, kind="stable")
            key = key[order]
        return Groups(order, np.flatnonzero(np.append(True, key[1:] != key[:-1])), len(rows))

    def among(self, rows: Numbers, cells: Numbers) -> Numbers:
        """Cells of some rows among 0 of all others."""
        found = np.zeros(self.rows, np.int64)
        found[rows] = cells
        return found

    def of_claims(self, rows: Flags) -> Numbers:
        """All rows of the claims of some rows."""
        claims = np.zeros(len(self.starts), np.bool_)
        claims[self.claim_of_row[rows]] = True
        return np.flatnonzero(claims.take(self.claim_of_row))


def _line(number: int, stated: dict[str, Value], unclear: dict[str, Unclear], echo: dict[str, str]) -> Line:
    code, day = cast(str, stated["line.procedure"]), cast(date, stated["line.service_date"])
    own = "line.diagnoses" in stated
    return Line(number, echo["line.procedure"], code, day, stated, unclear, echo, own)


def starts_of(ids: pa.Array) -> Numbers:
    """The rows where claims begin. One that does not say whose it is stands alone."""
    if not len(ids):
        return np.zeros(0, np.int64)
    new = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.append(True, new | (pc.binary_length(ids).to_numpy()[1:] == 0)))


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
