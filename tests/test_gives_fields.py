"""Fields of records that codes give."""

from datetime import date

import pytest
from backends import examples, three_ways
from hypothesis import given
from hypothesis import strategies as st

from compiler.runtime.derive import derive
from compiler.runtime.reader import read_claim

POLICY = """package made
record trial {
    product code of products given by order
    order code of orders
    class { ssri, snri, other } given by product
    dose number 0.. in mg given by product
    started date
}
record test { kind code of products  class { ssri, snri, other } given by kind }
facts { claim.trials list of trial  line.tests list of test }
codes orders { O1 "one" until 2024-01-01 gives trial.product := P1 }
codes products {
    P1 "one" gives trial.class := ssri, trial.dose := 0.05 g, test.class := ssri
    P2x "two" posted 2022-06-01 gives trial.class := snri
}
policy "made" { payer "p" }
codes hcpcs { J1000 "x" }
revision 2020-01-01 "r" {
    section A "a" {
        medically_necessary if { at least 2 t in claim.trials with different class { t.dose >= 25 mg } }
        not_covered otherwise
    }
    section B "b" { manual_review if { some t in line.tests { t.class == ssri } } }
    A overrides B
    codes { J1000 }
}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("fields") / "made.pol"
    path.write_text(POLICY)
    return three_ways(path)


def decided(made, trials, tests=(), day="2022-05-05", known_on=None):
    line = {"line": 1, "procedure": "J1000", "service_date": day, "tests": list(tests)}
    return made.agree({"claim_id": "C", "trials": trials, "lines": [line]}, known_on)["lines"][0]


def test_a_code_in_a_record_gives_its_other_fields(made):
    found = decided(made, [{"product": "p1"}, {"product": "P21", "dose": 30}])
    assert (found["determination"], found["edits"]) == ("medically_necessary", [])


def test_a_given_code_gives_in_its_turn_while_its_row_is_valid(made):
    trials = [{"order": "O1"}, {"product": "P21", "dose": 30}]
    assert decided(made, trials)["determination"] == "medically_necessary"
    ended = decided(made, trials, day="2024-01-01")
    assert ended["missing"] == [["claim.trials[0].dose"], ["claim.trials[0].class"]]


def test_what_no_code_gives_is_asked_for_in_its_record(made):
    trials = [{"product": "P1"}, {"product": "P9", "dose": 30}]
    assert decided(made, trials)["missing"] == [["claim.trials[1].class"]]
    unknown = decided(made, [{"product": "P1"}, {"product": "P21", "dose": 30}], known_on="2022-05-31")
    assert unknown["missing"] == [["claim.trials[1].class"]]
    assert decided(made, None)["missing"] == [["claim.trials"]]
    assert decided(made, [])["determination"] == "not_covered"


def test_a_stated_field_wins_and_an_edit_names_its_place(made):
    trials = [
        {"product": "P1"},
        {"product": "P1", "class": "snri", "dose": 50},
        {"order": "O1", "product": "P3"},
    ]
    found = decided(made, trials)
    assert found["determination"] == "medically_necessary"
    said = [(e["fact"], e["stated"], e["code_says"]) for e in found["edits"]]
    assert said == [
        ("claim.trials[2].product", "P3", "P1"),
        ("claim.trials[1].class", "snri", "ssri"),
    ]


def test_records_of_a_line_are_given_fields_as_well(made):
    assert decided(made, [], [{"kind": "P1"}])["determination"] == "manual_review"
    assert decided(made, [], [{"kind": "P1", "class": "other"}])["determination"] == "not_covered"
    assert decided(made, [], [{"kind": "P2"}])["missing"] == [["line.tests[0].class"]]


def test_the_lines_of_a_claim_do_not_share_what_is_given(made):
    """The same trials, on a day on which a code still gives, and on one on which it gives no more."""
    days = ("2023-12-31", "2024-01-01", "2023-12-31")
    lines = [
        {"line": n, "procedure": "J1000", "service_date": day, "tests": []} for n, day in enumerate(days, 1)
    ]
    claim = {"claim_id": "C", "trials": [{"order": "O1"}, {"class": "snri", "dose": 30}], "lines": lines}
    found = [line["determination"] for line in made.agree(claim)["lines"]]
    assert found == ["medically_necessary", "needs_information", "medically_necessary"]


TRIALS = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(("O1", "O2", None)),
        "product": st.sampled_from(("P1", "P2", "P25", "P9", None)),
        "class": st.sampled_from(("ssri", "other", None)),
        "dose": st.sampled_from((30, None)),
    },
)


def expected(trial, day, known_on):
    """What is known of a trial: stated, else given by the order, else by the product."""
    known = {field: trial.get(field) for field in ("product", "class", "dose")}
    if known["product"] is None and trial.get("order") == "O1" and day < "2024-01-01":
        known["product"] = "P1"
    gives = {"P1": {"class": "ssri", "dose": 50}}
    if known_on is None or known_on >= "2022-06-01":
        gives |= {"P2": {"class": "snri"}, "P25": {"class": "snri"}}
    given = gives.get(known["product"], {})
    return {field: given.get(field) if value is None else value for field, value in known.items()}


@given(
    st.lists(st.none() | TRIALS, max_size=3),
    st.sampled_from(("2023-12-31", "2024-01-01")),
    st.sampled_from((None, "2022-05-31", "2022-06-01")),
)
@examples(150)
def test_fields_are_stated_else_given(made, trials, day, known_on):
    line = {"line": 1, "procedure": "J1000", "service_date": day}
    claim = {"claim_id": "C", "trials": trials, "lines": [line]}
    made.agree(claim, known_on)
    read = read_claim(claim, made.program.schema)
    known = date.fromisoformat(known_on) if known_on else None
    version = made.program.version(read.lines[0].day, known)
    facts = derive(made.program, version, read, read.lines[0], read.lines[0].day, known)
    found = [{f: each[f] for f in ("product", "class", "dose")} for each in facts.values["claim.trials"]]
    assert found == [expected(trial or {}, day, known_on) for trial in trials]
