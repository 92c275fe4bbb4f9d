"""A table of lines decided by all policies of a folder: `policyc batch` beside the library claim by claim.

The folders are those of `many.py`. Both say the same of the table, whole rows, before anything is timed.
"""

# ruff: noqa: ANN001

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import many
import pyarrow as pa
import pyarrow.parquet as pq
import report

from policyc import load_library
from policyc.bulk.run import Asked, run

SIZES = [int(size) for size in sys.argv[1:]] or [100, 1000]
ROUNDS = 5
CLAIMS = 10_000


def table_of(claims: list[dict]) -> pa.Table:
    """A row a line."""
    rows = []
    for claim in claims:
        common = {key: claim.get(key) for key in ("claim_id", "diagnoses", "score")}
        own = {"claim.diagnoses": common.pop("diagnoses"), "claim.score": common.pop("score"), **common}
        rows += [{**own, **line} for line in claim["lines"]]
    return pa.Table.from_pylist(rows)


def said_of(library, claims: list[dict]) -> list[dict]:
    """The rows that are to be written of claims."""
    return [
        {"claim_id": claim["claim_id"], "policy": decision["policy"], **line}
        for claim in claims
        for decision in library.decide(claim)
        for line in decision["lines"]
    ]


def measured(size: int) -> list[report.Row]:
    """How fast a table is decided, both ways."""
    draw = random.Random(-size)
    with tempfile.TemporaryDirectory() as place:
        folder, source, output = (Path(place) / name for name in ("made", "lines.parquet", "said.ndjson"))
        folder.mkdir()
        many.write(folder, size, draw)
        library = load_library(folder)
        claims = [{**many.a_claim(size, draw), "claim_id": f"C-{at:06}"} for at in range(CLAIMS)]
        pq.write_table(table_of(claims), source)
        run(Asked(library, source, output))
        with output.open() as lines:
            told = map(json.loads, lines)
            for row, wanted in zip(told, said_of(library, claims), strict=True):
                if row != {key: wanted[key] for key in row} or len(row) != len(wanted) - 2:
                    sys.exit(f"they differ on {row}")
        rows = pq.ParquetFile(source).metadata.num_rows
        again = Asked(load_library(folder), source, output.with_suffix(".parquet"))

        def batch() -> float:
            return processor(lambda: run(again)) / rows

        def decide() -> None:
            for claim in claims:
                library.decide(claim)  # kept are none, as who writes each would not keep them

        def one_by_one() -> float:
            return processor(decide) / rows

        batch()
        found = report.interleaved({"claim by claim": one_by_one, "policyc batch": batch}, ROUNDS)
    return report.compared(found, "claim by claim", "us a line")


def processor(work: Callable[[], object]) -> float:
    """Microseconds of the processor, all threads together."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e6


def main() -> None:
    """Compare, measure, and print tables."""
    tables = {}
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        for size in SIZES:
            tables[f"{size:,} policies, by a table"] = measured(size)
    about = (
        f"The folders of generated policies above, and a table of the lines of {CLAIMS:,} claims, decided by "
        "all that concern them: by batch from Parquet to Parquet, and claim by claim from Python, where "
        "claims are decoded, and nothing is written or kept. All rows say the same. "
        f"{ROUNDS} interleaved rounds after a first one, the time of the processor."
    )
    report.finished("many_lines", "A table and many policies", about, tables)


if __name__ == "__main__":
    main()
