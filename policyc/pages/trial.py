"""A claim as it would be decided on other days: what the page of `policyc try` asks while one types."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from attrs import frozen

from compiler.program import Program
from compiler.runtime.claim_values import read_date
from compiler.runtime.errors import ClaimError
from policyc.pages.decisions import decided
from policyc.pages.fields import fields
from policyc.pages.ink import as_it_is, filled
from policyc.pages.readings import pages
from policyc.policy import Policy

DATED = "line.service_date"


@frozen
class Side:
    """A day to which the claim is moved, and a day of knowledge; None leaves both as they are."""

    day: date | None
    known_on: date | None


def page(policy: Policy) -> str:
    """The page, with the fields of the policy's claims and a claim to begin with."""
    program = policy.program
    setting = {"fields": fields(program), "start": _start(program)}
    text = program.consolidated.policy
    governed = text.governed_by
    return filled(
        "try.html",
        title=text.title,
        payer=text.payer,
        package=program.package,
        moved="services are moved to" if governed == DATED else f"{governed} is taken to be",
        # In a script element nothing is escaped but its own end.
        setting=as_it_is(json.dumps(setting).replace("<", "\\u003c")),
        up="",
    )


def answers(policy: Policy, claim: object, sides: list[Side]) -> list[str]:
    """What is decided of a claim on each side, as markup."""
    return [filled("side.html", decided=decided(_decision(policy, claim, side)), up="") for side in sides]


def _decision(policy: Policy, claim: object, side: Side) -> dict[str, Any]:
    try:
        moved = claim if side.day is None else at(claim, side.day, policy.compiled.governed_by)
        return policy.decide(moved, known_on=side.known_on, explain=True)  # type: ignore[arg-type]
    except ClaimError as error:
        return error.record()


def at(claim: object, day: date, governed_by: str) -> object:
    """A claim with its governing date moved to a day. Lines keep their distance from the first; what cannot
    be read stays, and is told when the claim is decided.
    """
    if not isinstance(claim, dict):
        return claim
    scope, _, name = governed_by.partition(".")
    lines = claim.get("lines")
    listed = lines if isinstance(lines, list) else []
    if governed_by == DATED:
        days = [_day(line.get(name)) for line in listed if isinstance(line, dict)]
        first = next((each for each in days if each is not None), None)
        return {**claim, "lines": [_moved(line, first, day) for line in listed]} if listed else claim
    if scope == "line":
        said = [{**line, name: str(day)} if isinstance(line, dict) else line for line in listed]
        return {**claim, "lines": said}
    if scope == "claim":
        return {**claim, name: str(day)}
    held = claim.get(scope)
    return {**claim, scope: {**(held if isinstance(held, dict) else {}), name: str(day)}}


def _moved(line: object, first: date | None, day: date) -> object:
    own = _day(line.get("service_date")) if isinstance(line, dict) else None
    if not isinstance(line, dict) or own is None or first is None:
        return line
    try:
        return {**line, "service_date": str(day + (own - first))}
    except OverflowError:
        return line


def _day(value: object) -> date | None:
    try:
        return read_date(value)
    except ClaimError:
        return None


def _start(program: Program) -> dict[str, Any]:
    """A claim with one line of a listed code, on the last two days on which the text changed."""
    today = [each.reading for each in pages(program) if each.today]
    last = today[-1]
    codes = last.document.codes
    line = {"line": 1, "procedure": codes[0].code if codes else "", "service_date": str(last.start)}
    sides = [{"day": str(last.start - timedelta(days=1)), "known_on": ""}]
    sides.append({"day": str(last.start), "known_on": ""})
    return {"claim": {"claim_id": "try", "lines": [line]}, "sides": sides}
