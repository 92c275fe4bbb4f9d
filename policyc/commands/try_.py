"""`policyc try`: a page on this machine that decides a claim while one types."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from policyc.commands.calls import FINE, policy_of, reason, say, stop
from policyc.options import PolicyFile, Roots
from policyc.pages.ink import NeedsJinja
from policyc.pages.server import TryServer


def command(
    policy: PolicyFile,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; by default a free one.")] = 0,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    root: Roots = None,
) -> None:
    """Serve a page, to this machine alone, where one edits a claim and sees what is decided of it."""
    raise typer.Exit(run(policy, port, show, root or []))


def run(path: Path, port: int, show: bool, roots: Sequence[Path]) -> int:
    """Serve until interrupted; the address goes to standard output."""
    policy = policy_of(path, None, roots)
    try:
        server = TryServer(policy, port)
    except NeedsJinja as error:
        stop(str(error))
    except OSError as error:
        stop(f"cannot listen at port {port}: {reason(error)}")
    with server:
        typer.echo(server.address)
        say("to this machine alone; Ctrl-C ends it")
        if show:
            webbrowser.open(server.address)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return FINE
