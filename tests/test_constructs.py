"""Values, lists, records, scales, variants, limits and tables: each construct is read from its text."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import pytest
from attrs import fields_dict
from lark import Lark, LarkError, logger
from reading import read

from dsl import syntax as s
from dsl.syntax.walk import inside
from dsl.units import near_unit, units

GRAMMAR = (Path(__file__).parent.parent / "dsl" / "grammar.lark").read_text()


def shown(node):
    """A node on one line: `-` is what was left out, words and paths are as they are written."""
    match node:
        case None:
            return "-"
        case bool() | str() | int():
            return str(node)
        case Enum():
            return node.value
        case tuple():
            return f"[{' '.join(map(shown, node))}]"
        case s.Name() | s.Literal() | s.Path() | s.ElementPath():
            return node.text
        case s.Text():
            return f'"{node.value}"'
        case s.Day():
            return node.value.isoformat()
        case s.Measure():
            return f"{node.number.text}_{node.unit}"
        case s.Holds():
            return f"?{node.path.text}"
        case s.Quantity():
            return node.kind.value + (f" {node.count.text}" if node.count else "")
        case s.Body():
            return f"{{{' '.join(map(shown, node.criteria))}}}"
        case s.Criterion(label=label, cites=None, assume=None):
            return (f"{label.text}: " if label else "") + shown(node.condition)
        case s.Arithmetic():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case s.Range():
            less, more = "<" * node.low_open, "<" * node.high_open
            return f"{shown(node.low)}{less}..{more}{shown(node.high)}"
    fields = [getattr(node, name) for name in fields_dict(type(node)) if name != "span"]
    return f"{type(node).__name__}({' '.join(map(shown, fields))})"


def criteria(text):
    (definition,) = read(f"d if {{ {text} }}")
    return definition.body.criteria


def condition(text):
    (criterion,) = criteria(text)
    return criterion.condition


def value(text):
    (definition,) = read(f"d := {text}")
    return shown(definition.value)


def section(text):
    (revision,) = read(f'revision 2020-01-01 "r" {{ section A "a" {{ {text} }} }}')
    return revision.amendments[0].body


VALUES = {
    "a.b": "a.b",
    "3": "3",
    "-3": "-3",
    '"x"': '"x"',
    "2020-01-01": "2020-01-01",
    "54 mg/dL": "54_mg/dL",
    "10 mg": "10_mg",
    "15 /h": "15_/h",
    "15/h": "15_/h",
    "35 kg/m2": "35_kg/m2",
    "7.5 %": "7.5_%",
    "7.5%": "7.5_%",
    "-2.5 degC": "-2.5_degC",
    "5 mcg/kg/min": "5_mcg/kg/min",
    "60 mL/min.kg": "60_mL/min.kg",
    "5 min": "5_min",
    "a.b + c.d * 2": "(a.b + (c.d * 2))",
    "a.b - c.d - 2": "((a.b - c.d) - 2)",
    "a.b / c.d / 2": "((a.b / c.d) / 2)",
    "(a.b + c.d) * 2": "((a.b + c.d) * 2)",
    "a.b - (c.d - 10 mg)": "(a.b - (c.d - 10_mg))",
    "3 - -2": "(3 - -2)",
    "10 mg / a.weight": "(10_mg / a.weight)",
    "60 / min(a.b, 3)": "(60 / Extremum(min [a.b 3]))",
    "max(a.b, c.d + 1, 10 mg)": "Extremum(max [a.b (c.d + 1) 10_mg])",
    "percent fall from a.b to c.d": "PercentChange(True a.b c.d)",
    "percent rise from a.b + 1 to (c.d + 1)": "PercentChange(False (a.b + 1) (c.d + 1))",
    "days from a.b to c.d": "Elapsed(day a.b c.d)",
    "years from a.b to c.d + 1": "(Elapsed(year a.b c.d) + 1)",
    "12 months before line.service_date": "Moved(12 month True line.service_date)",
    "1 day after a.b": "Moved(1 day False a.b)",
    "count of x in a.b": "Total(- x a.b - -)",
    "count of x in a.b with different c": "Total(- x a.b - c)",
    "count of x in a.b { x.c } + 1": "(Total(- x a.b {?x.c} -) + 1)",
    "sum of x.c * 2 for x in a.b { x.d == e }": "Total((x.c * 2) x a.b {Comparison(x.d == e)} -)",
    "latest of x.c for x in a.b": "Extreme(latest x.c x a.b -)",
    "earliest of x.c for x in a.b { x.d }": "Extreme(earliest x.c x a.b {?x.d})",
    "least of x.c for x in a.b - 1": "(Extreme(least x.c x a.b -) - 1)",
    "greatest of (x.c + 1) for x in a.b": "Extreme(greatest (x.c + 1) x a.b -)",
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value(text):
    assert value(text) == VALUES[text]


CONDITIONS = {
    "(a.b + c.d) >= 3": "Comparison((a.b + c.d) >= 3)",
    "(a.b or c.d)": "Or([?a.b ?c.d])",
    "((a.b))": "?a.b",
    "(a.b or c.d) and (3 <= e.f)": "And([Or([?a.b ?c.d]) Comparison(3 <= e.f)])",
    "a.b + 1 in 3..5": "Membership((a.b + 1) 3..5)",
    "a.b in 3<..<5": "Membership(a.b 3<..<5)",
    "a.b in 0<..": "Membership(a.b 0<..-)",
    "a.b in ..<10 mg": "Membership(a.b -..<10_mg)",
    "a.b in 4 h..6 h": "Membership(a.b 4_h..6_h)",
    "a.b in { c, d }": "Membership(a.b Set([c d]))",
    "a.b in c.d": "Membership(a.b c.d)",
    "a.b between c.d and e.f + 1": "Between(a.b c.d (e.f + 1))",
    "a.b between 1 and 2 and c.d": "And([Between(a.b 1 2) ?c.d])",
    "not a.b between 1 and 2": "Not(Between(a.b 1 2))",
    "a.b within 3 months before 12 months after c.d": (
        "Window(a.b Distance(within 3 month) True Moved(12 month False c.d))"
    ),
    "a.b 11 full months or more after c.d": "Window(a.b Distance(full or more 11 month) False c.d)",
    "a.b in the same calendar year as c.d": "Window(a.b Distance(in the same calendar - year) False c.d)",
    "latest of x.c for x in a.b 11 months or more before line.service_date": (
        "Window(Extreme(latest x.c x a.b -) Distance(or more 11 month) True line.service_date)"
    ),
    "a.b >= 12 months before c.d": "Comparison(a.b >= Moved(12 month True c.d))",
    "a.b == c.d evidenced by e.f": "Evidenced(Comparison(a.b == c.d) ?e.f)",
    "not a.b evidenced by c.d or e.f": "Or([Not(Evidenced(?a.b ?c.d)) ?e.f])",
    "a.b evidenced by (c.d or e.f)": "Evidenced(?a.b Or([?c.d ?e.f]))",
    "some x in a.b": "Quantified(some x a.b - - -)",
    "no x in a.b { x.c }": "Quantified(none x a.b - - {?x.c})",
    "exactly 2 x in a.b { x.c }": "Quantified(exactly 2 x a.b - - {?x.c})",
    "at most 2 x in a.b": "Quantified(at most 2 x a.b - - -)",
    "at least 2 x in a.b with different drug { x.c }": (
        "Quantified(at least 2 x a.b Different(- drug) - {?x.c})"
    ),
    "at least 4 x in a.b with at least 2 different drug": (
        "Quantified(at least 4 x a.b Different(2 drug) - -)"
    ),
    "at least 3 x in a.b within 30 consecutive days of day": (
        "Quantified(at least 3 x a.b - Run(30 day day) -)"
    ),
    "every x in a.b with different day within 1 consecutive year of day { x.c }": (
        "Quantified(every x a.b Different(- day) Run(1 year day) {?x.c})"
    ),
    "at most 1 of { a.b c.d }": "Group(at most 1 {?a.b ?c.d})",
    "exactly 1 of { a.b c.d }": "Group(exactly 1 {?a.b ?c.d})",
    "none of { a.b }": "Group(none {?a.b})",
    "latest x by day in a.b has { x.c }": "Newest(True x day a.b - {?x.c})",
    "earliest x by day in a.b { x.d } has { x.c }": "Newest(False x day a.b {?x.d} {?x.c})",
    "count of x in a.b { x.c } >= 2": "Comparison(Total(- x a.b {?x.c} -) >= 2)",
    "days from a.b to c.d >= 90": "Comparison(Elapsed(day a.b c.d) >= 90)",
    "percent fall from a.b to c.d >= 50 %": "Comparison(PercentChange(True a.b c.d) >= 50_%)",
    "min(a.b, 3) < c.d": "Comparison(Extremum(min [a.b 3]) < c.d)",
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition(text):
    assert shown(condition(text)) == CONDITIONS[text]


@pytest.mark.parametrize("first", CONDITIONS)
def test_criteria_stand_one_after_the_other(first):
    for second, wanted in CONDITIONS.items():
        read_as = [shown(criterion) for criterion in criteria(f"{first}\n{second}")]
        assert read_as == [CONDITIONS[first], wanted]


def test_what_a_labelled_criterion_begins_with_is_free():
    assert [shown(c) for c in criteria("a.b\nwindow: 12 months before a.b <= c.d\nfew: -3 <= a.b")] == [
        "?a.b",
        "window: Comparison(Moved(12 month True a.b) <= c.d)",
        "few: Comparison(-3 <= a.b)",
    ]


WORDS = "count sum min max percent latest earliest least greatest days no table limit scale record variant"


@pytest.mark.parametrize("word", [*WORDS.split(), "class", "gap", "any", "of", "to", "unit", "parameter"])
def test_a_word_of_the_language_is_a_name_where_a_name_is_meant(word):
    assert shown(condition(f"line.{word} >= 3")) == f"Comparison(line.{word} >= 3)"
    assert value(f"line.{word} + 1") == f"(line.{word} + 1)"
    assert shown(read(f"facts {{ line.{word} integer }}")[0].facts[0].path) == f"line.{word}"
    assert shown(read(f"record r {{ {word} integer }}")[0].fields[0].name) == word
    assert shown(condition(f"a.b == {word}" if word != "any" else "a.b == any")).endswith(f"== {word})")


@pytest.mark.parametrize("word", WORDS.split())
def test_such_a_word_is_a_label_and_a_definition_too(word):
    assert shown(criteria(f"{word}: a.b")) == f"[{word}: ?a.b]"
    if word not in ("scale", "record", "variant", "parameter"):
        assert shown(read(f"{word} if {{ a.b }}")[0].name) == word


@pytest.mark.parametrize("word", ["count", "sum", "min", "latest", "days", "no"])
def test_such_a_word_is_a_criterion_too(word):
    assert shown(criteria(f"{word}\na.b\nnot {word}\n{word} or a.b")) == (
        f"[?{word} ?a.b Not(?{word}) Or([?{word} ?a.b])]"
    )


ITEMS = {
    "record trial { drug { a, b } absent means a weeks number 0.. in h ended date }": (
        "Record(trial [Field(drug Enumeration(False [Member(a []) Member(b [])]) - Absent(a -))"
        " Field(weeks NumberType(False 0..- h) - -) Field(ended DateType() - -)])"
    ),
    "facts { claim.trials list of infusion.trial claim.mood scale mood.phq9 claim.dose number in mg/kg }": (
        "Facts([Fact(claim.trials ListType(infusion.trial) - -) Fact(claim.mood ScaleType(mood.phq9) - -)"
        " Fact(claim.dose NumberType(False - mg/kg) - -)])"
    ),
    "facts { claim.dose number 0 mg<..<10 mg in mg claim.x integer }": (
        "Facts([Fact(claim.dose NumberType(False 0_mg<..<10_mg mg) - -)"
        " Fact(claim.x NumberType(True - -) - -)])"
    ),
    'scale phq9 0..27 "PHQ-9" cites "A" { 0..4 minimal 5..<10 mild "mild" cites "B" 10 gap "why" 11.. c }': (
        'Scale(phq9 True 0..27 "PHQ-9" Cites("A" - -) - [Band(0..4 minimal - -)'
        ' Band(5..<10 mild "mild" Cites("B" - -)) Band(10..10 - "why" -) Band(11..- c - -)])'
    ),
    'scale t number -4<..4 assume a "why" { }': 'Scale(t False -4<..4 - - Assume(a "why") [])',
    "dose := a.b * 2": "ValueDefinition(dose (a.b * 2))",
    "variant medicare if { a.b }": "Variant(medicare {?a.b})",
    "parameter weeks { commercial 12 medicare 6 + 1 other 10 mg }": (
        "Parameter(weeks [ParameterValue(commercial 12) ParameterValue(medicare (6 + 1))"
        " ParameterValue(other 10_mg)] [] [])"
    ),
    "parameter weeks by line.site, member.age { hands, 18.. then 6  { scalp, trunk }, any then 12 h }": (
        "Parameter(weeks [] [line.site member.age]"
        " [ParameterRow([hands 18..-] 6) ParameterRow([Set([scalp trunk]) -] 12_h)])"
    ),
    'policy "P" { payer "x" renamed from a.b.c }': 'Policy("P" [Payer("x") RenamedFrom(a.b.c)])',
}


@pytest.mark.parametrize("text", ITEMS)
def test_an_item(text):
    (item,) = read(text)
    assert shown(item) == ITEMS[text]


def test_items_stand_one_after_the_other():
    items = read("\n".join([*ITEMS, *ITEMS]))
    assert [shown(item) for item in items] == [*ITEMS.values()] * 2


IN_SECTIONS = {
    "covered if { a.b }": "Rule(covered - - False {?a.b} [] - - -)",
    "covered otherwise": "Rule(covered - - True - [] - - -)",
    "covered otherwise if { a.b } except if { c.d }": (
        "Rule(covered - - True {?a.b} [Except({?c.d} -)] - - -)"
    ),
    "covered if { a.b } except if { c.d } unless { e.f } except if { g.h }": (
        "Rule(covered - - False {?a.b} [Except({?c.d} {?e.f}) Except({?g.h} -)] - - -)"
    ),
    'manual_review "May it?" if { a.b }': 'Rule(manual_review "May it?" - False {?a.b} [] - - -)',
    "covered if { a.b } except if { c.d } reasons carc 96 rarc N130, N115": (
        "Rule(covered - - False {?a.b} [Except({?c.d} -)] - - Reasons(96 [N130 N115]))"
    ),
    'covered otherwise cites "A" assume b "why"': (
        'Rule(covered - - True - [] Cites("A" - -) Assume(b "why") -)'
    ),
    "covered otherwise reasons carc 50": "Rule(covered - - True - [] - - Reasons(50 []))",
    'manual_review "May it?" to "the plan" otherwise': (
        'Rule(manual_review "May it?" "the plan" True - [] - - -)'
    ),
    "limit 300 mg per day then not_covered": "Limit(300_mg [] Period(rolling - day) not_covered - -)",
    'limit 1 unit per 90 days then not_covered cites "A" assume b "why"': (
        'Limit([1 unit] [] Period(rolling 90 day) not_covered Cites("A" - -) Assume(b "why"))'
    ),
    "limit 2 units per 2 calendar years then not_covered": (
        "Limit([2 units] [] Period(calendar 2 year) not_covered - -)"
    ),
    "limit 1 unit of J2001 per lifetime then not_covered": (
        "Limit([1 unit] [J2001] Period(lifetime - ) not_covered - -)"
    ),
    "table line.drug, claim.score, line.procedure { }": (
        "DecisionTable([line.drug claim.score line.procedure] [])"
    ),
    """table line.drug, claim.score {
        ketamine, 3<..5 then covered
        { a, b }, any then not_covered from 2020-01-01 until 2021-01-01 cites "A"
        any, J2001 then covered
        "x", F20..F69 then covered
        a.b, 3 then covered
        c, ..10 mg then covered
        d, -3 then covered
        e, 5 mg then covered
    }""": (
        "DecisionTable([line.drug claim.score] ["
        "DecisionRow([ketamine 3<..5] covered [] -) "
        'DecisionRow([Set([a b]) -] not_covered [From(2020-01-01) Until(2021-01-01)] Cites("A" - -)) '
        "DecisionRow([- Pattern(J2001 -)] covered [] -) "
        'DecisionRow(["x" Pattern(F20 F69)] covered [] -) '
        "DecisionRow([a.b Pattern(3 -)] covered [] -) "
        "DecisionRow([c -..10_mg] covered [] -) "
        "DecisionRow([d -3..-3] covered [] -) "
        "DecisionRow([e 5_mg..5_mg] covered [] -)])"
    ),
}


@pytest.mark.parametrize("text", IN_SECTIONS)
def test_what_stands_in_a_section(text):
    body = section(text)
    (part,) = (*body.rules, *body.limits, *body.tables)
    assert shown(part) == IN_SECTIONS[text]


def test_parts_of_a_section_stand_in_any_order():
    body = section("\n".join([*reversed(IN_SECTIONS), *IN_SECTIONS]))
    assert (len(body.rules), len(body.limits), len(body.tables)) == (18, 8, 4)


def test_the_span_of_a_value_in_parentheses_is_whole():
    comparison = condition("(a.b + 1) * 2 >= (3 - c.d)")
    assert comparison.span.text == "(a.b + 1) * 2 >= (3 - c.d)"
    assert comparison.subject.span.text == "(a.b + 1) * 2"


def test_codes_are_no_measures():
    assert shown(condition("line.procedure == 0005U")) == "Comparison(line.procedure == 0005U)"
    (system,) = read('codes hcpcs { J2001 "a" per 10 mg J2002 "b" per 1 minutes }')
    assert [shown(row.clauses[1]) for row in system.rows] == ["Per(10 mg)", "Per(1 minutes)"]


def test_a_unit_stands_on_the_line_of_its_number():
    assert shown(criteria("a.b >= 3\nm\nmin: c.d")) == "[Comparison(a.b >= 3) ?m min: ?c.d]"


def test_the_grammar_has_no_conflict_but_the_known_one(caplog):
    level = logger.level
    logger.setLevel("DEBUG")
    try:
        with caplog.at_level("DEBUG", logger="lark"):
            Lark(GRAMMAR, parser="lalr", start="file", debug=True)
    except LarkError as error:  # pragma: no cover - a reduce/reduce conflict
        pytest.fail(str(error))
    finally:
        logger.setLevel(level)
    conflicts = [r.message for r in caplog.records if "onflict" in r.message]
    assert all("ASSUME" in message for message in conflicts) and len(conflicts) <= 1


def test_every_unit_of_the_grammar_is_read():
    assert len(units()) > 45
    for unit in units():
        assert value(f"3 {unit}") == f"3_{unit}"
        assert value(f"3 /{unit}") == f"3_/{unit}"
        assert near_unit(unit) == unit


def test_every_class_of_value_can_be_found_in_a_tree():
    tree = criteria("\n".join(f"v{n}: a.b == {text}" for n, text in enumerate(VALUES)))
    found = {type(node) for node in inside(tree, s.Node)}
    assert {s.Arithmetic, s.Extremum, s.PercentChange, s.Elapsed, s.Moved, s.Total, s.Extreme} <= found
