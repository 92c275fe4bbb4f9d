"""The commands as users type them; the work of each is a module of `policyc.commands`, loaded when called."""

# ruff: noqa: PLC0415  (a command loads what it needs, and nothing else)

from __future__ import annotations

import os
import re
import sys
import traceback
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from policyc.options import (
    AreDates,
    CheckFormat,
    DecisionFormat,
    DiffFormat,
    KnownOn,
    KnownOnBoth,
    PolicyFile,
    Roots,
    day,
)

app = typer.Typer(
    name="policyc",
    help="Health-plan coverage policies as programs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

A_BUG = 70


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    form: Annotated[CheckFormat, typer.Option("--format", help="How mistakes are told.")] = CheckFormat.TEXT,
    cost: Annotated[bool, typer.Option("--cost", help="Say how much work a decision is at most.")] = False,
    root: Roots = None,
) -> None:
    """Find the mistakes in policies and libraries."""
    from policyc.commands import check as command

    raise typer.Exit(command.run(paths, form is CheckFormat.JSON, root or [], cost))


@app.command()
def fmt(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files and folders, or - for standard input.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Only name the files that would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Only show what would change.")] = False,
) -> None:
    """Put policies and libraries into their one layout."""
    from policyc.commands import fmt as command

    raise typer.Exit(command.run(paths, check, diff))


@app.command(name="eval")
def evaluate(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file or a folder of them.")],
    claims: Annotated[str, typer.Argument(metavar="CLAIMS", help="A JSON or NDJSON file, or - for stdin.")],
    known_on: KnownOn = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, criterion by criterion.")] = False,
    form: Annotated[
        DecisionFormat | None,
        typer.Option("--format", help="By default a table on a terminal, ndjson into a pipe."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Of a folder, the policies that are silent on the claim too.")
    ] = False,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Keys that no policy declares are counted, not refused.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Append to FILE what repeats each decision."),
    ] = None,
    record_key_file: Annotated[
        Path | None,
        typer.Option("--record-key-file", metavar="FILE", help="Record claims by a digest with this key."),
    ] = None,
    head_file: Annotated[
        Path | None,
        typer.Option("--head-file", metavar="FILE", help="Where the digest of the last record is written."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="By the history up to a revision, or as git has it.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="With --explain: the document, to show its passages."),
    ] = None,
    wordings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --explain: the sentences of reasons in a plan's own words."),
    ] = None,
    root: Roots = None,
) -> None:
    """Decide claims."""
    from policyc.commands import evaluate as command

    if record is None and (record_key_file or head_file) is not None:
        raise typer.BadParameter("`--record-key-file` and `--head-file` need `--record`")
    if source is not None and (not explain or version is not None or policy.is_dir()):
        raise typer.BadParameter("`--source` needs `--explain` and one policy file, as it stands")
    if wordings is not None and not explain:
        raise typer.BadParameter("`--wordings` needs `--explain`")
    chosen = form.value if form else "table" if sys.stdout.isatty() else "ndjson"
    recording = command.Recording(record, record_key_file, head_file) if record is not None else None
    asked = command.Asked(
        known_on, explain, chosen, everything, ignore_extra, recording, version, source, wordings
    )
    raise typer.Exit(command.run(policy, claims, asked, root or []))


@app.command()
def replay(
    records: Annotated[Path, typer.Argument(metavar="FILE", help="What `policyc eval --record` wrote.")],
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file or a folder of them.")],
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="DIGEST", help="A head that was kept elsewhere: it must be in FILE."),
    ] = None,
    root: Roots = None,
) -> None:
    """Decide recorded claims again, and report what differs."""
    from policyc.commands import replay as command

    if head is not None and not re.fullmatch(r"sha256:[0-9a-f]{64}", head):
        raise typer.BadParameter(f"`{head}` is no digest: expected `sha256:` and 64 hexadecimal digits")
    raise typer.Exit(command.run(records, policy, head, root or []))


@app.command()
def show(
    policy: PolicyFile,
    on: Annotated[date, typer.Option("--on", parser=day, metavar="DATE", help="The governing date.")],
    known_on: KnownOn = None,
    root: Roots = None,
) -> None:
    """Show the policy in force on a day."""
    from policyc.commands import show as command

    raise typer.Exit(command.run(policy, on, known_on, root or []))


@app.command()
def history(policy: PolicyFile, known_on: KnownOn = None, root: Roots = None) -> None:
    """List the revisions, and what each changes."""
    from policyc.commands import history as command

    raise typer.Exit(command.run(policy, known_on, root or []))


@app.command()
def diff(
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
    root: Roots = None,
) -> None:
    """Say what two versions of a policy decide differently, with a claim for each kind."""
    from policyc.commands import diff as command

    asked = command.Asked((one, other), known_on, dates, form.value)
    raise typer.Exit(command.run(policy, asked, root or []))


@app.command()
def prove(
    policy: PolicyFile,
    form: Annotated[CheckFormat, typer.Option("--format", help="How proofs are told.")] = CheckFormat.TEXT,
    root: Roots = None,
) -> None:
    """Prove a policy sound for all claims and days, or show the claim that refutes it."""
    from policyc.commands import prove as command

    raise typer.Exit(command.run(policy, form is CheckFormat.JSON, root or []))


@app.command()
def impact(
    policy: PolicyFile,
    rest: Annotated[
        list[str],
        typer.Argument(
            metavar="[FROM [TO]] CLAIMS",
            help="Versions as `diff` has them; a file of claims as `eval` has it, or a .csv file.",
            show_default=False,
        ),
    ],
    known_on: KnownOnBoth = None,
    dates: AreDates = False,
    money: Annotated[
        str, typer.Option("--money", metavar="KEY", help="What a line bills stands under this key.")
    ] = "charge",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A CSV of the lines to decide again, oldest first."
        ),
    ] = None,
    form: Annotated[CheckFormat, typer.Option("--format", help="How it is told.")] = CheckFormat.TEXT,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Keys that no version declares are counted, not refused.")
    ] = False,
    root: Roots = None,
) -> None:
    """Say which claims of a file two versions of a policy decide differently."""
    from policyc.commands import diff as comparison
    from policyc.commands import impact as command

    *names, claims = rest
    if len(names) > 2:
        raise typer.BadParameter("expected at most FROM, TO and CLAIMS after POLICY")
    one, other = (*names, None, None)[:2]
    versions = comparison.Asked((one, other), known_on, dates, form.value)
    asked = command.Asked(form.value, money, output, ignore_extra)
    raise typer.Exit(command.run(policy, versions, claims, asked, root or []))


@app.command()
def cite(
    policy: PolicyFile,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="The source document: text, PDF or HTML."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="OLD_FILE", help="An older document: of what changed, show the words."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Make the source's index: places and digests of its parts.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say of every part of the document what rests on it.")
    ] = False,
    form: Annotated[
        CheckFormat, typer.Option("--format", help="For people, or for programs.")
    ] = CheckFormat.TEXT,
    root: Roots = None,
) -> None:
    """Show the passages that a policy cites, and say which are stale or not found."""
    from policyc.commands import cite as command

    if sum((write, coverage, against is not None)) > 1:
        raise typer.BadParameter("`--write`, `--coverage` and `--against` go one at a time")
    asked = command.Asked(source, against, write, coverage, form is CheckFormat.JSON)
    raise typer.Exit(command.run(policy, asked, root or []))


@app.command()
def test(
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
    from policyc.commands import test as command

    if update and known_on is not None:
        raise typer.BadParameter("what was known on another day is no reason to rewrite golden files")
    raise typer.Exit(command.run(path, command.Asked(update, known_on, coverage, html)))


@app.command()
def mutate(
    policy: PolicyFile,
    imports: Annotated[
        bool, typer.Option("--imports", help="Change the libraries too that the policy rests on.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Add golden files, to be reviewed, that notice what none does.")
    ] = False,
    form: Annotated[CheckFormat, typer.Option("--format", help="How the score is told.")] = CheckFormat.TEXT,
    root: Roots = None,
) -> None:
    """Change a policy in one place at a time, and say which changes no golden file notices."""
    from policyc.commands import mutate as command

    raise typer.Exit(command.run(policy, imports, write, form is CheckFormat.JSON, root or []))


@app.command()
def build(
    policy: PolicyFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="MODULE.py", help="By default standard output.")
    ] = None,
    root: Roots = None,
) -> None:
    """Write a policy as one Python module that needs the standard library alone."""
    from policyc.commands import build as command

    raise typer.Exit(command.run(policy, output, root or []))


@app.command()
def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As in `unknown-name`.")],
) -> None:
    """Print the page of an error code."""
    from policyc.commands import explain as command

    raise typer.Exit(command.run(code))


def main() -> None:
    """The entry point: whatever happens, people read a sentence and scripts a status."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    try:
        app()
    except OSError as error:
        typer.echo(f"policyc: {error.strerror or error}", err=True)
        sys.exit(1)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        typer.echo(f"policyc: a bug in policyc, at {where}: {type(error).__name__}: {error}", err=True)
        sys.exit(A_BUG)
    finally:
        _flush()


def _flush() -> None:
    """Write what is left; if nobody reads any more, Python must not say so again at exit."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
