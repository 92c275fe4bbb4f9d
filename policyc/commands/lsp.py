"""`policyc lsp`: the language server, for editors."""

from __future__ import annotations

from pathlib import Path

from policyc.commands.calls import existing, stop
from policyc.options import Roots


def command(root: Roots = None) -> None:
    """Serve an editor, by the language server protocol on standard input and output."""
    run(root or [])


def run(roots: list[Path]) -> None:
    """Serve until the editor ends."""
    existing(*roots)
    try:
        from policyc.lsp.server import server  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        stop("the language server needs pygls: pip install 'policyc[lsp]'")
    server(roots).start_io()
