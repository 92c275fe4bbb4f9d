"""Whole processes: `policyc eval` of a claim with a warm cache, beside an empty typer command with an option.

Rounds are interleaved, so that what else the machine does falls on both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import report  # noqa: E402

POLICIES = ROOT / "policies"
POLICY = POLICIES / "bcbsks" / "iv_anesthetics.pol"
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
CLAIM = {
    "claim_id": "C-1",
    "diagnoses": ["G90.511"],
    "lines": [{"line": 1, "procedure": "J2003", "service_date": "2024-10-01", "units": 300}],
}
EMPTY = """
import typer

app = typer.Typer()


@app.command()
def main(name: str = "x") -> None:
    pass


app()
"""
MAIN = "from policyc.cli import main; main()"


def milliseconds(command: list[str], environment: dict[str, str]) -> float:
    """The wall time of one process."""
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, env=environment)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measure, and print tables."""
    # As users have it: modules are compiled once.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as folder:
        claim, empty = Path(folder) / "claim.json", Path(folder) / "empty.py"
        claim.write_text(json.dumps(CLAIM))
        empty.write_text(EMPTY)
        environment["XDG_CACHE_HOME"] = folder
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "empty typer command": [sys.executable, str(empty)],
            "policyc eval": [sys.executable, "-c", MAIN, "eval", str(POLICY), str(claim)],
        }
        ways = {name: partial(milliseconds, command, environment) for name, command in commands.items()}
        for _ in range(3):
            for way in ways.values():
                way()
        rows = report.compared(report.interleaved(ways, ROUNDS), "empty typer command", "ms")
        check = [sys.executable, "-c", MAIN, "check", str(POLICIES)]
        checks = [milliseconds(check, environment) / 1000 for _ in range(3)]
    about = (
        "Whole processes: `policyc eval` of a claim with a warm cache, beside an empty typer command with "
        f"one option; {ROUNDS} interleaved rounds. And `policyc check` of all policies that are shipped."
    )
    tables = {
        "One claim": rows,
        "All checks": [{"what": "policyc check policies", "seconds": statistics.median(checks)}],
    }
    report.finished("startup", "Start-up", about, tables)


if __name__ == "__main__":
    main()
