"""Codes that give facts, and codes that give none, in what is proved of a policy: neither hides the other."""

from datetime import date

import pytest
from compiling import compiled
from exchanging import replaced

from compiler.diff.side import Side
from compiler.proofs.prove import prove
from policyc.words.proofs import sentence

MN, NC = "medically_necessary", "not_covered"
POLICY = """package made.policy
codes hcpcs {
    X1001 "pump" gives line.device := pump
    X1002 "chair" gives line.device := chair
    X1003 "either"
    X1004 "with its model" gives line.model := P10, line.device := pump
}
codes models { P10 "a pump" gives line.maker := acme  Q20 "a chair" }
facts {
    line.device open { pump, chair }
    line.model code of models
    line.maker { acme, other } given by line.model
    line.fit boolean
}
policy "Devices" { payer "P" }
revision 2023-01-01 "Posted" {
    section A "Devices" {
        medically_necessary if { device: line.device == pump  fit: line.fit }
        not_covered if { chair: line.device == chair  other: line.maker == other }
    }
    codes {CODES}
}
"""

ENDED = """package made.ended
codes hcpcs { X1001 "a" until 2022-01-01 replaced by X1002  %s }
facts { line.met boolean }
policy "Ended" { payer "P" }
revision 2020-01-01 "r" {
    section A "a" { medically_necessary if { line.met } }
    codes { X1001 though ended "the claims of before are decided" }
}
"""


def told(folder, codes, says="", *changes):
    more = f'\nclaim "it is so" {{ {says} }}\n' if says else ""
    text = replaced(POLICY, "{CODES}", f"{{ {codes} }}")
    for old, new in changes:
        text = replaced(text, old, new)
    program = compiled(folder, text + more)
    return program, list(prove(program))


@pytest.mark.parametrize("codes", ["X1001 X1002 X1003 X1004", "X1001 X1002", "X1003", "X1004", "X1002 X1004"])
def test_what_a_code_gives_a_claim_may_state_otherwise(tmp_path, codes):
    program, proved = told(tmp_path, codes)
    for each in proved:
        assert each.proved is True, each
    for each in proved:
        if each.kind == "reachable":
            decided = Side(program).decide(each.claim)["lines"][0]
            assert decided["determination"] == each.about


STATED = [
    # Of a pump's code the device is known; of the other code it is not, and is asked for.
    ("X1001 X1003", f"never {MN} unless known line.device", True),
    ("X1001 X1003", f"never {MN} unless known line.fit", True),
    ("X1001 X1003", f"never {MN} unless {{ line.procedure == X1001 }}", False),
    ("X1001", f"never {NC} unless {{ line.procedure == X1002 }}", False),
    ("X1002 X1001", "always { line.device == chair } if { line.procedure == X1002 }", False),
]


@pytest.mark.parametrize(("codes", "says", "so"), STATED)
def test_statements_about_what_codes_give(tmp_path, codes, says, so):
    program, proved = told(tmp_path, codes, says)
    (statement,) = [each for each in proved if each.kind == "claim"]
    assert statement.proved is so
    if not so:
        assert Side(program).decide(statement.claim) == statement.decision


GIVEN = ("device: line.device == pump  fit: line.fit }", "fit: line.fit } except if { line.maker == other }")
CLOSED = "line.device open { pump, chair }", "line.device { pump, chair }"


@pytest.mark.parametrize("codes", ["X1001 X1003", "X1003 X1001", "X1003", "X1002 X1003 X1001"])
def test_what_is_known_of_one_code_may_be_unknown_of_another(tmp_path, codes):
    _, proved = told(tmp_path, codes, f"never {MN} unless known line.device", GIVEN, CLOSED)
    (statement,) = [each for each in proved if each.kind == "claim"]
    assert statement.proved is False
    assert statement.claim["lines"][0]["procedure"] == "X1003"


def test_what_every_code_gives_is_always_known(tmp_path):
    asked = tmp_path, "X1001 X1002 X1004", f"never {MN} unless known line.device", GIVEN
    _, proved = told(*asked, CLOSED)
    assert [each.proved for each in proved if each.kind == "claim"] == [True]
    # Of an open list a claim may say what nobody knows, and that is not what the code gives.
    program, proved = told(*asked)
    (statement,) = [each for each in proved if each.kind == "claim"]
    assert statement.proved is False
    line = Side(program).decide(statement.claim)["lines"][0]
    assert line["determination"] == MN
    assert "unrecognized_value" in [edit["kind"] for edit in line["edits"]]


@pytest.mark.parametrize(
    ("following", "through"),
    [
        ('X1002 "b" from 2022-02-01', "2022-01-31"),
        ('X1002 "b" until 2021-01-01  X1002 "b" from 2022-02-01', "2022-01-31"),
        ('X1002 "b" until 2021-01-01', "9999-12-31"),
        ('X1002 "b" until 2021-01-01  X1002 "b" from 2022-01-01', None),
        ('X1002 "b" from 2022-02-01  X1001 "a" from 2022-01-01', None),
    ],
)
def test_a_code_that_none_replaces_on_the_day_on_which_it_ends(tmp_path, following, through):
    program = compiled(tmp_path, ENDED % following)
    gaps = [each for each in prove(program) if each.kind == "gap" and each.about == "X1001"]
    assert [each.days for each in gaps] == (
        [(date(2022, 1, 1), date.fromisoformat(through))] if through else []
    )
    followed = "X1001 is followed by another code on the day on which it ends"
    assert [sentence(each) for each in gaps] == [followed] * len(gaps)
