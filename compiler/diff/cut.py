"""A policy with some of its history alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from attrs import evolve

from compiler import amendments as a
from compiler.check import recursion
from compiler.consolidate import consolidate
from compiler.diff.diff import Alone
from compiler.lower import Lowering
from compiler.pipeline import program_of
from compiler.program import Program, revision_name
from dsl.diagnostics import Report


def cut(program: Program, revisions: Sequence[a.Revision]) -> Program | None:
    """The policy with some revisions alone; None where they do not stand without the others."""
    report = Report()
    policy = evolve(program.consolidated.policy, revisions=tuple(revisions))
    consolidated = consolidate(policy, report)
    if report.has_errors:
        return None
    others = cast("Mapping[str, Program]", program.lowering.others)
    made = program_of(policy, Lowering.of(consolidated, others), others)
    recursion(made, report)
    return None if report.has_errors else made


def each_alone(program: Program, before: Sequence[a.Revision]) -> Iterator[tuple[Alone, Program]]:
    """The policy with the revisions of before and one amendment more, for each that stands so."""
    for revision in program.consolidated.policy.revisions:
        if revision in before:
            continue
        name = revision_name(revision.id, program.consolidated)
        for amendment in revision.amendments:
            made = cut(program, (*before, evolve(revision, amendments=(amendment,))))
            if made is not None:
                yield Alone(name, amendment), made
