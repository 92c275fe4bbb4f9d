"""Columns of a batch: values are numbered, and rows are taken, as Arrow says what they are."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.runtime.claim_values import FactSpec
from policyc.bulk.numbers import Pairs
from policyc.bulk.outcomes import SCHEMA
from policyc.bulk.taking import taken
from policyc.bulk.values import Values, as_it_is, listed, plain
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
