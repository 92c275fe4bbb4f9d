"""A claim of which sections say different things, where conditions are told apart only loosely."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

from compiler.diff.circumstances import Circumstance
from compiler.diff.claims import claim_of, paths, smaller
from compiler.diff.lists import with_lists
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.side import Side
from compiler.ir.decision import Decision
from compiler.proofs.statement import decided, places

_MOST_TRIES = 24


def overlapping(side: Side) -> dict[str, Any] | None:
    """A claim that is put to a reviewer because its sections contradict each other, if one is found."""
    outcoming = Outcoming(side.program.specs, side.program.governed_by)
    contradicts = partial(_contradicts, side)
    for place in places(side):
        (stands,) = place.standings
        if stands.decision is None:
            continue
        space, root = outcoming.outcomes(place, Circumstance())
        for path in islice(paths(space, root, partial(_differ, stands.decision)), _MOST_TRIES):
            claim = claim_of(place, Circumstance(), space, path)
            for each in (claim, *with_lists(place, space, path, claim)):
                if contradicts(each):
                    return smaller(each, contradicts)
    return None


def _differ(decision: Decision, leaf: tuple[Outcomes, ...]) -> bool:
    """Whether sections of different determinations speak together."""
    ((_, sections),) = leaf[0]
    return len({rule.determination for rule in decision.rules if rule.section in sections}) > 1


def _contradicts(side: Side, claim: dict[str, Any]) -> bool:
    found = decided(side, claim)
    line = found["lines"][0] if found is not None else {}
    return line.get("determination") == "manual_review" and line.get("exact") is False
