"""`policyc fmt`: policies and libraries in their one layout."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.binding.library import as_source, policy_files
from dsl.diagnostics import Report
from dsl.formatted import formatted
from dsl.parse import parse
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.files import write_whole
from policyc.words.drawing import drawn
from policyc.words.render import counted, printable

STANDARD_INPUT = "-"


def command(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files and folders, or - for standard input.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Only name the files that would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Only show what would change.")] = False,
) -> None:
    """Put policies and libraries into their one layout."""
    raise typer.Exit(run(paths, check, diff))


def run(paths: Sequence[str], check: bool, diff: bool) -> int:
    """Lay files out, those of folders too; a file with mistakes is left alone, and told.

    With `check` or `diff` nothing is written: the files that would change are named, or the changes shown.
    """
    existing(*(Path(path) for path in paths if path != STANDARD_INPUT))
    count = changed = failed = 0
    for name in _names(paths):
        raw = _read(name)
        found = _laid_out(name, raw)
        count += 1
        if found is None:
            failed += 1
            continue
        differs = found != raw
        changed += differs
        if diff:
            _show(name, raw, found)
        elif check:
            sys.stdout.buffer.write(f"{name}\n".encode() if differs else b"")
        elif name == STANDARD_INPUT:
            sys.stdout.buffer.write(found)
        elif differs and not _written(name, found):
            failed, changed = failed + 1, changed - 1
    of = counted(count, "file")
    if check or diff:
        say(f"{changed} of {of} would change")
    elif STANDARD_INPUT not in paths:
        say(f"formatted {changed} of {of}")
    return FOUND if failed or (changed and (check or diff)) else FINE


def _names(paths: Sequence[str]) -> Iterator[str]:
    for path in dict.fromkeys(paths):
        if path == STANDARD_INPUT:
            yield path
            continue
        files = policy_files(Path(path))
        if not files:
            stop(f"there is no .pol file under `{path}`")
        yield from map(str, files)


def _read(name: str) -> bytes:
    if name != STANDARD_INPUT:
        try:
            return Path(name).read_bytes()
        except OSError as error:
            stop(f"cannot read `{name}`: {reason(error)}")
    if sys.stdin is None:
        stop("cannot read the policy: standard input is closed")
    return sys.stdin.buffer.read()


def _laid_out(name: str, raw: bytes) -> bytes | None:
    """The file in its layout, or None where it has mistakes, which are told."""
    report = Report()
    source = as_source("standard input" if name == STANDARD_INPUT else Path(name).as_posix(), raw, report)
    if source is None or parse(source, report) is None:
        say(drawn(report.diagnostics) + "\n")
        return None
    return formatted(source.text).encode()


def _written(name: str, found: bytes) -> bool:
    """Put a file in the place of the old one; whether that could be done, else it is told."""
    try:
        write_whole(Path(name).resolve(), found)
    except OSError as error:
        say(f"policyc: cannot write `{printable(name)}`: {reason(error)}")
        return False
    return True


def _show(name: str, raw: bytes, found: bytes) -> None:
    """A change as a unified diff."""
    from difflib import unified_diff  # noqa: PLC0415  (seldom wanted)

    before, after = (text.decode("utf-8-sig").removesuffix("\n").split("\n") for text in (raw, found))
    for line in unified_diff(before, after, name, name, lineterm=""):
        sys.stdout.buffer.write(f"{line}\n".encode())
