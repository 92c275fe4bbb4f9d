"""`policyc render`: the text of each day as pages, what changed marked, every link leading somewhere."""

import json
import re
from hashlib import sha256

import pytest
from exchanging import replaced
from html_pages import POLICIES, ROOT, Page, marks, render, well_linked
from test_page_texts import PROMISED
from typer.testing import CliRunner

from policyc.cli import app


def test_every_link_leads_to_an_anchor_of_the_site(site):
    assert well_linked(site) > 40


def test_pages_need_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text and "<script" not in text


def test_a_page_for_each_day_on_which_the_text_changes(site):
    folder = site / "bcbsks.iv_anesthetics"
    days = {path.stem for path in folder.glob("20*.html") if "known" not in path.stem}
    # 2023-10-01: a diagnosis code of chronic pain begins; no revision says so.
    assert days == {"2022-01-08", "2022-12-29", "2023-10-01", "2024-01-05", "2024-10-01", "2024-12-23"}


def test_what_a_day_changed_is_marked_in_place(site):
    folder = site / "bcbsks.iv_anesthetics"
    swap = folder / "2024-10-01.html"
    assert marks(swap, "del") == ["J2001", "Lidocaine for intravenous infusion"]
    assert marks(swap, "ins") == ["J2002", "Lidocaine in 5% dextrose", "J2003", "Lidocaine"]
    assert "J2002 (1 unit becomes 10) or J2003 (1 unit becomes 10)" in Page(swap).said()
    names = folder / "2024-12-23.html"
    assert "treatment resistant depression" in marks(names, "ins")
    assert marks(folder / "2023-10-01.html", "ins") == ["G43.Ex"]
    assert marks(folder / "2022-01-08.html", "ins") == []


def test_the_words_of_a_criterion_that_changed_are_marked(site):
    page = site / "cms.ncd_210_14" / "2022-02-10.html"
    assert marks(page, "del")[:2] == ["55\N{EN DASH}77", "30"]
    assert marks(page, "ins")[:2] == ["50\N{EN DASH}77", "20"]


def test_what_was_known_earlier_has_pages_of_its_own(site):
    folder = site / "cms.ncd_210_14"
    earlier = Page(folder / "2021-01-01-known-2016-01-04.html").said()
    assert "For services from 1 January 2021 on, as known 2016-01-04 through 2020-12-31" in earlier
    # Whoever knew nothing of version 2 read version 1 on its first day.
    assert "2021-01-01.html" in Page(folder / "2022-02-10.html").links
    cells = Page(folder / "index.html").said()
    assert "2021-01-01 through 2022-10-02" in cells and "since 2022-10-03" in cells


def test_decisions_are_shown_with_their_trees(site):
    text = Page(site / "bcbsks.iv_anesthetics" / "decisions-2024-10-01.html").said()
    assert "Code not valid" in text or "code not valid" in text
    assert "holds: infusion" in text and "does not hold: " in text and "open: " in text


def test_assumptions_say_how_many_decisions_name_them(site):
    text = Page(site / "bcbsks.iv_anesthetics" / "assumptions.html").said()
    assert "Same day drug" in text and re.search(r"Named by \d+ golden decisions", text)
    assert "did the visit determine" in Page(site / "cms.ncd_210_14" / "assumptions.html").said().lower()


def test_the_source_is_shown_by_place_and_digest(site):
    index = json.loads((POLICIES / "bcbsks" / "iv_anesthetics.source.json").read_text())
    said = json.dumps(index["editions"]["2024-12-23"]["POLICY"])
    text = Page(site / "bcbsks.iv_anesthetics" / "source.html").said()
    shown = re.findall(r"\b[0-9a-f]{16}\b", text)
    assert "POLICY A" in text and set(shown) & set(re.findall(r"[0-9a-f]{16}", said))


def test_pages_of_a_policy_that_is_gone_are_taken_away_and_nothing_else(tmp_path):
    for name in ("one", "two"):
        policy = tmp_path / "x" / f"{name}.pol"
        policy.parent.mkdir(exist_ok=True)
        policy.write_text(replaced(PROMISED, "x.promised", f"x.{name}"))
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.html").write_text("mine")
    outside = tmp_path / "outside.html"
    outside.write_text("not of the folder")
    render(tmp_path / "x", out)
    whole = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    noted = out / ".policyc-pages"
    assert {line.partition("  ")[2] for line in noted.read_text().splitlines()} == whole - {
        "mine.html",
        ".policyc-pages",
    }
    digest = sha256(b"not of the folder").hexdigest()
    noted.write_text(noted.read_text() + f"{digest}  ../outside.html\n{digest}  {outside}\nno line\n")
    (out / "x.one" / "source.html").write_text("changed by hand")
    (tmp_path / "x" / "one.pol").unlink()
    render(tmp_path / "x", out)
    left = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert left == {name for name in whole if not name.startswith("x.one/")} | {"x.one/source.html"}
    (out / "x.one" / "source.html").unlink()
    (tmp_path / "x" / "two.pol").rename(tmp_path / "x" / "three.pol")
    (tmp_path / "x" / "three.pol").write_text(replaced(PROMISED, "x.promised", "x.three"))
    render(tmp_path / "x", out)
    assert not (out / "x.two").exists() and (out / "x.three" / "index.html").exists()
    assert outside.exists() and (out / "mine.html").exists()


RETIRED = """package x.short

facts {{ line.drug {{ a, b }} }}

policy "Short" {{ payer "P" }}

revision 2024-01-01 "Posted" {{ section A "A" {{ not_covered if {{ line.drug == a }} }} }}
revision 2025-01-01 "Gone" {{ retire "replaced by another" }}
"""


def test_a_retired_policy_says_so(tmp_path):
    policy = tmp_path / "x" / "short.pol"
    policy.parent.mkdir()
    policy.write_text(RETIRED.format())
    out = render(policy, tmp_path / "out")
    assert "The policy is retired: replaced by another." in Page(out / "x.short" / "2025-01-01.html").said()


def test_a_mutation_score_is_shown_where_it_is_given(tmp_path):
    policy = tmp_path / "x" / "short.pol"
    policy.parent.mkdir()
    policy.write_text(RETIRED.format())
    score = {
        "policy": "x.short",
        "mutants": 40,
        "noticed": {"reviewed": 37, "unreviewed": 1},
        "alike": 5,
        "refused": 6,
        "survivors": [{"file": "a.pol", "line": 1, "column": 2, "change": "a change", "claim": None}],
    }
    (tmp_path / "score.json").write_text(json.dumps(score))
    out = render(policy, tmp_path / "out", "--mutation", tmp_path / "score.json")
    text = Page(out / "x.short" / "coverage.html").said()
    assert "Of 40 changes of the policy in one place, golden files notice 38" in text
    assert "a.pol:1:2: a change" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.pol", "-o", "out"], "cannot read `nowhere.pol`"),
        ([str(POLICIES / "codes"), "-o", "out"], "no policy is found under"),
        ([str(POLICIES), "-o", "out", "--mutation", str(ROOT / "justfile")], "is not what `policyc mutate"),
    ],
)
def test_a_wrong_call_says_why(arguments, said):
    result = CliRunner().invoke(app, ["render", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
