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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
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
EVAL = "from policyc.cli import main; main()"


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The wall time of one process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def quartiles(values: list[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(values, n=4)
    return low, middle, high


def main() -> None:
    """Measure, and print a table and JSON."""
    with tempfile.TemporaryDirectory() as folder:
        claim, empty = Path(folder) / "claim.json", Path(folder) / "empty.py"
        claim.write_text(json.dumps(CLAIM))
        empty.write_text(EMPTY)
        environment = {**os.environ, "XDG_CACHE_HOME": folder}
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "empty typer command": [sys.executable, str(empty)],
            "policyc eval": [sys.executable, "-c", EVAL, "eval", str(POLICY), str(claim)],
        }
        for command in commands.values():
            for _ in range(3):
                seconds(command, environment)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(seconds(command, environment) * 1000)
    ratios = [
        ours / theirs
        for ours, theirs in zip(times["policyc eval"], times["empty typer command"], strict=True)
    ]
    print(f"{'':24} {'median':>9} {'quartiles':>17}   ({ROUNDS} rounds)")
    for name, values in times.items():
        low, middle, high = quartiles(values)
        print(f"{name:24} {middle:6.1f} ms {low:7.1f} - {high:.1f} ms")
    low, middle, high = quartiles(ratios)
    print(f"{'eval / empty':24} {middle:9.2f} {low:7.2f} - {high:.2f}")
    shown = {name: quartiles(values)[1] for name, values in times.items()}
    print(
        json.dumps(
            {"rounds": ROUNDS, "median_ms": shown, "ratio": {"median": middle, "quartiles": [low, high]}}
        )
    )


if __name__ == "__main__":
    main()
