"""Counts of different values: each comparison says what counting by hand says."""

from itertools import product

import pytest
from backends import three_ways

POLICY = """package made
record trial {{ class {{ a, b, c }}  failed boolean }}
facts {{ claim.trials list of trial }}
policy "made" {{ payer "p" }}
codes hcpcs {{ J1000 "x" }}
revision 2020-01-01 "r" {{
    section A "a" {{
        medically_necessary if {{ count of t in claim.trials with different class {{ t.failed }} {asked} }}
        not_covered otherwise
    }}
    codes {{ J1000 }}
}}
"""
ASKED = {
    ">= 2": lambda n: n >= 2,
    "> 2": lambda n: n > 2,
    "< 2": lambda n: n < 2,
    "<= 0": lambda n: n <= 0,
    "== 1": lambda n: n == 1,
    "!= 2": lambda n: n != 2,
    "in 1..2": lambda n: 1 <= n <= 2,
    "in { 0, 3 }": lambda n: n in (0, 3),
    "between 2 and 3": lambda n: 2 <= n <= 3,
}
CLASSES = ("a", "b", "c", None)


@pytest.mark.parametrize("asked", ASKED)
def test_a_count_of_different_values(asked, tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(POLICY.format(asked=asked))
    ways = three_ways(path)
    for first, second, third in product(CLASSES, CLASSES, ("c", None)):
        trials = [
            {"class": first, "failed": True},
            {"class": second, "failed": True},
            {"class": third, "failed": True},
            {"class": "b", "failed": False},
        ]
        line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}
        (found,) = ways.agree({"claim_id": "C", "trials": trials, "lines": [line]})["lines"]
        completed = product(*(CLASSES[:3] if c is None else [c] for c in (first, second, third)))
        possible = {ASKED[asked](len(set(classes))) for classes in completed}
        wanted = {frozenset({True}): "medically_necessary", frozenset({False}): "not_covered"}
        assert found["determination"] == wanted.get(frozenset(possible), "needs_information"), trials
