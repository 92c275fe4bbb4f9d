"""Revisions replace named values and parameters: each version counts while its revision is the last one."""

import pytest
from backends import three_ways
from diagnosing import diagnose
from exchanging import replaced
from typer.testing import CliRunner

from policyc.cli import app

FACTS = """package made.policy

codes hcpcs { X0001 "thing" }
facts { claim.n integer 0..99  claim.stage integer 1..4 }
variant east if { contract.jurisdiction == "NJ" }
variant west if { contract.jurisdiction == "CA" }
parameter most { east 3  west 5 }
base := 2 * claim.stage
twice := base * 2
policy "made" { payer "p" }
revision 2024-01-01 "r" {
    section A "a" { medically_necessary if { asked: CRITERION } not_covered otherwise }
    codes { X0001 }
}
"""
HISTORY = """revision 2024-02-01 posted 2024-03-01 "a correction" {
    replace parameter most { east 4  west 6 }
    replace base := 3 * claim.stage
}
revision 2024-04-01 "again" {
    replace parameter most { east 10  west 11 }
    replace base := 7
}
"""
DAYS = [
    ("2024-01-31", None, (3, 5), (4, 8)),
    ("2024-02-01", None, (4, 6), (6, 12)),
    ("2024-02-01", "2024-02-29", (3, 5), (4, 8)),
    ("2024-04-01", None, (10, 11), (7, 14)),
]


def made(tmp_path, criterion, history=HISTORY):
    path = tmp_path / "made" / "policy.pol"
    path.parent.mkdir(exist_ok=True)
    path.write_text(replaced(FACTS, "CRITERION", criterion) + history)
    return path


def said(policy, day, known_on, **claim):
    line = {"line": 1, "procedure": "X0001", "service_date": day}
    (found,) = policy.agree({"claim_id": "C", **claim, "lines": [line]}, known_on)["lines"]
    return found["determination"], found["missing"]


@pytest.mark.parametrize("at", [0, 1])
def test_a_parameter_is_replaced_for_all_variants(tmp_path, at):
    policy = three_ways(made(tmp_path, "claim.n <= most"))
    contract = {"jurisdiction": ("NJ", "CA")[at]}
    for day, known_on, most, _ in DAYS:
        limit = most[at]
        assert said(policy, day, known_on, n=limit, contract=contract)[0] == "medically_necessary"
        assert said(policy, day, known_on, n=limit + 1, contract=contract)[0] == "not_covered"
        between = said(policy, day, known_on, n=most[1])
        assert between == ("needs_information", [["contract.jurisdiction"]])


@pytest.mark.parametrize(("at", "criterion"), [(0, "claim.n >= base"), (1, "claim.n >= twice")])
def test_a_named_value_is_replaced_and_what_rests_on_it(tmp_path, at, criterion):
    policy = three_ways(made(tmp_path, criterion))
    for day, known_on, _, values in DAYS:
        least = values[at]
        assert said(policy, day, known_on, n=least, stage=2)[0] == "medically_necessary"
        assert said(policy, day, known_on, n=least - 1, stage=2)[0] == "not_covered"


BY_BASE = "parameter least by base { ..<6 then 1  6.. then 20 }\n"
BY_VARIANT = """variant few if { base < 6 }
variant many if { base >= 6 }
parameter least { few 1  many 20 }
"""


@pytest.mark.parametrize("asking", [BY_BASE, BY_VARIANT])
@pytest.mark.parametrize("again", [False, True])
def test_cases_and_variants_ask_what_a_named_value_means_on_the_day(tmp_path, asking, again):
    """Also where a revision says anew what asks, before another replaces what is asked."""
    path = made(tmp_path, "claim.n >= least")
    lines = path.read_text().splitlines(keepends=True)
    lines = [line for line in lines if "most {" not in line and not line.startswith("variant")]
    lines.insert(lines.index('policy "made" { payer "p" }\n'), asking)
    text = "".join(lines)
    if again:
        parameter = asking.splitlines()[-1]
        text = replaced(text, "replace base := 3", f"replace {parameter} replace base := 3")
    path.write_text(text)
    policy = three_ways(path)
    for day, known_on, _, (base, _) in DAYS:
        least = 1 if base < 6 else 20
        assert said(policy, day, known_on, n=least, stage=2)[0] == "medically_necessary"
        assert said(policy, day, known_on, n=least - 1, stage=2)[0] == "not_covered"


def test_cases_ask_another_parameter_as_it_is_replaced(tmp_path):
    path = made(tmp_path, "claim.n >= least")
    least = "parameter least by most { ..3 then 1  4.. then 20 }\n"
    text = replaced(path.read_text(), "base := 2", f"{least}base := 2")
    path.write_text(replaced(text, 'contract.jurisdiction == "CA"', 'not contract.jurisdiction == "NJ"'))
    policy = three_ways(path)
    for day, known_on, (most, _), _ in DAYS:
        least = 1 if most < 4 else 20
        contract = {"jurisdiction": "NJ"}
        assert said(policy, day, known_on, n=least, contract=contract)[0] == "medically_necessary"
        assert said(policy, day, known_on, n=least - 1, contract=contract)[0] == "not_covered"


def test_what_stands_and_what_changed_is_shown(tmp_path):
    path = made(tmp_path, "claim.n <= most or claim.n >= twice")
    shown = CliRunner().invoke(app, ["show", str(path), "--on", "2024-03-31"]).stdout
    assert "parameter most { east 4 west 6 }" in " ".join(shown.split())
    assert "base := 3 * claim.stage" in shown and "@" not in shown
    told = CliRunner().invoke(app, ["history", str(path)]).stdout
    assert told.count("replaces most") >= 2 and "not_covered becomes medically_necessary" in told


@pytest.mark.parametrize(
    ("history", "codes"),
    [
        ('revision 2024-02-01 "x" { replace base := twice + 1 }', ["recursion"]),
        ('revision 2024-02-01 "x" { replace bas := 3 }', ["unknown-name"]),
        ('revision 2024-02-01 "x" { replace parameter by_n by by_n { any then 1 } }', ["recursion"]),
        ('revision 2024-02-01 "x" { replace parameter most { east 4 } }', ["variant-without-value"]),
        ('revision 2024-02-01 "x" { replace parameter most { east 4 west 5 north 6 } }', ["unknown-name"]),
        (
            'revision 2024-02-01 posted 2024-05-01 "x" { replace base := 3 }\n'
            'revision 2024-03-01 "y" { replace base := 4 }',
            ["ambiguous-order"],
        ),
    ],
)
def test_what_cannot_be_replaced(history, codes):
    text = replaced(FACTS, "CRITERION", "claim.n <= most or claim.n >= twice or claim.n == by_n") + history
    text = replaced(text, "base := 2", "parameter by_n by claim.n { any then 1 }\nbase := 2")
    assert [d.code for d in diagnose(text) if d.severity == "error"] == codes
