"""What is too large for a diagram is unknown: neither proved nor refuted, and named."""

import pytest
from compiling import compiled
from exchanging import replaced

from compiler.diff import outcomes
from compiler.diff.cut import cut
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.spaces import Apart
from compiler.pipeline import compile_paths
from compiler.proofs import reach
from compiler.proofs.prove import prove
from compiler.runtime.diagram import Diagram, TooLarge
from dsl.diagnostics import Report

MN, NC = "medically_necessary", "not_covered"
FEW = """codes hcpcs { X1000 "a" }
facts { claim.a integer 0..99  claim.b integer 0..99  claim.c boolean  claim.d boolean  claim.e boolean }
policy "Made" { payer "p" }
"""
WIDE = "exactly 2 of { claim.a > 5  claim.b > 7  claim.c  claim.d  claim.e }"
TOO_LARGE = Apart("too large", ())


def made_of(folder, text, name="policy"):
    return compiled(folder, f"package made.{name}\n{FEW}{text}")


def policy(criteria, more=""):
    return f"""revision 2024-01-01 "First" {{
    section one "A" {{ {MN} if {{ {criteria} }} }}
    codes {{ X1000 }}
}}
{more}
"""


@pytest.fixture
def narrow(monkeypatch):
    """From here on diagrams may have very few nodes."""
    return lambda: monkeypatch.setattr(Diagram.__init__, "__defaults__", (12, 12))


def told(program, kind, **others):
    return [(each.proved, each.beyond) for each in prove(program, **others) if each.kind == kind]


def test_a_table_that_is_not_checked_is_told(tmp_path, narrow):
    rows = "\n".join(f"{at}, {at}, {other} then {NC}" for at in "xyz" for other in "xyz")
    table = f'section one "A" {{ table claim.c, claim.d, claim.e {{\n{rows}\n}} }}'
    facts = replaced(FEW, "boolean", "{ x, y, z }")
    path = tmp_path / "policy.pol"
    path.write_text(f'package policy\n{facts}revision 2024-01-01 "r" {{ {table} codes {{ X1000 }} }}')
    for wanted in ("no row of this table", "gaps and overlaps of this table"):
        report = Report()
        compile_paths([path], (tmp_path,), report)
        said = [text for each in report.diagnostics for text in (each.message, *each.hints)]
        assert any(text.startswith(wanted) for text in said), said
        narrow()


def test_no_version_is_called_equal(tmp_path, narrow):
    later = f'revision 2025-01-01 "Second" {{ replace section one "A" {{ {MN} if {{ {WIDE} }} }} }}'
    program = made_of(tmp_path, policy("claim.c", later))
    narrow()
    found = diff(Side(cut(program, program.consolidated.policy.revisions[:1])), Side(program))
    assert (found.differences, found.equal, found.beyond) == ((), None, (TOO_LARGE,))


def test_no_determination_is_called_unreachable_and_no_section_mute(tmp_path, narrow):
    program = made_of(tmp_path, policy(WIDE))
    narrow()
    assert told(program, "reachable") == [(None, (TOO_LARGE,))]
    assert told(program, "gap") == [(None, (TOO_LARGE,))]


def test_no_part_is_called_dead(tmp_path, narrow):
    program = made_of(tmp_path, policy(f"broad: {WIDE}"))
    narrow()
    assert {*told(program, "rule"), *told(program, "criterion")} == {(None, (TOO_LARGE,))}


def test_what_is_too_large_beside_its_neighbours_is_not_called_dead_either(tmp_path, monkeypatch):
    def gives_up(self, place, circumstance):
        raise TooLarge

    program = made_of(tmp_path, policy("broad: claim.a > 5  narrow: claim.a > 7"))
    assert told(program, "criterion") == [(False, ()), (True, ())]
    monkeypatch.setattr(outcomes.Outcoming, "outcomes", gives_up)
    assert told(program, "criterion") == [(None, (TOO_LARGE,)), (True, ())]


@pytest.mark.parametrize(
    "statement", [f"never {MN}", f"never {MN} unless known claim.a", f"always {MN} if {{ claim.c }}"]
)
def test_no_statement_is_called_true(tmp_path, narrow, statement):
    program = made_of(tmp_path, policy(WIDE, f'claim "stated" {{ {statement} }}'))
    narrow()
    assert told(program, "claim") == [(None, (TOO_LARGE,))]


def test_no_policy_is_called_equal_to_another(tmp_path, narrow):
    other = made_of(tmp_path, policy("claim.c"), "other")
    program = made_of(tmp_path, policy(WIDE, 'claim "stated" { equal to made.other }'))
    narrow()
    assert told(program, "claim", others={"made.other": other}) == [(None, (TOO_LARGE,))]


def test_no_sections_are_called_free_of_contradiction(tmp_path, narrow):
    apart = "claim.a > 50  claim.a + claim.b < 50"
    text = policy(apart).replace(
        "}\n    codes", f'}}\n    section two "B" {{ {NC} if {{ {WIDE} }} }}\n    codes', 1
    )
    program = made_of(tmp_path, text)
    narrow()
    ((proved, beyond),) = told(program, "overlap")
    assert (proved, TOO_LARGE in beyond) == (None, True)


def test_what_is_too_large_for_some_days_leaves_these_open(tmp_path, monkeypatch):
    more = f"""
revision 2025-01-01 "Second" {{ replace section one "A" {{ {MN} if {{ claim.c  claim.a > 1 }} }} }}
revision 2026-01-01 "Third" {{ replace section one "A" {{ {MN} if {{ claim.c }} }} }}
"""
    program = made_of(tmp_path, policy("claim.c", more))
    whole = outcomes.Outcoming.outcomes

    def gives_up(self, place, circumstance):
        if place.days[0].year == 2025:
            raise TooLarge
        return whole(self, place, circumstance)

    monkeypatch.setattr(outcomes.Outcoming, "outcomes", gives_up)
    (gap,) = (each for each in prove(program) if each.kind == "gap")
    assert (gap.proved, gap.beyond) == (None, (TOO_LARGE,))
    assert [day.isoformat() for day in gap.days] == ["2025-01-01", "2025-12-31"]


def test_a_section_is_seen_to_speak_by_a_claim_where_a_diagram_of_it_is_too_large(tmp_path, monkeypatch):
    def gives_up(space, root):
        raise TooLarge

    program = made_of(tmp_path, policy("claim.c"))
    monkeypatch.setattr(reach, "for_certain", gives_up)
    assert told(program, "gap") == [(True, ())]


def test_a_policy_that_is_not_at_hand_is_equal_to_none(tmp_path):
    made_of(tmp_path, policy("claim.c"), "other")
    program = made_of(tmp_path, policy("claim.c", 'claim "stated" { equal to made.other }'))
    assert told(program, "claim") == [(None, (Apart("other", ("made.other",)),))]
