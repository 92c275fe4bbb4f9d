"""What can be said of a policy as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from attrs import evolve, frozen

from compiler.diff.circumstances import Place
from compiler.diff.procedures import asked_codes, procedures
from compiler.diff.side import Side, standing
from compiler.diff.spaces import Apart
from compiler.ir import decision as d
from compiler.ir.decision import Decision
from compiler.questions.split import truth
from compiler.questions.views import views
from compiler.runtime.ages import aged
from compiler.runtime.diagram import TooLarge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import Case, RuleRow, questions_of
from dsl.source import Span

HOLDS = "holds"
"""What lines come to that meet criteria which stand beside the rules."""


@frozen
class Statement:
    """A statement and whether it is `proved`; None where that is not known.

    `kind` is overlap, rule, row, exception, criterion, redundant, gap, code, reachable, claim or stopped;
    `about` the name of what it speaks of, and `section` that in which it stands; `claim` refutes it (of
    reachable: proves it), and is decided as `decision` says; `days` are the first and the last of which it is
    not true. Of a statement that another policy decides alike, `compared` are the policy and that one;
    `beyond` are the constructs that kept the answer from being exact; it is `solved` where
    a solver of arithmetic had a part in it.
    """

    kind: str
    about: str
    proved: bool | None
    section: str | None = None
    claim: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    span: Span | None = None
    days: tuple[date, date] | None = None
    compared: tuple[Side, Side] | None = None
    beyond: tuple[Apart, ...] = ()
    solved: bool = False


def _none(decision: Decision, day: date) -> Sequence[Decision]:
    return ()


def places(
    side: Side,
    more: Iterable[date] = (),
    beside: Callable[[Decision, date], Sequence[Decision]] = _none,
    known: Sequence[str] = (),
) -> Iterator[Place]:
    """Lines that show all that days and procedure codes can tell apart, for the rules of each day; stretches
    of their own begin on `more` days. What is asked `beside` the rules of a day stands there as they do. What
    codes give a line may state as well; only by what they give of the `known` facts are they told apart. A
    line may leave out a fact of which rules ask whether it states it.
    """
    cuts = sorted({*side.program.day_cuts, *more})
    ends = [day - timedelta(days=1) for day in cuts[1:]] + [date.max]
    for first, last in zip(cuts, ends, strict=True):
        decision = side.program.decision(first, side.known_on)
        if decision is None:
            continue
        decisions = [decision, *beside(decision, first)]
        asked = [codes for each in decisions for codes in asked_codes(each)]
        count = len(decisions)
        for day in views(decisions, side.program.governed_by, (first, last)):
            seen = set()
            for code in procedures((side,), (day,), asked):
                stands = standing(side, code, day)
                gives = side.surely_given(code, day)
                told = (
                    (stands.settled, stands.stating),
                    tuple(low <= code < high for low, high in asked),
                    tuple(gives.get(fact) for fact in known),
                )
                if told not in seen:
                    seen.add(told)
                    standings = (stands, *(evolve(stands, decision=each) for each in decisions[1:]))
                    place = Place((side,) * count, (day,) * count, code, standings)
                    for unstated in _some({fact for each in standings for fact in each.asks_stated}):
                        yield from evolve(place, unstated=unstated).parts(side.program.specs, known)


def _some(facts: Collection[str]) -> Iterator[frozenset[str]]:
    """None of some facts, each of them, and so on to all."""
    for count in range(len(facts) + 1):
        yield from map(frozenset, combinations(sorted(facts), count))


def asking(condition: d.Condition, stands: Decision, span: Span) -> Decision:
    """A condition of the line as if it were the only rule of a day: it gives `HOLDS`."""
    rule = d.Rule(RuleRow("", HOLDS), d.Named(condition, (), "", None, None, span), span)
    return evolve(stands, rules=(rule,), overrides=())


def meets(condition: d.Condition, facts: LineFacts) -> bool | None:
    """Whether a condition holds of a line in every completion of what is unknown, or in none; None where that
    is open, or beyond the analysis.
    """
    case = Case((RuleRow("", HOLDS),), (), aged([truth(condition, facts)], facts))
    try:
        asked = questions_of(case, facts.specs, d.facts_of(condition))
    except TooLarge:
        return None
    found = asked.determinations()
    return found == {HOLDS} if len(found) == 1 else None
