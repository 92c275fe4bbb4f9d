"""Columns of a batch: values are numbered, and rows are taken, as Arrow says what they are."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.runtime.claim_values import FactSpec
from policyc.bulk import pieces as in_pieces
from policyc.bulk.apart import of_list
from policyc.bulk.facts import Lists, ListValues
from policyc.bulk.numbers import Pairs, packed
from policyc.bulk.outcomes import SCHEMA
from policyc.bulk.taking import taken
from policyc.bulk.values import Cells, Values, as_it_is, listed, plain
from policyc.reading.rows import Column

EDGES = (0, 1, 65_534, 65_535, 65_536, 70_000, 2**31 - 1)
WHOLE = st.none() | st.integers(-5, 5) | st.sampled_from(EDGES) | st.sampled_from(EDGES).map(lambda n: -n)
KINDS = {
    pa.int32(): ("integer", WHOLE),
    pa.int64(): ("integer", WHOLE | st.sampled_from([2**63 - 1, -(2**63)])),
    pa.int8(): ("integer", st.none() | st.integers(-128, 127)),
    pa.uint16(): ("integer", st.none() | st.integers(0, 65_535)),
    pa.date32(): ("date", st.none() | st.integers(0, 90_000).map(lambda n: date(1900, 1, 1) + timedelta(n))),
    pa.string(): ("text", st.none() | st.sampled_from(["", "a", "b"])),
}


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_values_keep_their_numbers_from_table_to_table(data):
    """Tables come in pieces, with nulls, and their values lie near each other or far apart."""
    kind = data.draw(st.sampled_from(list(KINDS)))
    name, value = KINDS[kind]
    values = Values(Column("x", "line", "x", FactSpec("line.x", name)), as_it_is, ())
    known = {}
    for pieces in data.draw(
        st.lists(st.lists(st.lists(value, max_size=6), min_size=1, max_size=3), max_size=3)
    ):
        places, numbers = values.coded(pa.chunked_array([pa.array(piece, kind) for piece in pieces], kind))
        found = numbers.take(places).tolist() if len(places) else []
        stated = [plain(each) for piece in pieces for each in piece]
        for each, number in zip(stated, found, strict=True):
            assert known.setdefault(each or None if each == "" else each, number) == number
            assert values.raw[number] == (None if each == "" else each)


@pytest.mark.parametrize("step", [1, 50_000])
def test_pairs_of_many_kinds_and_many_values_are_told_apart(step):
    """Numbers of kinds come out of a table of small integers; with those of values they are beyond it."""
    asked = []

    def number(one, other):
        asked.append((one, other))
        return len(asked)

    ones = np.arange(100_000, 100_006, dtype=np.int32)
    others = np.arange(6) * step
    found = Pairs(number).numbers(ones, others)
    assert sorted(asked) == list(zip(ones.tolist(), others.tolist(), strict=True))
    assert [asked[each - 1] for each in found.tolist()] == sorted(asked)


def test_parts_that_make_more_than_a_number_of_64_bits_are_told_apart():
    draw = np.random.default_rng(1)
    parts = [draw.integers(0, 40, 2000), *(np.append(2**30 - 1, draw.integers(0, 2, 1999)) for _ in range(6))]
    numbers, count = packed(parts, 2000)
    rows = list(zip(*(part.tolist() for part in parts), strict=True))
    assert len(set(zip(rows, numbers.tolist(), strict=True))) == len(set(rows)) == count
    assert sorted(set(numbers.tolist())) == list(range(count))


@pytest.mark.parametrize("kinds", [3, 6, 7, 8, 15, 16, 31, 32, 60, 61, 62, 90])
def test_lists_are_alike_if_their_elements_are_of_the_same_kinds(kinds):
    """A list is a number with a bit for each kind of element, up to some number of kinds."""
    codes = [f"Z{number:02}" for number in range(kinds)]

    def kind(code):
        return tuple(code == each for each in codes)

    def told(value):
        return of_list(frozenset(kind(each) for each in value if each is not None), value.count(None))

    column = Column("x", "line", "x", FactSpec("line.x", "codes"))
    values = ListValues(column, as_it_is, (kind,), False, Cells(told))
    draw = np.random.default_rng(kinds)
    rows = [None, [], [None], *([code] for code in codes)]
    for _ in range(300):
        some = draw.choice([*codes, None], draw.integers(0, 4)).tolist()
        rows += [some, some[::-1], some + some[-1:]]
    apart = {None: 0}
    for part in (rows[:200], rows[200:]):
        numbers = Lists(values, pa.chunked_array([pa.array(part, pa.list_(pa.string()))])).cells(0)
        for row, number in zip(part, numbers.tolist(), strict=True):
            assert apart.setdefault(None if row is None else told(tuple(row)), number) == number
    assert len(set(apart.values())) == len(apart)


@pytest.mark.parametrize("at_once", [0, 3, 100])
@pytest.mark.parametrize("size", [1, 4, 7, 100])
@pytest.mark.parametrize("rows_of_group", [1, 5, 17, 40])
def test_a_file_is_read_whole_and_some_rows_at_a_time(at_once, size, rows_of_group, tmp_path, monkeypatch):
    monkeypatch.setattr(in_pieces, "_AT_ONCE", at_once)
    table = pa.table(
        {
            "id": [f"C{row}" for row in range(40)],
            "word": [f"w{row % 7}" for row in range(40)],
            "words": [[f"v{row % 5}", None] for row in range(40)],
        }
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path, row_group_size=rows_of_group)
    file, names = pq.ParquetFile(path), {"id": "claim_id", "word": "word", "words": "words"}
    groups = range(file.num_row_groups)
    found = list(in_pieces.pieces(path, file, names, size, groups))
    assert [row for some in found for row in some.to_pylist()] == table.to_pylist()
    assert max(map(len, found)) <= size
    last = list(in_pieces.pieces(path, file, names, size, groups[1:]))
    assert sum(map(len, last)) == max(40 - rows_of_group, 0)


WORDS = st.lists(st.sampled_from("abc"), max_size=3)
SAID = st.fixed_dictionaries(
    {
        "rules": WORDS,
        "missing": st.lists(WORDS, max_size=2),
        "exact": st.none() | st.booleans(),
        "edits": st.lists(st.fixed_dictionaries({"kind": st.just("k"), "edit": st.text("xy")}), max_size=2),
        "reason_codes": st.none() | st.fixed_dictionaries({"carc": st.none() | st.just("1"), "rarc": WORDS}),
    }
)


@settings(deadline=None, derandomize=True)
@given(st.lists(SAID, min_size=1, max_size=5), st.lists(st.integers(0, 4), max_size=9))
def test_rows_are_taken_as_arrow_takes_them(said, rows):
    """Lists in lists, structs, words and nulls."""
    rows = np.asarray([row % len(said) for row in rows], np.int64)
    for name in said[0]:
        kind = SCHEMA.field(name).type
        array = (
            pa.array([each[name] for each in said]).cast(kind)
            if any(each[name] for each in said)
            else pa.nulls(len(said), kind)
        )
        found = taken(array, rows)
        found.validate(full=True)
        assert found.type == kind
        assert found.to_pylist() == array.take(pa.array(rows)).to_pylist()


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_numbers_of_few_bits_are_read_as_they_are_written(kind):
    """What is nearest to 0.7 in 32 bits is less than that in 64."""
    written = [0.7, None, 0.1, 2.0]
    array = pa.array(written).cast(kind)
    values = Values(Column("x", "line", "x", FactSpec("line.x", "decimal")), as_it_is, ())
    places, numbers = values.coded(pa.chunked_array([array]))
    assert [values.raw[number] for number in numbers.take(places)] == written
    records = pa.StructArray.from_arrays([array, pa.array([["a"], None, [], None])], ["n", "names"])
    lists = pa.ListArray.from_arrays(pa.array([0, 2, None, 4], pa.int32()), records)
    numbers_of = [each and [record["n"] for record in each] for each in listed(lists)]
    assert numbers_of == [written[:2], written[2:], None]
