"""How much a policy says when all that it rests on is written out: bounded, so that compiling ends."""

from __future__ import annotations

from attrs import Factory, define

from compiler import errors
from compiler.model import Criterion, Definition, Use, inside
from compiler.program import Program
from dsl.diagnostics import Report

MOST_PARTS = 20_000
MOST_STEPS = 50
MOST_DEEP = 60


def sizes(program: Program, report: Report) -> None:
    """No section is too large, or too deep, with the definitions that it uses written out."""
    for text in program.consolidated.texts.values():
        measure = _Measure({**program.lowering.definitions, **{d.name: d for d in text.definitions}})
        measured = [(d.name, d.span, measure.of_definition(name)) for name, d in measure.definitions.items()]
        for section in text.sections:
            bodies = [body for rule in section.rules for body in (rule.criteria, *rule.exceptions)]
            inside = tuple(criterion for body in bodies for criterion in body)
            measured.append((section.name, section.span, measure.of(inside)))
        large = [found for found in measured if found[2][0] > MOST_PARTS or found[2][1] > MOST_DEEP]
        if large:  # the others rest on the smallest of them
            name, span, _ = min(large, key=lambda found: found[2])
            report.add(errors.too_much_rests_on(name, span, MOST_PARTS))


@define
class _Measure:
    """How many criteria there are, and how many inside each other, with definitions written out."""

    definitions: dict[str, Definition]
    known: dict[str, tuple[int, int]] = Factory(dict)

    def of_definition(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = self.of(self.definitions[name].criteria)
        return self.known[name]

    def of(self, criteria: tuple[Criterion, ...]) -> tuple[int, int]:
        parts, deepest = 1, 0
        for criterion in criteria:
            condition = criterion.condition
            many, depth = 1, 0
            if isinstance(condition, Use):
                many, depth = self.of_definition(condition.definition)
            elif within := inside(condition):
                many, depth = self.of(within)
            parts += many
            deepest = max(deepest, depth)
        return min(parts, 2 * MOST_PARTS), deepest + 1
