"""Each part of a signature counts: of two lines that differ in it alone each is decided for itself."""

import pytest
from exchanging import replaced

from compiler.runtime.kept import Found, Kept
from policyc import load

POLICY = """package made
record trial { agent { alpha, beta } }
concept pain of icd10cm assume pain_codes "ours" { G89x }
concept skin of icd10cm { L20x }
concept pushes of hcpcs { J1002 J1004 J1007 }
facts {
    line.drug open { alpha also "alpha hcl", beta }
    line.route open { oral, nasal }
    line.dose integer 0..100
    line.site { left, right } absent means left assume left_side "x"
    line.start date
    claim.kind open { inner, outer }
    claim.trials list of trial
    line.trials list of trial
}
codes icd10cm { L20.1 "x" until 2021-06-01  L20.2 "x" }
codes hcpcs {
    J1000 "x" per 1 mg  gives line.drug := alpha, line.dose := 20
    J1001 "x" per 1 mg  gives line.drug := alpha, line.dose := 20
    J1002 "x" gives line.drug := alpha, line.dose := 20, line.route := oral
    J1003 "x" gives line.drug := alpha, line.dose := 20, line.route := oral
    J1004 "x" gives line.drug := beta, line.dose := 20
    J1005 "x" gives line.dose := 20, line.drug := alpha, line.route := oral
    J1006 "x" from 2021-01-01 until 2022-01-01 gives line.drug := beta
    J1007 "x" until 2021-06-01 gives line.drug := beta
    J1007 "x" from 2021-06-01 posted 2022-10-10 gives line.drug := beta
    J1008 "x"
    J1009 "x"
    J1011 "x" gives line.drug := alpha, line.dose := 25, line.route := oral
    J1010 "x" until 2022-01-01 per 2 mg replaced by J1000
}
policy "Made" { payer "p" }
evidence line.drug from other lines of the day with pushes
evidence line.site from other lines of the day assume same_site "x"
revision 2000-01-01 "first" {
    section A "a" { experimental_investigational if {
        drug: line.drug == alpha  dose: line.dose > 10  code: line.procedure != J1003  site: line.site == left
        pain: some d in claim.diagnoses { d in pain }
    } }
    section B "b" { medically_necessary if { line.drug == beta  line.start < 2021-01-01 } }
    section C "c" { not_covered if { claim.kind == inner  every d in claim.diagnoses { d in skin } } }
    A overrides B  A overrides C  B overrides C
    codes open to lines stating line.drug {
        J1000  J1001 assume counts "x"  J1002  J1003  J1004  J1005
        J1006 though ended "x"  J1007 though ended "x"
        J1008 needs J1000 or (J1007 assume other_primary "x")  J1009  J1010 though ended "x"  J1011
    }
}
revision 2005-01-01 "said otherwise" wording only
revision 2010-01-01 "of adults" {
    replace B with { line.drug == beta  line.start < 2021-01-01  member.age >= 18 }
}
revision 2021-06-01 posted 2022-09-01 "late" {
    replace B with { line.drug == beta  line.start < 2021-01-01  member.age >= 21 }
}
revision 2022-03-01 "said so again" wording only
revision 2022-07-01 "again" { replace C with { claim.kind == inner } }
revision 2023-01-01 "with trials" {
    add to A { some t in claim.trials { t.agent == beta } or some t in line.trials { t.agent == beta } }
}
revision 2024-01-01 "with a limit" {
    replace section B "b" {
        medically_necessary if { line.drug == beta  line.dose > 10 }
        limit 2 units per 30 days then not_covered
    }
}
"""

GIVEN = "line.kit code of hcpcs  line.start date given by line.kit"
KITS = """
    K1000 "x" gives line.start := 2020-07-01
    K1001 "x" from 2005-05-05 gives line.start := 2021-07-01
"""


def line(code="J1000", day="2021-02-02", **stated):
    return {"procedure": code, "service_date": day, **stated}


def claim(*lines, known_on=None, **stated):
    """A claim whose first line is told apart, and when it is decided."""
    return {
        "claim_id": "C",
        **stated,
        "lines": [{"line": n, **each} for n, each in enumerate(lines, 1)],
    }, known_on


def each_of(make, *values):
    return tuple(map(make, values))


ADULT, NOT_YET = ({"birth_date": f"2003-02-{day}"} for day in ("02", "03"))
PAIN, SKIN, OTHER = ["G89.2"], ["L20.2"], ["M10.0"]
REASONED = "2002-10-30", "2002-10-31"
"""Before and from the day of a remark code."""
TRIALS = [{"agent": "alpha"}], [{"agent": "beta"}]
AUGUST = "2021-08-08"
BOTH = "2022-10-09", "2022-10-10"
"""Before and after what is known of a code, and of no revision."""
NOW = [{"section": "A", "from": "2020-01-01"}]


def beta(**stated):
    return line("J1004", **{"start": "2020-01-01", **stated})


PAIRS = {
    "the code, by what is asked": each_of(lambda code: claim(line(code), diagnoses=PAIN), "J1002", "J1003"),
    "the code, by what it gives": each_of(lambda code: claim(line(code), diagnoses=PAIN), "J1002", "J1004"),
    "the code, by its row in the table": each_of(lambda code: claim(line(code)), "J1000", "J1001"),
    "whose diagnoses": (claim(line(diagnoses=[None])), claim(line(), diagnoses=[None])),
    "diagnoses of the line": each_of(lambda codes: claim(line(diagnoses=codes)), PAIN, OTHER),
    "diagnoses of the claim": each_of(lambda codes: claim(line(), diagnoses=codes), PAIN, OTHER),
    "diagnoses, by what each version asks of them": each_of(
        lambda codes: claim(
            *(line("J1009", day, drug="alpha") for day in ("2022-08-08", AUGUST)),
            kind="inner",
            diagnoses=codes,
        ),
        SKIN,
        OTHER,
    ),
    "that some are unknown": each_of(lambda codes: claim(line(), diagnoses=codes), OTHER, [*OTHER, None]),
    "that there are none": each_of(
        lambda codes: claim(line("J1009"), kind="inner", diagnoses=codes), [], OTHER
    ),
    "a diagnosis that is not valid": each_of(
        lambda code: claim(line(day=AUGUST), diagnoses=[code]), "L20.1", "L20.2"
    ),
    "the day": each_of(lambda day: claim(beta(day=day), member=NOT_YET), "2021-02-02", "2021-02-03"),
    "the birth": each_of(lambda born: claim(beta(), member=born), ADULT, NOT_YET),
    "that units are stated": (claim(line()), claim(line(units=2))),
    "how many units": each_of(lambda units: claim(line(units=units)), 2, 3),
    "an unclear fact of the line": each_of(lambda route: claim(line("J1009", route=route)), "oral", "orale"),
    "what is stated unclearly": each_of(
        lambda drug: claim(line("J1009", drug=drug, route="orale")), "alpha 5 mg", "beta 5 mg"
    ),
    "an unclear fact of the claim": (claim(line()), claim(line(), kind="innr")),
    "an unclear fact in place of what the code gives": (
        claim(line(), diagnoses=PAIN),
        claim(line(drug="beta 5 mg"), diagnoses=PAIN),
    ),
    "an unclear fact where the code is not valid": each_of(
        lambda drug: claim(line("J1006", "2022-02-02", drug=drug)), "beta", "beta 5 mg"
    ),
    "that units are stated where the code is not valid": each_of(
        lambda units: claim(line("J1010", "2022-02-02", units=units)), None, 2
    ),
    "units where the code is not valid": each_of(
        lambda units: claim(line("J1010", "2022-02-02", units=units)), 2, 3
    ),
    "a contradiction": each_of(lambda dose: claim(line(dose=dose)), 20, 30),
    "a contradiction of what no rule asks": each_of(
        lambda route: claim(line("J1002", route=route)), "oral", "nasal"
    ),
    "what is contradicted": each_of(lambda code: claim(line(code, dose=30)), "J1002", "J1011"),
    "what contradicts": each_of(lambda dose: claim(line(dose=dose)), 30, 40),
    "how it is spelt": each_of(lambda drug: claim(line(drug=drug)), "beta", "BETA"),
    "the order of contradictions": each_of(
        lambda code: claim(line(code, dose=30, drug="beta")), "J1002", "J1005"
    ),
    "the assumption by which a fact is taken": (claim(line()), claim(line(), line("J1009", site="left"))),
    "that others disagree": (
        claim(line(), diagnoses=PAIN),
        claim(line(), line("J1009", site="left"), line("J1009", site="right"), diagnoses=PAIN),
    ),
    "evidence, as it is known": each_of(
        lambda known: claim(line("J1009", AUGUST), line("J1007", AUGUST), known_on=known), *BOTH
    ),
    "a primary": each_of(lambda code: claim(line("J1008"), line(code)), "J1000", "J1001"),
    "which primary": each_of(lambda code: claim(line("J1008", drug="beta"), line(code)), "J1000", "J1007"),
    "a primary, as it is known": each_of(
        lambda known: claim(line("J1008", AUGUST, drug="beta"), line("J1007", AUGUST), known_on=known),
        *BOTH,
    ),
    "a code that is not valid, as it is known": each_of(
        lambda known: claim(line("J1006", "2022-08-08"), known_on=known), "2022-02-02", None
    ),
    "a code that is not valid, by the day": each_of(
        lambda day: claim(line("J1006", day)), "2022-06-30", "2022-07-01"
    ),
    "when the policy is silent": each_of(lambda day: claim(line("J2000", day)), "2022-06-30", "2022-07-01"),
    "when the version is the same": each_of(lambda day: claim(line(day=day)), "2004-12-31", "2005-01-01"),
    "when a reason code begins": each_of(
        lambda day: claim(line("J1009", day, drug="alpha"), kind="inner", diagnoses=SKIN),
        "2002-10-30",
        "2002-10-31",
    ),
    "the version, as it is known": each_of(
        lambda known: claim(beta(day="2022-04-04"), member=ADULT, known_on=known), "2022-08-01", "2022-12-01"
    ),
    "riders": (claim(line(), diagnoses=PAIN), claim(line(), diagnoses=PAIN, contract={"riders": NOW})),
    "exclusions": (
        claim(line(), diagnoses=PAIN),
        claim(line(), diagnoses=PAIN, contract={"exclusions": NOW}),
    ),
    "what brings an unlisted code in": each_of(
        lambda stated: claim(line("J2000", **stated), line("J1002")), {}, {"drug": "alpha"}
    ),
    "records of the claim": each_of(
        lambda trials: claim(line(day="2023-02-02"), diagnoses=PAIN, trials=trials), *TRIALS
    ),
    "records of the line": each_of(
        lambda trials: claim(line(day="2023-02-02", trials=trials), diagnoses=PAIN), *TRIALS
    ),
    "what a limit leaves": each_of(
        lambda day: claim(beta(day="2024-02-02", units=2), line("J1004", day, units=2), history=[]),
        "2024-02-01",
        "2023-01-01",
    ),
}
WITH_KITS = {
    "what a kit gives": each_of(lambda kit: claim(beta(start=None, kit=kit), member=ADULT), "K1000", None),
    "what a kit gives that day": each_of(
        lambda day: claim(line("J1004", day, kit="K1001")), "2005-05-04", "2005-05-05"
    ),
    "what contradicts a kit": each_of(
        lambda start: claim(beta(start=start, kit="K1000"), member=ADULT), "2020-01-01", "2020-01-02"
    ),
}


SAME = {"procedure": "", "service_date": ""}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """The policy without kits, and with them."""
    with_kits = replaced(replaced(POLICY, "line.start date", GIVEN), "codes hcpcs {", f"codes hcpcs {{{KITS}")
    found = []
    for text in (POLICY, with_kits):
        found.append(tmp_path_factory.mktemp("made") / "made.pol")
        found[-1].write_text(text)
    return found


@pytest.mark.parametrize("part", PAIRS | WITH_KITS)
@pytest.mark.parametrize("turned", [1, -1], ids=["", "turned round"])
def test_two_lines_that_differ_in_one_part_alone(paths, part, turned):
    path, pair = paths[part in WITH_KITS], (PAIRS | WITH_KITS)[part][::turned]
    policy, found = load(path), []
    # Each is decided for the first time, and then as it was kept.
    for stated, known_on in pair * 2:
        found.append(load(path).decide(stated, known_on=known_on))
        assert policy.decide(stated, known_on=known_on) == found[-1]
    one, other = ([{**line, **SAME} for line in each["lines"]] for each in found[:2])
    assert one != other, "they are decided alike"


def test_what_was_forgotten_is_not_taken_for_another(paths, monkeypatch):
    for kind in (Kept, Found):
        monkeypatch.setattr(kind.__init__, "__defaults__", (2,))
    policy = load(paths[0])
    for pair in PAIRS.values():
        for stated, known_on in pair:
            wanted = load(paths[0]).decide(stated, known_on=known_on)
            assert policy.decide(stated, known_on=known_on) == wanted
    assert len(policy.compiled.adjudicated) > len(PAIRS)
