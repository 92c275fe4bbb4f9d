"""`policyc impact`: which claims of a file two versions decide differently."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exchanging import replaced
from typer.testing import CliRunner

import policyc
from policyc.cli import app

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
SWAP = ("2024-01-05", "2024-10-01")


def claim(claim_id, *lines, **facts):
    numbered = [{"line": at, **line} for at, line in enumerate(lines, 1)]
    return {"claim_id": claim_id, "diagnoses": ["G90.511"], "lines": numbered, **facts}


def line(procedure, service_date="2024-10-01", **facts):
    return {"procedure": procedure, "service_date": service_date, **facts}


CLAIMS = [
    claim("new", line("96365"), line("J2003", charge=100, drug="lidocaine", route="intravenous")),
    claim("old", line("J2001", "2024-02-01", charge=7, route="intravenous")),
    claim("early", line("J2003", "2024-02-03"), line("J2002", "2024-02-01", charge=0.1)),
    claim("other", line("99213")),
    claim("not listed", line("J2003", "2024-12-24", charge=250.25, drug="lidocaine", route="intravenous")),
]


def impact(tmp_path, *arguments, claims=CLAIMS, name="claims.ndjson", policy=POLICY):
    path = tmp_path / name
    path.write_text(claims if isinstance(claims, str) else "".join(json.dumps(c) + "\n" for c in claims))
    return CliRunner().invoke(
        app, ["impact", str(policy), *map(str, arguments[:-1]), str(path), *arguments[-1]]
    )


def told(tmp_path, *versions, options=(), **given):
    done = impact(tmp_path, *versions, ["--format", "json", *options], **given)
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)


def test_counts_are_those_of_deciding_each_claim_by_both(tmp_path):
    found = told(tmp_path, *SWAP)
    assert found["claims"] == {"read": 5, "unreadable": 0, "changed": 3}
    assert found["lines"] == {"read": 7, "changed": 4}
    counted = {
        (d["kind"], *(x if isinstance(x, str) else tuple(x) for x in (d["from"], d["to"]))): d
        for d in found["differences"]
    }
    assert {key: (d["lines"], d["money"], d["lines_without_money"]) for key, d in counted.items()} == {
        ("determination", "not_applicable", "code_not_valid"): (2, "0.1", 1),
        ("edits", ("not_listed",), ()): (2, "350.25", 0),
    }
    example = counted["edits", ("not_listed",), ()]["example"]
    assert (example["claim_id"], example["from"]["line"]) == ("new", 2)
    shown = next(c for c in CLAIMS if c["claim_id"] == "new")
    assert example["to"] == policyc.load(POLICY).decide(shown)["lines"][1]


def test_people_read_counts_money_and_an_example(tmp_path):
    done = impact(tmp_path, *SWAP, [])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "bcbsks.iv_anesthetics: the history up to revision 2024-01-05 against "
        "the history up to revision 2024-10-01",
        "",
        "decided differently: 4 of 7 lines, in 3 of 5 claims",
        "",
        "another determination",
        "    not_applicable becomes code_not_valid: 2 lines, charge 0.1 (1 line without)",
        "        as in claim early, line 1, J2003 on 2024-02-03",
        "",
        "another edit",
        "    not_listed becomes none: 2 lines, charge 350.25",
        "        as in claim new, line 2, J2003 on 2024-10-01",
    ]


def test_the_worklist_has_the_oldest_claim_first(tmp_path):
    path = tmp_path / "work.csv"
    done = impact(tmp_path, *SWAP, ["-o", str(path)])
    assert f"wrote 3 claims to {path}" in done.stderr
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [(row["claim_id"], row["line"], row["service_date"]) for row in rows] == [
        ("early", "1", "2024-02-03"),
        ("early", "2", "2024-02-01"),
        ("new", "2", "2024-10-01"),
        ("not listed", "1", "2024-12-24"),
    ]
    assert [row["charge"] for row in rows] == ["", "0.1", "100", "250.25"]
    assert (rows[0]["from"], rows[0]["to"], rows[0]["rules_to"]) == ("not_applicable", "code_not_valid", "")
    assert (rows[2]["kind"], rows[2]["rules_from"]) == ("edits", "A")


def test_nothing_changes_by_wording(tmp_path):
    done = impact(tmp_path, "2024-10-01", "2024-12-23", [])
    assert done.exit_code == 0
    assert "decided differently: none of 7 lines, in none of 5 claims" in done.stdout


RETROACTIVE = """package payer.small
policy "Small" { payer "P" source "small" governed by line.service_date }
facts {
    line.drug open { ketamine, lidocaine }
    claim.tried boolean
}
codes cpt { 96365 }
revision 2024-01-01 "Posted" {
    section A "Ketamine" { not_covered if { drug: line.drug == ketamine } }
    codes { 96365 }
}
revision 2024-02-01 posted 2024-05-01 "Corrected" { replace A.drug with { line.drug == lidocaine } }
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "payer" / "small.pol"
    path.parent.mkdir()
    path.write_text(RETROACTIVE)
    return path


def test_a_correction_posted_later_reaches_back(tmp_path, small):
    days = ("2024-01-31", "2024-02-01", "2024-04-30")
    claims = [claim(day, line("96365", day, drug="ketamine")) for day in days]
    found = told(tmp_path, options=["--known-on", "2024-04-30", "2024-05-01"], claims=claims, policy=small)
    assert found["claims"]["changed"] == 2
    (difference,) = found["differences"]
    assert (difference["from"], difference["to"]) == ("not_covered", "not_applicable")
    assert difference["example"]["claim_id"] == "2024-02-01"


def test_dates_move_the_claims(tmp_path, small):
    claims = [claim("C", line("96365", "2030-01-01", drug="ketamine"))]
    found = told(tmp_path, "2024-01-31", "2024-02-02", claims=claims, policy=small)
    (difference,) = found["differences"]
    assert [difference["example"][side]["service_date"] for side in ("from", "to")] == [
        "2024-01-31",
        "2024-02-02",
    ]


def test_a_fact_of_one_version_alone_is_no_mistake(tmp_path, small):
    later = small.with_name("later.pol")
    later.write_text(
        replaced(
            replaced(RETROACTIVE, "payer.small", "payer.later"), "claim.tried boolean", "claim.trials integer"
        )
    )
    ketamine = line("96365", "2024-01-02", drug="ketamine")
    claims = [
        claim("one", ketamine, tried=True),
        claim("other", ketamine, trials=2),
        claim("neither", ketamine, trails=2),
    ]
    done = impact(tmp_path, later, ["--format", "json"], claims=claims, policy=small)
    assert json.loads(done.stdout)["claims"] == {"read": 2, "unreadable": 1, "changed": 0}
    assert done.exit_code == 1
    assert "neither: not read: neither version declares `trails` (at /trails)" in done.stderr
    done = impact(tmp_path, later, ["--ignore-extra"], claims=claims, policy=small)
    assert done.exit_code == 0
    assert "ignored keys that no policy declares: trails (1)" in done.stderr


def test_money_stands_under_any_key(tmp_path, small):
    paid = line("96365", "2024-03-01", drug="ketamine", paid=3.5)
    odd = line("96365", "2024-03-01", drug="ketamine", paid="much")
    found = told(
        tmp_path,
        "2024-01-01",
        options=["--money", "paid"],
        claims=[claim("C-1", paid), claim("C-2", odd)],
        policy=small,
    )
    (difference,) = found["differences"]
    assert (difference["money"], found["money"], found["claims"]["unreadable"]) == ("3.5", "paid", 1)


def test_claims_that_cannot_be_read_are_told_and_counted(tmp_path):
    done = impact(tmp_path, *SWAP, [], claims=json.dumps(CLAIMS[3]) + '\n{"claim_id": \n' + "7\n")
    assert done.exit_code == 1
    assert "could not read 2 of 3 claims" in done.stderr
    assert "claim 2, without an id: not read: not JSON" in done.stderr


# ---- tables ----------------------------------------------------------------------------------------------

HEAD = "claim_id,line,procedure,service_date,units,charge,drug,claim.diagnoses,member.birth_date\n"


def table(tmp_path, rows, *options, policy=POLICY):
    return impact(tmp_path, *SWAP, ["--format", "json", *options], claims=rows, name="c.csv", policy=policy)


def test_a_row_is_a_line(tmp_path):
    rows = HEAD + (
        "C-1,1,96365,2024-10-01,,,,G90.511; F20.0,1950-02-03\r\n"
        "C-1,2,J2003,2024-10-01,300,12.5,,G90.511; F20.0,1950-02-03\r\n"
        'C-2,1,J2003,2024-02-01,1,,,"[""G90.511"", null]",\r\n'
    )
    done = table(tmp_path, rows)
    found = json.loads(done.stdout)
    assert (found["lines"], found["claims"]["unreadable"]) == ({"read": 3, "changed": 2}, 0), done.stderr
    one = {
        "claim_id": "C-1",
        "diagnoses": ["G90.511", "F20.0"],
        "member": {"birth_date": "1950-02-03"},
        "lines": [
            {"line": 1, "procedure": "96365", "service_date": "2024-10-01"},
            {"line": 2, "procedure": "J2003", "service_date": "2024-10-01", "units": 300, "charge": 12.5},
        ],
    }
    two = claim("C-2", line("J2003", "2024-02-01", units=1), diagnoses=["G90.511", None])
    assert found["differences"] == told(tmp_path, *SWAP, claims=[one, two])["differences"]


def test_parquet_says_the_same_in_its_own_types(tmp_path):
    path = tmp_path / "c.parquet"
    rows = {
        "claim_id": ["C-1", "C-1", "C-2", None],
        "line": [1, 2, 1, 1],
        "procedure": ["96365", "J2003", "J2003", "J2003"],
        "service_date": [date(2024, 10, 1), date(2024, 10, 1), date(2024, 2, 1), date(2024, 2, 1)],
        "units": [None, 300, 1, 1],
        "charge": [None, Decimal("12.50"), None, None],
        "drug": ["lidocaine", "lidocaine", None, None],
        "claim.diagnoses": [["G90.511", "F20.0"], ["G90.511", "F20.0"], ["G90.511"], []],
        "member.birth_date": [date(1950, 2, 3), date(1950, 2, 3), None, None],
    }
    pq.write_table(pa.table(rows), path)
    done = CliRunner().invoke(app, ["impact", str(POLICY), *SWAP, str(path), "--format", "json"])
    found = json.loads(done.stdout)
    assert found["claims"] == {"read": 2, "unreadable": 1, "changed": 2}
    assert "claim 3, without an id: not read: `claim_id` is required" in done.stderr
    text = HEAD + (
        "C-1,1,96365,2024-10-01,,,lidocaine,G90.511; F20.0,1950-02-03\r\n"
        "C-1,2,J2003,2024-10-01,300,12.50,lidocaine,G90.511; F20.0,1950-02-03\r\n"
        "C-2,1,J2003,2024-02-01,1,,,G90.511,\r\n"
    )
    assert found["differences"] == json.loads(table(tmp_path, text).stdout)["differences"]


def test_parquet_whose_claims_lie_in_pieces_is_a_wrong_call(tmp_path):
    path = tmp_path / "c.parquet"
    rows = {"claim_id": ["C", "D", "C"], "line": [1, 1, 2], "procedure": ["99213"] * 3}
    pq.write_table(pa.table({**rows, "service_date": ["2024-02-01"] * 3}), path)
    done = CliRunner().invoke(app, ["impact", str(POLICY), *SWAP, str(path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the rows of claim `C` do not stand together: sort them" in done.stderr


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (HEAD + "C,1,J2003,2024-02-01,1,,,F20,\nC,2,J2003,2024-02-01,1,,,F21,\n", "its rows disagree on"),
        (HEAD + "C,1,J2003,2024-02-01,1,,,F20\n", "expected 9 columns, not 8"),
        (HEAD + "C,1,J2003,2024-02-01,one,,,F20,\n", "expected a number"),
        (HEAD + 'C,1,J2003,2024-02-01,1,,,"[F20",\n', "not JSON"),
        (HEAD + "C,1,,2024-02-01,1,,,F20,\n", "`procedure` is required"),
        (HEAD + ",1,J2003,2024-02-01,1,,,F20,\n", "`claim_id` is required"),
        (
            HEAD + "C,1,J2003,2024-02-01,1,,,F20,\nC,1,J2003,2024-02-01,1,,,F20,\n",
            "two lines have the number 1",
        ),
    ],
)
def test_rows_that_make_no_claim_cost_their_claim(tmp_path, rows, why):
    done = table(tmp_path, rows + "D,1,J2003,2024-02-01,1,,,F20,\n")
    assert json.loads(done.stdout)["claims"] == {"read": 1, "unreadable": 1, "changed": 1}
    assert why in done.stderr


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("claim_id,line,procedure\n", "the column `service_date` is missing"),
        ("", "it is empty: its first line names the columns"),
        ("\r\n", "it is empty: its first line names the columns"),
        (HEAD.replace(",", ";"), "expected columns with commas between them, not `;`"),
        (HEAD.replace(",", "\t"), "expected columns with commas between them, not tabs"),
        (HEAD.upper(), "the column `CLAIM_ID` names no fact; the nearest fact is `claim_id`"),
        (HEAD + 'C,1,J2003,"2024-02-01,1,,,F20,\n', "the row that begins in line 2"),
        (HEAD.replace("drug,claim.", "dx1,"), "both `diagnoses` and `dx1` state diagnoses"),
        (HEAD.replace("drug,claim.diagnoses", "dx1,dx1"), "two columns have one name"),
        (replaced(HEAD, "drug", "durg"), "the column `durg` names no fact; the nearest fact is `drug`"),
        (replaced(HEAD, "units", "line.drug"), "two columns state `line.drug`"),
        (
            HEAD + "C,1,99213,2024-02-01,,,,,\nD,1,99213,2024-02-01,,,,,\nC,2,99213,2024-02-01,,,,,\n",
            "sort them",
        ),
    ],
)
def test_a_table_that_holds_no_claims_is_a_wrong_call(tmp_path, rows, why):
    done = table(tmp_path, rows)
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr


def test_diagnoses_may_stand_in_columns_of_their_own(tmp_path):
    head = HEAD.replace("drug,claim.diagnoses", "dx10,dx2,drug,dx1").replace(",member.birth_date", "")
    rows = "C-1,1,J2003,2024-02-01,1,,F20.0,,,G90.511\nC-2,1,J2003,2024-02-01,1,,,,,\nC-3,1,J2003\n"
    found = json.loads(table(tmp_path, head + rows).stdout)
    one = claim("C-1", line("J2003", "2024-02-01", units=1, diagnoses=["G90.511", "F20.0"]))
    two = claim("C-2", line("J2003", "2024-02-01", units=1), diagnoses=None)
    assert found["differences"] == told(tmp_path, *SWAP, claims=[one, two])["differences"]
    assert found["claims"] == {"read": 2, "unreadable": 1, "changed": 2}


def test_a_table_in_another_encoding_is_told(tmp_path):
    row = "C,1,J2003,2024-02-01,1,,k\xe9tamine,F20,\n"
    path = tmp_path / "c.csv"
    for encoding, why in (("latin-1", "expected UTF-8 in `k"), ("utf-16", "expected UTF-8, not UTF-16")):
        path.write_text(HEAD + row, encoding=encoding)
        done = CliRunner().invoke(app, ["impact", str(POLICY), *SWAP, str(path)])
        assert why in done.stderr and done.exit_code == (1 if encoding == "latin-1" else 2)


def test_an_output_without_a_folder_is_told_before_claims_are_decided(tmp_path):
    done = impact(tmp_path, *SWAP, ["-o", str(tmp_path / "none" / "work.csv")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no such file or directory" in done.stderr


def test_claims_are_not_written_over(tmp_path):
    done = impact(tmp_path, *SWAP, ["-o", str(tmp_path / "claims.ndjson")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "it is what is read" in done.stderr
    assert (tmp_path / "claims.ndjson").read_text().count("\n") == len(CLAIMS)
    policy = tmp_path / "policy.pol"
    policy.write_text("what is read")
    call = ["impact", str(policy), str(tmp_path / "claims.ndjson"), "-o", str(policy)]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 2 and "it is what is read" in done.stderr


def test_a_column_that_names_no_fact_can_be_ignored(tmp_path):
    done = table(
        tmp_path, replaced(HEAD, "drug", "colour") + "C,1,J2003,2024-02-01,1,,red,,\n", "--ignore-extra"
    )
    assert json.loads(done.stdout)["lines"]["changed"] == 1
    assert "ignored keys that no policy declares: colour (1)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "nothing to compare"),
        (["2024-01-05", "2024-10-01", "2024-12-23"], "expected at most FROM, TO and CLAIMS"),
        (["2024-01-05", "elsewhere"], "`elsewhere` is no revision"),
    ],
)
def test_a_wrong_call(tmp_path, arguments, why):
    done = impact(tmp_path, *arguments, [])
    assert done.exit_code == 2
    assert why in done.stderr.replace("\n", " ")
