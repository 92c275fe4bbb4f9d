"""What authors state of all claims: proved, or refuted by a claim."""

import pytest
from compiling import compiled
from exchanging import replaced
from test_diff import IV, LUNG, SLEEP, planted
from test_prove import told

from compiler.diff.side import Side
from compiler.pipeline import compile_paths
from compiler.proofs.promised import promised
from dsl.diagnostics import Report

STATED = [
    (IV, "never medically_necessary", True),
    (IV, "never experimental_investigational", False),
    (IV, "never experimental_investigational unless { line.drug in { ketamine, lidocaine } }", True),
    (IV, "never experimental_investigational unless { line.drug == ketamine }", False),
    (IV, "never experimental_investigational unless known line.purpose, line.route", True),
    (LUNG, "never medically_necessary unless { member.age in 50..77 or line.procedure == G0296 }", True),
    (LUNG, "never medically_necessary unless { member.age in 50..76 or line.procedure == G0296 }", False),
    (LUNG, "never medically_necessary unless known line.order", False),
    (LUNG, "always not_covered if { member.age > 77  line.procedure == 71271 }", True),
    (LUNG, "always not_covered if { member.age >= 77  line.procedure == 71271 }", False),
    (SLEEP, "never medically_necessary, manual_review unless { member.age >= 18 }", True),
    (SLEEP, "never not_medically_necessary unless { member.age > 18 }", False),
    (SLEEP, "never medically_necessary unless known member.age, claim.diagnoses", True),
    (SLEEP, "never medically_necessary unless known line.phase", False),
    (IV, "always { line.drug in { ketamine, lidocaine } } if { line.drug == ketamine }", True),
    (IV, "always { line.procedure == 96365 } if { line.route == intravenous }", False),
    (LUNG, "always { member.age >= 50 } if { member.age in 50..77 }", True),
    (LUNG, "always { member.age in 50..77 } if { member.age >= 50  member.pack_years >= 20 }", False),
    (SLEEP, "always { claim.ahi >= 5 } if { claim.ahi >= 15 }", True),
    (SLEEP, "always { claim.ahi > 15 } if { claim.ahi >= 15 }", False),
]


@pytest.mark.parametrize(("policy", "says", "so"), STATED, ids=[f"{p.stem}: {says}" for p, says, _ in STATED])
def test_what_the_author_states_is_proved_or_refuted(tmp_path, policy, says, so):
    path = planted(tmp_path, policy)
    path.write_text(path.read_text() + f'\nclaim "it is so" {{ {says} }}\n')
    report = Report()
    program = next(p for p in compile_paths([path], (), report) if p.package.endswith(policy.stem))
    (statement,) = promised(Side(program), {})
    assert statement.proved is so
    assert (statement.claim is None) is so
    if not so:
        decided = Side(program).decide(statement.claim)
        assert decided == statement.decision


TWO = """package two
codes hcpcs {
    A0001 "one"
    A0002 "two"
}
facts {
    line.fit boolean
    line.ordered_on date
}
policy "Two codes" {
    payer "P"
    source "S" edition 2020-03-01
    governed by line.service_date
}
revision 2020-03-01 "First" {
    section A "A" {
        medically_necessary if { line.fit  line.ordered_on within 6 months before line.service_date }
    }
    codes { A0001 A0002 }
}
"""
WITHIN = "line.ordered_on within {} before line.service_date"
HALF_A_YEAR = WITHIN.format("6 months")
FINER = [
    ("never medically_necessary unless { line.procedure == A0001 }", False),
    ("never medically_necessary unless { line.procedure == A0002 }", False),
    ("never medically_necessary unless { line.procedure in { A0001, A0002 } }", True),
    ("always { line.procedure == A0001 } if { line.fit }", False),
    (f"never medically_necessary unless {{ {WITHIN.format('183 days')} }}", False),
    (f"never medically_necessary unless {{ {WITHIN.format('184 days')} }}", True),
    (f"always {{ {WITHIN.format('183 days')} }} if {{ {HALF_A_YEAR} }}", False),
    (f"always {{ {WITHIN.format('184 days')} }} if {{ {HALF_A_YEAR} }}", True),
]


def test_days_of_a_statement_bound_it(tmp_path):
    path = planted(tmp_path, LUNG)
    older = "{ never medically_necessary unless { member.age >= 55 or line.procedure == G0296 } }"
    path.write_text(path.read_text() + f'\nclaim "before" until 2022-02-10 {older}\nclaim "ever" {older}\n')
    made = {each["about"]: each["proved"] for each in told(path)["statements"] if each["kind"] == "claim"}
    assert made == {"before": True, "ever": False}


INSIDE = [
    ("never medically_necessary", False),
    ("always not_medically_necessary if { member.age >= 55 }", False),
    ("never medically_necessary unless known line.order", False),
    ("always { member.age >= 50 } if { member.age >= 60 }", True),
    ("always { member.age >= 60 } if { member.age >= 50 }", False),
    ("never experimental_investigational", True),
]


@pytest.mark.parametrize(("says", "so"), INSIDE)
def test_a_statement_may_speak_of_days_on_which_nothing_changes(tmp_path, says, so):
    path = planted(tmp_path, LUNG)
    path.write_text(path.read_text() + f'\nclaim "in April" from 2024-04-10 until 2024-04-20 {{ {says} }}\n')
    (statement,) = [each for each in told(path)["statements"] if each["kind"] == "claim"]
    assert statement["proved"] is so
    if not so:
        assert "2024-04-10" <= statement["claim"]["lines"][0]["service_date"] < "2024-04-20"


THREE = """package three
codes hcpcs { A0001 "one" }
facts {
    line.ordered_on date
    line.seen_on date
}
record visit { day date }
facts { claim.visits list of visit }
policy "Three days" {
    payer "P"
    governed by line.service_date
}
revision 2020-01-01 "First" {
    section A "A" {
        medically_necessary if {
            ordered: line.ordered_on within 1 months before line.service_date
            seen: line.seen_on within 1 months before line.ordered_on
        }
    }
    codes { A0001 }
}
"""
VISITED = "some {0} in claim.visits {{ {0}.day within {1} before line.service_date }}"
ORDERED_SEEN = (
    "line.ordered_on within 1 months before line.service_date  "
    "line.seen_on within 1 months before line.ordered_on"
)
FARTHER = [
    # Two months before 30 March is 30 January; a month before 29 February, a month before, is 29 January.
    (f"always {{ line.seen_on within 2 months before line.service_date }} if {{ {ORDERED_SEEN} }}", False),
    (f"always {{ line.seen_on within 62 days before line.service_date }} if {{ {ORDERED_SEEN} }}", True),
    (f"always {{ line.seen_on within 60 days before line.service_date }} if {{ {ORDERED_SEEN} }}", False),
    (f"always {{ {VISITED.format('v', '92 days')} }} if {{ {VISITED.format('w', '3 months')} }}", True),
    (f"always {{ {VISITED.format('v', '3 months')} }} if {{ {VISITED.format('w', '90 days')} }}", False),
]


@pytest.mark.parametrize(
    ("text", "says", "so"), [*((TWO, *each) for each in FINER), *((THREE, *each) for each in FARTHER)]
)
def test_a_statement_tells_codes_and_days_apart_that_no_rule_does(tmp_path, text, says, so):
    program = compiled(tmp_path, f'{text}\nclaim "it is so" {{ {says} }}\n')
    (statement,) = promised(Side(program), {})
    assert statement.proved is so


ORDERED = """package ordered
codes hcpcs { A0001 "one" }
record visit { day date }
record event {
    day date
    low boolean
}
facts {
    line.ordered_on date
    claim.visits list of visit
    claim.events list of event
}
policy "By the day of the order" {
    payer "P"
    governed by line.service_date
}
revision 2020-01-01 "First" {
    section A "A" {
        medically_necessary if {
            current: line.ordered_on within 6 months before line.service_date
            seen: some v in claim.visits { v.day within 3 months before line.ordered_on }
            events: at least 2 e in claim.events { e.low  e.day within 6 months before line.ordered_on }
            beside: MORE
        }
    }
    codes { A0001 }
}
"""
SEEN = "some {0} in claim.visits {{ {0}.day within {1} before line.{2} }}"
BY_ORDER = (
    f"{SEEN.format('v', '3 months', 'ordered_on')} line.ordered_on within 6 months before line.service_date"
)
AFTER_ORDER = [
    # Six months before 31 August is 28 February, three before that 28 November; nine are 30 November.
    (f"always {{ {SEEN.format('w', '9 months', 'service_date')} }} if {{ {BY_ORDER} }}", False),
    (f"always {{ {SEEN.format('w', '10 months', 'service_date')} }} if {{ {BY_ORDER} }}", True),
    ("never medically_necessary unless { at least 3 e in claim.events { e.low } }", False),
    ("never medically_necessary unless { at least 2 e in claim.events { e.low } }", True),
]


@pytest.mark.parametrize(("says", "so"), AFTER_ORDER)
def test_what_is_dated_by_an_order_is_told_apart_exactly(tmp_path, says, so):
    path = tmp_path / "ordered.pol"
    more = SEEN.format("m", "9 months", "service_date")
    path.write_text(f'{replaced(ORDERED, "MORE", more)}\nclaim "it is so" {{ {says} }}\n')
    made = told(path)["statements"]
    (statement,) = [each for each in made if each["kind"] == "claim"]
    assert statement["proved"] is so
    assert all(each["proved"] is not None for each in made)


NEEDED = [
    (SEEN.format("m", "4 months", "ordered_on"), False),
    (SEEN.format("m", "89 days", "ordered_on"), True),
    (SEEN.format("m", "9 months", "service_date"), True),
    (SEEN.format("m", "10 months", "service_date"), False),
]


@pytest.mark.parametrize(("more", "needed"), NEEDED)
def test_a_criterion_about_lists_dated_by_an_order_is_needed_or_not(tmp_path, more, needed):
    path = tmp_path / "ordered.pol"
    path.write_text(replaced(ORDERED, "MORE", more))
    (statement,) = [each for each in told(path)["statements"] if each["about"] == "beside"]
    assert (statement["kind"], statement["proved"]) in {("criterion", needed), ("redundant", not needed)}


def test_a_statement_is_no_part_of_what_is_decided(tmp_path):
    path = planted(tmp_path, IV)
    digest = compile_paths([path], (), Report())[0].digest
    path.write_text(path.read_text() + '\nclaim "it is so" { never not_covered }\n')
    assert compile_paths([path], (), Report())[0].digest == digest


UNSAID = """package made.unsaid
codes hcpcs { X1001 "a" GIVES  X1002 "b" }
facts { line.met boolean  DECLARED }
policy "Unsaid" { payer "P" }
OF_THE_DAY
revision 2022-01-01 "r" {
    section A "a" { medically_necessary if { line.met } }
    codes { X1001 }
}
claim "it is known" { never medically_necessary unless known line.kind }
"""
OPEN, CLOSED = "line.kind open { red, blue }", "line.kind { red, blue }"
OTHER_LINES = 'evidence line.kind from other lines of the day assume alike "the same"'
PARTS = 'codes parts { P1 "p" gives line.kind := red }'


@pytest.mark.parametrize(
    ("gives", "declared", "evidence", "so"),
    [
        ("", f"{CLOSED} absent means red", "", True),
        ("gives line.kind := red", CLOSED, OTHER_LINES, True),
        ("", f"{OPEN} absent means red", "", False),
        ("gives line.kind := red", OPEN, "", False),
        ("", f"{CLOSED} absent means red", OTHER_LINES, False),
        ("", "line.kind boolean absent means false", OTHER_LINES, False),
        ("", "line.kind date", "", False),
        ("gives line.part := P1", f"line.part code of parts  {CLOSED} given by line.part", PARTS, False),
    ],
)
def test_what_is_said_unclearly_or_disputed_is_not_known(tmp_path, gives, declared, evidence, so):
    text = UNSAID
    for name, said in (("GIVES", gives), ("DECLARED", declared), ("OF_THE_DAY", evidence)):
        text = replaced(text, name, said)
    (statement,) = promised(Side(compiled(tmp_path, text)), {})
    assert statement.proved is so
    if not so:
        assert statement.decision["lines"][0]["determination"] == "medically_necessary"
