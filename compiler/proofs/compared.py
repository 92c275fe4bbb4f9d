"""The policies of which an author says that this one is equal to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compiler import errors
from compiler.binding.library import place_of, root_of
from compiler.pipeline import compile_paths
from compiler.program import Program
from dsl.diagnostics import Report


def compared(program: Program, roots: Sequence[Path], report: Report) -> dict[str, Program]:
    """Those policies by package, compiled as they stand; what cannot be compared is complained about.

    Raises OSError where a file cannot be read.
    """
    own = root_of(Path(program.consolidated.policy.span.source.name), program.package)
    found: dict[str, Program] = {}
    for promise in program.consolidated.policy.promises:
        package = promise.equal_to
        if package is None or package in found:
            continue
        paths = [path for root in (own, *roots) if (path := root / place_of(package)).is_file()]
        programs = compile_paths(paths[:1], (own, *roots), report)
        other = next((made for made in programs if made.package == package), None)
        if other is not None and other.governed_by == program.governed_by:
            found[package] = other
        elif other is not None:
            report.add(errors.other_governing_date(promise.span, other.governed_by, program.governed_by))
        elif not report.has_errors:
            report.add(errors.unknown_name("policy", package, promise.span, ()))
    return found
