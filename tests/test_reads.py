"""A claim without what is left out of its record is decided as the whole claim is."""

import json
import tempfile
from collections import Counter
from datetime import date
from operator import or_
from pathlib import Path

import pytest
from backends import examples
from exchanging import replaced
from hypothesis import given
from hypothesis import strategies as st
from test_backends import GOLDENS, blended, changed, policy_of

import policies
from compiler.answers.reads import reads, reduced
from compiler.pipeline import compile_paths
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.claims import decode
from compiler.runtime.derive import completed_years
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report
from policyc.records.record import json_text

SEEN = Counter()
NOISE = {
    "line": {"place_of_service": "11", "charge": 120.5, "modifiers": ["RT"]},
    "contract": {"payer": "P", "riders": [{"section": "A", "from": "2000-01-01"}]},
    "member": {"sex": "F"},
}
"""What no policy here asks."""


@pytest.fixture(scope="module")
def programs():
    report = Report()
    made = compile_paths(sorted({policy_of(golden) for golden in GOLDENS}), [], report)
    assert len(made) == 3, report.diagnostics
    return {program.package: program for program in made}


def noisy(claim, keys=("line", "contract", "member")):
    """A claim that states some facts more."""
    made = {**claim, "lines": [{**NOISE["line"], **line} for line in claim["lines"]]}
    return made | {scope: {**NOISE[scope], **(claim.get(scope) or {})} for scope in keys if scope != "line"}


def kept(policy, claim, known_on=None):
    """What is kept of a claim and what left out, after the checks; None where it cannot be read."""
    try:
        read = read_claim(claim, policy.schema)
    except ClaimError:
        SEEN["unreadable"] += 1
        return None
    left, names = reduced(claim, read, reads(policy, read, known_on))
    # As a file gives it back.
    again = decode(json_text(left).encode())
    read_again = read_claim(again, policy.schema)
    whole, less = (decide_claim(policy, each, known_on) for each in (read, read_again))
    assert less == whole, (claim, left)
    asked = reads(policy, read_again, known_on)
    assert reduced(again, read_again, asked)[0] == again
    assert asked.names().isdisjoint(names)
    SEEN.update(line["determination"] for line in whole["lines"])
    SEEN.update(edit["kind"] for line in whole["lines"] for edit in line["edits"])
    SEEN["left out"] += bool(names)
    return left, names


KNOWN = st.sampled_from([None, None, "2008-06-01", "2016-06-01", "2022-06-01", "2024-01-04", "2024-10-01"])


@examples(500)
@given(st.data(), st.randoms(use_true_random=False), KNOWN)
def test_blended_claims(programs, data, random, known_on):
    package = data.draw(st.sampled_from(sorted(programs)))
    mine = [g["claim"] for at, g in GOLDENS.items() if policy_of(at).stem == package.partition(".")[2]]
    claim = blended(data.draw(st.sampled_from(mine)), data.draw(st.sampled_from(mine)), random)
    claim = changed(claim, random) if data.draw(st.booleans()) else claim
    found = kept(programs[package], claim, date.fromisoformat(known_on) if known_on else None)
    if found is None or not all(isinstance(claim.get(key), dict | None) for key in ("member", "contract")):
        return
    # What is asked by nobody changes nothing, and is not kept.
    left, names = kept(programs[package], noisy(claim, ["member"]))
    assert not {key for line in left["lines"] for key in line} & NOISE["line"].keys()
    assert "sex" not in left.get("member", {})
    assert "lines[1].charge" in names or claim["lines"][0]["line"] != 1


@examples(60)
@given(st.data())
def test_made_policies(data):
    written = data.draw(policies.policies())
    with tempfile.TemporaryDirectory() as folder:
        made = compile_paths([written.write(Path(folder))], [], Report())
    random = data.draw(st.randoms(use_true_random=False))
    for program in made:
        SEEN["made policies"] += 1
        for _ in range(6):
            claim, known_on = data.draw(policies.claims(written.facts)), data.draw(policies.KNOWN_ON)
            day = date.fromisoformat(known_on) if known_on else None
            kept(program, claim, day)
            kept(program, changed(claim, random), day)


# ---- what those policies do not have ------------------------------------------------------------------

PLAN = """package made.plan

codes hcpcs {
    J1001 "ten" until 2023-01-01 per 10 mg gives line.drug := alpha replaced by J1002
    J1002 "one" from 2023-01-01 per 1 mg gives line.drug := alpha
    J1003 "other"
    J1004 "given with" gives line.drug := beta, line.tint := red
    J1005 "of any drug"
}
concept ill of icd10cm { A10 A11 }
concept infusions of hcpcs { J1001 J1002 J1003 J1005 }
record trial { agent open { alpha, beta } ended date }
facts {
    claim.admitted_on date
    line.drug open { alpha, beta }
    line.label code of hcpcs
    line.tint { red, blue } given by line.label
    line.stage { early, late }
    claim.trials list of trial
    claim.others list of trial
}
evidence line.drug from other lines of the day with infusions assume same_day "one drug a day"
evidence line.tint from other lines of the day assume same_tint "one tint a day"
policy "p" { payer "p" source "s" governed by claim.admitted_on }
revision 2022-01-01 "r" {
    section A "a" {
        medically_necessary if {
            line.drug == alpha
            member.age >= 18
            some diagnosis in claim.diagnoses { diagnosis in ill }
            some trial in claim.trials { trial.agent == beta }
        }
        limit 30 mg per 7 days then not_covered
    }
    section B "b" { manual_review if { line.tint == red } }
    A overrides B
    codes open to lines stating line.drug { J1001 though ended "x" J1002 though ended "x" J1005 }
}
"""


CLOSED = replaced(
    replaced(
        replaced(PLAN, "open to lines stating line.drug", ""),
        "some diagnosis in claim.diagnoses { diagnosis in ill }",
        "",
    ),
    "gives line.drug := alpha\n",
    "gives line.drug := alpha, line.stage := early\n",
)
"""Where less is asked, what is kept is kept for its own reason."""


def compiled(folder, text):
    path = folder / "made" / "plan.pol"
    path.parent.mkdir()
    path.write_text(text)
    report = Report()
    programs = compile_paths([path], [], report)
    assert programs, [d.message for d in report.diagnostics]
    return programs[0]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("plan"), PLAN)


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("closed"), CLOSED)


def maybe(**values):
    return st.fixed_dictionaries({}, optional=values)


DAYS = st.sampled_from(["2022-05-01", "2022-12-30", "2023-01-02", "2023-01-03", "2023-01-03", None])
CODES = st.sampled_from(["J1001", "J1002", "J1002", "J1003", "J1004", "J1005", "J1005", "99213"])
AGENTS = st.sampled_from(["alpha", "beta", "betx", "gamma", None])
UNITS = st.sampled_from([1, 3, 20, 40, None])
TRIALS = st.lists(maybe(agent=AGENTS, ended=DAYS), max_size=2)
HISTORY = st.lists(maybe(procedure=CODES, service_date=DAYS, units=UNITS), max_size=3)
ILL = st.lists(st.sampled_from(["A10", "B20.1", None]), max_size=2)
LINE = st.builds(
    or_,
    st.builds(dict, procedure=CODES, service_date=DAYS.filter(bool)),
    maybe(
        drug=AGENTS,
        label=CODES,
        units=UNITS,
        stage=st.just("early"),
        diagnoses=st.none() | ILL,
    ),
)
BORN = st.sampled_from(["2004-12-30", "2005-01-02", "2005-01-03", "1960-02-29", "2023-01-03", None])
ALLOWED = {"diagnoses": ["A10"], "trials": [{"agent": "beta"}], "admitted_on": "2023-01-03", "history": []}
PLAIN = st.fixed_dictionaries({"lines": st.lists(LINE, min_size=1, max_size=4)})
STATED = maybe(diagnoses=ILL, trials=TRIALS, others=TRIALS, history=HISTORY, admitted_on=DAYS)
EXCLUSIONS = st.sampled_from([{"diagnoses": ["A10"]}, {"section": "A"}, {"procedures": ["J1002"]}])


@st.composite
def claims(draw):
    start, lines = draw(st.sampled_from([({}, {}), (ALLOWED, {"drug": "alpha", "units": 20})]))
    claim = {"claim_id": "C", **start, **draw(STATED), **draw(PLAIN)}
    claim["lines"] = [{"line": n, **lines, **line} for n, line in enumerate(claim["lines"], 1)]
    if draw(st.booleans()) or start:
        claim["member"] = {"birth_date": draw(BORN)}
    if draw(st.integers(0, 3)) == 3:
        claim["contract"] = {"exclusions": [{**draw(EXCLUSIONS), "from": "2022-01-01"}]}
    return claim


@examples(600)
@given(claims())
def test_limits_records_and_another_governing_date(plan, closed, claim):
    kept(plan, claim)
    kept(closed, claim)


def test_enough_was_seen():
    """Runs after the others: none of what could be read goes untested."""
    kinds = {"needs_information", "not_applicable", "medically_necessary", "experimental_investigational"}
    kinds |= {"code_not_valid", "excluded_by_contract", "not_in_force", "units_over_limit", "quantity"}
    kinds |= {"contradicts_code", "unrecognized_value", "not_listed", "made policies", "left out"}
    assert not [kind for kind in kinds if not SEEN[kind]], SEEN


# ---- one by one ---------------------------------------------------------------------------------------


def line(number=1, procedure="J1002", day="2023-01-03", **stated):
    return {"line": number, "procedure": procedure, "service_date": day, **stated}


def claim(*lines, **stated):
    return {"claim_id": "C", "admitted_on": "2023-01-03", **stated, "lines": list(lines)}


def test_what_another_line_says_is_kept_where_it_is_evidence(plan):
    beside = line(2, "J1003", drug="beta", stage="late", units=4)
    _, names = kept(plan, claim(line(procedure="J1003", drug="alpha"), beside))
    assert "lines[2].stage" in names
    unlisted = claim(line(procedure="99213"), beside)
    assert kept(plan, unlisted)[0]["lines"][0] == line(procedure="99213")
    # A line that states its drug needs no evidence; one of another day is none.
    stated, _ = kept(plan, claim(line(drug="alpha"), line(2, "J1004", drug="beta", day="2023-01-02")))
    assert stated["lines"][1] == line(2, "J1004", drug="beta", day="2023-01-02")


@pytest.mark.parametrize(
    ("says", "assumption"), [({"drug": "beta"}, "same_day"), ({"label": "J1004"}, "same_tint")]
)
def test_a_line_that_the_policy_does_not_decide_is_evidence(closed, says, assumption):
    beside = line(2, "J1003", **says)
    decided = decide_claim(closed, read_claim(claim(line(procedure="J1005"), beside), closed.schema), None)
    assert assumption in decided["lines"][0]["assumptions"]
    assert kept(closed, claim(line(procedure="J1005"), beside))[0]["lines"][1] == beside


def test_units_of_a_line_that_the_policy_does_not_decide_count(plan):
    """J1001 is not valid any more where the other line is limited."""
    late = line(procedure="J1001", day="2023-01-02", drug="alpha", units=2)
    limited = claim(late, line(2, drug="alpha", units=20), history=[], trials=[{"agent": "beta"}])
    limited |= {"diagnoses": ["A10"], "member": {"birth_date": "1960-01-01"}}
    decided = decide_claim(plan, read_claim(limited, plan.schema), None)["lines"]
    assert decided[0]["determination"] == "code_not_valid"
    assert "units_over_limit" in {edit["kind"] for edit in decided[1]["edits"]}
    left, _ = kept(plan, limited)
    assert left["lines"][0]["units"] == 2


def test_what_only_resembles_a_value_is_kept_with_its_list(plan):
    others = [{"agent": "betx", "ended": "2020-01-01"}]
    left, _ = kept(plan, claim(line(drug="alpha"), others=others))
    assert left["others"] == others
    left, names = kept(plan, claim(line(drug="alpha"), others=[{"agent": "beta"}]))
    assert "others" not in left and "claim.others" in names


def test_nothing_is_kept_of_a_claim_that_concerns_no_policy(plan):
    rest = {"diagnoses": ["A10"], "member": {"birth_date": "1960-01-01"}, "history": [], "trials": [{}]}
    left, names = kept(plan, claim(line(procedure="99213", units=3, diagnoses=["A11"]), **rest))
    assert left == claim(line(procedure="99213"))
    assert names == (
        "claim.diagnoses",
        "claim.history",
        "claim.trials",
        "lines[1].diagnoses",
        "lines[1].units",
        "member.birth_date",
    )


@pytest.mark.parametrize(
    ("born", "days", "wanted"),
    [
        ("1980-05-05", ["2023-01-03"], "1981-01-03"),
        ("1980-05-05", ["2023-01-03", "2023-06-01"], "1980-06-01"),
        ("1980-01-02", ["2023-01-03"], "1980-01-03"),
        ("1979-03-01", ["2024-02-29"], "1980-02-29"),
        ("1980-03-01", ["2023-02-28"], "1981-02-28"),
        ("2024-03-01", ["2023-02-28"], "2023-03-01"),
    ],
)
def test_a_birth_date_is_no_more_than_the_ages(plan, born, days, wanted):
    lines = [line(n, day=day, drug="alpha") for n, day in enumerate(days, 1)]
    left, names = kept(plan, claim(*lines, member={"birth_date": born}))
    found = date.fromisoformat(left["member"]["birth_date"])
    for day in map(date.fromisoformat, days):
        assert (found > day) == (date.fromisoformat(born) > day)
        assert found > day or completed_years(found, day) == completed_years(date.fromisoformat(born), day)
    assert "member.birth_date" in names
    assert found == date.fromisoformat(wanted)


def test_numbers_are_written_as_they_were_read():
    text = '{"a": 1.10, "b": 1E+20, "c": -0.5, "d": [1, true, null, "\\u0000é"], "e": 12345678901234567890}'
    assert decode(json_text(decode(text.encode())).encode()) == decode(text.encode())
    assert json.loads(json_text(decode(text.encode()))) == json.loads(text)
