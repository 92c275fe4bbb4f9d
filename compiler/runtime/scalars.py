"""Values of one fact that show all that some atoms can tell apart about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from compiler.runtime.atoms import Atom, CodeIs, DayIs, NumberIs, ValueIs
from compiler.runtime.claim_values import FactSpec, Scalar
from compiler.runtime.codes import contains, system
from compiler.runtime.numbers import Stretch, exactly_among

Number = Decimal | Fraction
Place = tuple[Fraction, int]

UNDECLARED = "zzzzzzzzzzzzzzzzzzzz"
"""A value that no author declares, and that resembles none."""


def holds(atom: Atom, value: Scalar | Fraction) -> bool:
    """Whether an atom about one fact holds of its value."""
    match atom:
        case ValueIs(_, values):
            return str(value).casefold() in values
        case CodeIs(_, _, codes):
            return contains(codes, str(value))
        case DayIs(_, start, end):
            assert isinstance(value, date)
            return (start is None or start <= value) and (end is None or value < end)
        case NumberIs(_, stretches):
            assert isinstance(value, Decimal | Fraction)
            return exactly_among(value, stretches)
        case _:
            raise AssertionError(f"{atom} is not about one fact")


def witnesses(spec: FactSpec, asked: Sequence[Atom]) -> list[Scalar]:
    """A value for each way in which the atoms can hold together; dates in their order."""
    found: dict[tuple[bool, ...], Scalar] = {}
    for value in _values(spec, asked):
        found.setdefault(tuple(holds(atom, value) for atom in asked), value)
    return list(found.values())


def _values(spec: FactSpec, asked: Sequence[Atom]) -> Iterator[Scalar]:
    match spec.kind:
        case "boolean":
            yield from (True, False)
        case "enum":
            yield from dict.fromkeys(spec.names.values())
            if spec.open:
                # Of an open enumeration, rules may also ask for values that only claims name.
                yield from (v for atom in asked if isinstance(atom, ValueIs) for v in atom.values)
                yield UNDECLARED
        case "text":
            yield from (v for atom in asked if isinstance(atom, ValueIs) for v in atom.values)
            yield UNDECLARED
        case "code":
            form = system(spec.system)
            bounds = {b for atom in asked if isinstance(atom, CodeIs) for pair in atom.codes for b in pair}
            in_order = ["", *sorted(bounds)]
            for low, high in zip(in_order, [*in_order[1:], None], strict=True):
                first = form.first_from(low)
                if first is not None and (high is None or first < high):
                    yield first
        case "date":
            days = {d for atom in asked if isinstance(atom, DayIs) for d in (atom.start, atom.end)}
            cuts = sorted(day for day in days if day is not None)
            yield cuts[0] - timedelta(days=1) if cuts and cuts[0] > date.min else date.min
            yield from cuts
        case "integer" | "decimal":
            stretches = [s for atom in asked if isinstance(atom, NumberIs) for s in atom.stretches]
            for number in numbers(stretches, spec, True):
                yield decimal(number)


def decimal(number: Fraction) -> Decimal:
    """A number as claims state it."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def numbers(stretches: Sequence[Stretch], spec: FactSpec, stated: bool = False) -> Iterator[Fraction]:
    """Of each stretch between cuts a number that the fact can be: of what is stated, a decimal."""
    low = None if spec.low is None else (Fraction(spec.low), 2 if spec.above else 0)
    high = None if spec.high is None else (Fraction(spec.high), 0 if spec.below else 2)
    places = {(Fraction(cut[0]), cut[1]) for stretch in stretches for cut in stretch if cut is not None}
    cuts: list[Place] = sorted(places | {end for end in (low, high) if end is not None})
    for start, end in zip([None, *cuts], [*cuts, None], strict=True):
        for number in _between(start, end, spec.kind == "integer"):
            here = (number, 1)
            above = all(cut is None or cut < here for cut in (start, low))
            below = all(cut is None or here < cut for cut in (end, high))
            if above and below and not (stated and _endless(number)):
                yield number
                break


def _endless(number: Fraction) -> bool:
    """Whether a number cannot be written out as a decimal."""
    return pow(10, number.denominator.bit_length(), number.denominator) != 0


def _between(start: Place | None, end: Place | None, whole: bool) -> Iterator[Fraction]:
    """Numbers of which one lies between two cuts, if any does; the plainest first."""
    tries: list[Fraction] = []
    if start is not None:
        tries += [start[0], Fraction(start[0].__floor__() + 1)]
    if end is not None:
        tries += [end[0], Fraction(end[0].__ceil__() - 1)]
    if start is not None and end is not None:
        tries += [_short(start[0], end[0])] if start[0] < end[0] else []
    for number in tries or [Fraction(0)]:
        if whole:
            yield from (Fraction(int(number // 1)), Fraction(int(-(-number // 1))))
        else:
            yield number


def _short(low: Fraction, high: Fraction) -> Fraction:
    """A decimal of few digits between two numbers."""
    scale = Fraction(1)
    while True:
        number = Fraction(int(low * scale // 1) + 1) / scale
        if low < number < high:
            return number
        scale *= 10
