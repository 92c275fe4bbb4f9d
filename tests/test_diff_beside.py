"""What versions say differently beside determination and sections, where nothing else differs."""

from datetime import date

import pytest
from compiling import compiled

from compiler.diff.diff import diff
from compiler.diff.kinds import kind
from compiler.diff.side import Side
from compiler.mutate.trial import apart
from policyc.versions import Version
from policyc.words.differences import document, findings, markdown, text
from policyc.words.render import Marks

HEAD = """package made.policy
codes hcpcs { J1001 "a" FIRST J1002 "b" SECOND }
codes carc { 50 from 1995-01-01 119 from 1995-01-01 }
codes rarc { N115 from 2002-05-30 }
facts { line.s1 boolean line.s2 boolean line.site { left, right } line.ordered date }
policy "Made" { payer "p" governed by GOVERNED }
DIAGNOSES
revision 2020-01-01 "r" {
    BODY
    codes LISTED
}
LATER
"""
PLAIN = {
    "FIRST": "",
    "SECOND": "",
    "GOVERNED": "line.service_date",
    "DIAGNOSES": "",
    "LATER": "",
    "BODY": 'section A "A" { medically_necessary if { line.s1 } }',
    "LISTED": "{ J1001 }",
}
NEVER = 'section B "B" { medically_necessary if { line.s1 and not line.s1 } }'
DENIED = """section A "A" {
    not_covered if { %s } reasons carc 50 rarc N115
    not_covered if { %s } reasons carc 119
}"""
SURE = """section A "A" {
    not_covered if { %s } reasons carc 119
    not_covered if { line.s1 or not line.s1 } reasons carc 119
}"""
LIMITED = 'section A "A" { medically_necessary if { line.s1 } limit %s then not_covered %s }'
ENDED = {"FIRST": "until 2020-03-01 per 10 mg replaced by J1002", "LISTED": '{ J1001 though ended "x" }'}
DIAGNOSIS = 'codes icd10cm { A10 "x" until 2020-03-01 replaced by %s  A11 "y"  A12 "z" }'
PARTS = """
codes parts { P1 "x" gives %s }
record fit { part code of parts  side { left, right } given by part }
facts { line.part code of parts  line.joint { left, right } given by line.part  claim.fits list of fit }
"""

CASES = {
    "how many units of its successor a code is": (
        {**ENDED, "SECOND": "per 1 mg"},
        {**ENDED, "SECOND": "per 2 mg"},
        ("edits", "code_not_valid"),
    ),
    "the validity of a primary code": (
        {"LISTED": "{ J1001 needs J1002 }"},
        {"LISTED": "{ J1001 needs J1002 }", "SECOND": "until 2020-03-01"},
        ("edits", "add_on_without_primary"),
    ),
    "the validity of a primary code, by another governing date": (
        {"GOVERNED": "line.ordered", "LISTED": "{ J1001 needs J1002 }"},
        {"GOVERNED": "line.ordered", "LISTED": "{ J1001 needs J1002 }", "SECOND": "until 2020-03-01"},
        ("edits", "add_on_without_primary"),
    ),
    "a section that never speaks": ({}, {"BODY": PLAIN["BODY"] + NEVER}, ("edits", "unknown_section")),
    "what a code gives that no rule asks": (
        {"FIRST": "gives line.site := left"},
        {"FIRST": "gives line.site := right"},
        ("edits", "contradicts_code"),
    ),
    "what a code of a fact gives that no rule asks": (
        {"DIAGNOSES": PARTS % "line.joint := left"},
        {"DIAGNOSES": PARTS % "line.joint := right"},
        ("edits", "contradicts_code"),
    ),
    "what a code gives in a record that no rule asks": (
        {"DIAGNOSES": PARTS % "fit.side := left, line.joint := left"},
        {"DIAGNOSES": PARTS % "fit.side := right, line.joint := left"},
        ("edits", "contradicts_code"),
    ),
    "the successor of a diagnosis": (
        {"DIAGNOSES": DIAGNOSIS % "A11"},
        {"DIAGNOSES": DIAGNOSIS % "A12"},
        ("edits", "diagnosis_not_valid"),
    ),
    "a category of diagnoses": (
        {"DIAGNOSES": 'codes icd10cm { A10 "x" }'},
        {"DIAGNOSES": 'codes icd10cm { A10 "x"  A11.1 "y" }'},
        ("edits", "diagnosis_not_specific"),
    ),
    "a code that is listed where no section speaks": (
        {"BODY": NEVER, "FIRST": "per 10 mg"},
        {"BODY": NEVER, "FIRST": "per 10 mg", "LISTED": "{ J1002 }"},
        ("edits", "quantity"),
    ),
    "how a limit is told": (
        {"BODY": LIMITED % ("12 units per 12 months", "")},
        {"BODY": LIMITED % ("12 units per 1 years", "")},
        ("edits", "units_over_limit"),
    ),
    "which rule of a section denies, where it is not known": (
        {"BODY": SURE % "line.s2"},
        {"BODY": SURE % "not line.s2"},
        ("reasons",),
    ),
    "which rule of a section denies": (
        {"BODY": DENIED % ("line.s1", "line.s2")},
        {"BODY": DENIED % ("line.s2", "line.s1")},
        ("reasons",),
    ),
}


def made_of(folder, changed):
    text = HEAD
    for name, said in {**PLAIN, **changed}.items():
        text = text.replace(name, said)
    return compiled(folder, text)


@pytest.mark.parametrize("about", CASES)
def test_what_differs_beside_is_shown(tmp_path, about):
    before, after, wanted = CASES[about]
    one, other = made_of(tmp_path / "one", before), made_of(tmp_path / "other", after)
    found = diff(Side(one), Side(other))
    assert found.equal is True
    shown = {
        tuple(_shown(*(decision["lines"][0] for decision in each.decisions))) for each in found.differences
    }
    assert wanted in shown
    assert apart(one, other).claim is not None


ASKED = """codes icd10cm { A10 "x" %s  A11 "y" }
concept pain of icd10cm { A10 A11 }
"""


def test_an_edit_is_shown_also_of_a_diagnosis_by_which_lines_are_decided_differently(tmp_path):
    body = 'section A "A" { not_covered if { some d in claim.diagnoses { d in pain } } }'
    one, other = (
        made_of(tmp_path / name, {"DIAGNOSES": ASKED % until, "BODY": body})
        for name, until in (("one", "until 2020-03-01"), ("other", ""))
    )
    shown = {each.kind: each for each in diff(Side(one), Side(other)).differences}
    assert {*shown} == {"determination", "edits"}
    assert sorted(shown["edits"].claim["diagnoses"]) == ["A10", "A11"]


SUMS = "facts { claim.a integer 0..9 claim.b integer 0..9 }"
UNMET = "claim.a + claim.b > 10  claim.b + claim.a < 5"
NAMES = 'section A "A" { not_covered if { %s } reasons carc %s }'
BESIDE = '%s section B "B" { not_medically_necessary if { %s } } A overrides B'
UNSHOWN = {
    # No numbers meet the rule: without a solver that is not seen, and nothing is called alike.
    "by arithmetic": (NAMES % (UNMET, "50"), NAMES % (UNMET, "119"), True),
    "what is asked in other words": (NAMES % ("line.s1", "50"), NAMES % ("not not line.s1", "50"), True),
    "what names none, in other words": (
        BESIDE % (NAMES % ("line.s1", "50"), "line.s2"),
        BESIDE % (NAMES % ("line.s1", "50"), "not not line.s2"),
        False,
    ),
}


@pytest.mark.parametrize("about", UNSHOWN)
def test_reason_codes_that_no_claim_shows_are_told(tmp_path, about):
    before, after, unknown = UNSHOWN[about]
    one, other = (
        made_of(tmp_path / name, {"DIAGNOSES": SUMS, "BODY": body})
        for name, body in (("one", before), ("other", after))
    )
    found = diff(Side(one), Side(other))
    assert (found.equal, found.differences) == (True, ())
    assert any(line.startswith("other reason codes: unknown") for line in findings(found)) is unknown
    versions = tuple(Version("file", "a file", Side(made), "a.pol") for made in (one, other))
    told = document(found, "made.policy", versions)
    assert [(each["kind"], each["claim"]) for each in told["differences"]] == [("reasons", None)] * unknown
    for lines in (text(told, Marks.of("utf-8")), markdown(told)):
        assert any("denials may name others" in line for line in lines) is unknown


def test_an_order_is_no_difference():
    edits, missing = [{"kind": "quantity"}, {"kind": "not_listed"}], [["line.s1"], ["line.s2"]]
    line = {"determination": "d", "rules": [], "missing": missing, "edits": edits, "reason_codes": None}
    assert kind(line, {**line, "missing": missing[::-1], "edits": edits[::-1]}) is None
    assert kind(line, {**line, "edits": edits[:1]}) == "edits"


def _shown(first, second):
    yield kind(first, second)
    yield from (edit["kind"] for edit in [*first["edits"], *second["edits"]][:1])


def test_a_mutant_that_decides_otherwise_by_what_was_known_before_is_not_alike(tmp_path):
    dated = """section A "A" { table line.site {
        left then not_covered
        right then not_covered until 2020-07-01
        right then %s from 2020-07-01
    } }"""
    later = 'revision 2020-06-01 "s" { replace section A "A" { not_covered if { line.s1 } } }'
    one, other = (
        made_of(tmp_path / name, {"BODY": dated % name, "LATER": later})
        for name in ("medically_necessary", "not_medically_necessary")
    )
    assert diff(Side(one), Side(other)).differences == ()
    told = apart(one, other)
    assert (told.proved, told.known_on) == (False, date(2020, 1, 1))
    assert kind(*(Side(p, told.known_on).decide(told.claim)["lines"][0] for p in (one, other))) is not None


def test_an_undated_line_that_only_one_version_brings_in_is_shown(tmp_path):
    silent = {"BODY": NEVER, "GOVERNED": "line.ordered"}
    one, other = (
        made_of(tmp_path / name, {**silent, "LISTED": f"open to lines stating {name} {{ J1001 }}"})
        for name in ("line.s1", "line.s1, line.s2")
    )
    (found,) = [each for each in diff(Side(one), Side(other)).differences if each.kind == "determination"]
    assert "ordered" not in found.claim["lines"][0]


@pytest.mark.parametrize(
    ("changed", "days", "wanted"),
    [
        ({"BODY": 'section A "A" { not_covered if { line.s1 } }'}, ("2002-10-30", "2002-10-31"), "reasons"),
        ({"LISTED": "{ J1001 needs J1002 }"}, ("2002-09-11", "2002-09-12"), "edits"),
        (
            {"FIRST": "until 2005-01-01", "LISTED": ENDED["LISTED"]},
            ("2005-06-29", "2005-06-30"),
            "reasons",
        ),
        (
            {"DIAGNOSES": 'codes icd10cm { A10 "x" until 2001-01-01 }'},
            ("2002-06-29", "2002-06-30"),
            "edits",
        ),
    ],
)
def test_reason_codes_that_are_given_from_a_day_on_are_told(tmp_path, monkeypatch, changed, days, wanted):
    monkeypatch.setitem(globals(), "HEAD", HEAD.replace("revision 2020-01-01", "revision 2000-01-01"))
    program = made_of(tmp_path, changed)
    found = diff(*(Side(program, day=date.fromisoformat(day)) for day in days))
    assert found.equal is True
    assert wanted in {each.kind for each in found.differences}
