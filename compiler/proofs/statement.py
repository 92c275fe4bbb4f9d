"""What can be said of a policy as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from attrs import frozen

from compiler.diff.circumstances import Place
from compiler.diff.procedures import procedures
from compiler.diff.side import Side, standing
from compiler.runtime.errors import ClaimError
from compiler.views import views
from dsl.source import Span


@frozen
class Statement:
    """A statement and whether it is `proved`; None where that is not known.

    `kind` is overlap, rule, row, exception, criterion, redundant, gap, code or reachable; `about` the name of
    what it speaks of, and `section` that in which it stands; `claim` refutes it (of reachable: proves it),
    and is decided as `decision` says; `days` are the first and the last of which it is not true.
    """

    kind: str
    about: str
    proved: bool | None
    section: str | None = None
    claim: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    span: Span | None = None
    days: tuple[date, date] | None = None


def places(side: Side) -> Iterator[tuple[Place, list[str]]]:
    """Lines that show all that days and procedure codes can tell apart, with all codes of the day."""
    cuts = side.program.day_cuts
    ends = [day - timedelta(days=1) for day in cuts[1:]] + [date.max]
    for first, last in zip(cuts, ends, strict=True):
        decision = side.program.decision(first, side.known_on)
        for day in views([decision], side.program.governed_by, first, last) if decision else ():
            codes = procedures((side,), (day,))
            for code in codes:
                yield Place((side,), (day,), code, (standing(side, code, day),)), codes


def decided(side: Side, claim: dict[str, Any]) -> dict[str, Any] | None:
    """The decision of a claim, or None where it cannot be read."""
    try:
        return side.decide(claim)
    except ClaimError:
        return None
