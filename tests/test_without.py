"""Decisions without an assumption: what rests on it is not known."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from exchanging import replaced

from compiler.emit.python import code
from compiler.emit.standalone import standalone
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.compiled import run
from compiler.runtime.reader import read_claim
from policyc import load

EI, NEEDS, SILENT = "experimental_investigational", "needs_information", "not_applicable"
DAY = "2022-02-02"
IV = "policies/bcbsks/iv_anesthetics.pol"

POLICY = """package made
record visit { ok boolean  kind { a, b } }
scale mood 0..9 assume mood_bands "ours" { 0..4 low 5..9 high }
facts {
    line.x boolean
    line.purpose { treatment, other } absent means treatment assume is_treatment "it is taken to be"
    line.drug open { ketamine }
    claim.mood scale mood
    claim.visits list of visit
}
codes hcpcs { J1000 "a" per 1 mg  J1001 "b"  J1002 "c"  J1003 "d" }
concept pain of icd10cm assume pain_codes "ours" { hurting { R52 } }
policy "Made" { payer "p" }
evidence line.x from other lines of the day assume same_day "ours"
revision 2020-01-01 "r" {
BODY
codes CODES
}
"""
CODES = """{
    J1000
    J1001 needs J1000 or (J1002 assume other_primary "from memory")
    J1003 assume counts "it is listed"
}"""


class Made:
    """A policy, without one of its assumptions, as both ways of running it decide it."""

    def __init__(self, path, name, body, codes=CODES):
        path.write_text(replaced(replaced(POLICY, "BODY", body), "CODES", codes))
        self.program = load(path).program.without(frozenset([name]))
        self.generated = run(code(self.program))
        self.alone = {"__name__": "built"}
        exec(compile(standalone(self.program), "built.py", "exec"), self.alone)

    def line(self, number=0, *others, **claim):
        own = {"line": 1, "procedure": "J1000", "service_date": DAY, **claim.pop("line", {})}
        beside = [{"line": n, "service_date": DAY, **each} for n, each in enumerate(others, 2)]
        claim = {"claim_id": "C", **claim, "lines": [own, *beside]}
        read = read_claim(claim, self.program.schema)
        made = decide_claim(self.program, read, None, True)
        assert made == decide_claim(self.generated, read, None, True)
        assert made == self.alone["decide"](claim, explain=True)
        return made["lines"][number]


@pytest.fixture
def made(tmp_path):
    return lambda *given: Made(tmp_path / "made.pol", *given)


def open_by(name, line):
    """A line that nothing but a person's word on an assumption settles."""
    assert name not in line["assumptions"]
    return (line["determination"], line["missing"]) == (NEEDS, [[f"assumption.{name}"]])


def section(body, determination=EI, name="S", assume=""):
    return f'section {name} "s" {assume} {{ {determination} if {{ {body} }} }}'


# ---- each kind of assumption -------------------------------------------------------------------------------


def test_what_another_line_says_is_no_evidence(made):
    policy = made("same_day", section("line.x"))
    line = policy.line(0, {"procedure": "J1001", "x": True})
    assert (line["determination"], line["missing"]) == (NEEDS, [["line.x"]])
    assert policy.line(1, {"procedure": "J1001", "x": True})["determination"] == EI


def test_absence_means_nothing(made):
    policy = made("is_treatment", section("line.purpose == treatment"))
    assert policy.line()["missing"] == [["line.purpose"]]
    assert policy.line(line={"purpose": "other"})["determination"] == SILENT


def test_which_codes_a_concept_takes_in_is_open(made):
    policy = made("pain_codes", section("some d in claim.diagnoses { d in pain }"))
    assert open_by("pain_codes", policy.line(diagnoses=["R52"]))
    assert open_by("pain_codes", policy.line(diagnoses=["I10"]))
    assert policy.line(diagnoses=[])["determination"] == SILENT


def test_of_codes_that_are_alike_the_same_is_open(made):
    both = "some d in claim.diagnoses { d in pain } or not some d in claim.diagnoses { d in pain }"
    policy = made("pain_codes", section(both))
    assert policy.line(diagnoses=["R52"])["determination"] == EI
    assert policy.line(diagnoses=["R52", "R52"])["determination"] == EI
    mixed = made("pain_codes", section("exactly 1 d in claim.diagnoses { d in pain }"))
    assert mixed.line(diagnoses=["R52", "R52"])["determination"] == SILENT
    line = mixed.line(diagnoses=["R52", "I10"])
    assert open_by("pain_codes", line) and "exact" not in line
    # An unknown code may be one of the others.
    assert mixed.line(diagnoses=["R52", None])["exact"] is False
    related = made("mood_bands", section("claim.mood == low") + section("claim.mood == high", name="T"))
    assert related.line(mood=7)["exact"] is False


def test_of_whole_texts_in_doubt_one_says_nothing_about_another(made):
    text = 'assume ours "why"\n' + section("line.x", name="A") + section("not line.x", name="B")
    line = made("ours", text).line(line={"x": True})
    assert open_by("ours", line) and line.keys().isdisjoint({"exact", "missing_complete"})


def test_of_a_list_that_is_not_stated_all_stays_open(made):
    policy = made(
        "pain_codes",
        section("some d in claim.diagnoses { d in pain }\nsome d in claim.diagnoses { not d in pain }"),
    )
    line = policy.line()
    assert (line["determination"], line["exact"]) == (NEEDS, False)


def test_a_criterion_is_open_and_what_fails_beside_it_still_fails(made):
    policy = made("ours", section('line.x\nlabel: claim.mood >= 5 assume ours "why"'))
    assert open_by("ours", policy.line(line={"x": True}, mood=7))
    assert policy.line(line={"x": False}, mood=7)["determination"] == SILENT


def test_a_criterion_about_records_is_open_for_each_that_differs(made):
    policy = made("ours", section('some v in claim.visits { v.kind == a\nv.ok assume ours "why" }'))
    assert open_by("ours", policy.line(visits=[{"kind": "a", "ok": False}]))
    assert policy.line(visits=[{"kind": "b", "ok": True}])["determination"] == SILENT


def test_a_section_is_open(made):
    policy = made(
        "wording", section("line.x", name="S", assume='cites "A" reconstructed assume wording "why"')
    )
    assert open_by("wording", policy.line(line={"x": False}))


def test_what_another_section_says_all_the_same_stands(made):
    policy = made(
        "ours", section("line.x", name="A") + section("line.x", name="B", assume='assume ours "why"')
    )
    line = policy.line(line={"x": True})
    assert (line["determination"], line["rules"], line["unsure"]) == (EI, ["A"], ["B"])


def test_a_reconstructed_criterion_rests_on_its_assumption(made, tmp_path):
    body = section('line.x cites "A" reconstructed assume wording "why"')
    policy = made("wording", body)
    assert open_by("wording", policy.line(line={"x": True}))
    line = {"line": 1, "procedure": "J1000", "service_date": DAY, "x": True}
    (whole,) = load(tmp_path / "made.pol").decide({"claim_id": "C", "lines": [line]})["lines"]
    assert whole["assumptions"] == ["wording"]


@pytest.mark.parametrize("doubted", ["wording", "ours"])
def test_what_is_reconstructed_and_assumed_rests_on_both(made, tmp_path, doubted):
    body = section('line.x cites "A" reconstructed assume wording "why" assume ours "too"')
    policy = made(doubted, body)
    assert open_by(doubted, policy.line(line={"x": True}))
    line = {"line": 1, "procedure": "J1000", "service_date": DAY, "x": True}
    (whole,) = load(tmp_path / "made.pol").decide({"claim_id": "C", "lines": [line]})["lines"]
    assert sorted(whole["assumptions"]) == ["ours", "wording"]


RECONSTRUCTED = {
    "a rule": 'not_covered if { line.x } cites "B" reconstructed assume lost "why"',
    "the rest": 'not_covered otherwise cites "B" reconstructed assume lost "why"',
    "a row": 'table line.purpose { any then not_covered cites "B" reconstructed assume lost "why" }',
}


@pytest.mark.parametrize("body", RECONSTRUCTED.values(), ids=RECONSTRUCTED)
def test_rules_and_rows_that_are_reconstructed_rest_on_it(made, tmp_path, body):
    made("lost", f'section A "a" {{ {body} }}')
    line = {"line": 1, "procedure": "J1000", "service_date": DAY, "x": True}
    (whole,) = load(tmp_path / "made.pol").decide({"claim_id": "C", "lines": [line]})["lines"]
    assert (whole["determination"], whole["assumptions"]) == ("not_covered", ["lost"])


def test_bands_of_a_scale_are_open_and_its_numbers_are_not(made, tmp_path):
    policy = made("mood_bands", section("claim.mood >= high", name="A") + section("claim.mood < 3", name="B"))
    assert open_by("mood_bands", policy.line(mood=7))
    assert policy.line(mood=2)["rules"] == ["B"]
    line = {"line": 1, "procedure": "J1000", "service_date": DAY}
    (whole,) = load(tmp_path / "made.pol").decide({"claim_id": "C", "mood": 7, "lines": [line]})["lines"]
    assert whole["assumptions"] == ["mood_bands"]


def test_a_text_is_open(made):
    policy = made("whole", section("line.x") + 'assume whole "why"')
    assert open_by("whole", policy.line(line={"x": False}))


def test_whether_a_code_is_listed_is_open(made):
    policy = made("counts", section("line.x"))
    assert open_by("counts", policy.line(line={"procedure": "J1003", "x": True}))
    assert policy.line(line={"procedure": "J1003", "x": False})["determination"] == SILENT
    assert policy.line(line={"x": True})["determination"] == EI


def test_what_comes_in_without_being_listed_needs_no_listing(made):
    policy = made("counts", section("line.x"), f"open to lines stating line.drug {CODES}")
    assert open_by("counts", policy.line(line={"procedure": "J1003", "x": True}))
    assert policy.line(line={"procedure": "J1003", "x": True, "drug": "ketamine"})["determination"] == EI


def test_a_primary_is_none(made):
    policy = made("other_primary", section("line.x"))
    line = policy.line(0, {"procedure": "J1002"}, line={"procedure": "J1001", "x": True})
    assert [edit["kind"] for edit in line["edits"]] == ["add_on_without_primary"]
    assert line["edits"][0]["needs"] == ["J1000"] and line["assumptions"] == []


def test_how_much_a_limit_allows_is_open(made):
    limit = 'limit 3 units per day then not_covered assume three "why"'
    limited = f'section S "s" {{ medically_necessary if {{ line.x }} {limit} }}'
    policy = made("three", limited)
    assert open_by("three", policy.line(line={"x": True, "units": 1}, history=[]))
    assert policy.line(line={"x": False, "units": 9})["determination"] == SILENT


# ---- how it is asked ---------------------------------------------------------------------------------------

CLAIM = {
    "claim_id": "C",
    "diagnoses": ["G90.511"],
    "lines": [
        {"line": 1, "procedure": "96365", "service_date": "2025-02-02"},
        {"line": 2, "procedure": "J2003", "service_date": "2025-02-02", "units": 300},
    ],
}


def called(policy, *options, status=0):
    command = [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "eval", policy, "-", *options]
    done = subprocess.run(command, input=json.dumps(CLAIM), capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout or done.stderr


def test_eval_decides_without_assumptions():
    options = "--without-assumption", "same_day_drug", "--without-assumption", "infusion_is_treatment"
    decided = json.loads(called(IV, *options))
    assert decided["unmade_assumptions"] == ["infusion_is_treatment", "same_day_drug"]
    first, second = decided["lines"]
    assert first["missing"] == [["line.drug"], ["line.purpose"]]
    assert second["missing"] == [["line.purpose"]]
    assert json.loads(called("policies", *options)) == decided
    assert "without assuming infusion_is_treatment, same_day_drug" in called(
        IV, *options, "--format", "table"
    )


def test_a_name_that_nothing_has_is_a_wrong_call():
    for policy in (IV, "policies"):
        told = called(policy, "--without-assumption", "same_day_drg", status=2)
        assert "no assumption is called `same_day_drg`: is `same_day_drug` meant?" in told
    with pytest.raises(KeyError):
        load(IV).without(["same_day_drg"])


def test_what_is_recorded_makes_all_assumptions(tmp_path):
    options = "--record", str(tmp_path / "r"), "--without-assumption", "same_day_drug"
    assert "--record" in called(IV, *options, status=2) and not (tmp_path / "r").exists()


def test_an_explanation_tells_what_each_assumption_does():
    first, second = load(IV).decide(CLAIM, explain=True)["lines"]
    assert first["without_assumption"] == {
        "same_day_drug": {"determination": NEEDS, "rules": [], "missing": [["line.drug"]]},
        "chronic_pain_codes": {
            "determination": NEEDS,
            "rules": [],
            "missing": [["assumption.chronic_pain_codes"]],
        },
        "infusion_is_treatment": {"determination": NEEDS, "rules": [], "missing": [["line.purpose"]]},
    }
    assert list(second["without_assumption"]) == second["assumptions"]
    shown = called(IV, "--explain", "--format", "table")
    assert "assumes same_day_drug; without it needs_information (settled by line.drug)" in shown


@pytest.mark.parametrize("policy", ["bcbsks/iv_anesthetics", "cms/ncd_210_14", "cms/ncd_240_4"])
def test_who_assumes_less_knows_less_and_nothing_else(policy):
    """Of each third golden: without one assumption, and without all that are not listed."""
    program = load(f"policies/{policy}.pol").program
    for file in sorted(Path(f"policies/{policy}.golden").rglob("*.json"))[::3]:
        golden = json.loads(file.read_text(encoding="utf-8"))
        if "error" in golden["decision"]:
            continue
        read = read_claim(golden["claim"], program.schema)
        known_on = date.fromisoformat(golden["known_on"]) if golden.get("known_on") else None
        decided = decide_claim(program, read, known_on)["lines"]
        listed = {name for line in decided for name in line["assumptions"]}
        for names in (*({name} for name in listed), set(program.assumptions) - listed):
            less = decide_claim(program.without(frozenset(names)), read, known_on)["lines"]
            for line, told in zip(less, decided, strict=True):
                assert line["determination"] in (told["determination"], NEEDS), (file, names)
                assert names.isdisjoint(line["assumptions"])
