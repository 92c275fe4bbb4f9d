"""What stands in sections and policies beside plain rules: tables, otherwise, reviews, variants."""

import pytest
from diagnosing import diagnose
from exchanging import replaced
from sections import deciding, made, said

from policyc import load
from policyc.words.history import history


@pytest.fixture
def decide(tmp_path):
    return deciding(tmp_path)


# ---- otherwise, exceptions, reviews -------------------------------------------------------------------

OTHERWISE = """section A "a" { medically_necessary if { claim.a } }
section B "b" { experimental_investigational if { claim.b } }
section C "c" { not_covered otherwise if { claim.c } }
A overrides B"""


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"a": True, "b": True, "c": True}, ("medically_necessary", ["A"], [])),
        ({"a": False, "b": True, "c": True}, ("experimental_investigational", ["B"], [])),
        ({"a": False, "b": False, "c": True}, ("not_covered", ["C"], [])),
        ({"a": False, "b": False, "c": False}, ("not_applicable", [], [])),
        ({"a": False, "b": False}, ("needs_information", [], [["claim.c"]])),
        ({"b": False, "c": True}, ("needs_information", [], [["claim.a"]])),
        ({"b": True, "c": True}, ("needs_information", [], [["claim.a"]])),
    ],
)
def test_otherwise_speaks_where_no_other_section_does(decide, facts, wanted):
    assert said(decide(OTHERWISE, **facts)[0]) == wanted


def test_otherwise_in_the_section_itself(decide):
    section = 'section A "a" { medically_necessary if { claim.a } not_covered otherwise }'
    assert said(decide(section, a=False)[0]) == ("not_covered", ["A"], [])
    assert said(decide(section, a=True)[0]) == ("medically_necessary", ["A"], [])


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"a": True, "b": False, "c": False}, "medically_necessary"),
        ({"a": True, "b": True, "c": False}, "not_applicable"),
        ({"a": True, "b": True, "c": True}, "medically_necessary"),
        ({"a": True, "b": True}, "needs_information"),
    ],
)
def test_an_exception_to_an_exception(decide, facts, wanted):
    section = 'section A "a" { medically_necessary if { claim.a } except if { claim.b } unless { claim.c } }'
    assert decide(section, **facts)[0]["determination"] == wanted


def test_a_review_says_what_is_asked_and_of_whom(decide):
    section = """section A "a" { manual_review "Is it so?" to "the director" if { claim.a } }
    section B "b" { manual_review if { claim.b } }"""
    line = decide(section, a=True, b=False)[0]
    assert line["review"] == [{"section": "A", "question": "Is it so?", "addressee": "the director"}]
    assert "review" not in decide(section, a=False, b=True)[0]
    assert "review" not in decide(section, a=False, b=False)[0]


# ---- to whom a policy applies, variants ---------------------------------------------------------------


def test_a_policy_that_applies_to_some_contracts(decide):
    policy = 'payer "p" source "s" applies if { contract.line_of_business == "medicare" }'
    section = 'section A "a" { medically_necessary if { claim.a } not_covered otherwise }'
    for business, wanted in (("medicare", "medically_necessary"), ("commercial", "not_applicable")):
        line = decide(section, policy=policy, a=True, contract={"line_of_business": business})[0]
        assert line["determination"] == wanted
    assert said(decide(section, policy=policy, a=True)[0])[2] == [["contract.line_of_business"]]


VARIANTS = """variant commercial if { contract.line_of_business == "commercial" }
variant medicaid if { contract.line_of_business == "medicaid" }
parameter least { commercial 3 medicaid 5 }
parameter ahead { commercial 1 medicaid 0 }
"""


@pytest.mark.parametrize(
    ("business", "score", "wanted"),
    [
        ("commercial", 3, "medically_necessary"),
        ("commercial", 2, "not_applicable"),
        ("medicaid", 4, "not_applicable"),
        ("medicaid", 5, "medically_necessary"),
        ("other", 9, "not_applicable"),
        (None, 9, "needs_information"),
        (None, 1, "not_applicable"),
    ],
)
def test_a_parameter_has_a_value_for_each_variant(decide, business, score, wanted):
    section = 'section A "a" { medically_necessary if { member.score >= least } }'
    contract = {"line_of_business": business}
    line = decide(section, items=VARIANTS, member={"score": score}, contract=contract)[0]
    assert line["determination"] == wanted


def test_two_parameters_of_one_condition_are_of_one_variant(decide):
    section = 'section A "a" { medically_necessary if { member.score + ahead >= least } }'
    for business, score, wanted in (("commercial", 2, True), ("medicaid", 4, False), ("medicaid", 5, True)):
        contract = {"line_of_business": business}
        line = decide(section, items=VARIANTS, member={"score": score}, contract=contract)[0]
        assert (line["determination"] == "medically_necessary") is wanted


# ---- assumptions, lists ---------------------------------------------------------------------------------


def test_what_a_rule_assumes_stands_under_what_it_says(decide):
    section = """section A "a" {
        medically_necessary if { claim.a } assume allowed "w"
        not_covered otherwise cites "P" assume rest "w"
    }"""
    assert decide(section, {}, a=True)[0]["assumptions"] == ["allowed"]
    denied = decide(section, {}, a=False)[0]
    assert (denied["determination"], denied["assumptions"]) == ("not_covered", ["allowed", "rest"])


TRIALS = """record trial { class { ssri, snri, other } failed boolean }
facts { claim.trials list of trial }
"""


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [
        (["ssri", "ssri", "snri"], "medically_necessary"),
        (["ssri", "ssri", "ssri"], "not_applicable"),
        (["ssri", "snri"], "not_applicable"),
        (["ssri", "ssri", None], [["claim.trials[2].class"]]),
    ],
)
def test_so_many_of_so_many_different_values(decide, classes, wanted):
    many = "at least 3 t in claim.trials with at least 2 different class { t.failed }"
    section = f'section A "a" {{ medically_necessary if {{ {many} }} }}'
    trials = [{"class": each, "failed": True} for each in classes]
    found = decide(section, items=TRIALS, trials=trials)[0]
    assert (found["missing"] or found["determination"]) == wanted


# ---- tables -------------------------------------------------------------------------------------------

TABLE = """section A "a" {
    table line.kind, line.site, member.score {
        scan, office, ..5 then not_covered
        scan, office, 5<.. then medically_necessary until 2023-06-01
        scan, office, 5<.. then experimental_investigational from 2023-06-01
        scan, home, any then not_covered
        visit, any, any then manual_review
    }
}"""


@pytest.mark.parametrize(
    ("line", "score", "wanted"),
    [
        ({"kind": "scan", "site": "office"}, 5, "not_covered"),
        ({"kind": "scan", "site": "office"}, 5.01, "medically_necessary"),
        ({"kind": "scan", "site": "office", "service_date": "2023-06-01"}, 6, "experimental_investigational"),
        ({"kind": "scan", "site": "home"}, None, "not_covered"),
        ({"kind": "scan"}, 3, "needs_information"),
        ({"kind": "visit"}, None, "manual_review"),
        ({"kind": "scan", "site": "street"}, 3, "not_applicable"),
    ],
)
def test_a_table_decides_by_its_row(decide, line, score, wanted):
    assert decide(TABLE, line, member={"score": score})[0]["determination"] == wanted


@pytest.mark.parametrize(
    ("old", "new", "code", "case"),
    [
        ("..5 then", "..4 then", "table-gap", "member.score 5"),
        ("..5 then", "..6 then", "table-overlap", "member.score 6"),
        ("visit, any, any then manual_review", "", "table-gap", "line.kind visit"),
        ("from 2023-06-01", "from 2023-07-01", "table-gap", "member.score"),
        ("scan, home, any", "any, home, any", "table-overlap", "line.kind visit"),
    ],
)
def test_gaps_and_overlaps_of_a_table_are_shown(tmp_path, old, new, code, case):
    assert old in TABLE
    found = [
        d for d in diagnose(made(tmp_path, replaced(TABLE, old, new)).read_text()) if d.severity == "error"
    ]
    assert code in {d.code for d in found}, [d.message for d in found]
    assert case in next(d.message for d in found if d.code == code)


VISITS = """record visit { day date }
facts { claim.visits list of visit }
"""


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (["2022-03-01"], "medically_necessary"),
        (["2022-01-01", "2022-07-01"], "medically_necessary"),
        (["2022-03-01", "2022-07-02"], "not_applicable"),
        (["2021-12-31"], "not_applicable"),
        ([], "not_applicable"),
    ],
)
def test_the_latest_lies_in_a_window_around_a_day(decide, days, wanted):
    latest = "latest of v.day for v in claim.visits within 6 months before 2022-07-01"
    section = f'section A "a" {{ medically_necessary if {{ {latest} }} }}'
    found = decide(section, items=VISITS, visits=[{"day": day} for day in days])[0]
    assert found["determination"] == wanted


def test_a_name_is_of_one_kind(tmp_path):
    items = "half if { claim.a }\nhalf := member.score / 2\n"
    text = made(tmp_path, 'section A "a" { not_covered if { half } }', items=items).read_text()
    assert "duplicate-name" in {d.code for d in diagnose(text)}


@pytest.mark.parametrize(("count", "wanted"), [(1, False), (2, True), (3, False)])
def test_a_list_may_be_counted_without_braces(decide, count, wanted):
    asked = "count of v in claim.visits >= 2 count of v in claim.visits in 1..2"
    section = f'section A "a" {{ medically_necessary if {{ {asked} }} }}'
    found = decide(section, items=VISITS, visits=[{"day": "2022-01-01"}] * count)[0]
    assert (found["determination"] == "medically_necessary") is wanted


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ("limit 1 unit per day then", "limit 2 units per day then", "another edit: "),
        ('manual_review "x?"', 'manual_review "y?"', "wording alone: section B now asks reviewers y?"),
    ],
)
def test_a_revision_of_a_limit_or_a_question_changes_decisions(tmp_path, before, after, effect):
    first = 'section A "a" { medically_necessary if { claim.a } limit 1 unit per day then not_covered } '
    second = 'section B "b" { manual_review "x?" if { claim.b } }'
    path = made(tmp_path, f"{first}\n{second}\nA overrides B")
    sections = [f"replace {section}" for section in (first, second) if before in section]
    text = path.read_text() + f'revision 2021-01-01 "s" {{ {replaced(sections[0], before, after)} }}\n'
    path.write_text(text)
    assert any(said.startswith(effect) for said in history(load(path).program, None)[1].effect)
