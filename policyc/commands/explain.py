"""`policyc explain`: the page of an error code."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from dsl.near import near
from policyc.commands.calls import FINE, stop


def command(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As in `unknown-name`.")],
) -> None:
    """Print the page of an error code."""
    raise typer.Exit(run(code))


def run(code: str) -> int:
    """Print the page."""
    texts = pages()
    if code not in texts:
        close = near(code.lower(), texts)
        stop(f"there is no error code `{code}`" + (f"; did you mean `{close}`?" if close else ""))
    typer.echo(texts[code].read_text(encoding="utf-8").rstrip())
    return FINE


def folder() -> Traversable:
    """Where the pages are: in an installed package inside it, in a checkout where they are written."""
    inside = files("policyc").joinpath("errors_pages")
    return inside if inside.is_dir() else Path(__file__).parents[2] / "docs" / "errors"


def pages() -> dict[str, Traversable]:
    """The pages by their codes."""
    inside = folder()
    found = inside.iterdir() if inside.is_dir() else ()
    return {page.name.removesuffix(".md"): page for page in found if page.name.endswith(".md")}
