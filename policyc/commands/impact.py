"""`policyc impact`: which claims of a file two versions of a policy decide differently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple

import typer

from compiler.diff.impact import Affected, Assessor
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.claims import read_claims
from compiler.runtime.errors import ClaimError, key_named
from policyc.commands import diff
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop, writable
from policyc.commands.evaluate import existing_claims, opened, tell_ignored
from policyc.files import write_whole
from policyc.options import AreDates, CheckFormat, KnownOnBoth, PolicyFile, Roots
from policyc.reading.rows import RowsError, claims_of_csv
from policyc.words.impact import document, text, worklist
from policyc.words.render import counted, printable

_MOST_TOLD = 20


class Asked(NamedTuple):
    """What the call asks for, beside the versions and the claims."""

    form: str
    money: str
    output: Path | None
    ignore_extra: bool


def command(
    policy: PolicyFile,
    rest: Annotated[
        list[str],
        typer.Argument(
            metavar="[FROM [TO]] CLAIMS",
            help="Versions as `diff` has them; claims as `eval` has them, or a .csv or .parquet file.",
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
    *names, claims = rest
    if len(names) > 2:
        raise typer.BadParameter("expected at most FROM, TO and CLAIMS after POLICY")
    one, other = (*names, None, None)[:2]
    versions = diff.Asked((one, other), known_on, dates, form.value)
    asked = Asked(form.value, money, output, ignore_extra)
    raise typer.Exit(run(policy, versions, claims, asked, root or []))


def run(policy: Path, versions: diff.Asked, claims: str, asked: Asked, roots: Sequence[Path]) -> int:
    """Print what changes; status 1 if a line is decided differently, or a claim could not be read."""
    existing(policy)
    existing_claims(claims)
    if asked.output is not None:
        writable(asked.output, policy, *([] if claims == "-" else [Path(claims)]))
    found, one, other = diff.versions_of(policy, versions, roots)
    ignored: Counter[str] = Counter()

    def extra(pointer: str) -> None:
        ignored[key_named(pointer)] += 1

    assessor = Assessor((one.side, other.side), asked.money, extra if asked.ignore_extra else None)
    listed: list[list[Affected]] = []
    with opened(claims) as stream:
        try:
            for affected in _assessed(assessor, _claims(claims, stream, assessor)):
                if affected and asked.output is not None:
                    listed.append(affected)
        except RowsError as error:
            stop(f"`{claims}`: {error}")
    if asked.output is not None:
        try:
            write_whole(asked.output, worklist(listed, asked.money))
        except OSError as error:
            stop(f"cannot write `{asked.output}`: {reason(error)}")
        say(f"wrote {counted(len(listed), 'claim')} to {printable(str(asked.output))}")
    impact = assessor.impact
    told = document(impact, found.program.package, (one, other), asked.money)
    if asked.form == "json":
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(text(told)))
    tell_ignored(ignored)
    if impact.unreadable:
        say(f"could not read {impact.unreadable} of {counted(impact.claims, 'claim')}")
    return FOUND if impact.changed_lines or impact.unreadable else FINE


def _claims(name: str, stream: BinaryIO, assessor: Assessor) -> Iterator[Any]:
    if not name.endswith((".csv", ".parquet")):
        return read_claims(stream)
    money = {f"line.{assessor.money}": FactSpec(f"line.{assessor.money}", "decimal")}
    one, other = (side.program.schema for side in assessor.sides)
    schema = {**money, **other, **one}
    if name.endswith(".csv"):
        return claims_of_csv(stream, schema, assessor.extra)
    try:
        from policyc.bulk.claims import claims_of_table  # noqa: PLC0415  (needs pyarrow, which few have)
    except ImportError as error:
        stop(f"a Parquet file needs {error.name}: `pip install 'policyc[bulk]'`")
    return claims_of_table(Path(name), schema, assessor.extra)


def _assessed(assessor: Assessor, claims: Iterator[Any]) -> Iterator[list[Affected]]:
    """What becomes of each claim; why some cannot be read is told."""
    for claim in claims:
        try:
            yield assessor.assess(claim)
        except ClaimError as error:
            if assessor.impact.unreadable <= _MOST_TOLD:
                who = error.claim_id or f"claim {assessor.impact.claims}, without an id"
                say(f"{printable(who)}: not read: {printable(str(error))}")
