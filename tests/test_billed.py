"""What was billed before is in a concept as of the day of its bill, whatever has become of its code since."""

import pytest
from backends import three_ways

POLICY = """\
package made.billed
codes hcpcs {
    X0001 "old" until 2023-01-01 replaced by X0002
    X0002 "new" from 2023-01-01
    X0003 "both"
}
concept receivers of hcpcs { X0001 X0002 X0003 until 2024-01-01 }
policy "Made" { payer "A plan" }
received of h in claim.history if { h.procedure in receivers }
revision 2022-01-01 "Posted" {
    section A "A" {
        not_covered if { had: some e in claim.history { e.received  e.units >= 1 } }
        not_medically_necessary otherwise
    }
    codes { X0003 }
}
"""
HAD, NOT_HAD, ASKED = "not_covered", "not_medically_necessary", "needs_information"


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    path = tmp_path_factory.mktemp("billed") / "made" / "billed.pol"
    path.parent.mkdir()
    path.write_text(POLICY)
    return three_ways(path)


@pytest.mark.parametrize(
    ("procedure", "day", "determination"),
    [
        ("X0001", "2022-12-31", HAD),
        ("X0001", "2023-01-01", NOT_HAD),
        ("X0002", "2023-01-01", HAD),
        ("X0002", "2022-12-31", NOT_HAD),
        ("X0003", "2023-12-31", HAD),
        ("X0003", "2024-01-01", NOT_HAD),
        ("X0009", "2022-05-05", NOT_HAD),
        ("X0001", None, ASKED),
        ("X0009", None, NOT_HAD),
        (None, "2022-05-05", ASKED),
    ],
)
@pytest.mark.parametrize("service", ["2022-06-01", "2025-06-01"])
def test_a_concept_is_asked_as_of_the_day_of_the_bill(ways, procedure, day, determination, service):
    line = {"line": 1, "procedure": "X0003", "service_date": service}
    history = [{"procedure": procedure, "service_date": day, "units": 1}]
    (found,) = ways.agree({"claim_id": "C", "lines": [line], "history": history})["lines"]
    assert found["determination"] == determination
