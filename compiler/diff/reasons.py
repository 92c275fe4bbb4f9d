"""Claims that two versions decide alike, and of which they name other reason codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, product

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, without_facts
from compiler.diff.kinds import decided, given_otherwise, reasons_differ
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.solving import Arithmetic
from compiler.diff.sought import Sought
from compiler.diff.tries import Tries, few
from compiler.diff.watch import Watch
from compiler.diff.witness import Claims, claims
from compiler.runtime.questions import DENIALS

_MOST_LESS = 25
_MOST_CELLS = 2


def named(outcoming: Outcoming, place: Place, circumstance: Circumstance, tries: Tries) -> Claims:
    """Claims for sections that name other codes of what they deny."""
    space, root = outcoming.outcomes(place, circumstance, reasons=True)
    sought = Sought(place, space, root, reasons_differ, circumstance)
    return claims(sought, tries.of(named, sought.paths()), Arithmetic())


def dated(outcoming: Outcoming, place: Place) -> Iterator[Claim]:
    """Claims for determinations that are given codes on one day which are not yet valid on another."""
    if len(set(place.days)) > 1:
        space, root = outcoming.outcomes(place, Circumstance())
        sought = Sought(place, space, root, partial(given_otherwise, place.days))
        yield from map(sought.claim, few(sought.paths()))


def left_open(
    outcoming: Outcoming, where: Iterable[tuple[Place, Circumstance]], tries: Tries, watch: Watch
) -> Iterator[Claim]:
    """Claims that leave something out: that they are denied is sure, but not which rule names the codes."""
    for place, circumstance in where:
        watch(f"{place.days[0]} {place.code}: reason codes")
        space, root = outcoming.outcomes(place, circumstance)
        sought = Sought(place, space, root, _denied, circumstance)
        asked = {at: len(v.values) for at, v in enumerate(space.variables) if not v.loose}
        for path, cell in product(tries.of(left_open, sought.paths()), range(_MOST_CELLS)):
            whole = {at: min(cell, count - 1) for at, count in asked.items()} | path
            yield from islice(without_facts(sought.claim(whole)), _MOST_LESS)


def _denied(leaf: tuple[Outcomes, ...]) -> bool:
    """Whether both sides deny, by the same sections."""
    one, other = map(decided, leaf)
    return one == other and one[0] in DENIALS
