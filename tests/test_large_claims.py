"""The work on a claim grows with its lines, not with their pairs: evidence, add-ons and limits.

What a limit asks for is as long as it is: it names each line before of which the units are not stated.
"""

import sys
from datetime import date

import pytest
from exchanging import replaced

from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.reader import read_claim
from policyc import load

POLICY = """package made
facts { line.drug { ketamine, lidocaine }  line.route { oral, intravenous } }
codes hcpcs { J1000 "a" per 1 mg  J1001 "b"  J1002 "c"  J1003 "d" gives line.drug := ketamine }
policy "Made" { payer "p" }
evidence line.drug from other lines of the day
evidence line.route from other lines of the day
revision 2020-01-01 "r" {
    section S "s" { medically_necessary if { line.drug == ketamine  line.route == oral } LIMIT }
    codes { J1000  J1001 needs J1000 or J1002 }
}
"""
LIMIT = "limit 100 mg of J1000 per 7 days then not_covered"
LINES = 40


@pytest.fixture(scope="module", params=["", LIMIT], ids=["without limits", "with a limit"])
def policy(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "made.pol"
    path.write_text(replaced(POLICY, "LIMIT", request.param))
    return load(path)


def line(number, code="J1000", day="2024-01-01", **stated):
    return {"line": number, "procedure": code, "service_date": day, "units": 1, **stated}


def history(count):
    return [{"procedure": "J1000", "service_date": "2023-12-28", "units": 1} for _ in range(count)]


SHAPES = {
    "agreeing": lambda n: [line(at, drug="ketamine", route="oral") for at in range(1, n + 1)],
    "silent": lambda n: [line(at) for at in range(1, n + 1)],
    "disputed": lambda n: [
        line(1),
        *(line(at, route=("oral", "intravenous")[at % 2]) for at in range(2, n + 1)),
    ],
    "given": lambda n: [line(1, route="oral"), *(line(at, "J1003") for at in range(2, n + 1))],
    "add-ons": lambda n: [line(1), *(line(at, "J1001", drug="ketamine") for at in range(2, n + 1))],
    "add-ons without primary": lambda n: [line(at, "J1001") for at in range(1, n + 1)],
    "days": lambda n: [
        line(at, day=f"2024-01-{1 + at * 13 % 28:02}", drug="ketamine") for at in range(1, n + 1)
    ],
    "without units": lambda n: [
        line(at, drug="ketamine", route="oral", units=None) for at in range(1, n + 1)
    ],
}


def comparing(kind):
    """Methods by which a type's comparisons are lines of Python, also where a sort or a search makes them."""
    names = "__eq__", "__lt__", "__le__", "__gt__", "__ge__"
    methods = {name: getattr(kind, name) for name in names}
    own = {name: lambda one, other, plain=plain: plain(one, other) for name, plain in methods.items()}
    return own | {"__hash__": kind.__hash__}


Text = type("Text", (str,), comparing(str))
Number = type("Number", (int,), comparing(int))
Day = type("Day", (date,), comparing(date) | {"toordinal": lambda day: Number(date.toordinal(day))})


def counted(value):
    """The same texts, numbers and days, of which comparisons count."""
    match value:
        case str():
            return Text(value)
        case date():
            return Day(value.year, value.month, value.day)
        case bool():
            return value
        case int():
            return Number(value)
        case dict():
            for key, inner in value.items():
                value[key] = counted(inner)
        case tuple():
            made = [counted(inner) for inner in value]
            return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
    return value


def steps(decide):
    """The lines of Python that run."""
    count = 0

    def traced(frame, event, argument):
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        decide()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", ["interpreted", "compiled"])
def test_the_work_grows_with_the_lines(policy, shape, way):
    decider = policy.program if way == "interpreted" else policy.compiled

    def work(lines):
        claim = {"claim_id": "C", "history": history(lines), "lines": SHAPES[shape](lines)}
        read = counted(read_claim(claim, decider.schema))
        # Nothing of it is remembered, and nothing is found out for the first time.
        decide_claim(decider, read, None)
        decider.about(read_claim(claim, decider.schema))
        return steps(lambda: decide_claim(decider, read, None))

    few, many = work(LINES), work(4 * LINES)
    assert many < 5 * few, (few, many)
    assert many > 2 * few
