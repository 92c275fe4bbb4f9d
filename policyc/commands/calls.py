"""What the commands share: policies and output, and how a wrong call ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from policyc.library import PolicyLibrary, load_library
from policyc.policy import Policy, PolicyError, compiled, load
from policyc.words.render import printable

if TYPE_CHECKING:
    from compiler.program import Program

T = TypeVar("T")

FINE, FOUND, WRONG_CALL = 0, 1, 2


def say(message: str) -> None:
    """Tell people; results go to standard output instead."""
    typer.echo(message, err=True)


def stop(message: str) -> NoReturn:
    """The call itself is wrong."""
    say(f"policyc: {printable(message)}")
    raise typer.Exit(WRONG_CALL)


def existing(*paths: Path) -> None:
    """Stop where there is no such file or folder."""
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:
            stop(f"cannot read `{path}`: {reason(error)}")


def writable(output: Path, *read: Path, folder: bool = False) -> None:
    """Stop where a file cannot be meant as output: before the work, not after it. `read` are files that are
    read. The output may be a `folder`.
    """
    try:
        if output.is_dir() and not folder:
            stop(f"cannot write `{output}`: it is a folder")
        if not S_ISDIR(output.resolve().parent.stat().st_mode):
            stop(f"cannot write `{output}`: `{output.parent}` is no folder")
        if output.exists() and any(output.samefile(path) for path in read):
            stop(f"cannot write `{output}`: it is what is read")
    except (OSError, ValueError) as error:
        stop(f"cannot write `{output}`: {reason(error)}")


def reason(error: Exception) -> str:
    """Why the system refused, without its number."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


def policy_of(path: Path, known_on: date | None, roots: Sequence[Path]) -> Policy:
    """The policy of a .pol file; if it cannot be compiled, its mistakes are drawn and the work ends."""
    return _of_a_file(path, roots, lambda: load(path, known_on=known_on, roots=roots))


def program_of(path: Path, roots: Sequence[Path]) -> Program:
    """The same as the interpreter runs it, past the cache: nothing is emitted."""
    return _of_a_file(path, roots, lambda: compiled(path, roots))


def _of_a_file(path: Path, roots: Sequence[Path], made: Callable[[], T]) -> T:
    existing(path, *roots)
    if path.is_dir():
        stop(f"`{path}` is a folder: name one .pol file")
    try:
        return made()
    except PolicyError as error:
        broken(path, error)
    except OSError as error:
        stop(f"cannot read `{error.filename or path}`: {reason(error)}")


def policies_of(path: Path, known_on: date | None, roots: Sequence[Path]) -> Policy | PolicyLibrary:
    """The policy of a file, or all policies under a folder."""
    existing(path, *roots)
    if not path.is_dir():
        return policy_of(path, known_on, roots)
    try:
        library = load_library(path, known_on=known_on, roots=roots)
    except PolicyError as error:
        broken(path, error)
    except OSError as error:
        stop(f"cannot read `{error.filename or path}`: {reason(error)}")
    if not library.policies:
        stop(f"no policy is found under `{path}`")
    return library


def broken(path: Path, error: PolicyError) -> NoReturn:
    """The policy cannot be compiled: its mistakes are drawn, and the work ends."""
    errors = [d for d in error.diagnostics if d.severity == "error"]
    if not errors:
        stop(f"`{path}` holds no policy")
    from policyc.words.drawing import drawn  # noqa: PLC0415  (draws the compiler's nodes, and so loads them)

    say(drawn(errors))
    raise typer.Exit(FOUND)
