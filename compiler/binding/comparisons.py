"""Comparisons of numbers as authors write them: with each other, with ranges and bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import TYPE_CHECKING

from compiler import errors
from compiler.binding.amounts import ANY, Quantity, converted, guarded, quantity
from compiler.binding.dates import FLIPPED, Elements
from compiler.binding.numbers import bounds
from compiler.binding.scope import NOWHERE
from compiler.model import (
    Amount,
    ComputedIn,
    Condition,
    Criterion,
    DayWithin,
    Elapsed,
    Fixed,
    Group,
    Negated,
    NumberIn,
    NumberType,
    Operation,
    Quantified,
    Term,
    TotalOf,
    totals_in,
)
from compiler.runtime.numbers import Stretch, after, before
from compiler.runtime.windows import Offset, Window
from dsl import syntax as s
from dsl.syntax import GroupKind

if TYPE_CHECKING:
    from compiler.binding.bind import Binder

_EXACT = Context(prec=100, traps=[Inexact])
_LARGE = 10**20


def stretches(operator: str, number: Decimal | Fraction) -> tuple[Stretch, ...]:
    """The numbers that stand so to a number."""
    found: dict[str, tuple[Stretch, ...]] = {
        "==": ((before(number), after(number)),),
        "!=": ((None, before(number)), (after(number), None)),
        "<": ((None, before(number)),),
        "<=": ((None, after(number)),),
        ">": ((after(number), None),),
        ">=": ((before(number), None),),
    }
    return found[operator]


# ---- numbers ----------------------------------------------------------------------------------------------


def numbers(node: s.Comparison, binder: Binder, elements: Elements) -> Condition | None:
    """A comparison of numbers."""
    left, right = (quantity(value, binder, elements) for value in (node.subject, node.value))
    if left is None or right is None:
        return None
    operator, written = node.operator, node.value
    if isinstance(left.term, Fixed) and not isinstance(right.term, Fixed):
        left, right, operator, written = right, left, FLIPPED[operator], node.subject
    if left.unit == ANY and right.unit != ANY:
        left = Quantity(left.term, right.unit, left.integer)
    term = converted(right, left.unit, written, binder)
    if term is None:
        return None
    if not isinstance(term, Fixed):
        difference = Operation("-", (left.term, term))
        return computed(difference, stretches(operator, Fraction(0)), node, binder, elements)
    return compared(left, operator, term.value, node, binder, elements)


def compared(
    left: Quantity, operator: str, value: Fraction, node: s.Node, binder: Binder, elements: Elements
) -> Condition | None:
    """A term compared with a number, in the plainest form that says it."""
    term = left.term
    if isinstance(term, Amount):
        kind = binder.kind(term.fact, elements)
        assert isinstance(kind, NumberType)
        exact = decimal(value)
        if kind.integer and value.denominator != 1:
            binder.mismatch(node, f"`{term.fact}` is a whole number", "only whole numbers occur here")
            return None
        if exact is not None:
            return within(term.fact, kind, stretches(operator, exact), node, binder)
    if isinstance(term, TotalOf) and term.value == Fixed(Fraction(1)) and value.denominator == 1:
        return _counted(term, operator, int(value))
    if isinstance(term, Elapsed) and value.denominator == 1:
        return _apart(term, operator, int(value))
    return computed(term, stretches(operator, value), node, binder, elements)


def computed(
    term: Term, found: tuple[Stretch, ...], node: s.Node, binder: Binder, elements: Elements
) -> ComputedIn | None:
    """A computed number in some stretches, with the divisors that a criterion before it guards."""
    if any(total.different is not None for total in totals_in(term)):
        what = "a count of different values goes into no arithmetic"
        binder.mismatch(node, what, "compare it with a whole number")
        return None
    return ComputedIn(term, found, frozenset(guarded(term, binder, elements)))


def decimal(value: Fraction) -> Decimal | None:
    """A fraction as the decimal that it is, if it is one that is neither large nor long."""
    if abs(value) >= _LARGE:
        return None
    try:
        return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return None


def _counted(total: TotalOf, operator: str, number: int) -> Condition:
    """A count compared with a whole number, as so many elements."""

    def at_least(count: int) -> Condition:
        if count <= 0:
            return ComputedIn(Fixed(Fraction(0)), ((None, None),), frozenset())  # there are always none
        bare = not total.criteria
        return Quantified(
            GroupKind.AT_LEAST, count, total.element, total.list, total.criteria, total.different, bare=bare
        )

    return _by_least(operator, number, at_least)


def _by_least(operator: str, number: int, at_least: Callable[[int], Condition]) -> Condition:
    """A whole number compared, by what says that it is at least so much."""
    match operator:
        case ">=":
            return at_least(number)
        case ">":
            return at_least(number + 1)
        case "<":
            return Negated(at_least(number))
        case "<=":
            return Negated(at_least(number + 1))
    exactly = both(at_least(number), Negated(at_least(number + 1)))
    return exactly if operator == "==" else Negated(exactly)


def both(*conditions: Condition) -> Condition:
    """All of some conditions that stand in one criterion."""
    criteria = tuple(Criterion(None, condition, span=NOWHERE) for condition in conditions)
    return Group(GroupKind.ALL, len(criteria), criteria)


def _apart(term: Elapsed, operator: str, number: int) -> Condition:
    """Complete days, weeks, months or years between two dates compared with a number: so many are complete
    where the first date is not behind the day so far before the second. Below zero they are counted from the
    other date: there are at least -1 where from that to the first there are no 2.
    """
    each = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "year": (12, 0)}[term.unit]

    def complete(first: str, second: str, count: int) -> Condition:
        months, days = (count * part for part in each)
        return DayWithin(first, Window(second, None, Offset(-months, 1 - days)))

    def at_least(count: int) -> Condition:
        if count > 0:
            return complete(term.start, term.end, count)
        return Negated(complete(term.end, term.start, 1 - count))

    return _by_least(operator, number, at_least)


def ranged(
    found: Quantity, items: tuple[s.Node, ...], node: s.Node, binder: Binder, elements: Elements
) -> Condition | None:
    """The numbers of a range, or of a set of numbers, ranges and bands."""
    own: list[Stretch] = []
    kind = binder.kind(found.term.fact, elements) if isinstance(found.term, Amount) else None
    for item in items:
        band = _band(item, kind)
        if band is not None:
            own.append(band)
            continue
        written = item
        if isinstance(item, s.Pattern):
            written = s.Range(item.low, item.high or item.low, span=item.span)
        elif isinstance(item, s.Literal | s.Measure):
            written = s.Range(item, item, span=item.span)
        if not isinstance(written, s.Range):
            binder.mismatch(
                item, f"`{item.span.text}` is no number", "a number or a range is wanted", names(kind)
            )
            return None
        ends = bounds(written, found.unit, binder)
        if ends is None:
            return None
        low, high = ends
        whole = isinstance(kind, NumberType) and kind.integer
        if whole and low is not None and low == high and low.denominator != 1:
            binder.mismatch(item, f"`{item.span.text}` is no whole number", "only whole numbers occur here")
            return None
        own.append(
            (
                None if low is None else after(low) if written.low_open else before(low),
                None if high is None else before(high) if written.high_open else after(high),
            )
        )
    if isinstance(found.term, Elapsed) or (isinstance(found.term, TotalOf) and found.term.different):
        return _each_end(found, own, node, binder, elements)
    exact = [(_decimal_cut(low), _decimal_cut(high)) for low, high in own]
    if isinstance(found.term, Amount) and isinstance(kind, NumberType) and None not in _flat(exact, own):
        assumption = kind.assumption if any(_band(item, kind) for item in items) else None
        return within(found.term.fact, kind, tuple(exact), node, binder, assumption)
    return computed(found.term, tuple(own), node, binder, elements)


def _each_end(
    found: Quantity, own: list[Stretch], node: s.Node, binder: Binder, elements: Elements
) -> Condition | None:
    """A whole number in one of some stretches: each end is a comparison of its own."""
    ways: list[Condition] = []
    for low, high in own:
        ends: list[Condition | None] = []
        if low is not None:
            ends.append(compared(found, ">" if low[1] else ">=", Fraction(low[0]), node, binder, elements))
        if high is not None:
            ends.append(compared(found, "<=" if high[1] else "<", Fraction(high[0]), node, binder, elements))
        if None in ends:
            return None
        ways.append(both(*(end for end in ends if end is not None)))
    criteria = tuple(Criterion(None, way, span=NOWHERE) for way in ways)
    return ways[0] if len(ways) == 1 else Group(GroupKind.ANY, 1, criteria)


def _decimal_cut(cut: tuple[Decimal | Fraction, int] | None) -> tuple[Decimal, int] | None:
    number = None if cut is None else decimal(Fraction(cut[0]))
    return None if number is None or cut is None else (number, cut[1])


def _flat(exact: Sequence[Stretch], own: Sequence[Stretch]) -> list[object]:
    """The cuts that are no decimals, as None."""
    return [
        new
        for exact_pair, pair in zip(exact, own, strict=True)
        for new, old in zip(exact_pair, pair, strict=True)
        if old is not None
    ]


def within(
    fact: str,
    kind: NumberType,
    found: tuple[Stretch, ...],
    node: s.Node,
    binder: Binder,
    assumption: str | None = None,
) -> NumberIn:
    """The condition; what takes in no number that the fact can be is complained about."""
    if not possible(kind, found):
        binder.mismatch(node, f"`{fact}` is never so", f"it lies in {stretch_of(kind)}")
    return NumberIn(fact, found, assumption)


def possible(kind: NumberType, found: tuple[Stretch, ...]) -> bool:
    """Whether some number of a type lies in one of some stretches."""
    low = None if kind.low is None else (after if kind.above else before)(kind.low)
    high = None if kind.high is None else (before if kind.below else after)(kind.high)
    return any(
        (start is None or high is None or start < high) and (end is None or low is None or low < end)
        for start, end in found
    )


def stretch_of(kind: NumberType) -> str:
    """The range of a number as an author would write it."""
    low, high = (None if end is None else str(end) for end in (kind.low, kind.high))
    return f"{low or ''}{'<' if kind.above else ''}..{'<' if kind.below else ''}{high or ''}"


# ---- bands ------------------------------------------------------------------------------------------------


def names(kind: object) -> tuple[str, ...]:
    """The bands of a scale."""
    return tuple(b.name for b in kind.bands if b.name is not None) if isinstance(kind, NumberType) else ()


def _band(item: s.Node, kind: object) -> Stretch | None:
    if not isinstance(kind, NumberType) or not isinstance(item, s.Path):
        return None
    return next((band.stretch for band in kind.bands if band.name == item.text), None)


def banded(path: s.Path, kind: NumberType, operator: str, value: s.Path, binder: Binder) -> Condition | None:
    """A scale compared with a band: `>=` from where the band begins, `<=` up to where it ends."""
    band = _band(value, kind)
    if band is None:
        binder.scope.report.add(
            errors.unknown_name(f"band of `{path.text}`", value.text, value.span, names(kind))
        )
        return None
    low, high = band
    below: tuple[Stretch, ...] = () if low is None else ((None, low),)
    above: tuple[Stretch, ...] = () if high is None else ((high, None),)
    found: dict[str, tuple[Stretch, ...]] = {
        "==": (band,),
        "!=": (*below, *above),
        "<": below,
        "<=": ((None, high),),
        ">": above,
        ">=": ((low, None),),
    }
    return within(path.text, kind, found[operator], value, binder, kind.assumption)


def between(node: s.Between, binder: Binder, elements: Elements) -> Condition | None:
    """Both ends count."""
    parts = [
        binder.condition(s.Comparison(node.subject, operator, end, span=node.span), elements)
        for operator, end in ((">=", node.low), ("<=", node.high))
    ]
    left = [part for part in parts if part is not None]
    return both(*left) if len(left) == len(parts) else None
