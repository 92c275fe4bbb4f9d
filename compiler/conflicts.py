"""Sections that say different things of one claim without a stated order, with such a claim."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import combinations

from compiler import errors
from compiler.ask import Asked
from compiler.cells import WindowCells
from compiler.decision import Decision, Rule
from compiler.program import Program
from compiler.runtime.diagram import MOST_NODES
from compiler.witness import days_of, witness_claim
from dsl.diagnostics import Report
from dsl.source import Span

Cells = tuple[tuple[int, frozenset[int]], ...]


def conflicts(program: Program, report: Report) -> None:
    """Check every decision of every day, for the present knowledge and for each earlier one."""
    seen: set[int] = set()
    speaks: dict[tuple[str, Span, int], bool] = {}
    policy = program.consolidated.policy
    for known_on in (None, *program.lowering.posting_cuts):
        for day in program.lowering.day_cuts:
            decision = program.decision(day, known_on)
            if decision is None or id(decision) in seen:
                continue
            seen.add(id(decision))
            asked = program.asked(decision)
            if asked is None:
                report.add(errors.too_large(policy.span, MOST_NODES))
            else:
                _conflict(program, decision, asked, day, report)
                diagram = asked.questions.diagram
                places = [(rule.section, rule.condition.span) for rule in decision.rules]
                for number, node in enumerate(asked.rules):
                    place = (*places[number], places[:number].count(places[number]))
                    speaks[place] = speaks.get(place, False) or diagram.path(node, bool) is not None
    for (section, at, _), ever in speaks.items():
        if not ever:
            report.add(errors.never_holds(section, at))


def _conflict(program: Program, decision: Decision, asked: Asked, day: date, report: Report) -> None:
    diagram = asked.questions.diagram
    views = _views(program, asked, day)
    for (one, first), (other, second) in combinations(zip(asked.rules, decision.rules, strict=True), 2):
        if first.determination != second.determination:
            both = diagram.conjunction((one, other))
            for cells, seen_on in views.items():
                limits = dict(cells)
                path = diagram.path(diagram.limit(both, limits), bool)
                if path is not None:
                    inside = {
                        at: cell if cell in limits.get(at, {cell}) else min(limits[at])
                        for at, cell in path.items()
                    }
                    _report(program, asked, (first, second), inside, seen_on, report)
                    return


def _views(program: Program, asked: Asked, day: date) -> dict[Cells, date]:
    """The cells of windows that there are on some days, from a day on, each with such a day.

    Windows that count months and days lie to each other as the calendar has it: four years of days show all.
    """
    windowed = [(fact, c.partition) for fact, c in asked.space.facts.items() if isinstance(c, WindowCells)]
    if not windowed:
        return {(): day}
    later = [cut for cut in program.lowering.day_cuts if cut > day]
    last = min([later[0] - timedelta(days=1) if later else date.max, day + timedelta(days=4 * 366)])
    found: dict[Cells, date] = {}
    for number in range((last - day).days + 1):
        on = day + timedelta(days=number)
        cells = tuple(
            (asked.space.level(fact, 0), frozenset(partition.possible(None, days_of(partition, on))))
            for fact, partition in windowed
        )
        found.setdefault(cells, on)
    return found


def _report(
    program: Program, asked: Asked, rules: tuple[Rule, Rule], path: dict[int, int], day: date, report: Report
) -> None:
    first, second = rules
    claim = json.dumps(witness_claim(program, asked.decision, asked.space, path, day))
    report.add(
        errors.overlapping_rules(
            first.section,
            first.condition.span,
            second.section,
            second.condition.span,
            (first.determination, second.determination),
            claim,
        )
    )
