"""Limits where it is open which sections allow a line: stating less never lets more through."""

import pytest
from backends import three_ways
from exchanging import replaced

from policyc import load

POLICY = """\
package made.limits
codes hcpcs {{ X1960 "a thing" }}
facts {{ claim.a boolean  claim.b boolean }}
policy "Made" {{ payer "A plan" }}
revision 2024-01-01 "Posted" {{
{sections}
    codes {{ X1960 }}
}}
"""
LIMIT = "limit 1 unit of X1960 per 30 days then not_covered"
EITHER = f"""
    section A "A" {{ medically_necessary if {{ claim.a }} {LIMIT} }}
    section B "B" {{ medically_necessary if {{ not claim.a }} {LIMIT} }}
"""
ONE = f"""
    section A "A" {{ medically_necessary if {{ claim.a }} {LIMIT} }}
    section B "B" {{ medically_necessary if {{ claim.b }} }}
"""
BY_HISTORY = f"""
    first if {{ no h in claim.history {{ h.procedure == X1960 }} }}
    section A "A" {{ medically_necessary if {{ first }} {LIMIT} }}
    section B "B" {{ medically_necessary if {{ not first }} {LIMIT} }}
"""
REVIEWED = f"""
    section A "A" {{ medically_necessary if {{ line.procedure == X1960 }} {LIMIT} }}
    section B "B" {{ manual_review if {{ claim.a  some h in claim.history {{ h.procedure == X1960 }} }} }}
    B overrides A
"""
BILLED = {"history": [{"procedure": "X1960", "service_date": "2024-05-01", "units": 1}]}
NONE = {"history": []}
OVER, NOT_OVER = [("0", "1")], []
ASKED = "needs_information"
ALLOWED = "medically_necessary"
AB = "claim.a", "claim.b"


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    made = {}

    def of(sections):
        if sections not in made:
            path = tmp_path_factory.mktemp("limits") / "made" / "limits.pol"
            path.parent.mkdir()
            path.write_text(POLICY.format(sections=sections))
            made[sections] = three_ways(path)
        return made[sections]

    return of


@pytest.mark.parametrize(
    ("sections", "stated", "determination", "missing", "over"),
    [
        (EITHER, BILLED, ALLOWED, [], OVER),  # whichever section it is, as much is over
        (EITHER, NONE, ALLOWED, [], NOT_OVER),
        (EITHER, {}, ASKED, [["claim.history"]], NOT_OVER),
        (EITHER, {"a": True}, ASKED, [["claim.history"]], NOT_OVER),
        (ONE, BILLED | {"b": True}, ASKED, [["claim.a"]], NOT_OVER),
        (ONE, BILLED | {"b": True, "a": True}, ALLOWED, [], OVER),
        (ONE, BILLED | {"b": True, "a": False}, ALLOWED, [], NOT_OVER),
        (ONE, NONE | {"b": True}, ALLOWED, [], NOT_OVER),
        (ONE, {"b": True}, ASKED, [["claim.a"], ["claim.history"]], NOT_OVER),
        (BY_HISTORY, {}, ASKED, [["claim.history"]], NOT_OVER),
        (BY_HISTORY, BILLED, ALLOWED, [], OVER),
        (REVIEWED, {}, ASKED, [["claim.history"]], NOT_OVER),
        (REVIEWED, BILLED, ASKED, [["claim.a"]], NOT_OVER),
        (REVIEWED, BILLED | {"a": False}, ALLOWED, [], OVER),
        (REVIEWED, {"a": False}, ASKED, [["claim.history"]], NOT_OVER),
    ],
)
def test_what_limits_leave_is_part_of_the_answer(ways, sections, stated, determination, missing, over):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 1}
    (found,) = ways(sections).agree({"claim_id": "C", "lines": [line], **stated})["lines"]
    assert (found["determination"], found["missing"]) == (determination, missing)
    assert [(edit["allowed"], edit["over"]) for edit in found["edits"]] == over


DENIED = f"""
    section A "A" {{ medically_necessary if {{ claim.a }} {LIMIT} not_covered otherwise }}
"""
TWO_UNITS = """
    section A "A" { medically_necessary if { claim.a } limit 2 units per 30 days then not_covered }
    section B "B" { medically_necessary if { claim.b } }
"""
OTHERWISE = """
    section A "A" { medically_necessary if { claim.a } limit 2 units per lifetime then not_covered }
    section B "B" { medically_necessary if { claim.b } limit 1 unit per 30 days then not_covered }
"""


@pytest.mark.parametrize(
    ("sections", "units", "missing", "exact"),
    [
        (DENIED, 1, [["claim.a"]], True),  # what is denied has nothing to limit
        # Three units are above the limit of two, whatever was billed before: never as where B alone allows.
        (TWO_UNITS, 3, [["claim.a", "claim.b"], ["claim.a", "claim.history"]], True),
        (EITHER, 1, [["claim.history"]], True),
        (OTHERWISE, 1, [["claim.a", "claim.b"], *([each, "claim.history"] for each in AB)], True),
        (OTHERWISE, 3, [["claim.a", "claim.b"]], False),  # and a history that uses up both
    ],
)
def test_sets_of_facts_that_settle_sections_and_limits(ways, sections, units, missing, exact):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": units}
    (found,) = ways(sections).agree({"claim_id": "C", "lines": [line]})["lines"]
    assert (found["determination"], found["missing"]) == (ASKED, missing)
    assert ("exact" not in found) == exact


ONE_LIMIT = """
    section A "A" { medically_necessary if { claim.a } limit 2 units per day then not_covered }
"""


@pytest.mark.parametrize(
    ("units", "history", "missing", "over"),
    [
        (1, [{"procedure": "X1960", "units": 1}], [], NOT_OVER),  # two at most, whatever the day
        (3, [{"procedure": "X1960", "units": 0}], [], [("2", "1")]),
        (1, [{"procedure": "X1960"}], [["service_date"], ["units"]], NOT_OVER),
        (2, [{"units": 1}], [["procedure"], ["service_date"]], NOT_OVER),
        (2, [{"procedure": "X1960", "service_date": "2024-05-01"}], [], NOT_OVER),
        (2, [{"procedure": "X1960", "service_date": "2024-05-02"}], [["units"]], NOT_OVER),
        (0, None, [], NOT_OVER),
    ],
)
def test_of_a_limit_only_what_can_matter_is_asked(ways, units, history, missing, over):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": units}
    claim = {"claim_id": "C", "a": True, "lines": [line], "history": history}
    (found,) = ways(ONE_LIMIT).agree(claim)["lines"]
    assert found["missing"] == [[f"claim.history[0].{fact}" for fact in facts] for facts in missing]
    assert found["determination"] == (ASKED if missing else ALLOWED)
    assert [(edit["allowed"], edit["over"]) for edit in found["edits"]] == over


def test_two_things_that_may_have_been_billed(ways):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 1}
    history = [{"procedure": "X1960", "units": 1}, {"procedure": "X1960", "units": 1}]
    claim = {"claim_id": "C", "a": True, "lines": [line], "history": history}
    (found,) = ways(ONE_LIMIT).agree(claim)["lines"]
    assert found["missing"] == [["claim.history[0].service_date"], ["claim.history[1].service_date"]]


def test_a_letter_says_that_units_above_a_limit_go_to_review(tmp_path):
    path = tmp_path / "made" / "limits.pol"
    path.parent.mkdir()
    path.write_text(POLICY.format(sections=replaced(ONE_LIMIT, "not_covered", "manual_review")))
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 3}
    claim = {"claim_id": "C", "a": True, "lines": [line], "history": []}
    (found,) = load(path).decide(claim, explain=True)["lines"]
    assert "those above it (1) are for a person to review" in found["reason"]


def test_a_section_tells_of_each_of_its_limits_whatever_other_sections_leave_open(ways):
    sections = """
        section A "A" {
            medically_necessary if { claim.a }
            limit 2 units per day then not_covered
            limit 2 units per year then not_covered
        }
        section B "B" { medically_necessary if { claim.b } }
    """
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 3}
    for known in ({"b": False}, {}):
        claim = {"claim_id": "C", "a": True, "lines": [line], "history": [], **known}
        (found,) = ways(sections).agree(claim)["lines"]
        assert found["determination"] == ALLOWED
        assert [edit["limit"] for edit in found["edits"]] == ["2 units per day", "2 units per year"]


def test_more_sets_of_facts_than_are_told_are_said_to_be_more(ways):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 1}
    limit = replaced(ONE_LIMIT, "per day", "per year")
    for entries, complete in ((3, True), (4, False)):
        claim = {"claim_id": "C", "a": True, "lines": [line], "history": [{}] * entries}
        (found,) = ways(limit).agree(claim)["lines"]
        assert found["determination"] == ASKED
        assert found.get("missing_complete", True) is complete
        assert (len(found["missing"]) == 32) is not complete


@pytest.mark.parametrize("count", [4, 5])
def test_all_ways_to_settle_what_may_have_been_billed_are_told_of_four_things(ways, count):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 2}
    entry = {"procedure": "X1960", "service_date": "2024-05-02"}
    claim = {"claim_id": "C", "a": True, "lines": [line], "history": [entry] * count}
    (found,) = ways(ONE_LIMIT).agree(claim)["lines"]
    units = [f"claim.history[{at}].units" for at in range(count)]
    assert found["determination"] == ASKED
    assert found["missing"] == ([[each] for each in units] if count == 4 else [units])
    assert found.get("missing_complete", True) is (count == 4)


def test_what_settles_several_limits_is_not_all_where_it_is_not_all_of_one(ways):
    sections = """
        section A "A" {
            medically_necessary if { claim.a }
            limit 2 units per day then not_covered
            limit 2 units per year then not_covered
        }
    """
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 2}
    entries = [{"procedure": "X1960", "service_date": f"2024-0{month}-02"} for month in (5, 4, 3, 2, 1)]
    for count in (4, 5):
        claim = {"claim_id": "C", "a": True, "lines": [line], "history": entries[:count]}
        (found,) = ways(sections).agree(claim)["lines"]
        assert all("claim.history[0].units" in facts for facts in found["missing"])
        assert ("missing_complete" in found) is (count == 5)


def test_what_can_be_nothing_is_not_among_what_may_have_been_billed(ways):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": 2}
    nothing = {"procedure": "X1960", "units": 0}
    entry = {"procedure": "X1960", "service_date": "2024-05-02"}
    claim = {"claim_id": "C", "a": True, "lines": [line], "history": [nothing] * 5 + [entry]}
    (found,) = ways(ONE_LIMIT).agree(claim)["lines"]
    assert found["missing"] == [["claim.history[5].units"]]
    assert "missing_complete" not in found


TODAY, UNDATED = {"procedure": "X1960", "service_date": "2024-05-02"}, {"procedure": "X1960", "units": 1}


@pytest.mark.parametrize(
    ("sections", "units", "history", "exact"),
    [
        (ONE, 1, [TODAY], True),
        (ONE, 1, [TODAY] * 5, False),  # more than is tried in all ways
        (TWO_UNITS, 2, [TODAY], True),
        (TWO_UNITS, 2, [TODAY, UNDATED], False),  # the second says how much is over, if the first does not
        (BY_HISTORY, 1, None, False),  # what the limit asks, the sections ask too
    ],
)
def test_what_a_limit_asks_is_told_exactly_where_one_set_of_facts_is_all_of_it(
    ways, sections, units, history, exact
):
    line = {"line": 1, "procedure": "X1960", "service_date": "2024-05-02", "units": units}
    claim = {"claim_id": "C", "lines": [line], "history": history}
    claim |= {} if sections is BY_HISTORY else {"b": True}
    (found,) = ways(sections).agree(claim)["lines"]
    assert found["determination"] == ASKED
    assert ("exact" not in found) is exact
