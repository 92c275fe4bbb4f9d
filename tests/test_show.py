"""The consolidated policy as it is shown: what stands on a day, and who wrote it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from policyc.cli import app

POLICY = Path(__file__).parents[1] / "policies" / "bcbsks" / "iv_anesthetics.pol"


def call(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_show_on_both_sides_of_the_code_swap():
    before, after = (call("show", POLICY, "--on", day).stdout for day in ("2024-09-30", "2024-10-01"))
    assert "2022-01-08   |     J2001  # lidocaine for intravenous infusion, per 10 mg" in before
    assert "through 2024-09-30, then J2002 (1 unit becomes 10) or J2003 (1 unit becomes 10)" in before
    assert "J2003  #" not in before
    assert "2024-10-01 * |     J2002  #" in after
    assert "2024-10-01 * |     J2003  # lidocaine, per 1 mg, valid from 2024-10-01 on" in after
    assert "2024-10-01 * |     # J2001 is no longer listed" in after
    assert "replaces J2001 with J2002, J2003" in after


def test_show_signs_names_with_their_own_revision():
    text = call("show", POLICY, "--on", "2025-01-01").stdout
    assert "2022-01-08   |         obsessive_compulsive_disorder\n" in text
    assert "2024-12-23 * |         post_traumatic_stress_disorder\n" in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--on", "2022-01-07"], "its first revision is in force from 2022-01-08 on"),
        (["--on", "2024-10-01", "--known-on", "2022-01-07"], "its first revision was posted on 2022-01-08"),
    ],
)
def test_show_where_nothing_is_in_force(arguments, why):
    result = call("show", POLICY, *arguments)
    assert result.exit_code == 0
    assert why in result.stdout


AMENDED = """package x.amended

facts { line.drug { a, b, c } line.route { iv, po } }

policy "A \\"policy\\"" { payer "P" }

revision 2024-01-01 "Posted" {
    section A "One" {
        experimental_investigational if {
            drug: line.drug in {  # which
                a,
                b }
            any of {
                iv: line.route == iv
                po: line.route == po
            }
        }
    }
}
revision 2024-02-01 "Other" {
    replace A.iv with { line.drug == c }
    remove A.po
}
revision 2024-03-01 "End" { retire "no longer needed" }
"""


def test_show_says_what_stands_and_not_what_stood(tmp_path):
    path = tmp_path / "x" / "amended.pol"
    path.parent.mkdir()
    path.write_text(AMENDED)
    before, after = (call("show", path, "--on", day).stdout for day in ("2024-01-31", "2024-02-29"))
    assert "drug: line.drug in { a, b }\n" in before
    assert "iv: line.route == iv\n" in before and "po: line.route == po\n" in before
    assert "2024-02-01 * |             iv: line.drug == c\n" in after
    assert "line.route" not in after
    gone = call("show", path, "--on", "2024-03-01")
    assert (gone.exit_code, "retired by revision 2024-03-01, no longer needed" in gone.stdout) == (0, True)


def test_show_wants_one_policy():
    result = call("show", Path(POLICY).parent, "--on", "2024-10-01")
    assert (result.exit_code, "is a folder" in result.stderr) == (2, True)
    assert call("show", POLICY).exit_code == 2


def test_show_says_exceptions_of_exceptions_and_what_names_stand_for(tmp_path):
    case = Path(__file__).parent / "cases" / "errors" / "good--quantities.pol"
    path = tmp_path / "demo" / "tms.pol"
    path.parent.mkdir()
    path.write_text(case.read_text())
    text = call("show", path, "--on", "2024-01-01").stdout
    rows = [line.partition("|")[2].strip() for line in text.splitlines()]
    assert "bmi := member.weight / (member.height * member.height)" in rows
    assert "parameter minimum_age { commercial 18 medicaid 21 }" in rows
    assert "variant medicaid if {" in rows
    assert "age: member.age >= minimum_age" in rows
    assert "not_covered otherwise" in rows
    at = rows.index("} except if {")
    assert rows[at + 1 : at + 5] == ["claim.unclear_case", "} unless {", "claim.phq9 == severe", "}"]


def test_show_says_whose_code_gives_a_fact(tmp_path):
    path = tmp_path / "given.pol"
    path.write_text(
        'package given codes hcpcs { J1000 "x" gives line.hip := true }\n'
        "facts { line.planned code of hcpcs line.hip boolean given by line.planned }\n"
        'policy "p" { payer "P" }\n'
        'revision 2024-01-01 "r" { section A "a" { not_covered if { line.hip } } codes { J1000 } }\n'
    )
    assert "| line.hip given by line.planned\n" in call("show", path, "--on", "2024-01-01").stdout
