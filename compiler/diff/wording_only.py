"""Revisions of which their author says that they change wording alone: no decision is another one by them."""

from __future__ import annotations

import json

from compiler import errors
from compiler.diff.revised import revised
from compiler.program import Program
from dsl.diagnostics import Report


def wording_only(program: Program, report: Report) -> None:
    """Complain of each such revision by which a decision changes, or of which that is not known."""
    for number, revision in enumerate(program.consolidated.policy.revisions):
        around = revised(program, number) if revision.wording_only is not None else None
        if around is None or revision.wording_only is None:
            continue
        found = around.comparison()
        if found.differences:
            first = found.differences[0]
            before, after = (str(decision["lines"][0]["determination"]) for decision in first.decisions)
            claim = json.dumps(first.claim)
            report.add(errors.not_wording_only(revision.wording_only, first.kind, (before, after), claim))
        elif found.equal is None or found.unshown:
            report.add(errors.wording_unproved(revision.wording_only))
