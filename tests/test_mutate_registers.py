"""Changes of registers, of assumptions and of the periods of limits, and the claims that tell them apart."""

import json

import pytest
from test_mutate import call, survivors, told

REGISTER = """device,stage,from,until
lamp,2,2022-01-01,2024-07-01
lamp,,2024-07-01,
chair,3,,
"""
POLICY = """package payer.small
codes hcpcs { X0101 "a"  X0102 "b" }
facts {
    line.bought open { lamp, chair }
    claim.stage integer 1..4
    claim.home boolean absent means true assume at_home "nobody says where"
}
evidence line.bought from other lines of the day assume same_day "the lines of a day are about one thing"
policy "Small" { payer "P" }
register approvals from "approvals.csv" {
    device line.bought
    stage claim.stage
}
revision 2022-01-01 "Posted" {
    section A "A" assume whole "the section is read as a whole" {
        medically_necessary if { listed: approvals  claim.home assume by_home "home is where one lives" }
        not_covered otherwise assume rest "what is not approved is not covered"
        limit 2 units per calendar year then not_covered
    }
    codes { X0101  X0102 needs (X0101 assume beside "the document names no code") }
}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The policy, its register, and no golden file."""
    path = tmp_path_factory.mktemp("small") / "payer" / "small.pol"
    path.parent.mkdir()
    path.write_text(POLICY)
    path.with_name("approvals.csv").write_text(REGISTER)
    return path


@pytest.fixture(scope="module")
def found(small):
    """What survives where nothing guards it."""
    return told(small)


def test_rows_dates_and_cells_of_a_register_are_changed(found):
    # From 2024-07-01 on the second row says more than the first, so that it is no matter when the first ends.
    rows = [each for each in found["survivors"] if each["file"].endswith("approvals.csv")]
    assert {(each["line"], each["change"]) for each in rows} == {
        (2, "`lamp,2,2022-01-01,2024-07-01` is left out"),
        (2, "`lamp` becomes `chair`"),
        (2, "`lamp` is left out"),
        (2, "`2` becomes `1`"),
        (2, "`2` becomes `3`"),
        (2, "`2` is left out"),
        (2, "`2022-01-01` becomes `2022-01-02`"),
        (2, "`2024-07-01` becomes `2024-06-30`"),
        (3, "`lamp,,2024-07-01,` is left out"),
        (3, "`lamp` becomes `chair`"),
        (3, "`lamp` is left out"),
        (3, "`2024-07-01` becomes `2024-06-30`"),
        (3, "`2024-07-01` becomes `2024-07-02`"),
        (3, "`2024-07-01` is left out"),
        (4, "`chair,3,,` is left out"),
        (4, "`chair` becomes `lamp`"),
        (4, "`chair` is left out"),
        (4, "`3` becomes `2`"),
        (4, "`3` becomes `4`"),
        (4, "`3` is left out"),
    }
    assert all(each["claim"] is not None for each in rows)
    (later,) = [e for e in rows if (e["line"], e["change"]) == (3, "`2024-07-01` becomes `2024-07-02`")]
    assert later["claim"]["lines"][0]["service_date"] == "2024-07-01"
    assert later["column"] == 7


def test_cells_in_quotes_are_changed_where_they_stand(tmp_path):
    path = tmp_path / "payer" / "small.pol"
    path.parent.mkdir()
    stage = "    stage claim.stage\n"
    path.write_text(POLICY.replace(stage, f"{stage}    place contract.jurisdiction\n"))
    path.with_name("approvals.csv").write_text('place,device,stage\n"Lamp, ""chair""",chair,"3"\n')
    rows = [each for each in told(path)["survivors"] if each["file"].endswith("approvals.csv")]
    assert {(each["column"], each["change"]) for each in rows} == {
        (1, '`"Lamp, ""chair"""` is left out'),
        (19, "`chair` is left out"),
        (19, "`chair` becomes `lamp`"),
        (25, '`"3"` is left out'),
        (25, '`"3"` becomes `2`'),
        (25, '`"3"` becomes `4`'),
    }
    (lamp,) = [each for each in rows if each["change"] == "`chair` becomes `lamp`"]
    assert lamp["claim"]["lines"][0]["bought"] in {"chair", "lamp"}
    assert lamp["claim"]["contract"]["jurisdiction"] == 'lamp, "chair"'


def test_an_assumption_that_is_left_out_is_told_by_a_claim_that_rests_on_it(found):
    claims = {each["change"]: each["claim"] for each in found["survivors"]}
    left_out = {change: claim for change, claim in claims.items() if change.startswith("`assume ")}
    names = {change.split()[1] for change in left_out}
    assert names == {"at_home", "same_day", "whole", "by_home", "rest", "beside"}
    assert None not in left_out.values()
    beside = next(claim for change, claim in left_out.items() if " beside " in change)
    assert {line["procedure"] for line in beside["lines"]} == {"X0101", "X0102"}


def test_the_period_of_a_limit_by_the_calendar_is_told_by_a_claim_that_is_in_none_at_its_beginning(found):
    claims = {each["change"]: each["claim"] for each in found["survivors"]}
    claim = claims["`year` becomes `month` in `calendar year`"]
    (line,), (before, *_) = claim["lines"], claim["history"]
    assert line["service_date"][:4] == before["service_date"][:4]
    assert line["service_date"][:7] != before["service_date"][:7]


def test_written_golden_files_notice_all_of_it(small):
    assert call("mutate", small, "--write").exit_code == 1
    after = told(small)
    assert survivors(after) == set()
    assert after["noticed"]["unreviewed"] == after["mutants"]
    reviewed = [json.loads(file.read_text()) for file in small.with_suffix(".golden").rglob("*.json")]
    assert len(reviewed) < after["mutants"] / 2


def test_the_first_and_the_last_day_of_the_calendar_have_one_day_beside_them(tmp_path):
    path = tmp_path / "payer" / "small.pol"
    path.parent.mkdir()
    path.write_text(POLICY.replace('"a"', '"a" from 0001-01-01', 1))
    path.with_name("approvals.csv").write_text("device,stage,from,until\nlamp,2,0001-01-01,9999-12-31\n")
    changes = {each["change"] for each in told(path)["survivors"]}
    assert "`9999-12-31` becomes `9999-12-30`" in changes
