"""What options and arguments of the commands have in common."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class CheckFormat(StrEnum):
    """How diagnostics are told."""

    TEXT = "text"
    JSON = "json"


class LintFormat(StrEnum):
    """How what lint finds is told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class DiffFormat(StrEnum):
    """How differences are told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class DecisionFormat(StrEnum):
    """How decisions are told."""

    JSON = "json"
    NDJSON = "ndjson"
    TABLE = "table"


def day(text: str | date) -> date:
    """A date of the command line: year-month-day in ASCII digits, and a day of the calendar."""
    if isinstance(text, date):
        return text
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise typer.BadParameter(f"`{text}` is no date: expected YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"`{text}` is no day of the calendar") from None


PolicyFile = Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file.", show_default=False)]
Roots = Annotated[
    list[Path] | None, typer.Option("--root", metavar="DIR", help="Where imports are found too; repeatable.")
]
KnownOn = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="Answer as one who knew only what was posted by DATE."),
]
KnownOnBoth = Annotated[
    tuple[date, date] | None,
    typer.Option(parser=day, metavar="DATE DATE", help="As one who knew only what was posted by each DATE."),
]
Timeout = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECONDS", help="Stop after so long, as Ctrl-C does, with what was found."),
]
AreDates = Annotated[
    bool, typer.Option("--dates", help="FROM and TO are dates, though revisions are named so.")
]
