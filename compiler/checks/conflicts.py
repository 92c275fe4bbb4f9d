"""Sections that say different things of one claim without a stated order, with such a claim."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, product
from typing import Any, TypeAlias

from compiler import errors
from compiler.ir.decision import Condition, Decision, Rule
from compiler.ir.occurring import This, occurring_in
from compiler.ir.outcomes import PROCEDURE, concerns
from compiler.program import Program
from compiler.questions.ask import Asked, ask
from compiler.questions.split import Fixed, splits, within
from compiler.questions.views import Dates, seen, views
from compiler.questions.witness import without_elements, witness_claim
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.diagram import MOST_NODES, TooLarge
from compiler.runtime.errors import ClaimError
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Diagnostic, Report, Severity
from dsl.source import Span


def conflicts(program: Program, report: Report, before: Iterable[Program] = ()) -> None:
    """Check every decision of every day, for the present knowledge and each earlier one. Those of programs
    with the same facts and governing date were found sound before.
    """
    checked = {decision: days for other in before for decision, days in _standing(other)}
    speaks: dict[tuple[str, Span, int], bool] = {}
    sound_parts: set[Hashable] = set()
    policy = program.consolidated.policy
    for decision, days in _standing(program):
        found: dict[tuple[str, str], Diagnostic] = {}
        rules = _rules(decision)
        left: dict[Hashable, list[Dates]] = {}
        for own_days, lines in (each for each in days if each not in checked.get(decision, {})):
            left.setdefault(lines, []).append(own_days)
        days_asked = [
            (view, lines)
            for lines, on in left.items()
            for view in views([decision], policy.governed_by, *sorted(on))
        ]
        for rule in rules.values() if days_asked else ():
            speaks.setdefault(rule, False)
        for (view, lines), fixed in product(days_asked, splits([decision], program.specs)):
            part = within(decision, fixed)
            own = tuple(rules[id(rule)] for rule in part.rules)
            known_on = next(
                known for ((first, last), of), known in days.items() if first <= view <= last and of == lines
            )
            told = own, part.rules, part.overrides, fixed, lines, seen([part], policy.governed_by, view)
            if told in sound_parts:
                continue
            try:
                asked = ask(part, *_lines(program, part, view, known_on, fixed))
            except TooLarge:
                report.add(errors.too_large(policy.span, MOST_NODES))
                # What is not looked at may hold.
                speaks.update(dict.fromkeys(rules.values(), True))
                break
            sound = _conflict(program, asked, known_on, found)
            for rule, node in zip(own, asked.speaks, strict=True):
                speaks[rule] = speaks[rule] or asked.diagram.path(node, bool) is not None
            if sound:
                sound_parts.add(told)
        for diagnostic in found.values():
            report.add(diagnostic)
    for (section, at, _), ever in speaks.items():
        if not ever:
            report.add(errors.never_holds(section, at))


_Standing: TypeAlias = dict[tuple[Dates, Hashable], date | None]
"""Days on which something stands, with what tells apart the lines of which it is asked, and a day on which
that was known (None: all is).
"""


def _standing(program: Program) -> list[tuple[Decision, _Standing]]:
    """What stands at some time as known at some other, each with the days on which it does."""
    found: dict[int, tuple[Decision, _Standing]] = {}
    cuts = program.lowering.day_cuts
    for known_on in (None, *program.lowering.posting_cuts):
        for day, following in zip(cuts, [*cuts[1:], None], strict=True):
            decision = program.decision(day, known_on)
            if decision is not None:
                days = day, following - timedelta(days=1) if following else date.max
                own = found.setdefault(id(decision), (decision, {}))[1]
                own.setdefault((days, _asked_of(program, decision, day, known_on)), known_on)
    return list(found.values())


def _asked_of(program: Program, decision: Decision, day: date, known_on: date | None) -> Hashable:
    """What tells apart the lines of which a decision is asked: nothing, where one code stands for all."""
    any_code = _any_code(program, decision, day, known_on) is not None
    return concerns(decision, program, day, known_on) if not any_code else None


def _any_code(program: Program, decision: Decision, day: date, known_on: date | None) -> str | None:
    """A listed code that is valid on a day, where a decision is asked alike of all such; else None."""
    if _asks_code(This(decision)):
        return None
    return next((row.code for row in decision.listed if program.valid(row.code, day, known_on)), None)


@lru_cache(maxsize=4096)
def _asks_code(decision: This[Decision]) -> bool:
    return PROCEDURE in occurring_in(decision.value)


def _rules(decision: Decision) -> dict[int, tuple[str, Span, int]]:
    """The rules by their ids, each with its section and place; those of one place are numbered."""
    found: dict[int, tuple[str, Span, int]] = {}
    counted: Counter[tuple[str, Span]] = Counter()
    for rule in decision.rules:
        place = rule.section, rule.condition.span
        found[id(rule)] = (*place, counted[place])
        counted[place] += 1
    return found


def _lines(
    program: Program, decision: Decision, day: date, known_on: date | None, fixed: Fixed | None
) -> tuple[LineFacts, Condition]:
    """What is known of the lines of a governing day, of which one fact may be fixed, and what makes them ones
    of which the decision is asked.
    """
    facts = LineFacts({}, False, program.specs)
    facts.put(program.governed_by, day, "stated")
    if fixed is not None:
        facts.put(fixed.fact, fixed.value, "stated")
    code = _any_code(program, decision, day, known_on)
    if code is not None:
        facts.put(PROCEDURE, code, "stated")
    return facts, concerns(decision, program, day, known_on)


def _conflict(
    program: Program, asked: Asked, known_on: date | None, found: dict[tuple[str, str], Diagnostic]
) -> bool:
    """Whether no two rules that say different things can both hold. Of two sections that can, one complaint
    is kept; one with a claim that shows it stands before one without.
    """
    diagram = asked.diagram
    never = diagram.leaf(False)
    speaks = [pair for pair in zip(asked.speaks, asked.decision.rules, strict=True) if pair[0] != never]
    sound = True
    for (one, first), (other, second) in combinations(speaks, 2):
        pair = first.section, second.section
        shown = pair in found and found[pair].severity is Severity.ERROR
        if first.determination != second.determination and not shown and not _one_table(first, second):
            path = diagram.path(diagram.conjunction((asked.concerned, one, other)), bool)
            if path is not None:
                sound = False
                complaint = _complaint(program, asked, known_on, (first, second), path)
                if pair not in found or complaint.severity is Severity.ERROR:
                    found[pair] = complaint
    return sound


def _both_speak(
    program: Program, asked: Asked, known_on: date | None, witness: dict[str, Any], rules: tuple[Rule, Rule]
) -> bool:
    """Whether two rules both speak of a claim, whatever it leaves open, as the interpreter decides it."""
    try:
        claim = read_claim(witness, program.schema)
        facts = adjudicate(program, claim, claim.lines[0], known_on).facts
        decided = ask(asked.decision, facts) if facts is not None else None
    except (ClaimError, TooLarge):
        return False
    if decided is None:
        return False
    speaks = zip(asked.decision.rules, decided.speaks, strict=True)
    return all(node == decided.diagram.leaf(True) for rule, node in speaks if rule in rules)


def _one_table(first: Rule, second: Rule) -> bool:
    """Whether two rules are rows of one decision table, which has a check of its own."""
    return first.table is not None and second.table is not None and first.table.span == second.table.span


def _complaint(
    program: Program,
    asked: Asked,
    known_on: date | None,
    rules: tuple[Rule, Rule],
    path: dict[int, int],
) -> Diagnostic:
    """That two rules both hold of a claim. What is told apart only loosely, and what else no claim can state,
    may show one that there is not: each has to prove itself.
    """
    first, second = rules
    places = first.section, first.condition.span, second.section, second.condition.span
    answers = first.determination, second.determination
    shown = witness_claim(program, asked, path)
    for claim in (shown, without_elements(shown, rules, program.specs)):
        if _both_speak(program, asked, known_on, claim, rules):
            return errors.overlapping_rules(*places, answers, json.dumps(claim))
    return errors.possible_overlap(*places, answers)
