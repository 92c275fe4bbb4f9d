"""Lists of records: the answer of a policy is what trying every completion gives."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import comparing
import oracle
import pytest
import say
from attrs import Factory, define
from hypothesis import given
from hypothesis import strategies as st
from oracle import DAY, EI, MN, Policy

COMPARED = Counter()
LIST = "claim.trials"
DECLARED = """
record trial {
    outcome { failed, tolerated, helped }
    day date
    weeks integer 0..3
}
facts { claim.trials list of trial  claim.x boolean  claim.y boolean }
"""
OUTCOMES = ("failed", "tolerated", "helped")
DAYS = [DAY + timedelta(days=n) for n in range(-4, 5)]
CUTS = DAYS[3:6]
# With the first or last day that is tried, a trial seems to be the earliest or latest of all.
DOMAINS = {
    "outcome": oracle.domain(OUTCOMES),
    "day": oracle.domain(DAYS, range(1, 8)),
    "weeks": oracle.domain(range(4)),
}
STATED = {"outcome": OUTCOMES, "day": DAYS[2:7], "weeks": range(4)}
X, Y = say.Says("claim.x", lambda f: f["claim.x"]), say.Says("claim.y", lambda f: f["claim.y"])


@define
class Author(comparing.Author):
    """Draws conditions about trials; `leaves` are those about the trial in hand, `told` fields compared."""

    leaves: list = Factory(list)
    told: set = Factory(set)
    fields: tuple = ()
    loose: bool = False
    longest: int = 0

    def leaf(self, hand):
        """A condition about the element in hand."""
        field = self.one(*self.fields)
        mine = say.fact(f"{hand}.{field}")
        match field:
            case "outcome":
                if self.chance(3):
                    some = sorted({self.one(*OUTCOMES), self.one(*OUTCOMES)})
                    path = f"{hand}.outcome"
                    says = say.Says(
                        f"{path} in {{ {', '.join(some)} }}", lambda f: say.value(f, path) in some
                    )
                else:
                    says = self.outcome(mine)
            case "weeks":
                number = self.many(1, 2)
                says = say.compared(mine, self.one(*say.OPERATORS), say.constant(str(number), number))
            case _:
                says = self.dated(mine)
        self.leaves.append((hand, says))
        return says

    def outcome(self, mine):
        other = self.one(*OUTCOMES)
        return say.compared(mine, self.one("==", "!="), say.constant(other, other))

    def dated(self, mine):
        if self.chance(2):
            kind = self.one("within", "or more", "more than", "less than")
            return say.windowed(mine, kind, 1, "day", self.one(True, False), say.fact("line.service_date"))
        day = self.one(*CUTS)
        return say.compared(mine, self.one(*say.OPERATORS), say.constant(day.isoformat(), day))

    def inside(self, hand, depth=1):
        """What is asked of an element; now and then something else too."""
        match self.many(0, 7 if depth else 3):
            case 4:
                return say.negated(self.inside(hand, 0))
            case 5:
                return say.either(self.inside(hand, 0), self.inside(hand, 0))
            case 6:
                return say.both(self.inside(hand, 0), self.inside(hand, 0))
            case 7:
                return say.either(self.inside(hand, 0), X)
            case _:
                return self.leaf(hand)

    def where(self, hand="t"):
        return say.body(self.leaf(hand), *(self.inside(hand) for _ in range(self.many(0, 1))))

    def plain(self):
        """What is told apart exactly whatever is unknown."""
        number = self.one(1, 1, 2, 2, 3)
        self.longest += number + 1
        match self.many(0, 6):
            case 0 | 1:
                self.longest -= number
                return say.quantified(self.one("some", "every", "no"), 1, "t", LIST, self.where())
            case 2:
                word = self.one("at least", "at most", "exactly")
                return say.quantified(word, number, "t", LIST, self.where())
            case 3 if "outcome" in self.fields:
                self.told.add("outcome")
                word = self.one("at least", "at most", "exactly")
                where = self.where() if self.chance(2) else None
                return say.quantified(word, number, "t", LIST, where, "outcome")
            case 4:
                operator = self.one(*say.OPERATORS)
                count = say.count_of("t", LIST, self.where())
                return say.compared(count, operator, say.constant(str(number), number))
            case 5:
                return self.extreme()
            case _:
                return self.one(X, Y, say.quantified("some", 1, "t", LIST, self.where()))

    def extreme(self):
        field = self.one(*(field for field in self.fields if field != "outcome"), "weeks")
        each = say.fact(f"t.{field}")
        words = ("latest", "earliest") if field == "day" else ("greatest", "least")
        found = say.extreme(self.one(*words), each, "t", LIST, self.where() if self.chance(2) else None)
        if field == "day":
            other = self.one(*CUTS)
            other = say.constant(other.isoformat(), other)
            if self.chance(2):
                kind = self.one("within", "or more", "more than", "less than")
                self.told.add("day")
                before = self.one(True, False)
                return say.windowed(found, kind, 1, "day", before, say.fact("line.service_date"))
        else:
            number = self.many(1, 2)
            other = say.constant(str(number), number)
        self.told.add(field)
        return say.extreme_compared(found, self.one(*say.OPERATORS), other)

    def odd(self):
        """What may be told apart no further than true and false."""
        self.loose = True
        number = self.one(1, 1, 2, 2, 3)
        self.longest += number + 1
        match self.many(0, 4):
            case 0:
                self.told.add("day")
                run = self.many(1, 3), "day"
                different = self.one(None, None, "outcome", "weeks")
                if different:
                    self.told.add(different)
                where = self.where() if self.chance(2) else None
                return say.quantified(
                    self.one("at least", "at most"), number, "t", LIST, where, different, run
                )
            case 1:
                self.told.add("day")
                among = self.where() if self.chance(2) else None
                return say.newest(self.one("latest", "earliest"), "t", "day", LIST, among, self.where())
            case 2:
                self.told.add("weeks")
                total = say.sum_of(say.fact("t.weeks"), "t", LIST, self.where() if self.chance(2) else None)
                return say.compared(total, self.one(*say.OPERATORS), say.constant(str(number), number))
            case 3:
                field = self.one("day", "weeks")
                self.told.add(field)
                return say.quantified("at least", number, "t", LIST, self.where(), field)
            case _:
                self.told.add("weeks")
                more = say.compared(say.fact("u.weeks"), self.one("<", ">="), say.fact("t.weeks"))
                inner = say.quantified("some", 1, "u", LIST, say.body(self.leaf("u"), more))
                return say.quantified("some", 1, "t", LIST, say.body(self.leaf("t"), inner))

    def condition(self, odd, depth=1):
        match self.many(0, 6 if depth else 3):
            case 4:
                return say.negated(self.condition(odd, 0))
            case 5:
                return say.either(self.condition(odd, 0), self.condition(odd, 0))
            case 6:
                word = self.one("any of", "none of", "at least", "at most", "exactly")
                return say.group(word, self.many(1, 2), *(self.condition(odd, 0) for _ in range(2)))
            case _:
                return self.odd() if odd and self.chance(2) else self.plain()


def policies(author, odd):
    author.fields = author.one(("outcome",), ("outcome", "weeks"), ("weeks", "day"), ("day",), tuple(DOMAINS))
    sections = tuple(
        (made, say.body(*(author.condition(odd) for _ in range(author.many(1, 2)))))
        for made in (EI, MN)[: author.many(1, 2)]
    )
    return Policy(DECLARED, sections, author.chance(3))


NOTHING = {"outcome": "failed", "day": DAY, "weeks": 0}


def claims(author):
    """What a claim states, what is known, and the domains of what is not."""
    claim, facts, unknown = {}, {}, {}
    for path in ("claim.x", "claim.y"):
        if author.chance(2):
            claim[path] = facts[path] = author.one(True, False)
        else:
            unknown[path] = oracle.domain((False, True))
    if author.chance(4):
        if author.chance(2):
            claim[LIST] = None
        unknown[LIST] = oracle.domain(unstated(author))
        return claim, facts, unknown
    records, known = [], []
    for at in range(author.many(0, 3)):
        record, full = {}, dict(NOTHING)
        for field, domain in DOMAINS.items():
            asked = field in author.told or field in author.fields
            if asked and author.chance(3):
                unknown[f"{LIST}[{at}].{field}"] = domain
                if author.chance(2):
                    record[field] = None
            else:
                record[field] = full[field] = author.one(*STATED[field])
        if not [name for name, value in record.items() if value is not None] and author.chance(2):
            record = None
        records.append(record)
        known.append(full)
    claim[LIST], facts[LIST] = records, known
    return claim, facts, unknown


def unstated(author):
    """All lists that are long enough to meet all that is counted."""
    told = sorted(author.told)
    fields = {*author.fields, *told}
    columns = [DOMAINS[f].values if f in fields else (NOTHING[f],) for f in DOMAINS]
    records = [dict(zip(DOMAINS, values, strict=True)) for values in product(*columns)]

    def key(record):
        hands = {"t": record, "u": record, "line.service_date": DAY}
        truths = tuple(says.of(hands) for _, says in author.leaves)
        return truths + tuple(record[field] for field in told)

    return oracle.lists_of(records, author.longest, key)


@comparing.exhaustively(80)
@given(st.data())
def test_lists_are_exact(data):
    compare(data, odd=False)


@comparing.exhaustively(80)
@given(st.data())
def test_what_is_loose_is_never_wrong(data):
    compare(data, odd=True)


def compare(data, odd):
    author = Author(data.draw)
    policy = policies(author, odd)
    allowed = {"never-holds", "impossible-count"}
    comparing.compare(policy, lambda: (*claims(author), not author.loose), allowed, COMPARED)


def test_enough_was_compared():
    if COMPARED["policies"]:
        assert COMPARED["needs_information"] and COMPARED["not_applicable"] and COMPARED[EI]
    print("compared", dict(COMPARED))


# ---- planted cases ----------------------------------------------------------------------------------------


def decided(*lines, trials=None, declared=DECLARED, **claim):
    """The determination, what is missing, and whether that is exact."""
    policy = Policy(declared, ((EI, say.Says("{ " + "\n".join(lines) + " }", None)),))
    facts = {f"claim.{name}": known for name, known in claim.items()}
    stated = facts if trials is None else {**facts, LIST: trials}
    made = comparing.decided(comparing.load(policy.text), stated, alone=len(trials or ()) < 9)
    return made["determination"], made["missing"], made.get("exact", True)


ASKED = ("needs_information", [[LIST]], True)


def test_what_is_computed_from_a_trial_of_an_unknown_list():
    assert decided("some t in claim.trials { t.weeks + t.weeks >= 3 }") == ASKED
    assert decided("some t in claim.trials { t.weeks * t.weeks >= 3 }") == (*ASKED[:2], False)
    both = "some t in claim.trials { some u in claim.trials { u.weeks > t.weeks } }"
    assert decided(both)[::2] == ("needs_information", False)


def test_the_newest_of_an_unknown_list_that_cannot_be_says_that_it_is_not_exact():
    newest = "latest t by day in claim.trials { t.weeks >= 2 } has { t.weeks < 1 }"
    assert decided(newest) == ("needs_information", [[LIST]], False)
    total = "sum of t.weeks for t in claim.trials { t.weeks >= 2 and t.weeks < 1 } >= 1"
    assert decided(total) == ("needs_information", [[LIST]], False)


def test_one_trial_of_unknown_date_is_a_run_of_one():
    trials = [{"weeks": 1}]
    run = "at least 1 t in claim.trials within 3 consecutive days of day { t.weeks == 1 }"
    assert decided(run, trials=trials) == (EI, [], True)
    one = "at least 1 t in claim.trials with different day { t.weeks == 1 }"
    assert decided(one, trials=trials) == (EI, [], True)


def test_one_unknown_value_among_different_ones_is_exact():
    two = "at least 2 t in claim.trials with different day { t.day >= 2022-01-01 }"
    known = {"day": DAY}
    asked = ("needs_information", [["claim.trials[1].day"]], True)
    assert decided(two, trials=[known, {}]) == asked
    assert decided(two, f"some t in claim.trials {{ t.day < {DAY} }}", trials=[known, {}]) == asked
    # A day that would count is the known one.
    same = f"every t in claim.trials {{ t.day == {DAY} }}"
    assert decided(two, same, trials=[known, {}]) == ("not_applicable", [], True)
    assert decided(two, trials=[known, {}, {}])[::2] == ("needs_information", False)


def test_different_days_before_the_first_that_is_asked_about():
    early = "not (at least 2 t in claim.trials with different day { t.day < 2022-02-02 })"
    assert decided(early) == ASKED


def test_a_newest_inside_a_quantifier_may_ask_about_the_element():
    inner = "latest u by day in claim.trials has { u.weeks >= t.weeks }"
    told = f"some t in claim.trials {{ t.weeks >= 2  {inner} }}"
    untold = f"some t in claim.trials {{ t.weeks >= 2  not ({inner}) }}"
    assert decided(told, untold)[::2] == ("needs_information", False)


def test_lists_beyond_what_is_told_apart_say_so():
    nights = [{"outcome": None, "day": DAY, "weeks": 1}]
    wanted = "at least 21 t in claim.trials { t.outcome == failed }"
    for many in (30, 400):
        assert decided(wanted, trials=nights * many)[0] == "needs_information"
    newest = "latest t by day in claim.trials has { t.weeks >= 2 }"
    for many in (50, 61):
        trials = [{"outcome": "failed", "weeks": n % 4} for n in range(many)]
        assert decided(newest, trials=trials)[::2] == ("needs_information", False)


WINDOWS = [(kind, 1, "month") for kind in ("within", "or more", "more than", "less than", "full", "same")]
AROUND = [
    *(date(2021, 11, 1), date(2021, 12, 31), date(2022, 1, 2), date(2022, 1, 31)),
    *(DAY, date(2022, 2, 28), date(2022, 3, 2), date(2022, 4, 15)),
]


@pytest.mark.parametrize("word", ["latest", "earliest"])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window[0].replace(" ", "-"))
def test_the_latest_in_a_window_around_a_day(word, before, window):
    """With one trial of unknown date among others, each on any day around."""
    newest = say.extreme(word, say.fact("t.day"), "t", LIST, say.body(say.Says("t.weeks >= 1", _counts)))
    told = say.windowed(newest, *window, before, say.fact("line.service_date"))
    policy = Policy(DECLARED, ((EI, say.body(told)), (MN, say.body(say.negated(told)))))
    loaded = comparing.load(policy.text)
    others = [[], *([day] for day in AROUND), *([AROUND[1], day] for day in AROUND)]
    for days, weeks in product(others, (0, 1)):
        stated = [{"outcome": "failed", "day": day, "weeks": 1} for day in days]
        stated += [{"outcome": "failed", "day": DAY, "weeks": weeks}]
        claim = facts = {LIST: stated}
        comparing.agree(policy, loaded, claim, facts, {}, COMPARED, exact=True)
        open_ = [*stated[:-1], {"outcome": "failed", "weeks": 1}]
        unknown = {f"{LIST}[{len(days)}].day": oracle.domain(AROUND)}
        comparing.agree(policy, loaded, {LIST: open_}, {LIST: open_}, unknown, COMPARED)


def _counts(facts):
    return facts["t"]["weeks"] >= 1
