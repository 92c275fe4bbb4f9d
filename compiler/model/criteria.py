"""Bound criteria: what the author's words ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from attrs import frozen

from compiler.model.codes import Validity
from compiler.model.words import Assumption, Citation, Located, RevisionId
from compiler.runtime.atoms import Amount, Elapsed, Fixed
from compiler.runtime.codes import Interval
from compiler.runtime.numbers import Stretch
from compiler.runtime.windows import Window
from dsl import syntax as s
from dsl.syntax import GroupKind


@frozen
class ValueIn:
    """A fact has one of some values (enumerations, texts; booleans as "true" and "false")."""

    fact: str
    values: tuple[str, ...]


@frozen
class CodeIn:
    """A code fact, or the element in hand (`fact` is then its name), is one of some codes or concepts."""

    fact: str
    system: str
    codes: tuple[Interval, ...]
    concepts: tuple[str, ...]


@frozen
class DayIn:
    """A date fact lies in `[start, end)`."""

    fact: str
    start: date | None
    end: date | None


@frozen
class NumberIn:
    """A number lies in one of some stretches; `assumption`: of the scale whose bands these are."""

    fact: str
    stretches: tuple[Stretch, ...]
    assumption: str | None = None


@frozen
class DayWithin:
    """A date fact lies in a window around another day."""

    fact: str
    window: Window


@frozen
class Operation:
    """An arithmetic operation: + - * / min max."""

    operator: str
    parts: tuple[Term, ...]


@frozen
class TotalOf:
    """The sum of a term over the elements of a list that meet some criteria; of a count, how many different
    values of a field they have.
    """

    list: str
    element: str
    value: Term
    criteria: tuple[Criterion, ...]
    different: str | None = None


Term: TypeAlias = Fixed | Amount | Elapsed | Operation | TotalOf


@frozen
class ComputedIn:
    """What is computed lies in one of some stretches. Of `guarded` numbers, a criterion before it makes sure
    that they are not zero: it divides by them.
    """

    term: Term
    stretches: tuple[Stretch, ...]
    guarded: frozenset[str] = frozenset()


@frozen
class NewestOf:
    """Of the elements that meet some criteria, one with the latest (or earliest) date meets others."""

    latest: bool
    element: str
    by: str
    list: str
    criteria: tuple[Criterion, ...]
    has: tuple[Criterion, ...]


@frozen
class OutcomeIn:
    """What another policy (by its package) decides of the line is one of some determinations."""

    policy: str
    determinations: tuple[str, ...]


@frozen
class InForce:
    """All of some criteria hold, on the days of a stretch."""

    validity: Validity
    criteria: tuple[Criterion, ...]


@frozen
class Use:
    """A definition holds, of an element in hand if it is one of elements. An id without a dot is the policy's
    own, and dated by its revisions.
    """

    definition: str
    element: str | None = None


@frozen
class Negated:
    """A condition does not hold; `!=` is `==` negated."""

    condition: Condition


@frozen
class Group:
    """So many of some criteria: all, any, none, at least `count`."""

    kind: GroupKind
    count: int
    criteria: tuple[Criterion, ...]


@frozen
class Quantified:
    """So many elements of a list meet all of some criteria: some, every, at least `count`; so many with
    different values of a field, or within a run of so many consecutive days of a date field.
    """

    kind: GroupKind
    count: int
    element: str
    list: str
    criteria: tuple[Criterion, ...]
    different: str | None = None
    run: tuple[int, str] | None = None
    bare: bool = False
    """Only that there are so many is asked."""


Condition: TypeAlias = (
    ValueIn
    | CodeIn
    | DayIn
    | DayWithin
    | NumberIn
    | ComputedIn
    | Use
    | Negated
    | Group
    | Quantified
    | NewestOf
    | OutcomeIn
    | InForce
)


def asked_of(condition: Condition) -> Condition:
    """What a condition asks, whether or not it is negated."""
    return asked_of(condition.condition) if isinstance(condition, Negated) else condition


def facts_of(condition: Condition) -> Iterator[str]:
    """The facts and elements in hand that a condition asks about itself, not through criteria inside it."""
    match asked_of(condition):
        case ValueIn(fact=fact) | CodeIn(fact=fact) | DayIn(fact=fact) | NumberIn(fact=fact):
            yield fact
        case DayWithin(fact=fact, window=window):
            yield from (fact, window.anchor)
        case ComputedIn(term=term):
            yield from facts_in(term)
        case Quantified(list=fact) | NewestOf(list=fact):
            yield fact
        case Use(element=str() as element):
            yield element
        case _:
            pass


def facts_in(term: Term) -> Iterator[str]:
    """The facts from which a term is computed."""
    match term:
        case Amount(fact):
            yield fact
        case Elapsed(start=start, end=end):
            yield from (start, end)
        case Operation(parts=parts):
            for part in parts:
                yield from facts_in(part)
        case TotalOf():
            yield term.list
            yield from facts_in(term.value)
        case Fixed():
            pass


def inside(condition: Condition) -> tuple[Criterion, ...]:
    """The criteria inside a condition."""
    match asked_of(condition):
        case Group(criteria=criteria) | Quantified(criteria=criteria) | InForce(criteria=criteria):
            return criteria
        case NewestOf(criteria=criteria, has=has):
            return criteria + has
        case ComputedIn(term=term):
            return tuple(criterion for total in totals_in(term) for criterion in total.criteria)
        case _:
            return ()


def totalled(condition: Condition) -> frozenset[str]:
    """The elements in hand of the lists that a condition adds up."""
    found = asked_of(condition)
    return (
        frozenset(total.element for total in totals_in(found.term))
        if isinstance(found, ComputedIn)
        else frozenset()
    )


def totals_in(term: Term) -> Iterator[TotalOf]:
    if isinstance(term, TotalOf):
        yield term
    elif isinstance(term, Operation):
        for part in term.parts:
            yield from totals_in(part)


@frozen
class Criterion(Located):
    """A condition as the author wrote it: addressable by its label, with where it comes from."""

    label: str | None
    condition: Condition
    citation: Citation | None = None
    assumptions: tuple[Assumption, ...] = ()
    revision: RevisionId | None = None


@frozen
class ParameterCase(Located):
    """A case of a parameter by facts: what its cells ask, of which of the columns, and the value there."""

    criteria: tuple[Criterion, ...]
    at: tuple[int, ...]
    value: s.Literal | s.Measure


@frozen
class Definition(Located):
    """A named conjunction of criteria, about an element of a list if it has a name for one."""

    name: str
    criteria: tuple[Criterion, ...]
    revision: RevisionId | None = None
    element: str | None = None
    listed: str | None = None
