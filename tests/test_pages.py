"""`policyc render`: the text of each day as pages, what changed marked, every link leading somewhere."""

import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import pytest
from attrs import fields, has
from markupsafe import escape
from test_docs import FACTS, FILES, POLICY, write
from typer.testing import CliRunner

from compiler.model import Assumption, Citation
from policyc import load
from policyc.cli import app
from policyc.pages.readings import pages

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"


def render(path, out, *options):
    result = CliRunner().invoke(app, ["render", str(path), "-o", str(out), *map(str, options)])
    assert result.exit_code == 0, result.output
    return out


VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """The links, anchors, tags and marked words of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.open = [], [], []
        self.marked = {"ins": [], "del": []}
        self.text = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.anchors += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if tag in self.marked:
            self.marked[tag].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        for tag, found in self.marked.items():
            if tag in self.open:
                found[-1] += data

    def said(self):
        return " ".join("".join(self.text).split())


def marks(path, tag):
    words = (" ".join(each.split()) for each in Page(path).marked[tag])
    return [re.sub(r"^(Added|Removed): | written by revision .*$", "", each) for each in words]


def test_every_link_leads_to_an_anchor_of_the_site(site):
    assert well_linked(site) > 40


def well_linked(site):
    """The number of pages, each of whose links leads somewhere."""
    pages = {path: Page(path) for path in site.rglob("*.html")}
    for path, page in pages.items():
        assert not any(" " in anchor for anchor in page.anchors), path
        assert len(page.anchors) == len(set(page.anchors)), path
        for link in page.links:
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address)).resolve() if address else path
            assert target.is_file(), (path, link)
            assert not anchor or anchor in pages[target].anchors, (path, link)
    return len(pages)


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


def held(value, kind):
    """All of a kind in bound text, wherever it stands."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, tuple):
        for part in value:
            yield from held(part, kind)
    elif has(type(value)):
        for each in fields(type(value)):
            yield from held(getattr(value, each.name), kind)


RESTING = """package x.resting

facts { line.drug { a, b } line.route { iv, po } }

policy "Resting" { payer "P" }

revision 2024-01-01 "Posted" cites "R" {
    section A "A" cites "A" assume of_section "why" {
        not_covered if { any of {
            named: line.drug == a cites "A 1" assume of_criterion "why"
            line.route == iv
        } cites "A 2" assume of_group "why" } cites "A 3" assume of_rule "why"
        medically_necessary otherwise if { line.drug == b } cites "A 4" assume of_the_rest "why"
        limit 3 units per 30 days then not_covered cites "A 5" assume of_limit "why"
    }
    assume of_all "why"
}
"""


WORTH = """package x.worth

facts { claim.n integer 0..99 }
variant east if { contract.jurisdiction == "NJ" }
variant west if { contract.jurisdiction == "CA" }
parameter most { east 3  west 5 }
least := 2
policy "Worth" { payer "P" }
revision 2024-01-01 "Posted" {
    section A "A" { medically_necessary if { claim.n <= most  claim.n >= least } not_covered otherwise }
}
revision 2024-04-01 "More" {
    replace parameter most { east 10  west 11 }
    replace least := 7
}
"""


def rendered(site, tmp_path):
    """Policies with the folders of their pages: the shipped ones, and those that show the language."""
    for path in sorted(POLICIES.rglob("*.pol")):
        if path.with_suffix(".golden").is_dir():
            yield path, site
    files = {**FILES, POLICY: FILES[POLICY] + FACTS, "x.resting": RESTING, "x.worth": WORTH}
    written = [path for path in write(tmp_path, files) if "\npolicy " in path.read_text()]
    out = render(tmp_path, tmp_path / "out")
    assert well_linked(out) > 30
    yield from ((path, out) for path in written)


def test_no_assumption_and_no_citation_of_the_text_is_left_out(site, tmp_path):
    count = 0
    for path, out in rendered(site, tmp_path):
        program = load(path).program
        folder = out / program.package
        told = (folder / "assumptions.html").read_text()
        for page in pages(program):
            text = program.consolidated.texts[page.reading.applied]
            shown = (folder / page.name).read_text()
            for each in held(text, Assumption) if text.retired is None else ():
                assert f"#assumption-{each.name}" in shown and f'id="assumption-{each.name}"' in told
                count += 1
            for each in held(text, Citation) if text.retired is None else ():
                assert escape(each.place) in shown
    assert count > 50


NASTY = '<script>alert(1)</script> & "x" {{ 12345679*9 }}'
HOSTILE = """package x.hostile

facts {{ line.drug {{ a, b }} }}

policy {said} {{ payer {said} source {said} }}

revision 2024-01-01 {said} cites {said} {{
    section A {said} cites {said} assume why {said} {{
        not_covered if {{ named: line.drug == a cites {said} assume because {said} }}
    }}
}}
revision 2025-01-01 {said} {{
    replace A.named with {{ line.drug == b }}
}}
"""


def test_what_a_policy_says_never_becomes_markup(tmp_path):
    policy = tmp_path / "x" / "hostile.pol"
    policy.parent.mkdir()
    quoted = '"' + NASTY.replace('"', '\\"') + '"'
    policy.write_text(HOSTILE.format(said=quoted))
    golden = policy.with_suffix(".golden") / "2024-01-01" / "g.json"
    golden.parent.mkdir(parents=True)
    claim = {"claim_id": NASTY, "lines": [{"line": 1, "procedure": "J3490", "service_date": "2024-02-01"}]}
    golden.write_text(json.dumps({"about": NASTY, "claim": claim, "decision": {"lines": [{}]}}))
    out = render(policy, tmp_path / "out")
    written = list(out.rglob("*.html"))
    assert len(written) > 6
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text and "111111111" not in text
    assert NASTY in Page(out / "x.hostile" / "2024-01-01.html").said()


REGISTER = """package x.reg

facts { line.drug { a, b } }

register approvals from "approvals.csv" {
    drug line.drug
}

policy "Register" { payer "P" }

revision 2024-01-01 "Posted" { section A "A" { medically_necessary if { approvals } } }
"""


def test_days_on_which_a_register_changes_have_pages(tmp_path):
    policy = tmp_path / "x" / "reg.pol"
    policy.parent.mkdir()
    policy.write_text(REGISTER)
    policy.with_name("approvals.csv").write_text("drug,from,until\na,2024-01-01,\nb,2024-06-01,2025-01-01\n")
    folder = render(policy, tmp_path / "out") / "x.reg"
    assert sorted(path.name for path in folder.glob("20*")) == [
        "2024-01-01.html",
        "2024-06-01.html",
        "2025-01-01.html",
    ]
    row = "line.drug is b (valid from 2024-06-01 through 2024-12-31, and so not on this day)"
    assert row in Page(folder / "2025-01-01.html").said()
    gone, new = (
        marks(folder / f"{day}.html", tag) for day, tag in (("2024-06-01", "del"), ("2025-01-01", "ins"))
    )
    assert gone == new == [", and so not on this day"]


PROMISED = """package x.promised

concept pain of icd10cm { G89x } except { G89.3 }
facts { line.drug { a, b } }
codes hcpcs { X1000 "x" }

policy "Promised" { payer "P" }

claim "not for cancer pain" from 2024-06-01 {
    never medically_necessary unless { some d in claim.diagnoses { d in pain } }
}

revision 2024-01-01 "Posted" {
    section A "A" { medically_necessary if { some d in claim.diagnoses { d in pain } } }
    codes { X1000 }
}
"""


def test_what_the_author_states_of_all_claims_is_shown(tmp_path):
    policy = tmp_path / "x" / "promised.pol"
    policy.parent.mkdir()
    policy.write_text(PROMISED)
    page = Page(render(policy, tmp_path / "out") / "x.promised" / "2024-01-01.html")
    days = "(valid from 2024-06-01 on, and so not on this day)"
    assert (
        f"not for cancer pain never medically necessary {days} unless some d in claim.diagnoses"
        in page.said()
    )
    assert "concept-x.promised.pain" in page.anchors
    assert "Except G89.3" in page.said()


def test_pages_of_a_policy_that_is_gone_are_taken_away_and_nothing_else(tmp_path):
    for name in ("one", "two"):
        policy = tmp_path / "x" / f"{name}.pol"
        policy.parent.mkdir(exist_ok=True)
        policy.write_text(PROMISED.replace("x.promised", f"x.{name}"))
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
    (tmp_path / "x" / "three.pol").write_text(PROMISED.replace("x.promised", "x.three"))
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


def svg(policy, tmp_path, *options):
    target = tmp_path / "history.svg"
    result = CliRunner().invoke(app, ["history", str(policy), "--svg", str(target), *options])
    assert result.exit_code == 0 and "wrote" in result.stderr
    return ElementTree.parse(target).getroot()


def test_the_picture_tells_in_words_what_it_draws(tmp_path):
    root = svg(POLICIES / "cms" / "ncd_210_14.pol", tmp_path)
    names = {f"{{http://www.w3.org/2000/svg}}{tag}" for tag in ("title", "desc")}
    ids = {each.get("id"): each.text for each in root if each.tag in names}
    assert [ids[each] for each in root.get("aria-labelledby").split()] == list(ids.values())
    told = ids["tl-desc"]
    assert "in force but not yet posted from 2022-02-10 through 2022-10-02" in told
    assert "posted on 2022-10-03" in told
    assert "G0297 low-dose CT to screen for lung cancer: " in told and "then 71271" in told
    assert "screening criteria: in force from 2015-02-05 on, changed on 2015-10-01" in told


def test_the_picture_knows_what_was_known(tmp_path):
    root = svg(POLICIES / "cms" / "ncd_210_14.pol", tmp_path, "--known-on", "2022-10-02")
    assert "2022-02-10" not in ElementTree.tostring(root, encoding="unicode")


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
