"""Concepts of which some codes are excepted."""

import pytest

from policyc import load

POLICY = """package made
codes hcpcs { X1000 "a" }
concept headaches of icd10cm assume headache_codes "ours" { G43x G44x }
concept pain of icd10cm {
    G89x
    face "of the face" { G50x G44.0x } except { G50.1 }
    headaches
} except { G89.3  G43.7x from 2022-01-01  G50.8 }
concept rest of icd10cm { G4x } except { headaches }
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "Pain" { medically_necessary if { some d in claim.diagnoses { d in pain } } }
    section F "Face" { medically_necessary if { some d in claim.diagnoses { d in pain.face } } }
    section R "Rest" { not_covered if { some d in claim.diagnoses { d in rest } } }
    A overrides R
    F overrides R
    codes { X1000 }
}
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("concepts") / "made.pol"
    path.write_text(POLICY)
    return load(path)


@pytest.mark.parametrize(
    ("code", "day", "rules"),
    [
        ("G89.4", "2022-05-05", ["A"]),
        ("G89.3", "2022-05-05", []),
        ("G50.0", "2022-05-05", ["A", "F"]),
        ("G50.1", "2022-05-05", []),  # excepted of the member, and so not of the whole
        ("G50.8", "2022-05-05", []),  # excepted of the whole, and so not of its member
        ("G44.00", "2022-05-05", ["A", "F"]),
        ("G44.1", "2022-05-05", ["A"]),
        ("G43.709", "2021-12-31", ["A"]),
        ("G43.709", "2022-01-01", []),
        ("G43.109", "2022-01-01", ["A"]),
        ("G47.33", "2022-01-01", ["R"]),
    ],
)
def test_what_is_excepted_is_not_of_a_concept(policy, code, day, rules):
    line = {"line": 1, "procedure": "X1000", "service_date": day}
    (decided,) = policy.decide({"claim_id": "1", "diagnoses": [code], "lines": [line]})["lines"]
    assert decided["rules"] == rules


def test_a_decision_rests_on_what_is_assumed_of_excepted_concepts(policy):
    line = {"line": 1, "procedure": "X1000", "service_date": "2022-05-05"}
    (decided,) = policy.decide({"claim_id": "1", "diagnoses": ["G47.33"], "lines": [line]})["lines"]
    assert decided["assumptions"] == ["headache_codes"]
