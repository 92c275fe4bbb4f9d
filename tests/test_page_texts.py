"""What a policy says stands on its pages, all of it, and as text."""

import json

from attrs import fields, has
from html_pages import POLICIES, Page, marks, render, well_linked
from markupsafe import escape
from test_docs import FACTS, FILES, POLICY, write

from compiler.model import Assumption, Citation
from policyc import load
from policyc.pages.readings import pages


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
