"""By which elements of a stated list a condition holds, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from compiler.answers.explain import shown_value
from compiler.ir import decision as d
from compiler.runtime.claim_values import Record
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.lists import in_hand, most


class Element(NamedTuple):
    """An element of a list, numbered from 1: a code or text, or those fields of a record that are asked."""

    number: int
    value: Any


class Counted(NamedTuple):
    """How many elements a list has, how many of them count and are needed, and those that tell: the ones that
    count, or all where one would suffice and none does.
    """

    of: int
    counting: int
    needed: int
    elements: tuple[Element, ...]


def counted(condition: d.Condition, facts: LineFacts) -> dict[str, Counted]:
    """What a condition about a stated list rests on in it, by the list's path; else nothing."""
    if not isinstance(condition, d.Elements | d.Newest):
        return {}
    values = facts.values.get(condition.fact)
    if not isinstance(values, tuple):
        return {}
    if isinstance(condition, d.Elements):
        counting = _meeting(condition, condition.where, facts)
        needed = condition.count
        asked = [*d.facts_of(condition.where), f"{condition.element}.{condition.different}"]
        asked += [f"{condition.element}.{condition.run[1]}"] if condition.run else []
    else:
        counting, needed = _newest(condition, facts), 0
        asked = [
            f"{condition.element}.{condition.by}",
            *d.facts_of(condition.among),
            *d.facts_of(condition.has),
        ]
    fields = [path.removeprefix(f"{condition.element}.") for path in dict.fromkeys(asked)]
    shown = shown_value(condition.fact, values)
    number = len(counting)
    if isinstance(condition, d.Elements) and (condition.different or condition.run):
        records = [(at, record) for at in counting if isinstance(record := values[at], Record)]
        number = most(records, condition.different, condition.run, False)
    told = range(len(values)) if needed == 1 and not counting else counting
    elements = tuple(Element(at + 1, _asked(shown[at], fields)) for at in told)
    return {condition.fact: Counted(len(values), number, needed, elements)}


def _asked(shown: Any, fields: Sequence[str]) -> Any:
    """Of a record what is asked and known, as pairs."""
    if not isinstance(shown, dict):
        return shown
    return tuple((field, hashable(shown[field])) for field in fields if field in shown)


def _meeting(of: d.Elements | d.Newest, where: d.Condition, facts: LineFacts) -> list[int]:
    """The places of the elements that are known to meet a condition."""
    values = facts.values[of.fact]
    assert isinstance(values, tuple)
    return [
        at
        for at, value in enumerate(values)
        if in_hand(facts, of.element, of.fact, at, value, lambda facts: judge(where, facts)).holds
    ]


def _newest(of: d.Newest, facts: LineFacts) -> list[int]:
    values = facts.values[of.fact]
    assert isinstance(values, tuple)
    each = [(at, values[at]) for at in _meeting(of, of.among, facts)]
    days = {
        at: day for at, record in each if isinstance(record, Record) and (day := record[of.by]) is not None
    }
    best = (max if of.latest else min)(days.values(), default=None)
    return [at for at, day in days.items() if day == best]


def hashable(value: Any) -> Any:
    """A value as JSON has it, with tuples for lists and pairs for objects."""
    if isinstance(value, list):
        return tuple(hashable(each) for each in value)
    return tuple(value.items()) if isinstance(value, dict) else value
