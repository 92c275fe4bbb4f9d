"""What a rule asks: atoms about facts, and their combinations. What stays open of a rule has the same form.

A fact is named by its path: `line.drug`, `claim.trials[0].agent`, or by the list element in hand,
`trial.agent`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from compiler.runtime.codes import Interval
from compiler.runtime.numbers import Stretch
from compiler.runtime.tree import Tree
from compiler.runtime.windows import Window


class ValueIs(Tree):
    """An enumeration, a text or a boolean has one of some values."""

    fact: str
    values: tuple[str, ...]


class CodeIs(Tree):
    """A code lies in a set of codes; `name` is for readers."""

    fact: str
    system: str
    codes: tuple[Interval, ...]
    name: str = "codes"
    apart = frozenset({"name"})


class DayIs(Tree):
    """A date lies in `[start, end)`; None is without bound."""

    fact: str
    start: date | None
    end: date | None


class WindowIs(Tree):
    """A date lies in a window around the day of another fact."""

    fact: str
    window: Window


class NumberIs(Tree):
    """A number lies in one of some stretches."""

    fact: str
    stretches: tuple[Stretch, ...]


class ComputedIs(Tree):
    """What is computed from numbers and dates lies in one of some stretches."""

    term: Term
    stretches: tuple[Stretch, ...]


class Elements(Tree):
    """At least `count` elements of a list meet a condition, in which `element` is the element in hand.

    `different`: only so many different values of that field count. `run`: within so many consecutive days
    of a date field.
    """

    fact: str
    element: str
    count: int
    where: Condition
    different: str | None = None
    run: tuple[int, str] | None = None


class Newest(Tree):
    """Of the elements that meet `among`, one with the latest (or earliest) date `by` meets `has`."""

    fact: str
    element: str
    by: str
    latest: bool
    among: Condition
    has: Condition


class Open(Tree):
    """Something about unknown facts that is told apart no further than true and false: `about` says what. If
    the list `of` is empty, it is false. `free`: it can be either, whatever else is so. What has one
    `question` asks the same of different known values: each answer can be either, whatever the others are.
    """

    about: str
    facts: tuple[str, ...]
    of: str | None = None
    free: bool = False
    question: str | None = None


class AtLeast(Tree):
    """At least `count` of some conditions hold: all of n is n, any of n is 1."""

    count: int
    conditions: tuple[Condition, ...]


class Not(Tree):
    """A condition does not hold."""

    condition: Condition


class Resting(Tree):
    """A condition that rests on assumptions."""

    condition: Condition
    assumptions: tuple[str, ...]


Atom: TypeAlias = ValueIs | CodeIs | DayIs | WindowIs | NumberIs | ComputedIs | Elements | Newest | Open
Condition: TypeAlias = Atom | AtLeast | Not | Resting

# ---- what is computed -------------------------------------------------------------------------------------


class Fixed(Tree):
    """A number."""

    value: Fraction


class Amount(Tree):
    """The number that a fact is."""

    fact: str


class Computed(Tree):
    """`operator` is one of + - * / min max. No divisor can be zero where its guards hold."""

    operator: str
    parts: tuple[Term, ...]


class Elapsed(Tree):
    """The complete days, weeks, months or years from one date fact to another; negative if it is before."""

    unit: str
    start: str
    end: str


class Total(Tree):
    """The sum of a term over the elements of a list that meet a condition."""

    fact: str
    element: str
    value: Term
    where: Condition


class Unknown(Tree):
    """A number of which only its bounds are known: `about` says what it is."""

    about: str
    facts: tuple[str, ...]
    low: Fraction | None
    high: Fraction | None


Term: TypeAlias = Fixed | Amount | Computed | Elapsed | Total | Unknown

ALWAYS = AtLeast(0, ())
NEVER = AtLeast(1, ())


def conjunction(conditions: tuple[Condition, ...]) -> Condition:
    """The conjunction; of nothing it is true."""
    return AtLeast(len(conditions), conditions)


def atoms(condition: Condition) -> Iterator[Atom]:
    """The atoms of a condition, in order of occurrence; not those about list elements."""
    match condition:
        case AtLeast():
            for inner in condition.conditions:
                yield from atoms(inner)
        case Not() | Resting():
            yield from atoms(condition.condition)
        case _:
            yield condition


def facts_of(condition: Condition) -> Iterator[str]:
    """The facts that a condition asks, in order of occurrence; those of list elements by their hands."""
    for atom in atoms(condition):
        match atom:
            case Elements():
                yield atom.fact
                yield from facts_of(atom.where)
            case Newest():
                yield atom.fact
                yield from facts_of(atom.among)
                yield from facts_of(atom.has)
            case ComputedIs():
                yield from terms_facts(atom.term)
            case Open():
                yield from atom.facts
            case WindowIs():
                yield atom.fact
                yield atom.window.anchor
            case _:
                yield atom.fact


def terms_facts(term: Term) -> Iterator[str]:
    """The facts from which a term is computed."""
    match term:
        case Amount():
            yield term.fact
        case Computed():
            for part in term.parts:
                yield from terms_facts(part)
        case Elapsed():
            yield term.start
            yield term.end
        case Total():
            yield term.fact
            yield from terms_facts(term.value)
            yield from facts_of(term.where)
        case Unknown():
            yield from term.facts
        case Fixed():
            pass
