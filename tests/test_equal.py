"""`claim ... { equal to OTHER }`: another policy decides alike, proved or refuted by a claim."""

import json

import pytest
from exchanging import replaced
from test_diff import call

from compiler.diff.side import Side
from compiler.pipeline import compile_paths
from compiler.proofs.compared import compared
from compiler.proofs.promised import promised
from dsl.diagnostics import Report

CODES = """package lib.codes
import lib.facts
codes hcpcs {
    X1001 "pump" gives line.device := pump
    X1002 "chair"
    X1003 "old pump" until 2024-07-01
    X1004 "lamp"
}
"""
FACTS = """package lib.facts
facts {
    line.device open { pump, chair }
    line.setting { home, office } absent means home
    claim.score integer 0..100
    member.weight number 0<..300 in kg
    member.height number 0<..3 in m
}
"""
OLD = """package old.devices
import lib.codes
import lib.facts
policy "Devices" { payer "Old" }
revision 2023-01-01 "Posted" {
    section A "Devices" {
        medically_necessary if { line.device == pump  claim.score >= 10  line.setting == home }
        not_covered otherwise
    }
    codes { X1001 X1002 X1003 though ended "it is seen" }
}
revision 2024-03-01 "Chairs too" {
    section B "Chairs" { medically_necessary if { line.device == chair  claim.score >= 50 } }
}
"""
NEW = """package new.devices
import lib.codes
import lib.facts
policy "Devices, as the new plan words it" { payer "New" }
low if { claim.score < 10 }
revision 2023-06-01 "Taken over" {
    section pumps "Pumps" {
        medically_necessary if { line.device == pump } except if { low } except if { line.setting == office }
    }
    section rest "All else" { not_covered otherwise }
    codes { X1001 X1002 X1003 though ended "it is seen" }
}
revision 2024-03-01 "Chairs too" {
    section chairs "Chairs" {
        medically_necessary if { line.device == chair  claim.score > 49 }
    }
}
"""


def written(folder, new=NEW, old=OLD, says="equal to old.devices", days=""):
    files = {"lib/codes": CODES, "lib/facts": FACTS, "old/devices": old, "new/devices": new}
    files["new/devices"] += f'\nclaim "as before" {days} {{ {says} }}\n'
    for name, text in files.items():
        path = folder / f"{name}.pol"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / "new" / "devices.pol"


def stated(path):
    """What is said of the statement that stands in a file."""
    report = Report()
    (program,) = compile_paths([path], (), report)
    others = {package: Side(other) for package, other in compared(program, (), report).items()}
    assert not report.has_errors
    (statement,) = promised(Side(program), others)
    return statement


def differ(statement, one, other):
    """It is refuted by a claim that the two policies decide so; None: as the case may be."""
    assert statement.proved is False
    decided = [side.decide(statement.claim)["lines"][0]["determination"] for side in statement.compared]
    assert decided[0] != decided[1]
    assert decided == [one or decided[0], other or decided[1]]
    return statement.claim["lines"][0]


MN, NC = "medically_necessary", "not_covered"


def test_a_policy_in_other_words_is_proved_equal(tmp_path):
    statement = stated(written(tmp_path))
    assert (statement.proved, statement.claim, statement.beyond) == (True, None, ())


OTHERWISE = {
    "a threshold off by one": (("< 10", "< 11"), NC, MN),
    "a threshold off by one, below": (("< 10", "< 9"), MN, NC),
    "a code less": (
        ('X1001 X1002 X1003 though ended "it is seen"', 'X1001 X1003 though ended "it is seen"'),
        "not_applicable",
        None,
    ),
    "a code more": (
        ('X1001 X1002 X1003 though ended "it is seen"', 'X1001 X1002 X1003 though ended "it is seen" X1004'),
        None,
        "not_applicable",
    ),
    "a revision a day later": (("2024-03-01", "2024-03-02"), NC, MN),
    "a revision a day earlier": (("2024-03-01", "2024-02-29"), MN, NC),
    "another rest": (("not_covered otherwise", "manual_review otherwise"), "manual_review", NC),
    "no rest": (('section rest "All else" { not_covered otherwise }', ""), "not_applicable", NC),
    "an open list": (("codes {", "codes open to lines stating line.device {"), None, "not_applicable"),
    "evidence": (
        ("low if", "evidence line.device from other lines of the day\nlow if"),
        MN,
        "needs_information",
    ),
    "a fact of its own": (
        (
            "low if { claim.score < 10 }",
            "facts { claim.tall boolean }\nlow if { claim.score < 10 or claim.tall }",
        ),
        NC,
        MN,
    ),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_the_policies_decide_differently_is_shown_by_a_claim(tmp_path, what):
    (old, new), one, other = OTHERWISE[what]
    assert old in NEW
    line = differ(stated(written(tmp_path, replaced(NEW, old, new))), one, other)
    days = {"a revision a day later": "2024-03-01", "a revision a day earlier": "2024-02-29"}
    assert line["service_date"] == days.get(what, line["service_date"])


WITHIN = [
    ("< 10", "< 11", "equal to old.devices on codes X1002, X1003 if { line.device == chair }", True),
    ("< 10", "< 11", "equal to old.devices if { claim.score != 10 }", True),
    ("< 10", "< 11", "equal to old.devices if { claim.score >= 10 }", False),
    ("< 10", "< 11", "equal to old.devices if { not low  claim.score != 10 }", True),
    (
        'X1001 X1002 X1003 though ended "it is seen"',
        'X1001 X1003 though ended "it is seen"',
        "equal to old.devices on codes X1001, X1003..X1004",
        True,
    ),
    (
        'X1001 X1002 X1003 though ended "it is seen"',
        'X1001 X1003 though ended "it is seen"',
        "equal to old.devices on codes X100x",
        False,
    ),
    (
        'X1001 X1002 X1003 though ended "it is seen"',
        "X1001",
        "equal to old.devices on codes X1001, X1003",
        False,
    ),
]


@pytest.mark.parametrize(("old", "new", "says", "so"), WITHIN)
def test_policies_are_compared_on_codes_and_within_criteria(tmp_path, old, new, says, so):
    assert stated(written(tmp_path, replaced(NEW, old, new), says=says)).proved is so


@pytest.mark.parametrize(
    ("days", "so"),
    [
        ("from 2024-03-02", True),
        ("until 2024-03-01", True),
        ("from 2024-03-01", False),
        ("until 2024-03-02", False),
        ("from 2024-02-10 until 2024-02-20", True),
    ],
)
def test_policies_are_compared_on_days(tmp_path, days, so):
    assert stated(written(tmp_path, replaced(NEW, "2024-03-01", "2024-03-02"), days=days)).proved is so


def test_policies_are_compared_on_days_on_which_neither_changes(tmp_path):
    new = replaced(NEW, "< 10", "< 11")
    line = differ(stated(written(tmp_path, new, days="from 2024-04-10 until 2024-04-20")), NC, MN)
    assert "2024-04-10" <= line["service_date"] < "2024-04-20"


def test_days_on_which_the_policy_itself_is_not_in_force_are_no_matter_of_it(tmp_path):
    assert stated(written(tmp_path)).proved is True
    late = replaced(OLD, "2023-01-01", "2023-06-02")
    differ(stated(written(tmp_path, old=late)), None, "not_in_force")


def test_what_silence_means_is_compared(tmp_path):
    says = "equal to old.devices on codes X1001"
    path = written(
        tmp_path,
        replaced(NEW, "line.setting", "line.place"),
        replaced(OLD, "line.setting", "line.place"),
        says,
    )
    facts = tmp_path / "lib" / "facts.pol"
    facts.write_text(replaced(FACTS, "    line.setting { home, office } absent means home\n", ""))
    for package, silence in (("new", ""), ("old", "absent means home")):
        file = tmp_path / package / "devices.pol"
        file.write_text(file.read_text() + f"facts {{ line.place {{ home, office }} {silence} }}\n")
    # An office is said by both in the same words, and what nobody says is asked for by one of them.
    differ(stated(path), "needs_information", MN)


def test_a_fact_that_the_policies_declare_differently_is_named_where_they_ask_it(tmp_path):
    asked = replaced(NEW, "line.setting == office", "line.room == lab")
    before = replaced(OLD, "line.setting == home", "not line.room == lab")
    path = written(
        tmp_path,
        asked + "facts { line.room { lab, hall } }\n",
        before + "facts { line.room { lab, barn } }\n",
    )
    said = stated(path)
    assert said.proved is None
    assert [(apart.what, apart.facts) for apart in said.beyond] == [("fact", ("line.room",))]
    text = replaced(path.read_text(), "equal to old.devices", "equal to old.devices on codes X1004")
    path.write_text(text)
    assert stated(path).proved is True


def test_what_only_arithmetic_can_tell_is_named_or_left_to_z3(tmp_path):
    ratio = "member.weight / (member.height * member.height) >= 30 kg/m2"
    other = "member.weight >= 30 kg/m2 * member.height * member.height"
    path = written(
        tmp_path,
        replaced(NEW, "claim.score < 10", ratio),
        replaced(OLD, "claim.score >= 10", f"not ({other})"),
    )
    said = stated(path)
    assert said.proved is None
    assert {apart.what for apart in said.beyond} == {"computed"}
    made = call("prove", path, "--format", "json")
    told = next(each for each in json.loads(made.stdout)["statements"] if each["kind"] == "claim")
    assert (told["proved"], told["by"]) == (True, "z3")


def test_a_claim_is_told_as_both_policies_decide_it(tmp_path):
    path = written(tmp_path, replaced(NEW, "< 10", "< 10 or claim.tall") + "facts { claim.tall boolean }\n")
    made = call("prove", path, "--format", "json")
    assert made.exit_code == 1
    told = next(each for each in json.loads(made.stdout)["statements"] if each["kind"] == "claim")
    assert told["decision"]["lines"][0]["determination"] == NC
    assert told["other"]["decision"]["policy"] == "old.devices"
    assert told["other"]["decision"]["lines"][0]["determination"] == MN
    assert "--ignore-extra" in told["other"]["replay"] and "--ignore-extra" not in told["replay"]
    shown = call("prove", path).stdout
    assert "refuted: as before" in shown and shown.count("    replay  ") == 2


def test_it_decides_nothing_and_needs_no_import(tmp_path):
    path = written(tmp_path)
    (with_it,) = compile_paths([path], (), Report())
    path.write_text(NEW)
    (without,) = compile_paths([path], (), Report())
    assert with_it.digest == without.digest and with_it.facts.keys() == without.facts.keys()


def test_each_of_two_policies_may_say_so_of_the_other(tmp_path):
    path = written(tmp_path, old=OLD + '\nclaim "as the new one" from 2023-06-01 { equal to new.devices }\n')
    assert stated(path).proved is stated(tmp_path / "old" / "devices.pol").proved is True


WRONG = {
    "not there": ("equal to old.device", "unknown-import", None),
    "no policy": ("equal to lib.codes", "unknown-name", None),
    "governed by another date": (
        "equal to old.devices",
        "other-governing-date",
        ('{ payer "Old" }', '{ payer "Old" governed by line.ordered_on }\nfacts { line.ordered_on date }'),
    ),
    "with mistakes": ("equal to old.devices", "unknown-name", ("line.device == pump", "line.devise == pump")),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_policy_that_cannot_be_compared_is_complained_about(tmp_path, what):
    says, code, change = WRONG[what]
    path = written(tmp_path, old=replaced(OLD, *change) if change else OLD, says=says)
    made = call("prove", path)
    assert made.exit_code == 1 and f"error[{code}]" in made.stderr and not made.stdout
    # It is no part of what the policy decides: that it is there is all that matters to others.
    assert call("check", path).exit_code == (1 if code == "unknown-import" else 0)


LIMITED = [
    ("limit 2 units per day then not_covered", "limit 3 units per day then not_covered", False),
    ("limit 2 units per day then not_covered", "limit 2 units per day then manual_review", False),
    ("limit 2 units per 30 days then not_covered", "limit 2 units per 31 days then not_covered", False),
    ("limit 2 units per day then not_covered", "limit 2 units per day then not_covered", True),
    ("limit 2 units per day then not_covered", "", False),
]


@pytest.mark.parametrize(("old", "new", "so"), LIMITED)
def test_limits_are_compared_by_what_is_above_them(tmp_path, old, new, so):
    first = replaced(
        OLD, "        not_covered otherwise\n", f"        not_covered otherwise\n        {old}\n"
    )
    second = replaced(NEW, "line.setting == office }\n", f"line.setting == office }}\n        {new}\n")
    statement = stated(written(tmp_path, second, first))
    assert statement.proved is so
    if not so:
        one, other = (side.decide(statement.claim)["lines"][0] for side in statement.compared)
        assert {one["determination"], other["determination"]} == {MN} and one["edits"] != other["edits"]


def test_criteria_that_hold_whatever_is_unknown_hold(tmp_path):
    """No line has a score both above and below; a claim that refutes the statement need not give one."""
    says = "equal to old.devices if { not (claim.score > 60 and claim.score < 40)  line.device == chair }"
    old = OLD.replace("line.device == chair  claim.score >= 50", "line.device == chair")
    assert old != OLD
    new = NEW.replace("line.device == chair  claim.score > 49", "line.device == pump  line.setting == office")
    assert new != NEW
    said = stated(written(tmp_path, new, old, says))
    assert said.proved is False
    assert "score" not in said.claim
