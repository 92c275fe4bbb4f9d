"""What is computed: arithmetic as authors write it becomes terms, with units checked and converted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from compiler import errors
from compiler.model import (
    Amount,
    Elapsed,
    ElementType,
    FactType,
    Fixed,
    NumberType,
    Operation,
    RecordType,
    Term,
    TotalOf,
    facts_in,
)
from compiler.model.units import NO_UNIT, Unit, dimension, factor, over, times, unit
from dsl import syntax as s

if TYPE_CHECKING:
    from compiler.binding.bind import Binder

MOST_DIGITS = 30
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
CHANGE = Unit("%", (("%", 1), ("change", 0)))
"""The unit of a percent change: compared with `50 %`, and with `50`, which can mean nothing else there."""

ANY = Unit("any", (("any", 1),))
"""The unit of a bare number, which takes that of what it stands beside, where that is a pure number."""


@frozen
class Quantity:
    """A term and its unit; `integer` where it can only be whole."""

    term: Term
    unit: Unit
    integer: bool = False


def quantity(value: s.Value, binder: Binder, elements: Mapping[str, ElementType]) -> Quantity | None:
    """The term of a value, or a complaint and None."""
    report = binder.scope.report
    match value:
        case s.Literal() | s.Measure():
            return _number(value, binder)
        case s.Path():
            return _path(value, binder, elements)
        case s.Arithmetic():
            left, right = (quantity(part, binder, elements) for part in (value.left, value.right))
            if left is None or right is None:
                return None
            if value.operator == "/" and not _never_zero(right.term, binder, elements):
                report.add(errors.division_by_zero(value.right.span))
                return None
            return _operation(value.operator, left, right, value.right, binder)
        case s.Extremum():
            parts = [quantity(part, binder, elements) for part in value.values]
            found = parts[0]
            for part, written in zip(parts[1:], value.values[1:], strict=True):
                if found is None or part is None:
                    return None
                found = _operation(value.name, found, part, written, binder)
            return found
        case s.PercentChange():
            old, new = (quantity(part, binder, elements) for part in (value.old, value.new))
            if old is None or new is None:
                return None
            if not _never_zero(old.term, binder, elements):
                report.add(errors.division_by_zero(value.old.span))
                return None
            same = converted(new, old.unit, value.new, binder)
            if same is None:
                return None
            change = (old.term, same) if value.fall else (same, old.term)
            ratio = Operation("/", (Operation("-", change), old.term))
            return Quantity(Operation("*", (ratio, Fixed(Fraction(100)))), CHANGE)
        case s.Elapsed():
            days = [binder.date_fact(part, elements) for part in (value.start, value.end)]
            if None in days:
                return None
            return Quantity(Elapsed(value.unit, str(days[0]), str(days[1])), NO_UNIT, True)
        case s.Total():
            return _total(value, binder, elements)
        case _:
            text = value.span.text
            report.add(errors.type_mismatch(value.span, f"`{text}` is no number", "a number is wanted here"))
            return None


def _number(value: s.Literal | s.Measure, binder: Binder) -> Quantity | None:
    report = binder.scope.report
    number = value.number if isinstance(value, s.Measure) else value
    text = number.text
    if not NUMBER.fullmatch(text) or len(text) > MOST_DIGITS:
        report.add(errors.type_mismatch(value.span, f"`{text}` is no number", "a number is wanted here"))
        return None
    its = unit(value.unit) if isinstance(value, s.Measure) else ANY
    if its is None:
        report.add(errors.unknown_unit(value.span, value.unit if isinstance(value, s.Measure) else text))
        return None
    return Quantity(Fixed(Fraction(Decimal(text))), its, "." not in text)


def _path(path: s.Path, binder: Binder, elements: Mapping[str, ElementType]) -> Quantity | None:
    definition = binder.value_of(path)
    if definition is not None:
        defined, its_binder = definition
        return quantity(defined, its_binder, {})
    kind = binder.subject(path, elements)
    if isinstance(kind, NumberType):
        return Quantity(Amount(path.text), kind.unit, kind.integer)
    if kind is not None:
        what = f"`{path.text}` is no number"
        binder.scope.report.add(errors.type_mismatch(path.span, what, "a number is wanted here"))
    return None


def _operation(
    operator: str, left: Quantity, right: Quantity, written: s.Value, binder: Binder
) -> Quantity | None:
    integer = left.integer and right.integer and operator != "/"
    if operator in "*/":
        one, other = (NO_UNIT if q.unit == ANY else q.unit for q in (left, right))
        its = times(one, other) if operator == "*" else over(one, other)
        return Quantity(Operation(operator, (left.term, right.term)), its, integer)
    if left.unit == ANY and right.unit != ANY:
        left = Quantity(left.term, right.unit, left.integer) if pure(right.unit) else left
    term = converted(right, left.unit, written, binder)
    return None if term is None else Quantity(Operation(operator, (left.term, term)), left.unit, integer)


def pure(its: Unit) -> bool:
    """Whether a bare number can stand for a quantity of a unit: it is none, or that of a percent change."""
    return its in (NO_UNIT, ANY, CHANGE)


def converted(found: Quantity, wanted: Unit, written: s.Node, binder: Binder) -> Term | None:
    """The term in another unit, or a complaint and None."""
    if found.unit == wanted or (found.unit == ANY and pure(wanted)) or (wanted == ANY and pure(found.unit)):
        return found.term
    by = None if ANY in (found.unit, wanted) else factor(found.unit, wanted)
    if by is None:
        binder.scope.report.add(
            errors.unit_mismatch(written.span, *(_described(its) for its in (found.unit, wanted)))
        )
        return None
    if isinstance(found.term, Fixed):
        return Fixed(found.term.value * by)
    return found.term if by == 1 else Operation("*", (Fixed(by), found.term))


def _described(its: Unit) -> str:
    if its == ANY:
        return "a number without a unit"
    return "a pure number" if its == NO_UNIT else f"`{its.text}` ({dimension(its)})"


def _total(value: s.Total, binder: Binder, elements: Mapping[str, ElementType]) -> Quantity | None:
    record = binder.element(value.element, value.list, elements)
    if record is None:
        return None
    inner = {**elements, value.element.text: record}
    criteria = binder.body(value.body, "this list", inner) if value.body is not None else ()
    if value.value is None:
        if value.different is not None and binder.field(value.different, record, None) is None:
            return None
        different = value.different.text if value.different is not None else None
        count = TotalOf(value.list.text, value.element.text, Fixed(Fraction(1)), criteria, different)
        return Quantity(count, NO_UNIT, True)
    each = quantity(value.value, binder, inner)
    if each is None:
        return None
    its = NO_UNIT if each.unit == ANY else each.unit
    return Quantity(TotalOf(value.list.text, value.element.text, each.term, criteria), its, each.integer)


# ---- divisors ---------------------------------------------------------------------------------------------


def _never_zero(term: Term, binder: Binder, elements: Mapping[str, ElementType]) -> bool:
    """Whether a divisor cannot be zero: by the ranges of its facts, or by a criterion before it."""
    match term:
        case Fixed(value):
            return value != 0
        case Amount(path):
            if path in binder.nonzero:
                return True
            kind = kind_of(path, binder, elements)
            if not isinstance(kind, NumberType):
                return False
            above = kind.low is not None and (kind.low > 0 or (kind.low == 0 and kind.above))
            below = kind.high is not None and (kind.high < 0 or (kind.high == 0 and kind.below))
            return above or below
        case Operation("*" | "/", parts):
            return all(_never_zero(part, binder, elements) for part in parts)
        case Operation("+" | "max", parts):
            return all(_never_negative(part, binder, elements) for part in parts) and any(
                _never_zero(part, binder, elements) for part in parts
            )
        case Operation("min", parts):
            return all(
                _never_zero(p, binder, elements) and _never_negative(p, binder, elements) for p in parts
            )
        case _:
            return False


def guarded(term: Term, binder: Binder, elements: Mapping[str, ElementType]) -> Iterator[str]:
    """The numbers by which a term divides, and of which only a criterion before it says that they are not
    zero.
    """
    match term:
        case Operation(operator, parts):
            if operator == "/":
                plain = evolve(binder, nonzero=frozenset())
                for path in facts_in(parts[-1]):
                    if path in binder.nonzero and not _never_zero(Amount(path), plain, elements):
                        yield path
            for part in parts:
                yield from guarded(part, binder, elements)
        case TotalOf(value=value):
            yield from guarded(value, binder, elements)
        case _:
            pass


def _never_negative(term: Term, binder: Binder, elements: Mapping[str, ElementType]) -> bool:
    match term:
        case Fixed(value):
            return value >= 0
        case Amount(path):
            kind = kind_of(path, binder, elements)
            return isinstance(kind, NumberType) and kind.low is not None and kind.low >= 0
        case Operation(operator, parts):
            return operator != "-" and all(_never_negative(part, binder, elements) for part in parts)
        case TotalOf():
            return isinstance(term.value, Fixed)
        case _:
            return False


def kind_of(path: str, binder: Binder, elements: Mapping[str, ElementType]) -> FactType | None:
    """The type of a fact or of a field in hand that is known to exist."""
    head, _, field = path.partition(".")
    record = elements.get(head)
    if isinstance(record, RecordType):
        return record.field(field)
    fact = binder.scope.facts().get(path)
    return fact.type if fact is not None else None
