"""Lines of one signature are decided alike: what is kept of one answers for another only where it may."""

import copy
import itertools
import json
import random
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from backends import LONG, examples
from exchanging import replaced
from hypothesis import given
from hypothesis import strategies as st
from test_outcomes import asking
from test_reads import PLAN
from test_reads import claims as claims_of_plan

import policies
from compiler.binding.other_policies import OUTCOMES
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.errors import ClaimError
from compiler.runtime.kept import Kept
from compiler.runtime.reader import read_claim
from policyc import PolicyError, load

ROOT = Path(__file__).parents[1]
SHIPPED = sorted(path.with_suffix(".pol") for path in ROOT.glob("policies/*/*.golden"))
REQUIRED = {"claim_id", "lines", "line", "procedure", "service_date"}


def boxes(claim):
    """The objects of a claim whose keys are facts, each with its kind."""
    yield "claim", claim
    yield from ((kind, claim[kind]) for kind in ("member", "contract") if isinstance(claim.get(kind), dict))
    yield from (("line", line) for line in claim["lines"])


def recombined(claims, draw):
    """A claim with a few facts of another, or without a few of its own, or lines of both on one day."""
    claim = copy.deepcopy(draw.choice(claims))
    for _ in range(draw.randint(1, 4)):
        other = copy.deepcopy(draw.choice(claims))
        kind, box = draw.choice(list(boxes(claim)))
        donor = draw.choice([theirs for known, theirs in boxes(other) if known == kind] or [{}])
        match draw.randint(0, 5):
            case 0:
                claim["lines"].append(draw.choice(other["lines"]))
                if draw.random() < 0.8:
                    claim["lines"][-1]["service_date"] = claim["lines"][0]["service_date"]
            case 1 if len(claim["lines"]) > 1:
                claim["lines"].pop(draw.randrange(len(claim["lines"])))
            case 2 if optional := sorted(box.keys() - REQUIRED):
                key = draw.choice(optional)
                box[key] = [*box[key], None] if isinstance(box[key], list) and draw.random() < 0.5 else None
            case 3:
                line = draw.choice(claim["lines"])
                line["units"] = draw.choice([0, 1, 30, 2.5, None])
            case 4:
                line = draw.choice(claim["lines"])
                day = date.fromisoformat(line["service_date"]) + timedelta(
                    draw.choice([-366, -1, 1, 30, 365])
                )
                line["service_date"] = day.isoformat()
            case _ if keys := sorted(donor.keys() - {"lines", "line"}):
                key = draw.choice(keys)
                box[key] = donor[key]
    for number, line in enumerate(claim["lines"], 1):
        line["line"] = number
    return claim


def answer(policy, claim, day):
    try:
        return json.dumps(decide_claim(policy, read_claim(claim, policy.schema), day))
    except ClaimError as error:
        return json.dumps(error.record())


def agree(policy, claims, days, draw, count):
    """The compiled policy answers many claims in a row as the interpreter does, which keeps no decision."""
    seen = Counter()
    for _ in range(count):
        claim, day = recombined(claims, draw), draw.choice(days)
        known = len(policy.compiled.adjudicated)
        wanted, found = (answer(each, claim, day) for each in (policy.program, policy.compiled))
        assert found == wanted, (claim, day)
        lines = json.loads(wanted).get("lines", ())
        seen["lines"] += len(lines)
        seen["new"] += max(0, len(policy.compiled.adjudicated) - known)
        seen.update(line["determination"] for line in lines)
    assert not policy.program.adjudicated
    return seen


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_policies(path):
    goldens = sorted(path.with_suffix(".golden").glob("*/*.json"))
    policy = load(path)
    claims = [json.loads(golden.read_bytes())["claim"] for golden in goldens]
    claims = [claim for claim in claims if "error" not in json.loads(answer(policy.compiled, claim, None))]
    days = [None, None, None, *(row.posted for row in policy.compiled.revisions)]
    seen = agree(policy, claims, days, random.Random(8), LONG or 1500)
    assert seen["new"] < seen["lines"] * 2 / 3
    assert len(seen) > 4


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_policies_that_ask_what_another_decides(path, tmp_path):
    sets = {name: (name,) for name in OUTCOMES}
    asker = load(asking(tmp_path, f"{path.parent.name}.{path.stem}", sets), roots=[ROOT / "policies"])
    draw = random.Random(9)
    claims = [
        json.loads(golden.read_bytes()) for golden in sorted(path.with_suffix(".golden").glob("*/*.json"))
    ]
    claims = [claim["claim"] for claim in claims if "error" not in claim["decision"]]
    for line in (line for claim in claims for line in claim["lines"]):
        line |= {"asked": True, "wanted": draw.choice(OUTCOMES)}
    agree(asker, claims, [None, *(row.posted for row in load(path).compiled.revisions)], draw, LONG or 400)


@examples(40)
@given(st.data())
def test_made_policies(data):
    written = data.draw(policies.policies())
    with tempfile.TemporaryDirectory() as folder:
        try:
            policy = load(written.write(Path(folder)))
            assert policy.program
        except PolicyError:
            return
    claims = data.draw(st.lists(policies.claims(written.facts), min_size=4, max_size=4))
    days = [None, date.fromisoformat(data.draw(policies.KNOWN_ON) or "2024-01-01")]
    agree(policy, claims, days, data.draw(st.randoms(use_true_random=False)), 60)


TRIALS = "some trial in claim.trials { trial.agent == beta }"
COUNTED = replaced(
    replaced(PLAN, TRIALS, "member.sex == female"), "limit 30 mg per 7 days then not_covered", ""
)
COUNTED = replaced(COUNTED, "some diagnosis in", "at least 2 diagnosis in")
OF_THE_DAY = replaced(COUNTED, "governed by claim.admitted_on", "")
SEXES = [{"sex": sex, "birth_date": "1960-02-29"} for sex in ("female", "F", "femal", "x")]


@pytest.mark.parametrize("text", [PLAN, COUNTED, OF_THE_DAY], ids=["limited", "counted", "of the day"])
def test_counts_limits_records_and_another_governing_date(text, tmp_path):
    path = tmp_path / "made" / "plan.pol"
    path.parent.mkdir()
    path.write_text(text)
    policy = load(path)

    @examples(40)
    @given(st.lists(claims_of_plan(), min_size=4, max_size=4), st.randoms(use_true_random=False))
    def tried(claims, draw):
        sick = [{**claim, "diagnoses": ["A10", "A11", "B20.1"][: draw.randint(0, 3)]} for claim in claims]
        for claim in sick:
            claim["member"] = draw.choice(SEXES)
        agree(policy, claims + sick, [None, date(2022, 6, 1)], draw, 40)

    tried()
    assert policy.compiled.adjudicated


CROSSED = """package made
concept pain of icd10cm assume pain_codes "ours" { G89x }
facts {
    line.drug open { alpha also "alpha hcl", beta }
    line.route { oral, nasal }
    line.dose integer 0..100
    line.site { left, right } absent means left assume left_side "x"
    line.kit code of hcpcs
    GIVEN
    claim.admitted_on date
}
codes hcpcs {
    J1000 "x" per 1 mg gives line.drug := alpha, line.route := oral
    J1001 "x" per 2 mg gives line.route := oral, line.drug := alpha
    J1002 "x" gives line.drug := alpha, line.dose := 20
    J1003 "x" gives line.dose := 20, line.drug := beta
    J1004 "x" gives line.dose := 10, line.drug := beta
    J1005 "x" gives line.drug := beta, line.dose := 20
    J1006 "x" from 2021-01-01 until 2022-01-01 gives line.site := right
    K1000 "x" KIT0
    K1001 "x" from 2021-06-07 KIT1
}
concept pushes of hcpcs { J1002 J1004 }
policy "Made" { payer "p" GOVERNED }
evidence line.drug from other lines of the day with pushes assume same_push "x"
evidence line.site from other lines of the day assume same_site "x"
revision 2020-01-01 "r" {
    section A "a" { experimental_investigational if {
        any of {
            all of { line.drug == alpha  line.route == oral }
            all of { line.dose > 10  line.procedure != J1003 }
        }
        line.site == left
        some d in claim.diagnoses { d in pain }
    } }
    section B "b" { medically_necessary if { line.drug == beta  AGED } }
    A overrides B
    codes open to lines stating line.drug {
        J1000  J1001 assume counts "x"  J1002  J1003  J1004 needs J1000 or (J1001 assume other "x")  J1005
    }
}
revision 2021-01-01 "r" { add codes { J1006 though ended "x" } }
revision 2022-07-01 "r" { replace section B "b" { not_covered if { line.drug == beta } } }
"""
CROSSINGS = {
    "plain": {"AGED": "line.dose < 30"},
    "aged": {"AGED": "member.age >= 18"},
    "admitted": {"AGED": "line.service_date < 2021-07-01", "GOVERNED": "governed by claim.admitted_on"},
    "kits": {
        "AGED": "line.start < 2021-01-01",
        "GIVEN": "line.start date given by line.kit",
        "KIT0": "gives line.start := 2020-07-01",
        "KIT1": "gives line.start := 2021-07-01",
    },
}
ADMITTED = ["2020-06-06", "2021-06-07", "2022-08-08", None]
CODES = [f"J100{number}" for number in range(7)]
LINES = st.fixed_dictionaries(
    {
        "procedure": st.sampled_from([*CODES, *CODES, "J2000"]),
        "service_date": st.sampled_from(["2020-06-06", "2021-06-06", "2022-08-08"]),
    },
    optional={
        "drug": st.sampled_from(["alpha", "beta", "gamma", "alpha 5 mg", None]),
        "route": st.sampled_from(["oral", "nasal", None]),
        "dose": st.sampled_from([10, 30]),
        "site": st.sampled_from(["left", "right", None]),
        "units": st.sampled_from([1, 2.5, None]),
        "diagnoses": st.sampled_from([["G89.2"], [None], None]),
    },
)


@pytest.mark.parametrize("kind", CROSSINGS)
def test_codes_that_say_alike_and_otherwise(kind, tmp_path):
    text = CROSSED
    for word in ("AGED", "GOVERNED", "GIVEN", "KIT0", "KIT1"):
        text = replaced(text, word, CROSSINGS[kind].get(word, ""))
    path = tmp_path / "made.pol"
    path.write_text(text)
    policy = load(path)

    @examples(60)
    @given(st.lists(LINES, min_size=1, max_size=3), st.data())
    def tried(lines, data):
        numbered = [{"line": number, **line} for number, line in enumerate(lines, 1)]
        claim = {"claim_id": "C", "lines": numbered, "admitted_on": data.draw(st.sampled_from(ADMITTED))}
        if kind == "aged":
            claim["member"] = {"birth_date": data.draw(st.sampled_from(["2003-06-06", "2003-06-07", None]))}
        for line in numbered if kind == "kits" else ():
            line["kit"] = data.draw(st.sampled_from(["K1000", "K1001", "j1000", "J1000", None]))
            line["start"] = data.draw(st.sampled_from(["2020-01-01", "2022-01-01", None]))
        # One line after the other with each of the codes on both days, all else the same; and alone.
        for line, code, day in itertools.product(numbered, CODES, ("2021-06-06", "2021-06-07")):
            line.update(procedure=code, service_date=day)
            for each in (claim, {**claim, "lines": [line]}):
                wanted, found = (answer(way, each, None) for way in (policy.program, policy.compiled))
                assert found == wanted, each

    tried()
    assert policy.compiled.adjudicated


def test_what_one_version_asks_first_is_not_what_another_does(tmp_path):
    text = """package asks
policy "a" { payer "p" }
codes hcpcs { X0101 }
facts { claim.p boolean  claim.q boolean  claim.c boolean }
revision 2024-01-01 "r" {
    section zero "z" { not_covered if { claim.c claim.q } }
    section one "o" { medically_necessary if { not claim.c claim.p claim.q } }
    codes { X0101 }
}
revision 2025-01-01 "s" { replace section zero "z" { not_covered if { claim.c claim.p } } }
"""
    path = tmp_path / "asks.pol"
    path.write_text(text)
    policy = load(path)
    for day in ("2024-05-05", "2025-05-05"):
        line = {"line": 1, "procedure": "X0101", "service_date": day}
        claim = {"claim_id": "C", "c": False, "lines": [line]}
        assert answer(policy.compiled, claim, None) == answer(load(path).compiled, claim, None)


def test_what_is_kept_belongs_to_nobody():
    policy = load(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
    line = {"line": 1, "procedure": "J2001", "service_date": "2024-10-01", "units": 3, "drug": "ketamne"}
    claim = {"claim_id": "C", "diagnoses": ["G90.511", "G43.E01"], "lines": [line]}
    wanted = json.dumps(policy.decide(claim))

    def spoil(value):
        inner = list(value.values()) if isinstance(value, dict) else list(value)
        for each in inner:
            if isinstance(each, dict | list):
                spoil(each)
        value.clear()

    for _ in range(2):
        made = policy.decide(claim)
        assert json.dumps(made) == wanted
        spoil(made)


def test_what_is_kept_is_bounded():
    kept = Kept()
    for number in range(2 * kept.most + 1):
        assert kept.keep(number, str(number)) == str(number)
        assert len(kept) <= kept.most
    assert kept[2 * kept.most] == str(2 * kept.most)
