"""What another policy decides of the line, asked as a criterion: the same as that policy decides."""

import json
from pathlib import Path

import pytest
from backends import three_ways
from exchanging import replaced

from compiler.binding.other_policies import OUTCOMES
from policyc import PolicyError, load

ROOT = Path(__file__).parents[1] / "policies"
SHIPPED = ("bcbsks/iv_anesthetics", "cms/ncd_210_14", "cms/ncd_240_4")

ASKING = """package made.asking
import {package}
codes hcpcs {{ X9999 "a code of its own" }}
facts {{ line.wanted {{ {names} }} line.asked boolean }}
policy "asking" {{ payer "p" }}
revision 1990-01-01 "r" {{
    section A "a" {{
        medically_necessary if {{ answers: any of {{ {ways} }} }}
        not_covered otherwise
    }}
    codes open to lines stating line.asked {{ X9999 }}
}}
"""
WAY = "line.wanted == {name} and outcome of {last} in {{ {outcomes} }}"


def asking(tmp_path, package, sets):
    """A policy that asks whether another comes to one of some sets of determinations."""
    last = package.rpartition(".")[2]
    ways = " ".join(WAY.format(name=n, last=last, outcomes=", ".join(s)) for n, s in sets.items())
    path = tmp_path / "made" / "asking.pol"
    path.parent.mkdir()
    text = ASKING.format(package=package, names=", ".join(sets), ways=ways)
    path.write_text(text)
    return path


def goldens(policy):
    files = sorted(ROOT.glob(f"{policy}.golden/*/*.json"))
    assert files
    return [json.loads(file.read_text()) for file in files]


@pytest.mark.parametrize("policy", SHIPPED)
def test_the_outcome_is_what_the_other_policy_decides(tmp_path, policy):
    """Of its own claims; a claim that asks for information can come to just those that are left open."""
    package = policy.replace("/", ".")
    other = load(ROOT / f"{policy}.pol")
    sets = {name: (name,) for name in OUTCOMES}
    sets["not_applicable_or_denied"] = ("not_applicable", "not_covered", "experimental_investigational")
    path = asking(tmp_path, package, sets)
    asker = load(path, roots=[ROOT])
    seen = set()
    for golden in goldens(policy):
        claim = golden["claim"]
        if "error" in golden["decision"]:
            continue
        if "exclusions" in claim.get("contract", {}):
            continue  # a contract has its say behind the rules of each policy
        for decided, line in zip(
            other.decide(claim, known_on=golden.get("known_on"))["lines"], claim["lines"], strict=True
        ):
            determination = decided["determination"]
            kinds = {edit["kind"] for edit in decided["edits"]}
            if determination == "excluded_by_contract" or "units_over_limit" in kinds:
                continue
            left_open = set()
            for name, outcomes in sets.items():
                asked = {**line, "asked": True, "wanted": name}
                beside = [asked if each is line else each for each in claim["lines"]]
                answers = asker.decide({**claim, "lines": beside}, known_on=golden.get("known_on"))["lines"]
                (answer,) = [each for each in answers if each["line"] == line["line"]]
                if answer["determination"] == "needs_information":
                    left_open.add(name)
                    assert determination == "needs_information"
                else:
                    yes = answer["determination"] == "medically_necessary"
                    if determination != "needs_information":
                        assert yes == (determination in outcomes), (claim, line, determination, name)
            if determination == "needs_information":
                assert len(left_open & set(OUTCOMES)) >= 2, (claim, line, left_open)
            seen.add(determination)
    assert {"needs_information", "not_applicable", "not_in_force"} <= seen


BRACES = """package made.braces
codes hcpcs {{ X1810 "knee brace" X1811 "hinge" X1812 "pad" }}
facts {{ claim.unstable boolean  claim.sport boolean }}
policy "Braces" {{ payer "p" {applies} }}
revision 2024-01-01 "r" {{
    section A "Unstable" {{ medically_necessary if {{ claim.unstable assume measured "m" }} }}
    section B "Sport" {{ not_covered if {{ claim.sport }} }}
    B overrides A
    codes {{ X1810 X1811 }}
}}
revision 2024-09-01 posted 2024-10-01 "s" {{ remove B overrides A  A overrides B }}
revision 2025-01-01 "t" {{ retire "no longer" }}
"""
FITTINGS = """package made.fittings
import made.braces
policy "Fittings" {{ payer "p" }}
revision 2023-01-01 "r" {{
    section A "a" {{ {rules} }}
    codes {{ X1810 X1811 X1812 }}
}}
"""


def fittings(tmp_path, rules, applies=""):
    (tmp_path / "made").mkdir(exist_ok=True)
    (tmp_path / "made" / "braces.pol").write_text(BRACES.format(applies=applies))
    path = tmp_path / "made" / "fittings.pol"
    path.write_text(FITTINGS.format(rules=rules))
    return three_ways(path)


def claim(code="X1810", day="2024-03-01", **facts):
    return {"claim_id": "C", **facts, "lines": [{"line": 1, "procedure": code, "service_date": day}]}


RULES = (
    "medically_necessary if { outcome of braces == medically_necessary } "
    "not_covered if { outcome of braces == not_covered } "
    "manual_review if { outcome of braces in { not_applicable, code_not_valid, not_in_force } }"
)


@pytest.mark.parametrize(
    ("asked", "known_on", "wanted"),
    [
        (claim(unstable=True, sport=False), None, "medically_necessary"),
        (claim(unstable=True, sport=True), None, "not_covered"),
        (claim(unstable=True, sport=True, day="2024-09-01"), None, "medically_necessary"),
        (claim(unstable=True, sport=True, day="2024-09-01"), "2024-09-30", "not_covered"),
        (claim(unstable=True), None, [["claim.sport"]]),
        (claim(unstable=True, day="2024-09-01"), None, "medically_necessary"),
        (claim(sport=True), None, "not_covered"),
        (claim(), None, [["claim.sport"]]),
        (claim(unstable=False, sport=False), None, "manual_review"),
        (claim("X1812", unstable=True), None, "manual_review"),
        (claim(unstable=True, day="2023-12-31"), None, "manual_review"),
        (claim(unstable=True, day="2025-01-01"), None, "manual_review"),
        (claim("X1811", unstable=True, sport=False), None, "medically_necessary"),
    ],
)
def test_outcomes_are_exact_about_shared_facts(tmp_path, asked, known_on, wanted):
    (found,) = fittings(tmp_path, RULES).agree(asked, known_on)["lines"]
    assert (found["missing"] or found["determination"]) == wanted
    if wanted == "medically_necessary":
        assert found["assumptions"] == ["measured"]


def test_what_a_policy_applies_to_counts(tmp_path):
    ways = fittings(tmp_path, RULES, "applies if { adult: claim.unstable or claim.sport }")
    (found,) = ways.agree(claim(sport=False))["lines"]
    assert found["missing"] == [["claim.unstable"]]


def test_rules_that_ask_for_two_outcomes_do_not_overlap(tmp_path):
    """One policy has one outcome: no order has to be stated. Where it may be either, one must."""
    fittings(tmp_path, RULES)
    overlapping = replaced(RULES, "{ outcome of braces == not_covered }", "{ claim.sport }")
    with pytest.raises(PolicyError, match="overlapping-rules"):
        fittings(tmp_path, overlapping)


def test_a_change_of_the_other_policy_is_a_change_of_this_one(tmp_path):
    path = tmp_path / "made" / "fittings.pol"
    fittings(tmp_path, RULES)
    before = load(path).decide(claim(unstable=True, sport=True))
    other = tmp_path / "made" / "braces.pol"
    other.write_text(
        replaced(
            replaced(other.read_text(), "    B overrides A", "    A overrides B"),
            "remove B overrides A  A overrides B",
            "",
        )
    )
    after = load(path).decide(claim(unstable=True, sport=True))
    assert before["lines"][0]["determination"] == "not_covered"
    assert after["lines"][0]["determination"] == "medically_necessary"
    assert before["policy_digest"] != after["policy_digest"]


FIRST = """package made.first
codes hcpcs { X0001 "thing" }
facts { claim.n integer 0..9 }
policy "first" { payer "p" }
one if { claim.n > BOUND }
two if { one }
revision 2024-01-01 "r" {
    section A "a" { medically_necessary if { two } not_covered otherwise }
    codes { X0001 }
}
revision 2024-06-01 "s" { replace one with { claim.n > 7 } }
"""
SECOND = """package made.second
import made.first
policy "second" { payer "p" }
revision 2024-01-01 "r" {
    section A "a" { medically_necessary if { ASKED } not_covered otherwise }
    codes { X0001 }
}
"""


ENDED = "table claim.n { any then medically_necessary until 2024-03-01 }"


def two_policies(tmp_path, asked, first):
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "first.pol").write_text(first)
    (folder / "second.pol").write_text(replaced(SECOND, "ASKED", asked))
    return folder / "second.pol"


def test_a_policy_whose_definitions_rest_on_each_other_can_be_asked(tmp_path):
    policy = load(
        two_policies(tmp_path, "outcome of first == medically_necessary", replaced(FIRST, "BOUND", "3"))
    )
    for day, n, wanted in (("2024-05-31", 4, "medically_necessary"), ("2024-06-01", 4, "not_covered")):
        line = {"line": 1, "procedure": "X0001", "service_date": day}
        assert (
            policy.decide({"claim_id": "C", "n": n, "lines": [line]})["lines"][0]["determination"] == wanted
        )


@pytest.mark.parametrize("asked", ["first.two", "claim.n > first.bound"])
def test_what_another_policy_defines_is_its_own(tmp_path, asked):
    first = replaced(FIRST, "BOUND", "bound") + 'bound := 3\nrevision 2024-07-01 "t" { replace bound := 4 }\n'
    with pytest.raises(PolicyError) as refused:
        load(two_policies(tmp_path, asked, first))
    (told,) = refused.value.diagnostics
    assert (told.code, "is another policy's" in told.message) == ("type-mismatch", True)


def test_a_text_without_rules_has_nothing_to_say_of_any_line(tmp_path):
    ended = replaced(
        replaced(FIRST, "BOUND", "3"), "medically_necessary if { two } not_covered otherwise", ENDED
    )
    ways = three_ways(two_policies(tmp_path, "outcome of first == not_applicable", ended))
    told = [ways.agree(claim("X0001", day))["lines"][0] for day in ("2024-02-29", "2024-03-01")]
    assert [line["determination"] for line in told] == ["not_covered", "medically_necessary"]
