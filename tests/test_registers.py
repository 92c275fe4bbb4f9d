"""Registers: dated CSV tables beside a policy."""

import pytest
from backends import three_ways
from exchanging import replaced

from compiler.binding.registers import lines
from dsl.source import Source
from policyc import PolicyError, load

POLICY = """package made
facts {
    line.drug open { ketamine, lidocaine }
    claim.stage { early, late }
    claim.approved_on date
    member.score number 0..10
}
codes hcpcs { J1000 "a" J1001 "b" }
register approvals from "approvals.csv" {
    product line.drug
    stage claim.stage
    billed_as line.procedure
}
policy "made" { payer "p" source "s" }
revision 2022-01-01 "r" {
    section A "a" { medically_necessary if { approved: approvals } not_covered otherwise }
    codes { J1000 J1001 }
}
"""
ROWS = """product,stage,billed_as,from,until
ketamine,early,J1000,2022-01-01,2023-01-01

ketamine,,J1000,2023-01-01,
lidocaine,late,,,
"""


def made(tmp_path, rows=ROWS, policy=POLICY):
    (tmp_path / "approvals.csv").write_text(rows)
    path = tmp_path / "made.pol"
    path.write_text(policy)
    return path


@pytest.mark.parametrize(
    ("day", "code", "drug", "stage", "wanted"),
    [
        ("2022-12-31", "J1000", "ketamine", "early", "medically_necessary"),
        ("2022-12-31", "J1000", "ketamine", "late", "not_covered"),
        ("2022-12-31", "J1001", "ketamine", "early", "not_covered"),
        ("2023-01-01", "J1000", "ketamine", "late", "medically_necessary"),
        ("2022-12-31", "J1001", "lidocaine", "late", "medically_necessary"),
        ("2022-12-31", "J1001", "other", "late", "not_covered"),
        ("2022-12-31", "J1000", "ketamine", None, [["claim.stage"]]),
        ("2023-01-01", "J1000", "ketamine", None, "medically_necessary"),
        ("2023-01-01", "J1001", None, "early", "not_covered"),
    ],
)
def test_a_row_in_force_decides(tmp_path, day, code, drug, stage, wanted):
    line = {"line": 1, "procedure": code, "service_date": day, "drug": drug}
    (found,) = three_ways(made(tmp_path)).agree({"claim_id": "C", "stage": stage, "lines": [line]})["lines"]
    assert (found["missing"] or found["determination"]) == wanted


def test_a_changed_register_is_another_policy(tmp_path):
    line = {"line": 1, "procedure": "J1001", "service_date": "2022-05-05", "drug": "lidocaine"}
    claim = {"claim_id": "C", "stage": "late", "lines": [line]}
    before = load(made(tmp_path)).decide(claim)
    after = load(made(tmp_path, replaced(ROWS, "lidocaine,late", "lidocaine,early"))).decide(claim)
    assert before["lines"][0]["determination"] == "medically_necessary"
    assert after["lines"][0]["determination"] == "not_covered"
    assert before["policy_digest"] != after["policy_digest"]


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("lidocaine,late,,,", "lidocaine,laet,,,", "unknown-name", "laet"),
        ("2023-01-01,\n", "2023-13-01,\n", "invalid-date", "2023-13-01"),
        (",J1000,2022", ",J10,2022", "invalid-code", "J10"),
        ("lidocaine,late,,,", "lidocaine,late", "type-mismatch", "2 cells"),
        ("product,stage", "product,state", "unknown-name", "state"),
        ("2022-01-01,2023-01-01", "2023-01-01,2022-01-01", "empty-range", "2022-01-01"),
        ("from,until", "from,stage", "duplicate-name", "stage"),
        ("lidocaine,late", 'lidocaine,"late', "type-mismatch", "quote"),
        ("lidocaine,late,", 'lidocaine,"late, or so', "type-mismatch", "quote"),
        ("lidocaine,late", 'lidocaine,"la"te', "type-mismatch", "quote"),
        ("lidocaine,late", 'lidocaine,"""la""te', "type-mismatch", "quote"),
        ("lidocaine,late", 'lidocaine,""late', "type-mismatch", "quote"),
    ],
)
def test_mistakes_in_a_register_are_told_with_their_line(tmp_path, old, new, code, where):
    assert old in ROWS
    with pytest.raises(PolicyError) as raised:
        load(made(tmp_path, replaced(ROWS, old, new)))
    found = [d for d in raised.value.diagnostics if d.code == code]
    assert found, raised.value.diagnostics
    assert where in found[0].message


QUOTED = """"name",kind
"Lamp, ""large""
 and wide",lamp\r
lamp, "chair"\t
,""
"""


def test_cells_in_quotes_have_their_own_places(tmp_path):
    source = Source("kinds.csv", QUOTED)
    rows = [[(cell.text, cell.span.text) for cell in cells] for _, cells in lines(source)]
    whole = '"Lamp, ""large""\n and wide"'
    assert rows[0] == [("name", '"name"'), ("kind", "kind")]
    assert rows[1] == [('Lamp, "large"\n and wide', whole), ("lamp", "lamp")]
    assert [span.text for span, _ in lines(source)] == ['"name",kind', f"{whole},lamp", 'lamp, "chair"\t']
    assert [cell.text for cell in list(lines(source))[2][1]] == ["lamp", "chair"]
    assert str(list(lines(source))[2][1][0].span) == "kinds.csv:4:1"


@pytest.mark.parametrize("name", ["missing.csv", "../approvals.csv", "approvals.txt"])
def test_a_register_stands_beside_its_file(tmp_path, name):
    with pytest.raises(PolicyError) as raised:
        load(made(tmp_path, policy=replaced(POLICY, "approvals.csv", name)))
    assert "unknown-name" in {d.code for d in raised.value.diagnostics}
