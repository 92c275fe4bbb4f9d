"""Claims that leave out numbers of which something is computed are compared too, before all is proved so."""

from itertools import product

import pytest
from comparing import exhaustively
from hypothesis import given
from hypothesis import strategies as st

from compiler.diff import unstated
from compiler.diff.by_z3 import ByZ3
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.pipeline import compile_paths
from compiler.proofs.compared import compared
from compiler.proofs.prove import prove
from dsl.diagnostics import Report

FACTS = """package made.facts
codes hcpcs { X1000 "a" }
facts {
    claim.a integer 0..4
    claim.b integer 0..4
    claim.c integer 0..4
    claim.yes boolean
    claim.wide number
    claim.high number 0<..
}
"""
MN, NC = "medically_necessary", "not_covered"


def policies(folder, one, other, states="equal to made.other"):
    """Two policies that differ in the criteria of one section; the first states something."""
    (folder / "made").mkdir(exist_ok=True)
    (folder / "made" / "facts.pol").write_text(FACTS)
    for name, criteria in (("one", one), ("other", other)):
        path = folder / "made" / f"{name}.pol"
        path.write_text(
            f"""package made.{name}
import made.facts
policy "{name}" {{ payer "p" }}
revision 2022-01-01 "r" {{
    section A "a" {{ {MN} if {{ {criteria} }} {NC} otherwise }}
    codes {{ X1000 }}
}}
{f'claim "stated" {{ {states} }}' if name == "one" else ""}
"""
        )
    paths = [folder / "made" / "one.pol", folder / "made" / "other.pol"]
    one, other = (compile_paths([path], (folder,), Report())[0] for path in paths)
    return one, other


def stated_equal(one):
    others = compared(one, (), Report())
    (said,) = (each for each in prove(one, others=others, solver=ByZ3()) if each.kind == "claim")
    return said


def decided(side, **numbers):
    line = {"line": 1, "procedure": "X1000", "service_date": "2022-01-01"}
    stated = {name: value for name, value in numbers.items() if value is not None}
    return side.decide({"claim_id": "c", "lines": [line], **stated})["lines"][0]["determination"]


# Each pair decides all claims alike that state the numbers.
APART = [
    ("claim.yes or not claim.yes", "claim.a + claim.b > 3 or claim.b + claim.a <= 3"),
    ("claim.a + claim.b > 3 or claim.a + claim.b <= 3", "claim.a + claim.b > 3 or claim.b + claim.a <= 3"),
    ("claim.wide * claim.wide >= 0 or claim.yes", "claim.yes or not claim.yes"),
]


@pytest.mark.parametrize(("first", "second"), APART)
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_computed_in_other_words_may_be_open_where_numbers_are_left_out(
    tmp_path, first, second, turned
):
    one, other = policies(tmp_path, *((second, first) if turned else (first, second)))
    found = diff(Side(one), Side(other), solver=ByZ3())
    assert found.equal is False
    assert stated_equal(one).proved is False


# Bounds say the same of each form, whatever is left out.
ALIKE = [
    ("claim.a * claim.b + claim.c > 9", "claim.a * claim.b > 9 - claim.c  claim.yes or not claim.yes"),
    ("claim.wide / claim.high > 2", "claim.wide - 2 * claim.high > 0"),
    ("max(claim.a, claim.b) < 3", "not max(claim.b, claim.a) >= 3"),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_other_words_that_are_open_for_the_same_claims_are_proved_equal(tmp_path, first, second):
    one, other = policies(tmp_path, first, second)
    found = diff(Side(one), Side(other), solver=ByZ3())
    assert (found.equal, found.solved, found.beyond) == (True, True, ())
    assert stated_equal(one).proved is True


def test_what_is_computed_from_very_many_facts_is_not_proved(tmp_path, monkeypatch):
    one, other = policies(tmp_path, *ALIKE[0])
    monkeypatch.setattr(unstated, "MOST_FACTS", 2)
    found = diff(Side(one), Side(other), solver=ByZ3())
    assert (found.equal, {apart.what for apart in found.beyond}) == (None, {"computed"})
    assert stated_equal(one).proved is None


TERMS = (
    "claim.a + claim.b",
    "claim.b + claim.a",
    "claim.a * claim.b",
    "claim.a - claim.c",
    "claim.a * claim.a",
)
REWORDED = (
    "{0} {1} {2}",
    "not {0} {3} {2}",
    "{0} + {0} {1} 2 * {2}",
    "{0} - {2} {1} 0",
    "{0} + claim.c {1} {2} + claim.c",
    "{0} {1} {2} and (claim.yes or not claim.yes)",
    "({0} {1} {2} or {0} {3} {2}) and {0} {1} {2}",
    "min({0}, 3) {1} {2}",
    "claim.c > 3 or {0} {1} {2}",
)
COMPARES = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}
STATED = (None, *range(5))


@st.composite
def pairs(draw):
    """Criteria, and the same in other words; now and then with another bound."""
    term, compare, bound = (
        draw(st.sampled_from(TERMS)),
        draw(st.sampled_from(list(COMPARES))),
        draw(st.integers(1, 2)),
    )
    one, other = draw(st.permutations(REWORDED))[:2]
    again = bound + draw(st.sampled_from([0, 0, 0, 1]))
    return tuple(
        words.format(term, compare, number, COMPARES[compare])
        for words, number in ((one, bound), (other, again))
    )


def test_all_claims_are_tried_that_leave_numbers_out(tmp_path_factory):
    told = []

    @exhaustively(40)
    @given(pairs())
    def tried(pair):
        one, other = policies(tmp_path_factory.mktemp("made"), *pair)
        sides = Side(one), Side(other)
        found = diff(*sides, solver=ByZ3())
        apart = any(
            len({decided(side, a=a, b=b, c=c, yes=yes) for side in sides}) > 1
            for a, b, c, yes in product(STATED, STATED, STATED, (None, True))
        )
        told.append((found.equal, found.solved))
        assert found.equal in (None, not apart)
        assert stated_equal(one).proved is found.equal

    tried()
    settled = [equal for equal, solved in told if solved and equal is not None]
    assert settled.count(True) > len(told) // 5
    assert settled.count(False) > len(told) // 5
    assert [equal for equal, _ in told].count(None) < len(told) // 5


def test_a_number_that_is_stated_makes_up_for_one_that_is_not(tmp_path):
    criteria = "claim.a + claim.b > 3 or claim.a <= 2"
    one, _ = policies(tmp_path, criteria, "claim.yes", f"never {MN} unless known claim.a")
    (plain,) = (each for each in prove(one) if each.kind == "claim")
    assert (plain.proved, {apart.what for apart in plain.beyond}) == (None, {"computed"})
    (said,) = (each for each in prove(one, solver=ByZ3()) if each.kind == "claim")
    assert (said.proved, said.claim["b"] >= 1, "a" in said.claim) == (False, True, False)


def test_what_is_decided_without_a_number_is_looked_for_among_all_others(tmp_path_factory):
    told = []

    @exhaustively(25)
    @given(pairs(), st.sampled_from(["({}) or {}", "({}) and {}", "({}) or not {}"]), st.integers(1, 3))
    def tried(pair, joined, bound):
        criteria = joined.format(pair[0], f"claim.a <= {bound}")
        stated = f"never {MN} unless known claim.a"
        one, _ = policies(tmp_path_factory.mktemp("made"), criteria, "claim.yes", stated)
        (said,) = (each for each in prove(one, solver=ByZ3()) if each.kind == "claim")
        (plain,) = (each for each in prove(one) if each.kind == "claim")
        without = any(
            decided(Side(one), b=b, c=c, yes=yes) == MN for b, c, yes in product(STATED, STATED, (None, True))
        )
        told.append(said.proved)
        assert said.proved in (None, not without)
        assert plain.proved in (None, not without)

    tried()
    assert told.count(True) > len(told) // 5
    assert told.count(False) > len(told) // 5
    assert told.count(None) < len(told) // 5
