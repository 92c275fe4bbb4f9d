"""Whether a policy is sound: all that is asked of it, for all claims and all days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.checks.conflicts import conflicts
from compiler.diff.side import Side
from compiler.diff.watch import Stopped, Watch, unwatched
from compiler.program import Program
from compiler.proofs.alive import alive
from compiler.proofs.codes import listed_codes
from compiler.proofs.overlaps import overlapping
from compiler.proofs.promised import promised
from compiler.proofs.reach import reach
from compiler.proofs.statement import Statement
from dsl.diagnostics import Report


def prove(
    program: Program, watch: Watch = unwatched, others: Mapping[str, Program] | None = None
) -> Iterator[Statement]:
    """The statements about a policy that compiles, each proved or refuted. `others` are the policies to which
    its author says that it is equal, by package, as compiler.compared gives them. Where Stopped is raised
    into it, those that were made by then, and that it was stopped.
    """
    side = Side(program)
    try:
        yield from listed_codes(side)
        yield _overlap(side)
        yield from reach(side, watch)
        yield from promised(side, {name: Side(other) for name, other in (others or {}).items()}, watch)
        yield from alive(side, watch)
    except Stopped:
        yield Statement("stopped", program.package, None)


def _overlap(side: Side) -> Statement:
    """No two sections say different things of a line without an order."""
    report = Report()
    conflicts(side.program, report)
    codes = {diagnostic.code for diagnostic in report.diagnostics}
    claim = overlapping(side) if "possible-overlap" in codes else None
    proved = False if claim else None if codes & {"possible-overlap", "too-large"} else True
    decision = side.decide(claim) if claim is not None else None
    return Statement("overlap", side.program.package, proved, claim=claim, decision=decision)
