"""The same decisions on a cluster: Spark brings claims together, each partition is decided as one table."""

from __future__ import annotations

import marshal
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema

from compiler.partition import Partition, partition
from compiler.runtime.compiled import run as run_code
from compiler.runtime.errors import ClaimError
from policyc.bulk.gathering import whole
from policyc.bulk.kernel import Kernel, Reject
from policyc.bulk.outcomes import PLAIN
from policyc.bulk.rows import IDS, ids_of, rows_of
from policyc.bulk.run import ROWS, Asked, Told
from policyc.bulk.sources import Layout, layout_of
from policyc.bulk.values import as_it_is

_Told = dict[str, dict[Any, Any]]


class _Together(AccumulatorParam[_Told]):
    """What the workers tell, by key: a task that is run again tells the same again."""

    def zero(self, value: _Told) -> _Told:
        """Nothing told."""
        return {}

    def addInPlace(self, value1: _Told, value2: _Told) -> _Told:
        """Both together."""
        for name, told in value2.items():
            known = value1.setdefault(name, {})
            differing = [key for key in known.keys() & told.keys() if known[key] != told[key]]
            if differing and name == "outcomes":
                raise ValueError(f"two outcomes have the number {differing[0]}")
            known.update(told)
        return value1


@frozen
class _Task:
    """All that a worker needs: the compiled policy, and how the rows state claims."""

    code: bytes
    partition: Partition
    known_on: date | None
    layout: Layout
    ids: bool

    def decided(self, batches: Iterator[pa.RecordBatch], told: Any) -> Iterator[pa.RecordBatch]:
        """The decisions of a partition's rows, in which claims stand together."""
        policy = run_code(marshal.loads(self.code))
        kernel = Kernel(policy, self.partition, self.known_on, self.layout.columns, as_it_is)
        for chunk in whole(_large(map(self._table, batches))):
            decided = kernel.decide(chunk, {})
            told.add({"lines": {int(decided.chunk.row_numbers[0]): (chunk.num_rows, decided.alone)}})
            told.add({"rejects": {e.claim_id: (e.code, e.message, e.at) for _, e in decided.rejects}})
            if self.ids:
                table, outcomes = ids_of(kernel, decided)
                told.add({"outcomes": outcomes})
            else:
                table = rows_of(kernel, decided, False).cast(PLAIN)
            yield from table.to_batches()

    def _table(self, batch: pa.RecordBatch) -> pa.Table:
        number, *columns = batch.columns
        return self.layout.numbered(number, dict(zip(self.layout.names, columns, strict=True)))


def _large(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in fewer tables."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(len(each) for each in waiting) >= ROWS // 4:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def run(asked: Asked, ids: bool = False) -> Told:
    """Decide all claims of a Parquet table, or a folder of them, in the Spark session in use, else a local
    one. The output is a folder of Parquet files; with `ids`, each line has the number of an outcome, and
    outcomes stand in a file beside.

    Raises RowsError where the input holds no table of lines.
    """
    spark = session()
    frame = spark.read.parquet(str(asked.input))
    extra: Counter[str] = Counter()
    ignored = (lambda key: extra.update([key])) if asked.ignore_extra else None
    (policy,) = asked.policies
    layout = layout_of(frame.columns, policy.compiled.schema, asked.mapping.lines, ignored)
    assert policy.kept is not None
    task = _Task(
        marshal.dumps(policy.kept.code),
        partition(policy.program, asked.known_on),
        asked.known_on,
        layout,
        ids,
    )
    told = spark.sparkContext.accumulator({}, _Together())
    decided = decisions(frame, task, told)
    decided.write.mode("overwrite").parquet(str(asked.output))
    found = told.value
    if ids:
        rows = sorted(found.get("outcomes", {}).items())
        outcomes = pa.table({"outcome": [n for n, _ in rows], "decision": [text for _, text in rows]})
        pq.write_table(outcomes, f"{asked.output}.outcomes.parquet")
    lines = found.get("lines", {}).values()
    rejects = [
        Reject(None, ClaimError(code, message, at, claim_id))
        for claim_id, (code, message, at) in found.get("rejects", {}).items()
    ]
    return Told(
        sum(n for n, _ in lines),
        sum(n for _, n in lines),
        len(found.get("outcomes", {})),
        extra=extra,
        rejects=rejects,
    )


def session() -> SparkSession:
    """The Spark session in use, else one whose workers run by this Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.appName("policyc").getOrCreate()


def decisions(frame: DataFrame, task: _Task, told: Any) -> DataFrame:
    """The decisions of a frame's lines, by claims that Spark brings together."""
    # By plain names: Spark reads a dot in one as a way into a struct.
    titles = [title.replace("`", "``") for title in task.layout.names]
    columns = [f.col(f"`{title}`").alias(f"c{at}") for at, title in enumerate(titles)]
    claim_id = f"c{list(task.layout.names.values()).index('claim_id')}"
    rows = frame.select(f.monotonically_increasing_id().alias("number"), *columns)
    together = rows.repartition(claim_id).sortWithinPartitions(claim_id, "number")
    schema = from_arrow_schema(IDS if task.ids else PLAIN)
    return together.mapInArrow(lambda batches: task.decided(batches, told), schema)
