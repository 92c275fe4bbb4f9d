"""Claims that no proof is to overlook: what decides them lies beside the rules, or on a later day."""

import json

import pytest
from compiling import compiled
from exchanging import replaced
from test_diff import call

from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.pipeline import compile_paths
from compiler.proofs.compared import compared
from compiler.proofs.prove import prove
from dsl.diagnostics import Report

MADE = """package made.policy
MORE
codes hcpcs { X1000 "a"  X2000 "b" }
record trial { started date  ended date }
facts {
    claim.a date
    claim.b date
    claim.c date
    claim.trials list of trial
}
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "a" { medically_necessary if { CRITERIA } RULES not_covered otherwise }
    codes { X1000 X2000 }
}
"""
OTHER = """package made.other
codes hcpcs { X3000 "c" }
facts { line.device { lamp, chair } }
policy "Other" { payer "p" }
revision 2020-01-01 "r" {
    section A "a" { medically_necessary if { line.device == lamp } not_covered otherwise }
    codes open to lines stating line.device { X3000 }
}
"""


def made(folder, criteria, says="never medically_necessary", rules="", more=""):
    text = replaced(replaced(replaced(MADE, "MORE", more), "CRITERIA", criteria), "RULES", rules)
    return compiled(folder, f'{text}\nclaim "so" {{ {says} }}\n', *[OTHER] * bool(more))


RECENT = "claim.a within 6 months before line.service_date"
REFUTED = {
    "an age, and a fixed day of birth": ("member.age >= 18  member.birth_date >= 2006-01-01", {}),
    "what an age implies on the first day alone": (
        "member.age >= 18",
        {"says": "always { member.birth_date < 2006-01-01 } if { member.age >= 18 }"},
    ),
    "two dates of three, where a code leaves one out": (
        f"line.procedure == X1000  {RECENT}  claim.b <= claim.a  claim.b >= 2023-01-01",
        {"rules": "manual_review if { line.procedure == X2000  claim.b < claim.c }"},
    ),
    "so many different ends, each behind a start": (
        "at least 3 t in claim.trials with different ended { t.started <= t.ended }",
        {},
    ),
    "so many different ends, each on the day of its start": (
        "at least 3 t in claim.trials with different ended { t.started == t.ended }",
        {},
    ),
    "a line that does not state by what another policy would take it in": (
        "outcome of other == not_applicable",
        {"more": "import made.other"},
    ),
}


@pytest.mark.parametrize(("criteria", "more"), REFUTED.values(), ids=REFUTED)
def test_a_statement_is_refuted_by(tmp_path, criteria, more):
    statements = {(each.kind, each.about): each for each in prove(made(tmp_path, criteria, **more))}
    assert statements["claim", "so"].proved is False
    assert statements["reachable", "medically_necessary"].proved is True
    assert not [each for each in statements.values() if each.proved is False and each.kind != "claim"]


SOON = "line.service_date within 30 days after claim.a"
GOVERNED = MADE.replace('payer "p"', 'payer "p" governed by claim.a')


@pytest.mark.parametrize(
    ("criteria", "never", "reached"),
    [
        # On the governing day nobody born so late has come of age; on that of service somebody may have.
        ("member.age >= 18  member.birth_date >= 2015-01-01", False, True),
        ("member.age >= 18  member.birth_date >= 2015-01-01  line.service_date < 2033-01-01", True, False),
        ("member.age >= 18  member.age < 19  line.service_date >= 2030-05-05", False, True),
        # Not all governing days are looked at by how births lie to them.
        (f"member.age >= 18  member.birth_date >= 2015-01-01  {SOON}", None, None),
    ],
)
def test_ages_are_those_on_the_day_of_service_where_another_governs(tmp_path, criteria, never, reached):
    text = GOVERNED.replace("MORE", "").replace("RULES", "").replace("CRITERIA", criteria)
    program = compiled(tmp_path, f'{text}\nclaim "so" {{ never medically_necessary }}\n')
    proved = {(each.kind, each.about): each.proved for each in prove(program)}
    assert (proved["claim", "so"], proved["reachable", "medically_necessary"]) == (never, reached)


def test_versions_that_ask_for_ages_where_another_day_governs_are_told_apart(tmp_path):
    text = GOVERNED.replace("MORE", "").replace("RULES", "")
    late = "member.birth_date < 2015-01-01 or line.service_date < 2033-01-01"
    asked = "member.age >= 18", f"member.age >= 18  {late}", "member.age >= 18  claim.b < 2015-01-01"
    one, same, other = (
        Side(compiled(tmp_path / str(at), text.replace("CRITERIA", criteria)))
        for at, criteria in enumerate(asked)
    )
    (found,) = diff(one, same).differences
    assert found.claim["member"]["birth_date"] >= "2015-01-01"
    assert found.claim["lines"][0]["service_date"] >= "2033-01-01"
    assert diff(one, other).equal is False


TWO = """package made.two
codes hcpcs { CODES }
facts { claim.walks boolean  claim.runs boolean }
policy "Two" { payer "p" }
revision 2024-01-01 "r" {
    section A "a" cites "A" { medically_necessary if { claim.walks  ASKED } }
    section B "b" cites "B" { not_covered if { claim.runs } }
    codes LISTED
}
MORE
"""


@pytest.mark.parametrize(
    ("codes", "asked", "listed", "more", "shown"),
    [
        ('X1000 from 2025-01-01 "a"', "", "{ X1000 }", "", ("X1000", "2025-01-01")),
        (
            'X1000 "a"  X2000 "b"',
            "line.procedure == X2000",
            "{ X1000 }",
            'revision 2025-01-01 "c" { add codes { X2000 } }',
            ("X2000", "2025-01-01"),
        ),
        (
            'X1000 "a"  X2000 from 2025-01-01 "b"',
            "line.procedure == X2000",
            "{ X1000 X2000 }",
            "",
            ("X2000", "2025-01-01"),
        ),
        (
            'X1000 "a"  X2000 from 2024-07-01 "b"',
            "line.procedure == X2000",
            "open { X1000 }",
            'revision 2025-01-01 "c" { remove section B  add codes { X2000 } }',
            ("X2000", "2024-07-01"),
        ),
        ('X1000 until 2024-01-01 "a"', "", "{ X1000 }", "", None),
    ],
    ids=["none is valid at first", "listed later", "valid later", "valid before it is listed", "never valid"],
)
def test_sections_contradict_where_a_code_is_listed_and_valid(tmp_path, codes, asked, listed, more, shown):
    path = tmp_path / "made" / "two.pol"
    path.parent.mkdir()
    text = TWO
    for name, value in {"CODES": codes, "ASKED": asked, "LISTED": listed, "MORE": more}.items():
        text = replaced(text, name, value)
    path.write_text(text)
    report = Report()
    compile_paths([path], [], report)
    found = [each.hints[0] for each in report.diagnostics if each.code == "overlapping-rules"]
    lines = [json.loads(hint.partition(": ")[2])["lines"][0] for hint in found]
    assert [(line["procedure"], line["service_date"]) for line in lines] == ([shown] if shown else [])


def test_trials_that_nobody_states_may_have_so_many_different_ends(tmp_path):
    criteria = "at least 3 t in claim.trials with different ended { t.started <= t.ended }"
    line = {"line": 1, "procedure": "X1000", "service_date": "2024-05-02"}
    made(tmp_path, criteria)
    claim = {"claim_id": "1", "lines": [line]}
    done = call("eval", tmp_path / "made" / "policy.pol", "-", "--format", "json", stdin=json.dumps(claim))
    (decided,) = json.loads(done.stdout)["lines"]
    assert (decided["determination"], decided["missing"]) == ("needs_information", [["claim.trials"]])


GIVEN = """package made.policy
codes hcpcs { X1000 "a" }
codes products { N100 "x" gives TOLD }
record course { product code of products  old code of products  class { ssri, snri } given by product }
facts {
    claim.product code of products
    claim.old code of products
    claim.class { ssri, snri } given by claim.product
    claim.courses list of course
}
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "a" { medically_necessary if { CRITERIA } not_covered otherwise }
    codes { X1000 }
}
"""
SOME, ONE = "some c in claim.courses { c.class == ssri }", "claim.class == ssri"


@pytest.mark.parametrize(
    ("criteria", "told", "swap", "about"),
    [
        (SOME, "course.class := ssri", (":= ssri", ":= snri"), "claim.courses"),
        (SOME, "course.class := ssri", ("given by product", "given by old"), "claim.courses"),
        (ONE, "claim.class := ssri", ("given by claim.product", "given by claim.old"), "claim.class"),
    ],
)
def test_versions_in_which_codes_give_something_else_are_not_proved_equal(
    tmp_path, criteria, told, swap, about
):
    text = replaced(replaced(GIVEN, "CRITERIA", criteria), "TOLD", told)
    sides = [Side(compiled(tmp_path / name, each)) for name, each in enumerated(text, replaced(text, *swap))]
    assert diff(sides[0], Side(compiled(tmp_path / "same", text))).equal is True
    found = diff(*sides)
    assert found.equal is None
    assert [(apart.what, apart.facts) for apart in found.beyond] == [("given", (about,))]


@pytest.mark.parametrize(
    ("criteria", "told", "swap", "about"),
    [
        (SOME, "course.class := ssri", ("given by product", "given by old"), "claim.courses"),
        (ONE, "claim.class := ssri", ("given by claim.product", "given by claim.old"), "claim.class"),
    ],
)
def test_policies_in_which_codes_give_something_else_are_not_proved_equal(
    tmp_path, criteria, told, swap, about
):
    text = replaced(replaced(GIVEN, "CRITERIA", criteria), "TOLD", told)
    other = replaced(replaced(text, *swap), "made.policy", "made.other")
    program = compiled(tmp_path, text + 'claim "so" { equal to made.other }\n', other)
    said = [
        (each.proved, [(apart.what, apart.facts) for apart in each.beyond])
        for each in prove(program, others=compared(program, (), Report()))
        if each.kind == "claim"
    ]
    assert said == [(None, [("given", (about,))])]


CHAIN = """package made.policy
codes hcpcs { X1000 "a" gives line.part := P1 }
codes parts { P1 "p" gives line.kind := red  P2 "q" gives line.kind := green }
facts { line.part code of parts  line.kind { red, green, blue } given by line.part }
policy "Made" { payer "p" }
revision 2020-01-01 "r" {
    section A "a" { medically_necessary if { line.kind == green } not_covered otherwise }
    codes { X1000 }
}
"""


def test_a_line_may_state_another_code_than_its_own_gives(tmp_path):
    """By the code that it states a fact is given otherwise, though its own code says the same to both."""
    texts = enumerated(CHAIN, replaced(CHAIN, ":= green", ":= blue"))
    one, other = (compiled(tmp_path / name, text) for name, text in texts)
    line = {"line": 1, "procedure": "X1000", "service_date": "2020-05-05", "part": "P2"}
    told = {Side(p).determination({"claim_id": "C", "lines": [line]}) for p in (one, other)}
    assert told == {"medically_necessary", "not_covered"}
    found = diff(Side(one), Side(other))
    assert (found.equal, [apart.facts for apart in found.beyond]) == (None, [("line.kind",)])


def enumerated(*texts):
    return [(f"v{number}", text) for number, text in enumerate(texts)]
