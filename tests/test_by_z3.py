"""What only arithmetic over several facts can tell, with z3 and without it."""

import json
import sys
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from comparing import exhaustively
from compiling import compiled
from hypothesis import given
from hypothesis import strategies as st
from test_diff import call

from compiler.diff import by_z3
from compiler.diff.by_z3 import ByZ3
from compiler.diff.cut import cut, each_alone
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.proofs.prove import prove

HEAD = """package made.policy
codes hcpcs { X1000 "a" }
facts {
    claim.weight number 0<..300 in kg
    claim.height number 0<..3 in m
    claim.before integer 0..50
    claim.after integer 0..50
    claim.dose number 0..100 in mg
    claim.rest number 0..100 in mg
    line.tall boolean
}
policy "Made" { payer "p" }
"""
MN, NC = "medically_necessary", "not_covered"


def made_of(folder, text, more=""):
    return compiled(folder, f'{HEAD}revision 2022-01-01 "r" {{ {text} codes {{ X1000 }} }}\n{more}')


def two(first, second):
    return f'section A "a" {{ {MN} if {{ {first} }} }} section B "b" {{ {NC} if {{ {second} }} }}'


def overlap(program, solver=None):
    return next(each for each in prove(program, solver=solver) if each.kind == "overlap")


BMI = "claim.weight / (claim.height * claim.height)"
DISJOINT = [
    (f"{BMI} >= 30 kg/m2", "claim.weight < 30 kg/m2 * claim.height * claim.height"),
    ("claim.before - claim.after >= 5", "claim.after > claim.before - 5"),
    ("claim.before + claim.after >= 90", "claim.before < 40"),
    ("claim.before + claim.after > 99  claim.before <= 49", "line.tall"),
    ("claim.before * 2 == 7 + claim.after * 2", "line.tall"),
    (f"{BMI} >= 30 kg/m2  claim.height >= 2 m", "claim.weight < 120 kg"),
    ("max(claim.dose, claim.rest) < 40 mg", "claim.dose + claim.rest >= 80 mg"),
    (
        "claim.before > 0  percent fall from claim.before to claim.after >= 50",
        "claim.before < claim.after * 2",
    ),
]


@pytest.mark.parametrize(("first", "second"), DISJOINT)
def test_sections_that_arithmetic_keeps_apart_are_proved_so_with_z3_alone(tmp_path, first, second):
    program = made_of(tmp_path, two(first, second))
    plain = overlap(program)
    assert (plain.proved, plain.solved) == (None, False)
    assert {apart.what for apart in plain.beyond} == {"computed"}
    solved = overlap(program, ByZ3())
    assert (solved.proved, solved.solved, solved.beyond) == (True, True, ())


OVERLAPPING = [
    (f"{BMI} >= 30 kg/m2", "claim.weight <= 30 kg/m2 * claim.height * claim.height"),
    ("claim.before - claim.after >= 5", "claim.after >= claim.before - 5"),
    ("claim.before + claim.after >= 90", "claim.before <= 40  line.tall"),
    (f"{BMI} >= 30 kg/m2  claim.height >= 2 m", "claim.weight <= 120 kg"),
    ("max(claim.dose, claim.rest) < 40 mg", "claim.dose + claim.rest >= 79.9 mg"),
    ("claim.dose * claim.rest > 99 mg2  claim.dose < 10 mg", "claim.rest < 10 mg"),
]


@pytest.mark.parametrize(("first", "second"), OVERLAPPING)
def test_an_overlap_that_only_arithmetic_sees_is_shown_by_a_claim_of_z3(tmp_path, first, second):
    program = made_of(tmp_path, two(first, second))
    solved = overlap(program, ByZ3())
    assert solved.proved is False
    line = Side(program).decide(solved.claim)["lines"][0]
    assert (line["determination"], line["rules"]) == ("manual_review", ["A", "B"])


def test_statements_that_rest_on_arithmetic(tmp_path):
    text = f'section A "a" {{ {MN} if {{ claim.before + claim.after >= 90 }} {NC} otherwise }}'
    says = {
        f"never {MN} unless {{ claim.before >= 40  claim.after >= 40 }}": True,
        f"never {MN} unless {{ claim.before >= 41 }}": False,
        f"always {MN} if {{ claim.before - 45 >= 45 - claim.after }}": True,
        "always { claim.before * claim.after >= 2000 } if { claim.before + claim.after >= 90 }": True,
        "always { claim.before * claim.after > 2000 } if { claim.before + claim.after >= 90 }": False,
    }
    more = "".join(f'claim "{at}" {{ {each} }}\n' for at, each in enumerate(says))
    program = made_of(tmp_path, text, more)
    plain = [each.proved for each in prove(program) if each.kind == "claim"]
    assert plain == [None] * len(says)
    told = [each.proved for each in prove(program, solver=ByZ3()) if each.kind == "claim"]
    assert told == list(says.values())


def test_a_determination_that_arithmetic_allows_to_nobody_is_unreachable(tmp_path):
    text = two("claim.before + claim.after > 100", "claim.before >= 1")
    reach = {
        e.about: e.proved for e in prove(made_of(tmp_path, text), solver=ByZ3()) if e.kind == "reachable"
    }
    assert reach == {MN: False, NC: True}
    text = two("claim.before + claim.after > 99", "claim.before == 1")
    made = {e.about: e for e in prove(made_of(tmp_path, text), solver=ByZ3()) if e.kind == "reachable"}
    assert made[MN].proved is True
    assert (made[MN].claim["before"], made[MN].claim["after"]) == (50, 50)


def test_a_section_that_arithmetic_silences_for_a_year_is_mute_in_it(tmp_path):
    text = f'section A "a" {{ {MN} if {{ sum: claim.before + claim.after > 70 }} }}'
    more = """
revision 2023-01-01 "s" { replace A.sum with { claim.before + claim.after > 70  claim.after < 20 } }
revision 2024-01-01 "t" { replace A.sum with { claim.before + claim.after > 70 } }
"""
    program = made_of(tmp_path, text, more)

    def gaps(solver=None):
        told = (each for each in prove(program, solver=solver) if each.kind == "gap")
        return [(each.proved, [a.what for a in each.beyond], each.days) for each in told]

    year = date(2023, 1, 1), date(2023, 12, 31)
    assert gaps(ByZ3()) == [(False, [], year)]
    assert (None, ["computed"], year) in gaps()


@pytest.mark.parametrize(("second", "equal"), [(">= 30", True), ("> 30", False)])
def test_versions_that_compute_in_other_words(tmp_path, second, equal):
    text = f'section A "a" {{ {MN} if {{ bmi: {BMI} >= 30 kg/m2 }} }}'
    other = f"claim.weight {second} kg/m2 * claim.height * claim.height"
    later = f'revision 2023-01-01 "s" {{ replace A.bmi with {{ {other} }} }}\n'
    program = made_of(tmp_path, text, later)
    sides = Side(cut(program, program.consolidated.policy.revisions[:1])), Side(program)
    assert diff(*sides).equal is None
    found = diff(*sides, solver=ByZ3())
    assert (found.equal, found.beyond, found.solved) == (equal, (), True)
    if not equal:
        shown, left_out = [e for e in found.differences if e.kind == "determination" and e.about is None]
        weight, height = (Fraction(str(shown.claim[fact])) for fact in ("weight", "height"))
        assert weight == 30 * height * height
        # Nobody of this weight is so tall that it is less, and who is as tall as can be has just so much.
        assert ("height" in left_out.claim, left_out.claim["weight"]) == (False, 30 * 3 * 3)


def test_what_an_amendment_alone_leaves_open_is_told(tmp_path, monkeypatch):
    text = two("claim.before + claim.after > 70", "sum: claim.before + claim.after <= 70  claim.dose > 50 mg")
    later = """
revision 2023-01-01 "s" {
    replace B.sum with { claim.after <= 70 - claim.before }
    replace section A "a" { medically_necessary if { claim.after + claim.before > 70 } }
}
"""
    program = made_of(tmp_path, text, later)
    before = program.consolidated.policy.revisions[:1]
    sides = Side(cut(program, before)), Side(program)

    def compared(solver=None):
        edits = ((about, Side(made)) for about, made in each_alone(program, before))
        return diff(*sides, edits, solver=solver)

    assert (compared(ByZ3()).equal, compared(ByZ3()).open) == (True, ())
    assert len({about for about, _ in compared().open}) == 2
    monkeypatch.setattr(by_z3, "find_spec", lambda name: None)
    asked = ("diff", tmp_path / "made" / "policy.pol", "2022-01-01", "2023-01-01")
    for form in ("text", "markdown"):
        assert call(*asked, "--format", form).stdout.count("unknown of revision 2023-01-01 ") == 2
    told = json.loads(call(*asked, "--format", "json").stdout)["alone"]
    assert [each["beyond"] != [] for each in told] == [True, True]


TERMS = {
    "{0} + {1}": ("{1} + {0}", lambda a, b: a + b),
    "{0} - {1}": ("{0} + 1 - {1} - 1", lambda a, b: a - b),
    "{0} * {1}": ("{1} * {0}", lambda a, b: a * b),
    "max({0}, {1})": ("max({1}, {0})", max),
    "min({0} + 1, {1} * 2)": ("min({1} * 2, {0} + 1)", lambda a, b: min(a + 1, b * 2)),
}
"""What is computed of two numbers, and the same in other words."""

COMPARES = {">=": int.__ge__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__}
OPPOSED = {">=": "<", "<": ">=", "<=": ">", ">": "<="}
NUMBERS = ("claim.n1", "claim.n2", "claim.n3")
SIX = range(7)


def compared(term, compare, numbers, bound):
    """What is asked of two of the numbers, and whether it holds of three."""
    words, of = term
    one, other = numbers
    text = f"{words.format(NUMBERS[one], NUMBERS[other])} {compare} {bound}"
    return text, lambda found: COMPARES[compare](of(found[one], found[other]), bound)


@st.composite
def comparisons(draw):
    """What is asked of three numbers, and what contradicts it in other words."""
    words, (again, of) = draw(st.sampled_from(list(TERMS.items())))
    compare, bound = draw(st.sampled_from(list(COMPARES))), draw(st.integers(1, 6))
    numbers = draw(st.permutations(range(3)))[:2]
    one = compared((words, of), compare, numbers, bound)
    return one, compared((again, of), OPPOSED[compare], numbers, bound)


def test_z3_agrees_with_all_numbers_tried(tmp_path_factory):
    solved = []

    @exhaustively(25)
    @given(st.lists(comparisons(), min_size=1, max_size=2), comparisons(), st.booleans())
    def tried(asked, other, opposed):
        first = [one for one, _ in asked]
        second = [other[0], *([asked[0][1]] if opposed else [])]
        folder = tmp_path_factory.mktemp("made")
        facts = "facts { claim.n1 integer 0..6  claim.n2 integer 0..6  claim.n3 integer 0..6 }"
        text = two(*("  ".join(f"({text})" for text, _ in own) for own in (first, second)))
        both = [of for of in product(SIX, repeat=3) if all(holds(of) for _, holds in (*first, *second))]
        found = overlap(made_of(folder, text, facts), ByZ3())
        assert found.proved is (not both)
        if found.solved:
            solved.append(found.proved)

    tried()
    assert solved.count(True) >= 8 and solved.count(False) >= 1, solved


def test_what_z3_gives_up_stays_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(by_z3, "_MOST_STEPS", 1)
    program = made_of(tmp_path, two(*DISJOINT[0]))
    solver = ByZ3()
    found = overlap(program, solver)
    assert (found.proved, found.solved) == (None, False)
    assert {apart.what for apart in found.beyond} == {"computed"}


def test_a_solver_that_gave_up_often_is_asked_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(by_z3, "_MOST_GIVEN_UP", 2)
    program = made_of(tmp_path, two(*DISJOINT[0]))
    solver = ByZ3()
    with monkeypatch.context() as hard:
        hard.setattr(by_z3, "_MOST_STEPS", 1)
        assert overlap(program, solver).proved is None
    # Once it gave up, and is asked again: it may find what is easier.
    assert overlap(program, solver).proved is True
    with monkeypatch.context() as hard:
        hard.setattr(by_z3, "_MOST_STEPS", 1)
        assert overlap(program, solver).proved is None
    assert overlap(program, solver).proved is None
    assert overlap(program, ByZ3()).proved is True


def test_a_number_that_no_claim_can_state_proves_nothing(tmp_path):
    # Only a third meets both, and no decimal is that.
    third = "claim.dose + claim.dose + claim.dose + claim.rest == 1 mg + claim.rest"
    program = made_of(tmp_path, two(third, "claim.rest - claim.dose == claim.rest - claim.dose"))
    found = overlap(program, ByZ3())
    assert (found.proved, found.solved) == (None, True)


def test_the_commands_say_whether_z3_was_asked_or_is_missing(tmp_path, monkeypatch):
    text = two(*DISJOINT[1])
    made_of(tmp_path, text)
    path = tmp_path / "made" / "policy.pol"
    made = call("prove", path, "--format", "json")
    told = json.loads(made.stdout)["statements"]
    assert [(each["kind"], each["by"]) for each in told if "by" in each] == [
        ("overlap", "z3"),
        *[("reachable", "z3")] * 2,
    ]
    assert "proved with z3: no two sections" in call("prove", path).stdout
    monkeypatch.setattr(by_z3, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "z3", None)
    without = call("prove", path)
    assert "unknown: no two sections" in without.stdout
    assert "beyond exact analysis is what is computed from claim." in without.stdout
    assert "pip install 'policyc[prove]'" in without.stderr
    assert made.stderr == ""
