"""`policyc batch --engine spark` beside hand-written Spark SQL for the determination, in one local session.

The SQL gives determinations without evidence of other lines, as the policy does here; the batch gives
whole decisions, and with `--ids` the number of each line's outcome. Answers are compared before timing.
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

from bulk import without_evidence  # noqa: E402
from bulk_sql import SPARK, alone, drugs  # noqa: E402
from lines import lines, written  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from report import compared, finished, interleaved  # noqa: E402

from policyc import load  # noqa: E402
from policyc.bulk import spark as on_spark  # noqa: E402
from policyc.bulk.run import Asked  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, full, ids, theirs = (folder / f"{each}.parquet" for each in ("lines", "full", "ids", "sql"))
        written(source, ROWS, lines)
        policy = load(without_evidence(folder))
        spark.read.parquet(str(source)).createOrReplaceTempView("lines")
        spark.createDataFrame(drugs(), "name string, means string").createOrReplaceTempView("drugs")

        query = alone("lines", SPARK)

        def sql() -> None:
            spark.sql(query).write.mode("overwrite").parquet(str(theirs))

        ways = {
            "whole decisions": lambda: on_spark.run(Asked(policy, source, full)),
            "numbers of outcomes": lambda: on_spark.run(Asked(policy, source, ids), ids=True),
            "Spark SQL": sql,
        }
        for work in ways.values():
            work()
        one, other = (spark.read.parquet(str(path)) for path in (full, theirs))
        keys = ["claim_id", "line", "determination"]
        differing = one.select(keys).exceptAll(other.select(keys)).count()
        rows = other.count()
        if differing or one.count() != rows:
            sys.exit(f"{differing} lines are answered differently")
        found = interleaved({way: partial(timed, work) for way, work in ways.items()}, ROUNDS)
    about = (
        f"The IV-anesthetics policy, without the evidence of other lines, on {rows:,} generated lines in one "
        "local session, beside Spark SQL written for it by hand; every line is answered alike. "
        f"{ROUNDS} interleaved rounds."
    )
    finished(
        "spark", "Many claims on Spark", about, {"Parquet in and out": compared(found, "Spark SQL", "s")}
    )
    spark.stop()


if __name__ == "__main__":
    main()
