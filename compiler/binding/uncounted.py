"""Assumptions that stand where no decision can rest on them."""

from __future__ import annotations

from compiler import errors
from compiler.binding.scope import Unit
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside


def uncounted(unit: Unit, report: Report) -> None:
    """Complain of the assumptions of a bound package that nothing has taken up: by what a judgement or a
    revision cites, say, nothing is decided.
    """
    for assume in inside(unit.file.items, s.Assume):
        if assume.span not in unit.assumed:
            report.add(errors.assumption_without_effect(assume.name.text, assume.span))
