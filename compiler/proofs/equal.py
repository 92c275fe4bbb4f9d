"""What the author states of another policy: it decides the same lines alike. Proved or refuted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from attrs import Factory, define, evolve

from compiler.diff.circumstances import Circumstance, Place, Untold, circumstances, telling
from compiler.diff.claims import Claim, claim_of, paths, smaller
from compiler.diff.limits import limit_claims
from compiler.diff.outcomes import NEEDED, Outcomes, Outcoming, cells, determined
from compiler.diff.procedures import asked_codes, procedures
from compiler.diff.side import Side, Standing, both, standing
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart, common
from compiler.diff.tries import Tries
from compiler.diff.unstated import facts_computed
from compiler.diff.watch import Watch
from compiler.diff.witness import claims
from compiler.ir import decision as d
from compiler.ir.occurring import occurring_in
from compiler.lower import lowered
from compiler.model import Promise
from compiler.proofs.statement import HOLDS, Statement, asking, meets
from compiler.questions.views import views
from compiler.runtime.cells import Space
from compiler.runtime.derive import derive
from compiler.runtime.diagram import Node, TooLarge
from compiler.runtime.limits import ALLOWED
from compiler.runtime.reader import read_claim

Told = tuple[str, tuple[tuple[str, str], ...]]
"""The determination of a line, and of the units above a limit how many they are, and theirs."""

Pair = tuple[Told, Told]
"""What this policy says, and the other."""

Leaf = tuple[Outcomes, ...]
"""What a line comes to by this policy, by the other, and by the criteria within which they are equal."""


def equal(side: Side, other: Side, promise: Promise, watch: Watch, solver: Solver | None = None) -> Statement:
    """Whether two policies give the same determinations where a statement speaks: on those of its days on
    which the first is in force, of lines that meet its criteria as the first sees them, and to one who knows
    what the sides do. Not compared are other days, and lines that do not state their governing date.
    """
    specs, apart, unlike = common(side.program, other.program)
    outcoming = Outcoming(specs, side.program.governed_by, unlike)
    search = _Search(side, other, promise, outcoming, watch, Arithmetic(solver))
    claim = search.refuting()
    beyond = sorted({*(a for a in apart if a.facts[0] in search.asked), *search.beyond})
    found = side.decided(claim) if claim is not None else None
    return Statement(
        "claim",
        promise.title,
        False if claim is not None else None if beyond else True,
        claim=claim,
        decision=found,
        span=promise.span,
        compared=(side, other),
        beyond=tuple(beyond) if claim is None else (),
        solved=search.arithmetic.solved,
    )


@define(eq=False)
class _Search:
    side: Side
    other: Side
    promise: Promise
    outcoming: Outcoming
    watch: Watch
    arithmetic: Arithmetic
    asked: set[str] = Factory(set)
    """The facts of which either policy asks where the statement speaks."""
    beyond: set[Apart] = Factory(set)
    _tries: Tries = Factory(Tries)

    def refuting(self) -> Claim | None:
        """A claim that the policies decide differently where the statement speaks."""
        for place, codes in self._places():
            self.watch(f'"{self.promise.title}": {place.days[0]} {place.code}')
            shown: dict[bool, tuple[Claim, Pair]] = {}
            try:
                for claim in self._claims(place, codes):
                    found = self._refuted_by(claim)
                    if found is not None:
                        shown.setdefault(NEEDED in (found[0][0], found[1][0]), (claim, found))
                    if False in shown:
                        break
            except TooLarge:
                self.beyond.add(Apart("too large", ()))
            except Untold as untold:
                self.beyond.add(untold.apart)
            if shown:
                # Of what both decide more is seen than of what one of them leaves open.
                claim, pair = shown[min(shown)]
                return smaller(claim, lambda less: self._refuted_by(less) == pair)  # noqa: B023
        return None

    def _places(self) -> Iterator[tuple[Place, Sequence[str]]]:
        """Lines that show all that days and procedure codes tell apart, with the codes of lines beside."""
        sides = (self.side, self.other)
        validity, governed_by = self.promise.validity, self.side.program.governed_by
        ends = [day for day in (validity.start, validity.end) if day is not None]
        cuts = sorted({*ends, *self.side.program.day_cuts, *self.other.program.day_cuts})
        lasts = [day - timedelta(days=1) for day in cuts[1:]] + [date.max]
        for first, last in zip(cuts, lasts, strict=True):
            decisions = [side.program.decision(first, side.known_on) for side in sides]
            stands = decisions[0]
            if stands is None or not validity.on(first):
                continue
            criteria = self.promise.criteria
            within = (
                lowered(criteria, self.side.program.lowering, first, self.side.known_on)
                if criteria
                else d.ALWAYS
            )
            speaks = asking(within, stands, self.promise.span)
            all_three = [*(each for each in decisions if each is not None), speaks]
            for day in views(all_three, governed_by, (first, last)):
                codes = procedures(sides, (day, day), list(asked_codes(speaks)))
                for code in codes:
                    standings = (*(standing(each, code, day) for each in sides), Standing(None, speaks))
                    place = Place((*sides, self.side), (day,) * 3, code, standings)
                    yield from ((part, codes) for part in place.parts(self.outcoming.specs))

    def _claims(self, place: Place, codes: Sequence[str]) -> Iterator[Claim]:
        """Claims that may show a difference; what of it none can show is noted as beyond the analysis."""
        unlike = self.outcoming.unlike_at(place)
        if unlike:
            self.beyond |= {Apart("fact", (fact,)) for fact in unlike}
            return
        stated, whole = self.outcoming.outcomes(place, Circumstance())
        if not any(_speaks(leaf) for leaf in stated.diagram.leaves(whole)):
            return
        two = evolve(place, sides=place.sides[:2], days=place.days[:2], standings=place.standings[:2])
        for stands in two.standings:
            self.asked |= set(occurring_in(stands.decision)) if stands.decision is not None else set()
            self.asked |= set(stands.stating)
        yield from self._limits(place, stated, whole)
        if self.outcoming.alike(two, 1) and not telling(two, codes):
            return
        for circumstance in circumstances(place, codes, stated.facts(), cells(stated)):
            space, root = self.outcoming.outcomes(place, circumstance)
            differing = {key for leaf in space.diagram.leaves(root) if (key := _key(leaf)) is not None}
            for key in sorted(differing):
                sought = Sought(place, space, root, partial(_shows, key), circumstance)
                tried = self._tries.of(key, sought.paths())
                self.beyond |= yield from claims(sought, tried, self.arithmetic)
            yield from self._left_out(place, circumstance, space, root)

    def _left_out(
        self, place: Place, circumstance: Circumstance, space: Space, root: Node
    ) -> Iterator[Claim]:
        """Claims for what leaves out numbers of what is computed."""
        sought = Sought(place, space, root, _differs, circumstance)
        for found in self.arithmetic.left_out(sought):
            yield from found
            if any(self._refuted_by(claim) is not None for claim in found):
                return
            self.beyond.add(Apart("computed", facts_computed(space, root)))

    def _limits(self, place: Place, space: Space, root: Node) -> Iterator[Claim]:
        """Claims for what both policies allow, where they limit it differently."""

        def apart(leaf: Leaf) -> bool:
            if not _speaks(leaf) or {determined(leaf[0]), determined(leaf[1])} != {ALLOWED}:
                return False
            one, other = (_limits(*each) for each in zip(leaf[:2], place.standings[:2], strict=True))
            return one != other or (bool(one) and not self._same_codes())

        for path in self._tries.of("limits", paths(space, root, apart)):
            yield from limit_claims(place, claim_of(place, Circumstance(), space, path))
            self.beyond.add(Apart("limits", ()))

    def _decisions(self, claim: Claim) -> Pair | None:
        """What the policies say of a claim's first line; None where one cannot read it."""
        decisions = both((self.side, self.other), claim)
        if decisions is None:
            return None
        one, other = decisions
        return _told(one["lines"][0]), _told(other["lines"][0])

    def _same_codes(self) -> bool:
        """Whether procedure codes are the same to both, and stand for the same."""
        one, other = (
            [row for row in side.program.code_rows if row.system == "procedure"]
            for side in (self.side, self.other)
        )
        return one == other

    def _refuted_by(self, claim: Claim) -> Pair | None:
        """What the policies say of a claim that meets the criteria, if that differs."""
        decisions = self._decisions(claim)
        if decisions is None or decisions[0] == decisions[1]:
            return None
        program = self.side.program
        read = read_claim(claim, program.schema, lambda _: None)
        day = program.governing(read, read.lines[0])
        version = program.version(day, self.side.known_on) if day is not None else None
        if day is None or version is None or not self.promise.validity.on(day):
            return None
        if not self.promise.criteria:
            return decisions
        facts = derive(program, version, read, read.lines[0], day, self.side.known_on)
        asked = lowered(self.promise.criteria, program.lowering, day, self.side.known_on)
        holds = meets(asked, facts)
        return decisions if holds is True else None


def _speaks(leaf: Leaf) -> bool:
    """Whether the criteria hold, whatever is open."""
    return {held for held, _ in leaf[2]} == {HOLDS}


def _told(line: dict[str, Any]) -> Told:
    over = [edit for edit in line["edits"] if edit["kind"] == "units_over_limit"]
    return line["determination"], tuple(sorted((edit["over"], edit["determination"]) for edit in over))


def _limits(outcomes: Outcomes, stands: Standing) -> set[d.LimitRow]:
    """The limits of the sections that give an outcome, whatever these are called."""
    speaking = {section for _, sections in outcomes for section in sections}
    rows = stands.decision.limits if stands.decision is not None else ()
    return {
        row._replace(section="", shown="", cites=None, assumption=None, reasons=None)
        for row in rows
        if row.section in speaking
    }


def _key(leaf: Leaf) -> tuple[str, str] | None:
    """What the policies determine where that differs, and the criteria hold."""
    one, other = determined(leaf[0]), determined(leaf[1])
    return (one, other) if one != other and _speaks(leaf) else None


def _shows(key: tuple[str, str], leaf: Leaf) -> bool:
    return _key(leaf) == key


def _differs(leaf: Leaf) -> bool:
    return _key(leaf) is not None
