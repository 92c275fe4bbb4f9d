"""Numbers for what rows have: pairs, groups, what is the first of each, and the lists of rows."""

from itertools import pairwise, product

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from policyc.bulk import numbers as by_number
from policyc.bulk.numbers import Groups, Pairs, different, firsts, mapped, packed, spread


def array(values, kind=np.int64):
    return np.asarray(values, kind)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint64, np.int64])
def test_each_number_is_asked_for_once(kind):
    most = int(np.iinfo(kind).max)
    values = [0, 3, most, 3, most - 1, 0]
    asked = []

    def number(each):
        asked.append(each)
        return each % 1000 + 1

    found = mapped(array(values, kind), number)
    assert found.tolist() == [each % 1000 + 1 for each in values]
    assert sorted(asked) == sorted(set(values))
    assert mapped(array([], kind), number).tolist() == []
    things, places = different(array(values, kind))
    assert [things[place] for place in places] == values and len(things) == 4


@pytest.mark.parametrize("largest", [2**22, 0])
def test_pairs_keep_their_numbers_while_their_table_grows(largest, monkeypatch):
    """By 8 at first; a pair just beyond has the place of none that is known."""
    monkeypatch.setattr(by_number, "_LARGEST_TABLE", largest)
    known = {}
    pairs = Pairs(lambda *pair: known.setdefault(pair, len(known)))
    for height, width in [(1, 1), (8, 8), (8, 9), (9, 8), (16, 3), (17, 40)]:
        both = list(product(range(height), range(width)))
        found = pairs.numbers(*(array(each) for each in zip(*both, strict=True)))
        assert found.tolist() == [known[pair] for pair in both]
        assert len(known) == len({*known.values()})
    assert pairs.numbers(array([]), array([])).tolist() == []


def test_a_pair_is_asked_for_once():
    asked = []
    pairs = Pairs(lambda *pair: asked.append(pair) or len(asked))
    for size in (2, 9, 70):
        pairs.numbers(*[np.arange(size).repeat(2)] * 2)
    assert sorted(asked) == [(each, each) for each in range(70)]


@pytest.mark.parametrize("most", [2**62, 2**6, 2])
def test_parts_are_packed_whatever_a_number_holds(most, monkeypatch):
    monkeypatch.setattr(by_number, "_MOST", most)
    draw = np.random.default_rng(3)
    parts = [draw.integers(0, width, 200) for width in (1, 5, 1, 3, 4, 2)]
    rows = list(zip(*(part.tolist() for part in parts), strict=True))
    found, count = packed(parts, 200)
    assert len({*zip(rows, found.tolist(), strict=True)}) == len({*rows}) == count
    assert {*found.tolist()} == {*range(count)}
    assert packed([], 3)[1] == 1 and packed([], 0)[1] == 0


def test_the_first_row_of_each_place():
    assert firsts(array([2, 0, 2, 1, 0]), 3).tolist() == [1, 3, 0]


@pytest.mark.parametrize("rows", [[], [1], [2, 0, 2, 3], [0, 1, 2, 3]])
@pytest.mark.parametrize("lengths", [[2, 0, 3, 1], [0, 0, 0, 0], [0, 0, 1, 0]])
def test_the_lists_of_rows(lengths, rows):
    starts = array([5, 90, 20, 7])
    offsets, items = spread(starts, array(lengths), array(rows))
    found = [items[first:end].tolist() for first, end in pairwise(offsets.tolist())]
    assert found == [list(range(starts[row], starts[row] + lengths[row])) for row in rows]
    assert offsets[0] == 0 and offsets[-1] == len(items)


@pytest.mark.parametrize("order", [None, [3, 0, 4, 1, 2]])
def test_what_groups_come_to(order):
    """Rows are put into an order, by which groups lie together, and back: no exchange of two by two."""
    groups = Groups(None if order is None else array(order), array([0, 2]), 5)
    values = array([1, 2, 4, 8, 16])
    rows = order or list(range(5))
    for way, come_to in ((np.add, sum), (np.minimum, min)):
        wanted = {row: come_to(values[part]) for part in (rows[:2], rows[2:]) for row in part}
        assert groups.reduced(values, way).tolist() == [wanted[row] for row in range(5)]
    assert Groups(groups.order, array([]), 0).reduced(array([]), np.add).tolist() == []
