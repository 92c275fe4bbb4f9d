"""Facts that codes give: of any type, by the code of any fact that holds one."""

from datetime import date

import pytest
from backends import examples, three_ways
from hypothesis import given
from hypothesis import strategies as st

from compiler.answers.reads import reads, reduced
from compiler.runtime.derive import derive
from compiler.runtime.reader import read_claim
from policyc import load

POLICY = """package made
facts {
    line.planned code of opcs given by line.procedure
    line.anaesthesia code of cpt given by line.planned
    line.operation { hip, knee, other } given by line.planned
    line.side open { left also "lt", right } given by line.planned absent means right assume right_side "x"
    line.joints integer 1..2 given by line.planned
    line.blood number 0.. in L given by line.planned
    line.listed date given by line.planned
    line.minutes number 0.. given by line.anaesthesia
    claim.cause code of icd10cm
    claim.traumatic boolean given by claim.cause
    line.severity scale severity given by claim.cause
}
scale severity 0..10 { 0..4 mild 5..10 severe }
codes opcs {
    W371 "hip" from 2020-01-01 until 2024-01-01
        gives line.operation := hip, line.side := left, line.joints := 1, line.blood := 1500 mL,
            line.listed := 2021-05-06, line.anaesthesia := 01214
    W40x "knee" gives line.operation := knee
    W408 "knee, both" gives line.operation := knee, line.joints := 2
    W50 "posted late" posted 2022-06-01 gives line.operation := other
}
codes cpt {
    01214 "anaesthesia, hip" from 2021-01-01 gives line.minutes := 90.5
    J1000 "a"
    J1001 "b" gives line.planned := W371, line.place_of_service := "OR"
    J1002 "c" until 2021-01-01 gives line.planned := W408
}
codes icd10cm { S72x "thigh" gives claim.traumatic := true, line.severity := 7 }
policy "made" { payer "p" }
evidence line.operation from other lines of the day assume same_day "x"
revision 2020-01-01 "r" {
    section A "a" {
        medically_necessary if {
            line.operation == hip  line.side == left  line.joints == 1  line.blood > 1 L
            line.listed < 2022-01-01
            line.minutes > 90  line.anaesthesia in { 01214 }  line.planned == W371
            claim.traumatic  line.severity >= severe  line.place_of_service == "or"
        }
        manual_review if { line.operation == knee }
    }
    codes { J1000 J1001 J1002 though ended "x" }
}
"""
ASKED = {
    "line.operation": "hip",
    "line.side": "left",
    "line.joints": 1,
    "line.blood": 1.5,
    "line.listed": "2021-05-06",
    "line.minutes": 90.5,
    "line.anaesthesia": "01214",
    "line.planned": "W371",
    "claim.traumatic": True,
    "line.severity": 7,
    "line.place_of_service": "OR",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("gives") / "made.pol"
    path.write_text(POLICY)
    return three_ways(path)


def claim(line=None, day="2022-05-05", **facts):
    stated = {"line": 1, "procedure": "J1000", "service_date": day, **(line or {})}
    return {"claim_id": "C", **facts, "lines": [stated]}


def decided(made, *arguments, known_on=None, **facts):
    return made.agree(claim(*arguments, **facts), known_on)["lines"][0]


def test_facts_of_every_type_are_given(made):
    found = decided(made, {"procedure": "J1001"}, cause="s72.001a")
    assert (found["determination"], found["missing"], found["edits"]) == ("medically_necessary", [], [])


def test_an_explanation_says_what_is_given(made, tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(POLICY)
    found = load(path).decide(claim({"procedure": "J1001"}, cause="S72.001A"), explain=True)
    (node,) = found["lines"][0]["explanation"][:1]
    because = {b["fact"]: (b["value"], b["origin"]) for child in node["children"] for b in child["because"]}
    because |= {b["fact"]: (b["value"], b["origin"]) for b in node["because"]}
    assert because == {fact: (value, "given") for fact, value in ASKED.items()}


def test_an_unlisted_code_and_none_leave_the_facts_unknown(made):
    for planned in ({}, {"planned": "X99"}):
        found = decided(made, planned, cause="S72")
        assert found["determination"] == "needs_information"
    assert decided(made, {"planned": "W37"})["determination"] == "needs_information"


def test_the_narrowest_row_speaks_for_a_code_of_any_system(made):
    assert decided(made, {"planned": "W409"})["determination"] == "manual_review"
    stated = {"joints": 1, "planned": "W408"}
    (edit,) = decided(made, stated)["edits"]
    assert edit == {"kind": "contradicts_code", "fact": "line.joints", "stated": "1", "code_says": "2"}


def test_a_code_gives_while_its_row_is_valid_and_known(made):
    assert decided(made, {"procedure": "J1001"}, "2023-12-31", cause="S72")["missing"] == []
    ended = decided(made, {"procedure": "J1001"}, "2024-01-01", cause="S72")
    assert ended["determination"] == "needs_information"
    early = decided(made, {"procedure": "J1001"}, "2020-12-31", cause="S72")
    assert early["missing"] == [["line.minutes"]]  # the code that gives it is given, and not yet valid
    assert decided(made, {"planned": "W50"})["determination"] == "not_applicable"
    unknown = decided(made, {"planned": "W50"}, known_on="2022-05-31")
    assert unknown["determination"] == "needs_information"
    assert decided(made, {"planned": "W50"}, known_on="2022-06-01")["determination"] == "not_applicable"


def test_what_is_stated_wins_and_an_edit_says_so(made):
    stated = {
        "procedure": "J1001",
        "operation": "Knee",
        "side": "right",
        "blood": 1.50,
        "listed": "2021-05-07",
        "anaesthesia": "01215",
        "planned": "w371",
        "place_of_service": "or",
        "severity": 7.0,
    }
    found = decided(made, stated, cause="S72", traumatic=False)
    assert found["determination"] == "manual_review"
    said = [(e["fact"], e["stated"], e["code_says"]) for e in found["edits"]]
    assert said == [
        ("claim.traumatic", "false", "true"),
        ("line.operation", "Knee", "hip"),
        ("line.side", "right", "left"),
        ("line.listed", "2021-05-07", "2021-05-06"),
        ("line.anaesthesia", "01215", "01214"),
    ]


def test_a_stated_code_gives_in_place_of_the_given_one(made):
    found = decided(made, {"procedure": "J1001", "planned": "W40"})
    assert found["determination"] == "manual_review"
    edit = {"kind": "contradicts_code", "fact": "line.planned", "stated": "W40", "code_says": "W371"}
    assert found["edits"] == [edit]


def test_given_comes_before_evidence_and_evidence_before_absence(made):
    two = claim({"planned": "W40"})
    two["lines"].append({"line": 2, "procedure": "J1000", "service_date": "2022-05-05"})
    first, second = made.agree(two)["lines"]
    assert first["assumptions"] == []
    assert (second["determination"], second["assumptions"]) == ("manual_review", ["same_day"])
    two["lines"][1]["planned"] = "W50"
    assert made.agree(two)["lines"][1]["determination"] == "not_applicable"


def test_what_an_unknown_code_would_give_is_asked_for_itself(made):
    """A claim may state both, so that each pair of values is possible, and the answer exact."""
    found = decided(made, {"procedure": "J1000", "operation": "hip"}, cause="A10", traumatic=False)
    assert found["determination"] == "not_applicable"
    found = decided(made, {"procedure": "J1000", "planned": None}, traumatic=False)
    assert (found["missing"], "exact" in found) == ([["line.operation"]], False)


UNCLEAR = """package made
codes products { P1 "x" gives trial.agent := alpha }
record trial { product code of products  agent open { alpha, beta } given by product }
facts {
    line.side { left, right } absent means left
    claim.trials list of trial
}
codes hcpcs { J1000 "a" }
policy "made" { payer "p" }
evidence line.side from other lines of the day
revision 2020-01-01 "r" {
    section A "a" {
        medically_necessary if { line.side == left  some t in claim.trials { t.agent == alpha } }
    }
    codes { J1000 }
}
"""


def test_what_is_said_unclearly_is_neither_given_nor_told_by_silence(tmp_path):
    path = tmp_path / "made.pol"
    path.write_text(UNCLEAR)
    policy = three_ways(path)

    def missing(agent, *sides):
        lines = [
            {"line": n, "procedure": "J1000", "service_date": "2022-05-05", "side": side}
            for n, side in enumerate((None, *sides), 1)
        ]
        trial = {"product": "P1", "agent": agent}
        (first, *_) = policy.agree({"claim_id": "C", "trials": [trial], "lines": lines})["lines"]
        return first["missing"]

    assert missing(None) == missing("alpha", "left") == []
    assert missing("alpha 5 mg") == [["claim.trials[0].agent"]]
    assert missing(None, "left", "right") == [["line.side"]]


# ---- an oracle ------------------------------------------------------------------------------------------

HIP = {"line.operation": "hip", "line.anaesthesia": "01214", "line.joints": 1}
ROWS = {
    "line.procedure": [
        ("J1001", None, None, None, {"line.planned": "W371", "line.place_of_service": "OR"}),
        ("J1002", None, "2021-01-01", None, {"line.planned": "W408"}),
    ],
    "line.planned": [
        ("W371", "2020-01-01", "2024-01-01", None, HIP),
        ("W408", None, None, None, {"line.operation": "knee", "line.joints": 2}),
        ("W40", None, None, None, {"line.operation": "knee"}),
        ("W409", None, None, None, {"line.operation": "knee"}),
        ("W50", None, None, "2022-06-01", {"line.operation": "other"}),
    ],
    "line.anaesthesia": [("01214", "2021-01-01", None, None, {"line.minutes": 90.5})],
    "claim.cause": [("S72", None, None, None, {"claim.traumatic": True, "line.severity": 7})],
}
"""What the library says, written once more: by the fact that holds the code, in order."""
STATED = {
    "line.planned": ("W371", "W408", "W40", "W409", "W50", "W99", None),
    "line.anaesthesia": ("01214", "01215", None),
    "line.operation": ("hip", "knee", None),
    "line.joints": (1, 2, None),
    "line.minutes": (5, None),
    "claim.cause": ("S72", "A10", None),
    "claim.traumatic": (True, False, None),
    "line.severity": (0, None),
}


def expected(stated, day, known_on):
    """The value and the origin of each fact, evidence and absence left out."""
    found = {path: (value, "stated") for path, value in stated.items() if value is not None}
    for by, rows in ROWS.items():
        for code, start, end, posted, gives in rows:
            if by not in found or found[by][0] != code or (known_on and posted and posted > known_on):
                continue
            if (start is None or start <= day) and (end is None or day < end):
                for path, value in gives.items():
                    found.setdefault(path, (value, "given"))
    return found


@given(
    st.fixed_dictionaries({}, optional={path: st.sampled_from(values) for path, values in STATED.items()}),
    st.sampled_from(("J1000", "J1001", "J1002")),
    st.sampled_from(("2020-06-01", "2020-12-31", "2021-01-01", "2023-12-31", "2024-01-01")),
    st.sampled_from((None, "2022-05-31", "2022-06-01")),
)
@examples(300)
def test_facts_are_stated_else_given(made, stated, procedure, day, known_on):
    by_key = {path.partition(".")[2]: value for path, value in stated.items() if path.startswith("line.")}
    others = {path.partition(".")[2]: value for path, value in stated.items() if path.startswith("claim.")}
    made_claim = claim({"procedure": procedure, **by_key}, day, **others)
    made.agree(made_claim, known_on)
    read = read_claim(made_claim, made.program.schema)
    (line,) = read.lines
    known = date.fromisoformat(known_on) if known_on else None
    version = made.program.version(line.day, known)
    facts = derive(made.program, version, read, line, line.day, known)
    wanted = expected({"line.procedure": procedure, **stated}, day, known_on)
    for path in {*STATED, "line.operation", "line.place_of_service"}:
        found = (facts.values.get(path), facts.origins.get(path))
        assert found == wanted.get(path, (None, None)), path


def reduced_alike(made, stated, known):
    """Whether what is read of a claim decides it as the whole claim does; gives what is left out."""
    claim = read_claim(stated, made.program.schema)
    kept, left_out = reduced(stated, claim, reads(made.compiled, claim, known))
    known_on = known.isoformat() if known else None
    assert made.agree(kept, known_on) == made.agree(stated, known_on), kept
    return left_out


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={path: st.sampled_from(values) for path, values in STATED.items() if path[0] == "l"}
        ),
        min_size=1,
        max_size=2,
    ),
    st.sampled_from(("J1000", "J1001", "J1002")),
    st.sampled_from(("2020-12-31", "2023-12-31", "2024-01-01")),
)
@examples(150)
def test_what_is_read_of_a_claim_has_the_codes_that_give(made, lines, procedure, day):
    billed = [
        {"line": n, "procedure": procedure, "service_date": day, "charge": 3}
        | {path.partition(".")[2]: value for path, value in stated.items()}
        for n, stated in enumerate(lines, 1)
    ]
    left_out = reduced_alike(made, {"claim_id": "C", "cause": "S72", "lines": billed}, None)
    assert "lines[1].charge" in left_out
