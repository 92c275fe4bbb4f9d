"""A table of Parquet is decided in shares where its files note that no claim has rows in two of them."""

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from policyc.bulk import shares
from policyc.bulk.shares import Run, footers_of
from policyc.reading.rows import RowsError


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(shares, "_ROWS", 4)


def written(path, *groups, **options):
    """A file with a row group for each list of claims."""
    kind = pa.int64() if isinstance(groups[0][0], int) else pa.string()
    with pq.ParquetWriter(path, pa.schema({"line": pa.int64(), "id": kind}), **options) as writer:
        for group in groups:
            rows = {"line": pa.array(range(len(group))), "id": pa.array(group, kind)}
            writer.write_table(pa.table(rows))
    return path


def shares_of(path):
    """The shares as texts: a file's name and its row groups."""
    return [
        [f"{run.file.stem}{run.first}-{run.end}" for run in share] for share in footers_of(path).shares("id")
    ]


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        ((["a", "b", "a", "b"], ["c"], ["d"]), [["x0-1"], ["x1-2", "x2-3"]]),
        # A claim's rows in two row groups, and in three.
        ((["a", "b"], ["b", "c"], ["d"]), [["x0-2"], ["x2-3"]]),
        ((["a", "b"], ["b"], ["b", "c"], ["d"]), [["x0-3"], ["x3-4"]]),
        # Numbers are no texts.
        (([9, 9, 9, 9], [10, 10]), [["x0-1"], ["x1-2"]]),
        # Whose rows these are, or where those of b and c are, is not told.
        ((["a", None], ["c"]), []),
        ((["a", "c"], ["b", "d"]), []),
        ((["c"], ["a"], ["c"]), []),
    ],
)
def test_one_file(tmp_path, groups, wanted):
    assert shares_of(written(tmp_path / "x.parquet", *groups)) == wanted


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_texts_whatever_arrow_calls_them(tmp_path, kind):
    path = tmp_path / "x.parquet"
    ids = ["a", "b", "b", "z", "zé", "é"]
    pq.write_table(pa.table({"id": pa.array(ids).cast(kind)}), path, row_group_size=2)
    assert pq.read_schema(path).field("id").type.id == kind.id
    assert shares_of(path) == [["x0-2"], ["x2-3"]]
    pq.write_table(pa.table({"id": pa.array(ids[::-1]).cast(kind)}), path, row_group_size=2)
    assert shares_of(path) == []


def test_what_files_do_not_note(tmp_path):
    path = written(tmp_path / "x.parquet", ["a"], ["b"], write_statistics=False)
    assert footers_of(path).shares("id") == []
    path = tmp_path / "y.parquet"
    for others in ([1.5, 2.5], [b"a", b"b"], pa.array([1, 2], pa.uint32())):
        pq.write_table(pa.table({"id": others}), path)
        assert footers_of(path).shares("id") == []
    # A part of a column is called as another is.
    pq.write_table(pa.table({"a": [{"id": "m"}, {"id": "n"}], "a.id": ["b", "c"]}), path)
    assert footers_of(path).shares("a.id") == []
    path.write_text("no table")
    with pytest.raises(RowsError, match="no Parquet"):
        footers_of(path)


def test_folders(tmp_path):
    written(tmp_path / "x.parquet", ["d"], ["e", "f"])
    written(tmp_path / "y.parquet", ["a", "b"], ["b", "b", "c"])
    (tmp_path / "_SUCCESS").touch()
    assert shares_of(tmp_path) == [["y0-2"], ["x0-1", "x1-2"]]
    written(tmp_path / "z.parquet", ["c", "c"])
    assert shares_of(tmp_path) == []
    (tmp_path / "z.parquet").unlink()
    pq.write_table(pa.table({"id": ["z"]}), tmp_path / "z.parquet")
    assert footers_of(tmp_path) is None
    (tmp_path / "z.parquet").unlink()
    (tmp_path / "year=2024").mkdir()
    assert footers_of(tmp_path) is None


def test_the_rows_of_some_row_groups(tmp_path):
    path = written(tmp_path / "x.parquet", ["a"], ["b", "c"], ["d"])
    for size in (1, 100):
        tables = list(Run(path, 1, 3).tables({"id": "claim_id"}, size))
        assert pa.concat_tables(tables).column("id").to_pylist() == ["b", "c", "d"]
    # A large row group is read in parts.
    written(path, ["a"], [*"bcdefghijklm"], ["n"])
    tables = list(Run(path, 1, 2).tables({"id": "claim_id"}, 1))
    assert [len(table) for table in tables] == [1] * 12
