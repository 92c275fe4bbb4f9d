"""A comparison looks once at what rules ask alike, whatever the days and codes; its witnesses are small."""

from compiling import compiled

from compiler.diff.cut import cut
from compiler.diff.diff import _Search, diff
from compiler.diff.side import Side

INDICATIONS = 13
"""So many that lines are looked at by their indication: two rules each."""


def text(revisions: int) -> str:
    """A policy of which the second revision replaces a criterion; later ones list a code more."""
    names = ", ".join(f"i{n}" for n in range(INDICATIONS))
    rules = "\n".join(
        f'section s{n}_{m} "S" {{ medically_necessary if {{ line.kind == i{n}\n a: {asked}\n b: claim.y }} }}'
        for n in range(INDICATIONS)
        for m, asked in enumerate(("claim.x0 >= 3", "claim.x1 >= 3"))
    )
    codes = " ".join(f'J{1000 + n} "drug"\n' for n in range(revisions + 1))
    later = "\n".join(
        f'revision {2010 + n}-01-01 "More" {{ add codes {{ J{1000 + n} }} }}' for n in range(2, revisions)
    )
    return f"""package made.once
facts {{
    line.kind {{ {names} }}
    claim.x0 integer 0..9
    claim.x1 integer 0..9
    claim.y boolean
    claim.z boolean
}}
codes hcpcs {{
{codes}
}}
policy "Once" {{ payer "Plan" }}
revision 2010-01-01 "First" {{
{rules}
section rest "Rest" {{ not_medically_necessary otherwise }}
codes {{ J1000 }}
}}
revision 2011-01-01 "Other" {{ replace s4_1.a with {{ (claim.x1 >= 5) or claim.z }} }}
{later}
"""


def compared(folder, revisions, monkeypatch):
    """The comparison of the first text and all, its sides, and how many places were looked at for it."""
    program = compiled(folder, text(revisions))
    made = []
    own = _Search._place

    def counted(*arguments):
        made.append(arguments)
        return own(*arguments)

    monkeypatch.setattr(_Search, "_place", counted)
    first = program.consolidated.policy.revisions[:1]
    sides = Side(cut(program, first)), Side(program)
    found = diff(*sides)
    monkeypatch.undo()
    for each in found.differences:
        assert tuple(side.decide(each.claim) for side in sides) == each.decisions
    return found, sides, len(made)


def test_more_days_and_codes_are_no_more_places_to_look_at(tmp_path, monkeypatch):
    few, _, made = compared(tmp_path / "few", 4, monkeypatch)
    many, _, more = compared(tmp_path / "many", 10, monkeypatch)
    assert few.equal is many.equal is False
    assert len(few.differences) == len(many.differences)
    assert 0 < made == more


def test_a_witness_states_what_is_needed_and_no_more(tmp_path, monkeypatch):
    found, sides, _ = compared(tmp_path, 2, monkeypatch)
    assert found.beyond == ()
    shown = [each for each in found.differences if each.kind == "determination" and each.about is None]
    assert {tuple(map(determination, each.decisions)) for each in shown} == {
        ("medically_necessary", "not_medically_necessary"),
        ("not_medically_necessary", "medically_necessary"),
    }
    for each in shown:
        assert each.claim["lines"][0]["kind"] == "i4"
        for less in lessened(each.claim):
            again = tuple(map(determination, (side.decide(less) for side in sides)))
            assert again != tuple(map(determination, each.decisions)), less


def determination(decision):
    return decision["lines"][0]["determination"]


def lessened(claim):
    """The claim without each of its facts."""
    (line,) = claim["lines"]
    for key in claim.keys() - {"claim_id", "lines"}:
        yield {name: value for name, value in claim.items() if name != key}
    yield {**claim, "lines": [{name: value for name, value in line.items() if name != "kind"}]}
