"""Golden files: run, compared, rewritten; and what is wrong with them, told without a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from exchanging import replace_in, replaced

from policyc.golden.goldens import GoldenError, collect, laid_out, policy_of, run

POLICY = """package payer.small
policy "Small" { payer "P" source "small" governed by line.service_date }
facts { line.drug open { ketamine, lidocaine } }
codes cpt { 96365 }
revision 2024-01-01 "Posted" {
    section A "Ketamine" { not_covered if { line.drug == ketamine } }
    codes { 96365 }
}
"""
CLAIM = {
    "claim_id": "C-1",
    "lines": [{"line": 1, "procedure": "96365", "service_date": "2024-02-01", "drug": "ketamine"}],
}
DECISION = {"claim_id": "C-1", "lines": [{"line": 1, "determination": "not_covered", "rules": ["A"]}]}
GOLDEN = {"about": "Ketamine is not covered.", "claim": CLAIM, "decision": DECISION}


@pytest.fixture
def golden(tmp_path, monkeypatch):
    """Writes a golden file beside a small policy."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "payer").mkdir()
    (tmp_path / "payer/small.pol").write_text(POLICY)

    def write(content=GOLDEN, revision="2024-01-01", **changed):
        path = tmp_path / "payer/small.golden" / revision / "case.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content | changed))
        return path

    return write


def only_failure(path):
    results = run([path])
    assert (results.passed, results.updated) == (0, [])
    ((failed, why),) = results.failures
    assert failed == path
    return why


def with_line(**changed):
    return {**DECISION, "lines": [{**DECISION["lines"][0], **changed}]}


def test_a_golden_that_holds_passes(golden):
    golden()
    golden({**GOLDEN, "known_on": "2023-12-31", "decision": {"lines": [{"revision": None}]}}, "none")
    folder = golden().parents[3]
    results = run([folder, folder / "payer/small.pol"])
    assert (results.passed, results.failures, results.updated) == (2, [], [])


@pytest.mark.parametrize(
    ("decision", "missing", "added"),
    [
        (with_line(determination="not_applicable"), '"not_applicable"', '"not_covered"'),
        (with_line(rules=[]), '"rules": []', '"rules": ["A"]'),
        (with_line(line=True), '"line": true', '"line": 1'),
        (with_line(unsure=["A"]), '"unsure": ["A"]', ""),
        ({**DECISION, "lines": []}, '"lines": []', '"determination": "not_covered"'),
        ({"claim_id": "C-1", "error": {"code": "no-lines"}}, '"error"', ""),
        ({}, "{}", '"determination": "not_covered"'),
        ({"claim_id": "C-1"}, "", '"determination": "not_covered"'),
    ],
)
def test_a_difference_is_shown_as_a_diff(golden, decision, missing, added):
    lines = only_failure(golden(decision=decision)).splitlines()
    assert lines[:2] == ["--- expected", "+++ got"]
    assert missing in "".join(line[1:] for line in lines[2:] if line[0] == "-")
    assert added in "".join(line[1:] for line in lines[2:] if line[0] == "+")


def test_a_diff_shows_nothing_that_is_not_compared(golden):
    why = only_failure(golden(decision=with_line(rules=["B"])))
    assert "subject_to" not in why
    assert "policy_digest" not in why


def test_the_expected_answer_may_be_an_error_record(golden):
    claim = {"claim_id": "C-2", "lines": []}
    record = {"claim_id": "C-2", "error": {"code": "no-lines", "at": "/lines"}}
    assert run([golden(claim=claim, decision=record, revision="none")]).passed == 1
    record["error"]["at"] = ""
    assert '"at": "/lines"' in only_failure(golden(claim=claim, decision=record, revision="none"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON"),
        ("[]", "a golden file is an object"),
        ('{"about": "", "about": ""}', "occurs twice"),
        ({"about": "x", "decision": {}}, "the key `claim` is missing"),
        ({"claim": CLAIM, "decision": {}}, "the key `about` is missing"),
        ({"about": "x", "claim": CLAIM}, "the key `decision` is missing"),
        ({**GOLDEN, "know_on": "2024-01-01"}, "unknown key `know_on`"),
        ({**GOLDEN, "known_on": "20240101"}, "`known_on` is no date"),
        ({**GOLDEN, "known_on": 7}, "`known_on` is no date"),
        ({**GOLDEN, "about": None}, "`about` is no text"),
        ({**GOLDEN, "claim": []}, "`claim` is no object"),
        ({**GOLDEN, "decision": []}, "`decision` is no object"),
    ],
)
def test_what_is_no_golden_fails_with_the_reason(golden, content, why):
    assert why in only_failure(golden(content))


def test_a_golden_lies_in_the_folder_of_its_revision(golden):
    assert "it lies in 2024-01-02/, and its first decided line in 2024-01-01/" in only_failure(
        golden(revision="2024-01-02")
    )


def test_a_golden_without_revision_folder_is_misplaced(golden):
    path = golden()
    stray = path.rename(path.parents[1] / "case.json")
    ((failed, why),) = run([stray.parents[1]]).failures
    assert failed == stray
    assert "misplaced: a golden file lies in" in why
    with pytest.raises(GoldenError, match="misplaced"):
        policy_of(Path("case.json"))


def test_a_line_before_the_policy_does_not_place_a_golden(golden):
    lines = [{"line": 2, "procedure": "96365", "service_date": "2023-01-01"}, *CLAIM["lines"]]
    decision = {"lines": [{"determination": "not_in_force"}, {"determination": "not_covered"}]}
    assert run([golden(claim={**CLAIM, "lines": lines}, decision=decision)]).passed == 1


def test_a_policy_that_does_not_compile_is_told_at_each_golden(golden):
    path = golden()
    policy = path.parents[2] / "small.pol"
    policy.write_text(replaced(POLICY, "== ketamine", "== ketamne"))
    assert "small.pol does not compile" in only_failure(path)
    policy.unlink()
    assert "there is no small.pol" in only_failure(path)


def test_nothing_of_a_name_is_the_callers_mistake(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(collect(tmp_path / "absent"))
    assert list(collect(tmp_path)) == []


def test_update_rewrites_what_differs_and_nothing_else(golden):
    kept = golden(revision="none")
    path = golden(
        replaced(
            json.dumps({"decision": with_line(rules=[]), **GOLDEN, "known_on": None}),
            ': "96365"',
            ': "96365", "units": 2.50',
        )
    )
    replace_in(path, '["A"]', "[]")
    path.chmod(0o640)
    before = kept.read_text()
    results = run([path.parents[1]], update=True)
    assert results.updated == [path]
    assert [failed for failed, _ in results.failures] == [kept]  # misplaced: it needs a hand
    assert kept.read_text() == before
    written = json.loads(path.read_text())
    assert list(written) == ["decision", "about", "claim", "known_on"]
    assert written["decision"] == DECISION
    assert '"units": 2.50' in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert run([path], update=True).passed == 1


@pytest.mark.parametrize("decision", [{}, {"lines": None, "revision": 1, "claim_id": 1}, {"error": {}}])
def test_update_writes_a_decision_that_is_not_there_yet(golden, decision):
    path = golden(decision=decision)
    assert run([path], update=True).updated == [path]
    (line,) = json.loads(path.read_text())["decision"]["lines"]
    assert line["revision"] == "2024-01-01"
    assert "policy_digest" not in json.loads(path.read_text())["decision"]
    assert run([path]).passed == 1


def test_two_updates_at_once_leave_whole_files(golden):
    path = golden("a")
    command = (
        "import sys, pathlib, policyc.golden.goldens as g\n"
        "for _ in range(50): g.write_whole(pathlib.Path(sys.argv[1]), sys.argv[2] * 300_000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", command, str(path), text]) for text in "bc"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        text = path.read_text()
        seen.add((text[0], len(text)))
    assert [writer.wait() for writer in writers] == [0, 0]
    assert seen <= {("a", 1), ("b", 300_000), ("c", 300_000)}
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_write_that_fails_leaves_the_old_file(golden, monkeypatch):
    path = golden(decision={})
    before = path.read_text()

    def full(handle):
        raise OSError("no space left")

    monkeypatch.setattr("policyc.files.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        run([path], update=True)
    assert path.read_text() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("fill", [True, False])
def test_the_layout_is_json_of_the_same_value(fill):
    value = {
        "about": "ä" * 120,
        "claim": {"lines": [{"key": "v" * 30, "n": n, "deep": [{"x": "y" * 100}] * n} for n in range(4)]},
        "empty": [{}, []],
        "codes": ["G90.511"] * 40,
    }
    text = laid_out(value, fill=fill)
    assert json.loads(text) == value
    assert all(len(line) <= 135 for line in text.splitlines())


def test_plain_pytest_runs_them(golden):
    good, bad = golden(), golden(decision=with_line(rules=["B"]), revision="none")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", str(good.parents[2])]
    out = subprocess.run(command, check=False, capture_output=True, text=True, cwd=good.parents[3]).stdout
    assert "1 failed, 1 passed" in out
    assert f"{good.parent.name}/{good.stem}" in out
    assert "Ketamine is not covered." in out
    assert '-  "lines": [{"line": 1, "determination": "not_covered", "rules": ["B"]}]' in out
    assert "Traceback" not in out
    assert bad.parent.name in out
