"""`policyc build`: a policy as one Python module that needs the standard library alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.emit.standalone import standalone
from policyc.commands.calls import FINE, FOUND, program_of, reason, say, stop, writable
from policyc.files import write_whole
from policyc.options import PolicyFile, Roots
from policyc.words.render import printable


def command(
    policy: PolicyFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="MODULE.py", help="By default standard output.")
    ] = None,
    root: Roots = None,
) -> None:
    """Write a policy as one Python module that needs the standard library alone."""
    raise typer.Exit(run(policy, output, root or []))


def run(policy: Path, output: Path | None, roots: Sequence[Path]) -> int:
    """Write the module to a file, whole or not at all, or to standard output."""
    if output is not None:
        _check(output)
    text = standalone(program_of(policy, roots)).encode()
    if output is None:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return FINE
    try:
        _write(output.resolve(), text)
    except OSError as error:
        say(f"policyc: cannot write `{printable(str(output))}`: {reason(error)}")
        return FOUND
    return FINE


def _write(output: Path, text: bytes) -> None:
    if output.exists() and not output.is_file():
        # A terminal or a pipe cannot be replaced.
        output.write_bytes(text)
    else:
        write_whole(output, text)


def _check(output: Path) -> None:
    """Stop where the call cannot be meant: before the work, not after it."""
    if output.suffix == ".pol":
        stop(f"cannot write `{output}`: a policy must not be overwritten by its module")
    writable(output)
