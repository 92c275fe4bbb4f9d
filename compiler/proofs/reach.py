"""Which determinations some claim gets, and on which days the sections have nothing to say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import date
from functools import partial
from itertools import islice

from attrs import Factory, define

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import claim_of, paths, smaller
from compiler.diff.lists import with_lists
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.side import Side
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.spaces import Apart, loosely
from compiler.diff.watch import Watch, unwatched
from compiler.proofs.statement import Statement, decided, places
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge

_MOST_TRIES = 24


def reach(side: Side, watch: Watch = unwatched, solver: Solver | None = None) -> Iterator[Statement]:
    """Each determination of the text, with a claim that gets it; each section, with days on which it is
    mute.
    """
    search = _Search(side, Outcoming(side.program.specs, side.program.governed_by), solver)
    for place in places(side):
        watch(f"{place.days[0]} {place.code}: {len(search.reached)} determinations reached")
        search.look(place)
    for determination in search.said:
        found = search.reached.get(determination)
        known = True if found else None if determination in search.unknown else False
        claim, decision = found if found else (None, None)
        yield Statement(
            "reachable",
            determination,
            known,
            claim=claim,
            decision=decision,
            beyond=tuple(sorted(search.unknown.get(determination, ()))) if known is None else (),
            solved=determination in search.solved,
        )
    yield from _gaps(side, search.speaks)


@define
class _Search:
    side: Side
    outcoming: Outcoming
    solver: Solver | None
    said: dict[str, None] = Factory(dict)
    reached: dict[str, tuple[dict[str, object], dict[str, object]]] = Factory(dict)
    unknown: dict[str, set[Apart]] = Factory(dict)
    solved: set[str] = Factory(set)
    """Determinations about which a solver of arithmetic had to be asked."""
    speaks: dict[str, set[date]] = Factory(dict)
    _looked: dict[Hashable, set[str]] = Factory(dict)
    """Of what is asked at places, the sections that speak."""

    def look(self, place: Place) -> None:
        """Look for what a place comes to."""
        (stands,) = place.standings
        if stands.decision is None:
            return
        self.said.update(dict.fromkeys(rule.determination for rule in stands.decision.rules))
        asked = place.asked()
        if asked not in self._looked:
            self._looked[asked] = self._sections(place)
        for section in self._looked[asked]:
            self.speaks.setdefault(section, set()).add(place.days[0])

    def _sections(self, place: Place) -> set[str]:
        """The sections that speak at a place; what it comes to is noted."""
        found: set[str] = set()
        try:
            space, root = self.outcoming.outcomes(place, Circumstance())
        except TooLarge:
            for determination in self.said:
                self.unknown.setdefault(determination, set()).add(Apart("too large", ()))
            return found
        for (outcomes,) in space.diagram.leaves(root):
            for determination, sections in outcomes:
                found |= sections
                if determination in self.said and determination not in self.reached:
                    self._look_for(determination, place, space, root, partial(_comes_to, outcomes))
        return found

    def _look_for(
        self,
        determination: str,
        place: Place,
        space: Space,
        root: Node,
        comes: Callable[[tuple[Outcomes, ...]], bool],
    ) -> None:
        """Look for a claim that gets a determination."""
        loose: set[Apart] = set()
        for path in islice(paths(space, root, comes), _MOST_TRIES):
            claim = claim_of(place, Circumstance(), space, path)
            tries = (claim, *with_lists(place, space, path, claim))
            if any(self._reached(each, determination) for each in tries):
                return
            loose |= loosely(space, path)
        arithmetic = Arithmetic(self.solver)
        claims = arithmetic.claims(place, Circumstance(), space, root, comes)
        if arithmetic.solved:
            self.solved.add(determination)
        if claims != [] and not any(self._reached(each, determination) for each in claims or ()):
            self.unknown.setdefault(determination, set()).update(loose or {Apart("not reproduced", ())})

    def _reached(self, claim: dict[str, object], determination: str) -> bool:
        def gets(claim: dict[str, object]) -> bool:
            found = decided(self.side, claim)
            return found is not None and found["lines"][0]["determination"] == determination

        if not gets(claim):
            return False
        claim = smaller(claim, gets)
        self.reached[determination] = claim, self.side.decide(claim)
        return True


def _comes_to(outcomes: Outcomes, leaf: tuple[Outcomes, ...]) -> bool:
    return leaf[0] == outcomes


def _gaps(side: Side, speaks: dict[str, set[date]]) -> Iterator[Statement]:
    """The days between those on which a section speaks, on which it does not."""
    cuts = side.program.day_cuts
    for section, days in speaks.items():
        spoken = [
            any(first <= day < last for day in days)
            for first, last in zip(cuts, [*cuts[1:], date.max], strict=True)
        ]
        start, end = spoken.index(True), len(spoken) - spoken[::-1].index(True)
        mute = [at for at in range(start, end) if not spoken[at]]
        if not mute:
            yield Statement("gap", section, True, section)
        for at in mute:
            last = date.fromordinal(cuts[at + 1].toordinal() - 1)
            yield Statement("gap", section, False, section, days=(cuts[at], last))
