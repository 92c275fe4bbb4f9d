"""`policyc history`: the revisions of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from compiler.program import Program
from policyc.commands.calls import FINE, program_of, reason, say, stop
from policyc.files import write_whole
from policyc.options import KnownOn, PolicyFile, Roots
from policyc.words.history import history
from policyc.words.render import printable


def command(
    policy: PolicyFile,
    known_on: KnownOn = None,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw revisions, codes and concepts along time, as SVG."),
    ] = None,
    root: Roots = None,
) -> None:
    """List the revisions, and what each changes."""
    raise typer.Exit(run(policy, known_on, svg, root or []))


def run(policy: Path, known_on: date | None, svg: Path | None, roots: Sequence[Path]) -> int:
    """Print the revisions in the order of the file; draw them, where a file for it is named."""
    program = program_of(policy, roots)
    changes = history(program, known_on)
    before = program.consolidated.policy.renamed_from
    if before is not None:
        typer.echo(f"{program.package}, before that {before}\n")
    if not changes:
        typer.echo(f"nothing was posted by {known_on}")
    for number, change in enumerate(changes):
        cited = f'   cites "{change.citation}"' if change.citation else ""
        posted = "" if change.revision.endswith(str(change.posted)) else f" (posted {change.posted})"
        lines = [f"{change.revision}{posted}  {printable(change.title)}{printable(cited)}"]
        lines += [f"    - {printable(amendment)}" for amendment in change.amendments]
        verdict, *differences = change.effect
        lines += [f"    => {verdict}", *(f"       {printable(each)}" for each in differences)]
        typer.echo(("\n" if number else "") + "\n".join(lines))
    if svg is not None and changes:
        _draw(program, known_on, svg)
    return FINE


def _draw(program: Program, known_on: date | None, target: Path) -> None:
    from policyc.pages.timeline import timeline  # noqa: PLC0415  (only where it is wanted)

    try:
        write_whole(target, timeline(program, known_on))
    except OSError as error:
        stop(f"cannot write `{target}`: {reason(error)}")
    say(f"wrote {target}")
