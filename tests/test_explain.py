"""Explanations: each criterion as the author wrote it, and whether that holds."""

from __future__ import annotations

import json
from pathlib import Path

from exchanging import replaced

from policyc import load
from policyc.words.render import Marks, trees

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


# ---- on a terminal -----------------------------------------------------------------------------------------


def shown(policy, golden, number):
    """The tree of a line of a golden file, as an examiner sees it."""
    (file,) = Path(f"policies/{policy}.golden").rglob(f"{golden}.json")
    claim = json.loads(file.read_text(encoding="utf-8"))["claim"]
    decided = load(f"policies/{policy}.pol").decide(claim, explain=True)
    (line,) = (line for line in decided["lines"] if line["line"] == number)
    return list(trees(line, Marks("+", "-", "?"), decided))


def test_why_not_covered_leads_to_what_blocks():
    assert shown("cms/ncd_210_14", "orders", 3) == [
        "+ unmet: Screening and visits that fail the criteria  [C, revision 2015-02-05]",
        "  + low_dose_ct: line.procedure is G0297 (stated)",
        "  + not screening_criteria",
        "    - screening_criteria",
        "      - order  [B Beneficiary Eligibility Criteria]",
        "        - at_the_visit: line.order is elsewhere (stated)",
        "        - later_screen",
        "          - line.screen == later: line.screen is first (stated)",
        "          beside: + line.order != none",
        "      beside: + age, + asymptomatic, + pack_years, + smoking, + annual, + diagnosis",
        "- scan: Screening with low-dose CT  [B Beneficiary Eligibility Criteria, revision 2015-02-05]",
        "  - criteria",
        "    - order (as above)",
        "    beside: + age, + asymptomatic, + pack_years, + smoking, + annual, + diagnosis",
        "  beside: + service",
        "- visit: Counselling visit  [B Counseling and Shared Decision-Making Visit, revision 2015-02-05]",
        "  - service: line.procedure is G0297 (stated)",
        "  beside: ? criteria",
    ]


def test_what_gives_way_and_what_was_told_is_said():
    told = shown("cms/ncd_240_4", "20_nights", 1)
    assert told[0].startswith("+ local_continued: After 12 weeks, where L33718 asks for more")
    assert "+ continued: After 12 weeks (another section comes first)  [B 1, revision 2008-03-13]" in told
    assert told.count("    + adult: member.age is 66 (stated)") == 1
    assert "  + patient (as above)" in told
    assert all(len(row) <= 100 for row in told)


def test_where_a_criterion_comes_from_is_no_part_of_it(tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(
        replaced(POLICY, "order: line.order != none", 'line.order != none cites "A 1" assume x "why"')
    )
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", "order": "written", "n": 2}
    (decided,) = load(path).decide({"claim_id": "C", "lines": [line]}, explain=True)["lines"]
    first = decided["explanation"][0]["children"][0]
    assert (first["criterion"], first["cites"]) == ("line.order != none", ["A 1"])


def test_what_a_fact_is_taken_by_is_told():
    claim = {
        "claim_id": "C",
        "diagnoses": ["G90.511"],
        "lines": [{"line": 1, "procedure": "96365", "service_date": "2025-02-02", "drug": "ketamine"}],
    }
    decided = load("policies/bcbsks/iv_anesthetics.pol").decide(claim, explain=True)
    told = list(trees(decided["lines"][0], Marks("+", "-", "?"), decided))
    assert "  + purpose: line.purpose is treatment (assumed: infusion_is_treatment)" in told
