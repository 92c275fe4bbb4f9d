"""What stands in sections and policies beside plain rules: limits, tables, otherwise, reviews, variants."""

from textwrap import indent

import pytest
from backends import three_ways
from diagnosing import diagnose

from policyc import load
from policyc.words.history import history

HEAD = """package policy_made

facts {
    line.kind { scan, visit }
    line.site open { office, home }
    member.score number 0..10
    claim.a boolean
    claim.b boolean
    claim.c boolean
}

codes hcpcs {
    J1000 "plain"
    J1001 "old" from 2020-01-01 until 2023-01-01 per 10 mg replaced by J1002
    J1002 "new" from 2023-01-01 per 1 mg
}
"""


def made(tmp_path, sections, policy='payer "p" source "s"', items=""):
    path = tmp_path / "policy_made.pol"
    codes = 'codes { J1000 J1001 though ended "it was" J1002 }'
    text = f'{HEAD}{items}\npolicy "made" {{ {policy} }}\n'
    text += f'revision 2020-01-01 "r" {{\n{indent(sections, "    ")}\n    {codes}\n}}\n'
    path.write_text(text)
    return path


@pytest.fixture
def decide(tmp_path):
    """Decides a line under sections, by all back ends."""

    def decided(sections, line=None, policy='payer "p" source "s"', items="", lines=(), **claim):
        back_ends = three_ways(made(tmp_path, sections, policy, items))
        own = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", **(line or {})}
        claim = {"claim_id": "C", **claim, "lines": [own, *lines]}
        return back_ends.agree(claim)["lines"]

    return decided


def said(line):
    return line["determination"], line["rules"], line["missing"]


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


# ---- limits -------------------------------------------------------------------------------------------

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
    section = LIMITED.replace("limit", "not_covered otherwise limit")
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


def test_what_a_rule_assumes_stands_under_what_it_says(decide):
    section = """section A "a" {
        medically_necessary if { claim.a } assume allowed "w"
        not_covered otherwise cites "P" assume rest "w"
    }"""
    assert decide(section, {}, a=True)[0]["assumptions"] == ["allowed"]
    denied = decide(section, {}, a=False)[0]
    assert (denied["determination"], denied["assumptions"]) == ("not_covered", ["allowed", "rest"])


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
    section = LIMITED.replace("300 mg per day", f"3 units per {period}")
    line = {"service_date": "2022-03-31", "units": 2}
    assert over(decide(section, line, a=True, history=[earlier("J1000", counted, 2)])[0]) == [("1", "1")]
    if forgotten is not None:
        assert over(decide(section, line, a=True, history=[earlier("J1000", forgotten, 2)])[0]) == []


def test_a_limit_says_what_it_rests_on(decide):
    section = LIMITED.replace("not_covered }", 'not_covered cites "L" assume a_day "the plan says daily" }')
    line = {"procedure": "J1002", "service_date": "2023-01-05", "units": 400}
    (found,) = decide(section, line, a=True, history=[])
    assert found["assumptions"] == ["a_day"]
    assert [edit.get("cites") for edit in found["edits"]] == [None, "L"]
    assert decide(section, line, a=False)[0]["assumptions"] == []


def test_a_limit_limits_what_a_section_allows(tmp_path):
    section = 'section A "a" { not_covered if { claim.a } limit 1 unit per day then not_covered }'
    found = diagnose(made(tmp_path, section).read_text())
    assert [d.code for d in found if d.severity == "error"] == ["type-mismatch"]


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
        d for d in diagnose(made(tmp_path, TABLE.replace(old, new)).read_text()) if d.severity == "error"
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
    text = path.read_text() + f'revision 2021-01-01 "s" {{ {sections[0].replace(before, after)} }}\n'
    path.write_text(text)
    assert any(said.startswith(effect) for said in history(load(path).program, None)[1].effect)
