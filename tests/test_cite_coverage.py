"""Coverage of a source document: every part is accounted for, by a citation or a judgement, or is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exchanging import replaced
from test_cite import DOCUMENT, POLICY, check, cite, written
from typer.testing import CliRunner

from policyc.cli import app


@pytest.fixture
def light(tmp_path: Path) -> Path:
    return written(tmp_path)


SCOPE = """edition 2024-10-01
    subject to benefits cites "POLICY paragraph 1"
    out of scope "DESCRIPTION" because "it decides nothing"
    out of scope "POLICY B", "REVISIONS 10-01-2024" because "of no concern"
"""


def account(folder: Path, *more: str):
    result = CliRunner().invoke(
        app, ["cite", str(folder / "light.pol"), "--coverage", "--format", "json", *more]
    )
    return result.exit_code, json.loads(result.stdout)


def standings(told):
    return {part["place"]: part["standing"] for part in told["parts"]}


def test_coverage_accounts_for_every_part(light: Path):
    (light / "light.pol").write_text(replaced(POLICY, "edition 2024-10-01\n", SCOPE))
    cite(light, "--write")
    status, told = account(light)
    assert (status, told["complete"]) == (1, False)
    assert standings(told) == {
        "DESCRIPTION": "out_of_scope",
        "POLICY A": "rests",
        "POLICY B": "out_of_scope",
        "POLICY paragraph 1": "rests",
        "CODING": "unaccounted",
        "REVISIONS 01-8-2022": "rests",
        "REVISIONS 10-01-2024": "out_of_scope",
    }
    assert account(light, "--source", str(light / "light.txt"))[0] == 1
    text = replaced(
        replaced(replaced(POLICY, "edition 2024-10-01\n", SCOPE), "of no", "no"),
        '"POLICY B"',
        '"POLICY B", "CODING"',
    )
    (light / "light.pol").write_text(text)
    assert account(light)[0] == 0
    (light / "light.txt").write_text(replaced(DOCUMENT, "Other uses", "Few uses"))
    status, told = account(light, "--source", str(light / "light.txt"))
    assert status == 1
    assert [part["place"] for part in told["parts"] if part.get("stale")] == ["POLICY B"]


def test_a_heading_accounts_for_nothing_under_it(light: Path):
    (light / "light.pol").write_text(replaced(POLICY, '"POLICY A"', '"POLICY"'))
    status, told = account(light, "--source", str(light / "light.txt"))
    by_place = {part["place"]: part for part in told["parts"]}
    assert status == 1 and by_place["POLICY B"]["standing"] == "unaccounted"
    assert by_place["POLICY A"]["standing"] == "unaccounted"
    assert by_place["POLICY B"]["cited_around"][0]["place"] == "POLICY"


def test_what_a_revision_removed_accounts_for_nothing(light: Path):
    removed = '\nrevision 2024-10-01 "Removed" { remove section A }\n'
    (light / "light.pol").write_text(POLICY + removed)
    told = account(light, "--source", str(light / "light.txt"))[1]
    assert standings(told)["POLICY A"] == "unaccounted"
    assert standings(told)["REVISIONS 01-8-2022"] == "rests"


def test_codes_account_for_their_rows(light: Path):
    (light / "light.txt").write_text(replaced(DOCUMENT, "E0203 a box", "E0203 Box\nE0204 Lamp\nE0205 Bulb"))
    codes = '    codes cites "CODING" { E0203 E0204 }\n}\nrevision 2024-10-01 "b" { remove code E0204 }\n'
    text = POLICY.rstrip().removesuffix("}") + codes + 'codes hcpcs { E0203 "box" E0204 "lamp" }\n'
    (light / "light.pol").write_text(text)
    told = standings(account(light, "--source", str(light / "light.txt"))[1])
    rows = [told[f"CODING {code}"] for code in ("E0203", "E0204", "E0205")]
    assert rows == ["rests", "unaccounted", "unaccounted"]


def test_judgements_and_evidence_account(light: Path):
    more = """
judgement claim.winter "is it winter?" cites "POLICY B"
facts { line.lamp { led, uvb } }
evidence line.lamp from other lines of the day cites "DESCRIPTION"
"""
    (light / "light.pol").write_text(POLICY + more)
    told = account(light, "--source", str(light / "light.txt"))[1]
    by_place = {part["place"]: part for part in told["parts"]}
    assert by_place["POLICY B"]["standing"] == "judgement"
    assert by_place["DESCRIPTION"]["rests"][0]["kind"] == "evidence"


def test_places_out_of_scope_are_checked(light: Path):
    cite(light, "--write")
    codes = {}
    for said in (
        '"POLICI"',
        '"POLICY"',
        'all of "POLICY"',
        '"DESCRIPTION", all of "DESCRIPTION"',
        'all of "CODING"',
    ):
        line = f'edition 2024-10-01 out of scope {said} because "why"\n'
        (light / "light.pol").write_text(replaced(POLICY, "edition 2024-10-01\n", line))
        codes[said] = [
            found["code"] for found in json.loads(check(light).stdout) if found["severity"] == "error"
        ]
    assert list(codes.values()) == [
        ["unknown-citation"],
        ["several-parts", "accounted-twice"],
        ["accounted-twice"],
        ["accounted-twice"],
        [],
    ]


def test_the_iv_policy_accounts_for_its_whole_document():
    arguments = ["cite", "policies/bcbsks/iv_anesthetics.pol", "--coverage", "--format", "json"]
    result = CliRunner().invoke(app, arguments)
    told = json.loads(result.stdout)
    assert (result.exit_code, told["complete"], len(told["parts"])) == (0, True, 371)
    rests = {part["place"] for part in told["parts"] if part["standing"] == "rests"}
    assert {"POLICY A", "POLICY B", "CODING 96365", "REVISIONS 12-23-2024"} < rests
