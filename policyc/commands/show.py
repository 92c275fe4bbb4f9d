"""`policyc show`: the policy in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from policyc.commands.calls import FINE, program_of
from policyc.options import KnownOn, PolicyFile, Roots, day
from policyc.words.show import show


def command(
    policy: PolicyFile,
    on: Annotated[date, typer.Option("--on", parser=day, metavar="DATE", help="The governing date.")],
    known_on: KnownOn = None,
    root: Roots = None,
) -> None:
    """Show the policy in force on a day."""
    raise typer.Exit(run(policy, on, known_on, root or []))


def run(policy: Path, on: date, known_on: date | None, roots: Sequence[Path]) -> int:
    """Print the consolidated text; a day without one is an answer too."""
    typer.echo(show(program_of(policy, roots), on, known_on))
    return FINE
