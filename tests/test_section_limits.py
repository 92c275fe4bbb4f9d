"""Limits of what a section allows: what they count, by which days, and what they ask."""

import pytest
from diagnosing import diagnose
from exchanging import replaced
from sections import deciding, made, said


@pytest.fixture
def decide(tmp_path):
    return deciding(tmp_path)


LIMITED = 'section A "a" { medically_necessary if { claim.a } limit 300 mg per day then not_covered }'
OVER = {
    "kind": "units_over_limit",
    "section": "A",
    "limit": "300 mg per day",
    "determination": "not_covered",
    "reason_codes": {"carc": "96", "rarc": ["N130"]},
}


def earlier(code, day, units):
    return {"procedure": code, "service_date": day, "units": units}


def over(line):
    return [(edit["allowed"], edit["over"]) for edit in line["edits"] if edit["kind"] == "units_over_limit"]


@pytest.mark.parametrize(
    ("code", "units", "history", "wanted"),
    [
        ("J1002", 300, [], []),
        ("J1002", 301, [], [("300", "1")]),
        ("J1002", 200, [earlier("J1002", "2023-01-05", 200)], [("100", "100")]),
        ("J1002", 200, [earlier("J1002", "2023-01-04", 200)], []),
        # Ten milligrams a unit before the swap: the limit is the same.
        ("J1002", 200, [earlier("J1001", "2023-01-05", 20)], [("100", "100")]),
        ("J1002", 10, [earlier("J1001", "2023-01-05", 40)], [("0", "10")]),
        ("J1002", 300, [earlier("J1000", "2023-01-05", 400)], []),
    ],
)
def test_a_limit_counts_what_the_codes_stand_for(decide, code, units, history, wanted):
    line = {"procedure": code, "service_date": "2023-01-05", "units": units}
    (found,) = decide(LIMITED, line, a=True, history=history)
    assert found["determination"] == "medically_necessary"
    assert over(found) == wanted
    for edit in found["edits"]:
        if edit["kind"] == "units_over_limit":
            assert {key: edit[key] for key in OVER} == OVER


def test_a_limit_that_is_not_known_to_be_kept_asks(decide):
    line = {"procedure": "J1002", "service_date": "2023-01-05", "units": 300}
    assert said(decide(LIMITED, line, a=True)[0]) == ("needs_information", [], [["claim.history"]])
    assert said(decide(LIMITED, {**line, "units": None}, a=True, history=[])[0])[2] == [["line.units"]]
    unknown = [{"procedure": "J1002", "service_date": "2023-01-05"}]
    assert said(decide(LIMITED, line, a=True, history=unknown)[0])[2] == [["claim.history[0].units"]]
    other_day = [{"procedure": "J1002", "service_date": "2023-01-01"}]
    assert said(decide(LIMITED, line, a=True, history=other_day)[0])[0] == "medically_necessary"
    assert said(decide(LIMITED, line, a=False)[0]) == ("not_applicable", [], [])


def test_a_denied_line_has_nothing_to_limit(decide):
    section = replaced(LIMITED, "limit", "not_covered otherwise limit")
    line = {"procedure": "J1002", "service_date": "2023-01-05", "units": 400}
    assert said(decide(section, line, a=False)[0]) == ("not_covered", ["A"], [])
    assert over(decide(section, line, a=False, history=[])[0]) == []


def test_a_limit_of_some_codes_counts_them_together(decide):
    limit = "limit 3 units of J1000, J1002 per day then not_covered"
    section = f'section A "a" {{ medically_necessary if {{ claim.a }} {limit} }}'
    day = {"service_date": "2022-04-01", "units": 2}
    plain = decide(section, day, a=True, history=[earlier("J1000", "2022-04-01", 2)])[0]
    assert over(plain) == [("1", "1")]
    # A predecessor counts with its successor, and its units are units.
    swapped = decide(section, day, a=True, history=[earlier("J1001", "2022-04-01", 2)])[0]
    assert over(swapped) == [("1", "1")]


@pytest.mark.parametrize(
    ("period", "counted", "forgotten"),
    [
        ("calendar year", "2022-01-01", "2021-12-31"),
        ("calendar month", "2022-03-01", "2022-02-28"),
        ("2 calendar years", "2021-01-01", "2020-12-31"),
        ("year", "2021-04-01", "2021-03-31"),
        ("lifetime", "1990-01-01", None),
    ],
)
def test_the_days_that_a_limit_counts(decide, period, counted, forgotten):
    section = replaced(LIMITED, "300 mg per day", f"3 units per {period}")
    line = {"service_date": "2022-03-31", "units": 2}
    assert over(decide(section, line, a=True, history=[earlier("J1000", counted, 2)])[0]) == [("1", "1")]
    if forgotten is not None:
        assert over(decide(section, line, a=True, history=[earlier("J1000", forgotten, 2)])[0]) == []


def test_a_limit_says_what_it_rests_on(decide):
    section = replaced(LIMITED, "not_covered }", 'not_covered cites "L" assume a_day "the plan says daily" }')
    line = {"procedure": "J1002", "service_date": "2023-01-05", "units": 400}
    (found,) = decide(section, line, a=True, history=[])
    assert found["assumptions"] == ["a_day"]
    assert [edit.get("cites") for edit in found["edits"]] == [None, "L"]
    assert decide(section, line, a=False)[0]["assumptions"] == []


def test_a_limit_limits_what_a_section_allows(tmp_path):
    section = 'section A "a" { not_covered if { claim.a } limit 1 unit per day then not_covered }'
    found = diagnose(made(tmp_path, section).read_text())
    assert [d.code for d in found if d.severity == "error"] == ["type-mismatch"]


def test_the_lines_of_a_claim_use_a_limit_up_in_their_order(decide):
    first = {"procedure": "J1002", "service_date": "2023-01-05", "units": 200}
    second = {"line": 2, **first}
    found = decide(LIMITED, first, lines=[second, {**second, "line": 3}], a=True, history=[])
    assert [over(line) for line in found] == [[], [("100", "100")], [("0", "200")]]


@pytest.mark.parametrize(
    ("limit", "day", "wanted"),
    [
        ("1 unit per 90 days", "2022-01-01", []),
        ("1 unit per 90 days", "2022-01-02", [("0", "1")]),
        ("1 unit per month", "2022-03-01", []),
        ("1 unit per month", "2022-03-02", [("0", "1")]),
        ("2 units per month", "2022-03-02", []),
    ],
)
def test_the_period_of_a_limit_ends_on_the_day_of_the_line(decide, limit, day, wanted):
    section = f'section A "a" {{ medically_necessary if {{ claim.a }} limit {limit} then not_covered }}'
    line = {"service_date": "2022-04-01", "units": 1}
    assert over(decide(section, line, a=True, history=[earlier("J1000", day, 1)])[0]) == wanted
