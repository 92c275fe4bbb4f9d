"""Whether a policy is sound: all that is asked of it, for all claims and all days."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.conflicts import conflicts
from compiler.diff.side import Side
from compiler.program import Program
from compiler.proofs.alive import alive
from compiler.proofs.codes import listed_codes
from compiler.proofs.reach import reach
from compiler.proofs.statement import Statement
from dsl.diagnostics import Report


def prove(program: Program) -> Iterator[Statement]:
    """The statements about a policy that compiles, each proved or refuted."""
    side = Side(program)
    yield _overlap(program)
    yield from alive(side)
    yield from reach(side)
    yield from listed_codes(side)


def _overlap(program: Program) -> Statement:
    """No two sections say different things of a line without an order."""
    report = Report()
    conflicts(program, report)
    codes = {diagnostic.code for diagnostic in report.diagnostics}
    proved = (
        False if "overlapping-rules" in codes else None if codes & {"possible-overlap", "too-large"} else True
    )
    return Statement("overlap", program.package, proved)
