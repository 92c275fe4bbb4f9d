"""Edits: what is said of a line beside its determination."""

import pytest
from backends import three_ways

from policyc.words.render import Marks, table

TEXT = """package policy_made
facts { claim.a boolean }
codes hcpcs {
    J1000 "plain"
    J1001 "old" from 2020-01-01 until 2023-01-01 per 10 mg replaced by J1002, J1003
    J1002 "new" from 2023-01-01 per 1 mg
    J1003 "another" from 2023-01-01 per 4 mg
    J1004 "elsewhere"
}
codes icd10cm {
    M54.5 "until it was divided" until 2021-10-01 replaced by M54.50, M54.59
    M54.50 from 2021-10-01
    M54.59 from 2021-10-01
    G43.Ex from 2023-10-01 posted 2023-08-01
    F32.0..F32.5
    F33x
    F33.4x
    L70
    L70.0 from 2030-01-01
}
policy "made" { payer "p" }
revision 2020-01-01 "r" {
    section A "a" { not_covered if { claim.a } }
    codes { J1000  J1001 though ended "it was" }
}
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    path = tmp_path_factory.mktemp("policies") / "policy_made.pol"
    path.write_text(TEXT)
    return three_ways(path)


@pytest.fixture
def edited(ways):
    """The edits of a line, by all back ends."""

    def decided(day, line=None, known_on=None, **claim):
        own = {"line": 1, "procedure": "J1000", "service_date": day, **(line or {})}
        return ways.agree({"claim_id": "C", "a": True, **claim, "lines": [own]}, known_on)["lines"][0][
            "edits"
        ]

    return decided


NOT_VALID = {"kind": "diagnosis_not_valid", "reason_codes": {"carc": "146", "rarc": []}}
NOT_SPECIFIC = {"kind": "diagnosis_not_specific", "reason_codes": {"carc": "146", "rarc": []}}


@pytest.mark.parametrize(
    ("day", "code", "wanted"),
    [
        ("2021-09-30", "M54.5", None),
        ("2021-10-01", "m545", {"valid_until": "2021-10-01", "replaced_by": ["M54.50", "M54.59"]}),
        ("2021-09-30", "M54.50", {"valid_from": "2021-10-01"}),
        ("2021-10-01", "M54.50", None),
        ("2023-09-30", "G43.E09", {"valid_from": "2023-10-01"}),
        ("2023-10-01", "G43.E09", None),
        ("2023-09-30", "G43", None),
        ("2023-10-01", "G43", ["G43.E"]),
        ("2021-10-01", "M54", ["M54.50", "M54.59"]),
        ("2021-09-30", "M54", ["M54.5"]),
        ("2022-01-01", "F32", ["F32.0"]),
        ("2022-01-01", "F32.0", None),
        ("2022-01-01", "F33", ["F33.4"]),
        ("2022-01-01", "F33.4", None),
        ("2022-01-01", "L70", None),
        ("2022-01-01", "Z00.00", None),
    ],
)
def test_a_diagnosis_is_valid_and_specific_by_its_code_list(edited, day, code, wanted):
    found = edited(day, diagnoses=["Z00.00", code])
    shown = {"fact": "claim.diagnoses[1]", "code": code.upper() if "." in code else code}
    if wanted is None:
        assert found == []
    elif isinstance(wanted, dict):
        shown["code"] = "M54.5" if code == "m545" else code
        assert found == [{**NOT_VALID, **shown, **wanted}]
    else:
        assert found == [{**NOT_SPECIFIC, **shown, "divided_into": wanted}]


def test_a_diagnosis_row_counts_from_its_posting(edited):
    assert edited("2022-01-01", diagnoses=["G43.E09"], known_on="2023-07-31") == []
    assert len(edited("2022-01-01", diagnoses=["G43.E09"], known_on="2023-08-01")) == 1


def test_the_line_s_own_diagnoses_are_named_by_the_line(edited):
    own = {"diagnoses": [None, "M54.59"]}
    (edit,) = edited("2021-01-01", own, diagnoses=["M54"])
    assert (edit["fact"], edit["code"]) == ("line.diagnoses[1]", "M54.59")
    assert edited("2021-01-01", {"diagnoses": None}, diagnoses=["M54"]) == []
    assert edited("2021-01-01") == []


def test_a_line_that_is_none_of_the_policy_s_business_has_no_edit(edited):
    assert edited("2021-01-01", {"procedure": "J1004"}, diagnoses=["M54"]) == []
    assert edited("2019-01-01", diagnoses=["M54"]) == []


def test_units_of_an_old_code_are_counted_in_its_successors(edited):
    (edit,) = edited("2023-01-01", {"procedure": "J1001", "units": 3})
    assert edit == {
        "kind": "code_not_valid",
        "valid_from": "2020-01-01",
        "valid_until": "2023-01-01",
        "replaced_by": ["J1002", "J1003"],
        "unit_factor": {"J1002": "10", "J1003": "2.5"},
        "units": "3",
        "units_become": {"J1002": "30", "J1003": "7.5"},
    }
    assert "units" not in edited("2023-01-01", {"procedure": "J1001"})[0]


def test_people_are_told(ways):
    lines = [
        {"line": 1, "procedure": "J1001", "service_date": "2023-01-01", "units": 3},
        {"line": 2, "procedure": "J1000", "service_date": "2023-01-01", "diagnoses": ["M54", "M54.5"]},
    ]
    printed = table(ways.agree({"claim_id": "C", "a": True, "lines": lines}), Marks.of("utf-8"))
    shown = " ".join(printed.split())
    assert (
        "valid from 2020-01-01 through 2022-12-31, then J1002 or J1003; "
        "3 units would be 30 of J1002 or 7.5 of J1003" in shown
    )
    assert "M54 is not specific enough: the code list divides it further, as into M54.50" in shown
    assert "the diagnosis M54.5 is not valid on this day: valid through 2021-09-30, then M54.50" in shown
