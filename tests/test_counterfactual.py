"""The nearest change of facts by which a line would be decided otherwise."""

import json
import subprocess
import sys
from collections import Counter
from copy import deepcopy

import comparing
import oracle
import pytest
import say
from hypothesis import given
from hypothesis import strategies as st
from oracle import EI, MN

from compiler.answers.nearest import nearest
from compiler.runtime.reader import read_claim
from policyc import load

DECLARED = """
record visit { ok boolean  n integer 0..1 }
facts {
    line.x boolean
    line.y boolean
    claim.weeks integer 0..4
    claim.visits list of visit
}
"""

# ---- brute force ------------------------------------------------------------------------------------------

VISITS = [{"ok": ok, "n": n} for ok in (True, False) for n in (0, 1)]
SCALARS = {"line.x": (True, False), "line.y": (True, False), "claim.weeks": range(5)}


class Author(comparing.Author):
    """Draws conditions over the facts declared above."""

    def scalar(self):
        return self.one(
            say.compared(say.fact("line.x"), "==", say.constant("true", True)),
            say.compared(say.fact("line.y"), "==", say.constant("true", True)),
            *(
                say.compared(say.fact("claim.weeks"), operator, say.constant(str(number), number))
                for operator, number in (("<", 2), (">=", 3), ("==", 1))
            ),
        )

    def listed(self):
        field = self.one(
            say.compared(say.fact("v.ok"), "==", say.constant("true", True)),
            say.compared(say.fact("v.n"), ">=", say.constant("1", 1)),
        )
        where = say.body(field, *([self.scalar()] if self.chance(4) else []))
        word = self.one("some", "every", "no", "at least", "exactly")
        return say.quantified(word, 2, "v", "claim.visits", where)

    def condition(self, depth):
        if depth == 0:
            return self.one(self.scalar(), self.listed())
        one, other = self.condition(depth - 1), self.condition(depth - 1)
        return self.one(say.both(one, other), say.either(one, other), say.negated(one))

    def policy(self):
        sections = [(self.one(EI, MN), say.body(self.condition(2))) for _ in range(self.many(1, 3))]
        return oracle.Policy(DECLARED, tuple(sections), self.chance(3))

    def facts(self):
        known = {path: self.one(*values) for path, values in SCALARS.items()}
        if self.chance(2):
            known["line.y"] = None
        return {**known, "claim.visits": [dict(self.one(*VISITS)) for _ in range(self.many(0, 2))]}


def decides(policy, facts):
    """What a policy says of facts, one of which may be unknown; None where that is open."""
    ways = [facts] if facts["line.y"] is not None else [{**facts, "line.y": y} for y in (True, False)]
    (made, *others) = {policy.decides(way) for way in ways}
    return None if others else made


def one_step(facts):
    """All facts that differ in one place."""
    for path, values in SCALARS.items():
        yield from ({**facts, path: value} for value in values if value != facts[path])
    visits = facts["claim.visits"]
    for at in range(len(visits)):
        yield {**facts, "claim.visits": visits[:at] + visits[at + 1 :]}
        for field, values in (("ok", (True, False)), ("n", (0, 1))):
            for value in values:
                changed = [*visits[:at], {**visits[at], field: value}, *visits[at + 1 :]]
                yield {**facts, "claim.visits": changed}
    yield from ({**facts, "claim.visits": [*visits, visit]} for visit in VISITS)


def steps_to(policy, facts):
    """For each other determination in how few steps it is reached, of at most three."""
    found = {decides(policy, facts): 0}
    seen, now = set(), [facts]
    for steps in (1, 2, 3):
        following = []
        for each in (changed for one in now for changed in one_step(one)):
            # The order of a list is asked by nothing here.
            alike = sorted(map(str, each["claim.visits"])), *(each[path] for path in SCALARS)
            if str(alike) not in seen:
                seen.add(str(alike))
                following.append(each)
                found.setdefault(decides(policy, each), steps)
        now = following
    return {made: steps for made, steps in found.items() if steps and made is not None}


COUNTS = Counter()


@comparing.exhaustively(80)
@given(st.data())
def test_no_smaller_change_leads_elsewhere(data):
    author = Author(data.draw)
    policy = author.policy()
    loaded = comparing.load(policy.text)
    for _ in range(2):
        facts = author.facts()
        wanted = steps_to(policy, facts) if decides(policy, facts) is not None else None
        told = [nearest_of(compiled, claim_of(facts)) for compiled in loaded]
        assert told[0] == told[1]
        if wanted is None:
            assert told[0] == {}
            COUNTS["open"] += 1
            continue
        found = {each["determination"]: each["changes"] for each in told[0]["counterfactual"]}
        for made, changes in found.items():
            assert decides(policy, changed(facts, changes)) == made, (facts, changes, policy.text)
            COUNTS[len(changes)] += 1
            COUNTS["nearest"] += is_nearest(policy, facts, changes, made)
        steps = {made: len(changes) for made, changes in found.items()}
        if told[0].get("counterfactual_complete", True):
            assert steps == wanted, (facts, found, policy.text)
        else:
            COUNTS["incomplete"] += 1


def is_nearest(policy, facts, changes, made):
    """A number that is changed alone: none that is nearer would do."""
    if [change["fact"] for change in changes] != ["claim.weeks"]:
        return False
    (change,) = changes
    far = abs(change["to"] - change["from"])
    nearer = (n for n in SCALARS["claim.weeks"] if abs(n - change["from"]) < far)
    assert all(decides(policy, {**facts, "claim.weeks": n}) != made for n in nearer), (facts, change)
    return True


def test_brute_force_met_all_kinds():
    assert all(COUNTS[kind] for kind in (1, 2, 3, "open", "nearest")), COUNTS
    assert COUNTS["incomplete"] < 0.1 * sum(COUNTS.values()), COUNTS


def claim_of(facts):
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}
    line |= {"x": facts["line.x"], "y": facts["line.y"]}
    return {
        "claim_id": "C",
        "weeks": facts["claim.weeks"],
        "visits": facts["claim.visits"],
        "lines": [line],
    }


def nearest_of(compiled, claim):
    read = read_claim(claim, compiled.schema)
    return nearest(compiled, read, read.lines[0], None)


def changed(facts, changes):
    """The facts with changes made to them, elements taken away last."""
    facts = deepcopy(facts)
    removed = []
    for change in changes:
        path, bracket, rest = change["fact"].partition("[")
        at, _, field = rest.partition("]")
        if not bracket:
            assert facts[path] == change["from"]
            facts[path] = change["to"]
        elif field:
            assert facts[path][int(at)][field[1:]] == change["from"]
            facts[path][int(at)][field[1:]] = change["to"]
        elif change["to"] is None:
            removed.append(int(at))
        else:
            assert int(at) == len(facts[path])
            facts[path].append({"ok": False, "n": 0} | change["to"])
    for at in sorted(removed, reverse=True):
        del facts["claim.visits"][at]
    return facts


# ---- planted ----------------------------------------------------------------------------------------------

IV = load("policies/bcbsks/iv_anesthetics.pol")
LUNG = load("policies/cms/ncd_210_14.pol")
INFUSION = {
    "claim_id": "C",
    "diagnoses": ["G90.511"],
    "lines": [
        {"line": 1, "procedure": "96365", "service_date": "2025-02-02"},
        {"line": 2, "procedure": "J2003", "service_date": "2025-02-02", "units": 300},
    ],
}
SCAN = {
    "claim_id": "C",
    "diagnoses": ["Z87.891"],
    "member": {"birth_date": "1980-01-01", "asymptomatic": True, "pack_years": 30, "smoking": "current"},
    "lines": [
        {
            "line": 1,
            "procedure": "71271",
            "service_date": "2024-06-01",
            "order": "at_counselling_visit",
            "screen": "first",
        }
    ],
}


def line_of(policy, claim, number=0):
    return policy.decide(claim, counterfactual=True)["lines"][number]


def changes_to(line, determination):
    """The changes that lead to a determination, each as fact, from and to."""
    (found,) = [each for each in line["counterfactual"] if each["determination"] == determination]
    return [tuple(change.values()) for change in found["changes"]]


def test_what_is_taken_from_another_line_is_changed_on_the_line():
    line = line_of(IV, INFUSION)
    (change,) = changes_to(line, "not_applicable")
    assert change == ("line.drug", "lidocaine", "esketamine") and "counterfactual_complete" not in line
    claim = deepcopy(INFUSION)
    claim["lines"][0]["drug"] = "esketamine"
    assert IV.decide(claim)["lines"][0]["determination"] == "not_applicable"


def test_diagnoses_of_the_line_are_changed_there():
    claim = deepcopy(INFUSION)
    claim["lines"][0] |= {"drug": "ketamine", "diagnoses": ["I49.9"]}
    ((fact, old, new),) = changes_to(line_of(IV, claim), EI)
    assert (fact, old) == ("line.diagnoses[0]", "I49.9")
    claim["lines"][0]["diagnoses"] = [new]
    assert IV.decide(claim)["lines"][0]["determination"] == EI


def test_a_diagnosis_is_added_to_none():
    claim = deepcopy(INFUSION) | {"diagnoses": []}
    ((fact, old, new),) = changes_to(line_of(IV, claim), EI)
    assert (fact, old) == ("claim.diagnoses[0]", None)
    assert IV.decide({**claim, "diagnoses": [new]})["lines"][0]["determination"] == EI


def test_an_age_is_changed_by_the_nearest_birth():
    assert changes_to(line_of(LUNG, SCAN), MN) == [("member.birth_date", "1980-01-01", "1974-06-01")]
    old = deepcopy(SCAN)
    old["member"]["birth_date"] = "1940-01-01"
    assert changes_to(line_of(LUNG, old), MN) == [("member.birth_date", "1940-01-01", "1946-06-02")]


def test_a_number_is_changed_to_the_nearest():
    claim = deepcopy(SCAN)
    claim["member"] |= {"birth_date": "1970-01-01", "pack_years": 4.5}
    assert changes_to(line_of(LUNG, claim), MN) == [("member.pack_years", 4.5, 20)]


def test_a_value_that_is_not_recognized_counts_as_unknown():
    claim = deepcopy(INFUSION) | {"diagnoses": ["I49.9"]}
    claim["lines"][0]["drug"] = "ketamne"
    assert changes_to(line_of(IV, claim), EI)[0] == ("line.drug", None, "ketamine")


def test_a_diagnosis_that_the_contract_excludes_can_be_another():
    contract = {"exclusions": [{"diagnoses": ["G90.511"], "from": "2020-01-01"}]}
    ((fact, old, new),) = changes_to(line_of(IV, {**INFUSION, "contract": contract}), EI)
    assert (fact, old) == ("claim.diagnoses[0]", "G90.511") and new != old


def test_what_the_contract_alone_asks_is_changed_too():
    loaded, _ = comparing.load(oracle.Policy(DECLARED, ((EI, say.Says("{ line.x }", None)),)).text)
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", "x": True}
    contract = {"exclusions": [{"diagnoses": ["R52"], "from": "2020-01-01"}]}
    claim = {"claim_id": "C", "diagnoses": ["R52"], "contract": contract, "lines": [line]}
    first, second = nearest_of(loaded, claim)["counterfactual"]
    assert (first["determination"], second["determination"]) == ("not_applicable", EI)
    assert second["changes"][0]["fact"] == "claim.diagnoses[0]"


@pytest.mark.parametrize(
    "change", [{"procedure": "J2001"}, {"procedure": "99213"}, {"service_date": "2020-01-01"}]
)
def test_of_a_line_whose_rules_are_not_asked_nothing_is_told(change):
    claim = deepcopy(INFUSION)
    claim["lines"][1] |= change
    assert "counterfactual" not in line_of(IV, claim, 1)


def test_an_open_line_says_what_is_missing_instead():
    claim = deepcopy(INFUSION)
    del claim["lines"][1]
    line = line_of(IV, claim)
    assert line["missing"] and "counterfactual" not in line


def test_more_facts_than_three_are_not_changed():
    claim = deepcopy(SCAN)
    claim["member"] |= {"asymptomatic": False, "pack_years": 1}
    claim["lines"][0]["order"] = "none"
    line = line_of(LUNG, claim)
    assert line["counterfactual"] == [] and "counterfactual_complete" not in line


def told(policy, claim, *options):
    done = subprocess.run(
        [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "eval", policy, "-", *options],
        input=json.dumps(claim),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_people_are_told():
    shown = told("policies/cms/ncd_210_14.pol", SCAN, "--counterfactual", "--format", "table")
    assert "would be medically_necessary with member.birth_date 1974-06-01 instead of 1980-01-01" in shown
    shown = told(
        "policies/bcbsks/iv_anesthetics.pol",
        {**INFUSION, "diagnoses": []},
        "--counterfactual",
        "--format",
        "table",
    )
    assert "would be experimental_investigational with claim.diagnoses[0] B02.21 added" in shown


def test_a_folder_tells_it_of_each_policy():
    (decision,) = json.loads(f"[{told('policies', INFUSION, '--counterfactual')}]")
    assert decision["lines"] == IV.decide(INFUSION, counterfactual=True)["lines"]
