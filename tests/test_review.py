"""What a fresh pair of eyes once found: answers that would have been wrong, or silent."""

from __future__ import annotations

import json

import pytest
from exchanging import replaced

from compiler.pipeline import compile_paths
from dsl.diagnostics import Report
from policyc import ClaimError, load
from policyc.words.history import history

HEAD = 'package made\n\npolicy "Made" { payer "A plan" %s }\n\n'
CODES = 'codes hcpcs { J1000 "a" J1001 "b" until 2024-10-01 gives line.drug := alpha }\n'
REVISION = 'revision 2020-01-01 "r" { section A "A" { not_covered if { RULE } } codes { J1000 } }'
FACTS = "facts { line.drug open { alpha, beta } claim.admitted date line.b boolean line.c boolean }\n"


def made(folder, text, policy=""):
    path = folder / "made.pol"
    path.write_text(HEAD % policy + FACTS + CODES + text)
    return path


def codes_of(path):
    report = Report()
    compile_paths([path], [], report)
    return [diagnostic.code for diagnostic in report.diagnostics]


def test_no_decision_depends_on_those_before_it(tmp_path):
    facts = " ".join(f"line.f{n} boolean" for n in range(14))
    rule = f"at least 7 of {{ {' '.join(f'line.f{n}' for n in range(14))} }}"
    text = f"facts {{ {facts} }}\n" + replaced(REVISION, "RULE", rule)
    path = made(tmp_path, text)
    policy = load(path)
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}
    claims = [
        {"claim_id": "C", "lines": [line | {f"f{at}": bool(n >> at & 1) for at in range(8)}]}
        for n in range(200)
    ]
    one_way = [policy.decide(claim) for claim in claims]
    other_way = [policy.decide(claim) for claim in reversed(claims)]
    assert one_way == other_way[::-1]
    assert one_way[::20] == [load(path).decide(claim) for claim in claims[::20]]


def test_one_day_governs_the_validity_of_every_line(tmp_path):
    text = """
evidence line.drug from other lines of the day
revision 2020-01-01 "r" {
    section A "A" { not_covered if { line.drug == alpha } }
    codes { J1000 J1001 though ended "known" }
}
"""
    policy = load(made(tmp_path, text, "governed by claim.admitted"))
    lines = [{"line": n, "procedure": f"J100{n - 1}", "service_date": "2024-09-30"} for n in (1, 2)]
    late = policy.decide({"claim_id": "C", "admitted": "2024-10-02", "lines": lines})["lines"]
    assert [line["determination"] for line in late] == ["needs_information", "code_not_valid"]
    early = policy.decide({"claim_id": "C", "admitted": "2024-09-02", "lines": lines})["lines"]
    assert [line["determination"] for line in early] == ["not_covered", "not_covered"]


def test_history_holds_a_retroactive_correction_against_what_was_known(tmp_path):
    text = """
revision 2020-01-01 "r" {
    section A "A" { not_covered if { x: line.b } }
    codes { J1000 }
}
revision 2024-01-01 posted 2024-12-01 "correction" supersedes 2024-03-01 { replace A.x with { line.c } }
revision 2024-03-01 "later" { replace A.x with { not line.b } }
"""
    changes = history(load(made(tmp_path, text)).program, None)
    assert [change.effect[0].split(":")[0] for change in changes] == [
        "the first version",
        "not equal",
        "not equal",
    ]


def test_an_assumption_removed_changes_what_decisions_assume(tmp_path):
    text = """
revision 2020-01-01 "r" {
    assume box "unknown"
    section A "A" { not_covered if { line.b or line.c } }
    codes { J1000 }
}
revision 2021-01-01 "s" { remove assumption box }
"""
    changes = history(load(made(tmp_path, text)).program, None)
    assert changes[1].effect == (
        "proved: every claim gets the same determination",
        "wording alone: decisions no longer assume box",
    )


def test_superseding_a_revision_does_not_move_past_a_third_silently(tmp_path):
    text = """
revision 2020-01-01 "r" { section A "A" { not_covered if { x: line.b y: line.c } } codes { J1000 } }
revision 2024-01-01 posted 2024-12-01 "one" supersedes 2024-03-01 {
    replace A.x with { line.c }
    replace A.y with { line.b }
}
revision 2024-02-01 posted 2024-12-01 "two" { replace A.x with { not line.c } }
revision 2024-03-01 "three" { replace A.y with { not line.b } }
"""
    assert "ambiguous-order" in codes_of(made(tmp_path, text))


def test_a_label_by_its_whole_path_is_the_same_element(tmp_path):
    text = """
revision 2020-01-01 "r" {
    section A "A" { not_covered if { proof: all of { inner: line.b line.c } } }
    codes { J1000 }
}
revision 2024-01-01 posted 2024-12-01 "one" { replace A.proof.inner with { line.c } }
revision 2024-02-01 "two" { replace A.inner with { not line.c } }
"""
    assert "ambiguous-order" in codes_of(made(tmp_path, text))


def test_the_same_code_in_two_procedure_systems_overlaps(tmp_path):
    text = 'codes cpt { J1000 "again" }\n' + replaced(REVISION, "RULE", "line.b or line.c")
    assert "overlapping-validity" in codes_of(made(tmp_path, text))


def test_a_row_that_is_not_posted_yet_does_not_hide_the_wider_one(tmp_path):
    text = """
codes cpt {
    X010x "wide" from 2020-01-01 until 2023-01-01
    X0102 "narrow" from 2023-01-01 posted 2023-06-01
}
revision 2020-01-01 "r" { section A "A" { not_covered if { line.b or line.c } } codes { X0102 } }
"""
    policy = load(made(tmp_path, text))
    line = {"line": 1, "procedure": "X0102", "service_date": "2023-02-01", "b": True}
    claim = {"claim_id": "C", "lines": [line]}
    determinations = [
        policy.decide(claim, known_on=day)["lines"][0]["determination"]
        for day in ("2023-03-01", "2023-07-01")
    ]
    assert determinations == ["code_not_valid", "not_covered"]


def test_an_age_before_birth_is_no_age(tmp_path):
    text = replaced(REVISION, "RULE", "member.age < 18 line.b")
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", "b": True}
    claim = {"claim_id": "C", "member": {"birth_date": "2030-01-01"}, "lines": [line]}
    (decided,) = load(made(tmp_path, text)).decide(claim)["lines"]
    assert decided["determination"] == "needs_information"


@pytest.mark.parametrize("known_on", ["20241231", "2024-W52-1", 0, "yesterday"])
def test_a_day_of_knowledge_is_written_one_way(tmp_path, known_on):
    text = replaced(REVISION, "RULE", "line.b or line.c")
    policy = load(made(tmp_path, text))
    claim = {"claim_id": "C", "lines": [{"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}]}
    with pytest.raises(ClaimError):
        policy.decide(claim, known_on=known_on)
    assert json.dumps(policy.decide(claim))
