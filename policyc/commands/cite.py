"""`policyc cite`: a policy against its source document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from compiler.binding.library import index_path, load
from compiler.checks.citations import cited, edition_of
from compiler.source.documents import left_out, parts
from compiler.source.passages import Passage, Reading, State, passage
from compiler.source.resting import source_edition
from compiler.source.source_index import SourceIndex
from dsl import syntax as s
from dsl.diagnostics import Report
from policyc.commands.accounts import show_coverage
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.files import write_whole
from policyc.options import CheckFormat, PolicyFile, Roots
from policyc.reading.sources import SourceError, read_document
from policyc.words.drawing import drawn
from policyc.words.passages import passage_json, passage_text
from policyc.words.render import counted


class Asked(NamedTuple):
    """What the call asks for, beside the policy."""

    source: Path | None
    against: Path | None
    write: bool
    coverage: bool
    as_json: bool


def command(
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
    if sum((write, coverage, against is not None)) > 1:
        raise typer.BadParameter("`--write`, `--coverage` and `--against` go one at a time")
    asked = Asked(source, against, write, coverage, form is CheckFormat.JSON)
    raise typer.Exit(run(policy, asked, root or []))


def run(policy: Path, asked: Asked, roots: Sequence[Path]) -> int:
    """Show the passage behind each citation; say which are stale or not found. Or make the index, or say of
    each part of the document what rests on it.
    """
    if asked.source is None and not asked.coverage:
        stop("which document? `--source FILE`")
    existing(policy, *(path for path in (asked.source, asked.against) if path is not None), *roots)
    report = Report()
    library = load([policy], roots, report)
    package = next((name for name, path in library.paths.items() if path == policy), None)
    if package is None or (asked.coverage and report.has_errors):
        say(drawn([d for d in report.diagnostics if d.severity == "error"]))
        return FOUND
    file, index = library.files[package], library.indexes.get(package)
    reading, furniture = read(asked.source) if asked.source is not None else (None, [])
    if asked.coverage:
        return show_coverage(library, package, reading, furniture, asked.as_json)
    assert reading is not None
    if asked.write:
        return _write(policy, source_edition(file), reading, index)
    old = read(asked.against)[0] if asked.against is not None else None
    return _show(file, index, reading, old, asked.as_json)


def read(source: Path) -> tuple[Reading, list[str]]:
    """A document, and the headers and footers of its pages; what cannot be read ends the work."""
    try:
        document = read_document(source)
    except SourceError as error:
        stop(f"cannot read `{source}`: {error}")
    except OSError as error:
        stop(f"cannot read `{source}`: {reason(error)}")
    if document.textless:
        pages = ", ".join(map(str, document.textless))
        say(f"policyc: no text is found on page {pages} of `{source}`: a picture, perhaps")
    return Reading.of(parts(document.lines, document.textless)), left_out(document.lines)


def _show(
    file: s.File, index: SourceIndex | None, reading: Reading, old: Reading | None, as_json: bool
) -> int:
    passages = [(cites, cited_passage(cites, file, index, reading)) for cites in cited(file)]
    if as_json:
        told = [passage_json(one, cites.span, old) for cites, one in passages]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for cites, one in passages:
            typer.echo("\n".join(passage_text(one, str(cites.span), old)) + "\n")
    wrong = sum(one.state is not State.SHOWN for _, one in passages)
    say(f"{counted(len(passages), 'citation')}: {wrong or 'none'} stale or not found")
    return FOUND if wrong else FINE


def cited_passage(cites: s.Cites, file: s.File, index: SourceIndex | None, reading: Reading) -> Passage:
    """What a document has where a citation points, held against the edition in which it was read."""
    places = (index.places(edition_of(cites, file)) if index is not None else None) or {}
    return passage(cites.place.value, places.get(cites.place.value), reading)


def _write(policy: Path, edition: date | None, reading: Reading, index: SourceIndex | None) -> int:
    if edition is None:
        stop(
            'the policy does not say which edition of its source it was read in: `source "..." edition DATE`'
        )
    index = index or SourceIndex(policy.stem)
    index.editions[edition] = reading.places
    target = index_path(policy)
    try:
        write_whole(target, index.as_json())
    except OSError as error:
        say(f"policyc: cannot write `{target}`: {reason(error)}")
        return FOUND
    leaves = sum(entry.leaf for entry in reading.places.values())
    say(f"wrote {target}: {counted(leaves, 'part')} of edition {edition}")
    return FINE
