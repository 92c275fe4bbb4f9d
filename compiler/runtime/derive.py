"""The facts of a line: stated by the claim, given by the policy, taken as evidence, or unknown.

One pure step over what is stated; it is never run again inside a completion.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import cast

from compiler.runtime.beside import Beside
from compiler.runtime.claim_values import Record, Scalar, Unclear, Value
from compiler.runtime.codes import contains
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import EvidenceRule, Giver, Policy, Version

STATED = " stated"
"""Behind a fact's path: whether the line itself states it, as another policy's open code table asks."""


def derive(
    policy: Policy, version: Version, claim: Claim, line: Line, day: date, known_on: date | None
) -> LineFacts:
    """The facts of one line of a claim, whose code is read as of the governing day."""
    facts = LineFacts({**claim.unclear, **line.unclear}, line.own_diagnoses, policy.specs)
    for path, value in {**claim.stated, **line.stated}.items():
        facts.put(path, value, "stated")
    if line.own_diagnoses:
        facts.values.pop("claim.diagnoses", None)
        facts.origins.pop("claim.diagnoses", None)
        if "line.diagnoses" in line.stated:
            facts.put("claim.diagnoses", line.stated["line.diagnoses"], "stated")
    born = facts.values.get("member.birth_date")
    if isinstance(born, date) and born <= line.day:
        facts.put("member.age", Decimal(completed_years(born, line.day)), "stated")
    facts.given = given(policy, claim, line, day, known_on)
    for path, value in facts.given.items():
        if _is_open(path, facts):
            facts.put(path, value, "given")
    for giver in policy.field_givers:
        _fill(policy, giver, facts, day, known_on)
    disputed = set()
    for rule in version.evidence:
        if _is_open(rule.fact, facts):
            found = evidence(policy, rule, claim, line, known_on)
            if found is DISPUTED:
                disputed.add(rule.fact)
            elif found is not None:
                facts.put(rule.fact, cast(Value, found), "evidence", rule.assumption)
    for path in version.asks_stated:
        stated = path in line.stated or path in line.unclear
        facts.put(path + STATED, stated, "stated")
    for path, (value, assumption) in policy.absent.items():
        if _is_open(path, facts) and path not in disputed:
            facts.put(path, value, "given", assumption)
    return facts


def states(stating: tuple[str, ...], line: Line) -> bool:
    """Whether a line itself states the facts that bring an unlisted code in."""
    for path in stating:
        if path not in line.stated and path not in line.unclear:
            return False
    return bool(stating)


def completed_years(born: date, day: date) -> int:
    """The age on a day: who was born on 29 February completes a year on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _is_open(path: str, facts: LineFacts) -> bool:
    """Whether a fact may still be derived: what is stated, clear or not, is never replaced."""
    return path not in facts.values and path not in facts.unclear


def given(policy: Policy, claim: Claim, line: Line, day: date, known_on: date | None) -> dict[str, Scalar]:
    """What the codes of a line say, each where it is valid that day; a code may be given by another."""
    found: dict[str, Scalar] = {}
    for giver in policy.fact_givers:
        by = giver.by
        code = line.stated.get(by) or claim.stated.get(by) or found.get(by)
        if isinstance(code, str):
            found |= policy.gifts[code, day, known_on, giver]
    return found


def _fill(policy: Policy, giver: Giver, facts: LineFacts, day: date, known_on: date | None) -> None:
    """What the codes in the records of a list say of other fields: put in where these are not stated."""
    records = facts.values.get(giver.list)
    filled: list[Record] = []
    for at, record in enumerate(records if isinstance(records, tuple) else ()):
        assert isinstance(record, Record)
        code = record[giver.by]
        row = policy.row(code, day, known_on, giver.system) if isinstance(code, str) else None
        own = Record(record)
        own.update(record)
        own.unclear = record.unclear
        for path, value in row.gives if row is not None else ():
            field = path.rpartition(".")[2]
            if path in giver.gives:
                facts.given[f"{giver.list}[{at}].{field}"] = value
                if own[field] is None and field not in own.unclear:
                    own[field] = value
        filled.append(own)
    if filled:
        facts.values[giver.list] = tuple(filled)


DISPUTED = Unclear("", ())
"""Stands for evidence that is none: the other lines do not say one clear value."""


def evidence(
    policy: Policy, rule: EvidenceRule, claim: Claim, line: Line, known_on: date | None
) -> Value | Unclear | None:
    """The one value that the other lines of the day state or give; DISPUTED where it cannot be told."""
    if len(claim.lines) == 1:
        return None
    kept = policy.about(claim)
    key = (id(rule), known_on)
    heard: Beside[Value | Unclear] | None = kept.get(key)
    if heard is None:
        heard = kept[key] = Beside(_offers(policy, rule, claim, known_on))
    offers = heard.first(line)
    if not offers:
        return None
    return offers[0] if len(offers) == 1 and not isinstance(offers[0], Unclear) else DISPUTED


def _offers(
    policy: Policy, rule: EvidenceRule, claim: Claim, known_on: date | None
) -> Iterator[tuple[Line, Value | Unclear]]:
    """What each line with a valid code offers to the others of its day: the value that it states or that its
    codes give, or what is stated of it unclearly.
    """
    for line in claim.lines:
        day = policy.governing(claim, line) or line.day
        key = (id(rule), line.code, day, known_on)
        heard = policy.heard.get(key)
        if heard is None:
            valid = policy.valid(line.code, day, known_on)
            heard = policy.heard.keep(key, valid and (rule.codes is None or contains(rule.codes, line.code)))
        if heard:
            offer = line.stated.get(rule.fact, line.unclear.get(rule.fact))
            if offer is None:
                offer = given(policy, claim, line, day, known_on).get(rule.fact)
            if offer is not None:
                yield line, offer
