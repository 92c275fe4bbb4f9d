"""Lists of a batch are those that Arrow says, however it has them."""

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa

from compiler.runtime.claim_values import FactSpec
from policyc.bulk.apart import of_list
from policyc.bulk.facts import Lists, ListValues, Scalars
from policyc.bulk.values import Cells, Values, as_it_is
from policyc.reading.rows import Column, of_text

ROWS = [
    *(None, [], ["A00"], [None], ["A00", None], [None, "A00"], ["B00", None, None]),
    *(["A00", "B00"], ["A00", "B00"], ["A00", "C00"], ["C00", "B00"], ["C00", "B00", "A00"], [], None, None),
    *(
        ["A00"] * 2,
        ["A00"] * 3,
        ["A00"] * 2,
        ["A00"],
        ["B00"],
        ["?"],
        ["A00", "?"],
        ["A00", "B00", "C00", "A00"],
        ["A00", "B00", "C00", "B00"],
    ),
]
COLUMN = Column("x", "line", "x", FactSpec("line.x", "codes"))
CODES = ["A00", "B00", "C00"]
TEXT = pa.string()


def hidden():
    """Rows that are null, and have elements behind that."""
    given = [["B00", "A00"] if row is None else row for row in ROWS]
    array = pa.array(given, pa.list_(TEXT))
    mask = pa.array([row is None for row in ROWS])
    return pa.ListArray.from_arrays(array.offsets, array.values, mask=mask)


WAYS = {
    "plain": [pa.array(ROWS, pa.list_(TEXT))],
    "large": [pa.array(ROWS, pa.large_list(TEXT))],
    "of large texts": [pa.array(ROWS, pa.list_(pa.large_string()))],
    "words": [pa.array(ROWS, pa.list_(TEXT)).cast(pa.list_(pa.dictionary(pa.int32(), TEXT)))],
    "slice": [pa.array([["C00", "A00"], *ROWS, ["B00"]], pa.list_(TEXT)).slice(1, len(ROWS))],
    "pieces": [pa.array(part, pa.list_(TEXT)) for part in (ROWS[:1], ROWS[1:4], [], ROWS[4:])],
    "slices": [
        pa.array(ROWS, pa.large_list(TEXT)).slice(first, length)
        for first, length in ((0, 6), (6, 1), (7, 99))
    ],
    "hidden": [hidden()],
    "slice of hidden": [hidden().slice(0, 5), hidden().slice(5)],
}


def told(row):
    return of_list(frozenset((each == "A00",) for each in row if each is not None), row.count(None))


@pytest.fixture(params=WAYS)
def chunks(request):
    return WAYS[request.param]


@pytest.mark.parametrize("whole", [False, True])
def test_lists_of_arrow(chunks, whole):
    apart = tuple if whole else told
    ways = (lambda code: (code == "A00",),)
    lists = Lists(ListValues(COLUMN, as_it_is, ways, whole, Cells(apart)), pa.chunked_array(chunks))
    every = range(len(ROWS))
    assert [lists.raw(row) for row in every] == ROWS == lists.stated(np.asarray(every))
    readable = [row for row in every if "?" not in (ROWS[row] or ())]
    read = lists.read(np.asarray(readable))
    assert read == [None if ROWS[row] is None else tuple(ROWS[row]) for row in readable]
    assert [row for row in every if lists.bad()[row]] == [row for row in every if row not in readable]
    assert [row for row in every if not lists.own[row]] == [row for row in every if ROWS[row] is None]
    among = np.arange(1, len(ROWS)) % 5 > 0
    wanted = [one != other for one, other in pairwise(ROWS)]
    assert lists.changes(among).tolist() == (wanted & among).tolist()
    assert lists.changes(among | True).tolist() == wanted
    cells = lists.cells(0).tolist()
    of = {row: None if ROWS[row] is None else apart(ROWS[row]) for row in readable}
    assert all((cells[row] == 0) == (of[row] is None) for row in readable)
    for one in readable:
        for other in readable:
            assert (cells[one] == cells[other]) == (of[one] == of[other])


def test_the_names_of_elements(chunks):
    """In lists of Arrow, in others, and in texts."""
    names = {"B00": 7, "C00": 9}
    wanted = [
        (row, place, names[each])
        for row, some in enumerate(ROWS)
        for place, each in enumerate(some or ())
        if each in names
    ]
    ways = (lambda code: code,)
    lists = Lists(ListValues(COLUMN, as_it_is, ways, False, Cells(tuple)), pa.chunked_array(chunks))
    others = Scalars(Values(COLUMN, as_it_is, ways), pa.chunked_array(chunks))
    assert [others.raw(row) for row in range(len(ROWS))] == ROWS
    texts = [None if None in (row or ()) else ";".join(row or ()) for row in ROWS]
    in_text = Scalars(Values(COLUMN, of_text, ways), pa.chunked_array([pa.array(texts)]))
    for facts in (lists, others, in_text):
        found = zip(*(each.tolist() for each in facts.named(lambda code: names.get(code, 0))), strict=True)
        assert list(found) == [each for each in wanted if facts is not in_text or texts[each[0]]]
