"""Source documents, their index, and citations held against them."""

from __future__ import annotations

import builtins
import json
from datetime import date
from pathlib import Path

import pytest
from exchanging import replaced
from typer.testing import CliRunner

from compiler.source.documents import left_out, lines_of, parts
from compiler.source.source_index import SourceIndex, places_of
from compiler.source.wording import normal
from policyc.cli import app
from policyc.reading.html_lines import html_lines
from policyc.reading.sources import SourceError, read_document

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


def written(folder: Path) -> Path:
    (folder / "light.pol").write_text(POLICY)
    (folder / "light.txt").write_text(DOCUMENT)
    return folder


@pytest.fixture
def light(tmp_path: Path) -> Path:
    return written(tmp_path)


def cite(folder: Path, *more: str):
    return CliRunner().invoke(
        app, ["cite", str(folder / "light.pol"), "--source", str(folder / "light.txt"), *more]
    )


def check(folder: Path):
    return CliRunner().invoke(app, ["check", str(folder / "light.pol"), "--format", "json"])


def read(text):
    return {part.place: part for part in parts(lines_of(text))}


def leaves(text):
    return [part.place for part in parts(lines_of(text)) if part.leaf]


def test_parts_are_named_by_headings_marks_codes_and_dates():
    assert leaves(DOCUMENT) == [
        *("DESCRIPTION", "POLICY A", "POLICY B", "POLICY paragraph 1", "CODING", "REVISIONS 01-8-2022"),
        "REVISIONS 10-01-2024",
    ]
    found = read(DOCUMENT)
    assert found["POLICY A"].line == 7
    assert "Other uses" in found["POLICY"].text and "Other uses" not in found["POLICY A"].text
    assert "ask the plan" not in found["POLICY B"].text
    assert left_out(lines_of(DOCUMENT)) == ["Sleep Policy Page 1 of 3", "Sleep Policy Page 2 of 3"]


NESTED = """\
Before all.

COVERAGE
Covered if:
A. an adult
   1. of 18 years
   2. or more

      also this
B. a child
   1. of 4 years
      * weaned

Ask first.

A. another list.
Table 1. Lamps
led 3

uvb 1. 4

A lamp that is not in this table is not covered at all by us.

X0101 Lamp of
the hand
X0102 Lamp of the foot
"""


def test_parts_inside_parts():
    assert leaves(NESTED) == [
        *("(beginning)", "COVERAGE paragraph 1", "COVERAGE A paragraph 1", "COVERAGE A 1", "COVERAGE A 2"),
        *("COVERAGE B paragraph 1", "COVERAGE B 1 paragraph 1", "COVERAGE B 1 bullet 1"),
        *(
            "COVERAGE paragraph 2",
            "COVERAGE A (2)",
            "COVERAGE Table 1",
            "COVERAGE paragraph 3",
            "COVERAGE X0101",
            "COVERAGE X0102",
        ),
    ]
    found = read(NESTED)
    assert "also this" in found["COVERAGE A 2"].text
    assert (
        "uvb 1. 4" in found["COVERAGE Table 1"].text and "not in this" not in found["COVERAGE Table 1"].text
    )
    assert found["COVERAGE A 1"].within == ("COVERAGE", "COVERAGE A")


def test_every_word_is_in_one_leaf():
    for text in (DOCUMENT, NESTED):
        lines = lines_of(text)
        furniture = left_out(lines)
        found = parts(lines)
        headings = {part.place for part in found}
        kept = [line.bare for line in lines if line.bare not in furniture and line.bare not in headings]
        said = [word for part in found if part.leaf for word in part.text.split()]
        assert sorted(said) == sorted(" ".join(kept).split())


def test_layout_is_no_part_of_the_wording():
    told = replaced(DOCUMENT, " depression of a certi-\nfied kind.", "  depression\n\nof a certified   kind.")
    before, after = (places_of(parts(lines_of(text))) for text in (DOCUMENT, told))
    assert before == after
    assert normal("ef\ufb01cacy\n of") == "efficacy of"
    changed = places_of(parts(lines_of(replaced(DOCUMENT, "winter", "summer"))))
    assert {place for place in before if before[place] != changed[place]} == {"POLICY", "POLICY A"}


def test_an_index_has_places_and_digests_and_no_words(light: Path):
    assert cite(light, "--write").exit_code == 0
    text = (light / "light.source.json").read_text()
    tree = json.loads(text)["editions"]["2024-10-01"]
    assert list(tree["POLICY"]) == ["A", "B", "paragraph 1"]
    assert all(len(digest) == 16 for digest in tree["POLICY"]["A"].split())
    assert "winter" not in text
    index = SourceIndex.from_json(text)
    assert index.as_json() == text
    assert index.places(None) == places_of(parts(lines_of(DOCUMENT)))


def test_pages_are_parts_and_their_headers_are_none(tmp_path: Path):
    text = "\f".join(f"A plan\n\nRule {n}{n} alone.\n\n{n}" for n in (1, 2, 3))
    text = replaced(text, "A plan", "A plan\n\nPOLICY", 1)
    found = read(text)
    assert found["page 2"].text == "Rule 22 alone."
    assert found["POLICY paragraph 3"].page == 3
    index = SourceIndex("x", {date(2024, 1, 1): places_of(found.values())})
    assert SourceIndex.from_json(index.as_json()) == index


def test_a_citation_of_no_part_is_an_error(light: Path):
    cite(light, "--write")
    assert check(light).exit_code == 0
    (light / "light.pol").write_text(replaced(POLICY, '"POLICY A"', '"POLICY AA"'))
    result = check(light)
    (found,) = json.loads(result.stdout)
    assert (result.exit_code, found["code"]) == (1, "unknown-citation")
    assert found["hints"] == ["did you mean `POLICY A`?"]


def test_a_citation_of_an_edition_that_is_not_indexed_is_an_error(light: Path):
    cite(light, "--write")
    (light / "light.pol").write_text(replaced(POLICY, '"POLICY A"', '"POLICY A" edition 2020-01-01'))
    assert [found["code"] for found in json.loads(check(light).stdout)] == ["unknown-edition"]


def test_stale_and_missing_passages_are_told(light: Path):
    cite(light, "--write")
    shown = cite(light)
    assert shown.exit_code == 0 and "winter" in shown.stdout
    (light / "light.txt").write_text(
        replaced(replaced(DOCUMENT, "winter", "summer"), "01-8-2022", "01-9-2022")
    )
    result = cite(light)
    assert result.exit_code == 1
    assert "POLICY A: stale" in result.stdout and "REVISIONS 01-8-2022: not found" in result.stdout


def test_the_sentences_and_the_words_that_changed_are_told(light: Path):
    cite(light, "--write")
    (light / "old.txt").write_text(DOCUMENT)
    new = replaced(replaced(DOCUMENT, "Some words.", "Some words. Even more."), "winter", "summer")
    (light / "light.txt").write_text(new)
    told = cite(light, "--against", str(light / "old.txt")).stdout
    assert "no longer there: 1 sentence of" in told and "[-winter-] {+summer+} depression" in told
    (one,) = [one for one in json.loads(cite(light, "--format", "json").stdout) if one["state"] == "stale"]
    assert one["place"] == "POLICY A" and one["gone"] == 1
    assert one["changed"] == ["A light box is covered for summer depression of a certi-fied kind."]


def test_words_that_moved_are_found(light: Path):
    cite(light, "--write")
    moved = replaced(replaced(DOCUMENT, "A. A light", "A. None.\nB. A light"), "B. Other", "C. Other")
    (light / "light.txt").write_text(moved)
    result = cite(light)
    assert result.exit_code == 1 and "POLICY A: stale" in result.stdout


# ---- other files -----------------------------------------------------------------------------------------

HTML = """<!doctype html><html><head><title>no part</title></head><body>
<h2>Policy</h2><ol type="A"><li>A light box is <b>covered</b> for winter depression of a certified&nbsp;kind.
<ul><li>in winter</ul><li><p>Other uses are not.</p></ol><p>Please ask the plan.</p><script>no();</script>
<table><caption>Table 1. Boxes</caption><tr><td>white<td>E0203</tr></table></body></html>"""


def test_html_has_headings_lists_and_tables():
    found = {part.place: part for part in parts(html_lines(HTML))}
    assert [place for place, part in found.items() if part.leaf] == [
        *("POLICY A paragraph 1", "POLICY A bullet 1", "POLICY B", "POLICY paragraph 1", "POLICY Table 1")
    ]
    assert found["POLICY A paragraph 1"].sentences == [
        "A.",
        "A light box is covered for winter depression of a certified kind.",
    ]
    assert "white E0203" in found["POLICY Table 1"].text


def pdf(pages):
    """A PDF by hand: a list of lines a page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        shown = "".join(
            f"1 0 0 1 72 {760 - 14 * at} Tm ({line}) Tj " for at, line in enumerate(lines) if line
        )
        stream = f"BT /F 11 Tf {shown}ET" if shown else ""
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        resources = "/Resources<</Font<</F 3 0 R>>>>/MediaBox[0 0 612 792]"
        objects.append(f"<</Type/Page/Parent 2 0 R{resources}/Contents {len(objects)} 0 R>>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    made, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{text}\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{rows}"
    return (
        made + end + f"trailer<</Size {len(places) + 1}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF"
    ).encode()


PAGES = [
    ["Sleep Policy", "POLICY", "", "A. A light box is covered for winter", " depression of a certi-"],
    ["Sleep Policy", "fied kind.", "", "B. Other uses are not.", "", "Please ask the plan."],
    ["Sleep Policy", "REVISIONS", "01-8-2022 Posted."],
    [],
]


def test_a_pdf_has_the_same_words(light: Path):
    pytest.importorskip("pypdf")
    (light / "light.pdf").write_bytes(pdf(PAGES))
    document = read_document(light / "light.pdf")
    found = {part.place: part for part in parts(document.lines, document.textless)}
    assert found["POLICY A"].sentences == read(DOCUMENT)["POLICY A"].sentences
    assert (found["POLICY B"].page, found["POLICY paragraph 1"].page) == (2, 2)
    assert found["page 4"].leaf and document.textless == (4,)
    assert left_out(document.lines) == ["Sleep Policy"]
    cite(light, "--write")
    arguments = ["cite", str(light / "light.pol"), "--source", str(light / "light.pdf")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0 and "POLICY A: shown   (page 1" in result.stdout
    assert "no text is found on page 4" in result.stderr


def test_files_that_cannot_be_read_are_told(light: Path, monkeypatch):
    for name, raw, said in (
        ("a.pdf", b"%PDF-1.4\nnothing", "it is a broken PDF"),
        ("a.txt", b"\xff", "it is no text in UTF-8"),
        ("a.html", b"<html><meta charset='nope'>", "it is no text in NOPE"),
    ):
        (light / name).write_bytes(raw)
        with pytest.raises(SourceError, match=said):
            read_document(light / name)
    imported = builtins.__import__

    def without(name, *rest):
        if name.startswith("pypdf"):
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    result = CliRunner().invoke(app, ["cite", str(light / "light.pol"), "--source", str(light / "a.pdf")])
    assert result.exit_code == 2 and "pip install 'policyc[pdf]'" in result.stderr


# ---- passages in explanations ----------------------------------------------------------------------------


def test_explanations_show_their_passages(light: Path):
    cite(light, "--write")
    codes = '    codes { E0203 }\n}\ncodes hcpcs { E0203 "box" }\n'
    (light / "light.pol").write_text(POLICY.rstrip().removesuffix("}") + codes)
    line = {"line": 1, "procedure": "E0203", "service_date": "2024-12-01"}
    (light / "c.json").write_text(json.dumps({"claim_id": "C", "diagnoses": ["F33.2"], "lines": [line]}))
    arguments = [
        "eval",
        str(light / "light.pol"),
        str(light / "c.json"),
        "--source",
        str(light / "light.txt"),
    ]
    told = json.loads(CliRunner().invoke(app, [*arguments, "--explain"]).stdout)
    assert told["passages"] == {
        "POLICY A": "A. A light box is covered for winter depression of a certi-fied kind."
    }
    shown = CliRunner().invoke(app, [*arguments, "--explain", "--format", "table"]).stdout
    assert 'POLICY A: "A. A light box is covered' in shown
    (light / "light.txt").write_text(replaced(DOCUMENT, "winter", "summer"))
    told = json.loads(CliRunner().invoke(app, [*arguments, "--explain"]).stdout)
    assert (told["passages"], told["stale_passages"]) == ({}, ["POLICY A"])
    assert "summer" not in CliRunner().invoke(app, [*arguments, "--explain", "--format", "table"]).stdout
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_a_broken_index_is_told(light: Path):
    (light / "light.source.json").write_text("{")
    assert [found["code"] for found in json.loads(check(light).stdout)] == ["unreadable-file"]
