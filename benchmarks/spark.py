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

from bulk import generated, without_evidence  # noqa: E402
from bulk_sql import IN_SCOPE, drugs  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from report import compared, finished, interleaved  # noqa: E402

from policyc import load  # noqa: E402
from policyc.bulk import spark as on_spark  # noqa: E402
from policyc.bulk.run import Asked  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
LISTED = IN_SCOPE.replace("'G43.E09', ", "")
QUERY = f"""
WITH told AS (
    SELECT l.*,
        procedure IN ('96365', '96366', '96374', 'J2001', 'J2002', 'J2003') AS listed,
        CASE
            WHEN procedure = 'J2001' THEN service_date < DATE '2024-10-01'
            WHEN procedure IN ('J2002', 'J2003', 'J2004') THEN service_date >= DATE '2024-10-01'
            ELSE true
        END AS valid,
        CASE
            WHEN l.drug IS NOT NULL THEN d.means
            WHEN procedure = 'J2001' AND service_date < DATE '2024-10-01' THEN 'lidocaine'
            WHEN procedure IN ('J2002', 'J2003') AND service_date >= DATE '2024-10-01' THEN 'lidocaine'
            WHEN procedure = 'J2004' AND service_date >= DATE '2024-10-01' THEN 'lidocaine_epinephrine'
        END AS the_drug,
        CASE
            WHEN route IS NOT NULL THEN route
            WHEN procedure IN ('96365', '96366', '96374') THEN 'intravenous'
            WHEN procedure = 'J2001' AND service_date < DATE '2024-10-01' THEN 'intravenous'
        END AS the_route,
        CASE
            WHEN diagnoses IS NULL THEN NULL
            WHEN arrays_overlap(filter(diagnoses, x -> x IS NOT NULL), array({LISTED})) THEN true
            WHEN service_date >= DATE '2023-10-01'
                AND array_contains(filter(diagnoses, x -> x IS NOT NULL), 'G43.E09') THEN true
            WHEN exists(diagnoses, x -> x IS NULL) THEN NULL
            ELSE false
        END AS indicated
    FROM lines l LEFT JOIN drugs d ON l.drug = d.name
), held AS (
    SELECT *, the_drug IN ('ketamine', 'lidocaine') AND the_route = 'intravenous'
        AND coalesce(purpose, 'treatment') = 'treatment' AND indicated AS holds
    FROM told
)
SELECT claim_id, line, CASE
    WHEN service_date < DATE '2022-01-08' THEN 'not_in_force'
    WHEN NOT listed AND drug IS NULL THEN 'not_applicable'
    WHEN listed AND NOT valid THEN 'code_not_valid'
    WHEN holds THEN 'experimental_investigational'
    WHEN holds IS NULL THEN 'needs_information'
    ELSE 'not_applicable'
END AS determination FROM held
"""


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
        generated(source, ROWS)
        policy = load(without_evidence(folder))
        spark.read.parquet(str(source)).createOrReplaceTempView("lines")
        spark.createDataFrame(drugs(), "name string, means string").createOrReplaceTempView("drugs")

        def sql() -> None:
            spark.sql(QUERY).write.mode("overwrite").parquet(str(theirs))

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
