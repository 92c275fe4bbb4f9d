"""`policyc batch` beside hand-written DuckDB SQL, on generated lines. Answers are compared before timing.

Each side runs in a process of its own, in turns. The SQL gives determinations, the batch whole decisions or,
with `--ids`, the number of each line's outcome.
"""

import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import bulk_sql  # noqa: E402
import duckdb  # noqa: E402
import lines  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from report import Row, compared, finished, interleaved  # noqa: E402

from policyc.bulk.output import outcomes_of  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
IV = "bcbsks/iv_anesthetics.pol"
TIMED = """
import re, resource, time
start = time.perf_counter()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
# Not the peak of getrusage: it counts the process that started this one.
peak = re.search("VmHWM:[^0-9]+([0-9]+) kB", open("/proc/self/status").read())[1]
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, int(peak) * 1024 // 10**6)
"""
BATCH = """
from pathlib import Path
from policyc import load
from policyc.bulk.run import Asked, run
run(Asked(load({policy!r}), Path({source!r}), Path({output!r}), **{options!r}))
"""
SQL = """
import duckdb
db = duckdb.connect()
db.execute("CREATE TABLE drugs (name TEXT, means TEXT)")
db.executemany("INSERT INTO drugs VALUES (?, ?)", {drugs!r})
db.execute({query!r})
"""


def without_evidence(folder: Path) -> Path:
    """The IV policy, as if no line were evidence for another."""
    for file in (ROOT / "policies").rglob("*.pol"):
        copied = folder / "policies" / file.relative_to(ROOT / "policies")
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text()
        if copied.name == "iv_anesthetics.pol":
            text = re.sub(r"evidence line\.\w+ from [^\n]+\n    assume [^\n]+\n", "", text)
        copied.write_text(text)
    return folder / "policies" / IV


def batch(policy: Path, source: Path, output: Path, **options: object) -> str:
    """A run of batch, as a program."""
    return BATCH.format(policy=str(policy), source=str(source), output=str(output), options=options)


def measured(work: str) -> tuple[float, float, float]:
    """Seconds, seconds of processors, and megabytes of a process."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(work=work)], check=True, capture_output=True, text=True
    )
    seconds, processor, memory = map(float, done.stdout.split()[-3:])
    return seconds, processor, memory


def numbered(ids: Path) -> str:
    """The determinations behind numbers of outcomes, as a table in SQL."""
    return f"""(SELECT claim_id, line, json_extract_string(decision, '$.determination') AS determination
        FROM read_parquet('{ids}') LEFT JOIN read_parquet('{outcomes_of(ids)}') USING (outcome))"""


def differing(one: str, other: str) -> int:
    """The lines of which two tables say other determinations."""
    query = f"""SELECT count(*) FROM {one} a FULL JOIN {other} b
        USING (claim_id, line) WHERE a.determination IS DISTINCT FROM b.determination"""
    found = duckdb.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def main() -> None:
    """Generate, compare, measure, and print a table and JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, ours, ids, theirs = (
            folder / f"{part}.parquet" for part in ("lines", "ours", "ids", "theirs")
        )
        lines.written(source, ROWS, lines.lines)
        rows = pq.ParquetFile(source).metadata.num_rows
        cases = {
            "Determinations without evidence of other lines": (without_evidence(folder), bulk_sql.alone),
            "With the evidence of other lines": (ROOT / "policies" / IV, bulk_sql.with_evidence),
        }
        tables: dict[str, list[Row]] = {}
        for case, (policy, query) in cases.items():
            told = query(f"read_parquet('{source}')", bulk_sql.DUCKDB)
            copied = f"COPY ({told}) TO '{theirs}' (FORMAT parquet)"
            sql = SQL.format(drugs=bulk_sql.drugs(), query=copied)
            works = {
                "DuckDB SQL, the determination": sql,
                "policyc batch, the whole decision": batch(policy, source, ours),
                "policyc batch, numbers of outcomes": batch(policy, source, ids, ids=True),
            }
            used = {name: measured(work)[1:] for name, work in works.items()}
            for said in (f"read_parquet('{ours}')", numbered(ids)):
                if count := differing(said, f"read_parquet('{theirs}')"):
                    sys.exit(f"{case}: {count} lines are answered differently")
            ways = {name: partial(seconds, work) for name, work in works.items()}
            found = compared(interleaved(ways, ROUNDS), next(iter(ways)), "s")
            for row in found:
                row["processor seconds"], row["peak MB"] = used[row["what"]]
            tables[case] = found
        about = (
            f"The IV-anesthetics policy on {rows:,} generated lines, Parquet in and out, beside SQL written "
            f"for it by hand; every line is answered alike. {ROUNDS} interleaved rounds, a process each."
        )
        finished("bulk", "Many claims on one machine", about, tables)


def seconds(work: str) -> float:
    """Seconds of a process."""
    return measured(work)[0]


if __name__ == "__main__":
    main()
