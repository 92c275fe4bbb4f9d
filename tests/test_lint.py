"""`policyc lint`: what is on and off, what it mends, and how it tells it."""

import json
from pathlib import Path

import pytest
from diagnosing import diagnose
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Schema
from typer.testing import CliRunner

from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source
from policyc.cli import app
from policyc.words.sarif import sarif

of_the_schema = Schema.model_validate
"""The classes were generated from the schema of SARIF 2.1.0: what it does not know, they refuse."""

CODES = """package codes.hcpcs

codes hcpcs {
    J2001  "J2001"  from 2004-01-01
    J2002 "J2002: lidocaine, \\"in\\" dextrose" per 1 mg
    J2003
        # its label
        "(J2003)" per 1 mg
    J2004 "lidocaine with epinephrine"
}
"""
FIXED = """package codes.hcpcs

codes hcpcs {
    J2001  from 2004-01-01
    J2002 "lidocaine, \\"in\\" dextrose" per 1 mg
    J2003
        # its label
        per 1 mg
    J2004 "lidocaine with epinephrine"
}
"""


@pytest.fixture
def codes(tmp_path):
    path = tmp_path / "codes" / "hcpcs.pol"
    path.parent.mkdir()
    path.write_text(CODES)
    return path


def lint(*arguments):
    done = CliRunner().invoke(app, ["lint", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_what_it_finds_is_told_and_changes_the_status(codes):
    status, _, told = lint(codes.parent)
    assert status == 1
    assert told.count("warning[label-repeats-code]") == 3
    assert told.endswith("linted 1 file: 3 warnings\n")


def test_the_shipped_policies_have_nothing_but_notes():
    assert lint("policies")[0] == 0


def test_a_fix_leaves_nothing_to_fix(codes):
    codes.write_bytes(b"\xef\xbb\xbf" + CODES.encode())
    assert lint(codes, "--fix")[0] == 0
    assert codes.read_bytes() == b"\xef\xbb\xbf" + FIXED.encode()
    assert parse(Source("x", FIXED), Report()) is not None


@pytest.mark.parametrize(
    ("library", "says", "status"),
    [
        ("concepts.pain", "concept pain of icd10cm { G89.4 }", 0),
        ("codes.hcpcs", 'codes hcpcs { J2001 "lidocaine" }', 1),
        ("facts.drugs", "facts { line.drug { ketamine, lidocaine } }", 1),
    ],
)
def test_an_unused_import_is_mended_where_it_brings_nothing_that_claims_notice(
    tmp_path, library, says, status
):
    for name, text in (
        (library, says),
        ("concepts.x", f"import {library}\n\nconcept x of icd10cm {{ M79.7 }}"),
    ):
        path = tmp_path / (name.replace(".", "/") + ".pol")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"package {name}\n\n{text}\n")
    before = path.read_text()
    assert lint(path)[0] == 1
    assert lint(path, "--fix")[0] == status
    assert (path.read_text() == before) == bool(status)


def test_rules_are_turned_off_by_the_nearest_settings(codes, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.policyc.lint]\nlabel-repeats-code = false\n")
    assert lint(codes) == (0, "", "linted 1 file: nothing to say\n")
    (codes.parent / "pyproject.toml").write_text("[tool.policyc.lint]\nlabel-repeats-code = true\n")
    assert lint(codes)[0] == 1
    (codes.parent / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert lint(codes)[0] == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("[tool.policyc.lint]\nlabel-repeats-cod = false\n", "did you mean `label-repeats-code`?"),
        ("[tool.policyc.lint]\nlabel-repeats-code = 'off'\n", "neither true nor false"),
        ("[tool.policyc]\nlabel-repeats-code = false\n", "what is known is the table `lint`"),
        ("[tool.policyc", "pyproject.toml"),
    ],
)
def test_settings_that_mean_nothing_are_a_wrong_call(codes, tmp_path, settings, says):
    (tmp_path / "pyproject.toml").write_text(settings)
    status, _, told = lint(codes)
    assert status == 2
    assert says in told


def test_an_error_cannot_be_turned_off(codes, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.policyc.lint]\nunexpected-word = false\n")
    codes.write_text("package codes.hcpcs\n\ncodes hcpcs { J2001 unti 2024-10-01 }\n")
    status, _, told = lint(codes)
    assert status == 1
    assert "error[unexpected-word]" in told


def test_what_is_imported_is_another_call(codes, tmp_path):
    policy = tmp_path / "demo" / "policy.pol"
    policy.parent.mkdir()
    policy.write_text(
        'package demo.policy\n\nimport codes.hcpcs\n\npolicy "Demo" { payer "A plan" }\n\n'
        'revision 2024-01-01 "Posted" {\n    section A "Infusions" cites "POLICY A" {\n'
        '        not_covered if { line.place_of_service == "12" }\n    }\n    codes { J2001 }\n}\n'
    )
    _, out, _ = lint(policy, "--format", "json")
    assert [said["code"] for said in json.loads(out)] == ["rule-without-golden"]


def test_sarif_is_as_its_schema_wants(codes):
    log = json.loads(lint(codes, "--format", "sarif")[1])
    assert all(result["fixes"] for result in log["runs"][0]["results"])
    of_the_schema(log)
    log["runs"][0]["results"][0]["levle"] = "error"
    with pytest.raises(ValidationError):
        of_the_schema(log)


@pytest.mark.parametrize("case", ["overlapping-rules", "unclosed-brace", "unreadable-file", "unknown-name"])
def test_sarif_of_all_kinds_of_places_is_as_its_schema_wants(case):
    told = diagnose(Path(f"tests/cases/errors/{case}.pol").read_text(encoding="utf-8"))
    log = sarif(told, lambda code: f"the page of {code}")
    assert len(log["runs"][0]["results"]) == len(told) > 0
    of_the_schema(log)


def test_sarif_has_the_required_shape(codes):
    status, out, _ = lint(codes, "--format", "sarif")
    log = json.loads(out)
    assert status == 1
    (run_,) = log["runs"]
    assert (log["version"], run_["tool"]["driver"]["name"]) == ("2.1.0", "policyc")
    first = run_["results"][0]
    assert (
        run_["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "label-repeats-code"
    )
    assert first["level"] in ("none", "note", "warning", "error")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == codes.as_uri()
    assert place["region"] == {"startLine": 4, "startColumn": 12, "endLine": 4, "endColumn": 19}


def test_sarif_tells_the_page_of_a_rule_and_how_to_fix_what_it_found(codes):
    (run_,) = json.loads(lint(codes, "--format", "sarif")[1])["runs"]
    (rule,) = run_["tool"]["driver"]["rules"]
    page = Path("docs/errors/label-repeats-code.md").read_text(encoding="utf-8").strip()
    assert rule["help"] == {"text": page, "markdown": page}
    lines = CODES.splitlines()
    for result in reversed(run_["results"]):
        (fix,) = result["fixes"]
        assert fix["description"]["text"] == "leave the code out of the label"
        (change,) = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == codes.as_uri()
        (edit,) = change["replacements"]
        region = edit["deletedRegion"]
        first, last = region["startLine"] - 1, region["endLine"] - 1
        before, behind = lines[first][: region["startColumn"] - 1], lines[last][region["endColumn"] - 1 :]
        lines[first : last + 1] = (before + edit["insertedContent"]["text"] + behind).splitlines()
    assert "\n".join(lines) + "\n" == FIXED


def test_sarif_writes_a_name_with_blanks_as_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("my codes/codes/hcpcs.pol")
    path.parent.mkdir(parents=True)
    path.write_text(CODES)
    (run_,) = json.loads(lint(path, "--format", "sarif")[1])["runs"]
    place = run_["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20codes/codes/hcpcs.pol"


def test_sarif_names_files_as_from_the_working_folder():
    log = json.loads(lint(Path("policies"), "--format", "sarif")[1])
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]
    }
    assert uris == {"policies/codes/hcpcs.pol"}
