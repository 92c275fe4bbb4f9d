"""What the author states of all claims, proved or refuted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from attrs import Factory, define, evolve

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, put, smaller, without_facts
from compiler.diff.edits import More
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.side import Side
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart
from compiler.diff.tries import few
from compiler.diff.unstated import without
from compiler.diff.watch import Watch, unwatched
from compiler.diff.witness import claims, witness
from compiler.ir import decision as d
from compiler.ir.outcomes import PROCEDURE
from compiler.lower import lowered
from compiler.model import DETERMINATIONS, Criterion, Promise
from compiler.proofs.equal import equal
from compiler.proofs.statement import HOLDS, Statement, asking, meets, places
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.codes import Interval
from compiler.runtime.diagram import TooLarge
from compiler.runtime.reader import read_claim
from compiler.runtime.scalars import UNDECLARED, witnesses


def promised(
    side: Side, others: Mapping[str, Side], watch: Watch = unwatched, solver: Solver | None = None
) -> Iterator[Statement]:
    """Each statement of the author, with a claim that refutes it; `others` are the policies to which some say
    that this one is equal, by package.
    """
    for promise in side.program.consolidated.policy.promises:
        watch(f'"{promise.title}"')
        if promise.equal_to is not None:
            other = others.get(promise.equal_to)
            missing = (Apart("other", (promise.equal_to,)),)
            yield (
                equal(side, other, promise, watch, solver)
                if other is not None
                else Statement("claim", promise.title, None, span=promise.span, beyond=missing)
            )
            continue
        rest = [name for name in DETERMINATIONS if name not in promise.determinations]
        forbidden = frozenset(rest if promise.always else promise.determinations)
        yield _Asked(side, promise, forbidden, Arithmetic(solver)).statement()


@define(eq=False)
class _Asked:
    """One statement of the author, and the determinations that refute it where it speaks."""

    side: Side
    promise: Promise
    forbidden: frozenset[str]
    arithmetic: Arithmetic
    beyond: set[Apart] = Factory(set)

    def statement(self) -> Statement:
        """Whether it is true of all claims."""
        outcoming = Outcoming(self.side.program.specs, self.side.program.governed_by)
        validity = self.promise.validity
        ends = [day for day in (validity.start, validity.end) if day is not None]
        spoken = (
            place
            for place in places(self.side, ends, self._beside, self.promise.known)
            if validity.on(place.days[0])
        )
        for place in spoken:
            try:
                ways = list(self._ways(place, outcoming))
            except TooLarge:
                self.beyond.add(Apart("too large", ()))
                continue
            for way in ways:
                more = partial(self._unsaid, way.place) if self.promise.known else None
                found = claims(way, few(way.paths()), self.arithmetic, more)
                claim, beyond = witness(found, self._refuted_by)
                if claim is not None:
                    return self._said(False, smaller(claim, self._refuted_by))
                self.beyond |= beyond
        return self._said(None if self.beyond else True, None)

    def _said(self, proved: bool | None, claim: dict[str, Any] | None) -> Statement:
        decision = self.side.decided(claim) if claim is not None else None
        promise = self.promise
        return Statement(
            "claim",
            promise.title,
            proved,
            claim=claim,
            decision=decision,
            span=promise.span,
            beyond=tuple(sorted(self.beyond)) if proved is None else (),
            solved=self.arithmetic.solved,
        )

    def _ways(self, place: Place, outcoming: Outcoming) -> Iterator[Sought]:
        """What refutes it of what lines of a place come to. Raises diagram.TooLarge."""
        if place.standings[0].decision is None:
            return
        space, root = outcoming.outcomes(place, Circumstance())
        if self.promise.implied:
            yield Sought(place, space, root, _not_implied)
            return
        if not self.promise.known:
            yield Sought(place, space, root, partial(_held_apart, self.forbidden, self.promise.always))
            return
        for fact in self.promise.known:
            if not self._always_known(place, fact):
                made, left = without(space, root, frozenset({fact}), 1)
                refutes = partial(_only, self.forbidden)
                yield Sought(place, space, made, refutes, left=evolve(left, whatever=True))

    def _always_known(self, place: Place, fact: str) -> bool:
        """Whether a line of a place knows a fact that nobody states: its code gives it, or its absence tells
        it, and it can neither be said unclearly nor do the lines beside dispute it.
        """
        if self.side.program.specs[fact].open:
            return False
        if fact in self.side.surely_given(place.code, place.days[0]):
            return True
        return fact in self.side.program.absent and not _evidence(place, fact)

    def _unsaid(self, place: Place, claim: Claim) -> Iterator[Claim]:
        """Ways not to say the facts that are to be known: what gives them is left out or another code, they
        are said unclearly, or lines beside say different things.
        """
        yield from without_facts(claim)
        program = self.side.program
        for fact in self.promise.known:
            spec = program.specs[fact]
            for giver in program.fact_givers:
                if fact in giver.gives and giver.by != PROCEDURE:
                    rows = tuple((r.low, r.high) for r in program.code_rows if r.system == giver.system)
                    told = d.CodeIs(giver.by, giver.system, rows)
                    for code in witnesses(program.specs[giver.by], [told]):
                        yield More({giver.by: shown_value(giver.by, code)}).of(claim)
            values = list(dict.fromkeys(spec.names.values())) if spec.names else [True, False]
            if spec.open:
                yield More({fact: f"{values[0]} {UNDECLARED}"}).of(claim)
            for codes in _evidence(place, fact):
                beside = tuple(low for low, _ in codes)[:1] if codes else (place.code,)
                disputed = More(beside=beside * 2).of(claim)
                for line, value in zip(disputed["lines"][-2:], values, strict=False):
                    put(disputed, line, fact, value)
                yield disputed

    def _beside(self, stands: d.Decision, day: date) -> list[d.Decision]:
        """The statement's own criteria, and what they imply, each as if they were the only rule."""
        if self.promise.known:
            return []
        bodies = [self.promise.criteria, *([self.promise.implied] if self.promise.implied else [])]
        made = []
        for criteria in bodies:
            condition = self._lowered(criteria, day) if criteria else d.NEVER
            made.append(asking(condition, stands, self.promise.span))
        return made

    def _lowered(self, criteria: tuple[Criterion, ...], day: date) -> d.Condition:
        return lowered(criteria, self.side.program.lowering, day, self.side.known_on)

    def _refuted_by(self, claim: dict[str, Any]) -> bool:
        """Whether a claim is decided against the statement."""
        found = self.side.decided(claim)
        if found is None:
            return False
        if not self.promise.implied and found["lines"][0]["determination"] not in self.forbidden:
            return False
        program = self.side.program
        read = read_claim(claim, program.schema)
        facts = adjudicate(program, read, read.lines[0], self.side.known_on).facts
        day = program.governing(read, read.lines[0])
        if facts is None or day is None:
            return False
        if self.promise.known:
            return any(fact not in facts.values for fact in self.promise.known)
        if not self.promise.criteria:
            return True
        holds = meets(self._lowered(self.promise.criteria, day), facts)
        if self.promise.implied:
            return holds is True and meets(self._lowered(self.promise.implied, day), facts) is False
        return holds is self.promise.always


def _evidence(place: Place, fact: str) -> list[tuple[Interval, ...] | None]:
    """The codes of the lines beside that say a fact, by rule; None for all."""
    decision = place.standings[0].decision
    return [rule.codes for rule in decision.evidence if rule.fact == fact] if decision is not None else []


def _held_apart(forbidden: frozenset[str], always: bool, leaf: tuple[Outcomes, ...]) -> bool:
    """Whether a forbidden determination is given where the criteria hold; or, of never, do not."""
    decides = {determination for determination, _ in leaf[0]} <= forbidden
    return decides and _holds(leaf[1]) is always


def _not_implied(leaf: tuple[Outcomes, ...]) -> bool:
    """Whether the criteria hold, and what they are to imply does not."""
    return _holds(leaf[1]) and not _holds(leaf[2])


def _holds(outcomes: Outcomes) -> bool:
    return HOLDS in {held for held, _ in outcomes}


def _only(forbidden: frozenset[str], leaf: tuple[Outcomes, ...]) -> bool:
    """Whether one forbidden determination is given whatever the fact that is not known."""
    found = {determination for determination, _ in leaf[0]}
    return len(found) == 1 and found <= forbidden
