"""Which determinations some claim gets, and on which days the sections have nothing to say."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import partial

from attrs import Factory, define

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, smaller
from compiler.diff.outcomes import Outcomes, Outcoming
from compiler.diff.side import Side
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart, for_certain
from compiler.diff.tries import Tries, few
from compiler.diff.watch import Watch, unwatched
from compiler.diff.witness import claims, witness
from compiler.ir.decision import Decision
from compiler.proofs.statement import Statement, places
from compiler.runtime.diagram import TooLarge


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
    yield from search.gaps()


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
    may_speak: dict[str, dict[date, set[Apart]]] = Factory(dict)
    """Of sections, the days on which it is not known whether they speak, and why."""
    _looked: dict[Hashable, dict[str, set[Apart]]] = Factory(dict)
    """Of what is asked at places, the sections that speak, or may: with what keeps that from being known."""
    _tries: Tries = Factory(Tries)

    def look(self, place: Place) -> None:
        """Look for what a place comes to."""
        (stands,) = place.standings
        if stands.decision is None:
            return
        self.said.update(dict.fromkeys(rule.determination for rule in stands.decision.rules))
        asked = place.asked()
        if asked not in self._looked:
            self._looked[asked] = self._sections(place, stands.decision)
        for section, beyond in self._looked[asked].items():
            if beyond:
                self.may_speak.setdefault(section, {}).setdefault(place.days[0], set()).update(beyond)
            else:
                self.speaks.setdefault(section, set()).add(place.days[0])

    def _sections(self, place: Place, decision: Decision) -> dict[str, set[Apart]]:
        """The sections that speak at a place, or may; what it comes to is noted."""
        try:
            space, root = self.outcoming.outcomes(place, Circumstance())
        except TooLarge:
            too_large = {Apart("too large", ())}
            for determination in self.said:
                self.unknown.setdefault(determination, set()).update(too_large)
            return dict.fromkeys((rule.section for rule in decision.rules), too_large)
        spoken: dict[str, None] = {}
        for (outcomes,) in space.diagram.leaves(root):
            for determination, sections in outcomes:
                spoken |= dict.fromkeys(sorted(sections))
                if determination in self.said and determination not in self.reached:
                    sought = Sought(place, space, root, partial(_comes_to, outcomes))
                    self._look_for(determination, sought)
        found = {}
        for section in spoken:
            speaks, beyond = self._speaks(section, Sought(place, space, root, partial(_speaks, section)))
            if speaks or beyond:
                found[section] = beyond
        return found

    def _speaks(self, section: str, sought: Sought) -> tuple[bool, set[Apart]]:
        """Whether a section is seen to speak; if it is not, what keeps that from being known."""
        # Where the diagrams are too large for that, a claim may show it all the same.
        with suppress(TooLarge):
            if for_certain(sought.space, sought.space.diagram.map(sought.root, sought.wanted)):
                return True, set()

        def speaks(claim: Claim) -> bool:
            found = self.side.decided(claim)
            return found is not None and section in found["lines"][0]["rules"]

        tried = self._tries.of(section, sought.paths())
        claim, beyond = witness(claims(sought, tried, Arithmetic(self.solver)), speaks)
        return claim is not None, beyond

    def _look_for(self, determination: str, sought: Sought) -> None:
        """Look for a claim that gets a determination."""
        arithmetic = Arithmetic(self.solver)

        def gets(claim: Claim) -> bool:
            found = self.side.decided(claim)
            return found is not None and found["lines"][0]["determination"] == determination

        claim, beyond = witness(claims(sought, few(sought.paths()), arithmetic), gets)
        if arithmetic.solved:
            self.solved.add(determination)
        if claim is not None:
            claim = smaller(claim, gets)
            self.reached[determination] = claim, self.side.decide(claim)
        elif beyond:
            self.unknown.setdefault(determination, set()).update(beyond)

    def gaps(self) -> Iterator[Statement]:
        """The days between those on which a section speaks, on which it does not, or may not."""
        cuts = self.side.program.day_cuts
        stretches = list(zip(cuts, [*cuts[1:], date.max], strict=True))
        for section in dict.fromkeys((*self.speaks, *self.may_speak)):
            spoken = [_within(self.speaks.get(section, ()), *stretch) for stretch in stretches]
            beyond = [
                {
                    apart
                    for day in _within(self.may_speak.get(section, {}), *stretch)
                    for apart in self.may_speak[section][day]
                }
                for stretch in stretches
            ]
            start, end = _ends(spoken)
            first, last = _ends([days or own for days, own in zip(spoken, beyond, strict=True)])
            mute = [at for at in range(first, last) if not spoken[at]]
            if not mute:
                yield Statement("gap", section, True, section)
            for at in mute:
                days = cuts[at], date.fromordinal(stretches[at][1].toordinal() - 1)
                if start <= at < end and not beyond[at]:
                    yield Statement("gap", section, False, section, days=days)
                else:
                    why = beyond[at] or set().union(*beyond)
                    yield Statement("gap", section, None, section, days=days, beyond=tuple(sorted(why)))


def _within(days: Iterable[date], first: date, behind: date) -> list[date]:
    """The days of a stretch."""
    return [day for day in days if first <= day < behind]


def _ends(found: Sequence[object]) -> tuple[int, int]:
    """Where what is found begins, and behind where it ends."""
    places = [at for at, each in enumerate(found) if each]
    return (places[0], places[-1] + 1) if places else (0, 0)


def _comes_to(outcomes: Outcomes, leaf: tuple[Outcomes, ...]) -> bool:
    return leaf[0] == outcomes


def _speaks(section: str, leaf: tuple[Outcomes, ...]) -> bool:
    return any(section in sections for _, sections in leaf[0])
