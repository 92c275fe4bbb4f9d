"""A policy with some of its history alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from attrs import evolve

from compiler.binding import amendments as a
from compiler.checks.check import recursion
from compiler.diff.comparison import Alone
from compiler.history.consolidate import consolidate
from compiler.lower import Lowering
from compiler.program import Program, program_of, revision_name
from dsl.diagnostics import Report


def cut(program: Program, revisions: Sequence[a.Revision]) -> Program | None:
    """The policy with some revisions alone; None where they do not stand without the others."""
    report = Report()
    policy = evolve(program.consolidated.policy, revisions=tuple(revisions))
    whole = program.consolidated
    same = {own.id for own in revisions if any(own is other for other in whole.policy.revisions)}
    begun = {applied: text for applied, text in whole.texts.items() if same.issuperset(applied)}
    consolidated = consolidate(policy, report, begun)
    if report.has_errors:
        return None
    others = cast("Mapping[str, Program]", program.lowering.others)
    made = program_of(policy, Lowering.of(consolidated, others, program.lowering), others)
    recursion(made, report)
    return None if report.has_errors else made


def each_alone(program: Program, before: Sequence[a.Revision]) -> Iterator[tuple[Alone, Program]]:
    """The policy with the revisions of before and one amendment more, for each that stands so.

    What a revision defines and assumes comes with each of its amendments, and a section with its orders.
    """
    for revision in program.consolidated.policy.revisions:
        if revision in before:
            continue
        name = revision_name(revision.id, program.consolidated)
        groundwork = [x for x in revision.amendments if isinstance(x, a.PutDefinition | a.PutAssumption)]
        for amendment in revision.amendments:
            if amendment not in groundwork and not _belongs(amendment, revision):
                orders = [x for x in revision.amendments if _orders(x, amendment)]
                own = evolve(revision, amendments=(*groundwork, amendment, *orders))
                made = cut(program, (*before, own))
                if made is not None:
                    yield Alone(name, amendment), made


def _belongs(amendment: a.Amendment, revision: a.Revision) -> bool:
    """Whether an order comes with a section of the same revision."""
    return any(_orders(amendment, other) for other in revision.amendments)


def _orders(order: a.Amendment, section: a.Amendment) -> bool:
    if not (isinstance(order, a.PutOverride) and isinstance(section, a.PutSection)):
        return False
    return section.section.name in (order.override.winner, order.override.loser)
