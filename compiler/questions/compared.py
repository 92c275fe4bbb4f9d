"""A date with which many others are compared: it is looked at day by day, as the day of the line is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from compiler.ir import decision as d
from compiler.ir.occurring import This
from compiler.questions.dated import Dated, centres, dated, inside, linked
from compiler.questions.split import Fixed, truth
from compiler.questions.views import days_of_each_kind, far
from compiler.runtime.ages import BIRTH
from compiler.runtime.atoms import Condition, DayIs, WindowIs
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.line_facts import LineFacts

_MOST_DAYS = 60
_YEARS = timedelta(days=8 * 366)
"""Four years in which windows lie in every way, on either side of a day."""


def days_compared(
    decisions: Sequence[d.Decision],
    known: tuple[str, date],
    specs: Mapping[str, FactSpec],
    leave: Collection[str],
) -> Sequence[Fixed | None]:
    """Days of a date with which dates of list elements, or several, are compared, that show all ways in which
    it can lie where the day of another is known; None alone where there is no such date but those to `leave`.
    """
    asked = [atom for decision in decisions for atom in _dated(This(decision))]
    fact = _compared(asked, known[0], specs, frozenset({*leave, BIRTH}))
    if fact is None:
        return (None,)
    facts = LineFacts({}, False, specs)
    facts.put(*known, "stated")
    truths = [truth(rule.condition, facts) for decision in decisions for rule in decision.rules]
    conditions = [own for own in truths if not isinstance(own, bool)]
    untold = (atom for atom in inside(conditions) if isinstance(atom, d.ComputedIs | d.Open))
    if any(fact in d.facts_of(atom) for atom in untold):
        return (None,)
    stretches = _stretches(conditions, fact, known[1])
    found = {day for stretch in stretches for day in days_of_each_kind(conditions, fact, stretch)}
    if len(found) > _MOST_DAYS:
        return (None,)
    return [Fixed(fact, day) for day in sorted(found, key=lambda day: abs(day - known[1]))]


@lru_cache(maxsize=4096)
def _dated(decision: This[d.Decision]) -> tuple[Dated, ...]:
    return tuple(dated(rule.condition for rule in decision.value.rules))


def _compared(
    asked: Sequence[Dated], known: str, specs: Mapping[str, FactSpec], leave: frozenset[str]
) -> str | None:
    """The first date that is compared with others, which are several or list elements', and these with no
    other. Of those to `leave` a day may be known that no rule names, and births go by age: no such date.
    """
    for facts, own in linked(asked, known):
        for fact in centres(own, known):
            others = set(facts) - {fact}
            many = len(others) > 1 or not others <= specs.keys()
            if fact in specs and many and leave.isdisjoint(facts):
                return fact
    return None


def _stretches(conditions: Sequence[Condition], fact: str, near: date) -> Iterator[tuple[date, date]]:
    """Stretches of days of a date in which it is asked for itself in one way: from long before all days that
    are asked for to long after.
    """
    asked = dated(conditions)
    days = [atom for atom in asked if isinstance(atom, DayIs)]
    cuts = {day for atom in days for day in (atom.start, atom.end) if day is not None}
    windows = [atom.window for atom in asked if isinstance(atom, WindowIs)]
    offsets = [offset for window in windows for offset in (window.start, window.end) if offset is not None]
    reach = max(map(far, offsets), default=0)
    around = _YEARS + 2 * timedelta(days=reach)
    first, last = min(cuts | {near}), max(cuts | {near})
    start = date.fromordinal(max(1, first.toordinal() - around.days))
    end = date.fromordinal(min(date.max.toordinal(), last.toordinal() + around.days))
    own = (day for atom in days if atom.fact == fact for day in (atom.start, atom.end))
    turns = {day for day in own if day is not None}
    starts = [start, *sorted(day for day in turns if start < day <= end)]
    yield from zip(starts, [*(day - timedelta(days=1) for day in starts[1:]), end], strict=True)
