"""What is declared open is asked for as a whole, and not by the names that it happens to have."""

from __future__ import annotations

from collections.abc import Iterator

from compiler import errors
from compiler.checks.check import asked_concepts
from compiler.model import Criterion, EnumType, Section, ValueIn, inside
from compiler.program import Program
from dsl.diagnostics import Report


def open_list_closed(program: Program, report: Report) -> None:
    """Sections that name an open list, and criteria about facts with an open list of values."""
    for text in program.consolidated.texts.values():
        by_name = {**program.lowering.definitions, **{stands.name: stands for stands in text.definitions}}
        criteria = [c for stands in text.definitions for c in stands.criteria]
        for section in text.sections:
            own = [c for r in section.rules for body in (r.criteria, *r.exceptions) for c in body]
            criteria += own
            asked = set(asked_concepts(own, by_name))
            if section.open and section.concept is not None and _only_members(section, asked):
                named = section.concept.rpartition(".")[2]
                report.add(
                    errors.open_list_closed(f"the list `{named}` of section `{section.name}`", section.span)
                )
        for criterion in _all(criteria):
            _values(program, criterion, report)


def _only_members(section: Section, asked: set[str]) -> bool:
    """Whether members of the section's concept are asked for, and nothing that takes in more."""
    members = {name for name in asked if name.startswith(f"{section.concept}.")}
    return bool(members) and members == asked


def _values(program: Program, criterion: Criterion, report: Report) -> None:
    """A criterion that lists every declared value of an open enumeration takes no other."""
    match criterion.condition:
        case ValueIn(fact=path, values=values) if path in program.facts:
            kind = program.facts[path].type
            is_open = isinstance(kind, EnumType) and kind.open and len(kind.members) > 1
            if isinstance(kind, EnumType) and is_open and set(values) == set(kind.members):
                report.add(errors.open_list_closed(f"the list of values of `{path}`", criterion.span))
        case _:
            pass


def _all(criteria: list[Criterion]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield criterion
        yield from _all(list(inside(criterion.condition)))
