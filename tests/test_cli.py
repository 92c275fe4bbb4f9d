"""The commands as their users meet them: exit statuses, streams, and what is to be read."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from exchanging import replaced
from typer.testing import CliRunner

from policyc.cli import app

ROOT = Path(__file__).parents[1]
POLICY = str(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
COMMAND = [sys.executable, "-c", "from policyc.cli import main; main()"]


def call(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


def start(*arguments, **streams):
    return subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, **streams)


def claim(claim_id="C-1", procedure="J2003", service_date="2024-10-01", **line):
    stated = {"line": 1, "procedure": procedure, "service_date": service_date, **line}
    return {"claim_id": claim_id, "diagnoses": ["G90.511"], "lines": [stated]}


def ndjson(*claims):
    return "".join((c if isinstance(c, str) else json.dumps(c)) + "\n" for c in claims)


def written(folder, name, text):
    path = folder / "x" / f"{name}.pol"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return path


BROKEN = """package x.broken

facts {
\tline.drug open { ketamine, lidocaine }
}

policy "A policy" { payer "P" }

revision 2024-01-01 "Posted" {
    section A "One" {
        experimental_investigational if { line.drgu == ketamine }
    }
    section B "Two" { not_coverd if { line.drug == lidocaine } }
}
"""


# ---- check ------------------------------------------------------------------------------------------


def test_check_counts_and_notes_do_not_fail():
    result = call("check", POLICY)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.endswith("checked 1 policy: no errors, 2 notes\n")


def test_check_draws_the_line_and_the_narrowest_span(tmp_path):
    path = written(tmp_path, "broken", BROKEN)
    result = call("check", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert (
        f"error[unknown-name]: there is no fact `line.drgu` here\n"
        f"  --> {path.as_posix()}:11:43\n"
        f"11 |         experimental_investigational if {{ line.drgu == ketamine }}\n"
        f"   |                                           ^^^^^^^^^ not known\n"
        f"   hint: did you mean `line.drug`?\n"
    ) in result.stderr
    assert "did you mean `not_covered`?" in result.stderr
    assert result.stderr.endswith("checked 1 file: 2 errors\n")


def carets(stderr):
    """What stands above the carets of the first drawing."""
    lines = stderr.split("\n")
    at = next(i for i, line in enumerate(lines) if "^" in line)
    start, end = lines[at].index("^"), lines[at].rindex("^") + 1
    return lines[at - 1][start:end]


def test_check_draws_below_tabs_and_line_ends_of_windows(tmp_path):
    text = 'package x.tabs\r\n\r\ncodes hcpcs {\r\n\tJ2001\t"a"\tfrom 2024-02-30\r\n}\r\n'
    result = call("check", written(tmp_path, "tabs", text))
    assert carets(result.stderr) == "2024-02-30"
    assert ":4:17\n" in result.stderr
    assert "\r" not in result.stderr and "\t" not in result.stderr


def test_check_draws_below_wide_letters(tmp_path):
    text = 'package x.wide\n\ncodes hcpcs { J2001 "漢字" from 2024-02-30 }\n'
    result = call("check", written(tmp_path, "wide", text))
    above, below = result.stderr.split("\n")[2:4]
    # Each of the two letters takes two columns on a terminal, and is one character here.
    assert below.index("^") == above.index("2024") + 2


def test_check_cuts_a_long_line_around_the_mistake(tmp_path):
    many = ", ".join(f"value_{n}" for n in range(500))
    text = f"package x.long\n\nfacts {{ line.kind {{ {many}, value_7, {many} }} }}\n"
    result = call("check", written(tmp_path, "long", text))
    assert carets(result.stderr) == "value_7"
    assert max(map(len, result.stderr.split("\n"))) < 160


def test_check_shows_the_first_fifty_errors(tmp_path):
    rows = "\n".join(f'J{n:04} "a" from 2024-02-02 until 2023-01-01' for n in range(60))
    result = call("check", written(tmp_path, "many", f"package x.many\n\ncodes hcpcs {{\n{rows}\n}}\n"))
    assert result.stderr.count("error[empty-range]") == 50
    assert "and 10 more errors, not shown" in result.stderr
    assert result.stderr.endswith("checked 1 file: 60 errors\n")


def test_check_obeys_nothing_in_the_source(tmp_path):
    result = call("check", written(tmp_path, "sly", 'package x.sly\n\x1b[31m\u202e "\n'))
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr and "\u202e" not in result.stderr


def test_check_as_json(tmp_path):
    path = written(tmp_path, "twice", "package x.twice\n\nfacts { line.a boolean line.a boolean }\n")
    result = call("check", path, "--format", "json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)
    assert found["code"] == "duplicate-name"
    assert found["severity"] == "error"
    assert found["file"] == path.as_posix()
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (3, 24, 3, 30)
    assert [(r["line"], r["column"], r["label"]) for r in found["related"]] == [(3, 9, "first declared here")]
    assert found["hints"] == []


def test_check_as_json_without_mistakes(tmp_path):
    result = call("check", written(tmp_path, "fine", "package x.fine\n"), "--format", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")


def test_check_takes_folders_and_each_file_once():
    folder = Path(POLICY).parents[1]
    result = call("check", folder, POLICY)
    assert result.exit_code == 0, result.stderr
    assert "checked 3 policies" in result.stderr


@pytest.mark.parametrize("arguments", [["nowhere"], ["."], [POLICY, "--root", "nowhere"]])
def test_check_of_nothing_is_a_wrong_call(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("check", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("policyc: ")


# ---- eval -------------------------------------------------------------------------------------------


def test_eval_gives_a_record_a_claim_in_order():
    claims = ndjson(claim("A"), "nonsense", claim("B", colour="red"), claim("C"))
    result = call("eval", POLICY, "-", stdin=claims)
    assert result.exit_code == 1
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["claim_id"] for r in records] == ["A", None, "B", "C"]
    assert [r["error"]["code"] if "error" in r else None for r in records] == [
        None,
        "not-json",
        "unknown-key",
        None,
    ]
    assert records[2]["error"]["at"] == "/lines/0/colour"
    assert records[0]["lines"][0]["determination"] == "needs_information"
    assert "could not read 2 of 4 claims" in result.stderr


def test_eval_reads_a_file(tmp_path):
    path = tmp_path / "claims.json"
    path.write_text(json.dumps([claim("A"), claim("B")]))
    result = call("eval", POLICY, path)
    assert result.exit_code == 0
    assert [json.loads(line)["claim_id"] for line in result.stdout.splitlines()] == ["A", "B"]


@pytest.mark.parametrize(("claims", "shape"), [([], list), ([claim()], dict), ([claim(), claim()], list)])
def test_eval_as_json_is_an_object_for_one_result(claims, shape):
    result = call("eval", POLICY, "-", "--format", "json", stdin=ndjson(*claims))
    found = json.loads(result.stdout)
    assert isinstance(found, shape)
    assert shape is dict or len(found) == len(claims)


def test_eval_before_the_first_posting_is_an_answer():
    result = call("eval", POLICY, "-", "--known-on", "2021-12-31", stdin=ndjson(claim()))
    assert result.exit_code == 0
    decision = json.loads(result.stdout)
    assert decision["known_on"] == "2021-12-31"
    assert [line["determination"] for line in decision["lines"]] == ["not_in_force"]


@pytest.mark.parametrize("day", ["2024-1-01", "2024-02-30", "yesterday", "20240101", "\uff12024-01-01", ""])
def test_a_day_is_strict(day):
    result = call("eval", POLICY, "-", "--known-on", day, stdin="")
    assert result.exit_code == 2
    assert "--known-on" in result.stderr and f"`{day}` is no da" in result.stderr


def test_eval_counts_the_keys_that_it_ignores():
    claims = ndjson(claim(colour="red"), {**claim(colour="blue"), "source": "x"})
    result = call("eval", POLICY, "-", "--ignore-extra", stdin=claims)
    assert result.exit_code == 0
    assert "lines[].colour (2), source (1)" in result.stderr


def test_eval_of_a_folder():
    folder = Path(POLICY).parents[1]
    claims = ndjson(claim("A"), claim("B", procedure="99213"))
    result = call("eval", folder, "-", "--ignore-extra", stdin=ndjson(claim("A", colour="red")))
    assert "lines[].colour (1)" in result.stderr
    silent, everything = (call("eval", folder, "-", *more, stdin=claims) for more in ([], ["--all"]))
    assert [json.loads(line)["policy"] for line in silent.stdout.splitlines()][-1] is None
    assert None not in [json.loads(line)["policy"] for line in everything.stdout.splitlines()]


def test_eval_with_a_broken_policy_draws_its_errors(tmp_path):
    result = call("eval", written(tmp_path, "broken", BROKEN), "-", stdin=ndjson(claim()))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error[unknown-name]" in result.stderr


def test_eval_with_a_library_is_a_wrong_call(tmp_path):
    path = written(tmp_path, "fine", "package x.fine\n")
    result = call("eval", path, "-", stdin="")
    assert (result.exit_code, result.stderr) == (2, f"policyc: `{path}` holds no policy\n")
    assert call("eval", tmp_path, "-", stdin="").exit_code == 2


@pytest.mark.parametrize("arguments", [["nowhere.pol", "-"], [POLICY, "nowhere"], [POLICY, "."], [POLICY]])
def test_eval_of_nothing_is_a_wrong_call(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("eval", *arguments, stdin="")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_eval_as_a_table():
    claims = ndjson(claim("A", units=300, route="intravenous"), claim("B", procedure="J2001"), "nonsense")
    result = call("eval", POLICY, "-", "--format", "table", "--explain", stdin=claims)
    text = result.stdout
    assert "     1  J2003  2024-10-01  2024-10-01  experimental_investigational  A\n" in text
    assert "        quantity 300 mg\n" in text
    assert "        ✓ A: Chronic pain  [POLICY A, revision 2022-01-08]\n          ✓ infusion\n" in text
    assert "✓ route: line.route is intravenous (stated)\n" in text
    assert "✗ B: Psychiatric disorders" in text
    assert "          beside: ✓ infusion, ✓ purpose\n" in text
    assert "valid from 2004-01-01 through 2024-09-30, then J2002 (1 unit becomes 10)" in " ".join(
        text.split()
    )
    assert "a claim without an id: not read: not JSON" in text


def test_eval_without_the_letters_for_marks():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = ["eval", POLICY, "-", "--format", "table", "--explain"]
    process = start(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    out, _ = process.communicate(ndjson(claim("A", route="oral")).encode())
    assert process.returncode == 0
    assert b"- A: Chronic pain" in out and b"+ purpose" in out


def test_eval_answers_before_the_stream_ends():
    with start("eval", POLICY, "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for claim_id in ("A", "B"):
            process.stdin.write(ndjson(claim(claim_id)).encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["claim_id"] == claim_id
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize("form", ["ndjson", "table", "json"])
def test_a_reader_who_leaves_ends_it_quietly(form, tmp_path):
    path = tmp_path / "claims"
    path.write_text(ndjson(*[claim()] * 500))
    arguments = ["eval", POLICY, str(path), "--format", form]
    with start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_interrupt_ends_it_quietly():
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start("eval", POLICY, "-", **streams) as process:
        process.stdin.write(ndjson(claim()).encode())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == b""


# ---- history, explain, test --------------------------------------------------------------------------


def test_history_says_what_each_revision_changed():
    text = call("history", POLICY).stdout
    assert '2024-10-01  Coding section updated   cites "REVISIONS 10-01-2024"\n' in text
    assert "    - replaces J2001 with J2002, J2003\n" in text
    known = call("history", POLICY, "--known-on", "2024-09-30")
    assert "2024-01-05" in known.stdout and "2024-10-01" not in known.stdout
    assert call("history", POLICY, "--known-on", "2021-01-01").stdout == "nothing was posted by 2021-01-01\n"


def test_explain_prints_a_page_or_names_a_near_one(tmp_path, monkeypatch):
    (tmp_path / "unknown-name.md").write_text("# unknown-name\n\nwords\n")
    monkeypatch.setattr("policyc.commands.explain.folder", lambda: tmp_path)
    assert call("explain", "unknown-name").stdout == "# unknown-name\n\nwords\n"
    result = call("explain", "unknwn-name")
    assert result.exit_code == 2
    assert "did you mean `unknown-name`?" in result.stderr
    assert call("explain", "../unknown-name").exit_code == 2


FINE = replaced(replaced(replaced(BROKEN, "x.broken", "x.fine"), "drgu", "drug"), "coverd", "covered")


@pytest.fixture
def golden(tmp_path):
    written(tmp_path, "fine", FINE)
    path = tmp_path / "x" / "fine.golden" / "2024-01-01" / "case.json"
    path.parent.mkdir(parents=True)
    stated = {"claim_id": "C", "lines": [{"line": 1, "procedure": "J2003", "service_date": "2024-02-02"}]}
    decided = {"claim_id": "C", "lines": [{"line": 1, "determination": "not_covered"}]}
    path.write_text(json.dumps({"about": "a case", "claim": stated, "decision": decided}))
    return path


def test_test_shows_what_differs_and_rewrites_it_when_asked(golden):
    failed = call("test", golden.parents[3])
    assert failed.exit_code == 1
    assert "not_covered" in failed.stdout and failed.stdout.endswith("0 passed, 1 failed\n")
    updated = call("test", golden, "--update")
    assert updated.exit_code == 0, updated.output
    assert f"rewrote {golden}" in updated.stdout
    passed = call("test", golden)
    assert (passed.exit_code, passed.stdout) == (0, "1 passed, 0 failed\n")


def test_test_of_nothing_is_a_wrong_call(tmp_path):
    assert call("test", tmp_path).exit_code == 2
    assert call("test", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("text", ["", " \n", "[]"])
def test_no_claim_is_no_silent_success(text):
    done = call("eval", POLICY, "-", "--format", "ndjson", stdin=text)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "there was no claim to decide" in done.stderr
