"""Explanations: each criterion as the author wrote it, and whether that holds."""

from __future__ import annotations

from policyc import load

POLICY = """\
package made

policy "Made" { payer "A plan" }

facts { line.order { none, written } line.n integer }

codes hcpcs { J1000 "a drug" }

revision 2020-01-01 "Posted" {
    section A "A" {
        medically_necessary if {
            order: line.order != none
            some_more: not line.n in 1..3
        }
    }
    codes { J1000 }
}
"""


def test_what_is_negated_is_explained_as_it_is_written(tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(POLICY)
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", "order": "none", "n": 7}
    (decided,) = load(path).decide({"claim_id": "C", "lines": [line]}, explain=True)["lines"]
    (tree,) = decided["explanation"]
    told = {node["criterion"]: (node["holds"], node["children"]) for node in tree["children"]}
    assert told["order"] == (False, [])
    holds, children = told["some_more"]
    assert holds is True
    assert [(child["criterion"], child["holds"]) for child in children] == [("line.n in 1..3", False)]


def test_a_day_of_knowledge_given_replaces_that_of_load(tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(POLICY)
    claim = {"claim_id": "C", "lines": [{"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}]}
    policy = load(path, known_on="2019-01-01")
    assert policy.decide(claim)["lines"][0]["determination"] == "not_in_force"
    assert policy.decide(claim, known_on=None)["lines"][0]["determination"] == "needs_information"
    assert policy.decide(claim, known_on="2021-01-01")["known_on"] == "2021-01-01"
