"""Every rule holds in some golden file."""

from __future__ import annotations

from compiler import errors
from compiler.coverage.coverage import Coverage
from compiler.program import Program
from dsl.diagnostics import Report


def rule_without_golden(program: Program, shown: Coverage | None, report: Report) -> None:
    """Every rule, and every row of a decision table, holds of a line of some golden file."""
    if shown is None:
        report.add(errors.rule_without_golden("what this policy decides", program.consolidated.policy.span))
        return
    for item, truths in shown.seen.truths.items():
        if item.kind in ("rule", "row") and not truths.true:
            section, _, determination = item.name.partition(": ")
            what = f"`{determination}` of section `{section}`"
            report.add(errors.rule_without_golden(what, item.span))
