"""Every criterion rests on a part of the source document, its own or that of what it stands in."""

from __future__ import annotations

from collections.abc import Mapping

from compiler import errors
from compiler.model import Criterion, Definition, Section, Use, asked_of, inside
from compiler.program import Program
from dsl.diagnostics import Report


def criterion_without_citation(program: Program, report: Report) -> None:
    """Every section cites, or each of its criteria does. What is an assumption cites nothing."""
    for text in program.consolidated.texts.values():
        by_name = {**program.lowering.definitions, **{stands.name: stands for stands in text.definitions}}
        for section in text.sections:
            if section.citation is None:
                _section(section, by_name, report)


def _section(section: Section, by_name: Mapping[str, Definition], report: Report) -> None:
    bodies = [
        body for rule in section.rules if rule.citation is None for body in (rule.criteria, *rule.exceptions)
    ]
    criteria = [criterion for body in bodies for criterion in body]
    without = [criterion for criterion in criteria if not _cited(criterion, by_name)]
    if len(without) == len(criteria):  # one mistake, one complaint
        if criteria or not section.rules:
            report.add(errors.criterion_without_citation(f"section `{section.name}`", section.span))
        return
    for criterion in without:
        what = f"`{criterion.label}`" if criterion.label else "this criterion"
        report.add(errors.criterion_without_citation(f"{what} of section `{section.name}`", criterion.span))


def _cited(criterion: Criterion, by_name: Mapping[str, Definition]) -> bool:
    if criterion.citation is not None or criterion.assumptions:
        return True
    condition = asked_of(criterion.condition)
    within = inside(condition)
    if isinstance(condition, Use) and condition.definition in by_name:
        within = by_name[condition.definition].criteria
    return bool(within) and all(_cited(inner, by_name) for inner in within)
