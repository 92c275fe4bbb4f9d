"""Numbers: comparisons, ranges, ages; exact at every threshold, known and unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import comparing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.pipeline import compile_paths
from compiler.runtime.derive import completed_years
from compiler.runtime.numbers import after, among, before
from dsl.diagnostics import Report
from policyc import ClaimError, load

POLICY = """\
package made

policy "Made" {{
    payer "A plan"
}}

facts {{
    line.x number{x}
    line.n integer{n}
}}

codes hcpcs {{ J1000 "a drug" }}

revision 2020-01-01 "Posted" {{
    section A "A" {{
        medically_necessary if {{ asked: {condition} }}
    }}
    codes {{ J1000 }}
}}
"""


def made(folder: Path, condition: str, x: str = "", n: str = "") -> Path:
    path = folder / "made.pol"
    path.write_text(POLICY.format(condition=condition, x=x, n=n))
    return path


def decide(path: Path, day: str = "2022-02-02", member: dict | None = None, **facts):
    line = {"line": 1, "procedure": "J1000", "service_date": day, **facts}
    claim = {"claim_id": "C", "lines": [line]} | ({"member": member} if member else {})
    policy = load(path)
    (compiled,) = policy.decide(claim)["lines"]
    (interpreted,) = policy.decide(claim, explain=True)["lines"]
    assert compiled == comparing.unexplained(interpreted)
    return compiled["determination"], compiled["missing"]


def codes_of(path: Path) -> list[str]:
    report = Report()
    compile_paths([path], [], report)
    return [diagnostic.code for diagnostic in report.diagnostics]


OPERATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("threshold", ["20", "19.5", "0", "-2.5"])
def test_comparisons_are_exact_at_the_threshold(tmp_path, operator, threshold):
    path = made(tmp_path, f"line.x {operator} {threshold}")
    quantum = Decimal("0.0001")
    for value in (Decimal(threshold) - quantum, Decimal(threshold), Decimal(threshold) + quantum):
        expected = OPERATORS[operator](value, Decimal(threshold))
        assert decide(path, x=value)[0] == ("medically_necessary" if expected else "not_applicable")


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ("line.x in 20..30", ["20", "30", "20.0", "25.5"], ["19.99", "30.01", "-20"]),
        ("line.x in 20..", ["20", "1000000"], ["19.999"]),
        ("line.x in ..20", ["20", "-7"], ["20.001"]),
        ("line.n in { 1, 3..4 }", ["1", "3", "4"], ["2", "5", "0"]),
        ("line.x in -2.5..-1", ["-2.5", "-1"], ["-2.6", "-0.9", "1"]),
    ],
)
def test_ranges_take_their_ends_in(tmp_path, condition, inside, outside):
    path = made(tmp_path, condition)
    fact = condition[5]
    for text in inside:
        assert decide(path, **{fact: Decimal(text)})[0] == "medically_necessary", text
    for text in outside:
        assert decide(path, **{fact: Decimal(text)})[0] == "not_applicable", text


def test_a_long_number_is_not_rounded(tmp_path):
    """29 digits, one more than Python's decimals keep by themselves."""
    at, below = Decimal("1.2345678901234567890123456789"), Decimal("1.23456789012345678901234567885")
    path = made(tmp_path, f"line.x >= {at}")
    assert [decide(path, x=x)[0] for x in (at, below)] == ["medically_necessary", "not_applicable"]
    path = made(tmp_path, f"line.x > {at}")
    assert [decide(path, x=x)[0] for x in (at, at + Decimal("1e-28"))][1] == "medically_necessary"


def test_numbers_are_read_exactly(tmp_path):
    path = made(tmp_path, "line.x == 0.3")
    assert decide(path, x=Decimal("0.3"))[0] == "medically_necessary"
    assert decide(path, x=0.3)[0] == "medically_necessary"
    assert decide(path, x=Decimal("0.30000000000000000000000000000000000001"))[0] == "not_applicable"


def test_what_the_type_cannot_be_is_no_question(tmp_path):
    assert decide(made(tmp_path, "line.n < 5 or line.n > 4")) == ("medically_necessary", [])
    assert decide(made(tmp_path, "line.x < 5 or line.x > 4")) == ("medically_necessary", [])
    assert decide(made(tmp_path, "line.x < 5 or line.x > 5")) == ("needs_information", [["line.x"]])
    assert decide(made(tmp_path, "line.n > 4 and line.n < 5")) == ("not_applicable", [])
    assert decide(made(tmp_path, "line.x > 4 and line.x < 5")) == ("needs_information", [["line.x"]])
    assert decide(made(tmp_path, "line.x >= 0", x=" 0..")) == ("medically_necessary", [])
    assert decide(made(tmp_path, "line.x <= 9", x=" 0..10")) == ("needs_information", [["line.x"]])


def test_values_that_a_number_cannot_have_are_errors(tmp_path):
    path = made(tmp_path, "line.n in 1..3 or line.x > 5", x=" 0..", n=" 0..20")
    for facts in ({"n": 1.5}, {"n": 21}, {"x": -1}, {"n": "3"}, {"n": True}):
        with pytest.raises(ClaimError) as raised:
            decide(path, **facts)
        assert raised.value.at == f"/lines/0/{next(iter(facts))}"


def test_nonsense_is_told(tmp_path):
    for condition in (
        "line.n == 1.5",
        "line.x == twenty",
        "line.x in 30..20",
        'line.x == "3"',
        "line.x == J1000",
    ):
        assert set(codes_of(made(tmp_path, condition))) & {"type-mismatch", "empty-range", "unknown-name"}, (
            condition
        )
    assert codes_of(made(tmp_path, "line.x < 0", x=" 0..")) == ["type-mismatch"]
    assert "empty-range" in codes_of(made(tmp_path, "line.x < 5", x=" 9..3"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "n"]), st.sampled_from(list(OPERATORS)), st.integers(-2, 3)),
        min_size=2,
        max_size=4,
    ),
    st.lists(st.sampled_from(["and", "or"]), min_size=3, max_size=3),
)
def test_unknown_numbers_are_exact(tmp_path_factory, tests, words):
    """Held against brute force over numbers around every threshold."""
    text = f"line.{tests[0][0]} {tests[0][1]} {tests[0][2]}"
    for word, (fact, operator, threshold) in zip(words, tests[1:], strict=False):
        text = f"({text}) {word} line.{fact} {operator} {threshold}"

    def holds(values: dict[str, Decimal]) -> bool:
        (fact, operator, threshold), *rest = tests
        result = OPERATORS[operator](values[fact], threshold)
        for word, (fact, operator, threshold) in zip(words, rest, strict=False):
            more = OPERATORS[operator](values[fact], threshold)
            result = (result and more) if word == "and" else (result or more)
        return result

    domains = {
        "x": [Decimal(n) / 2 for n in range(-8, 11)],
        "n": [Decimal(n) for n in range(-4, 6)],
    }
    asked = list(dict.fromkeys(fact for fact, _, _ in tests))
    answers = {
        values: holds(dict(zip(asked, values, strict=True)))
        for values in product(*(domains[fact] for fact in asked))
    }
    path = made(tmp_path_factory.mktemp("numbers"), text)
    if "type-mismatch" in codes_of(path):
        return
    determination, missing = decide(path)
    if len(set(answers.values())) == 1:
        expected = "medically_necessary" if next(iter(answers.values())) else "not_applicable"
        assert (determination, missing) == (expected, [])
        return
    assert determination == "needs_information"
    single = [
        [f"line.{fact}"]
        for at, fact in enumerate(asked)
        if any(
            len({answer for values, answer in answers.items() if values[at] == value}) == 1
            for value in domains[fact]
        )
    ]
    assert missing == (single or [[f"line.{fact}" for fact in asked]])


def test_cuts():
    n = Decimal(5)
    assert among(n, ((before(n), after(n)),)) and not among(n, ((after(n), None),))
    assert not among(n, ((None, before(n)),)) and among(n, ((None, None),))


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        ("1974-05-05", "2024-05-05", 50),
        ("1974-05-06", "2024-05-05", 49),
        ("1972-02-29", "2022-02-28", 49),
        ("1972-02-29", "2022-03-01", 50),
        ("1972-02-29", "2024-02-29", 52),
        ("2024-05-05", "2024-05-05", 0),
    ],
)
def test_age_is_in_completed_years(tmp_path, born, day, years):

    assert completed_years(date.fromisoformat(born), date.fromisoformat(day)) == years
    path = made(tmp_path, f"member.age == {years}")
    assert decide(path, day=day, member={"birth_date": born})[0] == "medically_necessary"
    assert decide(path, day=day) == ("needs_information", [["member.birth_date"]])


def test_an_age_is_not_stated(tmp_path):
    with pytest.raises(ClaimError, match="age"):
        decide(made(tmp_path, "member.age >= 18"), member={"age": 20})
