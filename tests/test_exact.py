"""Exactness: the answer of a policy is what trying every completion gives."""

import os
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import brute
import comparing
import oracle
import pytest
from contracts import contracts
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import policies
from compiler.emit.python import code
from compiler.pipeline import compile_paths
from compiler.questions.ask import ask
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.compiled import run
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report
from policyc import PolicyError

POLICIES = Path(__file__).parent.parent / "policies"
EXAMPLES = int(os.environ.get("EXACT_EXAMPLES", "0"))
"""How many examples a long run takes; by default few, and always the same."""

COMPARED = Counter()


def exhaustively(few):
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def load(path):
    """A policy as the interpreter and as generated Python runs it, past the user's cache."""
    report = Report()
    programs = compile_paths([path], (), report)
    if not programs:
        raise PolicyError(report.diagnostics)
    return programs[0], run(code(programs[0]))


def agree(policy, claim, known_on=None):
    """The decision of a claim, each line of which is what brute force finds, by both ways of running it."""
    program, generated = policy
    known_on = date.fromisoformat(known_on) if isinstance(known_on, str) else known_on
    read = read_claim(claim, program.schema)
    made = decide_claim(generated, read, known_on, explain=True)
    assert made == decide_claim(program, read, known_on, explain=True)
    for line, got in zip(read.lines, made["lines"], strict=True):
        try:
            wanted = brute.answer(program, read, line, known_on)
        except oracle.TooMany:
            COMPARED["too many"] += 1
            continue
        COMPARED[wanted.determination] += 1
        if wanted.determination == "manual_review":
            COMPARED["rider"] += any("rider" in each for each in got.get("review", ()))
        COMPARED["completions"] += wanted.completions
        found = brute.Answer(
            got["determination"],
            tuple(got["rules"]),
            tuple(got.get("unsure", ())),
            tuple(tuple(facts) for facts in got["missing"]),
            wanted.completions,
        )
        about = f"line {line.number} of {claim}, known on {known_on}"
        assert found == wanted, about
        assert "missing_complete" not in got and "exact" not in got, about
        assert ("missing_for" in got) is (got["determination"] == "needs_information"), about
        if wanted.asks is not None:
            COMPARED["asks"] += 1
            comparing.asks_agree(got, wanted.asks, about)
            assert got["relevant"] == list(wanted.asks.left), about
    return made["lines"]


# ---- (a) the policy on intravenous anesthetics --------------------------------------------------------

CUTS = ("2022-01-08", "2022-12-29", "2023-10-01", "2024-01-05", "2024-10-01", "2024-12-23")
IV_DAYS = [
    date.fromordinal(date.fromisoformat(cut).toordinal() + n).isoformat() for cut in CUTS for n in (-1, 0, 1)
]
IV_CODES = ["96365", "96366", "96367", "96374", "J2001", "J2002", "J2003", "J2004", "J3490", "99213"]
IV_DIAGNOSES = ["G90.511", "G43.E09", "F32.1", "F42.2", "M79.7", "M54.5", "Z00.00", "g89.4", "B0223"]
IV_LINE = {
    "drug": [
        "ketamine",
        "Ketamine HCl",
        "lidocaine",
        "esketamine",
        "ketamne",
        "ketamine 50 mg/ml",
        "propofol",
    ],
    "route": ["intravenous", "oral", "other"],
    "purpose": ["treatment", "procedural_anesthesia", "other"],
}
IV_LIST = st.one_of(st.none(), st.lists(st.sampled_from([*IV_DIAGNOSES, None]), max_size=3))


@st.composite
def iv_claims(draw):
    claim = {"claim_id": "C", "lines": []}
    if draw(st.booleans()):
        claim["diagnoses"] = draw(IV_LIST)
    day = draw(st.sampled_from(IV_DAYS))
    for number in range(1, draw(st.integers(1, 3)) + 1):
        code = draw(st.sampled_from(IV_CODES))
        line = {"line": number, "procedure": code, "service_date": day}
        for fact, values in IV_LINE.items():
            if draw(st.booleans()):
                line[fact] = draw(st.sampled_from([*values, None]))
        if draw(st.integers(0, 9)) == 9:
            line["diagnoses"] = draw(IV_LIST)
        claim["lines"].append(line)
    if draw(st.booleans()):
        codes = ["G90.511", "M79.7", "M54.5", "F42.2"]
        claim["contract"] = draw(contracts(("A", "B", "Z"), codes, IV_CODES))
        if draw(st.booleans()):
            # A contract says most of lines that sections decide.
            claim["diagnoses"] = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=2))
            for line in claim["lines"]:
                line |= {"procedure": "96365", "drug": "ketamine", "route": "intravenous"}
    return claim


@pytest.fixture(scope="module")
def iv():
    return load(POLICIES / "bcbsks" / "iv_anesthetics.pol")


@exhaustively(300)
@given(iv_claims(), st.sampled_from([*[None] * len(CUTS), *CUTS]))
def test_the_iv_policy_is_exact(iv, claim, known_on):
    COMPARED["claims of the IV policy"] += 1
    agree(iv, claim, known_on)


# ---- (b) made policies --------------------------------------------------------------------------------


@exhaustively(100)
@given(st.data())
def test_made_policies_are_exact(data):
    written = data.draw(policies.policies())
    COMPARED["made policies"] += 1
    with tempfile.TemporaryDirectory() as folder:
        try:
            policy = load(written.write(Path(folder)))
        except PolicyError as error:
            wrong = {d.code for d in error.diagnostics if d.severity == "error"}
            assert wrong <= {"ambiguous-order", "amends-nothing", "supersedes-cycle"}, (
                f"{error}\n{written.policy}"
            )
            COMPARED["not compiled"] += 1
            assume(False)
    for _ in range(4):
        agree(policy, data.draw(policies.claims(written.facts)), data.draw(policies.KNOWN_ON))


def test_enough_was_compared():
    """Runs after the two above: no kind of answer goes untested."""
    if COMPARED["made policies"] and COMPARED["claims of the IV policy"]:
        kinds = {"needs_information", "not_applicable", "experimental_investigational", "not_in_force"}
        kinds |= {"excluded_by_contract", "code_not_valid", "medically_necessary", "manual_review", "rider"}
        assert {kind for kind in kinds if not COMPARED[kind]} == set()
    if EXAMPLES:
        print("compared", dict(COMPARED))


# ---- (c) planted cases --------------------------------------------------------------------------------

HEAD = """package planted

policy "planted" { payer "p" source "s" }

facts {
    line.drug open { ketamine, lidocaine }
    line.color { red, green, blue }
    line.x boolean
    line.y boolean
    line.z boolean
}

codes hcpcs { J1000 "a" J1001 "b" }
"""
EI, MN = "experimental_investigational", "medically_necessary"


@pytest.fixture
def planted(tmp_path):
    """Decides a line under sections, and compares with brute force."""

    def decided(sections, line=None, library="", contract=None, **claim):
        path = tmp_path / "planted.pol"
        text = f'{HEAD}{library}\nrevision 2020-01-01 "r" {{ {sections} codes {{ J1000 }} }}\n'
        path.write_text(text)
        first = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", **(line or {})}
        claim |= {"claim_id": "C", "lines": [first]}
        if contract is not None:
            claim["contract"] = {"exclusions": [{"from": "2020-01-01", **each} for each in contract]}
        made = agree(load(path), claim)[0]
        return made["determination"], made["rules"], made.get("unsure", []), made["missing"]

    return decided


def section(name, *rules, made=EI):
    return f'section {name} "s" {{ {" ".join(f"{made} if {{ {rule} }}" for rule in rules)} }} '


DISJOINT = "concept a of icd10cm { A10 } concept b of icd10cm { B10 }"
NESTED = "concept inner of icd10cm { A10 } concept outer of icd10cm { A1x }"


def some(concept):
    return f"some dx in claim.diagnoses {{ dx in {concept} }}"


def every(concept):
    return f"every dx in claim.diagnoses {{ dx in {concept} }}"


def test_a_thing_or_not_the_thing(planted):
    assert planted(section("A", "line.x or not line.x")) == (EI, ["A"], [], [])
    assert planted(section("A", "line.x and not line.x")) == ("not_applicable", [], [], [])


def test_a_thing_or_not_the_thing_over_two_rules_of_a_section(planted):
    assert planted(section("A", "line.x", "not line.x")) == (EI, ["A"], [], [])


def test_rules_that_exclude_each_other_and_agree(planted):
    rules = section("A", "line.x") + section("B", "not line.x")
    assert planted(rules) == (EI, [], ["A", "B"], [])
    assert planted(rules, {"x": True}) == (EI, ["A"], [], [])


def test_an_open_enumeration_exhausted_with_its_other(planted):
    told = section("A", "line.drug == ketamine") + section("B", "line.drug == lidocaine")
    assert planted(told) == ("needs_information", [], [], [["line.drug"]])
    rest = section("C", "not (line.drug == ketamine or line.drug == lidocaine)")
    assert planted(told + rest) == (EI, [], ["A", "B", "C"], [])
    assert planted(told + rest, {"drug": "ketamne"}) == (EI, [], ["A", "B", "C"], [])


def test_a_closed_enumeration_exhausted_by_its_members(planted):
    told = "line.color == red or line.color == green"
    assert planted(section("A", told)) == ("needs_information", [], [], [["line.color"]])
    assert planted(section("A", f"{told} or line.color == blue")) == (EI, ["A"], [], [])


def test_every_over_the_empty_list(planted):
    assert planted(section("A", every("a")), library=DISJOINT, diagnoses=[]) == (EI, ["A"], [], [])
    both = section("A", every("a"), every("b"), some("{ A10, B10 }"))
    assert planted(both, library=DISJOINT)[3] == [["claim.diagnoses"]]


def test_nested_concepts(planted):
    implied = section("A", f"not ({every('inner')}) or {every('outer')}")
    assert planted(implied, library=NESTED) == (EI, ["A"], [], [])
    implied = section("A", f"not ({some('inner')}) or {some('outer')}")
    assert planted(implied, library=NESTED) == (EI, ["A"], [], [])
    converse = section("A", f"not ({every('outer')}) or {every('inner')}")
    assert planted(converse, library=NESTED) == ("needs_information", [], [], [["claim.diagnoses"]])


def test_one_null_is_not_in_two_disjoint_concepts(planted):
    both = section("A", f"{some('a')} {some('b')}")
    null = {"library": DISJOINT, "diagnoses": [None]}
    assert planted(both, **null) == ("not_applicable", [], [], [])
    assert planted(both, **null | {"diagnoses": ["A10", None]})[3] == [["claim.diagnoses"]]
    assert planted(both, **null | {"diagnoses": [None, None]})[3] == [["claim.diagnoses"]]
    either = section("A", some("a")) + section("B", every("{ B10 }"))
    assert planted(either, **null) == ("needs_information", [], [], [["claim.diagnoses"]])


def test_at_least_two_over_a_list_with_nulls(planted):
    two = section("A", "at least 2 dx in claim.diagnoses { dx in a }")
    found = {str(n): planted(two, library=DISJOINT, diagnoses=n)[0] for n in (["A10"], ["A10", "A10"])}
    assert found == {"['A10']": "not_applicable", "['A10', 'A10']": EI}
    assert planted(two, library=DISJOINT, diagnoses=["B10", None])[0] == "not_applicable"
    assert planted(two, library=DISJOINT, diagnoses=["A10", None])[3] == [["claim.diagnoses"]]
    assert planted(two, library=DISJOINT, diagnoses=["A10", None, "A10"])[:2] == (EI, ["A"])


def test_a_concept_that_is_empty_on_the_day_is_not_asked_about(planted):
    gone = "concept gone of icd10cm { A10 until 2021-01-01 }"
    assert planted(section("A", some("gone")), library=gone) == ("not_applicable", [], [], [])
    both = section("A", f"{some('gone')} or line.x")
    assert planted(both, library=gone)[3] == [["line.x"]]


def test_a_quantifier_asks_for_its_list_before_what_is_inside(planted):
    inside = section("A", "some dx in claim.diagnoses { dx in a  line.x }")
    assert planted(inside, library=DISJOINT)[3] == [["claim.diagnoses"], ["line.x"]]
    assert planted(inside, {"x": False}, DISJOINT) == ("not_applicable", [], [], [])


def test_unknown_diagnoses_and_an_exclusion_inside_the_only_concept(planted):
    excluded = [{"diagnoses": ["A10"]}]
    wide = "concept a of icd10cm { A10 A11 }"
    asked = ("needs_information", [], [], [["claim.diagnoses"]])
    assert planted(section("A", some("a")), library=wide, contract=excluded) == asked
    assert planted(section("A", some("a") + " or line.x"), {"x": True}, wide, excluded) == asked
    known = planted(section("A", some("a")), library=wide, contract=excluded, diagnoses=["A10", None])
    assert known == ("excluded_by_contract", [], [], [])


def test_unknown_diagnoses_and_an_exclusion_of_exactly_the_concept(planted):
    excluded = [{"diagnoses": ["A10"]}]
    made = planted(section("A", some("a")), library=DISJOINT, contract=excluded)
    assert made == ("needs_information", [], [], [["claim.diagnoses"]])
    null = planted(section("A", some("a")), library=DISJOINT, contract=excluded, diagnoses=["B10", None])
    assert null == ("needs_information", [], [], [["claim.diagnoses"]])
    only = section("A", f"{some('a')} line.x")
    settled = planted(only, {"x": True}, DISJOINT, excluded, diagnoses=["A10"])
    assert settled == ("excluded_by_contract", [], [], [])


def test_an_exclusion_by_diagnosis_where_no_rule_asks_for_diagnoses(planted):
    excluded = [{"diagnoses": ["A10"]}]
    rules = section("A", "line.x")
    assert planted(rules, {"x": True}, contract=excluded)[3] == [["claim.diagnoses"]]
    assert planted(rules, {"x": False}, contract=excluded) == ("not_applicable", [], [], [])
    assert planted(rules, contract=excluded)[3] == [["line.x"]]
    stated = planted(rules, contract=excluded, diagnoses=["A10"])
    assert stated == ("needs_information", [], [], [["line.x"]])
    always = planted(section("A", "line.x or not line.x"), contract=excluded, diagnoses=[None, "A10"])
    assert always == ("excluded_by_contract", [], [], [])


def test_an_exclusion_is_not_forgotten_for_a_fact_that_is_asked_later(planted):
    rules = section("A", f"{some('a')} line.y  line.x or not line.x")
    stated = {"contract": [{"diagnoses": ["A10"]}], "diagnoses": ["A10"], "library": DISJOINT}
    assert planted(rules, {"y": True}, **stated) == ("excluded_by_contract", [], [], [])
    assert planted(rules, **stated)[3] == [["line.y"]]


def test_an_excluded_section_that_is_overridden_excludes_nothing(planted):
    rules = section("A", "line.x") + section("B", "line.y", made=MN) + "A overrides B "
    excluded = [{"section": "B"}]
    assert planted(rules, {"x": True, "y": True}, contract=excluded)[:2] == (EI, ["A"])
    assert planted(rules, {"x": False, "y": True}, contract=excluded)[0] == "excluded_by_contract"
    assert planted(rules, {"y": True}, contract=excluded)[3] == [["line.x"]]


def test_overrides_with_unknown_facts(planted):
    rules = section("A", "line.x") + section("B", "line.y", made=MN) + "A overrides B "
    assert planted(rules, {"x": True}) == (EI, ["A"], [], [])
    assert planted(rules, {"y": True}) == ("needs_information", [], [], [["line.x"]])
    assert planted(rules) == ("needs_information", [], [], [["line.x"]])
    assert planted(rules, {"x": False}) == ("needs_information", [], [], [["line.y"]])
    agreeing = section("A", "line.x") + section("B", "line.x or line.y") + "A overrides B "
    assert planted(agreeing, {"y": True}) == (EI, [], ["A", "B"], [])


def test_exceptions_with_unknown_facts(planted):
    rules = f'section A "s" {{ {EI} if {{ line.x }} except if {{ line.y line.z }} }} '
    assert planted(rules, {"x": False}) == ("not_applicable", [], [], [])
    assert planted(rules, {"x": True, "y": False}) == (EI, ["A"], [], [])
    assert planted(rules, {"x": True})[3] == [["line.y"], ["line.z"]]
    assert planted(rules)[3] == [["line.x"], ["line.y", "line.z"]]


def test_ten_disjoint_concepts_stay_small(tmp_path):
    concepts = " ".join(f"concept c{n} of icd10cm {{ A1{n} }}" for n in range(10))
    asked = "\n".join(some(f"c{n}") for n in range(10))
    both = "".join(section(n, f"{how} of {{ {asked} }}") for n, how in (("A", "any"), ("B", "at least 4")))
    text = f'{HEAD}{concepts}\nrevision 2020-01-01 "r" {{ {both}codes {{ J1000 }} }}\n'
    (tmp_path / "planted.pol").write_text(text)
    program, _ = load(tmp_path / "planted.pol")
    made = ask(program.decision(date(2022, 2, 2), None), LineFacts({}, False, program.specs))
    assert len(made.space.variables) == 10
    assert 0 < sum(len(made.diagram.reachable(node)) for node in made.speaks) < 60


def test_twenty_sections_on_twenty_facts_are_exact(tmp_path):
    facts = " ".join(f"line.f{n} boolean" for n in range(20))
    rules = "".join(section(f"S{n}", f"line.f{n}") for n in range(20))
    path = tmp_path / "planted.pol"
    text = HEAD + f'facts {{ {facts} }} revision 2020-01-01 "r" {{ {rules} codes {{ J1000 }} }}\n'
    path.write_text(text)
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}
    made = agree(load(path), {"claim_id": "C", "lines": [line]})[0]
    assert "exact" not in made
    assert made["missing"] == [[f"line.f{n}"] for n in range(20)]
