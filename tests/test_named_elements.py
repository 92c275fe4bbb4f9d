"""Definitions about an element of a list: they say what stands in them, of the element in hand there."""

import itertools
from datetime import date

import pytest
from backends import three_ways
from diagnosing import diagnose
from exchanging import replaced

from policyc.words.show import show

LIBRARY = """package made.trials

record trial { class { ssri, snri, other }  failed boolean  weeks integer 0..  ended date }
facts { claim.trials list of trial  claim.earlier list of trial  claim.ordered date }
"""
ADEQUATE = """
adequate of t in claim.trials if { long: t.weeks >= 6  t.recent }
recent of x in claim.trials if { x.ended within 1 year before claim.ordered }
grave of d in claim.diagnoses if { d in { A10x } }
"""
SPELT = {
    "u.adequate": "u.weeks >= 6  u.ended within 1 year before claim.ordered",
    "t.adequate": "t.weeks >= 6  t.ended within 1 year before claim.ordered",
    "d.grave": "d in { A10x }",
}
POLICY = """package made.policy

import made.trials

codes hcpcs { X0001 "thing" }
policy "made" { payer "p" }
%s
revision 2020-01-01 "r" {
    section A "a" {
        medically_necessary if {
            classes: at least 2 u in claim.trials with different class { u.failed  u.adequate }
            earlier: no t in claim.earlier { not (t.adequate) }
            grave: some d in claim.diagnoses { d.grave }
        }
        not_covered otherwise
    }
    codes { X0001 }
}
revision 2024-01-01 "Eight weeks" { %s }
"""
LONGER = "replace adequate.long with { t.weeks >= 8 }"
TRIALS = [
    {"class": one, "failed": True, "weeks": weeks, "ended": "2023-03-01"}
    for one in ("ssri", "snri", None)
    for weeks in (5, 6, 8, None)
]


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    """The same policy: with its own definitions, with those of a library, and without any."""

    def made(name, library, policy):
        folder = tmp_path_factory.mktemp(name) / "made"
        folder.mkdir()
        (folder / "trials.pol").write_text(library)
        (folder / "policy.pol").write_text(policy)
        return three_ways(folder / "policy.pol")

    spelt = POLICY
    for named, told in SPELT.items():
        assert named in spelt
        spelt = spelt.replace(f"({named})", f"all of {{ {told} }}").replace(named, told)
    return {
        "own": made("own", LIBRARY, POLICY % (ADEQUATE, LONGER)),
        "shared": made("shared", LIBRARY + ADEQUATE, POLICY % ("", "")),
        "spelt": made("spelt", LIBRARY, spelt % ("", "")),
        "longer": made("longer", LIBRARY, replaced(spelt, "weeks >= 6", "weeks >= 8") % ("", "")),
    }


def told(policy, day, **claim):
    line = {"line": 1, "procedure": "X0001", "service_date": day}
    (made,) = policy.agree({"claim_id": "C", **claim, "lines": [line]})["lines"]
    return made["determination"], made["missing"]


@pytest.mark.parametrize("ordered", ["2023-03-01", "2022-03-01", None])
@pytest.mark.parametrize("earlier", [[], [{"weeks": 6}], None])
def test_a_definition_says_what_stands_in_it(policies, ordered, earlier):
    for one, other in itertools.combinations(TRIALS, 2):
        claim = {"trials": [one, other], "diagnoses": ["A10.1"], "ordered": ordered, "earlier": earlier}
        wanted = told(policies["spelt"], "2023-06-01", **claim)
        assert told(policies["own"], "2023-06-01", **claim) == wanted
        assert told(policies["shared"], "2023-06-01", **claim) == wanted
        assert told(policies["own"], "2024-06-01", **claim) == told(policies["longer"], "2024-06-01", **claim)


OF_CODES = "good of d in claim.diagnoses if { d == A10 }\n"
OF_TRIALS = "good of t in claim.trials if { t.failed }\n"
WRONG = {
    "weeks of t in claim.trials if { t.failed }": "`weeks` is a field of these elements",
    "good of t in claim.trials if { some d in claim.diagnoses { d == A10 } }": "asks no other list",
    "good of t in claim.ordered if { t.failed }": "`claim.ordered` is no list",
    OF_TRIALS + "fine if { some t in claim.trials { t.good == true } }": "`t.good` holds or not by itself",
    OF_TRIALS + "fine if { good }": "`good` is said of an element",
    OF_CODES + "fine if { some t in claim.trials { t.good } }": "there is no field `good`",
    OF_TRIALS + "fine if { some t in claim.trials { t.goood } }": "there is no field `goood`",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_such_a_definition_cannot_be(text):
    found = [d.message for d in diagnose(LIBRARY + text) if d.severity == "error"]
    assert any(WRONG[text] in message for message in found), found


def test_show_says_of_which_list(policies):
    shown = show(policies["own"].program, date(2024, 5, 5), None)
    assert "adequate of t in claim.trials if {" in shown
