"""Source documents, their index, and citations held against them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compiler.documents import SourceIndex, normal, parts
from policyc.cli import app

DOCUMENT = """\
Sleep Policy Page 1 of 3
 DESCRIPTION
Some words.

POLICY

A. A light box is covered for winter
 depression of a certi-
fied kind.
Sleep Policy Page 2 of 3
B. Other uses are not.

Please ask the plan.
CODING
E0203 a box
REVISIONS
01-8-2022 Posted.
10-01-2024 A code was
added.
"""

POLICY = """\
package light

policy "Light boxes" {
    payer "A plan"
    source "light" edition 2024-10-01
}

revision 2022-01-08 "Posted" cites "REVISIONS 01-8-2022" {
    section A "Winter depression" cites "POLICY A" {
        medically_necessary if { winter: some d in claim.diagnoses { d in { F33.2 } } }
    }
}
"""


@pytest.fixture
def light(tmp_path: Path) -> Path:
    (tmp_path / "light.pol").write_text(POLICY)
    (tmp_path / "light.txt").write_text(DOCUMENT)
    return tmp_path


def cite(folder: Path, *more: str):
    return CliRunner().invoke(
        app, ["cite", str(folder / "light.pol"), "--source", str(folder / "light.txt"), *more]
    )


def check(folder: Path):
    return CliRunner().invoke(app, ["check", str(folder / "light.pol"), "--format", "json"])


def test_parts_are_named_by_headings_marks_and_dates():
    found = {part.place: part for part in parts(DOCUMENT)}
    assert list(found) == [
        *("DESCRIPTION", "POLICY", "POLICY A", "POLICY B", "CODING", "REVISIONS"),
        *("REVISIONS 01-8-2022", "REVISIONS 10-01-2024"),
    ]
    assert found["POLICY A"].line == 7
    assert "Other uses" in found["POLICY"].text and "Other uses" not in found["POLICY A"].text


def test_layout_is_no_part_of_the_wording():
    told = DOCUMENT.replace(" depression of a certi-\nfied kind.", "  depression\n\nof a certi-fied   kind.")
    before, after = ({part.place: part.digest for part in parts(text)} for text in (DOCUMENT, told))
    assert before == after
    assert normal("ef\ufb01cacy\n of") == "efficacy of"
    changed = {part.place: part.digest for part in parts(DOCUMENT.replace("winter", "summer"))}
    assert {place for place in before if before[place] != changed[place]} == {"POLICY", "POLICY A"}


def test_an_index_has_places_and_digests_and_no_words(light: Path):
    assert cite(light, "--write").exit_code == 0
    text = (light / "light.source.json").read_text()
    places = json.loads(text)["editions"]["2024-10-01"]
    assert list(places) == [part.place for part in parts(DOCUMENT)]
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in places.values())
    assert "winter" not in text
    assert SourceIndex.from_json(text).as_json() == text


def test_a_citation_of_no_part_is_an_error(light: Path):
    cite(light, "--write")
    assert check(light).exit_code == 0
    (light / "light.pol").write_text(POLICY.replace('"POLICY A"', '"POLICY AA"'))
    result = check(light)
    (found,) = json.loads(result.stdout)
    assert (result.exit_code, found["code"]) == (1, "unknown-citation")
    assert found["hints"] == ["did you mean `POLICY A`?"]


def test_a_citation_of_an_edition_that_is_not_indexed_is_an_error(light: Path):
    cite(light, "--write")
    (light / "light.pol").write_text(POLICY.replace('"POLICY A"', '"POLICY A" edition 2020-01-01'))
    assert [found["code"] for found in json.loads(check(light).stdout)] == ["unknown-edition"]


def test_stale_and_missing_passages_are_told(light: Path):
    cite(light, "--write")
    shown = cite(light)
    assert shown.exit_code == 0 and "winter" in shown.stdout
    (light / "light.txt").write_text(DOCUMENT.replace("winter", "summer").replace("01-8-2022", "01-9-2022"))
    result = cite(light)
    assert result.exit_code == 1
    assert "POLICY A: stale" in result.stdout and "REVISIONS 01-8-2022: not found" in result.stdout


def test_a_broken_index_is_told(light: Path):
    (light / "light.source.json").write_text("{")
    assert [found["code"] for found in json.loads(check(light).stdout)] == ["unreadable-file"]
