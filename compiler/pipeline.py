"""The whole compiler on one page: paths in, programs out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from compiler.binding.library import Library, load
from compiler.binding.resolve import Resolved, resolve
from compiler.checks.check import check
from compiler.checks.citations import citations
from compiler.checks.conflicts import conflicts
from compiler.checks.decision_tables import decision_tables
from compiler.diff.wording_only import wording_only
from compiler.history.consolidate import consolidate
from compiler.lower import Lowering
from compiler.program import Program, program_of
from dsl.diagnostics import Report


def compile_paths(paths: Sequence[Path], roots: Sequence[Path], report: Report) -> tuple[Program, ...]:
    """Compile the policies of some files, and whatever they import; in order of package names.

    Mistakes go to the report; with an error there, no program is given. Raises OSError where a file
    cannot be read.
    """
    return compile_library(load(paths, roots, report), report)


def compile_library(library: Library, report: Report) -> tuple[Program, ...]:
    """Compile the policies of a library that was loaded; in order of package names."""
    return () if report.has_errors else compile_resolved(bound(library, report), report)


def bound(library: Library, report: Report) -> Resolved:
    """The packages of a library with their names bound, and their citations looked up."""
    resolved = resolve(library, report)
    for package, file in library.files.items():
        citations(file, library.indexes.get(package), report)
    return resolved


def compile_resolved(
    resolved: Resolved, report: Report, sound: Iterable[Program] = ()
) -> tuple[Program, ...]:
    """Compile the policies of packages whose names are bound; in order of package names. Where what stands on
    some days stands in a program of `sound` too, it is known to hold no contradictions.
    """
    if report.has_errors:
        return ()
    programs: list[Program] = []
    for policy in resolved.policies:
        consolidated = consolidate(policy, report)
        if report.has_errors:
            continue
        # A policy stands behind those that it imports.
        others = {p.package: p for p in programs if p.package in {u.package for u in policy.unit.closure()}}
        program = program_of(policy, Lowering.of(consolidated, others), others)
        check(program, report)
        if not report.has_errors:
            decision_tables(program, report)
            alike = program.specs, program.governed_by
            before = [known for known in sound if (known.specs, known.governed_by) == alike]
            conflicts(program, report, before)
            wording_only(program, report)
        programs.append(program)
    return () if report.has_errors else tuple(sorted(programs, key=lambda p: p.package))
