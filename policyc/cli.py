"""The commands as users type them. Each is a module of `policyc.commands`, loaded when it is called."""

from __future__ import annotations

import os
import sys
import traceback
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from dsl.near import near

COMMANDS = {
    "check": "check",
    "fmt": "fmt",
    "lint": "lint",
    "eval": "evaluate",
    "replay": "replay",
    "show": "show",
    "history": "history",
    "diff": "diff",
    "prove": "prove",
    "impact": "impact",
    "cite": "cite",
    "test": "test",
    "mutate": "mutate",
    "render": "render",
    "try": "try_",
    "build": "build",
    "new": "new",
    "watch": "watch",
    "batch": "batch",
    "explain": "explain",
    "lsp": "lsp",
}
"""The commands in the order in which help lists them, each with its module, whose `command` it is."""

_plain = partial(typer.Typer, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

A_BUG = 70


class Commands(TyperGroup):
    """The commands: a call loads its own, and no other."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        """A command by its name."""
        if name not in COMMANDS:
            close = near(name, COMMANDS)
            ctx.fail(f"there is no command `{name}`" + (f"; did you mean `{close}`?" if close else ""))
        alone = _plain()
        alone.command(name)(import_module(f"policyc.commands.{COMMANDS[name]}").command)
        return typer.main.get_command(alone)


app = _plain(
    name="policyc",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def policyc() -> None:
    """Health-plan coverage policies as programs."""


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
        if stream is None or stream.closed:
            continue
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
