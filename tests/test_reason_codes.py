"""Reason codes: which a decision carries, and that they are valid on its day."""

from datetime import date, timedelta
from pathlib import Path
from textwrap import indent

import pytest
from backends import three_ways

from compiler.binding.library import load as load_files
from compiler.binding.resolve import resolve
from compiler.runtime.reasons import _GIVEN, NEEDS_REMARK, SINCE, reason_codes
from dsl.diagnostics import Report
from policyc import load
from policyc.words.history import history
from policyc.words.show import show

HEAD = """package policy_made
facts { claim.a boolean  claim.b boolean }
codes hcpcs { J1000 per 10 mg }
codes carc { 6  50  96  119  145 from 2002-06-30 until 2022-04-01 }
codes rarc { N115 from 2021-01-01  N129  N130  N362 }
policy "made" { payer "p" }
"""


def made(tmp_path, section, later=""):
    path = tmp_path / "policy_made.pol"
    text = f'{HEAD}revision 2021-01-01 "r" {{\n{indent(section, "    ")}\n    codes {{ J1000 }}\n}}\n{later}'
    path.write_text(text)
    return path


@pytest.fixture
def given(tmp_path):
    """The reason codes of a line under a section, by all back ends."""

    def decided(section, day="2022-02-02", later="", **claim):
        line = {"line": 1, "procedure": "J1000", "service_date": day, "units": 4}
        back_ends = three_ways(made(tmp_path, section, later))
        return back_ends.agree({"claim_id": "C", "history": [], **claim, "lines": [line]})["lines"][0]

    return decided


def written(line):
    codes = line["reason_codes"]
    return codes and " ".join([codes["carc"], *codes["rarc"]])


BY_RULE = """section A "a" {
    reasons carc 50 rarc N115
    not_covered if { claim.a } reasons carc 96 rarc N130
    not_covered if { claim.b }
    not_medically_necessary otherwise reasons carc 6 rarc N129
}"""


@pytest.mark.parametrize(
    ("claim", "codes"),
    [
        ({"a": True, "b": True}, "96 N130"),
        ({"a": False, "b": True}, "50 N115"),
        ({"b": True}, "50 N115"),  # whether the first rule holds is open: the second surely does
        ({"a": False, "b": False}, "6 N129"),
        ({"a": False}, "16 N706"),
    ],
)
def test_the_first_rule_that_surely_holds_gives_its_reason_codes(given, claim, codes):
    assert written(given(BY_RULE, **claim)) == codes


def test_an_open_rule_gives_no_reason_code(given):
    section = """section A "a" {
    not_covered if { claim.a } reasons carc 119 rarc N362
    not_covered otherwise reasons carc 6 rarc N129
}"""
    assert written(given(section, a=False)) == "6 N129"
    assert written(given(section, a=True)) == "119 N362"
    assert given(section)["determination"] == "not_covered"
    assert written(given(section)) == "96 N130"  # that of the determination


def test_what_is_allowed_has_no_reason_codes_but_its_limit_has(given):
    section = """section A "a" {
    reasons carc 119 rarc N362
    medically_necessary if { claim.a }
    limit 30 mg per day then not_covered
}"""
    line = given(section, a=True)
    assert line["reason_codes"] is None
    assert line["edits"][-1]["reason_codes"] == {"carc": "119", "rarc": ["N362"]}


def test_a_revision_names_others(tmp_path, given):
    section = 'section A "a" { reasons carc 145\n not_covered if { claim.a } }'
    later = 'revision 2022-04-01 "s" { section A reasons carc 50 rarc N115 }\n'
    assert written(given(section, "2022-03-31", later, a=True)) == "145"
    assert written(given(section, "2022-04-01", later, a=True)) == "50 N115"
    program = load(made(tmp_path, section, later)).program
    changed = history(program, None)[1]
    assert changed.amendments == ("section A gives CARC 50, RARC N115 as its reasons",)
    assert changed.effect == (
        "proved: every claim gets the same determination",
        "other reason codes: revision 2022-04-01 section A gives CARC 50, RARC N115 as its reasons: "
        "not_covered: CARC 96, RARC N130 becomes CARC 50, RARC N115",
    )
    assert "2022-04-01 * |     reasons carc 50 rarc N115" in show(program, date(2022, 4, 1), None)


def test_who_knew_nothing_of_a_revision_gives_no_code_that_has_ended(tmp_path):
    section = 'section A "a" { reasons carc 145\n not_covered if { claim.a } }'
    later = 'revision 2022-04-01 posted 2022-06-01 "s" { section A reasons carc 50 rarc N115 }\n'
    back_ends = three_ways(made(tmp_path, section, later))
    line = {"line": 1, "procedure": "J1000", "service_date": "2022-04-01"}
    claim = {"claim_id": "C", "a": True, "lines": [line]}
    assert written(back_ends.agree(claim, "2022-05-01")["lines"][0]) == "96 N130"
    assert written(back_ends.agree(claim, "2022-06-01")["lines"][0]) == "50 N115"


@pytest.mark.parametrize("said", _GIVEN)
def test_codes_that_are_given_are_valid_and_complete(said):
    carc, rarc = _GIVEN[said]
    for code in (carc, *rarc):
        first = SINCE.get(code)
        if first is None:
            continue
        before = reason_codes(said, first - timedelta(days=1))
        assert before is None or code not in (before["carc"], *before["rarc"])
        assert before is None or before["rarc"] or before["carc"] not in NEEDS_REMARK
    assert reason_codes(said, date(2024, 1, 1)) == {"carc": carc, "rarc": list(rarc)}


def test_the_evaluator_and_the_libraries_have_the_same_days():
    report = Report()
    files = [Path(f"policies/codes/{system}.pol") for system in ("carc", "rarc")]
    resolved = resolve(load_files(files, [Path("policies")], report), report)
    rows = {e.shown: e.validity for name in ("carc", "rarc") for e in resolved.units[f"codes.{name}"].codes}
    for carc, rarc in _GIVEN.values():
        for code in (carc, *rarc):
            assert (rows[code].start, rows[code].end) == (SINCE.get(code), None)
    assert set(SINCE) <= set(rows) and set(rows) >= NEEDS_REMARK
