"""Reasons: sentences for a letter, which say what decided and no more, in wordings that a plan may change."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from exchanging import replaced

from policyc import load
from policyc.words.wordings import WordingError, read_wordings, shipped

SAMPLES = (
    "bcbsks/iv_anesthetics 2022-01-08/add_on",
    "bcbsks/iv_anesthetics 2022-01-08/first_day",
    "bcbsks/iv_anesthetics 2022-01-08/unknown_drug",
    "bcbsks/iv_anesthetics 2022-01-08/infusion",
    "bcbsks/iv_anesthetics 2022-12-29/migraine_with_aura",
    "bcbsks/iv_anesthetics 2024-10-01/deleted_code_is_no_evidence",
    "bcbsks/iv_anesthetics 2024-12-23/excluded_diagnoses",
    "cms/ncd_210_14 2015-10-01/ages_49_and_50",
    "cms/ncd_210_14 2015-02-05/first_day_without_anything",
    "cms/ncd_210_14 2015-02-05/diagnosis_from_icd_10",
    "bcbsks/iv_anesthetics 2024-10-01/contradicts_code",
    "bcbsks/iv_anesthetics 2024-10-01/two_drugs_in_a_day",
    "bcbsks/iv_anesthetics 2024-12-23/excluded_and_unknown",
    "cms/ncd_240_4 2005-04-04/mild",
    "cms/ncd_240_4 2005-04-04/ahi_14.01",
    "cms/ncd_240_4 2005-04-04/only_the_patient_known",
    "cms/ncd_240_4 none/known_before_the_policy",
)

POLICY = """package made
facts {
    claim.a boolean
    claim.b boolean
    line.kind { scan, visit } absent means scan assume is_scan "it is taken to be a scan"
    claim.weight number 0.. in kg
}
judgement claim.safe "is it safe at home?"
codes hcpcs { X1000 "a" }
policy "Made" { payer "A plan" }
revision 2020-01-01 "Posted" {
    section A "Allowed" cites "POLICY A" {
        medically_necessary if {
            first: claim.a
            either: any of { light: claim.weight < 50 kg  safe: claim.safe }
        } except if { seen: line.kind == visit }
    }
    section N "Nothing of these" {
        not_covered if { neither: none of { claim.a  claim.b } }
    }
    section B "The rest" { not_medically_necessary otherwise }
    codes { X1000 }
}
"""


@pytest.fixture
def made(tmp_path):
    """The reason of a line under the policy above."""
    path = tmp_path / "made.pol"
    path.write_text(POLICY)
    policy = load(path)

    def told(**claim):
        line = {"line": 1, "procedure": "X1000", "service_date": "2022-02-02", **claim.pop("line", {})}
        decided = policy.decide({"claim_id": "C", **claim, "lines": [line]}, explain=True)["lines"][0]
        return decided["determination"], decided["reason"]

    return told


def test_samples_read_well(expect):
    told = []
    for sample in SAMPLES:
        policy, _, case = sample.partition(" ")
        golden = json.loads(Path(f"policies/{policy}.golden/{case}.json").read_text(encoding="utf-8"))
        decided = load(f"policies/{policy}.pol").decide(
            golden["claim"], known_on=golden.get("known_on"), explain=True
        )
        told += [f"{sample}, line {line['line']}\n{line['reason']}\n" for line in decided["lines"]]
    expect(Path("tests/cases/letters/samples.expect"), "\n".join(told))


@pytest.mark.parametrize("policy", ["bcbsks/iv_anesthetics", "cms/ncd_210_14", "cms/ncd_240_4"])
def test_every_golden_has_a_reason_of_few_sentences(policy):
    compiled = load(f"policies/{policy}.pol")
    for file in sorted(Path(f"policies/{policy}.golden").rglob("*.json")):
        golden = json.loads(file.read_text(encoding="utf-8"))
        if "error" in golden["decision"]:
            continue
        for line in compiled.decide(golden["claim"], known_on=golden.get("known_on"), explain=True)["lines"]:
            assert line["procedure"] in line["reason"] or line["determination"] == "not_in_force"
            assert 1 <= line["reason"].count(". ") + 1 <= 4, (file, line["reason"])
            assert "{" not in line["reason"] and "()" not in line["reason"]


def test_an_exception_that_does_not_hold_blocks_nothing(made):
    determination, told = made(a=False, b=True, safe=True)
    assert determination == "not_medically_necessary"
    assert "in section A, “Allowed” (POLICY A), “first” (a: no) is not met" in told
    assert "seen" not in told and "“either”" not in told


def test_an_exception_that_holds_is_what_blocks(made):
    _, told = made(a=True, b=True, safe=True, line={"kind": "visit"})
    assert "the exception “seen” (kind: visit) applies" in told
    assert "“first”" not in told


def test_what_could_have_been_met_in_several_ways_names_them_all(made):
    _, told = made(a=True, b=True, weight=80, safe=False)
    assert "none of “light” (weight: 80 kg) and “safe” (no) is met" in told


def test_of_none_of_these_the_one_that_is_there_is_told(made):
    _, told = made(a=False, b=True, safe=True)
    assert "in section N, “Nothing of these”, “neither” (b: yes) is not met" in told


def test_what_is_assumed_is_said_to_be(made):
    determination, told = made(a=True, b=True, safe=True)
    assert determination == "medically_necessary"
    assert "“it is taken to be a scan”" in told


def test_where_it_is_open_what_failed_nothing_is_said_to_have(made):
    determination, told = made(a=True, b=False, line={"kind": "visit"}, weight=None)
    assert determination == "not_medically_necessary"
    assert "light" not in told and "safe" not in told
    determination, told = made(b=False, weight=80, safe=False)
    assert determination == "needs_information"
    assert "What could settle it: a." in told


def test_a_judgement_is_asked_in_its_words(made):
    determination, told = made(a=True, b=True, weight=80)
    assert determination == "needs_information"
    assert "What could settle it: the answer to “is it safe at home?”." in told


def test_the_shipped_wordings_are_wordings():
    path = Path(str(files("policyc.words"))) / "wordings.toml"
    assert read_wordings(path) == shipped()
    assert tomllib.loads(path.read_text(encoding="utf-8")) == shipped().texts


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('not_covered = "not covered"\n', "", "`determinations.not_covered` is missing"),
        ("[values]", 'extra = "x"\n[values]', "nothing knows `lists.extra`"),
        ("[values]", '[more]\nx = "x"\n[values]', "nothing knows `more`"),
        ('asked = "The question is: {questions}."', 'asked = "?"', "lacks the placeholder `{questions}`"),
        (
            'needed = "What could settle it: {ways}."',
            'needed = "{ways} {sections}"',
            "has the placeholder `{sections}`, which nothing fills",
        ),
        ('true = "yes"', "true = true", "`values.true` is no text"),
        ('true = "yes"', 'true = "{"', "`values.true` cannot be read"),
        (
            'entries = "{number} of {of} entries"',
            'entries = "{number!r} {of}"',
            "more than a name in its braces",
        ),
        ("[lists]", "[lists", "it is no TOML"),
        (" December", "", "other than twelve months"),
    ],
)
def test_wordings_with_a_mistake_are_refused_by_its_name(tmp_path, old, new, message):
    text = files("policyc.words").joinpath("wordings.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "words.toml"
    path.write_text(replaced(text, old, new), encoding="utf-8")
    with pytest.raises(WordingError) as refused:
        read_wordings(path)
    assert message in str(refused.value)


def run(*arguments):
    script = Path(sys.executable).with_name("policyc")
    return subprocess.run([str(script), *arguments], capture_output=True, text=True, check=False)


def test_a_plan_s_own_words_on_the_command_line(tmp_path):
    text = files("policyc.words").joinpath("wordings.toml").read_text(encoding="utf-8")
    path = tmp_path / "words.toml"
    german = replaced(text, 'date = "{month} {day}, {year}"', 'date = "{day}. {month} {year}"')
    path.write_text(replaced(german, "October", "Oktober"), encoding="utf-8")
    policy, claims = "policies/bcbsks/iv_anesthetics.pol", "examples/claims.json"
    done = run("eval", policy, claims, "--explain", "--wordings", str(path), "--format", "table")
    assert done.returncode == 0, done.stderr
    assert "1. Oktober 2024" in done.stdout
    path.write_text(replaced(german, "[lists]", "[list]"), encoding="utf-8")
    done = run("eval", policy, claims, "--explain", "--wordings", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing knows `list`" in done.stderr
    done = run("eval", policy, claims, "--wordings", str(path))
    assert done.returncode == 2
    assert "needs `--explain`" in done.stderr


OPEN = """package made
facts { claim.a boolean  claim.ordered_on date }
codes hcpcs { X1000 "a" }
policy "Made" { payer "A plan" GOVERNED }
revision 2020-01-01 "Posted" {
    section A "One" { not_covered if { yes: claim.a } }
    section B "Other" { not_covered if { not claim.a } }
    codes { X1000 }
}
"""


@pytest.mark.parametrize(
    ("governed", "claim", "wanted"),
    [
        ("", {}, "under section A, “One” or section B, “Other” of “Made”"),
        ("", {}, "which of these applies is open, and makes no difference"),
        ("", {"a": False}, "under section B, “Other” of “Made”"),
        ("", {"a": False}, "It applies because “a” (no) is not met."),
        ("governed by claim.ordered_on", {"a": True}, "the date that selects the version is not stated"),
    ],
)
def test_what_is_open_is_said_to_be(tmp_path, governed, claim, wanted):
    path = tmp_path / "made.pol"
    text = replaced(OPEN, "GOVERNED", governed)
    path.write_text(text if governed else replaced(text, "  claim.ordered_on date", ""))
    line = {"line": 1, "procedure": "X1000", "service_date": "2022-02-02"}
    decided = load(path).decide({"claim_id": "C", **claim, "lines": [line]}, explain=True)["lines"][0]
    assert wanted in decided["reason"]


def test_a_label_that_is_called_like_a_fact_says_the_name_beside_another(tmp_path):
    (tmp_path / "made.pol").write_text("""package made
record visit { day date }
facts { claim.score integer 0..  claim.other integer 0..  claim.visits list of visit }
codes hcpcs { X1000 "a" }
policy "Made" { payer "A plan" }
revision 2020-01-01 "Posted" {
    section A "Allowed" {
        medically_necessary if {
            score: claim.score >= 3 and claim.other >= 1
            other: claim.other >= 2
            seen: some v in claim.visits { v.day < 2021-01-01 }
        }
        limit 1 unit per 30 days then not_covered
    }
    codes { X1000 }
}
""")
    line = {"line": 1, "procedure": "X1000", "service_date": "2021-05-04", "units": 3}
    claim = {"claim_id": "1", "score": 4, "other": 5, "visits": [{"day": "2020-05-01"}], "history": []}
    made = load(tmp_path / "made.pol").decide({**claim, "lines": [line]}, explain=True)
    reason = made["lines"][0]["reason"]
    assert (
        "“score” (score: 4; other: 5), “other” (5) and “seen” (visits: entry 1 with day May 1, 2020) are met"
        in reason
    )
    assert (
        "the limit of 1 unit per 30 days allows 1 of the units; those above it (2) are not covered" in reason
    )


LISTS = """package made
record trial {
    class { ssri, snri, other }
    dose number 0.. in mg
    outcome { failed, helped }
    ended date
}
facts { claim.trials list of trial }
codes hcpcs { X1000 "a" X2000 "b" X3000 "c" X4000 "d" }
policy "Made" { payer "A plan" }
revision 2020-01-01 "Posted" {
    section A "Both" {
        medically_necessary if {
            service: line.procedure == X1000
            pain: some d in claim.diagnoses { d in { G89x } }
            failed: at least 2 t in claim.trials with different class { t.outcome == failed  t.dose >= 10 mg }
        }
    }
    section B "Helped" {
        medically_necessary if {
            service: line.procedure == X2000
            helped: some t in claim.trials { t.outcome == helped }
            strong: no t in claim.trials { t.dose > 50 mg }
        }
    }
    section C "Last" {
        medically_necessary if {
            service: line.procedure == X3000
            last: latest t by ended in claim.trials has { t.outcome == failed }
            pain: every d in claim.diagnoses { d in { G89x } }
        }
    }
    section D "The rest" { not_medically_necessary otherwise if { rest: line.procedure in { X1000..X3000 } } }
    codes { X1000 X2000 X3000 X4000 }
}
"""
TRIALS = [
    {"class": "ssri", "dose": 20, "outcome": "failed", "ended": "2020-02-01"},
    {"class": "ssri", "dose": 30, "outcome": "failed", "ended": "2020-03-01"},
    {"class": "snri", "dose": 60, "outcome": "helped", "ended": "2020-04-01"},
    {"class": "snri", "dose": 5, "outcome": "failed", "ended": "2020-05-01"},
]


@pytest.mark.parametrize(
    ("code", "diagnoses", "trials", "wanted"),
    [
        ("X1000", ["M17.11", "G89.4"], [*TRIALS[:1], {**TRIALS[3], "dose": 12}], "“pain” (diagnoses: G89.4)"),
        (
            "X1000",
            ["G89.4"],
            [TRIALS[2], TRIALS[0], {**TRIALS[3], "dose": 12}],
            "“failed” (trials: 2 of 3 entries: entry 2 with outcome failed, dose 20 mg and class ssri, "
            "entry 3 with outcome failed, dose 12 mg and class snri) are met",
        ),
        (
            "X1000",
            ["G89.4"],
            TRIALS,
            "in section A, “Both”, “failed” (trials: 1 of 4 entries count, 2 are needed: "
            "entry 1 with outcome failed, dose 20 mg and class ssri, entry 2",
        ),
        ("X1000", ["G89.4"], [], "“failed” (trials: none) is not met"),
        (
            "X2000",
            [],
            TRIALS,
            "in section B, “Helped”, “strong” (trials: 1 of 4 entries: entry 3 with dose 60 mg) is",
        ),
        (
            "X2000",
            [],
            TRIALS[:2],
            "“helped” (trials: entry 1 with outcome failed, entry 2 with outcome failed) is not met",
        ),
        ("X2000", [], TRIALS[:2] + TRIALS[:2], "“helped” (trials: 0 of 4 entries) is not met"),
        (
            "X3000",
            ["G89.4", "G89.29"],
            TRIALS,
            "“last” (trials: 1 of 4 entries: entry 4 with ended May 1, 2020 and outcome failed) and "
            "“pain” (diagnoses: G89.4, G89.29) are met",
        ),
        ("X3000", ["G89.4", "M17.11"], TRIALS, "in section C, “Last”, “pain” (diagnoses: M17.11) is not met"),
        ("X4000", [], TRIALS, "None of its sections is about this service."),
    ],
)
def test_the_elements_that_decide_are_named_and_no_section_about_other_codes(
    tmp_path, code, diagnoses, trials, wanted
):
    (tmp_path / "made.pol").write_text(LISTS)
    line = {"line": 1, "procedure": code, "service_date": "2021-05-04"}
    claim = {"claim_id": "1", "diagnoses": diagnoses, "trials": trials, "lines": [line]}
    reason = load(tmp_path / "made.pol").decide(claim, explain=True)["lines"][0]["reason"]
    assert wanted in reason
    about = {"X1000": {"A"}, "X2000": {"B"}, "X3000": {"C"}, "X4000": set()}
    assert set(re.findall(r"section ([A-Z])\b", reason)) - {"D"} == about[code]
