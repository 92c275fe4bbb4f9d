"""`policyc test`: golden files against what is decided now."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from policyc.commands.calls import FINE, FOUND, existing, stop
from policyc.goldens import run as run_goldens


def run(path: Path, update: bool, known_on: date | None) -> int:
    """Print what differs; status 1 if something does that was not rewritten."""
    existing(path)
    results = run_goldens([path], update, known_on)
    for golden, difference in results.failures:
        typer.echo(f"{golden}\n{difference.rstrip()}\n")
    for golden in results.updated:
        typer.echo(f"rewrote {golden}")
    if not (results.passed or results.failures or results.updated):
        stop(f"there is no golden file under `{path}`")
    rewritten = f", {len(results.updated)} rewritten" if results.updated else ""
    typer.echo(f"{results.passed} passed, {len(results.failures)} failed{rewritten}")
    return FOUND if results.failures else FINE
