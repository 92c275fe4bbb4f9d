"""Whether a policy is sound: all that is asked of it, for all claims and all days."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.conflicts import conflicts
from compiler.diff.side import Side
from compiler.program import Program
from compiler.proofs.alive import alive
from compiler.proofs.codes import listed_codes
from compiler.proofs.overlaps import overlapping
from compiler.proofs.promised import promised
from compiler.proofs.reach import reach
from compiler.proofs.statement import Statement
from dsl.diagnostics import Report


def prove(program: Program) -> Iterator[Statement]:
    """The statements about a policy that compiles, each proved or refuted."""
    side = Side(program)
    yield _overlap(side)
    yield from alive(side)
    yield from reach(side)
    yield from listed_codes(side)
    yield from promised(side)


def _overlap(side: Side) -> Statement:
    """No two sections say different things of a line without an order."""
    report = Report()
    conflicts(side.program, report)
    codes = {diagnostic.code for diagnostic in report.diagnostics}
    claim = overlapping(side) if "possible-overlap" in codes else None
    proved = False if claim else None if codes & {"possible-overlap", "too-large"} else True
    decision = side.decide(claim) if claim is not None else None
    return Statement("overlap", side.program.package, proved, claim=claim, decision=decision)
