"""`policyc prove`: what is true of a policy for all claims and all days."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.diff.watch import Stopped
from compiler.proofs.compared import compared
from compiler.proofs.prove import prove
from compiler.proofs.statement import Statement
from dsl.diagnostics import Report
from policyc.commands.calls import FINE, FOUND, broken, program_of, say
from policyc.options import CheckFormat, PolicyFile, Roots, Timeout
from policyc.policy import PolicyError
from policyc.solving import HINT, solver
from policyc.stopping import stoppable
from policyc.words.proofs import document, text
from policyc.words.render import Marks


def command(
    policy: PolicyFile,
    form: Annotated[CheckFormat, typer.Option("--format", help="How proofs are told.")] = CheckFormat.TEXT,
    timeout: Timeout = None,
    root: Roots = None,
) -> None:
    """Prove a policy sound for all claims and days, or show the claim that refutes it."""
    raise typer.Exit(run(policy, form is CheckFormat.JSON, timeout, root or []))


def run(policy: Path, as_json: bool, timeout: float | None, roots: Sequence[Path]) -> int:
    """Print the statements; status 0 where all are proved."""
    statements: list[Statement] = []
    try:
        with stoppable(timeout) as watch:
            program = program_of(policy, roots)
            report = Report()
            others = compared(program, roots, report)
            if report.has_errors:
                broken(policy, PolicyError(report.diagnostics))
            statements.extend(prove(program, watch, others, solver()))
    except Stopped:
        say("policyc: stopped before anything was proved")
        return FOUND
    told = document(statements, program.package, str(policy))
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(text(told, Marks.of(sys.stdout.encoding))))
    beyond = {apart.what for each in statements for apart in each.beyond}
    if "computed" in beyond and solver() is None:
        say(f"policyc: {HINT}")
    return FINE if told["proved"] else FOUND
