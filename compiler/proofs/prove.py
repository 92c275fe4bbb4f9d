"""Whether a policy is sound: all that is asked of it, for all claims and all days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from compiler.checks.conflicts import conflicts
from compiler.diff.side import Side
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.spaces import Apart
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
    program: Program,
    watch: Watch = unwatched,
    others: Mapping[str, Program] | None = None,
    solver: Solver | None = None,
) -> Iterator[Statement]:
    """The statements about a policy that compiles, each proved or refuted. `others` are the policies to which
    its author says that it is equal, by package (see compiler.proofs.compared); `solver` is asked about
    arithmetic. Where Stopped is raised into it, those that were made by then, and that it was stopped.
    """
    side = Side(program)
    try:
        yield from listed_codes(side)
        yield _overlap(side, Arithmetic(solver))
        yield from reach(side, watch, solver)
        sides = {name: Side(other) for name, other in (others or {}).items()}
        yield from promised(side, sides, watch, solver)
        yield from alive(side, watch)
    except Stopped:
        yield Statement("stopped", program.package, None)


def _overlap(side: Side, arithmetic: Arithmetic) -> Statement:
    """No two sections say different things of a line without an order."""
    report = Report()
    conflicts(side.program, report)
    codes = {diagnostic.code for diagnostic in report.diagnostics}
    claim = None
    beyond = {Apart("too large", ())} if "too-large" in codes else set()
    if "possible-overlap" in codes:
        claim, more = overlapping(side, arithmetic)
        beyond |= more
        # What was known on an earlier day may have had an overlap that was mended since.
        for day in side.program.posting_cuts if claim is None and not beyond else ():
            mended, more = overlapping(evolve(side, known_on=day), arithmetic)
            beyond |= more if mended is None else {Apart("not reproduced", ())}
    return Statement(
        "overlap",
        side.program.package,
        False if claim is not None else None if beyond else True,
        claim=claim,
        decision=side.decide(claim) if claim is not None else None,
        beyond=tuple(sorted(beyond)) if claim is None else (),
        solved=arithmetic.solved,
    )
