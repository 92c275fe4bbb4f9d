"""`policyc test`: golden files against what is decided now, and what they exercise."""

# ruff: noqa: PLC0415  (coverage loads the compiler, and is seldom wanted)

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.files import write_whole
from policyc.golden.goldens import GoldenError, Results, collect, policy_of
from policyc.golden.goldens import run as run_goldens
from policyc.options import KnownOn
from policyc.policy import PolicyError, load

if TYPE_CHECKING:
    from compiler.coverage.coverage import Coverage


class Asked(NamedTuple):
    """What the call asks for, beside the golden files. `html` is the page of the coverage."""

    update: bool
    known_on: date | None
    coverage: bool
    html: Path | None


def command(
    path: Annotated[
        Path, typer.Argument(metavar="[PATH]", help="A policy, a golden file or a folder.")
    ] = Path("."),
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite the golden files that differ, and say which.")
    ] = False,
    known_on: KnownOn = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show the policy with what the golden files exercise of it.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the coverage as an HTML page.")
    ] = None,
) -> None:
    """Decide the claims of golden files, and compare; a file's own `known_on` rules."""
    if update and known_on is not None:
        raise typer.BadParameter("what was known on another day is no reason to rewrite golden files")
    raise typer.Exit(run(path, Asked(update, known_on, coverage, html)))


def run(path: Path, asked: Asked) -> int:
    """Print what differs; status 1 if something does that was not rewritten."""
    existing(path)
    results = run_goldens([path], asked.update, asked.known_on)
    tell_failures(results)
    for golden in results.updated:
        typer.echo(f"rewrote {golden}")
    if not (results.passed or results.failures or results.updated):
        stop(f"there is no golden file under `{path}`")
    if asked.coverage or asked.html is not None:
        _tell_coverage(path, asked)
    rewritten = f", {len(results.updated)} rewritten" if results.updated else ""
    typer.echo(f"{results.passed} passed, {len(results.failures)} failed{rewritten}")
    return FOUND if results.failures else FINE


def tell_failures(results: Results) -> None:
    """Print each golden file that does not hold, and how it differs."""
    for golden, difference in results.failures:
        typer.echo(f"{golden}\n{difference.rstrip()}\n")


def _tell_coverage(path: Path, asked: Asked) -> None:
    from policyc.pages.coverage import coverage_page
    from policyc.words.coverage import text

    found = _coverages(path, asked.known_on)
    for coverage, goldens in found if asked.coverage else ():
        typer.echo("\n".join(text(coverage, goldens)) + "\n")
    if asked.html is not None:
        try:
            write_whole(asked.html, coverage_page(found))
        except OSError as error:
            stop(f"cannot write `{asked.html}`: {reason(error)}")
        say(f"wrote the coverage to {asked.html}")


def _coverages(path: Path, known_on: date | None) -> list[tuple[Coverage, int]]:
    """What golden files exercise of each of their policies, and how many do; a golden that cannot be run,
    or states no claim, exercises nothing.
    """
    from policyc.golden.exercised import exercised

    goldens: dict[Path, list[Path]] = {}
    for file in collect(path):
        with suppress(GoldenError):  # told already, where golden files were run
            goldens.setdefault(policy_of(file), []).append(file)
    found = []
    for policy, files in goldens.items():
        with suppress(PolicyError, OSError):
            coverage, ran = exercised(load(policy).program, files, known_on)
            found.append((coverage, len(ran)))
    return found
