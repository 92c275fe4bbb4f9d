"""The memory that `policyc batch` really takes under `--memory-limit`, where claims must be brought together.

    python benchmarks/memory.py [LINES [MEGABYTES...]]

The lines of `lines.py`, those of a claim far from each other; a process for each limit.
"""

import sys
import tempfile
from pathlib import Path

from bulk import IV, batch, measured
from lines import lines, written
from report import ROOT, finished

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
LIMITS = [int(limit) for limit in sys.argv[2:]] or [512, 1000, 2000]


def main() -> None:
    """Generate, run, and print a table."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "lines.parquet", Path(name) / "decided.parquet"
        # Of each million lines, the first of each claim, then the second ones.
        written(source, LINES, lambda seed, rows: lines(seed, rows).sort_by("line"))
        for limit in LIMITS:
            _, _, peak = measured(batch(ROOT / "policies" / IV, source, output, memory=limit * 10**6))
            rows.append({"limit": f"{limit:,} MB", "peak": f"{peak:,.0f} MB"})
    about = f"The IV-anesthetics policy on {LINES:,} lines in no order: the most that a process held."
    finished("memory", "Memory under a limit", about, {"--memory-limit": rows})


if __name__ == "__main__":
    main()
