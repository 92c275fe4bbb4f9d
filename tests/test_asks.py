"""What to ask where a line is open: for which determination, what matters at all, and what first."""

import json
import subprocess
import sys

import comparing
import oracle
import pytest
import say
from exchanging import replaced
from oracle import EI, MN

from compiler.emit.standalone import standalone
from compiler.runtime.diagram import Diagram, TooLarge

DECLARED = """
record visit { day date  n integer 0..3  ok boolean  kind { a, b } }
scale mood 0..9 { 0..4 low 5..9 high }
facts {
    line.drug open { ketamine, lidocaine }
    line.x boolean
    line.y boolean
    line.z boolean
    claim.weeks integer 0..9
    claim.mood scale mood
    claim.begun date
    claim.ended date
    claim.visits list of visit
    claim.kinds codes of icd10cm
}
"""
DRUGS = "line.drug == ketamine", "line.drug == lidocaine", "not line.drug in { ketamine, lidocaine }"


def policy_of(*bodies, made=(EI, MN), declared=DECLARED):
    """Sections, of which each overrides those behind it."""
    pairs = zip(made, bodies, strict=False)
    return oracle.Policy(declared, tuple((name, say.Says(f"{{ {body} }}", None)) for name, body in pairs))


def decided(*bodies, made=(EI, MN), alone=True, **facts):
    loaded = comparing.load(policy_of(*bodies, made=made).text)
    return comparing.decided(loaded, {k.replace("_", ".", 1): v for k, v in facts.items()}, alone)


def settled(*bodies, made=(EI, MN), **facts):
    """The determination of a line about which nothing is asked, with its sections."""
    line = decided(*bodies, made=made, **facts)
    assert line["missing"] == [] and set(comparing.ASKS).isdisjoint(line) and "exact" not in line
    return line["determination"], line["rules"], line.get("unsure", [])


def asked(*bodies, made=(EI, MN), **facts):
    """What is asked of a line that is open: exactly, and all of it."""
    line = decided(*bodies, made=made, **facts)
    assert line["determination"] == "needs_information"
    assert not {"exact", "missing_complete", "missing_for_complete"} & set(line)
    return line


# ---- what need not be asked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "line.x or not line.x",
        "claim.weeks >= 5 or claim.weeks < 6",
        "claim.weeks + claim.weeks >= 5 or claim.weeks <= 2",
        "claim.mood == high or claim.mood <= 4",
        "member.age >= 50 or not (member.age >= 55)",
        "member.age >= 18 or member.birth_date > 2004-02-02",
        "member.age < 18 or member.birth_date 18 years or more before line.service_date",
        "years from member.birth_date to line.service_date < 18 or member.age >= 18",
        "no v in claim.visits { v.ok and member.age >= 18 } or member.birth_date <= 2004-02-02",
        "claim.begun > line.service_date or claim.begun <= line.service_date",
        "claim.begun <= claim.ended or claim.ended < claim.begun",
        "claim.begun 1 months or more before claim.ended or claim.begun > 2 months before claim.ended",
        "count of v in claim.visits { v.ok } >= 2 or count of v in claim.visits { v.ok } < 2",
        "no v in claim.visits { v.ok } or some v in claim.visits",
        "latest of v.day for v in claim.visits > 2022-01-01 or no v in claim.visits { v.day > 2022-01-01 }",
        "every k in claim.kinds { k in { A10 } } or some k in claim.kinds { not k in { A10 } }",
    ],
)
def test_what_holds_whatever_is_unknown_is_not_asked(condition):
    assert settled(condition) == (EI, ["S0"], [])
    assert settled(f"not ({condition})") == ("not_applicable", [], [])


def test_who_is_born_on_the_birthday_itself_is_of_age():
    open_ = asked("member.age >= 18 or member.birth_date > 2004-02-03")
    assert open_["missing"] == [["member.birth_date"]] == open_["missing_for"]["not_applicable"]


def test_rules_that_exclude_each_other_and_agree_are_unsure():
    assert settled("line.x", "not line.x", made=(EI, EI)) == (EI, [], ["S0", "S1"])
    assert settled(*DRUGS, made=(EI, EI, EI)) == (EI, [], ["S0", "S1", "S2"])
    assert settled("line.x or not line.x", "line.y", made=(EI, EI)) == (EI, ["S0"], [])


def test_counts_over_partly_stated_lists():
    two = "at least 2 v in claim.visits { v.ok  v.n >= 1 }"
    assert settled(two, claim_visits=[{"ok": True}, {"ok": False}])[0] == "not_applicable"
    assert settled(two, claim_visits=[{"ok": True, "n": 0}, {}])[0] == "not_applicable"
    full = {"ok": True, "n": 2}
    assert settled(two, claim_visits=[full, {}, full])[0] == EI
    line = asked(two, claim_visits=[full, {"n": 1}, {"ok": True}])
    first, second = "claim.visits[1].ok", "claim.visits[2].n"
    assert line["missing_for"] == {EI: [[first], [second]], "not_applicable": [[first, second]]}
    assert line["missing"] == [[first], [second]]


# ---- what is asked ----------------------------------------------------------------------------------------


def test_each_determination_has_its_own_sets():
    line = asked("line.x  line.y", "line.z")
    assert line["missing_for"] == {
        EI: [["line.x", "line.y"]],
        MN: [["line.x", "line.z"], ["line.y", "line.z"]],
        "not_applicable": [["line.x", "line.z"], ["line.y", "line.z"]],
    }
    assert line["relevant"] == ["line.x", "line.y", "line.z"]


def test_what_is_no_smallest_set_can_lead_to_a_determination():
    line = asked("line.x", "line.y  line.z")
    assert line["missing"] == [["line.x"]]
    assert line["missing_for"][MN] == [["line.x", "line.y", "line.z"]]


def test_what_cannot_matter_is_not_relevant():
    line = asked("line.z", "line.x or line.y", line_y=True)
    assert line["relevant"] == ["line.z"]
    assert asked("line.x  line.y or not line.y")["relevant"] == ["line.x"]


def test_facts_are_named_in_order_of_occurrence():
    line = asked("line.z or line.y", "line.x")
    assert line["relevant"] == ["line.z", "line.y", "line.x"]
    assert line["missing"] == [["line.z"], ["line.y"]]


def test_the_fact_whose_answer_leaves_least_is_asked_first():
    # Of the drugs two leave nothing, one leaves x and y; of x one answer leaves drug alone.
    line = asked("line.drug == ketamine", "line.drug == lidocaine  line.x  line.y")
    assert line["ask_first"] == "line.drug"
    assert asked("line.x  line.y")["ask_first"] == "line.x"
    line = asked("line.x  line.y  line.z", "line.z")
    assert line["relevant"] == ["line.x", "line.y", "line.z"] and line["ask_first"] == "line.z"


def test_values_that_leave_the_same_question_are_one_answer():
    # Weeks have ten values, of which only those above 7 settle nothing: still one answer of two.
    line = asked("claim.weeks > 7  line.x  line.y")
    assert line["ask_first"] == "claim.weeks"
    line = asked("line.x  claim.weeks > 7  claim.mood > 1")
    assert line["ask_first"] == "line.x"


def test_what_a_limit_asks():
    limited = 'section S0 "s" { medically_necessary if { line.x } limit 3 units per day then not_covered }'
    text = f'{oracle.HEAD}{DECLARED}revision 2020-01-01 "r" {{ {limited} codes {{ J1000 }} }}\n'
    line = comparing.decided(comparing.load(text), {"line.x": True}, True)
    asks = line["missing"][0]
    assert line["missing_for"] == {MN: [asks]} and line["relevant"] == asks and line["ask_first"] == asks[0]


def test_a_governing_date_is_asked_first():
    text = replaced(policy_of("line.x").text, 'source "s"', 'source "s" governed by claim.begun')
    line = comparing.decided(comparing.load(text), {}, True)
    assert (line["missing"], line["ask_first"]) == ([["claim.begun"]], "claim.begun")
    assert not {"missing_for", "relevant"} & set(line)


# ---- bounds -----------------------------------------------------------------------------------------------


def visits(count, **known):
    return [{"n": 1, **known}] * count


def test_many_smallest_sets_are_cut_and_the_determination_is_exact():
    line = decided("at least 21 v in claim.visits { v.ok }", alone=False, claim_visits=visits(100))
    assert line["determination"] == "needs_information" and "exact" not in line
    assert len(line["missing"]) == 32 and line["missing_complete"] is False
    names = [f"claim.visits[{at}].ok" for at in range(100)]
    assert line["missing"][0] == names[:21] and line["missing"][1] == [*names[:20], names[21]]
    assert line["missing_for_complete"] is False and line["relevant"] == names


def test_of_what_is_named_beyond_the_search_no_set_holds_another(monkeypatch):
    monkeypatch.setattr("compiler.runtime.settling._MOST_SEARCHED", 2)
    line = decided("line.x", "not line.x  line.y", alone=False)
    assert (line["missing"], line["missing_complete"]) == ([["line.x"]], False)


@pytest.mark.parametrize("count", [31, 32, 33])
def test_so_many_sets_are_shown(count):
    line = decided("some v in claim.visits { v.ok }", alone=False, claim_visits=visits(count))
    assert len(line["missing_for"][EI]) == min(count, 32)
    assert ("missing_complete" in line) is (count > 32) is ("missing_for_complete" in line)


def test_hundreds_of_unknown_elements_are_exact():
    many = "at least 40 v in claim.visits { v.ok }"
    never = "at least 40 v in claim.visits { v.ok }  at most 39 v in claim.visits { v.ok }"
    line = decided(f"{many} or not ({many})", alone=False, claim_visits=visits(320))
    assert (line["determination"], line["rules"], line["missing"]) == (EI, ["S0"], [])
    assert decided(never, alone=False, claim_visits=visits(320))["determination"] == "not_applicable"
    line = decided(many, alone=False, claim_visits=visits(320))
    assert line["determination"] == "needs_information" and "exact" not in line
    # The search is given up; what is named settles it.
    assert line["missing_complete"] is False and len(line["missing"][0]) == 40


def test_beyond_what_is_told_apart_determinations_are_right():
    many, x = "at least 2 v in claim.visits { v.ok }", {"line_x": True}
    beyond = {"alone": False, "claim_visits": visits(3_000)}
    line = decided(many, "line.x", made=(EI, EI), **x, **beyond)
    assert (line["determination"], line["rules"], line["unsure"]) == (EI, [], ["S0", "S1"])
    line = decided("line.x", many, **x, **beyond)
    assert (line["determination"], line["rules"]) == (EI, ["S0"])
    line = decided(many, "line.y", **beyond)
    assert line["determination"] == "needs_information" and line["exact"] is line["missing_complete"] is False
    assert line["missing_for"][EI] == [[f"claim.visits[{at}].ok" for at in range(3_000)]]


def test_an_element_of_an_unknown_list_is_asked_for_by_the_list():
    body = "some v in claim.visits { v.kind == a  no w in claim.visits { w.day == v.day  w.kind == b } }"
    line = decided(body, alone=False)
    assert line["determination"] == "needs_information" and line["exact"] is False
    named = [line["missing"], *line["missing_for"].values(), [line["relevant"]], [[line["ask_first"]]]]
    assert named == [[["claim.visits"]]] * len(named)


def test_work_is_counted():
    diagram = Diagram(most_steps=50)
    yes, no = diagram.leaf(True), diagram.leaf(False)
    nodes = [diagram.node(level, (no, yes)) for level in range(40)]
    odd = no
    with pytest.raises(TooLarge):
        for node in nodes:
            odd = diagram.choose(odd, diagram.choose(node, no, yes), node)
    assert diagram.steps <= 51
    with diagram.growing(1_000, 1_000):
        assert diagram.path(diagram.conjunction(nodes), bool) == dict.fromkeys(range(40), 1)


# ---- how it is told ---------------------------------------------------------------------------------------


@pytest.fixture
def told(tmp_path):
    """A policy's file, and what a claim about which nothing is known is printed as."""
    path = tmp_path / "planted.pol"
    path.write_text(policy_of("line.drug == ketamine  line.x", "line.y").text)
    claim = {
        "claim_id": "C",
        "lines": [{"line": 1, "procedure": "J1000", "service_date": "2022-02-02"}],
    }

    def run(*command):
        done = subprocess.run(
            [sys.executable, *command], input=json.dumps(claim), capture_output=True, text=True, check=True
        )
        return done.stdout

    return path, run


POLICYC = "-c", "import policyc.cli; policyc.cli.main()", "eval"


def test_people_are_told(told):
    path, run = told
    shown = run(*POLICYC, str(path), "-", "--format", "table", "--explain")
    told_first = ("would be settled", "as ", "ask first")
    assert [line.strip() for line in shown.splitlines() if line.strip().startswith(told_first)] == [
        "would be settled by line.drug with line.x, or line.drug with line.y, or line.x with line.y",
        "as experimental_investigational by line.drug with line.x",
        "as medically_necessary by line.drug with line.y, or line.x with line.y",
        "as not_applicable by line.drug with line.y, or line.x with line.y",
        "ask first for line.drug; line.x, line.y can matter, too",
    ]
    plain = run(*POLICYC, str(path), "-", "--format", "table")
    assert "ask first" not in plain and "  as " not in plain


def test_a_built_policy_tells_it_too(told, tmp_path):
    path, run = told
    built = tmp_path / "built.py"
    built.write_text(standalone(comparing.load(path.read_text())[0]))
    (line,) = json.loads(run("-I", "-S", str(built), "--explain"))["lines"]
    (wanted,) = json.loads(run(*POLICYC, str(path), "-", "--explain"))["lines"]
    assert {key: line[key] for key in comparing.ASKS if key in line} == {
        key: wanted[key] for key in comparing.ASKS if key in wanted
    }
    assert line["ask_first"] == "line.drug"
    (plain,) = json.loads(run("-I", "-S", str(built)))["lines"]
    assert set(comparing.ASKS).isdisjoint(plain)


def test_who_is_born_on_the_day_of_service_is_no_year_old():
    for age, made in (("< 1", EI), (">= 1", "not_applicable")):
        assert decided(f"member.age {age}", member_birth_date=oracle.DAY)["determination"] == made
