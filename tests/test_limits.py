"""Limits against a second opinion: all that the unknown could be, counted by what docs/language.md says."""

import calendar
import itertools
import json
import random
import tempfile
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest

from policyc import load

PER = {"X0001": 10, "X0002": 5, "X0004": 10, "X0005": 1}
FAMILY = {code: {"X0004", "X0005"} for code in ("X0004", "X0005")}
CODES = ("X0001", "X0001", "X0002", "X0003", "X0004", "X0005")
AMOUNTS = "1 unit", "2 units", "30 mg", "2 units of X0001", "3 units of X0001, X0002", "40 mg of X0001"
PERIODS = {
    "day": lambda day: day,
    "30 days": lambda day: day - timedelta(29),
    "week": lambda day: day - timedelta(6),
    "2 months": lambda day: months_before(day, 2) + timedelta(1),
    "year": lambda day: months_before(day, 12) + timedelta(1),
    "calendar month": lambda day: day.replace(day=1),
    "2 calendar years": lambda day: date(day.year - 1, 1, 1),
    "lifetime": lambda _: date.min,
}
DAYS = ["2023-02-28", "2023-03-01", "2023-12-31", "2024-01-01", "2024-01-30", "2024-01-31", "2024-02-01"]
DAYS += ["2024-02-22", "2024-02-29", "2024-03-01", "2024-03-31"]
UNITS = (0, 1, 2, 2.5, 10)


def months_before(day, count):
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def policy(*limits):
    said = " ".join(f"limit {amount} per {period} then {made}" for amount, period, made in limits)
    text = f"""package made
codes hcpcs {{
    X0001 "one" per 10 mg  X0002 "two" per 5 mg  X0003 "three"
    X0004 "four" until 2024-03-01 per 10 mg replaced by X0005  X0005 "five" from 2024-03-01 per 1 mg
    X0006 "six" per 15 minutes
}}
facts {{ line.a boolean }}
policy "P" {{ payer "Q" }}
revision 2020-01-01 "first" {{
    section A "A" {{ medically_necessary if {{ line.a }} {said} }}
    codes {{ X0001 X0002 X0003 X0004 though ended "so" X0005 X0006 }}
}}
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pol"
        path.write_text(text, encoding="utf-8")
        return load(path)


def above(limit, claim, line):
    """What is above a limit: the units allowed, those over, and what becomes of these; None for nothing."""
    amount, period, made = limit
    quantity, _, listed = amount.partition(" of ")
    most, unit = quantity.split()
    codes = listed.split(", ") if listed else []
    in_mg = unit == "mg"
    code, day = line["procedure"], date.fromisoformat(line["service_date"])
    if (codes and code not in codes) or (in_mg and code not in PER):
        return None
    counted = set().union(*(FAMILY.get(each, {each}) for each in codes or [code]))

    def amount_of(billed):
        per = PER.get(billed["procedure"], 0) if in_mg else 1
        return Fraction(str(billed["units"])) * per

    place = claim["lines"].index(line)
    lines = [(other["service_date"], at, other) for at, other in enumerate(claim["lines"])]
    earlier = [other for at_day, at, other in lines if (at_day, at) < (line["service_date"], place)]
    used = sum(
        amount_of(billed)
        for billed in [*earlier, *claim["history"]]
        if billed["procedure"] in counted
        and PERIODS[period](day) <= date.fromisoformat(billed["service_date"]) <= day
    )
    own = amount_of(line)
    over = min(own, max(Fraction(0), used + own - int(most)))
    per = PER[code] if in_mg else 1
    return ((own - over) / per, over / per, made) if over else None


def a_claim(draw):
    """A claim that states all, and the places of what it may leave out: their boxes, keys and names."""
    lines = [
        {"line": n, "procedure": draw.choice(CODES), "service_date": draw.choice(DAYS), "a": True}
        | {"units": draw.choice(UNITS)}
        for n in range(1, draw.randint(1, 3) + 1)
    ]
    history = [
        {"procedure": draw.choice(CODES), "service_date": draw.choice(DAYS), "units": draw.choice(UNITS)}
        for _ in range(draw.randint(0, 3))
    ]
    claim = {"claim_id": "C", "lines": lines, "history": history}
    if draw.random() < 0.2:
        holes = [(("history",), "claim.history")]
    else:
        holes = [
            (("history", at, key), f"claim.history[{at}].{key}")
            for at, entry in enumerate(history)
            for key in entry
            if draw.random() < 0.25
        ]
    places = range(len(lines))
    holes += [(("lines", at, "units"), f"lines[{at + 1}].units") for at in places if draw.random() < 0.2]
    return claim, holes[:3]


def put(claim, places, values):
    claim = json.loads(json.dumps(claim))
    for place, value in zip(places, values, strict=True):
        box = claim
        for step in place[:-1]:
            box = box[step]
        box[place[-1]] = value
    return claim


def could_be(place, claim):
    """Values that show all that an unknown fact can do to a limit."""
    days = ["1900-01-01", *{line["service_date"] for line in claim["lines"]}, "2023-06-01", "2099-01-01"]
    match place[-1]:
        case "units":
            return [0, 0.5, 1, 2, 1000]
        case "procedure":
            return [*dict.fromkeys(CODES), "X0006"]
        case "service_date":
            return days
    entries = [
        {"procedure": code, "service_date": day, "units": units}
        for code, day, units in itertools.product(dict.fromkeys(CODES), days, (1, 1000))
    ]
    return [[], [entry for entry in entries if entry["units"] == 1000], *([entry] for entry in entries)]


def expected(limits, claim, number, holes):
    """By all that the unknown facts could be: the edits of a line, or the smallest sets that settle it."""
    places = [place for place, _ in holes]
    made = {}
    for values in itertools.product(*(could_be(place, claim) for place in places)):
        full = put(claim, places, values)
        line = full["lines"][number]
        made[tuple(map(str, values))] = tuple(above(limit, full, line) for limit in limits)
    outcomes = set(made.values())
    if len(outcomes) == 1:
        return [edit for edit in outcomes.pop() if edit is not None], []
    sets = []
    for size in range(1, len(holes) + 1):
        for chosen in itertools.combinations(range(len(holes)), size):
            left = {}
            for values, outcome in made.items():
                left.setdefault(tuple(values[at] for at in chosen), set()).add(outcome)
            if not any(set(one) <= set(chosen) for one in sets) and any(len(o) == 1 for o in left.values()):
                sets.append(chosen)
    names = ["line.units" if place == ("lines", number, "units") else name for place, name in holes]
    return [], sorted(sorted(names[at] for at in one) for one in sets)


@pytest.mark.parametrize("seed", range(12))
def test_what_limits_leave_and_ask(seed):
    draw = random.Random(seed)
    made = "not_covered", "manual_review"
    limits = [
        (amount, draw.choice([*PERIODS]), draw.choice(made))
        for amount in draw.sample(AMOUNTS, draw.choice([1, 1, 2]))
    ]
    loaded = policy(*limits)
    for _ in range(25):
        claim, holes = a_claim(draw)
        stated = put(claim, [place for place, _ in holes], [None] * len(holes))
        for number, line in enumerate(loaded.decide(stated)["lines"]):
            if line["determination"] == "code_not_valid":
                continue
            edits, sets = expected(limits, claim, number, holes)
            about = f"{limits} {stated} {line}"
            assert sorted(map(sorted, line["missing"])) == sets, about
            assert line["determination"] == ("needs_information" if sets else "medically_necessary"), about
            if not sets:
                shown = [edit for edit in line["edits"] if edit["kind"] == "units_over_limit"]
                keys = "allowed", "over", "determination"
                told = [tuple(edit[key] for key in keys) for edit in shown]
                assert [(Fraction(a), Fraction(o), d) for a, o, d in told] == edits, about


def over(limit, code, units):
    claim = {"claim_id": "C", "history": [], "lines": [{"line": 1, "procedure": code}]}
    claim["lines"][0] |= {"service_date": "2024-05-01", "a": True, "units": units}
    (line,) = policy(limit).decide(claim)["lines"]
    return [(edit["allowed"], edit["over"]) for edit in line["edits"] if edit["kind"] == "units_over_limit"]


def test_counts_are_exact_whatever_the_context():
    limit = "30 mg", "day", "not_covered"
    barely = Decimal("3." + 40 * "0" + "1")
    assert over(limit, "X0001", barely) == [("3", "0." + 40 * "0" + "1")]
    with localcontext() as context:
        context.prec = 3
        assert over(limit, "X0001", 1234567) == [("3", "1234564")]


def test_rather_too_few_units_are_allowed_than_too_many():
    ((allowed, rest),) = over(("100 minutes", "day", "not_covered"), "X0006", 8)
    assert Fraction(allowed) * 15 < 100 < Fraction(allowed) * 15 + Fraction(1, 10**25)
    assert Fraction(allowed) + Fraction(rest) == 8


@pytest.mark.parametrize(
    ("limit", "first", "second"),
    [
        ("1 g", "10 mg", "1 g"),
        ("1000 mg", "10 mg", "1 g"),
        ("60 min", "36 s", "1 h"),
        ("1 h", "0.6 min", "60 min"),
        ("100 lb", "1 lb", "45.359237 kg"),
    ],
)
def test_a_limit_counts_all_codes_that_measure_the_same(limit, first, second):
    """A hundred units of the one code, or one of the other."""
    text = f"""package made
codes hcpcs {{ X0001 "one" per {first}  X0002 "two" per {second}  X0003 "three" }}
facts {{ line.a boolean }}
policy "P" {{ payer "Q" }}
revision 2020-01-01 "first" {{
    section A "A" {{
        medically_necessary if {{ line.a }}
        limit {limit} of X0001, X0002 per day then not_covered
    }}
    codes {{ X0001 X0002 X0003 }}
}}
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pol"
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
    lines = [("X0001", 30), ("X0002", 0.5), ("X0001", 30), ("X0002", 3), ("X0003", 99)]
    day = {"service_date": "2024-05-01", "a": True}
    stated = [{"line": n, "procedure": c, "units": u, **day} for n, (c, u) in enumerate(lines, 1)]
    decided = loaded.decide({"claim_id": "C", "history": [], "lines": stated})["lines"]
    told = [(line["line"], e["allowed"], e["over"]) for line in decided for e in line["edits"] if "over" in e]
    assert told == [(3, "20", "10"), (4, "0", "3")]


def test_what_is_billed_when_its_code_is_no_longer_valid_stands_for_what_it_last_stood_for():
    text = """package made
codes hcpcs {
    X0001 "one" until 2022-01-01 per 10 mg
    X0001 "one" from 2022-01-01 until 2023-01-01 per 5 mg
    X0002 "two" per 1 mg
}
facts { line.a boolean }
policy "P" { payer "Q" }
revision 2020-01-01 "first" {
    section A "A" {
        medically_necessary if { line.a }
        limit 30 mg of X0001, X0002 per year then not_covered
    }
    codes { X0001 though ended "so" X0002 }
}
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pol"
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
    history = [{"procedure": "X0001", "service_date": "2024-04-01", "units": 2}]
    line = {"line": 1, "procedure": "X0002", "service_date": "2024-05-01", "a": True, "units": 30}
    (decided,) = loaded.decide({"claim_id": "C", "history": history, "lines": [line]})["lines"]
    assert [(e["allowed"], e["over"]) for e in decided["edits"] if "over" in e] == [("20", "10")]


def test_a_limit_of_a_quantity_and_one_of_units_are_each_counted_in_their_own():
    loaded = policy(("30 mg", "day", "not_covered"), ("2 units", "day", "manual_review"))
    day = {"service_date": "2024-05-01", "procedure": "X0001"}
    lines = [{"line": 1, **day, "a": True, "units": 2}]
    claim = {"claim_id": "C", "history": [{**day, "units": 1}], "lines": lines}
    (line,) = loaded.decide(claim)["lines"]
    told = [(e["limit"], e["allowed"], e["over"]) for e in line["edits"] if "over" in e]
    assert told == [("2 units per day", "1", "1")]
