"""What is computed from numbers and dates: exactly where all is known, else between bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

from compiler.runtime.atoms import (
    Amount,
    Computed,
    ComputedIs,
    Condition,
    Elapsed,
    Fixed,
    NumberIs,
    Term,
    Total,
    Unknown,
    facts_of,
    terms_facts,
)
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.conditions import Held, elapsed, elapsed_in
from compiler.runtime.line_facts import EACH, LineFacts, spec_of
from compiler.runtime.lists import in_hand
from compiler.runtime.numbers import Cut, Stretch, after, before, exactly_among

Judge: TypeAlias = Callable[[Condition, LineFacts], Held]
Bounds: TypeAlias = tuple[Fraction | None, Fraction | None]
"""From the first to the second, both included; None is without bound."""

FREE: Bounds = (None, None)


def computation(facts: LineFacts, term: Term, stretches: tuple[Stretch, ...], judge: Judge) -> Held:
    """What is computed lies in one of some stretches; a division by zero lies in none."""
    rests = frozenset(facts.assumptions[path] for path in terms_facts(term) if path in facts.assumptions)
    dated = (
        elapsed_in(facts, term.unit, (term.start, term.end), stretches) if isinstance(term, Elapsed) else None
    )
    if dated is not None:
        return Held(dated.holds, rests, dated.open)
    try:
        ground = grounded(term, facts, judge)
    except ZeroDivisionError:
        return Held(False, rests)
    if isinstance(ground, Fixed):
        return Held(exactly_among(ground.value, stretches), rests)
    bounds = bounds_of(ground, facts.specs)
    inside = [_relation(bounds, stretch) for stretch in stretches]
    if True in inside:
        return Held(True, rests)
    if set(inside) <= {False}:
        return Held(False, rests)
    solved = _solved(ground, stretches)
    return Held(None, rests, ComputedIs(ground, stretches) if solved is None else solved)


def _relation(bounds: Bounds, stretch: Stretch) -> bool | None:
    """Whether all numbers between bounds lie in a stretch: True, False for none, None for some."""
    low, high = bounds
    start, end = stretch
    first = None if low is None else (low, 1)
    last = None if high is None else (high, 1)
    from_start = start is None or (first is not None and _cut(start) < first)
    to_end = end is None or (last is not None and last < _cut(end))
    if from_start and to_end:
        return True
    too_low = start is not None and last is not None and last < _cut(start)
    too_high = end is not None and first is not None and _cut(end) < first
    return False if too_low or too_high else None


def _cut(cut: Cut) -> tuple[Fraction, int]:
    return Fraction(cut[0]), cut[1]


# ---- what is known put in ---------------------------------------------------------------------------------


def grounded(term: Term, facts: LineFacts, judge: Judge) -> Term:
    """The term with all that is known put in. Raises ZeroDivisionError."""
    match term:
        case Fixed() | Unknown():
            return term
        case Amount(path):
            value = facts.values.get(path)
            if value is None:
                return Amount(facts.real(path))
            assert isinstance(value, Decimal)
            return Fixed(Fraction(value))
        case Elapsed():
            return _elapsed(term, facts)
        case Total():
            return _total(term, facts, judge)
        case Computed(operator, parts):
            return computed(operator, tuple(grounded(part, facts, judge) for part in parts))


def computed(operator: str, parts: tuple[Term, ...]) -> Term:
    """The operation on terms, done where they are all known. Raises ZeroDivisionError."""
    if all(isinstance(part, Fixed) for part in parts):
        return Fixed(reduce(_OPERATIONS[operator], (part.value for part in parts if isinstance(part, Fixed))))
    if operator == "/" and parts[-1] == Fixed(Fraction(0)):
        raise ZeroDivisionError
    return Computed(operator, parts)


_OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "min": min,
    "max": max,
}


def _elapsed(term: Elapsed, facts: LineFacts) -> Term:
    start, end = facts.values.get(term.start), facts.values.get(term.end)
    if isinstance(start, date) and isinstance(end, date):
        return Fixed(Fraction(elapsed(term.unit, start, end)))
    names = [
        facts.real(path) for path, day in ((term.start, start), (term.end, end)) if not isinstance(day, date)
    ]
    about = f"{term.unit} from {start or facts.real(term.start)} to {end or facts.real(term.end)}"
    return Unknown(about, tuple(names), None, None)


def _total(term: Total, facts: LineFacts, judge: Judge) -> Term:
    path, element = term.fact, term.element
    values = facts.values.get(path)
    if values is None:
        least = Fraction(0) if isinstance(term.value, Fixed) else None
        return Unknown(repr(term), (facts.real(path),), least, None)
    assert isinstance(values, tuple)
    parts: list[Term] = []
    for at, value in enumerate(values):
        met = in_hand(facts, element, path, at, value, lambda facts: judge(term.where, facts))
        if met.holds is False:
            continue
        facts.take(element, f"{path}[{at}]", value)
        part = grounded(term.value, facts, judge)
        facts.drop(element, value)
        if met.holds is None:
            low, high = bounds_of(part, facts.specs)
            parts.append(
                Unknown(
                    f"{part} if {met.open}",
                    tuple(dict.fromkeys([*facts_of(met.open), *terms_facts(part)])),
                    None if low is None else min(low, Fraction(0)),
                    None if high is None else max(high, Fraction(0)),
                )
            )
        else:
            parts.append(part)
    fixed = sum((part.value for part in parts if isinstance(part, Fixed)), Fraction(0))
    left = tuple(part for part in parts if not isinstance(part, Fixed))
    return Computed("+", (Fixed(fixed), *left)) if left else Fixed(fixed)


# ---- bounds -----------------------------------------------------------------------------------------------


def bounds_of(term: Term, specs: Mapping[str, FactSpec]) -> Bounds:
    """Between which numbers a term lies, by the declared ranges of its facts."""
    match term:
        case Fixed(value):
            return value, value
        case Amount(path) if path.startswith(EACH):
            return FREE
        case Amount(path):
            spec = spec_of(path, specs)
            return (
                None if spec.low is None else Fraction(spec.low),
                None if spec.high is None else Fraction(spec.high),
            )
        case Unknown():
            return term.low, term.high
        case Computed(operator, parts):
            return reduce(_BOUNDS[operator], (bounds_of(part, specs) for part in parts))
        case _:
            return FREE


def _sum(one: Bounds, other: Bounds) -> Bounds:
    return (
        None if one[0] is None or other[0] is None else one[0] + other[0],
        None if one[1] is None or other[1] is None else one[1] + other[1],
    )


def _difference(one: Bounds, other: Bounds) -> Bounds:
    low, high = other
    return _sum(one, (None if high is None else -high, None if low is None else -low))


def _product(one: Bounds, other: Bounds) -> Bounds:
    if (Fraction(0), Fraction(0)) in (one, other):
        return Fraction(0), Fraction(0)
    ends = [(a, b) for a in one for b in other]
    if all(a is not None and b is not None for a, b in ends):
        found = [a * b for a, b in ends if a is not None and b is not None]
        return min(found), max(found)
    if one[0] is not None and other[0] is not None and one[0] >= 0 and other[0] >= 0:
        high = None if one[1] is None or other[1] is None else one[1] * other[1]
        return one[0] * other[0], high
    return FREE


def _quotient(one: Bounds, other: Bounds) -> Bounds:
    low, high = other
    if low is None or low < 0 or one[0] is None or one[0] < 0:
        return FREE
    least = Fraction(0) if high is None or high == 0 else one[0] / high
    return least, None if low == 0 or one[1] is None else one[1] / low


def _extreme(
    choose: Callable[[Fraction, Fraction], Fraction], any_end: int
) -> Callable[[Bounds, Bounds], Bounds]:
    """The bounds of min (whose low end is open if any is) or max (whose high end is)."""

    def bounds(one: Bounds, other: Bounds) -> Bounds:
        ends: list[Fraction | None] = []
        for end in (0, 1):
            a, b = one[end], other[end]
            if a is not None and b is not None:
                ends.append(choose(a, b))
            else:
                ends.append(None if end == any_end else a if b is None else b)
        return ends[0], ends[1]

    return bounds


_BOUNDS: dict[str, Callable[[Bounds, Bounds], Bounds]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "min": _extreme(min, 0),
    "max": _extreme(max, 1),
}


# ---- one unknown ------------------------------------------------------------------------------------------


def _solved(term: Term, stretches: tuple[Stretch, ...]) -> Condition | None:
    """The stretches in which the one unknown number lies, where the term is a line in it, or a ratio of
    two; None where it is not.
    """
    asked = set(terms_facts(term))
    if len(asked) != 1:
        return None
    (path,) = asked
    lines = ratio(term)
    if lines is None:
        return None
    (a, b), (c, d) = lines
    found: list[Stretch] = []
    for sign, side in _sides(c, d):
        for stretch in stretches:
            part = _line_in(a * sign, b * sign, c * sign, d * sign, stretch)
            inside = None if part is None else _common(part, side)
            if inside is not None:
                found.append(inside)
    return NumberIs(path, tuple(found))


Linear: TypeAlias = tuple[Fraction, Fraction]
"""a x + b"""


def ratio(term: Term) -> tuple[Linear, Linear] | None:
    """A term as the ratio of two lines in its one unknown number."""
    zero, one = Fraction(0), Fraction(1)
    match term:
        case Fixed(value):
            return (zero, value), (zero, one)
        case Amount():
            return (one, zero), (zero, one)
        case Computed(operator, parts) if operator in "+-*/":
            ratios = [ratio(part) for part in parts]
            found = ratios[0]
            for other in ratios[1:]:
                found = None if found is None or other is None else _combined(operator, found, other)
            return found
        case _:
            return None


def _combined(
    operator: str, one: tuple[Linear, Linear], other: tuple[Linear, Linear]
) -> tuple[Linear, Linear] | None:
    (n1, d1), (n2, d2) = one, other
    if operator == "/":
        operator, n2, d2 = "*", d2, n2
    if operator == "*":
        numerator, denominator = _times(n1, n2), _times(d1, d2)
    else:
        sign = 1 if operator == "+" else -1
        left, right = _times(n1, d2), _times(n2, d1)
        if d1 == d2:
            left, right, denominator = n1, n2, d1
        else:
            denominator = _times(d1, d2)
        if left is None or right is None:
            return None
        numerator = left[0] + sign * right[0], left[1] + sign * right[1]
    return None if numerator is None or denominator is None else (numerator, denominator)


def _times(one: Linear, other: Linear) -> Linear | None:
    if one[0] and other[0]:
        return None
    return one[0] * other[1] + one[1] * other[0], one[1] * other[1]


def _sides(c: Fraction, d: Fraction) -> list[tuple[int, Stretch]]:
    """The sign of c x + d, and where it has this sign."""
    if c == 0:
        return [(_sign(d), (None, None))] if d else []
    root = -d / c
    return [(_sign(c), (after(root), None)), (-_sign(c), (None, before(root)))]


def _common(one: Stretch, other: Stretch) -> Stretch | None:
    """The numbers in two stretches, or None for none."""
    lows = [_cut(low) for low, _ in (one, other) if low is not None]
    highs = [_cut(high) for _, high in (one, other) if high is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return None if low is not None and high is not None and high <= low else (low, high)


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


def _line_in(a: Fraction, b: Fraction, c: Fraction, d: Fraction, stretch: Stretch) -> Stretch | None:
    """The x for which (a x + b) / (c x + d), with a divisor above zero, lies in a stretch; None for none."""
    low: tuple[Fraction, int] | None = None
    high: tuple[Fraction, int] | None = None
    for cut, upper in ((stretch[0], False), (stretch[1], True)):
        if cut is None:
            continue
        bound, side = _cut(cut)
        slope, rest = a - bound * c, b - bound * d
        if slope == 0:
            # The same for every x: whether it lies on the right side of the cut.
            here = (_sign(rest) + 1, 1)
            fits = here < (1, side) if upper else (1, side) < here
            if not fits:
                return None
            continue
        root = -rest / slope
        if (slope > 0) is upper:
            new = root, side if slope > 0 else 2 - side
            high = new if high is None else min(high, new)
        else:
            new = root, side if slope > 0 else 2 - side
            low = new if low is None else max(low, new)
    return None if low is not None and high is not None and high <= low else (low, high)
