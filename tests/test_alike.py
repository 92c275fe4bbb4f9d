"""Claims that say the same are decided alike by the shipped policies, however they say it."""

import copy
import json
import random
import re
from collections import Counter
from datetime import date

import pytest
from test_signature import SHIPPED, recombined

from compiler.runtime.adjudicate import adjudicate, decide_claim
from compiler.runtime.reader import read_claim
from policyc import ClaimError, load

CLAIMS = 100
GIVEN_OTHERWISE = {"drug", "route", "purpose", "units"}
"""Facts that codes, other lines or silence tell where a line does not: stated, they may be others."""
DAYS = (None, None, "2024-10-01", "2022-06-01", "2016-06-01", "2008-05-01")


def decided(policy, claim, known_on=None):
    return {line["line"]: line for line in policy.decide(claim, known_on=known_on)["lines"]}


def interpreted(program, claim, known_on):
    """By the interpreter, which keeps no decision of another claim."""
    day = date.fromisoformat(known_on) if known_on is not None else None
    lines = decide_claim(program, read_claim(claim, program.schema), day)["lines"]
    return {line["line"]: line for line in lines}


def shuffled(value, draw):
    """The same JSON with the keys of its objects in another order."""
    match value:
        case dict():
            keys = draw.sample(list(value), len(value))
            return {key: shuffled(value[key], draw) for key in keys}
        case list():
            return [shuffled(each, draw) for each in value]
    return value


def with_lists_shuffled(claim, draw):
    claim = copy.deepcopy(claim)
    for box in (claim, *claim["lines"]):
        for key, value in box.items():
            if key != "lines" and isinstance(value, list):
                draw.shuffle(value)
    return claim


def whatever_the_places(lines):
    """Decisions without the order of what they say of elements of lists, and of unclear facts."""
    text = json.loads(re.sub(r"\[\d+\]", "[]", json.dumps(list(lines.values()))))
    for line in text:
        line["edits"].sort(key=json.dumps)
        line["missing"] = sorted(map(sorted, line["missing"]))
    return text


def with_more(claim, line, donors, draw):
    """A claim that states more of what it does not state, as another does; None where it cannot."""
    claim, other = copy.deepcopy(claim), copy.deepcopy(draw.choice(donors))
    own = next(each for each in claim["lines"] if each["line"] == line["line"])
    added = False
    pairs = [(own, draw.choice(other["lines"])), (claim, other)]
    if isinstance(other.get("member"), dict):
        pairs.append((claim.setdefault("member", {}), other["member"]))
    for box, theirs in pairs if isinstance(claim.get("member", {}), dict) else ():
        for key in theirs.keys() - {"lines", "member", "contract", "diagnoses"} - GIVEN_OTHERWISE:
            if box.get(key) is None and draw.random() < 0.6:
                box[key] = theirs[key]
                added = True
    return claim if added else None


def with_what_is_taken(program, claim, number, known_on):
    """A claim of which a line states what it is taken to be by codes, other lines or silence."""
    day = date.fromisoformat(known_on) if known_on is not None else None
    read = read_claim(claim, program.schema)
    (line,) = (each for each in read.lines if each.number == number)
    facts = adjudicate(program, read, line, day).facts
    origins = facts.origins if facts is not None else {}
    taken = [path for path, origin in origins.items() if origin != "stated" and path.startswith("line.")]
    said = {path.removeprefix("line."): facts.values[path] for path in taken}
    lines = [{**each, **said} if each["line"] == number else each for each in claim["lines"]]
    return {**claim, "lines": lines} if said else None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_said_alike_is_decided_alike(path):
    draw, policy = random.Random(path.stem), load(path)
    goldens = [json.loads(file.read_text()) for file in sorted(path.with_suffix(".golden").rglob("*.json"))]
    donors = [golden["claim"] for golden in goldens if "error" not in golden["decision"]]
    seen = Counter()
    while seen["claims"] < CLAIMS:
        claim, known_on = recombined(donors, draw), draw.choice(DAYS)
        try:
            wanted = decided(policy, claim, known_on)
        except ClaimError:
            continue
        seen["claims"] += 1
        about = f"{claim} known on {known_on}"

        in_disorder = shuffled({**claim, "lines": draw.sample(claim["lines"], len(claim["lines"]))}, draw)
        found = decided(policy, in_disorder, known_on)
        assert whatever_the_places(dict(sorted(found.items()))) == whatever_the_places(wanted), about
        found = decided(policy, with_lists_shuffled(claim, draw), known_on)
        assert whatever_the_places(found) == whatever_the_places(wanted), about

        beside = {"line": 777, "procedure": "99213", "service_date": "1999-01-01"}
        found = decided(policy, {**claim, "lines": [*claim["lines"], beside]}, known_on)
        assert {number: line for number, line in found.items() if number != 777} == wanted, about
        by_day = {}
        for day in {line["service_date"] for line in claim["lines"]}:
            of_day = [line for line in claim["lines"] if line["service_date"] == day]
            by_day |= interpreted(policy.program, {**claim, "lines": of_day}, known_on)
        assert by_day == wanted, about

        if known_on is None:
            assert decided(policy, claim, "9999-12-31") == wanted, about
        for line in wanted.values():
            more = None if line["missing"] else with_more(claim, line, donors, draw)
            try:
                found = decided(policy, more, known_on)[line["line"]] if more is not None else line
            except ClaimError:
                continue
            seen["more"] += more is not None
            assert found["determination"] == line["determination"], f"{about}: {more}"
        for number, line in wanted.items():
            said = with_what_is_taken(policy.program, claim, number, known_on)
            if said is None:
                continue
            seen["taken"] += 1
            found = decided(policy, said, known_on)[number]
            assert {*found["assumptions"]} <= {*line["assumptions"]}, f"{about}: {said}"
            assert {**found, "assumptions": line["assumptions"]} == line, f"{about}: {said}"
    # Of the first policy's facts there are none that nothing else tells.
    assert seen["taken" if path.stem == "iv_anesthetics" else "more"] > CLAIMS / 2, seen
