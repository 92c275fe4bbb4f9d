"""`policyc batch` as it is called: all kinds of files, rows in any order, unreadable ones, interruptions."""

import json
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bulk import expected, flat, in_two_tables, stated, write
from exchanging import replace_in
from test_backends import GOLDENS, policy_of
from typer.testing import CliRunner

from policyc import load
from policyc.bulk import gathering
from policyc.bulk import run as bulk
from policyc.cli import app
from policyc.reading.rows import RowsError

connect = duckdb.connect
ROOT = Path(__file__).parents[1]
IV = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
CLAIMS = [
    {**stated(golden["claim"]), "claim_id": f"C-{number}"}
    for number, (path, golden) in enumerate(GOLDENS.items())
    if policy_of(path) == IV and "contract" not in golden["claim"] and "error" not in golden["decision"]
]


def call(source, output, *options):
    done = CliRunner().invoke(app, ["batch", str(IV), str(source), "-o", str(output), *map(str, options)])
    return done.exit_code, done.stderr


def told(output):
    return [json.loads(line) for line in output.read_text().splitlines()]


def keyed(rows):
    return {(row["claim_id"], row["line"]): row for row in rows}


def test_two_columns_of_one_title(tmp_path):
    source = tmp_path / "lines.csv"
    source.write_text("claim_id,line,procedure,service_date,units,units\nC,1,J2003,2024-11-05,1,300\n")
    code, told = call(source, tmp_path / "out.ndjson")
    assert code == 2 and "two columns are called `units`" in told
    assert not (tmp_path / "out.ndjson").exists()


@pytest.mark.parametrize(
    ("output", "options", "why"),
    [
        ("none/out.ndjson", [], "no such file or directory"),
        ("lines.ndjson/out.ndjson", [], "is no folder"),
        ("folder.ndjson", [], "it is a folder"),
        ("lines.ndjson", [], "it is what is read"),
        ("out.ndjson", ["--rejects", "lines.ndjson"], "it is what is read"),
        ("out.ndjson", ["--rejects", "folder.ndjson/../out.ndjson"], "it is where the decisions stand"),
        ("held.ndjson", [], "it is a folder"),
        ("lines.parquet", ["--engine", "spark"], "it is what is read"),
    ],
)
def test_an_output_that_cannot_be_meant_is_told_before_the_work(output, options, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.ndjson").mkdir()
    (tmp_path / "held.ndjson.rejects.ndjson").mkdir()
    source = write(tmp_path / f"lines{'.parquet' if 'spark' in options else '.ndjson'}", CLAIMS[:1])
    kept = source.read_bytes()
    code, told = call(source, output, *options)
    assert code == 2 and "policyc: cannot write `" in told and why in told
    assert source.read_bytes() == kept and not (tmp_path / "out.ndjson").exists()


def test_the_first_row_may_leave_out_columns_of_diagnoses(tmp_path):
    row = {"line": 1, "procedure": "J2003", "service_date": "2024-11-05"}
    rows = [{"claim_id": "A", **row}, {"claim_id": "B", **row, "dx1": "F20.0"}]
    (tmp_path / "lines.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in rows))
    assert call(tmp_path / "lines.ndjson", tmp_path / "out.ndjson") == (0, "")
    more = [{}, {"diagnoses": ["F20.0"]}]
    claims = [{"claim_id": each, "lines": [{**row, **own}]} for each, own in zip("AB", more, strict=True)]
    assert told(tmp_path / "out.ndjson") == expected(load(IV), claims)[0]


@pytest.mark.parametrize("day", [3_000_000, -(2**31)])
def test_a_day_that_no_calendar_has_costs_its_claim(day, tmp_path):
    days = pa.array([20_000, day], pa.int32()).view(pa.date32())
    columns = {"claim_id": ["A", "B"], "line": [1, 1], "procedure": ["J2003"] * 2, "service_date": days}
    pq.write_table(pa.table(columns), tmp_path / "lines.parquet")
    assert call(tmp_path / "lines.parquet", tmp_path / "out.ndjson")[0] == 1
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["A"]
    (reject,) = told(tmp_path / "out.ndjson.rejects.ndjson")
    assert (reject["claim_id"], reject["error"]["code"]) == ("B", "invalid-date")


def test_no_line_is_no_silent_success(tmp_path):
    source = tmp_path / "lines.csv"
    source.write_text("claim_id,line,procedure,service_date\n")
    code, said = call(source, tmp_path / "out.ndjson")
    assert code == 0 and "there was no line to decide" in said
    assert told(tmp_path / "out.ndjson") == []


@pytest.mark.parametrize("kind", [".csv", ".ndjson", ".parquet"])
def test_each_kind_of_table(kind, tmp_path):
    source = write(tmp_path / f"lines{kind}", CLAIMS)
    assert call(source, tmp_path / "out.ndjson") == (0, "")
    rows, unread = expected(load(IV), CLAIMS)
    assert not unread
    assert told(tmp_path / "out.ndjson") == rows
    assert call(source, tmp_path / "out.parquet")[0] == 0
    for row, wanted in zip(pq.read_table(tmp_path / "out.parquet").to_pylist(), rows, strict=True):
        assert [json.loads(edit["edit"]) for edit in row.pop("edits")] == wanted["edits"]
        del wanted["edits"]
        assert {key: row[key] for key in wanted} == wanted


def test_rows_in_any_order_and_a_table_of_claims(tmp_path):
    in_two_tables(tmp_path, CLAIMS)
    source, claims = tmp_path / "lines.ndjson", tmp_path / "claims.ndjson"
    assert call(source, tmp_path / "out.ndjson", "--claims", claims) == (0, "")
    assert keyed(told(tmp_path / "out.ndjson")) == keyed(expected(load(IV), CLAIMS)[0])


@pytest.mark.parametrize("rows", [None, 1])
def test_a_piece_of_a_claim_may_be_the_last_row_of_all(rows, tmp_path):
    source = tmp_path / "lines.csv"
    lines = [f"{each},{at},J2003,2024-11-05" for at, each in enumerate("ABA")]
    source.write_text("\n".join(["claim_id,line,procedure,service_date", *lines]) + "\n")
    bulk.run(bulk.Asked(load(IV), source, tmp_path / "out.ndjson", rows=rows))
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["A", "A", "B"]


def test_claims_whose_ids_come_to_one_number_are_brought_together_in_vain(tmp_path, monkeypatch):
    """Numbers of 64 bits stand for ids where it is looked whether claims lie in pieces."""
    monkeypatch.setattr(gathering, "_hashed", lambda ids, rows: np.zeros(len(rows), np.int64))
    source = write(tmp_path / "lines.ndjson", CLAIMS[:3])
    assert call(source, tmp_path / "out.ndjson") == (0, "")
    assert keyed(told(tmp_path / "out.ndjson")) == keyed(expected(load(IV), CLAIMS[:3])[0])


def test_columns_of_a_warehouse(tmp_path):
    (tmp_path / "map.toml").write_text(
        '[lines]\nCLM = "claim_id"\nLN = "line"\nPX = "procedure"\nDOS = "service_date"\n'
        'ICD1 = "dx1"\nICD2 = "dx2"\nAGENT = "drug"\n'
    )
    (tmp_path / "lines.csv").write_text(
        "CLM,LN,PX,DOS,ICD1,ICD2,AGENT,PAID\n"
        "A,1,96365,2024-10-01,M54.5,G90.511,ketamine,12.50\n"
        "B,1,96365,2024-10-01,,,ketamine,\n"
    )
    assert call(tmp_path / "lines.csv", tmp_path / "out.ndjson", "--mapping", tmp_path / "map.toml")[0] == 0
    one, other = told(tmp_path / "out.ndjson")
    assert one["determination"] == "experimental_investigational"
    assert (other["determination"], other["missing"]) == ("needs_information", [["claim.diagnoses"]])


def test_columns_of_a_warehouse_in_json(tmp_path):
    (tmp_path / "map.toml").write_text(
        '[lines]\nCLM = "claim_id"\nLN = "line"\nPX = "procedure"\nDOS = "service_date"\n'
        '[claims]\nOWN = "claim_id"\nICD = "diagnoses"\n'
    )
    row = {"PAID": 12.5, "LN": 1, "PX": "96365", "DOS": "2024-10-01", "CLM": 'A"1'}
    (tmp_path / "lines.ndjson").write_text(f"{json.dumps(row)}\n")
    (tmp_path / "claims.ndjson").write_text(f"{json.dumps({'ICD': ['M54.5'], 'OWN': row['CLM']})}\n")
    options = "--mapping", tmp_path / "map.toml", "--claims", tmp_path / "claims.ndjson"
    assert call(tmp_path / "lines.ndjson", tmp_path / "out.ndjson", *options) == (0, "")
    line = {"line": 1, "procedure": "96365", "service_date": "2024-10-01"}
    claim = {"claim_id": row["CLM"], "diagnoses": ["M54.5"], "lines": [line]}
    assert told(tmp_path / "out.ndjson") == expected(load(IV), [claim])[0]


def test_claims_that_cannot_be_read_are_set_aside(tmp_path):
    (tmp_path / "lines.csv").write_text(
        "claim_id,line,procedure,service_date,units,claim.diagnoses\n"
        "A,1,96365,2024-10-01,1,M54.5\n"
        "B,1,96365,2024-10-01,1,M54.5\n"
        "B,2,96365,2024-02-30,1,M54.5\n"
        "C,1,96365,2024-10-01,1,M54.5\n"
        "C,2,96365,2024-10-01,1,G90.511\n"
        "D,1,96365,2024-10-01\n"
        "E,1,96365,2024-10-01,1,M54.5\n"
        "E,1,96366,2024-10-01,1,M54.5\n"
        "F,1,96365,2024-10-01,1,M54.5\n"
    )
    status, said = call(tmp_path / "lines.csv", tmp_path / "out.ndjson")
    assert status == 1
    assert "could not read 4 claims" in said
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["A", "F"]
    rejects = told(tmp_path / "out.ndjson.rejects.ndjson")
    assert [(r["claim_id"], r["row"], r["error"]["code"]) for r in rejects] == [
        ("B", 3, "invalid-date"),
        ("C", 5, "wrong-type"),
        ("D", 6, "wrong-type"),
        ("E", 8, "duplicate-line"),
    ]


def test_a_row_without_an_owner_takes_its_neighbours_with_it(tmp_path):
    rows = [json.dumps(row) for row in flat(CLAIMS[:4])]
    first = sum(row["claim_id"] == CLAIMS[0]["claim_id"] for row in flat(CLAIMS[:4]))
    rows.insert(first, "{")
    (tmp_path / "lines.ndjson").write_text("\n".join(rows) + "\n")
    assert call(tmp_path / "lines.ndjson", tmp_path / "out.ndjson")[0] == 1
    left = {claim["claim_id"] for claim in CLAIMS[2:4]}
    assert {row["claim_id"] for row in told(tmp_path / "out.ndjson")} == left


@pytest.mark.parametrize("ids", [["A", None, "B"], ["", "A", None], [None, "A", None]])
@pytest.mark.parametrize("kind", [".csv", ".ndjson", ".parquet"])
def test_a_row_that_names_no_claim_is_left_out_wherever_it_stands(kind, ids, tmp_path):
    line = {"line": 1, "procedure": "J2003", "service_date": "2024-11-05"}
    write(tmp_path / f"lines{kind}", [{"claim_id": each, "lines": [line]} for each in ids])
    assert call(tmp_path / f"lines{kind}", tmp_path / "out.ndjson")[0] == 1
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == [each for each in ids if each]


def test_rows_that_name_no_claim_are_each_told_and_bring_nothing_together(tmp_path):
    line = {"line": 1, "procedure": "J2003", "service_date": "2024-11-05"}
    claims = [{"claim_id": each, "lines": [line]} for each in ("B", None, None, "A", None)]
    assert call(write(tmp_path / "lines.csv", claims), tmp_path / "out.ndjson")[0] == 1
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["B", "A"]
    assert [reject["row"] for reject in told(tmp_path / "out.ndjson.rejects.ndjson")] == [2, 3, 5]


@pytest.mark.parametrize("claims", ["ABCAB", "ACBB"])
@pytest.mark.parametrize("broken", ["{", '{"claim_id": "A", "line": 2, "sex": 1}'])
def test_a_broken_row_among_those_of_claims_in_pieces(broken, claims, tmp_path):
    """It may be of any claim, if it does not say of which it is, also where it alone parts one."""
    line = {"procedure": "J2003", "service_date": "2024-11-05"}
    rows = [json.dumps({"claim_id": each, "line": at, **line}) for at, each in enumerate(claims)]
    (tmp_path / "lines.ndjson").write_text("\n".join([*rows[:3], broken, *rows[3:]]) + "\n")
    code, said = call(tmp_path / "lines.ndjson", tmp_path / "out.ndjson")
    if broken == "{":
        assert code == 2 and "row 4 of the table may be of any claim: not JSON" in said
        assert not (tmp_path / "out.ndjson").exists()
    else:
        assert code == 1 and [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["B", "B", "C"]


@pytest.mark.parametrize("limit", [["--memory-limit", "100MB"], []])
def test_memory_that_is_too_small_to_bring_rows_together_is_told(limit, tmp_path, monkeypatch):
    """That of a limit, or that of the machine."""
    monkeypatch.setattr(bulk, "_LEAST", 2 * 10**6)
    monkeypatch.setattr(duckdb, "connect", lambda: connect(config={"memory_limit": "1MB", "threads": 1}))
    rows = [f"C-{row % 1500},{row // 1500 + 1},J2003,2024-11-05" for row in range(3000)]
    source = tmp_path / "lines.csv"
    source.write_text("\n".join(["claim_id,line,procedure,service_date", *rows]) + "\n")
    code, said = call(source, tmp_path / "out.ndjson", *limit)
    little = "`--memory-limit` is too small" if limit else "there is too little memory"
    assert code == 2 and f"lines.csv`: {little} to bring so many rows together" in said
    assert not (tmp_path / "out.ndjson").exists()


def test_rows_of_json_name_facts_with_or_without_their_scope_and_once(tmp_path):
    claim = {"claim_id": "A", "lines": [{"line": 1, "procedure": "96365", "service_date": "2024-10-01"}]}
    source = write(tmp_path / "lines.ndjson", [claim, {**claim, "claim_id": "B"}])
    rows = [{"claim_id": "A", "diagnoses": ["G90.511"]}, {"claim_id": "B", "claim.diagnoses": ["G90.511"]}]
    claims = tmp_path / "claims.ndjson"
    claims.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert call(source, tmp_path / "out.ndjson", "--claims", claims) == (0, "")
    each = [{**claim, "claim_id": name, "diagnoses": ["G90.511"]} for name in "AB"]
    assert told(tmp_path / "out.ndjson") == expected(load(IV), each)[0]
    claims.write_text(json.dumps({**rows[0], "claim.diagnoses": []}) + "\n")
    assert call(source, tmp_path / "out.ndjson", "--claims", claims)[0] == 1
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == ["B"]


def test_calls_that_cannot_be_meant(tmp_path):
    source = write(tmp_path / "lines.csv", CLAIMS[:2])
    assert call(source, tmp_path / "out.txt")[0] == 2
    assert call(source, tmp_path / "out.ndjson", "--memory-limit", "5")[0] == 2
    replace_in(source, "procedure", "prozedur")
    status, said = call(source, tmp_path / "out.ndjson")
    assert status == 2
    assert "`procedure`" in said
    assert not (tmp_path / "out.ndjson").exists()


OF_CLAIMS = {
    "short.csv": ("claim_id,member.birth_date\nA,1980-01-01\nB\nC,1980-01-01\n", {"B": "wrong-type"}),
    "bytes.csv": (b"claim_id,member.sex\nA,m\nB,\xff\nC,m\n", {"B": "invalid-text"}),
    "key.ndjson": ('{"claim_id": "B", "member.birth": 1}\n', {"B": "unknown-key"}),
    "none.csv": ("claim_id,member.birth_date\n", {}),
}


@pytest.mark.parametrize("rows", [None, 1])
@pytest.mark.parametrize("name", OF_CLAIMS)
def test_what_a_table_of_claims_cannot_say_costs_the_claim(name, rows, tmp_path):
    text, refused = OF_CLAIMS[name]
    claims = tmp_path / name
    claims.write_bytes(text.encode() if isinstance(text, str) else text)
    line = {"line": 1, "procedure": "J2003", "service_date": "2024-11-05"}
    made = [{"claim_id": each, "lines": [line]} for each in "BAC"]
    source = write(tmp_path / f"lines{claims.suffix}", made)
    told_of = bulk.run(bulk.Asked(load(IV), source, tmp_path / "out.ndjson", claims=claims, rows=rows))
    assert {error.claim_id: error.code for _, error in told_of.rejects} == refused
    assert [row["claim_id"] for row in told(tmp_path / "out.ndjson")] == [
        e for e in "ABC" if e not in refused
    ]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        (
            '{"claim_id": "A"}\n{"claim_id": "B"\n',
            "row 2 of the table of claims may be of any claim: not JSON",
        ),
        ('{"claim_id": "A"}\n{"member.sex": "m"}\n', "may be of any claim: no `claim_id` is stated"),
    ],
)
@pytest.mark.parametrize("rows", [None, 1])
def test_a_row_of_claims_that_may_be_of_any_claim_is_told(claims, why, rows, tmp_path):
    line = {"line": 1, "procedure": "J2003", "service_date": "2024-11-05"}
    source = write(tmp_path / "lines.ndjson", [{"claim_id": each, "lines": [line]} for each in "AB"])
    (tmp_path / "claims.ndjson").write_text(claims)
    asked = bulk.Asked(
        load(IV), source, tmp_path / "out.ndjson", claims=tmp_path / "claims.ndjson", rows=rows
    )
    with pytest.raises(RowsError, match=why):
        bulk.run(asked)
    assert not (tmp_path / "out.ndjson").exists()


def test_lines_of_which_a_table_of_claims_says_nothing_are_told(tmp_path):
    source = write(tmp_path / "lines.csv", [{**CLAIMS[0], "claim_id": each} for each in "AB"])
    claims = tmp_path / "claims.csv"
    claims.write_text("claim_id,contract.payer\nA,x\nB ,x\n")
    lines = len(CLAIMS[0]["lines"])
    code, said = call(source, tmp_path / "out.ndjson", "--claims", claims)
    assert code == 0 and f"says nothing of the claims of {lines} line" in said
    claims.write_text("claim_id,contract.payer\nA,x\nB,x\n")
    assert call(source, tmp_path / "out.ndjson", "--claims", claims) == (0, "")


def test_a_plan_tells_how_many_claims_cannot_be_read(tmp_path):
    source = write(tmp_path / "lines.csv", CLAIMS[:1])
    replace_in(source, CLAIMS[0]["lines"][0]["service_date"], "then")
    done = CliRunner().invoke(app, ["batch", str(IV), str(source), "--plan"])
    assert done.exit_code == 1 and "could not read 1 claim" in done.stderr


def test_a_file_that_is_broken_inside_is_what_is_told(tmp_path):
    source = write(tmp_path / "lines.parquet", CLAIMS[:3])
    raw = bytearray(source.read_bytes())
    raw[4:80] = bytes(each ^ 0xFF for each in raw[4:80])
    source.write_bytes(raw)
    code, said = call(source, tmp_path / "out.ndjson")
    assert code == 2 and "lines.parquet`: row 1 or one behind it cannot be read" in said
    assert not (tmp_path / "out.ndjson").exists()


def test_keys_that_are_passed_over_in_records_are_told_once_for_all_lines(tmp_path):
    line = {"line": 1, "procedure": "E0601", "service_date": "2024-11-05"}
    nights = {"A": [{"colour": 3}], "B": [{}, {"colour": 4}]}
    source = tmp_path / "lines.ndjson"
    rows = [{"claim_id": name, **line, "claim.nights": own} for name, own in nights.items()]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    policy = load(IV.parents[1] / "cms" / "ncd_240_4.pol")
    told = bulk.run(bulk.Asked(policy, source, tmp_path / "out.ndjson", ignore_extra=True))
    assert told.extra == {"nights[].colour": 2} and told.lines == 2 and not told.rejects
