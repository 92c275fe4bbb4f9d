"""A claim of which sections say different things, where conditions are told apart only loosely."""

from __future__ import annotations

from functools import partial

from compiler.diff.circumstances import Circumstance
from compiler.diff.claims import Claim, smaller
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.side import Side
from compiler.diff.solving import Arithmetic
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart
from compiler.diff.tries import few
from compiler.diff.witness import claims, witness
from compiler.ir.decision import Decision
from compiler.proofs.statement import places
from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.diagram import TooLarge
from compiler.runtime.errors import ClaimError
from compiler.runtime.questions import REVIEW
from compiler.runtime.reader import read_claim


def overlapping(side: Side, arithmetic: Arithmetic) -> tuple[Claim | None, set[Apart]]:
    """A claim that is put to a reviewer because its sections contradict each other, if one is found, and what
    kept the answer from being exact.
    """
    outcoming = Outcoming(side.program.specs, side.program.governed_by)
    contradicts = partial(_contradicts, side)
    beyond: set[Apart] = set()
    for place in places(side):
        (stands,) = place.standings
        if stands.decision is None:
            continue
        try:
            space, root = outcoming.outcomes(place, Circumstance())
        except TooLarge:
            beyond.add(Apart("too large", ()))
            continue
        sought = Sought(place, space, root, partial(_differ, stands.decision))
        found, more = witness(claims(sought, few(sought.paths()), arithmetic), contradicts)
        if found is not None:
            return smaller(found, contradicts), set()
        beyond |= more
    return None, beyond


def _differ(decision: Decision, leaf: tuple[Outcomes, ...]) -> bool:
    """Whether sections of different determinations may speak together: a person then decides."""
    ((determination, sections),) = leaf[0]
    said = {rule.determination for rule in decision.rules if rule.section in sections}
    return determination == REVIEW and len(said) > 1


def _contradicts(side: Side, claim: Claim) -> bool:
    """Whether sections that speak of a claim's first line, whatever of it is open, say different things."""
    try:
        read = read_claim(claim, side.program.schema)
    except ClaimError:
        return False
    made = adjudicate(side.program, read, read.lines[0], side.known_on)
    if made.finding.determination != REVIEW or made.version is None or made.facts is None:
        return False
    held = zip(made.version.rules, made.version.held(made.facts), strict=True)
    speaking = [(rule, own.holds) for rule, own in held if rule.section in made.finding.rules]
    may = [(rule, holds) for rule, holds in speaking if holds is not False]
    surely = {rule.determination for rule, holds in may if holds}
    one_each = len({rule.section for rule, _ in may}) == len(may)
    return len(surely) > 1 or (one_each and len({rule.determination for rule, _ in may}) > 1)
