"""How many edits a word is from another, by which it resembles a declared one."""

from hypothesis import given
from hypothesis import strategies as st

from compiler.runtime.alike import within


def distance(one, other):
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


SHORT = st.text("ab", max_size=7)


@given(SHORT, SHORT, st.integers(0, 2))
def test_edits_are_counted_as_levenshtein_does(one, other, edits):
    assert within(one, other, edits) is (distance(one, other) <= edits)
