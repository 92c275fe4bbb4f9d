"""Time: what a revision does to decisions, on both axes, on the days around every cut."""

import pytest
from exchanging import replaced

from policyc import PolicyError, load

HEAD = """package timed

policy "timed" { payer "p" source "s" GOVERNED }

facts { line.x boolean line.y boolean line.z boolean line.started date }

codes hcpcs {
    J1000 "a"
    J1001 "b" from 2019-01-01 until 2022-01-01 replaced by J1002
    J1002 "c" from 2022-01-01
    J1003 "d" until 2021-01-01 posted 2021-06-01
    J1003 "d" from 2021-07-01 posted 2021-06-01
}
codes icd10cm {
    B10.1 "x" from 2021-01-01
    B10.2 "x" until 2022-01-01 posted 2022-06-01
    C20x "wide" until 2020-06-01
    C20.1..C20.4 "narrow" from 2020-06-01
}
concept c of icd10cm { C20x }
concept a of icd10cm { A10 A11 from 2021-01-01 A12 from 2020-01-01 until 2021-01-01 posted 2020-06-01 }
concept b of icd10cm { B10x m { A10 } n without codes }
"""
EI, MN, NA, NIF, NEED = (
    "experimental_investigational",
    "medically_necessary",
    "not_applicable",
    "not_in_force",
    "needs_information",
)
NOT_VALID = "code_not_valid"
X = f'section A "s" {{ {EI} if {{ x: line.x }} }}'
TABLE = "codes { J1000 }"
BASE = f'revision 2020-01-01 "r" {{ {X} {TABLE} }}\n'


@pytest.fixture
def timed(tmp_path, monkeypatch):
    """Compiles a policy of some revisions; gives what decides one line."""

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def compiled(revisions, governed=""):
        path = tmp_path / "timed.pol"
        path.write_text(replaced(HEAD, "GOVERNED", governed) + revisions)
        policy = load(path)

        def decided(day, known_on=None, procedure="J1000", diagnoses=None, **line):
            first = {"line": 1, "procedure": procedure, "service_date": day, **line}
            claim = {"claim_id": "C", "lines": [first], "diagnoses": diagnoses}
            return policy.decide(claim, known_on=known_on)["lines"][0]

        return decided

    return compiled


def complaints(timed, revisions):
    with pytest.raises(PolicyError) as error:
        timed(revisions)
    return {d.code for d in error.value.diagnostics if d.severity == "error"}


def made(decided, *days, **facts):
    return [decided(day, **facts)["determination"] for day in days]


def revision(day, *amendments, posted="", supersedes=""):
    posted = f" posted {posted}" if posted else ""
    order = f" supersedes {supersedes}" if supersedes else ""
    return f'revision {day}{posted} "r"{order} {{ {" ".join(amendments)} }}\n'


def makes(text):
    """A revision that replaces A with a section that makes another determination, always."""
    return f'replace section A "s" {{ {text} if {{ any of {{ line.x  not line.x }} }} }}'


# ---- two axes -----------------------------------------------------------------------------------------


def test_a_gap_before_the_first_revision_and_after_retirement(timed):
    decided = timed(BASE + revision("2022-01-01", 'retire "gone"'))
    days = ("2019-12-31", "2020-01-01", "2021-12-31", "2022-01-01", "2030-01-01")
    assert made(decided, *days, x=True) == [NIF, EI, EI, NIF, NIF]
    assert [decided(day, x=True)["revision"] for day in days] == [None, *["2020-01-01"] * 2, None, None]
    assert made(decided, "2019-12-31", "2022-01-01", procedure="J9999") == [NIF, NIF]


def test_each_line_is_decided_by_the_revision_of_its_own_day(timed):
    decided = timed(BASE + revision("2021-01-01", makes(MN)) + revision("2021-07-01", makes("not_covered")))
    days = ("2020-12-31", "2021-01-01", "2021-06-30", "2021-07-01")
    assert made(decided, *days, x=True) == [EI, MN, MN, "not_covered"]
    assert [decided(day)["revision"] for day in days] == [
        "2020-01-01",
        "2021-01-01",
        "2021-01-01",
        "2021-07-01",
    ]


def test_known_on_cuts_by_the_day_of_posting(timed):
    decided = timed(BASE + revision("2021-01-01", makes(MN), posted="2020-11-01"))
    day = "2021-05-05"
    known = ["2019-12-31", "2020-01-01", "2020-10-31", "2020-11-01", None]
    assert [decided(day, k, x=True)["determination"] for k in known] == [NIF, EI, EI, MN, MN]
    assert decided("2020-12-31", x=True)["determination"] == EI
    assert decided("2020-12-31", "2019-12-31")["revision"] is None


def test_a_retroactive_correction_is_told_apart_from_what_was_decided(timed):
    decided = timed(BASE + revision("2021-01-01", makes(MN), posted="2021-03-15"))
    february = "2021-02-02"
    assert decided(february, february, x=True)["determination"] == EI
    assert decided(february, "2021-03-14", x=True)["determination"] == EI
    assert decided(february, "2021-03-15", x=True)["determination"] == MN
    assert decided(february, "2021-03-14", x=True)["revision"] == "2020-01-01"
    assert decided(february, x=True)["revision"] == "2021-01-01"


def test_a_correction_of_the_same_effective_day_is_named_with_its_posting(timed):
    decided = timed(BASE + revision("2020-01-01", makes(MN), posted="2020-03-15"))
    names = [decided("2020-02-02", known, x=True)["revision"] for known in ("2020-03-14", None)]
    assert names == ["2020-01-01@2020-01-01", "2020-01-01@2020-03-15"]
    assert decided("2020-02-02", x=True)["determination"] == MN


LATE = {"posted": "2021-09-09"}
"""A revision of January posted after that of July: for the same element the two orders disagree."""


def test_an_ambiguous_order_is_an_error(timed):
    text = BASE + revision("2021-01-01", makes(MN), **LATE) + revision("2021-07-01", makes("manual_review"))
    assert complaints(timed, text) == {"ambiguous-order"}


def test_an_order_is_ambiguous_where_one_amends_a_part_of_the_other(timed):
    part = "replace A.x with { line.y }"
    text = BASE + revision("2021-01-01", part, **LATE) + revision("2021-07-01", makes(MN))
    assert complaints(timed, text) == {"ambiguous-order"}
    text = BASE + revision("2021-01-01", makes(MN), **LATE) + revision("2021-07-01", part)
    assert "ambiguous-order" in complaints(timed, text)


def test_two_tables_posted_out_of_order_are_ambiguous(timed):
    text = BASE + revision("2021-01-01", "replace codes { J1002 }", **LATE)
    assert "ambiguous-order" in complaints(timed, text + revision("2021-07-01", "add codes { J1002 }"))


def test_amendments_of_different_elements_are_not_ambiguous(timed):
    other = 'section B "s" { medically_necessary if { line.y  not line.x } }'
    decided = timed(BASE + revision("2021-01-01", other, **LATE) + revision("2021-07-01", TABLE2))
    assert made(decided, "2021-08-08", x=False, y=True) == [MN]
    assert decided("2021-08-08", "2021-09-08", x=False, y=True)["determination"] == NA


TABLE2 = "add codes { J1002 }"


def test_the_correction_supersedes_the_later_revision(timed):
    january = revision("2021-01-01", makes(MN), supersedes="2021-07-01", **LATE)
    decided = timed(BASE + january + revision("2021-07-01", makes("manual_review")))
    assert made(decided, "2020-12-31", "2021-01-01", "2021-06-30", "2021-07-01", x=True) == [EI, MN, MN, MN]
    known = [decided("2021-08-08", k, x=True)["determination"] for k in ("2021-06-30", "2021-09-08")]
    assert known == [EI, "manual_review"]
    assert decided("2021-08-08", x=True)["revision"] == "2021-07-01"


def test_the_later_revision_supersedes_the_correction(timed):
    july = revision("2021-07-01", makes("manual_review"), supersedes="2021-01-01")
    decided = timed(BASE + revision("2021-01-01", makes(MN), **LATE) + july)
    assert made(decided, "2021-06-30", "2021-07-01", x=True) == [MN, "manual_review"]


def test_the_governing_date_is_another_fact(timed):
    decided = timed(BASE + revision("2021-01-01", makes(MN)), "governed by line.started")
    stated = [
        decided("2025-05-05", x=True, started=day) for day in ("2019-12-31", "2020-12-31", "2021-01-01")
    ]
    assert [line["determination"] for line in stated] == [NIF, EI, MN]
    asked = decided("2020-05-05", x=True)
    assert (asked["determination"], asked["missing"], asked["revision"]) == (NEED, [["line.started"]], None)
    assert decided("2020-05-05", x=True, procedure="J9999")["determination"] == NA
    assert decided("2020-05-05", "2019-01-01", x=True)["determination"] == NIF


# ---- codes and concepts over time ---------------------------------------------------------------------


def test_a_code_is_valid_by_its_own_timeline(timed):
    listing = f'{X} codes {{ J1001 though ended "lags" J1002 }}'
    decided = timed(revision("2018-01-01", listing))
    days = ("2018-12-31", "2019-01-01", "2021-12-31", "2022-01-01")
    assert made(decided, *days, procedure="J1001", x=True) == [NOT_VALID, EI, EI, NOT_VALID]
    assert made(decided, *days, procedure="J1002", x=True) == [NOT_VALID, NOT_VALID, NOT_VALID, EI]
    assert made(decided, "2017-12-31", procedure="J1002", x=True) == [NIF]


def test_a_code_row_counts_from_its_posting(timed):
    decided = timed(revision("2020-01-01", f'{X} codes {{ J1003 though ended "lags" }}'))
    found = {
        (day, known): decided(day, known, "J1003", x=True)["determination"]
        for day in ("2020-12-31", "2021-01-01", "2021-06-30", "2021-07-01")
        for known in ("2021-05-31", "2021-06-01", None)
    }
    invalid = {key for key, determination in found.items() if determination == NOT_VALID}
    late = ("2021-06-01", None)
    assert invalid == {(day, k) for day in ("2021-01-01", "2021-06-30") for k in late}
    assert set(found.values()) == {EI, NOT_VALID}


def test_a_concept_is_resolved_on_the_day(timed):
    asked = f'section A "s" {{ {EI} if {{ some dx in claim.diagnoses {{ dx in a }} }} }} {TABLE}'
    decided = timed(revision("2019-01-01", asked))
    days = ("2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01")
    assert made(decided, *days, diagnoses=["A11"]) == [NA, NA, NA, EI]
    assert made(decided, *days, diagnoses=["A12"]) == [NA, EI, EI, NA]
    known = [
        decided("2020-07-07", k, diagnoses=["A12"])["determination"] for k in ("2020-05-31", "2020-06-01")
    ]
    assert known == [NA, EI]


def test_a_diagnosis_outside_its_validity_is_in_no_concept(timed):
    asked = f'section A "s" {{ {EI} if {{ some dx in claim.diagnoses {{ dx in b }} }} }} {TABLE}'
    decided = timed(revision("2019-01-01", asked))
    assert made(decided, "2020-12-31", "2021-01-01", diagnoses=["B10.1"]) == [NA, EI]
    assert made(decided, "2021-12-31", "2022-01-01", diagnoses=["B10.2"]) == [EI, NA]
    known = [
        decided("2022-01-01", k, diagnoses=["B10.2"])["determination"] for k in ("2022-05-31", "2022-06-01")
    ]
    assert known == [EI, NA]


def test_the_narrowest_row_of_a_code_decides_whether_it_is_valid(timed):
    asked = f'section A "s" {{ {EI} if {{ some dx in claim.diagnoses {{ dx in c }} }} }} {TABLE}'
    decided = timed(revision("2019-01-01", asked))
    assert made(decided, "2020-05-31", "2020-06-01", diagnoses=["C20.2"]) == [NA, EI]
    assert made(decided, "2020-05-31", "2020-06-01", diagnoses=["C20.9"]) == [EI, NA]


# ---- each amendment -----------------------------------------------------------------------------------

BEFORE, AFTER = "2020-12-31", "2021-01-01"
NESTED = f"""section A "s" {{ {EI} if {{
    g: any of {{ p: line.x  q: line.y }}
    d: some dx in claim.diagnoses {{ inside: dx in a }}
}} except if {{ e: line.z }} }}"""


def amended(timed, first, *amendments):
    return timed(revision("2020-01-01", first, TABLE) + revision("2021-01-01", *amendments))


def test_replace_an_element(timed):
    decided = amended(timed, f'section A "s" {{ {EI} if {{ x: line.x }} }}', "replace A.x with { line.y }")
    assert made(decided, BEFORE, AFTER, x=True, y=False) == [EI, NA]
    assert made(decided, BEFORE, AFTER, x=False, y=True) == [NA, EI]


def test_replace_the_body_of_a_section(timed):
    decided = amended(timed, X, "replace A with { line.y  line.z }")
    assert made(decided, BEFORE, AFTER, x=True, y=True, z=False) == [EI, NA]
    assert made(decided, BEFORE, AFTER, x=False, y=True, z=True) == [NA, EI]


def test_add_to_a_section_and_to_a_group(timed):
    decided = amended(timed, X, "add to A { line.y }")
    assert made(decided, BEFORE, AFTER, x=True, y=False) == [EI, NA]
    decided = amended(timed, NESTED, "add to A.g { line.z == false }")
    facts = {"x": False, "y": False, "z": False, "diagnoses": ["A10"]}
    assert made(decided, BEFORE, AFTER, **facts) == [NA, EI]


def test_remove_an_element_inside_and_outside(timed):
    facts = {"x": True, "y": False, "z": False, "diagnoses": ["A10"]}
    assert made(amended(timed, NESTED, "remove A.g.p"), BEFORE, AFTER, **facts) == [EI, NA]
    assert made(amended(timed, NESTED, "remove A.p"), BEFORE, AFTER, **facts) == [EI, NA]
    assert made(amended(timed, NESTED, "remove A.d"), BEFORE, AFTER, **facts | {"diagnoses": []}) == [NA, EI]


def test_labels_inside_groups_exceptions_and_quantifiers(timed):
    facts = {"x": False, "y": False, "z": True, "diagnoses": ["A10"]}
    assert made(amended(timed, NESTED, "replace A.g.q with { line.z }"), BEFORE, AFTER, **facts) == [NA, NA]
    both = amended(timed, NESTED, "replace A.q with { line.z }", "replace A.e with { line.x }")
    assert made(both, BEFORE, AFTER, **facts) == [NA, EI]
    facts |= {"x": True, "z": False, "diagnoses": ["B10.1"]}
    inside = amended(timed, NESTED, "replace A.d.inside with { dx in b }")
    assert made(inside, BEFORE, AFTER, **facts) == [NA, EI]
    added = amended(timed, NESTED, "add to A.d { dx in b }")
    assert made(added, BEFORE, AFTER, **facts | {"diagnoses": ["A10"]}) == [EI, EI]
    assert made(added, BEFORE, AFTER, **facts | {"diagnoses": ["A11", "B10.1"]}) == [NA, NA]
    whole = amended(timed, NESTED, "replace A.d with { every dx in claim.diagnoses { dx in b } }")
    assert made(whole, BEFORE, AFTER, **facts | {"diagnoses": ["A10", "C30"]}) == [EI, NA]


def test_nothing_is_left_without_a_criterion(timed):
    for first, change in ((X, "remove A.x"), (NESTED, "remove A.d.inside"), (NESTED, "remove A.e")):
        text = revision("2020-01-01", first, TABLE) + revision("2021-01-01", change)
        assert complaints(timed, text) == {"empty-body"}
    two = f'section A "s" {{ {EI} if {{ at least 2 of {{ p: line.x  q: line.y }} }} }}'
    text = revision("2020-01-01", two, TABLE) + revision("2021-01-01", "remove A.p")
    assert complaints(timed, text) == {"impossible-count"}


def test_what_does_not_stand_cannot_be_amended(timed):
    for change in (
        "remove A.nothing",
        "replace A.nothing with { line.y }",
        "remove section B",
        "add to A.x { line.y }",
        "remove code J1002",
        "replace code J1002 with J1001",
        "remove assumption nothing",
        "remove A overrides B",
    ):
        assert complaints(timed, BASE + revision("2021-01-01", change)) == {"amends-nothing"}, change


def test_replace_add_and_remove_a_section(timed):
    decided = amended(timed, X, f'replace section A "s" {{ {MN} if {{ line.y }} }}')
    assert made(decided, BEFORE, AFTER, x=True, y=True) == [EI, MN]
    decided = amended(timed, X, 'section B "s" { manual_review if { line.y  not line.x } }')
    assert made(decided, BEFORE, AFTER, x=False, y=True) == [NA, "manual_review"]
    decided = amended(timed, X, "remove section A")
    assert made(decided, BEFORE, AFTER, x=True) == [EI, NA]


def test_overrides_come_and_go(timed):
    two = f'{X} section B "s" {{ {EI} if {{ line.y }} }}'
    decided = timed(
        revision("2020-01-01", two, TABLE)
        + revision("2021-01-01", "A overrides B")
        + revision("2022-01-01", "remove A overrides B")
    )
    rules = [decided(day, x=True, y=True)["rules"] for day in (BEFORE, AFTER, "2022-01-01")]
    assert rules == [["A", "B"], ["A"], ["A", "B"]]


def test_codes_are_replaced_added_and_removed(timed):
    first = f"{X} codes {{ J1000 J1001 }}"
    decided = timed(
        revision("2020-01-01", first)
        + revision("2021-01-01", "add codes { J1003 }")
        + revision("2022-01-01", "replace code J1001 with J1002")
        + revision("2023-01-01", "remove code J1000")
    )
    days = ("2020-12-31", "2021-12-31", "2022-01-01", "2023-01-01")
    assert made(decided, *days, procedure="J1000", x=True) == [EI, EI, EI, NA]
    assert made(decided, *days, procedure="J1001", x=True) == [EI, EI, NOT_VALID, NOT_VALID]
    assert made(decided, *days, procedure="J1002", x=True) == [NOT_VALID, NOT_VALID, EI, EI]
    assert made(decided, *days, procedure="J1003", x=True) == [NA, EI, EI, EI]
    assert decided("2021-12-31", "2021-12-31", "J1002", x=True)["determination"] == NA


def test_an_open_table_takes_lines_in_that_state_a_fact(timed):
    opened = "replace codes open to lines stating line.x { J1000 }"
    decided = amended(timed, X, opened)
    assert made(decided, BEFORE, AFTER, procedure="J9999", x=True) == [NA, EI]
    assert made(decided, BEFORE, AFTER, procedure="J9999") == [NA, NA]


def test_names_and_citations_change_no_decision(timed):
    asked = f"{EI} if {{ some dx in claim.diagnoses {{ dx in b }} }}"
    cited = 'cites "A" reconstructed assume wording "w"'
    first = f'section A "s" {cited} {{ for b open names m {asked} }}'
    decided = amended(timed, first, 'section A cites "A" names n')
    before, after = (decided(day, diagnoses=["A10"]) for day in (BEFORE, AFTER))
    assert (before["assumptions"], after["assumptions"]) == (["wording"], [])
    assert (
        (before["determination"], before["rules"]) == (after["determination"], after["rules"]) == (EI, ["A"])
    )


def test_a_definition_is_made_amended_and_removed_by_revisions(timed):
    first = "worse if { w: line.x } " + f'section A "s" {{ {EI} if {{ worse }} }}'
    decided = amended(timed, first, "replace worse with { line.y }")
    assert made(decided, BEFORE, AFTER, x=True, y=False) == [EI, NA]
    decided = amended(timed, first, "replace worse.w with { line.y }")
    assert made(decided, BEFORE, AFTER, x=False, y=True) == [NA, EI]
    decided = amended(timed, first, "add to worse { line.y }")
    assert made(decided, BEFORE, AFTER, x=True, y=False) == [EI, NA]
    text = revision("2020-01-01", first, TABLE) + revision("2021-01-01", "remove worse")
    assert complaints(timed, text) == {"unknown-name"}


def test_assumptions_are_made_and_removed(timed):
    decided = amended(timed, f'assume box "b" {X}', "remove assumption box", 'assume other "o"')
    assert [decided(day, x=True)["assumptions"] for day in (BEFORE, AFTER)] == [["box"], ["other"]]
