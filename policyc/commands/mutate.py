"""`policyc mutate`: which changes of a policy its golden files would not notice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from compiler.binding.library import load
from compiler.diff.watch import Stopped
from compiler.mutate.trial import files
from compiler.program import Program
from dsl.diagnostics import Report
from policyc.commands.calls import FINE, FOUND, policy_of, reason, say, stop
from policyc.files import write_whole
from policyc.golden.goldens import FOLDER, Golden, GoldenError, collect, read
from policyc.golden.mutate import Score, Trial, fewest, golden_of
from policyc.options import CheckFormat, PolicyFile, Roots, Timeout
from policyc.policy import Policy
from policyc.stopping import stoppable
from policyc.words.mutants import change_in_line, document, text
from policyc.words.render import counted


def command(
    policy: PolicyFile,
    imports: Annotated[
        bool, typer.Option("--imports", help="Change the libraries too that the policy rests on.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Add golden files, to be reviewed, that notice what none does.")
    ] = False,
    form: Annotated[CheckFormat, typer.Option("--format", help="How the score is told.")] = CheckFormat.TEXT,
    timeout: Timeout = None,
    root: Roots = None,
) -> None:
    """Change a policy in one place at a time, and say which changes no golden file notices."""
    raise typer.Exit(run(policy, imports, write, form is CheckFormat.JSON, timeout, root or []))


def run(
    path: Path, imports: bool, write: bool, as_json: bool, timeout: float | None, roots: Sequence[Path]
) -> int:
    """Print the score; status 1 where a mutant survives, or was not tried."""
    policy = policy_of(path, None, roots)
    goldens = _goldens(path, policy)
    library = load([path], roots, Report())
    own, *others = files(library, policy.program.package)
    trial = Trial(policy.program, library, goldens, [own, *others] if imports else [own])
    with suppress(Stopped), stoppable(timeout) as watch:
        trial.run(watch)
    score = trial.score
    package = policy.program.package
    told = document(score, package)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else "\n".join(text(score, package)))
    if write:
        _write(path, policy.program, score)
    return FOUND if score.survivors or score.untried else FINE


def _goldens(path: Path, policy: Policy) -> list[Golden]:
    """The golden files of a policy; all must hold before any is asked of a mutant."""
    found = []
    for file in collect(path):
        try:
            golden = read(file)
        except GoldenError as error:
            stop(f"`{file}`: {error}")
        if golden.difference(golden.decided(policy)) is not None:
            say(f"`{file}` fails already: `policyc test {path}` shows how")
            raise typer.Exit(FOUND)
        found.append(golden)
    return found


def _write(path: Path, program: Program, score: Score) -> None:
    """Add the golden files that notice the survivors."""
    folder = path.with_suffix(FOLDER)
    made = [
        golden_of(
            program, survivor, folder, f"To be reviewed: notices that {change_in_line(survivor.mutant)}"
        )
        for survivor in score.survivors
    ]
    kept = fewest(score.survivors, [golden for golden in made if golden is not None])
    for golden in kept:
        try:
            golden.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(golden.path, golden.text())
        except OSError as error:
            stop(f"cannot write `{golden.path}`: {reason(error)}")
        say(f"wrote {golden.path}")
    say(f"{counted(len(kept), 'golden file')} to review: each says what the policy decides today")
