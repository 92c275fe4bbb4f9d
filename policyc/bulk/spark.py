"""The same decisions on a cluster: Spark brings claims together, each partition is decided as one table.

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
from collections.abc import Iterable, Iterator
from datetime import date
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
from compiler.runtime.errors import ClaimError
from policyc.bulk.gathering import whole
from policyc.bulk.kernel import Kernel, Reject
from policyc.bulk.outcomes import SCHEMA
from policyc.bulk.output import ParquetFile
from policyc.bulk.rows import IDS, ids_of, rows_of
from policyc.bulk.run import ROWS, Asked, Told
from policyc.bulk.sources import Layout, layout_of
from policyc.bulk.values import as_it_is

_OUTCOMES = "_outcomes-"
_kernels: dict[str, Kernel] = {}
"""The kernel of the last run in this process, which knows the kinds of lines that it has met."""


@frozen
class _Task:
    """All that a worker needs: the compiled policy, how the rows state claims, and the folder for its file.

    `run` is the name of the run.
    """

    run: str
    folder: Path
    code: bytes
    partition: Partition
    known_on: date | None
    layout: Layout
    ids: bool

    def decided(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write the decisions of a partition's rows, in which claims stand together; give what is to be told
        of them, as JSON.
        """
        kernel = _kernels.pop(self.run, None) or self._kernel()
        context = TaskContext.get()
        name = f"part-{context.partitionId() if context else 0:05}-{os.urandom(6).hex()}.parquet"
        writer = ParquetFile(self.folder / name, IDS if self.ids else SCHEMA)
        told: dict[str, Any] = {"file": name, "lines": 0, "alone": 0, "rejects": []}
        outcomes: dict[int, str] = {}
        try:
            for chunk in whole(_large(map(self._table, batches)), True):
                decided = kernel.decide(chunk, {})
                told["lines"] += chunk.num_rows
                told["alone"] += decided.alone
                told["rejects"] += [[e.claim_id, e.code, e.message, e.at] for _, e in decided.rejects]
                if self.ids:
                    rows, said = ids_of(kernel, decided)
                    outcomes |= said
                else:
                    rows = rows_of(kernel, decided, False)
                writer.write(rows)
        finally:
            writer.close()
        if self.ids:
            _write_outcomes(outcomes, self.folder / f"{_OUTCOMES}{name}")
        _kernels.clear()
        _kernels[self.run] = kernel
        yield pa.RecordBatch.from_pydict({"told": [json.dumps(told)]})

    def _kernel(self) -> Kernel:
        policy = run_code(marshal.loads(self.code))
        return Kernel(policy, self.partition, self.known_on, self.layout.columns, as_it_is)

    def _table(self, batch: pa.RecordBatch) -> pa.Table:
        number, *columns = batch.columns
        return self.layout.numbered(number, dict(zip(self.layout.names, columns, strict=True)))


def _write_outcomes(outcomes: dict[int, str], path: Path) -> None:
    arrays = [pa.array(list(outcomes), pa.int64()), pa.array(list(outcomes.values()), pa.string())]
    pq.write_table(pa.table(arrays, ["outcome", "decision"]), path)


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


def run(asked: Asked, ids: bool = False) -> Told:
    """Decide all claims of a Parquet table, or a folder of them, in the Spark session in use, else a local
    one. The output is a folder of Parquet files, which all workers must be able to write; with `ids`, each
    line has the number of an outcome, and outcomes stand in a file beside.

    Raises RowsError where the input holds no table of lines, OSError where the output cannot be written,
    ValueError where more is asked than is done on Spark.
    """
    if asked.output is None or asked.claims is not None or asked.resume or asked.memory is not None:
        raise ValueError("on Spark a run has an output, and no table of claims, resume or memory limit")
    frame = session().read.parquet(str(asked.input))
    extra: Counter[str] = Counter()
    ignored = (lambda key: extra.update([key])) if asked.ignore_extra else None
    (policy,) = asked.policies
    layout = layout_of(frame.columns, policy.compiled.schema, asked.mapping.lines, ignored)
    if policy.kept is None:
        raise ValueError("a policy without some of its assumptions is not decided on Spark")
    name = os.urandom(6).hex()
    folder = asked.output.absolute().parent / f".{asked.output.name[:64]}.{name}.tmp"
    code, apart = marshal.dumps(policy.kept.code), policy.partition(asked.known_on)
    task = _Task(name, folder, code, apart, asked.known_on, layout, ids)
    folder.mkdir()
    try:
        rows = _together(frame, layout).mapInArrow(task.decided, "told string").collect()
        told = [json.loads(row.told) for row in rows]
        files = {each["file"] for each in told}
        missing = files - {file.name for file in folder.iterdir()}
        if missing:
            raise OSError(None, "the workers wrote elsewhere: name a folder that all share", str(folder))
        outcomes = _outcomes(folder / f"{_OUTCOMES}{file}" for file in files) if ids else {}
        _keep(folder, files, asked.output, IDS if ids else SCHEMA)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ids:
        _write_outcomes(dict(sorted(outcomes.items())), Path(f"{asked.output}.outcomes.parquet"))
    rejects = [tuple(reject) for each in told for reject in each["rejects"]]
    rejects.sort(key=lambda reject: reject[0] or "")
    return Told(
        sum(each["lines"] for each in told),
        sum(each["alone"] for each in told),
        extra=extra,
        rejects=[Reject(None, ClaimError(code, message, at, claim)) for claim, code, message, at in rejects],
    )


def session() -> SparkSession:
    """The Spark session in use, else one whose workers run by this Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.appName("policyc").getOrCreate()


def _together(frame: DataFrame, layout: Layout) -> DataFrame:
    """The lines of a frame with their numbers, those of a claim one behind the other in one partition.

    Columns are by plain names: Spark reads a dot in one as a way into a struct.
    """
    titles = [title.replace("`", "``") for title in layout.names]
    columns = [f.col(f"`{title}`").alias(f"c{at}") for at, title in enumerate(titles)]
    claim_id = f"c{list(layout.names.values()).index('claim_id')}"
    rows = frame.select(f.monotonically_increasing_id().alias("number"), *columns)
    return rows.repartition(claim_id).sortWithinPartitions(claim_id, "number")


def _outcomes(files: Iterable[Path]) -> dict[int, str]:
    """What outcomes say, by their numbers."""
    found: dict[int, str] = {}
    for file in files:
        numbers, texts = pq.read_table(file).to_pydict().values()
        for number, text in zip(numbers, texts, strict=True):
            if found.setdefault(number, text) != text:
                raise ValueError(f"two outcomes have the number {number}")
    return found


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
