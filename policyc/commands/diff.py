"""`policyc diff`: what two versions of a policy decide differently."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from attrs import evolve

from compiler.diff.comparison import Alone
from compiler.diff.cut import each_alone
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.watch import Stopped
from policyc.commands.calls import FINE, FOUND, broken, program_of, say, stop
from policyc.options import AreDates, DiffFormat, KnownOnBoth, PolicyFile, Roots, Timeout
from policyc.policy import PolicyError
from policyc.solving import HINT, solver
from policyc.stopping import stoppable
from policyc.versions import DATE, NoVersion, Version, Versions
from policyc.words.differences import document, markdown, text
from policyc.words.render import Marks


class Asked(NamedTuple):
    """What the call asks for, beside the policy."""

    names: tuple[str | None, str | None]
    known_on: tuple[date, date] | None
    dates: bool
    form: str
    timeout: float | None = None


def command(
    policy: PolicyFile,
    one: Annotated[
        str | None,
        typer.Argument(metavar="[FROM]", help="A revision, a date, a file or a git revision."),
    ] = None,
    other: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="The same; by default the policy as it stands.")
    ] = None,
    known_on: KnownOnBoth = None,
    dates: AreDates = False,
    form: Annotated[DiffFormat, typer.Option("--format", help="How differences are told.")] = DiffFormat.TEXT,
    timeout: Timeout = None,
    root: Roots = None,
) -> None:
    """Say what two versions of a policy decide differently, with a claim for each kind."""
    asked = Asked((one, other), known_on, dates, form.value, timeout)
    raise typer.Exit(run(policy, asked, root or []))


def run(policy: Path, asked: Asked, roots: Sequence[Path]) -> int:
    """Print the comparison; status 0 where the versions are proved equal."""
    try:
        with stoppable(asked.timeout) as watch:
            found, one, other = versions_of(policy, asked, roots)
            comparison = diff(one.side, other.side, _edits(found, one, other), watch, solver())
    except Stopped:
        say("policyc: stopped before anything was compared")
        return FOUND
    told = document(comparison, found.program.package, (one, other))
    if asked.form == "json":
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        lines = markdown(told) if asked.form == "markdown" else text(told, Marks.of(sys.stdout.encoding))
        typer.echo("\n".join(lines))
    if any(apart.what == "computed" for apart in comparison.beyond) and solver() is None:
        say(f"policyc: {HINT}")
    return FINE if comparison.equal else FOUND


def versions_of(policy: Path, asked: Asked, roots: Sequence[Path]) -> tuple[Versions, Version, Version]:
    """The versions of a policy, and the two that are compared."""
    found = Versions(policy, tuple(roots), program_of(policy, roots))
    one, other = (_version(found, name, asked) for name in asked.names)
    if (one.kind == "date") != (other.kind == "date"):
        stop("a date is compared with a date: FROM and TO are both dates, or neither is")
    if asked.names == (None, None) and asked.known_on is None:
        stop("nothing to compare: name FROM, or --known-on")
    if asked.known_on is not None:
        one, other = (
            evolve(version, side=evolve(version.side, known_on=day))
            for version, day in zip((one, other), asked.known_on, strict=True)
        )
    return found, one, other


def version_of(policy: Path, name: str, roots: Sequence[Path]) -> Version:
    """A version by which claims are decided: they state their own dates."""
    found = Versions(policy, tuple(roots), program_of(policy, roots))
    version = _version(found, name, Asked((name, None), None, False, ""))
    if version.kind == "date":
        stop(f"`{name}` is no revision of the policy, and a claim states its own dates")
    return version


def _version(found: Versions, name: str | None, asked: Asked) -> Version:
    if name is None:
        return found.whole()
    names = [each for each in asked.names if each is not None]
    all_dates = len(names) == 2 and all(DATE.fullmatch(each) for each in names)
    as_date = asked.dates or (all_dates and not all(found.revises(each) for each in names))
    try:
        return found.named(name, as_date)
    except NoVersion as error:
        stop(str(error))
    except PolicyError as error:
        broken(found.path, error)


def _edits(found: Versions, one: Version, other: Version) -> Iterator[tuple[Alone, Side]]:
    """The amendments of the revisions that the second version has more, each alone."""
    histories = one.kind in ("revision", "whole") and other.kind in ("revision", "whole")
    if not histories or len(other.revisions) <= len(one.revisions):
        return
    for about, program in each_alone(other.side.program, one.revisions):
        yield about, Side(program, one.side.known_on)
