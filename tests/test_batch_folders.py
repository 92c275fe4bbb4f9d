"""A folder of policies decides a table: few lines one by one, many in columns, and says the same."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import drawn as drawing
import equal
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from test_batch import ROOT, SHIPPED

from policyc import load
from policyc.bulk import library as bulk_library
from policyc.bulk.run import Asked, run
from policyc.library import load_library


def drawn_for_all(monkeypatch):
    """A table of claims for each shipped policy in turn, with everything in them."""
    monkeypatch.setattr(drawing, "ODD", 0.001)
    parts = []
    for number, path in enumerate(SHIPPED):
        part = drawing.drawn(load(path), number, 500 * (3 - number))
        names = pc.binary_join_element_wise(part.column("claim_id"), str(number), "-")
        parts.append(part.set_column(part.column_names.index("claim_id"), "claim_id", names))
    return pa.concat_tables(parts, promote_options="default")


def test_policies_decide_few_lines_one_by_one_and_many_in_columns(tmp_path, monkeypatch):
    table = drawn_for_all(monkeypatch)
    pq.write_table(table, tmp_path / "all.parquet")
    wanted = equal.by_eval(load_library(ROOT / "policies"), table)
    library = load_library(ROOT / "policies")  # one that keeps no decisions yet
    assert len(wanted.rejects) > 10
    ways = {}
    for many in (1, 1000, 1_000_000):
        monkeypatch.setattr(bulk_library, "MANY", many)
        for way in (equal.by_batch, equal.by_batch_as_json):
            found = way(library, tmp_path / "all.parquet")
            assert found.rows.equals(wanted.rows.select(found.rows.column_names))
            assert found.texts is None or found.texts.equals(wanted.texts)
            assert found.rejects.keys() == wanted.rejects.keys()
        told = run(Asked(library, tmp_path / "all.parquet", None))
        few = sum(lines for why, lines in told.reasons.items() if why.startswith("few of the lines"))
        ways[many] = few, told.alone - few, told.kinds
    lines = {(row["claim_id"], row["line"]) for row in wanted.rows.to_pylist() if row["policy"]}
    (none, others, kinds), (some, more, kinds_of_both), (most, no_others, kinds_one_by_one) = ways.values()
    assert none == no_others == 0 and 0 < more < others and 0 < some < most
    assert most >= len(lines)
    assert kinds == kinds_of_both == kinds_one_by_one
