"""`policyc prove`: what is true of a policy for all claims and all days."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.proofs.prove import prove
from policyc.commands.calls import FINE, FOUND, policy_of
from policyc.options import CheckFormat, PolicyFile, Roots
from policyc.proofs import document, text
from policyc.render import Marks


def command(
    policy: PolicyFile,
    form: Annotated[CheckFormat, typer.Option("--format", help="How proofs are told.")] = CheckFormat.TEXT,
    root: Roots = None,
) -> None:
    """Prove a policy sound for all claims and days, or show the claim that refutes it."""
    raise typer.Exit(run(policy, form is CheckFormat.JSON, root or []))


def run(policy: Path, as_json: bool, roots: Sequence[Path]) -> int:
    """Print the statements; status 0 where all are proved."""
    program = policy_of(policy, None, roots).program
    told = document(prove(program), program.package, str(policy))
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(text(told, Marks.of(sys.stdout.encoding))))
    return FINE if told["proved"] else FOUND
