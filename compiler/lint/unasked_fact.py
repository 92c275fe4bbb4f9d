"""A fact that libraries declare is asked for by some policy."""

from __future__ import annotations

from collections.abc import Sequence

from compiler import errors
from compiler.binding.scope import Unit
from compiler.checks.check import used_facts
from compiler.program import Program
from dsl.diagnostics import Report


def unasked_fact(programs: Sequence[Program], report: Report) -> None:
    """Every fact of a library that some policy imports. Of a policy's own facts `check` tells."""
    importing: dict[str, list[Program]] = {}
    units: dict[str, Unit] = {}
    for program in programs:
        own = program.consolidated.policy.unit
        for unit in own.closure():
            if unit.package not in {other.package for other in programs}:
                units[unit.package] = unit
                importing.setdefault(unit.package, []).append(program)
    for package, by in importing.items():
        used = {fact for program in by for fact in _asked(program)}
        for path, fact in units[package].facts.items():
            if path not in used:
                report.add(errors.unasked_fact(path, fact.span, [program.package for program in by]))


def _asked(program: Program) -> set[str]:
    """The facts that a policy asks for, and those whose codes give them."""
    used = used_facts(program)
    return used | {program.facts[path].giver for path in used if path in program.facts}
