"""`policyc new`: what it writes checks, is laid out, and leaves each line to a person."""

import json

import pytest
from typer.testing import CliRunner

from policyc import load
from policyc.cli import app

SAID = ["--payer", "Prairie Example Health", "--title", "Knee braces", "--effective", "2024-01-01"]
MORE = ["--section", "A=Adults", "--section", "B=Children", "--code", "L1810=knee brace"]


def call(*arguments, stdin=""):
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


def stems(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file())


def test_a_skeleton_checks_and_decides_nothing_by_itself(tmp_path):
    made = call("new", tmp_path, *SAID, *MORE)
    assert made.exit_code == 0, made.stderr
    (policy,) = tmp_path.glob("*/*.pol")
    assert policy.relative_to(tmp_path).as_posix() == "prairie_example_health/knee_braces.pol"
    assert call("check", tmp_path).exit_code == 0
    assert call("fmt", "--check", tmp_path).exit_code == 0
    assert call("test", tmp_path).stdout == "1 passed, 0 failed\n"
    claim = {"claim_id": "1", "lines": [{"line": 1, "procedure": "L1810", "service_date": "2025-05-05"}]}
    (line,) = load(policy).decide(claim)["lines"]
    assert (line["determination"], line["rules"]) == ("manual_review", ["A", "B"])
    (golden,) = policy.parent.rglob("*.json")
    assert json.loads(golden.read_text())["reviewed"] is False


def test_what_no_option_says_is_asked_until_it_can_be_read(tmp_path):
    answers = [
        "A plan",
        "Shoe inserts",
        "",
        "",
        "2024-13-01",
        "2024-01-01",
        "A=Adults",
        "",
        "?",
        "L3000=insert",
        "",
    ]
    made = call("new", tmp_path, stdin="\n".join(answers) + "\n")
    assert made.exit_code == 0, made.stderr
    assert "`2024-13-01` is no day of the calendar" in made.stderr
    assert "`?` is no procedure code" in made.stderr
    text = (tmp_path / "a_plan" / "shoe_inserts.pol").read_text()
    assert 'source "shoe_inserts" edition 2024-01-01' in text and 'L3000 "insert"' in text


def test_a_code_of_a_shipped_library_brings_it_and_all_that_it_rests_on(tmp_path):
    assert call("new", tmp_path, *SAID, "--section", "A", "--code", "J2003").exit_code == 0
    assert stems(tmp_path)[:2] == ["codes/hcpcs.pol", "facts/infusion.pol"]
    (policy,) = tmp_path.glob("prairie*/*.pol")
    assert "import codes.hcpcs\n" in policy.read_text() and '"lidocaine' not in policy.read_text()


def test_libraries_that_are_there_stay_as_they_are(tmp_path):
    for title in ("One", "Two"):
        said = ["--payer", "A plan", "--title", title, "--effective", "2024-01-01", "--section", "A"]
        assert call("new", tmp_path, *said, "--code", "J2003", "--import", "concepts.pain").exit_code == 0
        library = tmp_path / "codes" / "hcpcs.pol"
        own = library.read_text() if title == "Two" else library.read_text() + "# ours\n"
        library.write_text(own)
    assert library.read_text().endswith("# ours\n")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--section", "A", "--code", "X9999"], "no shipped library has X9999: say what it is"),
        (["--section", "A", "--code", "X99"], "`X99` is no procedure code"),
        (["--section", "1.a=x", "--code", "X9999=x"], "`1.a` is no mark of a section"),
        (["--section", "A"], "nobody is there to ask: Procedure code"),
        ([*MORE, "--package", "braces"], "`braces` is no package"),
        ([*MORE, "--import", "concept.pain"], "did you mean `concepts.pain`?"),
        ([*MORE, "--title", "a\nb"], "expected some words on one line"),
    ],
)
def test_a_wrong_call_writes_nothing(tmp_path, more, said):
    made = call("new", tmp_path, *SAID, *more)
    assert made.exit_code == 2 and said in " ".join(made.stderr.split())
    assert stems(tmp_path) == []


def test_a_policy_that_is_there_is_left_alone(tmp_path):
    assert call("new", tmp_path, *SAID, *MORE).exit_code == 0
    (policy,) = tmp_path.glob("*/*.pol")
    policy.write_text("mine")
    again = call("new", tmp_path, *SAID, *MORE)
    assert again.exit_code == 2 and "is there already" in again.stderr and policy.read_text() == "mine"


def test_quotes_in_what_is_said_stay_texts(tmp_path):
    odd = 'say "yes" \\ or # no'
    said = ["--payer", odd, "--title", odd, "--effective", "2024-01-01", "--section", f"A={odd}"]
    made = call("new", tmp_path, *said, "--code", f"L1810={odd}", "--package", "x.y", "--source", odd)
    assert made.exit_code == 0, made.stderr
    assert load(tmp_path / "x" / "y.pol").program.consolidated.policy.title == odd
