"""The same decisions on a cluster: each task decides whole claims as a table of its own.

Where the files of a table note that no claim has rows in two of their row groups, each task reads some of
these, as a local run does. Else Spark reads the table, and brings claims together.

A task writes its decisions into a file of its own, and tells the driver its name. The files of the tasks that
Spark counts as done become the output; those of tasks that failed or ran twice do not.
"""

from __future__ import annotations

import json
import marshal
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from compiler.partition import Partition
from compiler.runtime.compiled import run as run_code
from compiler.runtime.errors import ClaimError, key_named
from compiler.runtime.tables import Policy
from policyc.bulk.gathering import ScatteredError, whole
from policyc.bulk.kernel import Kernel, Reject
from policyc.bulk.library import Library
from policyc.bulk.output import ParquetFile, outcomes_of, write_outcomes
from policyc.bulk.rows import Made, learn, made_of
from policyc.bulk.run import ROWS, Asked, Told, facts_of, ignoring, without_cycles
from policyc.bulk.shares import Run, Share, footers_of
from policyc.bulk.sources import Layout, layout_of
from policyc.bulk.values import as_it_is
from policyc.library import Index, PolicyLibrary
from policyc.reading.rows import Column

_OUTCOMES = "_outcomes-"
_kernels: dict[str, tuple[Kernel | Library, Counter[str]]] = {}
"""What decided in the last run of this process, and knows the kinds of lines that it has met; and the keys
that it ignored.
"""


@frozen
class _Task:
    """All that a worker needs: the compiled policies, and of several which lines each can concern; how the
    rows state claims, and the folder for its file.

    `run` is the name of the run; `shares` are those of a table in which claims stand together.
    """

    run: str
    folder: Path
    policies: tuple[tuple[bytes, Partition], ...]
    index: Index | None
    known_on: date | None
    layout: Layout
    ignore_extra: bool
    ids: bool
    schema: pa.Schema
    shares: list[Share]

    def brought(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write the decisions of a partition's rows, in which claims stand together; give what is to be told
        of them, as JSON.
        """
        return self._decided(whole(_large(map(self._table, batches)), True))

    def read(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same of shares, given by their numbers. It is told where rows of a claim do not stand together:
        then nothing else is.
        """
        try:
            yield from self._decided(self._shared(batches))
        except ScatteredError:
            yield _one("null")

    def _shared(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
        for batch in batches:
            for run in chain.from_iterable(self.shares[number] for number in batch.column(0).to_pylist()):
                # Of two runs none has rows of the other's claims.
                yield from whole(self._tables(run), False)

    def _decided(self, chunks: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
        by, extra = _kernels.pop(self.run) if self.run in _kernels else self._by()
        extra.clear()
        context = TaskContext.get()
        name = f"part-{context.partitionId() if context else 0:05}-{os.urandom(6).hex()}.parquet"
        writer = ParquetFile(self.folder / name, self.schema)
        told: dict[str, Any] = {"file": name, "lines": 0, "alone": 0, "rejects": []}
        outcomes: dict[int, str] = {}
        try:
            for chunk in chunks:
                made = self._made(by, chunk, outcomes)
                told["lines"] += chunk.num_rows
                told["alone"] += made.alone
                told["rejects"] += [[e.claim_id, e.code, e.message, e.at] for _, e in made.rejects]
                writer.write(made.rows())
        finally:
            writer.close()
        if self.ids:
            write_outcomes(outcomes, self.folder / f"{_OUTCOMES}{name}")
        _kernels.clear()
        _kernels[self.run] = by, extra
        yield _one(json.dumps({**told, "extra": extra}))

    def _by(self) -> tuple[Kernel | Library, Counter[str]]:
        columns, known_on = self.layout.columns, self.known_on
        compiled = cache(self._compiled)
        extra: Counter[str] = Counter()
        tell = (lambda key: extra.update([key_named(key)])) if self.ignore_extra else None

        def kernel(
            number: int,
            columns: dict[str, Column],
            extra: Callable[[str], None] | None = lambda _key: None,
        ) -> Kernel:
            apart = self.policies[number][1]
            return Kernel(compiled(number), apart, known_on, columns, as_it_is, extra)

        if self.index is None:
            return kernel(0, columns, tell), extra
        return Library(self.index, compiled, known_on, columns, as_it_is, tell, kernel), extra

    def _compiled(self, number: int) -> Policy:
        return run_code(marshal.loads(self.policies[number][0]))

    @without_cycles()
    def _made(self, by: Kernel | Library, chunk: pa.Table, outcomes: dict[int, str]) -> Made:
        """The rows of whole claims; what outcomes say is put to that of others."""
        if isinstance(by, Library):
            return by.decide(chunk, {}, False)
        return made_of(by, by.decide(chunk, {}), False, outcomes if self.ids else None)

    def _table(self, batch: pa.RecordBatch) -> pa.Table:
        number, *columns = batch.columns
        return self.layout.numbered(number, dict(zip(self.layout.names, columns, strict=True)))

    def _tables(self, run: Run) -> Iterator[pa.Table]:
        first = 1
        for some in run.tables(self.layout.names, ROWS):
            yield self.layout.table(first, dict(zip(some.column_names, some.columns, strict=True)))
            first += len(some)


def _one(told: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"told": [told]})


def _large(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in fewer tables."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(len(each) for each in waiting) >= ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def run(asked: Asked) -> Told:
    """Decide all claims of a Parquet table, or a folder of them, in the Spark session in use, else a local
    one. The output is a folder of Parquet files, which all workers must be able to write.

    Raises RowsError where the input holds no table of lines, OSError where the output cannot be written,
    ValueError where more is asked than is done on Spark.
    """
    if asked.output is None or asked.claims is not None or asked.resume or asked.memory is not None:
        raise ValueError("on Spark a run has an output, and no table of claims, resume or memory limit")
    index = asked.policy.index if isinstance(asked.policy, PolicyLibrary) else None
    footers = footers_of(asked.input)
    titles = footers.titles if footers is not None else session().read.parquet(str(asked.input)).columns
    extra: Counter[str] = Counter()
    schema, disputed = facts_of(asked.policy)
    layout = layout_of(titles, schema, asked.mapping.lines, ignoring(asked, extra), disputed)
    compiled = []
    for policy in asked.policies:
        if policy.kept is None:
            raise ValueError("a policy without some of its assumptions is not decided on Spark")
        compiled.append((marshal.dumps(policy.kept.code), policy.partition(asked.known_on)))
    name = os.urandom(6).hex()
    folder = asked.output.absolute().parent / f".{asked.output.name[:64]}.{name}.tmp"
    shares = footers.shares(layout.of("claim_id")) if footers is not None else []
    task = _Task(
        run=name,
        folder=folder,
        policies=tuple(compiled),
        index=index,
        known_on=asked.known_on,
        layout=layout,
        ignore_extra=asked.ignore_extra,
        ids=asked.ids,
        schema=asked.schema,
        shares=shares,
    )
    folder.mkdir()
    try:
        told = _told(asked.input, task)
        files = {each["file"] for each in told}
        missing = files - {file.name for file in folder.iterdir()}
        if missing:
            raise OSError(None, "the workers wrote elsewhere: name a folder that all share", str(folder))
        outcomes: dict[int, str] = {}
        if asked.ids:
            for file in files:
                columns = pq.read_table(folder / f"{_OUTCOMES}{file}").to_pydict().values()
                learn(outcomes, zip(*columns, strict=True))
            write_outcomes(outcomes, outcomes_of(asked.output))
        _keep(folder, files, asked.output, asked.schema)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for each in told:
        extra.update(each["extra"])
    rejects = [tuple(reject) for each in told for reject in each["rejects"]]
    rejects.sort(key=lambda reject: reject[0] or "")
    return Told(
        sum(each["lines"] for each in told),
        sum(each["alone"] for each in told),
        extra=extra,
        rejects=[Reject(None, ClaimError(code, message, at, claim)) for claim, code, message, at in rejects],
        outcomes=outcomes,
    )


def session() -> SparkSession:
    """The Spark session in use, else one whose workers run by this Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.appName("policyc").getOrCreate()


def _told(path: Path, task: _Task) -> list[Any]:
    """What tasks tell of all claims of a table."""
    spark = session()
    if task.shares:
        numbers = spark.range(len(task.shares), numPartitions=len(task.shares))
        told = [json.loads(row.told) for row in numbers.mapInArrow(task.read, "told string").collect()]
        if None not in told:
            return told
    rows = _together(spark.read.parquet(str(path)), task.layout).mapInArrow(task.brought, "told string")
    return [json.loads(row.told) for row in rows.collect()]


def _together(frame: DataFrame, layout: Layout) -> DataFrame:
    """The lines of a frame with their numbers, those of a claim one behind the other in one partition.

    Columns are by plain names: Spark reads a dot in one as a way into a struct.
    """
    titles = [title.replace("`", "``") for title in layout.names]
    columns = [f.col(f"`{title}`").alias(f"c{at}") for at, title in enumerate(titles)]
    claim_id = f"c{list(layout.names).index(layout.of('claim_id'))}"
    rows = frame.select(f.monotonically_increasing_id().alias("number"), *columns)
    # Ids often begin alike: numbers for them are compared sooner.
    rows = rows.withColumn("place", f.xxhash64(claim_id)).repartition("place")
    return rows.sortWithinPartitions("place", claim_id, "number").drop("place")


def _keep(folder: Path, files: set[str], output: Path, schema: pa.Schema) -> None:
    """A folder with some files, and no others, becomes the output in the place of an old one."""
    for file in folder.iterdir():
        if file.name not in files:
            file.unlink()
    if not files:
        ParquetFile(folder / "part-none.parquet", schema).close()
    old = folder.with_suffix(".old")
    if output.exists():
        os.replace(output, old)
    os.replace(folder, output)
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink(missing_ok=True)
