"""`policyc check`: the mistakes in policies and libraries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.binding.library import policy_files
from compiler.checks.cost import cost
from compiler.pipeline import compile_paths
from dsl.diagnostics import Report
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.options import CheckFormat, Roots
from policyc.words.drawing import as_json, drawn
from policyc.words.render import counted


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    form: Annotated[CheckFormat, typer.Option("--format", help="How mistakes are told.")] = CheckFormat.TEXT,
    cost: Annotated[bool, typer.Option("--cost", help="Say how much work a decision is at most.")] = False,
    root: Roots = None,
) -> None:
    """Find the mistakes in policies and libraries."""
    raise typer.Exit(run(paths, form is CheckFormat.JSON, root or [], cost))


def run(paths: Sequence[Path], as_data: bool, roots: Sequence[Path], with_cost: bool) -> int:
    """Check files and folders; notes and warnings do not change the status."""
    existing(*paths, *roots)
    files = list(dict.fromkeys(file for path in paths for file in policy_files(path)))
    if not files:
        stop(f"there is no .pol file under `{paths[0]}`")
    report = Report()
    try:
        programs = compile_paths(files, roots, report)
    except OSError as error:
        stop(f"cannot read `{error.filename or paths[0]}`: {reason(error)}")
    if as_data:
        typer.echo(json.dumps([as_json(d) for d in report.diagnostics], ensure_ascii=False, indent=2))
        return FOUND if report.has_errors else FINE
    if report.diagnostics:
        say(drawn(report.diagnostics) + "\n")
    amounts = Counter(d.severity.value for d in report.diagnostics)
    told = [counted(amounts[s], s) for s in ("warning", "note") if amounts[s]]
    checked = counted(len(programs), "policy") if programs else counted(len(files), "file")
    for program in programs if with_cost else ():
        typer.echo(f"{program.package}: {cost(program).sentence}")
    say(f"checked {checked}: " + ", ".join([counted(amounts["error"], "error"), *told]))
    return FOUND if report.has_errors else FINE
