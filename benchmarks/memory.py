"""The memory that `policyc batch` really takes under `--memory-limit`, where claims must be brought together.

    python benchmarks/memory.py [LINES [MEGABYTES...]]

The lines of `lines.py`, those of a claim far from each other; a process for each limit.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import lines
import pyarrow.parquet as pq
from bulk import IV
from report import ROOT, finished

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
LIMITS = [int(limit) for limit in sys.argv[2:]] or [512, 1000, 2000]
AT_ONCE = 1_000_000
RUN = """
from pathlib import Path
from policyc import load
from policyc.bulk.run import Asked, run
told = run(Asked(load({policy!r}), Path({source!r}), Path({output!r}), memory={memory}))
# Not by getrusage: it counts the process that started this one.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(told.lines, int(peak.split()[1]) * 1024 // 10**6)
"""


def scattered(path: Path) -> None:
    """Of each million lines, the first of each claim, then the second ones."""
    writer = None
    for seed in range(max(1, LINES // AT_ONCE)):
        table = lines.lines(seed, min(LINES, AT_ONCE)).sort_by("line")
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def main() -> None:
    """Generate, run, and print a table."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "lines.parquet", Path(name) / "decided.parquet"
        scattered(source)
        for limit in LIMITS:
            work = RUN.format(
                policy=str(ROOT / "policies" / IV),
                source=str(source),
                output=str(output),
                memory=limit * 10**6,
            )
            done = subprocess.run([sys.executable, "-c", work], check=True, capture_output=True, text=True)
            told, peak = map(int, done.stdout.split())
            rows.append({"limit": f"{limit:,} MB", "peak": f"{peak:,} MB"})
    about = f"The IV-anesthetics policy on {told:,} lines in no order: the most that a process held."
    finished("memory", "Memory under a limit", about, {"--memory-limit": rows})


if __name__ == "__main__":
    main()
