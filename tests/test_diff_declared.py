"""Versions that declare facts otherwise: as a wider one, as another thing, or in one of them alone."""

import pytest
from compiling import compiled

from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.spaces import Apart
from compiler.proofs.equal import equal

HEAD = """package made.policy
codes hcpcs { J1001 "a" }
FIRST
facts { line.s1 boolean FACTS }
policy "Made" { payer "p" governed by line.service_date }
revision 2020-01-01 "r" {
    BODY
    codes { J1001 }
}
claim "as it is" { equal to made.policy }
"""


def made_of(folder, body="line.s1", facts="", first=""):
    section = (
        body if body.startswith("section") else f'section A "A" {{ medically_necessary if {{ {body} }} }}'
    )
    text = HEAD.replace("FIRST", first).replace("FACTS", facts).replace("BODY", section)
    return compiled(folder, text)


TRIAL = "record trial { %s }"
TRIALS = "claim.trials list of trial"
SOME = "some t in claim.trials { %s }"
PARTS = """codes parts { P1 "x" gives %s }
record fit { part code of parts  %s }"""
FITS = "claim.fits list of fit"
LEFT = "side { left, right } given by part"

DECLARED = {
    "a field that is called otherwise": (
        (SOME % "t.adequate", TRIALS, TRIAL % "adequate boolean"),
        (SOME % "t.good", TRIALS, TRIAL % "good boolean"),
    ),
    "a field more": (
        (SOME % "t.adequate", TRIALS, TRIAL % "adequate boolean"),
        (SOME % "t.adequate and t.good", TRIALS, TRIAL % "adequate boolean good boolean"),
    ),
    "a field that is another thing": (
        (SOME % "t.weeks > 3", TRIALS, TRIAL % "weeks integer 0..99"),
        (SOME % "t.weeks == many", TRIALS, TRIAL % "weeks { few, many }"),
    ),
    "a number and an enumeration": (
        ("claim.w > 3", "claim.w integer 0..9"),
        ("claim.w == low", "claim.w { low, high }"),
    ),
    "a date and a list": (
        ("claim.w within 3 months before line.service_date", "claim.w date"),
        ("some x in claim.w { x in {A10} }", "claim.w codes of icd10cm"),
    ),
    "enumerations that have no value in common": (
        ("claim.w == low", "claim.w { low, high }"),
        ("claim.w == some_way", "claim.w { some_way, far }"),
    ),
    "what a code gives in a field more": (
        ("line.s1", FITS, PARTS % ("fit.side := left", LEFT)),
        (
            "line.s1",
            FITS,
            PARTS % ("fit.side := left, fit.size := big", LEFT + " size { big, small } given by part"),
        ),
    ),
    "what a code gives as another thing": (
        ("line.s1", FITS, PARTS % ("fit.side := left", LEFT)),
        ("line.s1", FITS, PARTS % ("fit.side := 3", "side integer 0..9 given by part")),
    ),
}

SHOWN = ("a field that is called otherwise", "a field more")
"""Claims may state the fields of both: one version reads over those of the other."""


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("about", DECLARED)
def test_what_is_declared_otherwise_is_named(tmp_path, about, turned):
    both = [made_of(tmp_path / str(at), *declared) for at, declared in enumerate(DECLARED[about])]
    one, other = (Side(program) for program in (both[::-1] if turned else both))
    found = diff(one, other)
    (fact,) = {apart.facts for apart in found.beyond if apart.what == "fact"}
    assert found.equal is (False if about in SHOWN else None)
    (promise,) = one.program.consolidated.policy.promises
    told = equal(one, other, promise, lambda _: None)
    asked = "line.s1" not in DECLARED[about][0][0]
    assert told.proved is (False if about in SHOWN else None if asked else True)
    assert (Apart("fact", fact) in told.beyond) is (asked and told.proved is None)


@pytest.mark.parametrize("turned", [False, True])
def test_a_fact_by_whose_values_rules_are_parted_may_be_declared_by_one_version_alone(tmp_path, turned):
    sections = [
        f'section S{at} "S" {{ medically_necessary if {{ line.kind == v{at}  line.s1 }} }}'
        for at in range(26)
    ]
    kinds = ", ".join(f"v{at}" for at in range(27))
    both = [
        made_of(tmp_path / "one"),
        made_of(tmp_path / "other", "\n".join(sections), f"line.kind {{ {kinds} }}"),
    ]
    found = diff(*map(Side, both[::-1] if turned else both))
    assert found.equal is False
    assert any(each.claim["lines"][0].get("kind") == "v26" for each in found.differences)
