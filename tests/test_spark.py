"""`policyc batch --engine spark` says of every line what the local run says."""

import json
import shutil
import sys
from pathlib import Path

import pytest

if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not installed", allow_module_level=True)
pytest.importorskip("pyspark")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import os
from datetime import date
from operator import itemgetter

import equal
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from attrs import evolve
from bulk import numbered_rows
from drawn import drawn
from lines import lines
from pyspark.sql import SparkSession

from policyc import load
from policyc.bulk import shares
from policyc.bulk import spark as on_spark
from policyc.bulk.output import outcomes_of
from policyc.bulk.run import Asked, run
from policyc.library import load_library

POLICIES = Path(__file__).parents[1] / "policies"
IV = POLICIES / "bcbsks" / "iv_anesthetics.pol"
ORDER = [("claim_id", "ascending"), ("line", "ascending")]


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "3")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_row_for_row(spark, tmp_path):
    table = lines(7, 20_000)
    # One claim that cannot be read, rows that are nobody's, and rows in any order.
    claim_id = table.column("claim_id")
    nobody = pc.is_in(claim_id, pa.array(["07-000000100", "07-000000200"]))
    table = table.set_column(0, "claim_id", pc.if_else(nobody, None, claim_id))
    day = pc.if_else(pc.equal(table.column("claim_id"), "07-000000005"), None, table.column("service_date"))
    table = table.set_column(table.column_names.index("service_date"), "service_date", day)
    table = table.take(pa.array(sorted(range(table.num_rows), key=lambda row: row * 7919 % 20_011)))
    pq.write_table(table, tmp_path / "lines.parquet")
    policy = load(IV)
    asked = Asked(policy, tmp_path / "lines.parquet", tmp_path / "local.parquet")
    told = run(asked)
    wanted = pq.read_table(asked.output).sort_by(ORDER).to_pylist()
    asked.output = tmp_path / "spark.parquet"
    on = on_spark.run(asked)
    assert pq.read_table(asked.output).sort_by(ORDER).to_pylist() == wanted
    # Each of the rows that are nobody's stands alone.
    rejected = [*[None] * pc.sum(nobody).as_py(), "07-000000005"]
    assert (on.lines, [e.claim_id for _, e in on.rejects]) == (told.lines, rejected)
    assert sorted((e.claim_id for _, e in told.rejects), key=str) == sorted(rejected, key=str)
    asked = evolve(asked, output=tmp_path / "ids.parquet", ids=True)
    on_spark.run(asked)
    assert pq.read_table(outcomes_of(asked.output)).num_rows < len(wanted) / 3
    rows = sorted(numbered_rows(asked.output), key=itemgetter("claim_id", "line"))
    for said, full in zip(rows, wanted, strict=True):
        assert said["edits"] == [json.loads(edit["edit"]) for edit in full["edits"]]
        assert all(full[key] == said[key] for key in said if key != "edits")


def never(*_):
    """What must not be called."""
    pytest.fail("Spark brings claims together that stand together")


def test_claims_that_stand_together_are_not_brought_together(spark, tmp_path, monkeypatch):
    table = lines(8, 12_000)
    table = table.set_column(0, "claim_id", table.column("claim_id").cast(pa.large_string()))
    # A claim that cannot be read; the claims of a folder's files follow each other, divided by row groups.
    day = pc.if_else(pc.equal(table.column("claim_id"), "08-000000005"), None, table.column("service_date"))
    table = table.set_column(table.column_names.index("service_date"), "service_date", day)
    (tmp_path / "lines").mkdir()
    half = table.column("claim_id").to_pylist().index("08-000003000")
    pq.write_table(table, tmp_path / "whole.parquet")
    pq.write_table(table.slice(half), tmp_path / "lines" / "a.parquet", row_group_size=701)
    pq.write_table(table.slice(0, half), tmp_path / "lines" / "b.parquet", row_group_size=701)
    asked = Asked(load(IV), tmp_path / "whole.parquet", tmp_path / "local.parquet")
    told = run(asked)
    wanted = pq.read_table(asked.output).sort_by(ORDER).to_pylist()
    asked.input, asked.output = tmp_path / "lines", tmp_path / "spark.parquet"
    monkeypatch.setattr(shares, "_ROWS", 3000)
    with monkeypatch.context() as patched:
        patched.setattr(on_spark, "_together", never)
        on = on_spark.run(asked)
    assert len(list(asked.output.iterdir())) > 1
    assert pq.read_table(asked.output).sort_by(ORDER).to_pylist() == wanted
    assert (on.lines, on.alone) == (told.lines, told.alone)
    assert [e.claim_id for _, e in on.rejects] == [e.claim_id for _, e in told.rejects] == ["08-000000005"]
    # Claims in pieces inside a row group, of which the bounds of row groups say nothing.
    odd = pa.array([row % 2 for row in range(half, table.num_rows)])
    scattered = table.slice(half).append_column("odd", odd).sort_by("odd").drop(["odd"])
    pq.write_table(scattered, tmp_path / "lines" / "a.parquet")
    on = on_spark.run(asked)
    assert on.lines == told.lines
    assert pq.read_table(asked.output).sort_by(ORDER).to_pylist() == wanted


def test_all_policies_of_a_folder(spark, tmp_path):
    library = load_library(POLICIES)
    table = lines(9, 3_000)
    other = pc.is_in(table.column("procedure"), pa.array(["J3490", "96367", "99201", "99202"]))
    procedure = pc.if_else(other, "E0601", table.column("procedure"))
    table = table.set_column(table.column_names.index("procedure"), "procedure", procedure)
    table = table.append_column("colour", pa.array(["red"] * table.num_rows))
    pq.write_table(table, tmp_path / "lines.parquet")
    pq.write_table(table.sort_by("procedure"), tmp_path / "mixed.parquet")
    asked = Asked(library, tmp_path / "lines.parquet", tmp_path / "local.parquet", ignore_extra=True)
    told = run(asked)
    order = [*ORDER, ("policy", "ascending")]
    wanted = pq.read_table(asked.output).sort_by(order).to_pylist()
    assert len(wanted) > told.lines and told.extra == {"colour": 1}
    asked.output = tmp_path / "spark.parquet"
    for name in ("lines", "mixed"):
        asked.input = tmp_path / f"{name}.parquet"
        on = on_spark.run(asked)
        assert pq.read_table(asked.output).sort_by(order).to_pylist() == wanted
        assert (on.lines, on.extra) == (told.lines, told.extra)


def test_what_eval_says_with_records_and_windows(spark, tmp_path):
    policy = load(POLICIES / "cms" / "ncd_240_4.pol")
    table = drawn(policy, 11, 800)
    pq.write_table(table, tmp_path / "lines.parquet")
    wanted = equal.by_eval(policy, table)
    assert equal.differing(wanted, equal.by_spark(policy, tmp_path / "lines.parquet")) == []


def test_keys_in_records_that_nothing_declares_pass_if_that_is_asked(spark, tmp_path):
    terms = [{"section": "experimental", "from": date(2017, 1, 1), "note": "by letter"}]
    rows = [
        {"claim_id": claim_id, "line": 1, "procedure": "J3490", "service_date": date(2018, 5, 5)}
        for claim_id in ("a", "b")
    ]
    rows[0]["contract.exclusions"] = terms
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "lines.parquet")
    for policies in (load(IV), load_library(POLICIES)):
        asked = Asked(policies, tmp_path / "lines.parquet", tmp_path / "local.parquet", ignore_extra=True)
        told = run(asked)
        wanted = pq.read_table(asked.output).sort_by(ORDER).to_pylist()
        asked.output = tmp_path / "spark.parquet"
        on = on_spark.run(asked)
        assert pq.read_table(asked.output).sort_by(ORDER).to_pylist() == wanted
        assert on.extra == told.extra == {"contract.exclusions[].note": 1}
        assert on.rejects == []
