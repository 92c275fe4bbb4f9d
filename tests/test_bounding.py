"""The bounds of what is left of a term are to a solver those by which decisions are made."""

from decimal import Decimal
from fractions import Fraction

import z3
from comparing import exhaustively
from hypothesis import assume, given
from hypothesis import strategies as st

from compiler.diff.bounding import Bounding
from compiler.runtime.atoms import Amount, Computed, Fixed
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.terms import bounds_of, computed

RANGES = {"a": (0, 4), "b": (None, 5), "c": (None, None), "d": (-3, 3), "e": (1, None), "f": (0, 0)}
SPECS = {
    name: FactSpec(name, "decimal")._replace(
        low=None if low is None else Decimal(low), high=None if high is None else Decimal(high)
    )
    for name, (low, high) in RANGES.items()
}

TERMS = st.recursive(
    st.sampled_from([Amount(name) for name in RANGES]) | st.integers(-2, 3).map(Fraction).map(Fixed),
    lambda parts: st.builds(
        Computed, st.sampled_from(["+", "-", "*", "/", "min", "max"]), st.tuples(parts, parts)
    ),
    max_leaves=6,
)


def with_numbers(term, numbers):
    """The term with what is stated put in. Raises ZeroDivisionError."""
    match term:
        case Amount(fact):
            return Fixed(Fraction(numbers[fact])) if fact in numbers else term
        case Computed(operator, parts):
            return computed(operator, tuple(with_numbers(part, numbers) for part in parts))
        case _:
            return term


@exhaustively(400)
@given(TERMS, st.dictionaries(st.sampled_from(list(RANGES)), st.integers(-3, 4), max_size=4))
def test_bounds_are_the_same(term, numbers):
    try:
        left = with_numbers(term, numbers)
    except ZeroDivisionError:
        assume(False)

    def number(part):
        return z3.RealVal(with_numbers(part, numbers).value)

    def told(bound):
        known, shown = z3.simplify(bound.known), z3.simplify(bound.number)
        return Fraction(str(shown)) if z3.is_true(known) else None

    assume(not isinstance(left, Fixed))
    found = Bounding(z3, SPECS, RANGES.keys() - numbers.keys(), number).of(term)
    assert tuple(map(told, found)) == bounds_of(left, SPECS)
