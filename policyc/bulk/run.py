"""A whole run: rows in, decisions out, claims that cannot be read set aside."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from attrs import Factory, define

from compiler.partition import partition
from compiler.runtime.errors import ClaimError, quoted
from policyc.bulk.chunk import CLAIM_ID
from policyc.bulk.gathering import ScatteredError, gathered, whole
from policyc.bulk.kernel import Decided, Kernel, Reject
from policyc.bulk.numbers import Numbers
from policyc.bulk.outcomes import SCHEMA
from policyc.bulk.output import Parts, Writer, is_json
from policyc.bulk.output import whole as whole_file
from policyc.bulk.sources import Mapping, Source, opened, opened_claims
from policyc.policy import Policy
from policyc.rows import RowsError

ROWS = 1 << 20
IDS = pa.schema({"claim_id": pa.string(), "line": pa.int64(), "outcome": pa.int64()})
"""What is written of a line where outcomes stand in a table of their own."""

_BYTES_A_ROW = 1500
_LEAST_ROWS = 10_000


@define
class Asked:
    """What a run is asked for."""

    policy: Policy
    input: Path
    output: Path | None
    known_on: date | None = None
    claims: Path | None = None
    mapping: Mapping = Factory(Mapping)
    ignore_extra: bool = False
    memory: int | None = None
    resume: bool = False
    progress: Callable[[int, int | None], None] = lambda done, of: None
    rows: int | None = None

    @property
    def size(self) -> int:
        """The rows that are decided at once."""
        if self.rows is not None or self.memory is None:
            return self.rows or ROWS
        return max(_LEAST_ROWS, min(ROWS, self.memory // 4 // _BYTES_A_ROW))


@define
class Told:
    """What came of a run."""

    lines: int = 0
    alone: int = 0
    kinds: int = 0
    reasons: Counter[str] = Factory(Counter)
    whole: list[str] = Factory(list)
    rejects: list[Reject] = Factory(list)
    extra: Counter[str] = Factory(Counter)


def run(asked: Asked) -> Told:
    """Decide all claims of a table, and write the decisions.

    Raises RowsError where the input holds no table of lines, OSError where a file cannot be read or written.
    """
    try:
        return _run(asked, asked.claims is not None)
    except ScatteredError:
        return _run(asked, True)


def _run(asked: Asked, sort: bool) -> Told:
    told = Told()
    extra: Callable[[str], None] | None = None
    if asked.ignore_extra:

        def extra(key: str) -> None:
            told.extra[key] += 1

    schema = asked.policy.compiled.schema
    apart = asked.claims is not None
    source = opened(asked.input, schema, asked.mapping.lines, extra, asked.size, apart)
    tables, columns = source.tables, dict(source.columns)
    if sort:
        claims = None
        if asked.claims is not None:
            claims = opened_claims(asked.claims, schema, asked.mapping.claims, extra, asked.size)
            if claims.cell is not source.cell:
                raise RowsError("the tables of lines and of claims are to be of one kind")
            twice = [path for path in claims.columns if path in columns and path != CLAIM_ID]
            if twice:
                raise RowsError(f"both tables state {quoted(twice[0])}")
            columns |= claims.columns
        tables = gathered(tables, claims.tables if claims else None, asked.memory, asked.size)
    kernel = Kernel(
        asked.policy.compiled,
        partition(asked.policy.program, asked.known_on),
        asked.known_on,
        columns,
        source.cell,
        extra,
    )
    if asked.resume and asked.output is not None:
        _in_parts(asked, sort, kernel, whole(tables), source, told)
    else:
        with whole_file(asked.output) if asked.output is not None else nullcontext(_Nowhere()) as writer:
            _decide(kernel, whole(tables), source, writer, asked, told)
    told.kinds = len(kernel.outcomes.said) - 1
    told.reasons, told.whole = kernel.reasons, kernel.whole
    return told


class _Nowhere:
    def write(self, rows: Any) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing was kept."""


def _decide(
    kernel: Kernel, chunks: Iterator[pa.Table], source: Source, writer: Writer, asked: Asked, told: Told
) -> None:
    """Decide chunk after chunk; one is written while the next is decided."""
    with ThreadPoolExecutor(1) as pool:
        writing: Future[None] | None = None
        for table in chunks:
            decided = kernel.decide(table, source.faults)
            _tell(told, decided, table.num_rows)
            rows = rows_of(kernel, decided, asked.output is not None and is_json(asked.output))
            if writing is not None:
                writing.result()
            writing = pool.submit(writer.write, rows)
            asked.progress(told.lines, source.rows)
        if writing is not None:
            writing.result()


def _in_parts(
    asked: Asked, sort: bool, kernel: Kernel, chunks: Iterator[pa.Table], source: Source, told: Told
) -> None:
    """Decide chunk after chunk, each a file of its own until all are there; those that are there stay."""
    assert asked.output is not None
    parts = Parts(asked.output, _key(asked, sort))
    number = 0
    for number, table in enumerate(chunks):
        noted = parts.notes(number)
        if noted is None:
            decided = kernel.decide(table, source.faults)
            with whole_file(parts.path(number)) as writer:
                writer.write(rows_of(kernel, decided, is_json(asked.output)))
            rejects = [
                [row, error.claim_id, error.code, error.message, error.at] for row, error in decided.rejects
            ]
            noted = {"rows": table.num_rows, "alone": decided.alone, "rejects": rejects}
            parts.note(number, noted)
        told.lines += noted["rows"]
        told.alone += noted["alone"]
        told.rejects += [
            Reject(row, ClaimError(code, message, at, claim_id))
            for row, claim_id, code, message, at in noted["rejects"]
        ]
        asked.progress(told.lines, source.rows)
    parts.join(number + 1 if told.lines else 0)


def _key(asked: Asked, sort: bool) -> str:
    """What must be as it was for the parts of a run to be those of another."""
    files = [file for file in (asked.input, asked.claims) if file is not None]
    known = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    options = asked.known_on, asked.mapping, asked.ignore_extra, asked.size, sort, SCHEMA.to_string()
    return hashlib.sha256(repr((asked.policy.compiled.digest, known, options)).encode()).hexdigest()


def _tell(told: Told, decided: Decided, rows: int) -> None:
    told.lines += rows
    told.alone += decided.alone
    told.rejects += decided.rejects


def rows_of(kernel: Kernel, decided: Decided, as_json: bool) -> Any:
    """The rows of a chunk that are decided, as columns or as JSON texts."""
    chunk, numbers = decided.chunk, decided.numbers
    ids, lines, own = chunk.ids, chunk.lines, chunk.own
    if not numbers.all():
        kept = numbers.nonzero()[0]
        ids, lines, numbers = ids.take(pa.array(kept)), lines[kept], numbers[kept]

        def own(path: str) -> Numbers:
            return chunk.own(path)[kept]

    if as_json:
        heads = zip(ids.to_pylist(), lines.tolist(), kernel.outcomes.texts(numbers, own), strict=True)
        return [
            f'{{"claim_id": {json.dumps(claim, ensure_ascii=False)}, "line": {line}, {said}}}'
            for claim, line, said in heads
        ]
    columns = kernel.outcomes.columns(numbers, own)
    return pa.Table.from_arrays([ids, pa.array(lines), *columns], schema=SCHEMA)


def ids_of(kernel: Kernel, decided: Decided) -> tuple[pa.Table, dict[int, str]]:
    """The rows of a chunk that are decided, each with the number of its outcome, and what outcomes say."""
    chunk, kept = decided.chunk, decided.numbers.nonzero()[0]
    numbers, outcomes = kernel.outcomes.whole(decided.numbers[kept], lambda path: chunk.own(path)[kept])
    arrays = [chunk.ids.take(pa.array(kept)), pa.array(chunk.lines[kept]), pa.array(numbers)]
    return pa.Table.from_arrays(arrays, schema=IDS), outcomes
