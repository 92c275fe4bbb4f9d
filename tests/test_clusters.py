"""Dates compared with each other: the answer of a policy is what trying every completion gives."""

from collections import Counter
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

import comparing
import oracle
import pytest
import say
from attrs import Factory, define
from hypothesis import given
from hypothesis import strategies as st
from oracle import DAY, EI, MN, Policy

COMPARED = Counter()
DECLARED = """
record stay { begun date  ended date }
facts { claim.a date  claim.b date  claim.stays list of stay  claim.x boolean }
"""
X = say.Says("claim.x", lambda f: f["claim.x"])
SERVICE = say.fact("line.service_date")


class Scale(NamedTuple):
    """Distances that a policy speaks of, and the days that it can tell apart. Claims state days that are so
    near to the date of service.
    """

    units: tuple
    domain: oracle.Domain
    cuts: tuple
    near: int


def days(inner, outer):
    """All days so far around the date of service. Those near the edges settle nothing: where they seem to, it
    is because no days were tried behind them.
    """
    found = [DAY + timedelta(days=n) for n in range(-outer, outer + 1)]
    return oracle.domain(found, [at for at, day in enumerate(found) if abs((day - DAY).days) <= inner])


def months():
    """Days of the months around the date of service at which months begin, end, or are cut."""
    found = [
        date(year, month, day)
        for year, month in (*((2021, n) for n in range(8, 13)), *((2022, n) for n in range(1, 9)))
        for day in (1, 2, 3, 15, 27, 28, 29, 30, 31)
        if not (month == 2 and day > 28) and not (month in (4, 6, 9, 11) and day > 30)
    ]
    return oracle.domain(found, [at for at, day in enumerate(found) if abs((day - DAY).days) <= 90])


SCALES = {
    "day": Scale((("day", (1, 2, 3)),), days(8, 14), tuple(DAY + timedelta(days=n) for n in (-2, 0, 1)), 4),
    "week": Scale((("week", (1,)), ("day", (1, 7))), days(24, 40), (DAY, DAY + timedelta(days=2)), 9),
    "month": Scale((("month", (1,)),), months(), (DAY, date(2022, 1, 31), date(2022, 2, 28)), 45),
}


@define
class Author(comparing.Author):
    scale: Scale = None
    stays: bool = False
    leaves: list = Factory(list)
    longest: int = 0
    loose: bool = False

    def distance(self):
        unit, counts = self.one(*self.scale.units)
        return unit, self.one(*counts)

    def told(self, one, other):
        """A comparison of two dates; it reaches no farther than two weeks, or a month."""
        unit, count = self.distance()
        match self.many(0, 5):
            case 0:
                return say.compared(one, self.one(*say.OPERATORS), other)
            case 1 | 2:
                by_calendar = ("full", "same") if unit == "month" else ()
                kind = self.one("within", "or more", "more than", "less than", *by_calendar)
                return say.windowed(one, kind, count, unit, self.one(True, False), other)
            case 3:
                there = say.moved_day(count, unit, self.one(True, False), other.text)
                return say.compared(say.ordinal(one), self.one(*say.OPERATORS), there)
            case 4 if unit != "month":
                between = say.elapsed(unit, one, other)
                number = self.many(1, 3 if unit == "day" else 1)
                return say.compared(between, self.one(*say.OPERATORS), say.constant(str(number), number))
            case _:
                low, high = (self.cut() for _ in range(2))
                return say.Says(
                    f"{one.text} between {low.text} and {high.text}",
                    lambda f: low.of(f) <= one.of(f) <= high.of(f),
                )

    def cut(self):
        day = self.one(*self.scale.cuts)
        return say.constant(day.isoformat(), day)

    def atom(self, first, second):
        one, other = self.one((first, second), (second, first))
        match self.many(0, 5):
            case 0:
                return say.compared(one, self.one(*say.OPERATORS), self.cut())
            case 1:
                found = self.told(one, SERVICE)
            case _:
                found = self.told(one, other)
        return found

    def condition(self, first, second, depth=1):
        match self.many(0, 6 if depth else 3):
            case 4:
                return say.negated(self.condition(first, second, 0))
            case 5:
                return say.either(self.condition(first, second, 0), self.condition(first, second, 0))
            case 6:
                return say.either(self.atom(first, second), X)
            case _:
                return self.atom(first, second)

    def top(self):
        if not self.stays:
            return self.condition(say.fact("claim.a"), say.fact("claim.b"))
        element = say.fact("s.begun"), say.fact("s.ended")
        inside = [self.atom(*element) for _ in range(self.many(1, 2))]
        self.leaves += inside
        number = self.many(1, 2)
        self.longest += number + 1
        word = self.one("some", "every", "no", "at least", "at most", "exactly")
        return say.quantified(word, number, "s", "claim.stays", say.body(*inside))


def claims(author):
    claim, facts, unknown = {}, {}, {}

    if author.chance(3):
        claim["claim.x"] = facts["claim.x"] = author.one(True, False)
    else:
        unknown["claim.x"] = oracle.domain((False, True))
    whole = author.scale.domain
    near = [day for day in whole.values if abs((day - DAY).days) <= author.scale.near]
    if not author.stays:
        for path in ("claim.a", "claim.b"):
            if author.chance(3):
                claim[path] = facts[path] = author.one(*near)
            else:
                unknown[path] = whole
        return claim, facts, unknown
    if author.chance(3):
        pairs = [{"begun": one, "ended": other} for one, other in product(whole.values, repeat=2)]

        def key(record):
            return tuple(says.of({"s": record, "line.service_date": DAY}) for says in author.leaves)

        unknown["claim.stays"] = oracle.domain(oracle.lists_of(pairs, author.longest, key))
        return claim, facts, unknown
    records, full = [], []
    for at in range(author.many(0, 2)):
        record = {}
        for field in ("begun", "ended"):
            if author.chance(2) and len([path for path in unknown if "stays" in path]) < 2:
                unknown[f"claim.stays[{at}].{field}"] = whole
            else:
                record[field] = author.one(*near)
        full.append(record)
        records.append(record or None)
    claim["claim.stays"], facts["claim.stays"] = records, full
    return claim, facts, unknown


@comparing.exhaustively(25)
@given(st.data())
def test_two_dates_are_exact(data):
    compare(data, stays=False)


@comparing.exhaustively(25)
@given(st.data())
def test_two_dates_of_a_record_are_exact(data):
    compare(data, stays=True)


def compare(data, stays):
    author = Author(data.draw)
    author.stays, author.scale = stays, SCALES[author.one("day", "day", "week", "month")]
    sections = tuple(
        (made, say.body(*(author.top() for _ in range(author.many(1, 2)))))
        for made in (EI, MN)[: author.many(1, 2)]
    )
    policy = Policy(DECLARED, sections, author.chance(3))

    def drawn():
        claim, facts, unknown = claims(author)
        # Months counted from both dates of a record of an unknown list are too many days.
        few = author.scale is not SCALES["month"] or "claim.stays" not in unknown
        return claim, facts, unknown, few

    comparing.compare(policy, drawn, {"never-holds"}, COMPARED, 3)


def test_enough_was_compared():
    if COMPARED["policies"]:
        assert COMPARED["needs_information"] and COMPARED["not_applicable"] and COMPARED[EI]
    print("compared", dict(COMPARED))


# ---- planted cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
@pytest.mark.parametrize("number", [-1, 0, 1, 2])
@pytest.mark.parametrize("operator", say.OPERATORS)
def test_how_long_ago_a_day_was_that_is_not_known(unit, number, operator):
    days = [DAY + timedelta(days=n) for n in range(-1200, 1200)]
    whole = oracle.domain(day for day in days if day.day in (1, 2, 3) or abs((day - DAY).days) < 30)
    told = say.elapsed(unit, say.fact("claim.a"), SERVICE), say.elapsed(unit, SERVICE, say.fact("claim.a"))
    both = [say.compared(one, operator, say.constant(str(number), number)) for one in told]
    policy = Policy(DECLARED, ((EI, say.body(both[0], X)), (MN, say.body(both[1]))))
    unknown = {"claim.a": whole, "claim.x": oracle.domain((False, True))}
    comparing.agree(policy, comparing.load(policy.text), {}, {}, unknown, COMPARED, exact=True)


def missing(*lines, otherwise=None):
    """What is missing for two sections, of which the first overrides the second."""
    bodies = [(EI, "\n".join(lines)), (MN, otherwise)]
    sections = tuple((made, say.Says(f"{{ {text} }}", None)) for made, text in bodies if text)
    policy = Policy(DECLARED, sections)
    made = comparing.decided(comparing.load(policy.text), {}, alone=True)
    assert "exact" not in made
    return made["missing"]


BOTH = ["claim.a", "claim.b"]


def test_the_ends_of_the_calendar_settle_nothing():
    assert [sorted(one) for one in missing("claim.a 2 days or more before claim.b")] == [BOTH]
    assert [sorted(one) for one in missing("claim.a <= claim.b")] == [BOTH]


def test_a_day_that_is_tried_for_the_other_date_alone_settles_nothing():
    first = "claim.a more than 3 days before line.service_date", "days from claim.b to line.service_date == 2"
    assert [sorted(m) for m in missing(*first, otherwise="not (claim.a less than 1 days after claim.b)")] == [
        BOTH
    ]


def test_a_day_that_no_month_before_reaches():
    """The 31st of January is a month before no day: the month that follows is shorter."""
    assert missing("claim.b == 1 months before claim.a") == [["claim.b"]]
