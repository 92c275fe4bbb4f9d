"""A whole run: rows in, decisions out, claims that cannot be read set aside."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
from attrs import Attribute, Factory, define, field

from compiler.runtime.errors import ClaimError, key_named, quoted
from compiler.runtime.reader import Schema
from compiler.runtime.tables import Policy as Compiled
from policyc import cache
from policyc.bulk.chunk import CLAIM_ID, ROW
from policyc.bulk.gathering import ScatteredError, gathered, whole
from policyc.bulk.kernel import Kernel, Reject
from policyc.bulk.library import Library
from policyc.bulk.mapping import Mapping
from policyc.bulk.outcomes import PLAIN, SCHEMA
from policyc.bulk.output import Parts, Writer, is_json
from policyc.bulk.output import whole as whole_file
from policyc.bulk.rows import IDS, Made, learn, made_of
from policyc.bulk.sources import Source, opened, opened_claims
from policyc.library import PolicyLibrary
from policyc.policy import Policy
from policyc.reading.rows import Column, RowsError

ROWS = 1 << 18
_BYTES_A_ROW = 1500
_LEAST_ROWS = 10_000
_AHEAD, _BEHIND = 4, 3
"""The chunks that are read before they are decided, and those that are decided before they are written."""

_ITSELF = 320 * 10**6
"""The memory that the program takes before it reads a row, and what its libraries keep between chunks."""
_LEAST = 128 * 10**6
_turn = Lock()
_found: list[pa.MemoryPool] = []
"""What each run that has not ended found as Arrow's memory; all but the first found that of the system."""


@define
class Asked:
    """What a run is asked for; with `ids` a line has the number of its outcome.

    Raises ValueError where numbers are asked for of several policies, or as JSON.
    """

    policy: Policy | PolicyLibrary
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
    ids: bool = field(default=False)

    @ids.validator
    def _numbers(self, _: Attribute[bool], ids: bool) -> None:
        if ids and not isinstance(self.policy, Policy):
            raise ValueError("numbers of outcomes are those of one policy")
        if ids and self.as_json:
            raise ValueError("numbers of outcomes are written as Parquet")

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All by which lines are decided."""
        return (self.policy,) if isinstance(self.policy, Policy) else self.policy.policies

    @property
    def as_json(self) -> bool:
        """Whether rows are written as JSON."""
        return self.output is not None and is_json(self.output)

    @property
    def schema(self) -> pa.Schema:
        """What is written of a line."""
        if self.ids:
            return IDS
        return SCHEMA if isinstance(self.policy, Policy) else PLAIN

    @property
    def size(self) -> int:
        """The rows that are decided at once."""
        if self.rows is not None or self.memory is None:
            return self.rows or ROWS
        return max(_LEAST_ROWS, min(ROWS, self.spare // 8 // _BYTES_A_ROW))

    @property
    def spare(self) -> int:
        """The memory that rows may take, in bytes; half of it where rows are brought together."""
        return max(_LEAST, (self.memory or 0) - _ITSELF)


@define
class Told:
    """What came of a run; of the lines `absent` a table of claims says nothing. `outcomes` is what they say
    by their numbers, where rows have these.
    """

    lines: int = 0
    alone: int = 0
    kinds: int = 0
    reasons: Counter[str] = Factory(Counter)
    whole: list[str] = Factory(list)
    rejects: list[Reject] = Factory(list)
    extra: Counter[str] = Factory(Counter)
    absent: int = 0
    outcomes: dict[int, str] = Factory(dict)


def run(asked: Asked) -> Told:
    """Decide all claims of a table, and write the decisions.

    Raises RowsError where the input holds no table of lines, OSError where a file cannot be read or written.
    """
    with _memory():
        if asked.claims is None and not _was_sorted(asked):
            with suppress(ScatteredError):
                return _run(asked, False)
        return _run(asked, True)


@contextmanager
def _memory() -> Iterator[None]:
    """Memory of the system for Arrow: chunks come and go, and it keeps better what they gave back than
    Arrow's own way, which gives it all to the system and has it cleared again. Of runs at one time in
    threads the last to end puts back what the first has found.
    """
    with _turn:
        _found.append(pa.default_memory_pool())
        pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        with _turn:
            pa.set_memory_pool(_found.pop())


@contextmanager
def without_cycles() -> Iterator[None]:
    """Lines and claims are made by the ten thousand, and refer to nothing that refers to them: meanwhile all
    that is there, perhaps thousands of policies, is not looked through for cycles that nobody refers to.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _was_sorted(asked: Asked) -> bool:
    """Whether there are parts of this run, for which claims had to be brought together."""
    return asked.resume and asked.output is not None and Parts.are_of(asked.output, _key(asked, True))


def _run(asked: Asked, sort: bool) -> Told:
    told = Told()
    schema, disputed = facts_of(asked.policy)
    extra = ignoring(asked, told.extra)
    apart = asked.claims is not None
    source = opened(asked.input, schema, asked.mapping.lines, extra, asked.size, apart, disputed)
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
        share = None if asked.memory is None else asked.spare // 2

        def absent(lines: int) -> None:
            told.absent += lines

        tables = gathered(source, claims, absent, share, asked.size)
    outcomes = told.outcomes if asked.ids else None
    with ExitStack() as stack:
        to: Writer | Parts = _Nowhere()
        if asked.output is not None and asked.resume:
            to = Parts(asked.output, _key(asked, sort), asked.schema, outcomes)
        elif asked.output is not None:
            to = stack.enter_context(whole_file(asked.output, asked.schema, outcomes))
        chunks = stack.enter_context(_ahead(whole(tables, sort)))
        made = _Deciding(asked, columns, source, told)
        if isinstance(to, Parts):
            _in_parts(asked, to, made, chunks, source, told)
        else:
            _decide(made, chunks, source, to, asked, told)
    made.tell()
    return told


def ignoring(asked: Asked, told: Counter[str]) -> Callable[[str], None] | None:
    """What to do with a column that no policy declares, if it is ignored: it is told."""
    _, disputed = facts_of(asked.policy)

    def extra(key: str) -> None:
        if not disputed.isdisjoint((key, f"line.{key}", f"claim.{key}")):
            raise RowsError(f"policies declare {quoted(key)} differently: let each decide alone")
        told[key] += 1

    return extra if asked.ignore_extra else None


def facts_of(policy: Policy | PolicyLibrary) -> tuple[Schema, frozenset[str]]:
    """The facts that columns may state, and those that policies declare differently."""
    if isinstance(policy, Policy):
        return policy.compiled.schema, frozenset()
    return policy.index.schema, policy.index.disputed


class _Deciding:
    """Makes the rows of tables, by a policy or by all of a library."""

    def __init__(self, asked: Asked, columns: dict[str, Column], source: Source, told: Told) -> None:
        self.asked, self.cell, self.faults, self.told = asked, source.cell, source.faults, told
        extra = (lambda key: told.extra.update([key_named(key)])) if asked.ignore_extra else None
        self.by: Kernel | Library
        if isinstance(asked.policy, Policy):
            self.by = self._kernel(asked.policy, columns, extra)
        else:
            index, known_on = asked.policy.index, asked.known_on
            self.by = Library(index, self._compiled, known_on, columns, source.cell, extra, self._kernel_of)

    def _compiled(self, number: int) -> Compiled:
        return self.asked.policies[number].compiled

    def _kernel_of(self, number: int, columns: dict[str, Column]) -> Kernel:
        return self._kernel(self.asked.policies[number], columns, lambda _key: None)

    def _kernel(
        self, policy: Policy, columns: dict[str, Column], extra: Callable[[str], None] | None
    ) -> Kernel:
        known_on = self.asked.known_on
        return Kernel(policy.compiled, policy.partition(known_on), known_on, columns, self.cell, extra)

    @without_cycles()
    def __call__(self, table: pa.Table) -> Made:
        if isinstance(self.by, Library):
            return self.by.decide(table, self.faults, self.asked.as_json)
        outcomes = self.told.outcomes if self.asked.ids else None
        return made_of(self.by, self.by.decide(table, self.faults), self.asked.as_json, outcomes)

    def tell(self) -> None:
        """What is known when all is decided."""
        by, told = self.by, self.told
        if isinstance(by, Kernel):
            told.kinds, kernels = len(by.outcomes.kinds), {"": by}
        else:
            told.kinds, kernels = by.kinds, {f"{each.policy.package}: ": each for each in by.kernels.values()}
            told.reasons.update(by.reasons)
        for of, kernel in kernels.items():
            told.reasons.update({f"{of}{why}": lines for why, lines in kernel.reasons.items()})
            told.whole += [f"{of}{path}" for path in kernel.whole]


class _Nowhere:
    def write(self, rows: Any) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing was kept."""


def _decide(
    deciding: _Deciding, chunks: Iterator[pa.Table], source: Source, writer: Writer, asked: Asked, told: Told
) -> None:
    """Decide chunk after chunk; some are written while one is decided."""
    with ThreadPoolExecutor(1) as making, ThreadPoolExecutor(1) as pool:
        writing: deque[Future[None]] = deque()
        for table in chunks:
            made = deciding(table)
            told.lines += table.num_rows
            told.alone += made.alone
            told.rejects += made.rejects
            writing.append(pool.submit(_write, writer, making.submit(made.rows)))
            if len(writing) > _BEHIND:
                writing.popleft().result()
            asked.progress(told.lines, source.rows)
        for written in writing:
            written.result()


def _write(writer: Writer, rows: Future[Any]) -> None:
    writer.write(rows.result())


@contextmanager
def _ahead(chunks: Iterator[pa.Table]) -> Iterator[Iterator[pa.Table]]:
    """The same chunks, some of them made before they are asked for."""
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, chunks, None) for _ in range(_AHEAD))

        def made() -> Iterator[pa.Table]:
            while (table := coming.popleft().result()) is not None:
                coming.append(pool.submit(next, chunks, None))
                yield table

        try:
            yield made()
        finally:
            for future in coming:
                future.cancel()


def _in_parts(
    asked: Asked, parts: Parts, deciding: _Deciding, chunks: Iterator[pa.Table], source: Source, told: Told
) -> None:
    """Decide chunk after chunk, each a file of its own until all are there; those that are there stay."""
    number = 0
    for number, table in enumerate(chunks):
        noted = parts.notes(number)
        # Where tables are cut depends on libraries, too.
        which = {"first": table.column(ROW)[0].as_py(), "rows": table.num_rows}
        if noted is None or noted | which != noted:
            made, known = deciding(table), len(told.outcomes)
            with whole_file(parts.path(number), asked.schema) as writer:
                writer.write(made.rows())
            rejects = [
                [row, error.claim_id, error.code, error.message, error.at] for row, error in made.rejects
            ]
            new = list(islice(told.outcomes.items(), known, None))
            noted = {**which, "alone": made.alone, "rejects": rejects, "outcomes": new}
            parts.note(number, noted)
        told.lines += noted["rows"]
        told.alone += noted["alone"]
        learn(told.outcomes, noted["outcomes"])
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
    options = asked.known_on, asked.mapping, asked.ignore_extra, asked.size, sort, asked.schema.to_string()
    digests = [(policy.compiled.digest, sorted(policy.unmade)) for policy in asked.policies]
    return hashlib.sha256(repr((_program(), digests, known, options)).encode()).hexdigest()


def _program() -> list[object]:
    """What tells one version of this program from another: parts that they decided do not go together."""
    files = sorted(Path(cache.__file__).parent.rglob("*.py"))
    states = [(str(file), file.stat()) for file in files]
    return [cache.compiler_digest(), [(name, state.st_mtime_ns, state.st_size) for name, state in states]]
