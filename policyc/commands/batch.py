"""`policyc batch`: the decisions of many claims, from a table of lines to a table of decisions."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from policyc.commands.calls import FINE, FOUND, existing, policies_of, reason, say, stop, writable
from policyc.commands.evaluate import tell_ignored
from policyc.files import write_whole
from policyc.options import KnownOn, Roots
from policyc.reading.rows import RowsError
from policyc.words.render import counted, printable

if TYPE_CHECKING:
    from policyc.bulk.kernel import Reject
    from policyc.bulk.run import Asked, Told

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_LEAST_MEMORY = 100 * 10**6
_FORMATS = (".parquet", ".ndjson", ".jsonl")


def memory(text: str | int) -> int:
    """An amount of memory in bytes, from `500MB` or `2GB`."""
    found = re.fullmatch(r"([0-9]+) ?([KMGT]?)B?", str(text).upper())
    if found is None or int(found[1]) * _UNITS[found[2]] < _LEAST_MEMORY:
        raise typer.BadParameter(f"`{text}`: expected an amount such as `2GB`, of 100MB or more")
    return int(found[1]) * _UNITS[found[2]]


class Engine(StrEnum):
    """What brings the rows of a claim together."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Call(NamedTuple):
    """The call, beside the policy and the files."""

    known_on: date | None
    claims: Path | None
    mapping: Path | None
    rejects: Path | None
    ignore_extra: bool
    memory: int | None
    resume: bool
    plan: bool
    engine: Engine
    ids: bool


def command(
    policy: Annotated[
        Path,
        typer.Argument(metavar="POLICY", help="A .pol file or a folder of them.", show_default=False),
    ],
    rows: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="A row a line: a .parquet, .csv or .ndjson file.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUTPUT", help="A .parquet or .ndjson file.")
    ] = None,
    known_on: KnownOn = None,
    claims: Annotated[
        Path | None,
        typer.Option("--claims", metavar="FILE", help="A row a claim: what is not said of each line."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="What the columns of the input are called here."),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", metavar="FILE", help="For claims not read; by default OUTPUT.rejects.ndjson."
        ),
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Columns that no policy declares are told, not refused.")
    ] = False,
    memory_limit: Annotated[
        int | None, typer.Option(parser=memory, metavar="SIZE", help="About so much memory, such as 2GB.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep what is done beside OUTPUT, and go on from there.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what is decided line by line, and write nothing.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option("--engine", help="This machine, or the cluster of a Spark session.")
    ] = Engine.DUCKDB,
    ids: Annotated[
        bool,
        typer.Option("--ids", help="A number a line, and what numbers say in OUTPUT.outcomes.parquet."),
    ] = False,
    root: Roots = None,
) -> None:
    """Decide the claims of a table of lines."""
    if (output is None) is not plan:
        raise typer.BadParameter("`--output` is wanted, or `--plan`, and not both")
    if engine == Engine.SPARK and (claims or resume or plan or memory_limit):
        raise typer.BadParameter("Spark joins, resumes and keeps within memory by itself")
    if ids and plan:
        raise typer.BadParameter("`--plan` writes nothing, `--ids` two files: leave one of them out")
    if ids and policy.is_dir():
        raise typer.BadParameter("with `--ids` one policy decides: name one .pol file")
    call = Call(known_on, claims, mapping, rejects, ignore_extra, memory_limit, resume, plan, engine, ids)
    raise typer.Exit(run(policy, rows, output, call, root or []))


def run(policy: Path, rows: Path, output: Path | None, call: Call, roots: Sequence[Path]) -> int:
    """Decide all claims; status 1 if one of them could not be read."""
    read = [path for path in (policy, rows, call.claims, call.mapping) if path is not None]
    existing(*read)
    if output is not None and output.suffix not in _FORMATS:
        stop(f"cannot write `{output}`: expected a name that ends in .parquet or .ndjson")
    if output is not None and call.ids and output.suffix != ".parquet":
        stop(f"cannot write `{output}` with `--ids`: expected a name that ends in .parquet")
    try:
        from policyc.bulk import run as bulk  # noqa: PLC0415  (needs pyarrow, which few have)
        from policyc.bulk.mapping import Mapping, mapping_of  # noqa: PLC0415
    except ImportError as error:
        stop(f"`batch` needs {error.name}: `pip install 'policyc[bulk]'`")
    rejects = _rejects(output, read, call) if output is not None else None
    loaded = policies_of(policy, call.known_on, roots)
    try:
        named = mapping_of(call.mapping) if call.mapping is not None else Mapping()
    except RowsError as error:
        stop(f"`{call.mapping}`: {error}")
    try:
        with _progress() as progress:
            options = call.ignore_extra, call.memory, call.resume, progress
            asked = bulk.Asked(
                loaded, rows, output, call.known_on, call.claims, named, *options, ids=call.ids
            )
            told = bulk.run(asked) if call.engine == Engine.DUCKDB else _on_spark(asked)
    except RowsError as error:
        stop(f"`{rows}`: {error}")
    except OSError as error:
        doing = "cannot write " if error.filename == str(output) else ""
        say(f"policyc: {doing}`{printable(str(error.filename or output))}`: {reason(error)}")
        return FOUND
    tell_ignored(told.extra)
    if not told.lines:
        say("there was no line to decide")
    if told.absent:
        say(f"`{printable(str(call.claims))}` says nothing of the claims of {counted(told.absent, 'line')}")
    if output is None or rejects is None:
        _tell_plan(told)
        if told.rejects:
            say(f"could not read {counted(len(told.rejects), 'claim')}")
    else:
        _rejected(told.rejects, rejects)
    return FOUND if told.rejects else FINE


def _rejects(output: Path, read: Sequence[Path], call: Call) -> Path:
    """Where claims are told that could not be read. Stop where a file cannot be meant that is written."""
    from policyc.bulk.output import outcomes_of  # noqa: PLC0415

    rejects = call.rejects or output.with_name(f"{output.name}.rejects.ndjson")
    written = {"decisions": output, **({"outcomes": outcomes_of(output)} if call.ids else {})}
    for what, path in written.items():
        if rejects.resolve() == path.resolve():
            stop(f"cannot write `{rejects}`: it is where the {what} stand")
        writable(path, *read, folder=path is output and call.engine == Engine.SPARK)
    writable(rejects, *read)
    return rejects


def _on_spark(asked: Asked) -> Told:
    try:
        from policyc.bulk import spark  # noqa: PLC0415  (needs PySpark and Java, which few have)
    except ImportError as error:
        stop(f"`--engine spark` needs {error.name}: `pip install 'policyc[spark]'`")
    if asked.input.suffix != ".parquet":
        raise RowsError("Spark reads a .parquet file, or a folder so named")
    return spark.run(asked)


def _rejected(rejects: list[Reject], path: Path) -> None:
    """Write why claims could not be read; where all could, an old file of the name is none of this run."""
    if not rejects:
        path.unlink(missing_ok=True)
        return
    records = ({"row": row, **error.record()} for row, error in rejects)
    write_whole(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    say(f"could not read {counted(len(rejects), 'claim')}: see {printable(str(path))}")


def _tell_plan(told: Told) -> None:
    """What was decided once for many lines, and what line by line."""
    typer.echo(f"{counted(told.lines, 'line')}, with {counted(told.kinds, 'different outcome')}")
    typer.echo(f"decided line by line: {counted(told.alone, 'line')}")
    for why, lines in told.reasons.most_common():
        typer.echo(f"    {counted(lines, 'line')}: {why}")
    for path in told.whole:
        typer.echo(f"every value counts: {path}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None], None]]:
    """Tells on a terminal how far the work is."""
    shown = sys.stderr.isatty()

    def tell(done: int, of: int | None) -> None:
        if shown:
            share = f" of {of:,}" if of is not None else ""
            typer.echo(f"\r{done:,}{share} lines", err=True, nl=False)

    try:
        yield tell
    finally:
        if shown:
            typer.echo(err=True)
