"""`policyc diff` on made policies: generated ones, and ones that differ in what stands beside their rules."""

from datetime import date

from compiling import compiled
from exchanging import replaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_diff import changes, kinds, told

import policies
from compiler.diff.cut import cut, each_alone
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.pipeline import compile_paths
from compiler.runtime.errors import ClaimError
from dsl.diagnostics import Report

# ---- generated policies -----------------------------------------------------------------------------------


@settings(
    max_examples=40, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_claims_are_decided_as_the_comparison_says(tmp_path_factory, data):
    written = data.draw(policies.policies())
    path = written.write(tmp_path_factory.mktemp("made"))
    report = Report()
    made = [p for p in compile_paths([path], (), report) if p.consolidated.policy.revisions]
    if not made:
        return
    revisions = made[0].consolidated.policy.revisions
    before = cut(made[0], revisions[: max(1, len(revisions) - 1)])
    if before is None:
        return
    known_on = data.draw(st.sampled_from([None, date(2021, 1, 1)]))
    one, other = Side(before, known_on), Side(made[0], None)
    edits = [
        (about, Side(p, known_on)) for about, p in each_alone(made[0], before.consolidated.policy.revisions)
    ]
    found = diff(one, other, edits)
    assert {apart.what for apart in found.beyond} <= {"given"}
    for each in found.differences:
        assert (one.decide(each.claim), other.decide(each.claim)) == each.decisions
    seen = {d["lines"][0]["determination"] for each in found.differences for d in each.decisions}
    for _ in range(12):
        claim = data.draw(policies.claims(written.facts))
        try:
            lines = [side.decide(claim)["lines"] for side in (one, other)]
        except ClaimError:
            continue
        for first, second in zip(*lines, strict=True):
            if first["determination"] != second["determination"]:
                assert found.equal is not True, claim
                assert found.beyond or {first["determination"], second["determination"]} & seen, claim


# ---- what a claim is decided by beside the rules ----------------------------------------------------------

MADE = """package made.policy

record night { hours number 0..24 in h }

facts {
    claim.nights list of night
    line.drug open { alpha, beta }
    claim.admitted date
    claim.score number 0..
    member.weight number 0..
}

codes hcpcs {
    J1000 "a" from 2019-01-01 per 10 mg
    J1001 "b" from 2019-01-01 until 2021-06-01 gives line.drug := alpha
}

policy "Made" { payer "p" GOVERNED }

EVIDENCE

revision 2020-01-01 "r" {
    section A "A" {
        medically_necessary if { RULE }
        LIMIT
    }
    codes { J1000 }
}

revision 2022-01-01 "s" {
    LATER
}
"""


def made(tmp_path, name, **words):
    told = {"GOVERNED": "", "EVIDENCE": "", "LIMIT": "", "LATER": "", "RULE": "line.drug == alpha"} | words
    text = MADE
    for word, said in told.items():
        text = replaced(text, word, said)
    path = tmp_path / name / "made" / "policy.pol"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_evidence_of_other_lines_is_told_apart(tmp_path):
    evidence = 'evidence line.drug from other lines of the day assume same_day "x"'
    one = made(tmp_path, "one")
    other = made(tmp_path, "other", EVIDENCE=evidence)
    found = told(other, one)
    assert ("needs_information", "medically_necessary") in changes(found)
    witness = next(each for each in found["differences"] if each["kind"] == "determination")
    assert len(witness["claim"]["lines"]) == 2


def test_a_limit_that_differs_is_shown(tmp_path):
    one = made(tmp_path, "one", LIMIT="limit 300 mg per day then not_covered")
    other = made(tmp_path, "other", LIMIT="limit 310 mg per day then not_covered")
    found = told(other, one)
    assert kinds(found) == ["determination", "edits"]
    assert changes(found) == {("medically_necessary", "needs_information")}
    found = told(made(tmp_path, "third"), one)
    assert ("needs_information", "medically_necessary") in changes(found)


def test_a_claim_without_its_governing_date_is_told_apart(tmp_path):
    governed = "governed by claim.admitted"
    path = made(tmp_path, "one", GOVERNED=governed, LATER='add codes { J1001 though ended "x" }')
    found = told(path, "2020-01-01", "2022-01-01")
    assert ("not_applicable", "needs_information") in changes(found)


def test_sums_are_compared_though_they_are_told_apart_only_loosely(tmp_path):
    one = made(tmp_path, "one", RULE="claim.score + member.weight > 3")
    assert told(made(tmp_path, "same", RULE="claim.score + member.weight > 3"), one)["equal"] is True
    found = told(made(tmp_path, "other", RULE="claim.score + member.weight > 4"), one)
    assert found["equal"] is not True
    assert found["equal"] is False or found["beyond"] == ["what is computed from claim.score, member.weight"]


def test_elements_of_a_list_are_told_apart_by_what_is_no_decimal_in_their_unit(tmp_path):
    asked = "at least 2 night in claim.nights {{ night.hours >= {} min }}"
    one = made(tmp_path, "one", RULE=asked.format(4))
    found = told(made(tmp_path, "other", RULE=asked.format(5)), one)
    assert ("medically_necessary", "not_applicable") in changes(found)
    nights = next(each for each in found["differences"] if each["kind"] == "determination")["claim"]["nights"]
    assert any(4 <= 60 * night["hours"] < 5 for night in nights)


def test_what_another_version_does_not_declare_is_ignored(tmp_path):
    one = made(tmp_path, "one", RULE="claim.score > 3")
    text = replaced(one.read_text(), "claim.score", "claim.points")
    other = tmp_path / "other" / "made" / "policy.pol"
    other.parent.mkdir(parents=True)
    other.write_text(text)
    found = told(other, one)
    assert found["equal"] is False
    assert any("--ignore-extra" in command for each in found["differences"] for command in each["replay"])


def test_a_section_more_that_says_the_same_is_told_apart_by_a_contract(tmp_path):
    one = made(tmp_path, "one")
    more = 'section B "B" { medically_necessary if { line.drug == alpha  claim.score > 3 } }'
    found = told(made(tmp_path, "other", LATER=more), one)
    assert kinds(found) == ["determination", "edits", "rules"]
    assert ("medically_necessary", "excluded_by_contract") in changes(found)
    (excluded,) = [each for each in found["differences"] if each["kind"] == "determination"]
    assert excluded["about"].startswith("where the contract excludes section B")


def test_a_fact_that_codes_of_another_fact_give_on_one_day_alone_is_named(tmp_path):
    path = made(tmp_path, "one", RULE="line.b")
    facts = "facts {\n    line.item code of catalogue\n    line.b boolean given by line.item\n"
    codes = 'codes catalogue { X100 "x" until 2021-05-05 gives line.b := true }\n\ncodes hcpcs'
    path.write_text(replaced(replaced(path.read_text(), "facts {\n", facts), "codes hcpcs", codes))
    found = told(path, "2021-05-04", "2021-05-05")
    assert found["equal"] is None
    assert found["beyond"] == ["line.b, as the codes of other facts give it"]


BOTH = """package made.policy
codes hcpcs { X1001 "a" }
facts { line.s1 boolean  line.s2 boolean  line.s3 boolean }
policy "Both" { payer "P" }
revision 2000-01-01 "r" {
    section A "a" { medically_necessary if { line.s3 } }
    codes { X1001 }
}
revision 2001-01-01 "s" {
    section C "c" { not_covered if { line.s1  not line.s3 } }
    section B "b" { not_covered if { line.s1  line.s2  not line.s3 } }
}
"""


def test_what_one_amendment_alone_brings_about_it_does_bring_about_on_the_claim(tmp_path):
    program = compiled(tmp_path, BOTH)
    before = cut(program, program.consolidated.policy.revisions[:1])
    alone = [
        (about, Side(made)) for about, made in each_alone(program, program.consolidated.policy.revisions[:1])
    ]
    found = diff(Side(before), Side(program), alone)
    shown = [(each, side) for each in found.differences for about, side in alone if about == each.about]
    assert {each.about for each, _ in shown if each.kind == "determination"} == {about for about, _ in alone}
    for each, side in shown:
        if each.kind == "determination":
            made = side.decide(each.claim)["lines"][0]
            assert made["determination"] == each.decisions[1]["lines"][0]["determination"]
