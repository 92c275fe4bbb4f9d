"""Sections that say different things of one claim without a stated order, with such a claim."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any

from compiler import errors
from compiler.ir.decision import Decision, Rule
from compiler.program import Program
from compiler.questions.ask import Asked, ask
from compiler.questions.split import splits, within
from compiler.questions.views import Dates, seen, views
from compiler.questions.witness import without_elements, witness_claim
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.diagram import MOST_NODES, TooLarge
from compiler.runtime.errors import ClaimError
from compiler.runtime.judge import judge
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report
from dsl.source import Span


def conflicts(program: Program, report: Report, sound: Iterable[Program] = ()) -> None:
    """Check every decision of every day, for the present knowledge and each earlier one. Those of `sound`,
    programs with the same facts and governing date, were checked before.
    """
    checked = {decision: days for other in sound for decision, days in _standing(other)}
    speaks: dict[tuple[str, Span, int], bool] = {}
    sound_parts: set[Hashable] = set()
    policy = program.consolidated.policy
    for decision, days in _standing(program):
        found: set[tuple[str, str]] = set()
        rules = _rules(decision)
        left = sorted(days - checked.get(decision, set()))
        days_asked = views([decision], policy.governed_by, *left) if left else ()
        for rule in rules.values() if days_asked else ():
            speaks.setdefault(rule, False)
        for view, fixed in product(days_asked, splits([decision], program.specs)):
            part = within(decision, fixed)
            own = tuple(rules[id(rule)] for rule in part.rules)
            told = own, part.rules, part.overrides, fixed, seen([part], policy.governed_by, view)
            if told in sound_parts:
                continue
            try:
                asked = ask(part, program.specs, policy.governed_by, view, fixed)
            except TooLarge:
                report.add(errors.too_large(policy.span, MOST_NODES))
                # What is not looked at may hold.
                speaks.update(dict.fromkeys(rules.values(), True))
                break
            before = len(found)
            _conflict(program, asked, found, report)
            for rule, node in zip(own, asked.speaks, strict=True):
                speaks[rule] = speaks[rule] or asked.diagram.path(node, bool) is not None
            if len(found) == before:
                sound_parts.add(told)
    for (section, at, _), ever in speaks.items():
        if not ever:
            report.add(errors.never_holds(section, at))


def _standing(program: Program) -> list[tuple[Decision, set[Dates]]]:
    """What stands at some time as known at some other, each with the days on which it does."""
    found: dict[int, tuple[Decision, set[Dates]]] = {}
    cuts = program.lowering.day_cuts
    for known_on in (None, *program.lowering.posting_cuts):
        for day, following in zip(cuts, [*cuts[1:], None], strict=True):
            decision = program.decision(day, known_on)
            if decision is not None:
                days = day, following - timedelta(days=1) if following else date.max
                found.setdefault(id(decision), (decision, set()))[1].add(days)
    return list(found.values())


def _rules(decision: Decision) -> dict[int, tuple[str, Span, int]]:
    """The rules by their ids, each with its section and place; those of one place are numbered."""
    found: dict[int, tuple[str, Span, int]] = {}
    counted: Counter[tuple[str, Span]] = Counter()
    for rule in decision.rules:
        place = rule.section, rule.condition.span
        found[id(rule)] = (*place, counted[place])
        counted[place] += 1
    return found


def _conflict(program: Program, asked: Asked, found: set[tuple[str, str]], report: Report) -> None:
    """Complain of two rules that can both hold; of two sections once."""
    diagram = asked.diagram
    never = diagram.leaf(False)
    speaks = [pair for pair in zip(asked.speaks, asked.decision.rules, strict=True) if pair[0] != never]
    for (one, first), (other, second) in combinations(speaks, 2):
        pair = first.section, second.section
        if (
            first.determination != second.determination
            and pair not in found
            and not _one_table(first, second)
        ):
            both = diagram.conjunction((one, other))
            path = diagram.path(both, bool)
            if path is not None:
                found.add(pair)
                loose = asked.space.loose(diagram.levels(both))
                _report(program, asked, (first, second), path, loose, report)


def _both_hold(program: Program, witness: dict[str, Any], rules: tuple[Rule, Rule]) -> bool:
    """Whether two rules both hold of a claim."""
    try:
        claim = read_claim(witness, program.schema)
    except ClaimError:
        return False
    facts = adjudicate(program, claim, claim.lines[0], None).facts
    return facts is not None and all(judge(rule.condition, facts).holds is True for rule in rules)


def _one_table(first: Rule, second: Rule) -> bool:
    """Whether two rules are rows of one decision table, which has a check of its own."""
    return first.table is not None and second.table is not None and first.table.span == second.table.span


def _report(
    program: Program,
    asked: Asked,
    rules: tuple[Rule, Rule],
    path: dict[int, int],
    loose: bool,
    report: Report,
) -> None:
    """What is told apart only loosely may show a claim that there is not: then it has to prove itself."""
    first, second = rules
    shown = witness_claim(program, asked, path)
    empty = without_elements(shown, rules, program.specs)
    real = (claim for claim in (shown, empty) if not loose or _both_hold(program, claim, rules))
    witness = next(real, None)
    if witness is None:
        places = first.section, first.condition.span, second.section, second.condition.span
        report.add(errors.possible_overlap(*places, (first.determination, second.determination)))
        return
    claim = json.dumps(witness)
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
