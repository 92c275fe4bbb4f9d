"""All rules of lint, over the files and policies of a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.binding.library import Library
from compiler.coverage.coverage import Coverage
from compiler.lint.assumption_without_reason import assumption_without_reason
from compiler.lint.criterion_without_citation import criterion_without_citation
from compiler.lint.ending_code import ending_code
from compiler.lint.label_repeats_code import label_repeats_code
from compiler.lint.open_list_closed import open_list_closed
from compiler.lint.rule_without_golden import rule_without_golden
from compiler.lint.threshold_left_behind import threshold_left_behind
from compiler.lint.unasked_fact import unasked_fact
from compiler.program import Program
from dsl.diagnostics import Report


def lint(
    library: Library, programs: Sequence[Program], shown: Mapping[str, Coverage | None], report: Report
) -> None:
    """Apply the rules to what compiles. `shown` is what golden files exercise of a package's policy, None
    where it has none; of a package that it lacks, nothing is said of golden files.
    """
    for file in library.files.values():
        assumption_without_reason(file, report)
        label_repeats_code(file, report)
    for program in programs:
        criterion_without_citation(program, report)
        ending_code(program, report)
        open_list_closed(program, report)
        threshold_left_behind(program, report)
        if program.package in shown:
            rule_without_golden(program, shown[program.package], report)
    unasked_fact(programs, report)
