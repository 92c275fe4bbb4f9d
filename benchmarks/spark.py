"""`policyc batch --engine spark` beside hand-written Spark SQL for the determination, in one local session.

The SQL gives determinations without evidence of other lines, as the policy does here; the batch gives
whole decisions, and with `--ids` the number of each line's outcome. Answers are compared before timing. The
same lines are decided in order of claims, and in no order, where claims have to be brought together.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
os.environ["PYSPARK_PYTHON"] = sys.executable

import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from bulk import without_evidence  # noqa: E402
from bulk_sql import SPARK, alone, drugs  # noqa: E402
from lines import lines, written  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from report import Row, compared, finished, interleaved  # noqa: E402

from policyc import Policy, load  # noqa: E402
from policyc.bulk import spark as on_spark  # noqa: E402
from policyc.bulk.run import Asked  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(spark: SparkSession, policy: Policy, source: Path) -> list[Row]:
    """A row for each way of deciding a table of lines, when all have given the same answers."""
    full, ids, theirs = (source.with_name(f"{each}.parquet") for each in ("full", "ids", "sql"))
    spark.read.parquet(str(source)).createOrReplaceTempView("lines")
    query = alone("lines", SPARK)

    def sql() -> None:
        spark.sql(query).write.mode("overwrite").parquet(str(theirs))

    ways = {
        "policyc, whole decisions": lambda: on_spark.run(Asked(policy, source, full)),
        "policyc, numbers of outcomes": lambda: on_spark.run(Asked(policy, source, ids, ids=True)),
        "Spark SQL": sql,
    }
    for work in ways.values():
        work()
    one, other = (spark.read.parquet(str(path)) for path in (full, theirs))
    keys = ["claim_id", "line", "determination"]
    differing = one.select(keys).exceptAll(other.select(keys)).count()
    if differing or one.count() != other.count():
        sys.exit(f"{differing} lines are answered differently")
    found = interleaved({way: partial(timed, work) for way, work in ways.items()}, ROUNDS)
    return compared(found, "Spark SQL", "s")


def main() -> None:
    """Generate, compare, measure, and print a table and JSON."""
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "100000")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    spark.createDataFrame(drugs(), "name string, means string").createOrReplaceTempView("drugs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ordered, mixed = folder / "ordered.parquet", folder / "mixed.parquet"
        written(ordered, ROWS, lines)
        table = pq.read_table(ordered)
        pq.write_table(table.take(np.random.default_rng(1).permutation(table.num_rows)), mixed)
        policy = load(without_evidence(folder))
        sources = {"Lines in order of claims": ordered, "Lines in no order": mixed}
        tables = {case: measured(spark, policy, source) for case, source in sources.items()}
    about = (
        f"The IV-anesthetics policy, without the evidence of other lines, on {table.num_rows:,} generated "
        "lines in one local session, Parquet in and out, beside Spark SQL written for it by hand; every line "
        f"is answered alike. {ROUNDS} interleaved rounds."
    )
    finished("spark", "Many claims on Spark", about, tables)
    spark.stop()


if __name__ == "__main__":
    main()
