"""Windows around the date of service: calendar arithmetic, both ends, known and unknown dates."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import comparing
import pytest
from exchanging import replaced
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.emit.standalone import standalone
from compiler.pipeline import compile_paths
from compiler.runtime.windows import Offset, moved
from dsl.diagnostics import Report
from policyc import load

POLICY = """\
package made

policy "Made" {{
    payer "A plan"
    {governed}
}}

facts {{
    claim.a date
    claim.b date
    claim.order date
}}

codes hcpcs {{ J1000 "a drug" }}

revision 2000-01-01 "Posted" {{
    section A "A" {{
        medically_necessary if {{ {condition} }}
    }}
    {more}
    codes {{ J1000 }}
}}
"""


def made(folder: Path, condition: str, governed: str = "", more: str = "") -> Path:
    path = folder / "made.pol"
    path.write_text(POLICY.format(condition=condition, governed=governed, more=more))
    return path


def decide(path: Path, day: str, **facts: str | None):
    line = {"line": 1, "procedure": "J1000", "service_date": day}
    claim = {"claim_id": "C", "lines": [line], **{name: value for name, value in facts.items() if value}}
    policy = load(path)
    (compiled,) = policy.decide(claim)["lines"]
    (interpreted,) = policy.decide(claim, explain=True)["lines"]
    assert compiled == comparing.unexplained(interpreted)
    space: dict = {"__name__": "built"}
    exec(standalone(policy.program), space)
    assert space["decide"](claim)["lines"] == [compiled]
    return compiled["determination"], compiled["missing"]


def diagnostics(path: Path):
    report = Report()
    compile_paths([path], [], report)
    return report.diagnostics


@pytest.mark.parametrize(
    ("day", "months", "days", "reached"),
    [
        ("2023-01-31", 1, 0, "2023-02-28"),
        ("2024-01-31", 1, 0, "2024-02-29"),
        ("2024-02-29", 12, 0, "2025-02-28"),
        ("2024-02-29", -48, 0, "2020-02-29"),
        ("2024-03-31", -1, 0, "2024-02-29"),
        ("2024-03-01", 0, -1, "2024-02-29"),
        ("2024-05-15", -12, 1, "2023-05-16"),
    ],
)
def test_the_calendar(day, months, days, reached):
    assert moved(date.fromisoformat(day), Offset(months, days)) == date.fromisoformat(reached).toordinal()


def test_what_no_calendar_has_is_before_or_behind_all_days():
    assert moved(date(1, 1, 1), Offset(-1)) < date.min.toordinal()
    assert moved(date(9999, 12, 31), Offset(1)) > date.max.toordinal()


@pytest.mark.parametrize(
    ("condition", "day", "inside", "outside"),
    [
        (
            "claim.a within 12 months before line.service_date",
            "2024-02-29",
            ["2023-02-28", "2024-02-29"],
            ["2023-02-27", "2024-03-01"],
        ),
        ("claim.a 11 months or more before line.service_date", "2024-03-31", ["2023-04-30"], ["2023-05-01"]),
        ("claim.a more than 15 years before line.service_date", "2024-05-05", ["2009-05-04"], ["2009-05-05"]),
        (
            "claim.a less than 90 days before line.service_date",
            "2024-05-05",
            ["2024-02-06", "2024-05-05"],
            ["2024-02-05", "2024-05-06"],
        ),
        (
            "claim.a within 2 weeks after line.service_date",
            "2024-05-05",
            ["2024-05-05", "2024-05-19"],
            ["2024-05-04", "2024-05-20"],
        ),
        ("claim.a 1 day or more after line.service_date", "2024-05-05", ["2024-05-06"], ["2024-05-05"]),
        ("claim.a more than 1 day after line.service_date", "2024-05-05", ["2024-05-07"], ["2024-05-06"]),
        ("claim.a less than 1 month after line.service_date", "2024-01-31", ["2024-02-28"], ["2024-02-29"]),
        (
            "claim.a 11 full months or more before line.service_date",
            "2025-01-01",
            ["2024-01-31", "2023-12-01"],
            ["2024-02-01", "2025-01-01"],
        ),
        ("claim.a 1 full year or more after line.service_date", "2023-12-31", ["2025-01-01"], ["2024-12-31"]),
        (
            "claim.a in the same calendar month as line.service_date",
            "2024-02-10",
            ["2024-02-01", "2024-02-29"],
            ["2024-01-31", "2024-03-01"],
        ),
        (
            "claim.a in the same calendar year as 2024-06-10",
            "2024-02-10",
            ["2024-01-01", "2024-12-31"],
            ["2023-12-31", "2025-01-01"],
        ),
        ("claim.a <= line.service_date", "2024-05-05", ["2024-05-05"], ["2024-05-06"]),
        ("claim.a != line.service_date", "2024-05-05", ["2024-05-06", "2024-05-04"], ["2024-05-05"]),
    ],
)
def test_both_ends(tmp_path, condition, day, inside, outside):
    path = made(tmp_path, condition)
    for known in inside:
        assert decide(path, day, a=known)[0] == "medically_necessary", known
    for known in outside:
        assert decide(path, day, a=known)[0] == "not_applicable", known


def test_twelve_months_and_365_days_differ(tmp_path):
    year = "claim.a within 12 months before line.service_date"
    path = made(tmp_path, year + " and claim.a more than 365 days before line.service_date")
    assert decide(path, "2024-12-31") == ("needs_information", [["claim.a"]])
    assert decide(path, "2023-12-31") == ("not_applicable", [])


def test_a_window_around_the_governing_date(tmp_path):
    path = made(tmp_path, "claim.a within 1 month before claim.order", "governed by claim.order")
    assert decide(path, "2024-09-09", a="2024-04-30", order="2024-05-30")[0] == "medically_necessary"
    assert decide(path, "2024-09-09", a="2024-04-29", order="2024-05-30")[0] == "not_applicable"


def test_a_window_around_a_day_that_a_claim_need_not_state(tmp_path):
    path = made(tmp_path, "claim.a within 1 month before claim.b")
    assert decide(path, "2024-09-09", a="2024-02-29", b="2024-03-31")[0] == "medically_necessary"
    assert decide(path, "2024-09-09", a="2024-02-28", b="2024-03-31")[0] == "not_applicable"
    assert decide(path, "2024-09-09", a="2024-02-29") == ("needs_information", [["claim.b"]])
    assert decide(path, "2024-09-09", b="2024-03-31") == ("needs_information", [["claim.a"]])
    assert decide(path, "2024-09-09") == ("needs_information", [["claim.a", "claim.b"]])


def test_two_dates_that_are_compared(tmp_path):
    path = made(tmp_path, "claim.a < claim.b and claim.b < 2024-02-01")
    assert decide(path, "2024-09-09", a="2024-01-30", b="2024-01-31")[0] == "medically_necessary"
    assert decide(path, "2024-09-09", a="2024-01-31", b="2024-01-31")[0] == "not_applicable"
    assert decide(path, "2024-09-09", a="2024-01-30") == ("needs_information", [["claim.b"]])
    # No day lies behind this one and before February.
    assert decide(path, "2024-09-09", a="2024-01-31") == ("not_applicable", [])


def test_a_window_of_no_length_is_refused(tmp_path):
    (found,) = diagnostics(made(tmp_path, "claim.a within 0 months before line.service_date"))[:1]
    assert found.code == "invalid-count"


def test_sections_that_only_some_days_bring_together_contradict(tmp_path):
    more = 'section B "B" { not_covered if { claim.a more than 365 days before line.service_date } }'
    path = made(tmp_path, "claim.a within 12 months before line.service_date", more=more)
    (found,) = [d for d in diagnostics(path) if d.code == "overlapping-rules"]
    assert '"a": ' in found.hints[0]
    apart = replaced(more, "365 days", "12 months")
    path = made(tmp_path, "claim.a within 12 months before line.service_date", more=apart)
    assert [d for d in diagnostics(path) if d.code == "overlapping-rules"] == []


@pytest.mark.parametrize(("days", "shown"), [(2921, None), (2922, "2100"), (2923, "2024")])
def test_a_century_that_has_no_leap_day_brings_sections_together(tmp_path, days, shown):
    """Eight years are 2922 days, but 2921 across the end of February of 2100."""
    less = f"claim.a less than {days} days before line.service_date"
    more = f'section B "B" {{ not_covered if {{ {less} }} }}'
    path = made(tmp_path, "claim.a 8 years or more before line.service_date", more=more)
    path.write_text(path.read_text().replace("2000-01-01", "2024-01-01"))
    found = [d.hints[0] for d in diagnostics(path) if d.code == "overlapping-rules"]
    assert len(found) == (shown is not None)
    assert all(f'"service_date": "{shown}' in hint for hint in found)


ADULT = "member.age >= 18"
BORN_LATE = 'section B "B" { not_covered if { member.birth_date >= 2020-01-01 } }'


@pytest.mark.parametrize(
    ("governed", "condition", "more", "apart"),
    [
        (
            "",
            ADULT,
            BORN_LATE,
            ("J1000 }\n}\n", 'J1000 }\n}\nrevision 2038-01-01 posted 2000-01-01 "End" { retire "ended" }\n'),
        ),
        ("", "member.age < 10", BORN_LATE.replace(">=", "<"), ("2000-01-01", "2030-01-01")),
        ("governed by claim.order", ADULT, BORN_LATE, (ADULT, f"{ADULT} line.service_date < 2038-01-01")),
    ],
    ids=["older", "younger", "another day governs"],
)
def test_an_age_and_a_date_of_birth_contradict_where_somebody_has_both(
    tmp_path, governed, condition, more, apart
):
    path = made(tmp_path, condition, governed, more)
    (found,) = [d for d in diagnostics(path) if d.code == "overlapping-rules"]
    claim = json.loads(found.hints[0].removeprefix("both hold for this claim: "))
    for order, determination in (("A overrides B", "medically_necessary"), ("B overrides A", "not_covered")):
        ordered = load(made(tmp_path, condition, governed, f"{more} {order}"))
        assert ordered.decide(claim)["lines"][0]["determination"] == determination
    path = made(tmp_path, condition, governed, more)
    path.write_text(path.read_text().replace(*apart))
    assert load(path)


@pytest.mark.parametrize(("days", "found"), [(364, True), (365, True), (366, False)])
def test_days_between_are_windows_the_other_way_round(tmp_path, days, found):
    more = f'section B "B" {{ not_covered if {{ days from claim.a to line.service_date > {days} }} }}'
    path = made(tmp_path, "claim.a within 12 months before line.service_date", more=more)
    assert found is ("overlapping-rules" in {d.code for d in diagnostics(path)})


def test_the_date_of_service_on_either_side(tmp_path):
    path = made(tmp_path, "line.service_date > claim.a")
    assert decide(path, "2024-05-05", a="2024-05-04")[0] == "medically_necessary"
    assert decide(path, "2024-05-05", a="2024-05-05")[0] == "not_applicable"
    assert decide(path, "2024-05-05") == ("needs_information", [["claim.a"]])


WINDOWS = [
    "{f} within 12 months before line.service_date",
    "{f} more than 365 days before line.service_date",
    "{f} 1 month or more before line.service_date",
    "{f} less than 31 days before line.service_date",
    "{f} > line.service_date",
    "{f} < 2023-06-15",
]


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, min(day.day, monthrange(count // 12, count % 12 + 1)[1]))


def _holds(number: int, value: date, day: date) -> bool:
    return [
        _months_before(day, 12) <= value <= day,
        value < day - timedelta(days=365),
        value <= _months_before(day, 1),
        day - timedelta(days=31) < value <= day,
        value > day,
        value < date(2023, 6, 15),
    ][number]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.booleans()),
        min_size=2,
        max_size=4,
        unique=True,
    ),
    st.lists(st.sampled_from(["and", "or"]), min_size=3, max_size=3),
    st.sampled_from(["2024-02-29", "2023-03-31", "2024-03-31", "2024-12-31", "2023-06-15", "2023-07-15"]),
)
def test_unknown_dates_are_exact(tmp_path_factory, tests, words, day):
    """Held against brute force over every day of the years around."""
    on = date.fromisoformat(day)
    parts = [("not " if no else "") + WINDOWS[n].format(f=f"claim.{fact}") for fact, n, no in tests]
    text = parts[0]
    for word, part in zip(words, parts[1:], strict=False):
        text = f"({text}) {word} {part}"

    def cells(fact: str) -> list[tuple[bool, ...]]:
        days = (date(2021, 1, 1) + timedelta(days=n) for n in range(5 * 366))
        return list({tuple(_holds(n, value, on) for n in range(6)) for value in days})

    asked = list(dict.fromkeys(fact for fact, _, _ in tests))

    def result(values: dict[str, tuple[bool, ...]]) -> bool:
        truths = [values[fact][n] is not no for fact, n, no in tests]
        found = truths[0]
        for word, more in zip(words, truths[1:], strict=False):
            found = (found and more) if word == "and" else (found or more)
        return found

    answers = {
        chosen: result(dict(zip(asked, chosen, strict=True)))
        for chosen in product(*(cells(f) for f in asked))
    }
    determination, missing = decide(made(tmp_path_factory.mktemp("windows"), text), day)
    if len(set(answers.values())) == 1:
        expected = "medically_necessary" if next(iter(answers.values())) else "not_applicable"
        assert (determination, missing) == (expected, [])
        return
    assert determination == "needs_information"
    alone = [
        [f"claim.{fact}"]
        for at, fact in enumerate(asked)
        if any(
            len({answer for chosen, answer in answers.items() if chosen[at] == cell}) == 1
            for cell in cells(fact)
        )
    ]
    assert missing == (alone or [[f"claim.{fact}" for fact in asked]])
