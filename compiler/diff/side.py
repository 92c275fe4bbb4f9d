"""A version of a policy as one side of a comparison, and where a procedure code stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen

from compiler.ir.decision import Decision
from compiler.ir.occurring import occurring_in
from compiler.ir.outcomes import PROCEDURE
from compiler.program import Program
from compiler.questions.split import Fixed, within
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.ages import AGE, by_birth
from compiler.runtime.atoms import facts_of
from compiler.runtime.claim_values import Value
from compiler.runtime.derive import STATED, given
from compiler.runtime.errors import ClaimError
from compiler.runtime.questions import NOT_APPLICABLE
from compiler.runtime.reader import Claim, Line, read_claim


@frozen(eq=False)
class Side:
    """A policy as it decides for one who knew what was posted by a day (None: all); with a `day`, a claim is
    decided as if that were its governing date.
    """

    program: Program
    known_on: date | None = None
    day: date | None = None

    def moved(self, claim: dict[str, Any]) -> dict[str, Any]:
        """The claim as this side decides it."""
        if self.day is None:
            return claim
        scope, _, name = self.program.governed_by.partition(".")
        stated = {name: self.day.isoformat()}
        if scope == "line":
            return {**claim, "lines": [{**line, **stated} for line in claim["lines"]]}
        return {**claim, **(stated if scope == "claim" else {scope: {**claim.get(scope, {}), **stated}})}

    def ignores(self, claim: dict[str, Any]) -> bool:
        """Whether a claim states facts that this version does not declare."""
        ignored: list[str] = []
        read_claim(self.moved(claim), self.program.schema, ignored.append)
        return bool(ignored)

    def decide(self, claim: dict[str, Any]) -> dict[str, Any]:
        """The decision of a claim, by the interpreter; facts that this version does not declare are ignored.

        Raises ClaimError where it cannot be read.
        """
        read = read_claim(self.moved(claim), self.program.schema, lambda _: None)
        return decide_claim(self.program, read, self.known_on)

    def decided(self, claim: dict[str, Any]) -> dict[str, Any] | None:
        """The decision of a claim, or None where it cannot be read."""
        try:
            return self.decide(claim)
        except ClaimError:
            return None

    def given(self, code: str, day: date) -> dict[str, Value]:
        """What a procedure code says by itself on a day, and what the codes say that it gives."""
        line = Line(1, code, code, day, {PROCEDURE: code}, {}, {}, False)
        return {**given(self.program, Claim("", {}, {}, {}, (line,), (), ()), line, day, self.known_on)}

    def surely_given(self, code: str, day: date) -> dict[str, Value]:
        """Of that, what no line can undo: not what the codes say that the procedure code gives, for the line
        may state others.
        """
        givers = (giver for giver in self.program.fact_givers if giver.by == PROCEDURE)
        gifts = (self.program.gifts[code, day, self.known_on, giver] for giver in givers)
        return {path: value for own in gifts for path, value in own.items()}

    def determination(self, claim: dict[str, Any]) -> str | None:
        """That of a claim's first line; None where the claim cannot be read."""
        found = evolve(self, program=self.program.terse).decided(claim)
        return str(found["lines"][0]["determination"]) if found is not None else None


def both(sides: Sequence[Side], claim: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What two sides say of a claim's first line; None where one cannot read it."""
    one, other = (side.decided(claim) for side in sides)
    return (one, other) if one is not None and other is not None else None


def brought_about(before: Side, alone: Side | None, claim: dict[str, Any]) -> tuple[object, ...] | None:
    """What an amendment alone makes of a claim's first line: nothing, if that is decided as before; None
    where no amendment is looked at alone.
    """
    if alone is None:
        return None
    one, other = (side.determination(claim) for side in (before, alone))
    if one is None or other is None:
        return ()
    if one != other:
        return (other,)
    lines = [side.decide(claim)["lines"][0] for side in (before, alone)]
    first, second = ((line["rules"], line.get("unsure")) for line in lines)
    return () if first == second else (other, *second)


@frozen
class Standing:
    """What becomes of a line before any rule is asked: it is `settled`, or the rules of a decision are asked,
    if it states the facts `stating` itself.
    """

    settled: str | None
    decision: Decision | None = None
    stating: tuple[str, ...] = ()

    @property
    def asks_stated(self) -> tuple[str, ...]:
        """The facts of which rules ask whether the line itself states them."""
        names = occurring_in(self.decision) if self.decision is not None else ()
        return tuple(name.removesuffix(STATED) for name in names if name.endswith(STATED))

    @property
    def names_reasons(self) -> bool:
        """Whether a rule has reason codes of its own."""
        return any(rule.row.reasons for rule in (self.decision.rules if self.decision is not None else ()))

    def within(self, fixed: Fixed | None) -> Standing:
        """The standing of a line of which a fact is fixed."""
        return self if self.decision is None else evolve(self, decision=within(self.decision, fixed))

    def computes_age(self, day: date) -> bool:
        """Whether a rule computes something from an age."""
        rules = self.decision.rules if self.decision is not None else ()
        return any(AGE in facts_of(by_birth(rule.condition, day)) for rule in rules)


def standing(side: Side, code: str, day: date) -> Standing:
    """The standing of a line with a procedure code on a governing day."""
    program, known_on = side.program, side.known_on
    decision = program.decision(day, known_on)
    if decision is None:
        return Standing("not_in_force")
    ever = code in program.ever_listed(known_on)
    if ever and not program.valid(code, day, known_on):
        return Standing("code_not_valid")
    if not decision.open and all(row.code != code for row in decision.listed):
        return Standing(NOT_APPLICABLE)
    if ever:
        return Standing(None, decision)
    stating = decision.stating if decision.open else ()
    return Standing(None, decision, stating) if stating else Standing(NOT_APPLICABLE)
