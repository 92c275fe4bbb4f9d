"""`policyc cite`: the citations of a policy against its source document."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typer

from compiler.citations import cited, edition_of
from compiler.documents import Part, SourceIndex, parts
from compiler.library import index_path, load
from dsl.diagnostics import Report
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.drawing import drawn
from policyc.files import write_whole
from policyc.render import counted, printable


def run(policy: Path, source: Path, write: bool, roots: Sequence[Path]) -> int:
    """Show the passage behind each citation; say which are stale or not found. `write` makes the index."""
    existing(policy, source, *roots)
    report = Report()
    library = load([policy], roots, report)
    package = next((name for name, path in library.paths.items() if path == policy), None)
    if package is None:
        say(drawn([d for d in report.diagnostics if d.severity == "error"]))
        return FOUND
    file = library.files[package]
    try:
        found = parts(source.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        stop(f"cannot read `{source}`: it is no text in UTF-8")
    except OSError as error:
        stop(f"cannot read `{source}`: {reason(error)}")
    by_place = {part.place: part for part in found}
    index = library.indexes.get(package)
    if write:
        return _write(policy, source, by_place, index, next((edition_of(c, file) for c in cited(file)), None))
    wrong = 0
    for cites in cited(file):
        places = index.places(edition_of(cites, file)) if index is not None else None
        wrong += _show(cites.place.value, by_place.get(cites.place.value), places, str(cites.span))
    say(f"{counted(len(list(cited(file))), 'citation')}: {wrong or 'none'} stale or not found")
    return FOUND if wrong else FINE


def _show(place: str, part: Part | None, places: dict[str, str] | None, where: str) -> bool:
    """Print a citation with its passage; whether something is wrong with it."""
    if part is None:
        typer.echo(f"{printable(place)}: not found   ({where})\n")
        return True
    stale = places is not None and places.get(place) not in (None, part.digest)
    state = "stale: the document's words have changed" if stale else "shown"
    typer.echo(f"{printable(place)}: {state}   (line {part.line}; {where})")
    typer.echo(textwrap.indent(textwrap.fill(printable(" ".join(part.text.split()), 600), 96), "    ") + "\n")
    return stale


def _write(
    policy: Path, source: Path, found: dict[str, Part], index: SourceIndex | None, edition: date | None
) -> int:
    if edition is None:
        stop(
            'the policy does not say which edition of its source it was read in: `source "..." edition DATE`'
        )
    index = index or SourceIndex(source.stem)
    index.editions[edition] = {place: part.digest for place, part in found.items()}
    target = index_path(policy)
    try:
        write_whole(target, index.as_json())
    except OSError as error:
        say(f"policyc: cannot write `{target}`: {reason(error)}")
        return FOUND
    say(f"wrote {target}: {counted(len(found), 'part')} of edition {edition}")
    return FINE
