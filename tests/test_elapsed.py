"""Time from one date to another: as counted, and as the windows that the compiler makes of it."""

import operator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.binding.amounts import Quantity
from compiler.binding.comparisons import compared
from compiler.model import DayWithin, Elapsed, Group, Negated
from compiler.model.units import NO_UNIT
from compiler.runtime.terms import elapsed

OPERATORS = {
    ">=": operator.ge,
    ">": operator.gt,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


def holds(condition, days):
    match condition:
        case Negated(inner):
            return not holds(inner, days)
        case Group(criteria=criteria):
            return all(holds(criterion.condition, days) for criterion in criteria)
        case DayWithin(fact, window):
            start, end = window.around(days[window.anchor])
            return start <= days[fact].toordinal() < end
    raise AssertionError(condition)


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
@pytest.mark.parametrize("sign", list(OPERATORS))
@settings(deadline=None, max_examples=150, derandomize=True, database=None)
@given(st.integers(0, 1500), st.integers(-900, 900), st.integers(-4, 4))
def test_a_window_says_what_is_counted(unit, sign, first, apart, number):
    start = date(2019, 12, 25) + timedelta(days=first)
    days = {"claim.a": start, "claim.b": start + timedelta(days=apart)}
    number *= 13 if unit == "day" else 1
    term = Quantity(Elapsed(unit, "claim.a", "claim.b"), NO_UNIT, True)
    condition = compared(term, sign, number, None, None, {})
    counted = elapsed(unit, days["claim.a"], days["claim.b"])
    assert holds(condition, days) is OPERATORS[sign](counted, number), counted


@pytest.mark.parametrize(
    ("unit", "start", "end", "count"),
    [
        ("month", "2023-01-31", "2023-02-28", 0),
        ("month", "2023-01-31", "2023-03-01", 1),
        ("month", "2023-01-31", "2023-03-31", 2),
        ("year", "2020-02-29", "2021-02-28", 0),
        ("year", "2020-02-29", "2021-03-01", 1),
        ("week", "2023-01-08", "2023-01-01", -1),
        ("week", "2023-01-07", "2023-01-01", 0),
        ("day", "2024-02-28", "2024-03-01", 2),
    ],
)
def test_only_what_is_complete_counts(unit, start, end, count):
    assert elapsed(unit, date.fromisoformat(start), date.fromisoformat(end)) == count
