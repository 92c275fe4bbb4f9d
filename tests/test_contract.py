"""Where a contract contradicts a policy or itself, a person decides; brute force compares the rest."""

import pytest
from backends import three_ways
from sections import made, said

DENIED = """section A "a" { not_medically_necessary if { claim.a } }
section B "b" { not_covered if { claim.b } }
A overrides B"""
SINCE = {"from": "2020-01-01"}


@pytest.fixture
def decide(tmp_path):
    """Decides a line of 2022-02-02, by all back ends."""

    def decided(sections, line=None, **claim):
        own = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", **(line or {})}
        claim = {"claim_id": "C", **claim, "lines": [own]}
        return three_ways(made(tmp_path, sections)).agree(claim)["lines"]

    return decided


@pytest.mark.parametrize(
    "named", [{"procedures": ["J1000"]}, {"section": "A"}, {"diagnoses": ["L40.0", "m79.7"]}]
)
def test_a_rider_over_a_denial_goes_to_review(decide, named):
    contract = {"riders": [named | SINCE, {"section": "B"} | SINCE]}
    (line,) = decide(DENIED, a=True, b=False, diagnoses=["M79.7"], contract=contract)
    assert said(line) == ("manual_review", ["A"], [])
    (asked,) = line["review"]
    assert asked["rider"] == "/contract/riders/0"
    assert "section A says not_medically_necessary" in asked["question"]
    assert line["reason_codes"] is None


@pytest.mark.parametrize(
    "named",
    [
        {"procedures": ["J1001"]},
        {"section": "B"},
        {"diagnoses": ["L40.0"]},
        {"procedures": ["J1000"], "from": "2022-02-03"},
        {"procedures": ["J1000"], "until": "2022-02-02"},
    ],
)
def test_a_rider_that_does_not_fit_leaves_the_denial(decide, named):
    (line,) = decide(DENIED, a=True, b=True, diagnoses=["M79.7"], contract={"riders": [SINCE | named]})
    assert said(line) == ("not_medically_necessary", ["A"], [])
    assert "review" not in line


def test_a_rider_adds_nothing_where_no_section_denies(decide):
    contract = {"riders": [{"procedures": ["J1000"]} | SINCE]}
    assert said(decide(DENIED, a=False, b=False, contract=contract)[0])[0] == "not_applicable"
    allowed = 'section A "a" { medically_necessary if { claim.a } }'
    (line,) = decide(allowed, a=True, contract=contract)
    assert said(line) == ("medically_necessary", ["A"], [])
    assert "review" not in line


def test_a_rider_and_an_exclusion_contradict_each_other(decide):
    allowed = 'section A "a" { medically_necessary if { claim.a } }'
    contract = {"riders": [{"procedures": ["J1000"]} | SINCE], "exclusions": [{"section": "A"} | SINCE]}
    (line,) = decide(allowed, a=True, contract=contract)
    assert said(line) == ("manual_review", ["A"], [])
    assert line["review"] == [
        {
            "rider": "/contract/riders/0",
            "question": "a rider of the contract covers procedure J1000 from 2020-01-01, but "
            "an exclusion of the contract excludes what section A decides from 2020-01-01: "
            "which of them counts?",
        }
    ]


def test_the_questions_of_sections_stay(decide):
    section = """section A "a" { manual_review "Is it so?" if { claim.a } not_covered if { not claim.a } }"""
    contract = {"riders": [{"diagnoses": ["M79.7"]} | SINCE]}
    (line,) = decide(section, a=True, diagnoses=["M79.7"], contract=contract)
    assert line["review"] == [{"section": "A", "question": "Is it so?"}]
    (line,) = decide(section, a=False, diagnoses=[None], contract=contract)
    assert said(line) == ("needs_information", [], [["claim.diagnoses"]])


def test_units_above_a_limit_that_a_rider_covers_go_to_review(decide):
    section = 'section A "a" { medically_necessary if { claim.a } limit 3 units per day then not_covered }'
    contract = {"riders": [{"diagnoses": ["M79.7"]} | SINCE]}
    (line,) = decide(section, {"units": 4}, a=True, history=[], diagnoses=[None], contract=contract)
    assert line["determination"] == "medically_necessary"
    (edit,) = line["edits"]
    assert edit["determination"] == "manual_review"
    assert "reason_codes" not in edit
    assert "if a diagnosis that is not known is one of them" in edit["review"][0]["question"]
    (line,) = decide(section, {"units": 4}, a=True, history=[], diagnoses=["L40.0"], contract=contract)
    assert line["edits"][0]["determination"] == "not_covered"


CONTRADICTING = """package made.contradicting
codes hcpcs { X1001 "a" }
record test { day date }
facts { claim.tests list of test  claim.started date }
policy "P" { payer "p" }
revision 2022-01-01 "r" {
    section A "a" { medically_necessary if { claim.started 12 months or more before line.service_date } }
    section B "b" {
        not_covered if {
            some t in claim.tests { t.day within 1000 days before claim.started }
            no t in claim.tests { t.day within 30 days before claim.started }
        }
    }
    codes { X1001 }
}
"""


def test_what_contradicts_itself_is_never_decided_before_it_is_known(tmp_path):
    """The compiler warns that it cannot tell; a line for which both sections hold goes to a person."""
    path = tmp_path / "made" / "contradicting.pol"
    path.parent.mkdir()
    path.write_text(CONTRADICTING)
    ways = three_ways(path)
    claim = {"claim_id": "C", "tests": [{"day": "2021-01-01"}]}
    claim["lines"] = [{"line": 1, "procedure": "X1001", "service_date": "2024-01-01"}]
    (open_,) = ways.agree(claim)["lines"]
    assert (open_["determination"], open_["missing"]) == ("needs_information", [["claim.started"]])
    (both,) = ways.agree({**claim, "started": "2022-01-01"})["lines"]
    assert (both["determination"], both["rules"], "exact" in both) == ("manual_review", ["A", "B"], False)
    assert "the policy states no order" in both["review"][0]["question"]


@pytest.mark.parametrize("terms", ["exclusions", "riders"])
def test_a_section_that_the_policy_never_has_is_told(decide, terms):
    named = [{"section": section} | SINCE for section in ("a", "A", "C", "a")]
    ended = {"section": "D", "from": "2020-01-01", "until": "2022-02-02"}
    (line,) = decide(DENIED, a=False, b=True, contract={terms: [*named, ended]})
    assert line["edits"] == [{"kind": "unknown_section", "section": section} for section in ("a", "C")]
    assert said(line) == ("not_covered", ["B"], [])
    (line,) = decide(DENIED, a=False, b=True, contract={terms: [{"section": "A"} | SINCE]})
    assert line["edits"] == []


def test_a_section_of_other_days_is_known(decide):
    dated = """section A "a" { medically_necessary if { claim.a } }
    section T "t" {
        table claim.b { true then not_covered from 2022-03-01  false then not_covered from 2022-03-01 }
    }
    T overrides A"""
    for day in ("2022-02-02", "2022-04-04"):
        line = {"service_date": day}
        (found,) = decide(dated, line, a=True, b=True, contract={"exclusions": [{"section": "T"} | SINCE]})
        assert [edit["kind"] for edit in found["edits"]] == []
