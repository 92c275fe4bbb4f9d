"""Claims whose decisions may rest on an assumption: by what they state, leave out, or say on another line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, claim_of, paths, without_facts
from compiler.diff.limits import limit_claims
from compiler.diff.lists import with_lists
from compiler.diff.outcomes import Outcoming
from compiler.diff.procedures import procedures
from compiler.diff.side import Side, standing
from compiler.ir.decision import Decision
from compiler.program import Program
from compiler.runtime.diagram import TooLarge

_MOST_WAYS = 8
_MOST_CLAIMS = 4_000


def assumed_claims(program: Program) -> Iterator[Claim]:
    """Claims that come to each outcome in some ways, and each without one of its facts."""
    side = Side(program)
    outcoming = Outcoming(program.specs, program.governed_by)
    return islice((claim for place in _places(side) for claim in _claims(place, outcoming)), _MOST_CLAIMS)


def _places(side: Side) -> Iterator[Place]:
    for day in side.program.day_cuts:
        for code in procedures((side,), (day,)):
            stands = standing(side, code, day)
            if stands.decision is not None:
                yield Place((side,), (day,), code, (stands,))


def _claims(place: Place, outcoming: Outcoming) -> Iterator[Claim]:
    (stands,) = place.standings
    assert stands.decision is not None
    try:
        space, root = outcoming.outcomes(place, Circumstance())
    except TooLarge:
        return
    for leaf in space.diagram.leaves(root):
        for path in islice(paths(space, root, leaf.__eq__), _MOST_WAYS):
            whole = claim_of(place, Circumstance(), space, path)
            for claim in (whole, *with_lists(place, space, path, whole)):
                yield claim
                yield from without_facts(claim)
                yield from _beside(place, stands.decision, claim)
                yield from limit_claims(place, claim)


def _beside(place: Place, decision: Decision, claim: Claim) -> Iterator[Claim]:
    """The claim with a second line: one that it needs, or one that says what it takes as evidence."""
    line = claim["lines"][0]
    second = {"line": 2, "procedure": place.code, "service_date": line["service_date"]}
    for row in decision.listed:
        for need, _ in row.needs if row.code == place.code else ():
            yield {**claim, "lines": [line, {**second, "procedure": need}]}
    for rule in decision.evidence:
        key = rule.fact.partition(".")[2]
        if key in line:
            left = {name: said for name, said in line.items() if name != key}
            yield {**claim, "lines": [left, {**second, key: line[key]}]}
