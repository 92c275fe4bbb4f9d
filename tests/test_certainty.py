"""What is called proved where it depends on other lines, on reason codes, or on what a line leaves out."""

from compiling import compiled

from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.spaces import Apart
from compiler.proofs.prove import prove

EVIDENCE = """package made.policy
codes hcpcs { J1001 "a"  J1002 "b" until %s gives line.site := left }
facts { line.site { left, right }  line.ordered date }
policy "Made" { payer "p" governed by line.ordered }
evidence line.site from other lines of the day
revision 2020-01-01 "r" {
    section A "A" { medically_necessary if { line.site == left } }
    codes { J1001 }
}
"""
REASONS = """package made.policy
codes hcpcs { J1001 "a" }
codes carc { 50 from 1995-01-01  119 from 1995-01-01 }
codes rarc { N115 from 2002-05-30 }
facts { line.s1 boolean  line.s2 boolean }
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "A" {
        not_covered if { x: line.s1  y: line.s2 } FIRST
        not_covered if { z: line.s1 } reasons carc 119
    }
    codes { J1001 }
}
"""
THINGS = """package made.things
codes hcpcs { J1001 "a"  J1002 "b" }
facts { line.s1 boolean  line.site { left, right } absent means left }
"""
OTHER = """package made.other
import made.things
policy "Other" { payer "p" }
revision 2020-01-01 "r" {
    section A "A" { medically_necessary if { line.s1 }  not_covered otherwise }
    codes open to lines stating line.site { J1002 }
}
"""
ASKS = """package made.policy
import made.things
import made.other
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "A" {
        medically_necessary if { silent: outcome of other == not_applicable  left: line.site == left }
    }
    codes { J1001 }
}
"""


def test_evidence_of_lines_that_another_date_governs_is_no_proof(tmp_path):
    one, other = (compiled(tmp_path / until, EVIDENCE % until) for until in ("2019-03-01", "2019-06-01"))
    line = {"procedure": "J1001", "service_date": "2020-05-05"}
    beside = {**line, "line": 2, "procedure": "J1002", "ordered": "2019-05-01"}
    claim = {"claim_id": "C", "lines": [{**line, "line": 1, "ordered": "2020-08-01"}, beside]}
    told = [Side(program).decide(claim)["lines"][0]["determination"] for program in (one, other)]
    assert told == ["needs_information", "medically_necessary"]
    found = diff(Side(one), Side(other))
    assert (found.equal, found.beyond) == (None, (Apart("evidence", ("line.site",)),))
    assert diff(Side(one), Side(one)).equal is True


def test_a_rule_that_reason_codes_need_is_not_dead(tmp_path):
    def told(name, first):
        program = compiled(tmp_path / name, REASONS.replace("FIRST", first))
        return [each.proved for each in prove(program) if each.kind == "rule"]

    assert told("apart", "reasons carc 50 rarc N115") == [True, True]
    assert told("alike", "reasons carc 119") == [False, True]


def test_what_a_line_leaves_out_makes_a_part_needed_only_as_it_is_derived(tmp_path):
    program = compiled(tmp_path, ASKS, THINGS, OTHER)
    told = {each.about: each.proved for each in prove(program) if each.kind in ("criterion", "rule")}
    assert (told["left"], told["silent"], told["medically_necessary"]) == (None, True, True)
