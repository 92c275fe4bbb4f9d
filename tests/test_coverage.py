"""`policyc test --coverage`: what golden files exercise, beside the text of the policy."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from exchanging import replaced
from typer.testing import CliRunner

from policyc.cli import app

ROOT = Path(__file__).parents[1]
POLICY = """package payer.small
policy "Small" { payer "P <b>" source "small" governed by line.service_date }
record night { hours number 0.. in h  day date }
facts {
    line.drug { ketamine, lidocaine, zinc, iron, lead, gold }
    claim.started_on date
    claim.age integer 0..
    claim.score number 0..
    claim.nights list of night
}
codes cpt { 96365 96366 }
old if { claim.age >= 18 }
revision 2024-01-01 "Posted" {
    section A "One" {
        medically_necessary if {
            grown: old
            dose: claim.score > 2.5
            used: some night in claim.nights { long: night.hours >= 4 h }
            early: line.service_date within 3 months after claim.started_on
        } except if { drug: line.drug == ketamine }
        limit 3 units per day then not_covered
    }
    section B "Two" { not_covered if { other: line.drug == lidocaine } }
    section C "Three" {
        table line.drug {
            zinc then medically_necessary
            iron then medically_necessary
            { ketamine, lidocaine, lead, gold } then medically_necessary
        }
    }
    B overrides A
    B overrides C
    codes { 96365 96366 }
}
revision 2024-03-01 posted 2024-05-01 "Corrected" {
    replace B.other with { line.drug == lead }
}
"""


@pytest.fixture
def covered(tmp_path, monkeypatch):
    """Runs goldens of the policy with some lines and facts, and gives what is printed of each line."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "payer" / "small.pol"
    path.parent.mkdir()

    def run(*claims, options=("--coverage",), policy=POLICY):
        path.write_text(policy)
        for number, (known_on, facts, line) in enumerate(claims):
            stated = {"line": 1, "procedure": "96365", "service_date": "2024-02-01", **line}
            case = {"about": "", "claim": {"claim_id": "C", "lines": [stated], **facts}, "decision": {}}
            file = path.with_suffix(".golden") / "x" / f"{number}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(case | ({"known_on": known_on} if known_on else {})))
        return CliRunner().invoke(app, ["test", str(path), *options]).stdout

    return run


def seen(told, text):
    """The counts of a line of the policy, its mark, and what was not seen of it."""
    lines = told.splitlines()
    at = next(at for at, line in enumerate(lines) if "|" in line and text in line.partition("| ")[2])
    *counts, mark = re.fullmatch(r"([ \d]{6})([ \d]{6})([ \d]{6}) (.) \| .*", lines[at]).groups()
    after = lines[at + 1 :]
    notes = []
    while after and re.match(r" +\| +\^ ", after[0]):
        notes.append(after.pop(0).partition("^ ")[2])
    return [int(count) for count in counts if count.strip()], mark, notes


def test_criteria_are_seen_true_false_and_open(covered):
    told = covered((None, {"age": 18}, {}), (None, {"age": 17}, {}), (None, {}, {"drug": "ketamine"}))
    assert seen(told, "grown: old") == ([1, 1, 1], " ", [])
    assert seen(told, "old if {") == ([1, 1, 1], " ", [])
    assert seen(told, "dose:") == (
        [0, 0, 3],
        "!",
        [
            "`dose` is never true",
            "`dose` is never false",
            "`claim.score` has no value around 2.5",
        ],
    )
    # Of the exception, what is in it and the whole of it.
    assert seen(told, "drug:")[0] == [1, 0, 2]
    assert seen(told, "replace B.other") == ([0, 0, 0], "!", ["`other` is never asked"])
    assert "criteria            12: 4 held, 5 did not hold, 11 were open" in told
    assert "exceptions          1: 1 held, 0 did not hold, 1 were open" in told


def test_ends_are_met_where_values_lie_on_both_sides_of_them(covered):
    nights = [{"hours": 4, "day": "2024-01-01"}, {"hours": 3.5}]
    near = {"age": 17, "score": 2.5, "nights": nights, "started_on": "2023-11-01"}
    far = {"age": 20, "score": 2.6, "nights": [], "started_on": "2023-10-31"}
    told = covered((None, near, {}), (None, far, {}))
    assert seen(told, "dose:")[1:] == ("?", ["`dose` is never open"])
    assert "`claim.age` around 18, which is above: nearest 17 below and 20 above" in told
    assert seen(told, "used:") == ([1, 1, 0], "?", ["`used` is never open", "`long` is never open"])
    # The window has its other end met by neither claim.
    assert seen(told, "early:")[2] == [
        "`line.service_date` around `claim.started_on`, which is above: "
        "nearest nothing below and +92 days above",
        "`early` is never open",
    ]


def test_lines_meet_revisions_codes_orders_and_limits(covered):
    told = covered(
        (None, {}, {"drug": "lidocaine", "units": 3}),
        ("2024-04-30", {}, {"drug": "zinc", "service_date": "2024-03-01", "procedure": "99213"}),
        ("2024-04-30", {}, {"drug": "zinc", "service_date": "2024-02-29"}),
        ("2024-05-01", {}, {"drug": "zinc", "service_date": "2024-03-01"}),
    )
    assert seen(told, "revision 2024-01-01")[0] == [2]
    assert seen(told, "revision 2024-03-01") == ([1], " ", [])
    assert seen(told, "B overrides A") == ([0], "!", ["`B overrides A` never both hold"])
    assert seen(told, "codes { 96365 96366 }") == ([3], "!", ["`96366` is never billed"])
    assert seen(told, "zinc then")[0] == [2, 1, 0]
    assert "`C: medically_necessary` is never true" in seen(told, "iron then")[2]
    assert seen(told, "limit 3 units")[2] == [
        "`3 units per day` is never exceeded",
        "`3 units per day` is never kept",
    ]


def test_a_limit_is_kept_and_exceeded(covered):
    good = {
        "age": 30,
        "score": 3,
        "nights": [{"hours": 5}],
        "started_on": "2024-01-20",
        "history": [],
    }
    told = covered((None, good, {"units": 3, "drug": "gold"}), (None, good, {"units": 4, "drug": "gold"}))
    assert seen(told, "limit 3 units")[0] == [1, 1, 0]
    assert "limits              1: 1 were exceeded, 1 kept" in told


def test_the_page_says_the_same(covered, tmp_path):
    page = tmp_path / "coverage.html"
    told = covered((None, {"age": 18}, {}), options=("--html", str(page)))
    assert "| " not in told
    html = page.read_text()
    assert "P &lt;b&gt;" in html and "<b>" not in html
    (row,) = re.findall(r'<tr class="(\w+)"><td>\d+</td>(.*?)<td class="text"><code> +grown', html)
    assert row == ("gap", "<td>1</td><td>0</td><td>0</td>")
    opened = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.extend([tag] if tag != "meta" else [])

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balanced().feed(html)
    assert opened == []


@pytest.mark.parametrize("path", sorted((ROOT / "policies").rglob("*.golden")), ids=lambda path: path.stem)
def test_all_of_the_shipped_policies_is_exercised(path, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    told = CliRunner().invoke(app, ["test", str(path.with_suffix(".pol")), "--coverage"]).stdout
    assert "criteria  " in told and "boundaries  " in told
    assert [line for line in told.splitlines() if re.search(r" [!?] \| |\|  +\^ ", line)] == []


def test_what_only_asks_for_what_is_always_known_need_not_be_open(covered):
    listed = replaced(POLICY, "early: line", "listed: line.procedure == 96365\nearly: line")
    told = covered((None, {"age": 18}, {}), policy=listed)
    assert seen(told, "listed:") == ([1, 0, 0], "!", ["`listed` is never false"])
    assert "`early` is never true" in seen(told, "early:")[2]
