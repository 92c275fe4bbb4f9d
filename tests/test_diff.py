"""`policyc diff`: what is proved equal is equal, and every witness is decided as shown."""

import json
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from exchanging import replace_in, replaced
from typer.testing import CliRunner

from compiler.diff.cut import cut
from compiler.diff.diff import diff
from compiler.diff.procedures import procedures
from compiler.diff.side import Side
from compiler.diff.watch import Stopped
from compiler.pipeline import compile_paths
from dsl.diagnostics import Report
from policyc.cli import app

ROOT = Path(__file__).parents[1] / "policies"
IV = ROOT / "bcbsks" / "iv_anesthetics.pol"
LUNG = ROOT / "cms" / "ncd_210_14.pol"
SLEEP = ROOT / "cms" / "ncd_240_4.pol"


def call(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


def told(*arguments):
    done = call("diff", *arguments, "--format", "json")
    made = json.loads(done.stdout)
    assert done.exit_code == (0 if made["equal"] else 1), done.stderr
    for found in made["differences"]:
        if found["claim"] is not None:
            replayed(found)
    return made


def replayed(found):
    """The two commands decide the claim as it is shown."""
    for command, side in zip(found["replay"], ("from", "to"), strict=True):
        _, _, claim, _, _, *arguments = shlex.split(command)
        done = call(*arguments, "--format", "json", stdin=claim)
        assert json.loads(done.stdout) == found[side], done.stderr
    one, other = (found[side]["lines"][0] for side in ("from", "to"))
    part = {"rules": "rules", "missing": "missing", "edits": "edits"}.get(found["kind"], "determination")
    assert one[part] != other[part] or one.get("unsure") != other.get("unsure")


def kinds(made):
    return sorted({found["kind"] for found in made["differences"]})


def changes(made):
    return {
        (found["from"]["lines"][0]["determination"], found["to"]["lines"][0]["determination"])
        for found in made["differences"]
        if found["kind"] == "determination"
    }


def program(path):
    report = Report()
    found = [
        p for p in compile_paths([path], (), report) if p.consolidated.policy.span.source.name == str(path)
    ]
    assert found, [d.message for d in report.diagnostics]
    return found[0]


def planted(tmp_path, policy, *swaps):
    """The shipped policies with some words of one of them changed."""
    for file in ROOT.rglob("*.pol"):
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text())
    copy = tmp_path / policy.relative_to(ROOT)
    text = copy.read_text()
    for old, new in swaps:
        assert text.count(old) == 1, old
        text = replaced(text, old, new)
    copy.write_text(text)
    return copy


# ---- revisions --------------------------------------------------------------------------------------------


def test_two_more_names_are_wording_alone():
    made = told(IV, "2024-10-01", "2024-12-23")
    assert made["equal"] is True and made["beyond"] == [] and kinds(made) == ["wording"]
    assert made["differences"][0]["about"] == (
        "section B also names treatment resistant depression, post traumatic stress disorder"
    )


@pytest.mark.parametrize("pair", [("2022-01-08", "2022-12-29"), ("2022-12-29", "2024-01-05")])
def test_revisions_of_other_parts_are_proved_to_change_nothing(pair):
    made = told(IV, *pair)
    assert made["equal"] is True and set(kinds(made)) <= {"wording"}


def test_the_code_swap_changes_what_it_changes():
    made = told(IV, "2024-01-05", "2024-10-01")
    assert changes(made) == {
        ("not_applicable", "experimental_investigational"),
        ("not_applicable", "code_not_valid"),
        ("experimental_investigational", "code_not_valid"),
    }
    assert kinds(made) == ["determination", "edits"]
    assert {found["claim"]["lines"][0]["procedure"] for found in made["differences"]} <= {"J2002", "J2003"}
    assert {found["about"].partition(":")[0] for found in made["differences"]} == {
        "revision 2024-10-01 replaces J2001 with J2002, J2003"
    }


def test_each_amendment_of_a_revision_has_its_own_claim():
    made = told(LUNG, "2021-01-01", "2022-02-10")
    abouts = [found["about"] for found in made["differences"]]
    for label in ("age", "pack_years", "order"):
        assert any(f"replaces screening_criteria.{label}: not_covered becomes" in about for about in abouts)


def test_a_section_that_needs_a_definition_of_its_revision_stands_alone_with_it():
    made = told(SLEEP, "2008-03-13", "2015-10-01")
    abouts = " ".join(found["about"] for found in made["differences"])
    assert "adds section local_first_weeks" in abouts and "adds section local_continued" in abouts
    assert made["equal"] is False and made["beyond"] == []


def test_without_to_the_policy_as_it_stands_is_meant():
    assert told(IV, "2024-10-01")["differences"] == told(IV, "2024-10-01", "2024-12-23")["differences"]


# ---- dates and knowledge ----------------------------------------------------------------------------------


def test_a_day_later_the_code_of_another_line_tells_nothing():
    made = told(IV, "2024-09-30", "2024-10-01")
    assert ("experimental_investigational", "needs_information") in changes(made)
    assert "missing" in kinds(made)
    both = told(IV, "2024-01-05", "2024-10-01", "--dates")
    assert ("experimental_investigational", "needs_information") in changes(both)


def test_a_day_on_which_nothing_changes_is_proved_equal():
    assert told(IV, "2024-10-02", "2024-10-03")["equal"] is True
    assert told(IV, "2024-12-22", "2024-12-23")["equal"] is True


def test_two_days_speak_of_one_birth(tmp_path):
    made = told(LUNG, "2016-05-05", "2016-05-06")
    assert ("medically_necessary", "not_covered") in changes(made)
    born = {found["claim"].get("member", {}).get("birth_date") for found in made["differences"]}
    assert born & {"1938-05-06", "1961-05-06"}


def test_what_was_known_later_is_told_apart():
    made = told(LUNG, "--known-on", "2022-09-01", "2022-10-03")
    assert changes(made) == {("not_covered", "medically_necessary")}
    assert told(LUNG, "--known-on", "2022-09-01", "2022-10-02")["equal"] is True
    assert ("not_in_force", "not_covered") in changes(told(LUNG, "--known-on", "2016-01-03", "2016-01-04"))


# ---- files and git ----------------------------------------------------------------------------------------


def in_git(folder, *arguments):
    own = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True)


def test_a_git_revision_is_compared_with_what_stands(tmp_path):
    path = planted(tmp_path, LUNG)
    in_git(tmp_path, "init", "-q")
    in_git(tmp_path, "add", "-A")
    in_git(tmp_path, "commit", "-qm", "one")
    assert told(path, "HEAD")["equal"] is True
    concept = tmp_path / "concepts" / "lung_screening.pol"
    replace_in(concept, "Z87.891", "Z87.890")
    assert ("medically_necessary", "not_covered") in changes(told(path, "HEAD"))
    in_git(tmp_path, "commit", "-aqm", "two")
    assert changes(told(path, "HEAD~1", "HEAD")) == changes(told(path, "HEAD~1"))
    assert told(path, "HEAD")["equal"] is True


PLANTED = [
    (LUNG, "member.age in 50..77", "member.age in 50..78", ("not_covered", "medically_necessary")),
    (LUNG, "member.pack_years >= 20", "member.pack_years > 20", ("medically_necessary", "not_covered")),
    (LUNG, "line.last_screen_on 11 months or more", "line.last_screen_on 334 days or more", None),
    (SLEEP, "91 days after", "90 days after", ("medically_necessary", "not_medically_necessary")),
    (SLEEP, "claim.channels >= 3", "claim.channels > 3", ("medically_necessary", "not_medically_necessary")),
    (SLEEP, "claim.seen_on <= claim.tested_on", "claim.seen_on < claim.tested_on", None),
    (LUNG, "2022-02-10 posted", "2022-02-09 posted", ("not_covered", "medically_necessary")),
    (SLEEP, "2008-03-13 posted", "2008-03-12 posted", ("not_medically_necessary", "medically_necessary")),
    (IV, "route: line.route == intravenous", "route: line.route != oral", None),
    (IV, "drug in { ketamine, lidocaine }", "drug in { ketamine, lidocaine, esketamine }", None),
]


@pytest.mark.parametrize(("policy", "old", "new", "change"), PLANTED, ids=[case[2] for case in PLANTED])
def test_a_planted_change_is_found(tmp_path, policy, old, new, change):
    path = planted(tmp_path, policy, (old, new))
    made = told(path, policy)
    assert made["equal"] is False
    assert change is None or change in changes(made)


@pytest.mark.parametrize("policy", [IV, LUNG, SLEEP], ids=["iv", "lung", "sleep"])
def test_another_layout_is_proved_equal(tmp_path, policy):
    path = planted(tmp_path, policy)
    path.write_text(replaced(path.read_text(), "    ", "  ") + "\n# the end\n")
    made = told(path, policy)
    assert made["equal"] is True and made["differences"] == []


def test_another_order_of_criteria_is_proved_equal(tmp_path):
    path = planted(
        tmp_path,
        SLEEP,
        (
            "    claim.daytime_sleepiness\n        claim.impaired_cognition",
            "    claim.impaired_cognition\n        claim.daytime_sleepiness",
        ),
        ("not claim.ahi_projected", "none of { claim.ahi_projected }"),
    )
    assert told(path, SLEEP)["equal"] is True


# ---- calls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [(), ("bogus",), ("2024-13-01", "2024-10-01"), ("2024-09-30",), ("2024-09-30", "HEAD")]
)
def test_a_wrong_call_has_status_2(arguments):
    done = call("diff", IV, *arguments)
    assert done.exit_code == 2 and done.stdout == "" and done.stderr


CLAIM = {"claim_id": "C", "lines": [{"line": 1, "procedure": "J2002", "service_date": "2024-10-01"}]}


@pytest.mark.parametrize("version", ["bogus", "2024-09-30", "2024-13-01"])
def test_claims_are_decided_by_no_version_that_there_is_not(version):
    done = call("eval", IV, "-", "--version", version, stdin=json.dumps(CLAIM))
    assert done.exit_code == 2 and done.stdout == "" and version in done.stderr


def test_claims_are_decided_by_the_history_up_to_a_revision():
    found = [
        json.loads(call("eval", IV, "-", *version, stdin=json.dumps(CLAIM)).stdout)["lines"][0]
        for version in (("--version", "2024-01-05"), ("--version", "2024-10-01"), ())
    ]
    assert [line["determination"] for line in found] == ["not_applicable", *["needs_information"] * 2]
    assert [line["revision"] for line in found] == ["2024-01-05", "2024-10-01", "2024-10-01"]


def test_people_and_pull_requests_read_the_same(tmp_path):
    text = call("diff", IV, "2024-10-01", "2024-12-23").stdout
    assert "proved: every claim gets the same determination" in text
    assert "wording alone: section B also names" in text
    markdown = call("diff", IV, "2024-01-05", "2024-10-01", "--format", "markdown").stdout
    assert markdown.startswith("### `bcbsks.iv_anesthetics`") and "```json" in markdown
    assert (
        "  | from | not_applicable |  |  |  |\n  | to | experimental_investigational | B |  |  |\n"
        in markdown
    )


# ---- stopped ----------------------------------------------------------------------------------------------


def test_a_comparison_that_is_stopped_is_not_called_equal():
    (program,) = compile_paths([IV], (), Report())
    before = cut(program, program.consolidated.policy.revisions[:4])

    def watch(what):
        raise Stopped

    found = diff(Side(before), Side(program), watch=watch)
    assert found.equal is None
    assert {apart.what for apart in found.beyond} == {"stopped"}
    assert diff(Side(before), Side(program)).equal is True


def test_ctrl_c_leaves_what_was_found(monkeypatch):
    met = []

    def interrupted(*arguments):
        met.append(arguments)
        if len(met) == 3:
            signal.raise_signal(signal.SIGINT)
        return procedures(*arguments)

    monkeypatch.setattr("compiler.diff.diff.procedures", interrupted)
    before = signal.getsignal(signal.SIGINT)
    done = call("diff", SLEEP, "2005-04-04", "--format", "json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1 and found["differences"]
    assert found["beyond"] == ["what was not looked at before it was stopped"]
    assert signal.getsignal(signal.SIGINT) is before
