"""Parameters by facts: a comparison asks the row in which the line lies, known or not."""

from itertools import product

import pytest
from comparing import exhaustively, sets_of
from hypothesis import given
from hypothesis import strategies as st
from oracle import MN, NC, answer_of, domain

from compiler.emit.python import code
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.compiled import run
from compiler.runtime.reader import read_claim
from policyc import load

POLICY = """package made
codes hcpcs {{ X1000 "a" }}
record trial {{ weeks integer 0..9 }}
facts {{
    line.site {{ hands, trunk, other }}
    claim.stage integer 0..3
    claim.weeks integer 0..9
    claim.trials list of trial
}}
parameter least by line.site, claim.stage {{
    hands,            any  then 3
    {{ trunk, other }}, 2..  then 5
    trunk,            ..<2 then 7
    other,            0..1 then 1
}}
policy "Made" {{ payer "p" }}
revision 2020-01-01 "r" {{
    section A "a" {{ medically_necessary if {{ {asked} }} }}
    section R "rest" {{ not_covered otherwise }}
    codes {{ X1000 }}
}}
revision 2021-01-01 "s" {{
    replace parameter least by claim.stage {{ 0 then 2  1..2 then 4  3 then 6 }}
}}
"""
ASKED = {
    "claim.weeks >= least": lambda weeks, least, trials: weeks >= least,
    "not claim.weeks < least + 1": lambda weeks, least, trials: weeks >= least + 1,
    "claim.weeks between least - 2 and least": lambda weeks, least, trials: least - 2 <= weeks <= least,
    "some t in claim.trials { t.weeks > least }": lambda weeks, least, trials: any(t > least for t in trials),
    "claim.weeks == least or claim.weeks == 9": lambda weeks, least, trials: weeks in (least, 9),
}
SITES, STAGES, WEEKS = ("hands", "trunk", "other"), range(4), range(10)


def least(site, stage, year):
    if year >= 2021:
        return {0: 2, 1: 4, 2: 4, 3: 6}[stage]
    if site == "hands":
        return 3
    return 5 if stage >= 2 else 7 if site == "trunk" else 1


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    made = {}
    for number, asked in enumerate(ASKED):
        path = tmp_path_factory.mktemp(f"p{number}") / "made.pol"
        path.write_text(POLICY.format(asked=asked))
        program = load(path).program
        made[asked] = program, run(code(program))
    return made


@exhaustively(300)
@given(
    asked=st.sampled_from(sorted(ASKED)),
    year=st.sampled_from([2020, 2021]),
    site=st.sampled_from([None, *SITES]),
    stage=st.sampled_from([None, *STAGES]),
    weeks=st.sampled_from([None, *WEEKS]),
    trials=st.lists(st.integers(0, 9), max_size=2),
)
def test_what_is_decided_and_asked_is_what_all_completions_say(
    policies, asked, year, site, stage, weeks, trials
):
    known = {"line.site": (site, SITES), "claim.stage": (stage, STAGES), "claim.weeks": (weeks, WEEKS)}
    unknown = [(fact, domain(values)) for fact, (value, values) in known.items() if value is None]
    made = {}
    for at in product(*(range(len(each.values)) for _, each in unknown)):
        values = {fact: each.values[n] for (fact, each), n in zip(unknown, at, strict=True)}
        s, g, w = (values.get(fact, value) for fact, (value, _) in known.items())
        made[at] = MN if ASKED[asked](w, least(s, g, year), trials) else NC
    wanted = answer_of(unknown, made)
    line = {"line": 1, "procedure": "X1000", "service_date": f"{year}-05-05", "site": site}
    claim = {"claim_id": "C", "stage": stage, "weeks": weeks, "trials": [{"weeks": t} for t in trials]}
    program, compiled = policies[asked]
    read = read_claim({**claim, "lines": [line]}, program.schema)
    (decided,) = decide_claim(program, read, None)["lines"]
    assert decided["determination"] == wanted.determination
    assert sets_of(decided["missing"]) == wanted.missing
    assert "exact" not in decided and "missing_complete" not in decided
    assert decide_claim(compiled, read, None)["lines"] == [decided]


def test_the_rows_that_were_known_before_a_policy_was_retired_are_checked_too(tmp_path):
    path = tmp_path / "made.pol"
    table = 'section T "t" { table line.site { any then not_covered from 2022-03-01 } }'
    text = POLICY.format(asked="claim.weeks >= least").split("revision 2021")[0]
    text = text.replace('section R "rest" { not_covered otherwise }', f"T overrides A {table}")
    path.write_text(text + 'revision 2022-01-01 posted 2022-06-01 "gone" { retire "over" }\n')
    claim = {"claim_id": "C", "lines": [{"line": 1, "procedure": "X1000", "service_date": "2022-04-01"}]}
    policy = load(path)
    decided = [policy.decide(claim, known_on=known)["lines"][0] for known in ("2022-05-31", "2022-06-01")]
    assert [line["determination"] for line in decided] == ["not_covered", "not_in_force"]
