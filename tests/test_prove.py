"""`policyc prove`: planted faults are found in each shipped policy, and none where none was planted."""

import json
import shlex
from itertools import count

import pytest
from attrs import evolve
from exchanging import replace_in, replaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_diff import IV, LUNG, SLEEP, call, planted

import policies
from compiler.diff.tries import Tries
from compiler.diff.watch import Stopped
from compiler.pipeline import compile_paths
from compiler.proofs.parts import Part, left, parts
from compiler.proofs.prove import prove
from compiler.runtime.adjudicate import adjudicate, find
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report

HCPCS = IV.parents[1] / "codes" / "hcpcs.pol"


def told(path):
    done = call("prove", path, "--format", "json")
    made = json.loads(done.stdout)
    assert done.exit_code == (0 if made["proved"] else 1)
    for each in made["statements"]:
        if "replay" in each:
            _, _, claim, _, _, *arguments = shlex.split(each["replay"])
            again = call(*arguments, "--format", "json", stdin=claim)
            assert json.loads(again.stdout) == each["decision"]
    return made


def refuted(made):
    return {(each["kind"], each["about"]) for each in made["statements"] if each["proved"] is False}


@pytest.mark.parametrize("policy", [IV, LUNG, SLEEP], ids=["iv", "lung", "sleep"])
def test_the_shipped_policies_are_proved_sound(policy):
    made = told(policy)
    assert made["proved"] is True
    kinds = {each["kind"] for each in made["statements"]}
    assert {"overlap", "rule", "criterion", "gap", "code", "reachable"} <= kinds


def test_what_the_rest_makes_up_for_is_told_and_refutes_nothing():
    redundant = [each["about"] for each in told(SLEEP)["statements"] if each["kind"] == "redundant"]
    assert redundant == ["high_index"]


def test_each_determination_is_shown_by_a_claim():
    reached = {each["about"]: each for each in told(SLEEP)["statements"] if each["kind"] == "reachable"}
    assert set(reached) == {"medically_necessary", "not_medically_necessary", "manual_review"}
    for determination, each in reached.items():
        assert each["decision"]["lines"][0]["determination"] == determination


BOTH = "            line.counselled\n            both: line.counselled and line.screen == later\n"
CHILD = "child: member.age < 18\n            benefit: claim.benefited"
MORE = "wider: claim.sleep_test == home_type_4 and claim.channels >= 4"
LATER = "            line.phase == after_12_weeks\n            study: in_study"
ESKETAMINE = "purpose: line.purpose == treatment\n            line.drug == esketamine"
TYPE_4 = "type_4: claim.sleep_test == home_type_4 and claim.channels >= 3"
OLDER = "older: member.age >= 40\n        member.age in 50..77"
UNMET = "            low_dose_ct\n            not screening_criteria"
DEAD = [
    (IV, "purpose: line.purpose == treatment", ESKETAMINE, "rule", "experimental_investigational"),
    (LUNG, "            line.counselled\n", BOTH, "criterion", "both"),
    (LUNG, "member.age in 50..77", OLDER, "criterion", "older"),
    (LUNG, UNMET, f"{UNMET}\n            counselling_visit", "rule", "not_covered"),
    (SLEEP, "benefit: claim.benefited", CHILD, "rule", "medically_necessary"),
    (SLEEP, TYPE_4, f"{TYPE_4}\n            {MORE}", "criterion", "wider"),
    (SLEEP, "            study: in_study", LATER, "exception", "line.phase == after_12_weeks"),
]


@pytest.mark.parametrize(("policy", "old", "new", "kind", "about"), DEAD, ids=[case[4] for case in DEAD])
def test_what_no_line_needs_is_found(tmp_path, policy, old, new, kind, about):
    path = planted(tmp_path, policy)
    replace_in(path, old, new, 1)
    made = told(path)
    assert (kind, about) in refuted(made)


OVERLAPS = [
    (IV, 'section B "Psychiatric disorders"', None),
    (LUNG, "not counselling_criteria", "line.eligibility_determined"),
    (SLEEP, "    local_continued overrides continued\n", ""),
]


@pytest.mark.parametrize(("policy", "old", "new"), OVERLAPS, ids=["iv", "lung", "sleep"])
def test_an_overlap_is_no_policy(tmp_path, policy, old, new):
    if new is None:
        path = planted(tmp_path, policy)
        first, second = path.read_text().split(old)
        second = replaced(second, "experimental_investigational if", "not_covered if", 1)
        path.write_text(first + old + second)
    else:
        path = planted(tmp_path, policy, (old, new))
    done = call("prove", path)
    assert done.exit_code == 1 and '"claim_id": "witness"' in done.stdout + done.stderr
    assert "overlapping-rules" in done.stderr


GAPS = [
    (IV, HCPCS, "J2001", "2024-10-01", "2024-09-30"),
    (LUNG, HCPCS.parents[1] / "concepts" / "lung_screening.pol", "G0297", "2021-01-01", "2020-12-31"),
]


@pytest.mark.parametrize(("policy", "codes", "code", "end", "day"), GAPS, ids=["iv", "lung"])
def test_a_gap_of_one_day_between_codes_is_found(tmp_path, policy, codes, code, end, day):
    path = planted(tmp_path, codes, (f"until {end}", f"until {day}"))
    path = path.parents[1] / policy.parent.name / policy.name
    text = path.read_text()
    assert text.count(f"        {code}\n") == 1
    path.write_text(replaced(text, f"        {code}\n", f'        {code} though ended "a day early"\n'))
    made = told(path)
    gap = next(each for each in made["statements"] if each["kind"] == "gap" and each["proved"] is False)
    assert (gap["about"], gap["from"], gap["through"]) == (code, day, day)


@pytest.mark.parametrize("policy", [IV, LUNG, SLEEP], ids=["iv", "lung", "sleep"])
def test_a_code_that_is_listed_when_it_is_not_valid_is_found(tmp_path, policy):
    code, row = {IV: "96374", LUNG: "G0296", SLEEP: "E0601"}[policy], None
    path = planted(tmp_path, policy)
    for file in tmp_path.rglob("*.pol"):
        lines = file.read_text().splitlines(keepends=True)
        for at, line in enumerate(lines):
            if line.lstrip().startswith(f'{code} "'):
                row = file
                words = line.rstrip("\n").split(" from ")[0]
                lines[at] = f"{words} from 2022-05-05\n"
        file.write_text("".join(lines))
    assert row is not None
    made = call("prove", path)
    assert made.exit_code == 1
    if made.stdout:
        found = [each for each in told(path)["statements"] if each["kind"] == "code"]
        (wrong,) = [each for each in found if each["proved"] is False]
        assert wrong["about"] == code
        assert wrong["decision"]["lines"][0]["determination"] == "code_not_valid"
    else:
        assert "code-before-start" in made.stderr


# ---- generated policies -----------------------------------------------------------------------------------


FEW = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@FEW
@given(st.data())
def test_no_claim_needs_what_no_line_needs(tmp_path_factory, data):
    written = data.draw(policies.policies())
    made = compile_paths([written.write(tmp_path_factory.mktemp("made"))], (), Report())
    if not made:
        return
    (program,) = made
    statements = list(prove(program))
    assert all(each.proved is not None for each in statements)
    dead = [
        Part(each.kind, each.about, each.span)
        for each in statements
        if each.span is not None and (each.proved is False or each.kind == "redundant")
    ]
    dead = [part._replace(kind="criterion") if part.kind == "redundant" else part for part in dead]
    unreached = {each.about for each in statements if each.kind == "reachable" and each.proved is False}
    for _ in range(12):
        stated = data.draw(policies.claims(written.facts))
        try:
            claim = read_claim(stated, program.schema)
        except ClaimError:
            continue
        for line in claim.lines:
            found = adjudicate(program, claim, line, None)
            # A contract can put to a reviewer what no section does.
            never = unreached - {"manual_review"} if "contract" in stated else unreached
            assert found.finding.determination not in never
            stands = program.decision(line.day, None)
            for part in dead if found.facts is not None else ():
                version = program.version_of(without(stands, part))
                one, other = (
                    find(program, each, found.facts, each.held(found.facts))
                    for each in (found.version, version)
                )
                assert (one.determination, one.rules) == (other.determination, other.rules), part


def without(decision, part):
    """The decision without a part."""
    _, among = parts(decision).get(part, ("", []))
    changed = left(decision, part, among)
    rules = (
        evolve(rule, condition=changed.get(at, rule.condition)) for at, rule in enumerate(decision.rules)
    )
    return evolve(decision, rules=tuple(rules))


# ---- stopped ----------------------------------------------------------------------------------------------


def stopping_at(number):
    """Whoever looks on stops the search the so manieth time that it tells what it looks at."""
    told = []

    def watch(what):
        told.append(what)
        if len(told) == number:
            raise Stopped

    return watch


def test_a_proof_that_is_stopped_says_so_and_proves_no_more_than_it_looked_at():
    (program,) = [p for p in compile_paths([SLEEP], (), Report()) if p.package == "cms.ncd_240_4"]
    whole = {(s.kind, s.about, s.section, s.span): s.proved for s in prove(program)}
    for number in (1, 4, 12):
        part = list(prove(program, stopping_at(number)))
        assert (part[-1].kind, part[-1].proved) == ("stopped", None)
        assert all(s.proved in (None, whole[s.kind, s.about, s.section, s.span]) for s in part[:-1])


def test_what_was_sought_in_vain_is_sought_in_fewer_claims_at_each_further_place():
    tries = Tries()
    assert [len(list(tries.of("a rule", count()))) for _ in range(7)] == [24, 12, 6, 3, 1, 1, 1]
    assert len(list(tries.of("another", count()))) == 24


def test_a_call_that_is_stopped_is_not_fine():
    done = call("prove", IV, "--timeout", "0")
    assert done.exit_code == 1 and "stopped" in done.stdout + done.stderr
