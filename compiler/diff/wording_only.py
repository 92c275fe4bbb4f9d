"""Revisions of which their author says that they change wording alone: no decision is another one by them."""

from __future__ import annotations

import json
from typing import Any

from compiler import errors
from compiler.diff.claims import put
from compiler.diff.procedures import PLAIN
from compiler.diff.revised import Revised, revised
from compiler.diff.side import Side
from compiler.model import RevisionId
from compiler.program import Program
from dsl.diagnostics import Diagnostic, Report
from dsl.source import Span


def wording_only(program: Program, report: Report) -> None:
    """Complain of each such revision by which a decision changes, or of which that is not known."""
    for number, revision in enumerate(program.consolidated.policy.revisions):
        if revision.wording_only is None:
            continue
        around = revised(program, number)
        if around is not None:
            complaint = _complaint(around, revision.wording_only)
            if complaint is not None:
                report.add(complaint)
        elif number == 0:
            claim, after = _first(program, revision.id)
            answers = "not_in_force", after
            report.add(errors.not_wording_only(revision.wording_only, "determination", answers, claim))
        else:
            report.add(errors.wording_unproved(revision.wording_only))


def _complaint(around: Revised, span: Span) -> Diagnostic | None:
    """A claim that is decided otherwise by a revision, or that it is not known whether there is one."""
    unknown = False
    for known_on in around.known:
        found = around.comparison(known_on=known_on)
        if found.differences:
            first = found.differences[0]
            before, after = (str(decision["lines"][0]["determination"]) for decision in first.decisions)
            claim = json.dumps(first.claim) + (f", as known on {known_on}" if known_on is not None else "")
            return errors.not_wording_only(span, first.kind, (before, after), claim)
        unknown = unknown or found.equal is None or found.unshown
    return errors.wording_unproved(span) if unknown else None


def _first(program: Program, revision: RevisionId) -> tuple[str, str]:
    """A claim of the day of the revision before which nothing stood, and its determination."""
    line = {"line": 1, "procedure": PLAIN, "service_date": revision.effective.isoformat()}
    claim: dict[str, Any] = {"claim_id": "witness", "lines": [line]}
    put(claim, line, program.governed_by, revision.effective.isoformat())
    decided = Side(program, revision.posted).decide(claim)
    return json.dumps(claim), str(decided["lines"][0]["determination"])
