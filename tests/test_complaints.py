"""What is wrong with a text is told where it is, and with what was meant."""

import pytest
from reading import complaint, told

from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source

COMPLAINTS = {
    # units
    "d if { a.b >= 54 mgs }": "did you mean the unit `mg`?",
    "d if { a.b >= 54 mg/dl\n c.d }": "did you mean the unit `mg/dL`?",
    "d if { a.b >= 4 hours }": "did you mean the unit `h`?",
    "d if { a.b >= 54 MG }": "did you mean the unit `mg`?",
    "d if { a.b >= 54mg/dL }": "write `54 mg/dL`",
    "d if { a.b >= 3 tablets }": "units are written `mg`",
    "d := a.b * 4 hours": "did you mean the unit `h`?",
    "facts { a.b number 0.. in mgs }": "did you mean the unit `mg`?",
    "facts { a.b number in tablets }": "units are written `mg`",
    # has, then
    "d if { latest x by day in a.b { x.c } }": "say what holds of the one that is found",
    "d if { latest x by day in a.b\n c.d }": "say what holds of the one that is found",
    'revision 2020-01-01 "r" { section A "a" { limit 3 mg per day not_covered } }': "`then not_covered`",
    'revision 2020-01-01 "r" { section A "a" { table a.b { x not_covered } } }': "`then not_covered`",
    'revision 2020-01-01 "r" { section A "a" { table a.b, c.d { x any then covered } } }': "a comma is",
    # values and conditions
    "d if { a.b + 1 }": "a value alone is no criterion",
    "d if { not 3 }": "a value alone is no criterion",
    "d if { (a.b or c.d) >= 3 }": "a condition is true or false",
    "d := (a.b >= 3)": "a condition is true or false",
    "d if { 3 <= a.b }": "a criterion begins with what is asked",
    "d if { a.b -3 >= 2 }": "a minus that subtracts has a blank on either side",
    "d if { a.b == nb-uvb }": "names are joined by underscores",
    "d if { at least 0 x in a.b }": "a whole number from 1 to 999",
    "d if { exactly 1000 of { a.b } }": "a whole number from 1 to 999",
    "d if { a.b >= 3 // a comment\n }": "comments begin with `#`",
    # phrases
    "d if { a.b at least 11 full months after c.d }": "write `11 full months or more after`",
    "d if { a.b at least 3 days before c.d }": "write `3 days or more before`",
    "d if { a.b at most 6 months before c.d }": "write `within 6 months before`",
    "d if { a.b within 6 months of c.d }": "say on which side: `within 6 months before DATE`, or `after`",
    "d if { a.b within the last 6 months }": "say before which day: `within 6 months before DATE`",
    "d if { a.b in the past 2 years }": "say before which day: `within 2 years before DATE`",
    "d if { a.b in the same year as c.d }": "write `in the same calendar year as`",
    "d if { a.b not within 3 days before c.d }": "`not` stands before the whole criterion",
    "d if { a.b 31 days after c.d }": "how far? `31 days or more after`, `within 31 days after`, or",
    "d if { a.b in 2024-01-01..2024-02-01 }": "write `between 2024-01-01 and 2024-02-01`",
    "d if { a.b improved by 10 % }": "write `percent rise from BEFORE to AFTER >= 10`, `percent fall`, or",
    "d if { a.b improved by 5 points }": "or a difference: `AFTER - BEFORE >= 5`",
    "d if { 0446T in claim.history }": "write `some h in claim.history { h.procedure == 0446T }`",
    "d if { a.b\n X1960 in claim.history }": "write `some h in claim.history { h.procedure == X1960 }`",
    'revision 2020-01-01 "r" { section A "a" { manual_review to "b" if { c } } }': "the question comes first",
    'revision 2020-01-01 "r" { section A "a" { limit 3 g per day then d unless { c } } }': "a limit has",
    'revision 2020-01-01 "r" { section A "a" { limit most per day then d } }': "a limit has its number",
    'revision 2020-01-01 "r" { section A "a" { limit most units per day then d } }': "a limit has its number",
    "d if { a.b - c.d >= 6 weeks }": "how long it was is written `weeks from c.d to a.b`",
    "d if { a.b >= 10 per cent }": "per cent is written `%`",
    "d if { a.b == 3 mg or 5 mg or 7 mg }": "`a.b == 3 mg or a.b == 5 mg or a.b == 7 mg`",
    "d if { a.b == X1901 or X1902 }": "write `a.b in { X1901, X1902 }`",
    'd if { a.b != "11" and "12" }': 'write `not a.b in { "11", "12" }`',
    "d if { a.b > 3 mg or < 1 mg }": "write `a.b > 3 mg or a.b < ...`",
    "d if { a.b in 1..3 or 7..9 }": "write `a.b in { 1..3, 7..9 }`",
    'd if { a.b\n "RB" in line.modifiers }': 'write `some x in line.modifiers { x == "RB" }`',
    "concept c of icd10cm { F1x.11 }": "write out the others: `F10.11`, `F11.11` and so on",
    "d if { a.b\n 2a: c.d }": "a label begins with a letter",
    "d if { latest 2 s by day in a.b has { s.c } }": "ask how many are later: `no s in LIST { ...",
    "concept c of icd10cm { G90.5- }": "write `G90.5x`: all codes that begin so",
    "concept c of icd10cm { G90.- L40 }": "write `G90x`: all codes that begin so",
    "d if { at least two of { a.b c.d } }": "numbers are written in digits: `at least 2`",
    "d if { one of { a.b c.d } }": "write `any of { ... }`, or `exactly 1 of { ... }`",
    "d if { two or more of { a.b c.d } }": "write `at least 2 of { ... }`",
    "d if { 2 of { a.b c.d } }": "write `at least 2 of { ... }`",
    # words
    "d if { a.b\n has: c.d }": "take another label",
    "d if { a.b\n less: c.d }": "take another label",
    "d if { a.b\n to: c.d }": "take another label",
    "d if { a.b\n code: c.d }": "take another label",
    "d if { a.b, c.d == e }": "nothing stands between them",
    "more := a.b": "`more` is a word of the language: take another name",
    "record := a.b": "`record` is a word of the language: take another name",
    "d if { a.b\n more >= 3 }": "`more` is a word of the language: take another name",
    "d if { a.b >= 3 months }": "`3 months before DATE` is a day",
    "d if { a.b >= 3 weeks }": "leave `weeks` out where `a.b` counts them",
    "d if { member.age >= 18 years }": "no unit is needed: leave out `years`",
    "d if { member.age < 6 months }": "`months from member.birth_date to line.service_date`",
    "d if { a.b >= 5 points }": "what is counted (points, visits) has none",
    "recrod r { a integer }": "did you mean `record`?",
    "d if { a.b betwen 3 and 4 }": "did you mean `between`?",
    'revision 2020-01-01 "r" { section A "a" { covered otherwize } }': "did you mean `otherwise`?",
}


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_says_what_was_meant(text):
    assert COMPLAINTS[text] in complaint(text)


def test_each_of_several_mistakes_is_told_where_it_is():
    text = """
record trial {
    drug strng
    weeks integer
    dose number in mgs
}
scale phq9 0..27 {
    0..4 minimal
    5..9 gap
    10.. severe
}
revision 2020-01-01 "r" {
    section A "a" {
        manual_review "q" to "b" if {
            a.b >= 54 mgs
            c.d within 3 months
                before e.f
        }
        limit 1 unit per dai then covered
        table a.b {
            c then covered
            d covered
        }
    }
}
"""
    report = Report()
    assert parse(Source("x.pol", f"package x\n{text}"), report) is None
    found = [(d.labels[0].span.source.position(d.labels[0].span.start)[0]) for d in report.diagnostics]
    assert found == [4, 6, 11, 16, 20, 23], told(report)
