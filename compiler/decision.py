"""The decision IR: what to compute about a line, with no name to look up and no date left to ask.

Every atom is one fact and a set of its values; a list is asked how many of its elements meet a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from attrs import field, frozen

from compiler.model import Citation, RevisionId
from compiler.runtime.codes import Interval
from compiler.runtime.numbers import Stretch
from compiler.runtime.windows import Window
from dsl.source import Span


@frozen
class ValueIs:
    """An enumeration, a text or a boolean has one of some values."""

    fact: str
    values: tuple[str, ...]


@frozen
class CodeIs:
    """A code lies in a set of codes; `assumptions` are those behind the set, `name` is for readers."""

    fact: str
    system: str
    codes: tuple[Interval, ...]
    assumptions: tuple[str, ...] = ()
    name: str = field(default="codes", eq=False)


@frozen
class DayIs:
    """A date lies in `[start, end)`; None is without bound."""

    fact: str
    start: date | None
    end: date | None


@frozen
class WindowIs:
    """A date lies in a window around the day of another fact, which every line states."""

    fact: str
    window: Window


@frozen
class NumberIs:
    """A number lies in one of some stretches."""

    fact: str
    stretches: tuple[Stretch, ...]


@frozen
class Elements:
    """At least `count` elements of a list meet a condition, in which `element` is the element in hand."""

    fact: str
    element: str
    count: int
    where: Condition


@frozen
class AtLeast:
    """At least `count` of some conditions hold: all of n is n, any of n is 1."""

    count: int
    conditions: tuple[Condition, ...]


@frozen
class Not:
    """A condition does not hold."""

    condition: Condition


@frozen
class Named:
    """A condition that the author wrote as a criterion, with where it comes from."""

    name: str
    condition: Condition
    citation: Citation | None
    assumptions: tuple[str, ...]
    revision: RevisionId | None
    span: Span = field(eq=False, repr=False)


Atom: TypeAlias = ValueIs | CodeIs | DayIs | WindowIs | NumberIs | Elements
Condition: TypeAlias = Atom | AtLeast | Not | Named


def all_of(conditions: tuple[Condition, ...]) -> Condition:
    """The conjunction; of nothing it is true."""
    return AtLeast(len(conditions), conditions)


NEVER = AtLeast(1, ())


def atoms(condition: Condition) -> Iterator[Atom]:
    """The atoms about facts of the claim, in order of occurrence; not those about list elements."""
    match condition:
        case AtLeast():
            for inner in condition.conditions:
                yield from atoms(inner)
        case Not() | Named():
            yield from atoms(condition.condition)
        case _:
            yield condition


def facts_of(condition: Condition, elements: frozenset[str] = frozenset()) -> Iterator[str]:
    """The facts that a condition asks, in order of occurrence, also those asked beside list elements."""
    match condition:
        case AtLeast():
            for inner in condition.conditions:
                yield from facts_of(inner, elements)
        case Not() | Named():
            yield from facts_of(condition.condition, elements)
        case Elements():
            yield condition.fact
            yield from facts_of(condition.where, elements | {condition.element})
        case _:
            if condition.fact not in elements:
                yield condition.fact


@frozen
class Rule:
    """A section's determination and when it holds."""

    section: str
    determination: str
    condition: Named


@frozen
class Listed:
    """A row of the code table. `needs`: codes of which one must stand beside, with their assumptions."""

    code: str
    needs: tuple[tuple[str, str | None], ...]
    assumption: str | None


@frozen
class EvidenceRule:
    """A fact that may be taken from the other lines of the day: those of some codes, or all (None)."""

    fact: str
    codes: tuple[Interval, ...] | None
    assumption: str | None


@frozen
class Decision:
    """One consolidated text as of one stretch of days: what the sections say, in document order."""

    rules: tuple[Rule, ...]
    overrides: tuple[tuple[str, str], ...]
    listed: tuple[Listed, ...]
    open: bool
    stating: tuple[str, ...]
    evidence: tuple[EvidenceRule, ...]
    assumptions: tuple[str, ...]
