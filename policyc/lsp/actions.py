"""Code actions: the ways out that errors and lint offer."""

from __future__ import annotations

from lsprotocol import types

from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.diagnostics import own
from policyc.lsp.places import range_of, workspace_edit


def actions(analysis: Analysis, place: types.Range, desk: Desk) -> list[types.CodeAction]:
    """The fixes of what is said of a stretch of a file."""
    found = []
    for said in own(analysis):
        there = range_of(said.labels[0].span, desk)
        if there.start <= place.end and place.start <= there.end:
            found += [
                types.CodeAction(
                    fix.title,
                    kind=types.CodeActionKind.QuickFix,
                    edit=workspace_edit(fix.edits, desk),
                    is_preferred=fix.safe or len(said.fixes) == 1,
                )
                for fix in said.fixes
            ]
    return found
