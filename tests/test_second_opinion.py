"""`diff` and `prove` against z3 and against brute force, on generated policies.

Nothing of the compiler makes the formulas. Long: BRUTE_EXAMPLES=3000 pytest tests/test_second_opinion.py
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import z3
from comparing import exhaustively
from compiling import compiled
from hypothesis import given
from hypothesis import strategies as st

from compiler.diff.cut import cut
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.proofs.compared import compared
from compiler.proofs.prove import prove
from dsl.diagnostics import Report

KINDS = ("red", "green", "blue")
MOST = 6
SIGNS = ("s1", "s2", "s3")
COUNTS = ("n1", "n2")
CODES = ("A10", "B20.1")

MN, NC, NM, NA = "medically_necessary", "not_covered", "not_medically_necessary", "not_applicable"

KIND = z3.Int("kind")
VARIABLES: dict[str, Any] = {
    **{name: z3.Bool(name) for name in (*SIGNS, *CODES)},
    **{name: z3.Int(name) for name in COUNTS},
}
RANGES = [KIND >= 0, len(KINDS) > KIND, *(z3.And(VARIABLES[n] >= 0, VARIABLES[n] <= MOST) for n in COUNTS)]
LINES = [
    dict(zip(("kind", *SIGNS, *CODES, *COUNTS), values, strict=True))
    for values in product(range(3), *([(False, True)] * 5), range(MOST + 1), range(MOST + 1))
]

HEAD = f"""package made.policy

facts {{
    line.kind {{ {", ".join(KINDS)} }}
    line.s1 boolean
    line.s2 boolean
    line.s3 boolean
    claim.n1 integer 0..{MOST}
    claim.n2 integer 0..{MOST}
}}

codes hcpcs {{ J1000 "a" }}
codes icd10cm {{ A10 "a"  B20.1 "b" }}

policy "Made" {{ payer "p" }}
"""


class Says(NamedTuple):
    """A criterion: as a policy has it, as z3 does, and whether it holds of a line."""

    text: str
    formula: Any
    holds: Callable[[dict[str, Any]], bool]


def atoms() -> st.SearchStrategy[Says]:
    def kind(wanted):
        places = [KINDS.index(each) for each in wanted]
        formula = z3.Or([place == KIND for place in places])
        return Says(f"line.kind in {{ {', '.join(wanted)} }}", formula, lambda line: line["kind"] in places)

    def sign(name):
        return Says(f"line.{name}", VARIABLES[name], lambda line: line[name])

    def count(name, sign, bound):
        compare = {">=": int.__ge__, "<": int.__lt__, "==": int.__eq__}[sign]
        variable = VARIABLES[name]
        formula = {">=": variable >= bound, "<": variable < bound, "==": variable == bound}[sign]
        return Says(f"claim.{name} {sign} {bound}", formula, lambda line: compare(line[name], bound))

    def code(codes):
        formula = z3.Or([VARIABLES[each] for each in codes])
        text = f"some d in claim.diagnoses {{ d in {{ {', '.join(codes)} }} }}"
        return Says(text, formula, lambda line: any(line[each] for each in codes))

    return st.one_of(
        st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True).map(kind),
        st.sampled_from(SIGNS).map(sign),
        st.builds(
            count, st.sampled_from(COUNTS), st.sampled_from([">=", "<", "=="]), st.integers(1, MOST - 1)
        ),
        st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True).map(code),
    )


def grown(inner: st.SearchStrategy[Says]) -> st.SearchStrategy[Says]:
    def group(word, parts):
        need = {"all of": len(parts), "any of": 1, "at least 2 of": 2, "none of": 0}[word]
        text = f"{word} {{ {' '.join(f'({part.text})' for part in parts)} }}"
        formulas = [part.formula for part in parts]
        if word == "none of":
            return Says(text, z3.Not(z3.Or(formulas)), lambda line: not any(p.holds(line) for p in parts))
        formula = z3.AtLeast(*formulas, need)
        return Says(text, formula, lambda line: sum(p.holds(line) for p in parts) >= need)

    def negated(part):
        return Says(f"not ({part.text})", z3.Not(part.formula), lambda line: not part.holds(line))

    words = st.sampled_from(["all of", "any of", "at least 2 of", "none of"])
    return st.one_of(st.builds(group, words, st.lists(inner, min_size=2, max_size=3)), inner.map(negated))


CRITERIA = st.recursive(atoms(), grown, max_leaves=6)


class Made(NamedTuple):
    """Three sections of which each gives way to the one before it."""

    first: Says
    second: Says
    rest: bool

    def formula(self, determination: str) -> Any:
        first, second = self.first.formula, self.second.formula
        neither = z3.And(z3.Not(first), z3.Not(second))
        return {
            MN: first,
            NC: z3.And(second, z3.Not(first)),
            NM: z3.And(neither, z3.BoolVal(self.rest)),
            NA: z3.And(neither, z3.BoolVal(not self.rest)),
        }[determination]

    def decides(self, line: dict[str, Any]) -> str:
        if self.first.holds(line):
            return MN
        return NC if self.second.holds(line) else NM if self.rest else NA

    def text(self) -> str:
        rest = 'section C "c" { not_medically_necessary otherwise }' if self.rest else ""
        return f"""revision 2022-01-01 "r" {{
    section A "a" {{ {MN} if {{ ({self.first.text}) }} }}
    section B "b" {{ {NC} if {{ ({self.second.text}) }} }}
    A overrides B
    {rest}
    codes {{ J1000 }}
}}
"""


def satisfiable(*formulas: Any) -> bool:
    solver = z3.Solver()
    solver.add(*RANGES, *formulas)
    found = solver.check()
    assert found != z3.unknown
    return found == z3.sat


@exhaustively(20)
@given(CRITERIA, CRITERIA, CRITERIA, st.booleans())
def test_two_versions(tmp_path_factory, first, second, other, rest):
    before, after = Made(first, second, rest), Made(other, second, rest)
    amended = f'revision 2023-01-01 "s" {{ replace section A "a" {{ {MN} if {{ ({other.text}) }} }} }}\n'
    program = compiled(tmp_path_factory.mktemp("made"), HEAD + before.text() + amended)
    found = diff(Side(cut(program, program.consolidated.policy.revisions[:1])), Side(program))
    shown = {
        tuple(decision["lines"][0]["determination"] for decision in each.decisions)
        for each in found.differences
        if each.kind == "determination" and each.about is None
    }
    assert found.beyond == ()
    by_z3 = {
        (one, two)
        for one, two in product((MN, NC, NM, NA), repeat=2)
        if one != two and satisfiable(before.formula(one), after.formula(two))
    }
    by_force = {(before.decides(line), after.decides(line)) for line in LINES}
    assert {pair for pair in by_force if pair[0] != pair[1]} == by_z3 == shown
    assert found.equal is (not by_z3)


@exhaustively(12)
@given(CRITERIA, CRITERIA, CRITERIA, st.booleans())
def test_one_policy(tmp_path_factory, first, second, third, rest):
    made = Made(first, second, rest)
    stated = f"""
claim "never" {{ never {MN}, {NC} unless {{ ({third.text}) }} }}
claim "always" {{ always {MN} if {{ ({third.text}) }} }}
"""
    program = compiled(tmp_path_factory.mktemp("made"), HEAD + made.text() + stated)
    told = {(each.kind, each.about): each.proved for each in prove(program)}
    for determination in (MN, NC, *((NM,) if rest else ())):
        reached = satisfiable(made.formula(determination))
        assert told["reachable", determination] is reached
        assert any(made.decides(line) == determination for line in LINES) is reached
    for determination in (MN, NC):
        assert told["rule", determination] is satisfiable(made.formula(determination))
    given_ = z3.Or(made.formula(MN), made.formula(NC))
    assert told["claim", "never"] is not satisfiable(given_, z3.Not(third.formula))
    others = z3.Or(made.formula(NC), made.formula(NM))
    assert told["claim", "always"] is not satisfiable(others, third.formula)


@exhaustively(12)
@given(CRITERIA, CRITERIA, CRITERIA, st.booleans())
def test_each_criterion(tmp_path_factory, first, second, third, rest):
    def made(*criteria):
        both = Says(
            " ".join(f"{name}: ({each.text})" for name, each in zip("ab", criteria, strict=False)),
            z3.And([each.formula for each in criteria]),
            lambda line: all(each.holds(line) for each in criteria),
        )
        return Made(both, third, rest)

    whole = made(first, second)
    text = whole.text().replace(f"({whole.first.text})", whole.first.text)
    program = compiled(tmp_path_factory.mktemp("made"), HEAD + text)
    told = {each.about: each.kind == "criterion" and each.proved is True for each in prove(program)}
    for name, left in (("a", second), ("b", first)):
        less = made(left)
        apart = [z3.And(whole.formula(d), z3.Not(less.formula(d))) for d in (MN, NC, NM, NA)]
        needed = satisfiable(z3.Or(apart))
        assert any(whole.decides(line) != less.decides(line) for line in LINES) is needed
        assert told[name] is needed


REWORDED = (
    "not none of {{ ({0}) }}",
    "any of {{ ({0}) all of {{ ({0}) ({1}) }} }}",
    "all of {{ ({0}) any of {{ ({1}) ({0}) }} }}",
    "at least 2 of {{ ({0}) ({1}) ({0}) }}",
    "any of {{ all of {{ ({0}) ({1}) }} all of {{ ({0}) not ({1}) }} }}",
)
"""The first criterion in other words, whatever the second is."""


def test_two_policies(tmp_path_factory):
    told = []

    @exhaustively(20)
    @given(CRITERIA, CRITERIA, CRITERIA, CRITERIA, st.none() | st.sampled_from(REWORDED), st.booleans())
    def tried(first, second, other, within, words, rest):
        if words is not None:
            other = Says(words.format(first.text, other.text), first.formula, first.holds)
        one, two = Made(first, second, rest), Made(other, second, rest)
        stated = f'claim "equal" {{ equal to made.other on codes J1000 if {{ ({within.text}) }} }}'
        beside = HEAD.replace("made.policy", "made.other") + two.text()
        program = compiled(tmp_path_factory.mktemp("made"), HEAD + one.text() + stated, beside)
        others = compared(program, (), Report())
        (said,) = [each for each in prove(program, others=others) if each.kind == "claim"]
        apart = [z3.And(one.formula(d), z3.Not(two.formula(d)), within.formula) for d in (MN, NC, NM, NA)]
        by_z3 = satisfiable(z3.Or(apart))
        by_force = any(one.decides(line) != two.decides(line) and within.holds(line) for line in LINES)
        assert said.proved is (not by_z3)
        assert by_force is by_z3
        told.append(said.proved)

    tried()
    assert told.count(True) > len(told) // 4
    assert told.count(False) > len(told) // 4
