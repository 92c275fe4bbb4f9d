"""What two versions of a policy decide differently: each kind of difference with a claim that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from attrs import Factory, define, frozen

from compiler import amendments as a
from compiler.diff.circumstances import Circumstance, Place, circumstances
from compiler.diff.claims import Claim, claim_of, paths, smaller, without_facts
from compiler.diff.edits import edit_claims
from compiler.diff.outcomes import Outcomes, Outcoming, cells
from compiler.diff.procedures import procedures
from compiler.diff.side import Side, standing
from compiler.diff.spaces import Apart, common
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge
from compiler.runtime.errors import ClaimError
from compiler.views import views

_MOST_TRIES = 24
NEEDED = "needs_information"


@frozen
class Alone:
    """One amendment of a revision, applied without its others."""

    revision: str
    amendment: a.Amendment


@frozen
class ByContract:
    """A difference that a contract brings out, by excluding a section."""

    section: str


@frozen
class Difference:
    """A line that two versions decide differently, with the claim in which it is the first; `about` says
    what brings it out, where that is more than the versions as a whole.
    """

    kind: str
    claim: Claim
    decisions: tuple[dict[str, Any], dict[str, Any]]
    about: Alone | ByContract | None = None


@frozen
class Comparison:
    """Every kind of difference, and the constructs that were beyond the analysis."""

    differences: tuple[Difference, ...]
    beyond: tuple[Apart, ...]

    @property
    def equal(self) -> bool | None:
        """Whether all claims get the same determinations; None where that is not known."""
        if any(found.kind == "determination" for found in self.differences):
            return False
        return None if self.beyond else True


Key = tuple[object, ...]


def diff(one: Side, other: Side, edits: Sequence[tuple[Alone, Side]] = ()) -> Comparison:
    """Compare two versions over all claims; `edits` are versions that differ from the first by one amendment
    alone, so that one reason does not hide another.
    """
    specs, beyond = common(one.program, other.program)
    search = _Search((one, other), Outcoming(specs, one.program.governed_by), dict.fromkeys(beyond))
    if one.program.governed_by != other.program.governed_by:
        return Comparison((), (Apart("governed", (one.program.governed_by, other.program.governed_by)),))
    search.compare((one, other), None)
    search.incomplete()
    if len(edits) > 1:
        for about, alone in edits:
            search.compare((one, other, alone), about)
    return Comparison(tuple(search.found.values()), tuple(search.beyond))


@define
class _Search:
    sides: tuple[Side, Side]
    outcoming: Outcoming
    beyond: dict[Apart, None]
    found: dict[Key, Difference] = Factory(dict)
    _whole: list[Claim] = Factory(list)

    def compare(self, sides: tuple[Side, ...], about: Alone | None) -> None:
        """Look for differences of the first two sides on all days; with a third, which the first has too from
        the third.
        """
        for days in _days(sides):
            codes = procedures(sides, days)
            for code in codes:
                standings = tuple(standing(*each) for each in zip(sides, (code,) * len(sides), days, strict=True))
                place = Place(sides, days, code, standings)
                try:
                    self._place(place, codes, about)
                except TooLarge:
                    self.beyond[Apart("too large", ())] = None
                if about is None:
                    self._edits(place)

    def _place(self, place: Place, codes: Sequence[str], about: Alone | None) -> None:
        space, root = self.outcoming.outcomes(place, Circumstance())
        for circumstance in circumstances(place, codes, cells(space)):
            space, root = self.outcoming.outcomes(place, circumstance)
            for leaf in space.diagram.leaves(root):
                key = _key(leaf, about)
                if key is not None and key not in self.found:
                    self._witness(place, circumstance, space, root, key, about)

    def _witness(
        self, place: Place, circumstance: Circumstance, space: Space, root: Node, key: Key, about: Alone | None
    ) -> None:
        """Show a difference by a claim, decided by both versions; else name what it hangs on."""
        loose: set[Apart] = set()
        for path in islice(paths(space, root, lambda leaf: _key(leaf, about) == key), _MOST_TRIES):
            claim = claim_of(place, circumstance, space, path)
            if self.register(claim, about, key):
                self._whole.append(claim)
                return
            loose |= {Apart.of(space.variables[level]) for level in path}
        loose.discard(Apart("exact", ()))
        self.beyond.update(dict.fromkeys(sorted(loose) or [Apart("not reproduced", ())]))

    def register(self, claim: Claim, about: Alone | ByContract | None, key: Key | None = None) -> bool:
        """Keep a claim if the versions decide it differently (as `key` says), made as small as it can be."""
        shown = self._shown(claim, about)
        if shown is None or (key is not None and shown != key):
            return False
        if shown not in self.found:
            claim = smaller(claim, lambda less: self._shown(less, about) == shown)
            one, other = self._decisions(claim)
            assert one is not None and other is not None
            self.found[shown] = Difference(str(shown[0]), claim, (one, other), about)
            self._by_contract(claim)
        return True

    def _decisions(self, claim: Claim) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        found = []
        for side in self.sides:
            try:
                found.append(side.decide(claim))
            except ClaimError:
                found.append(None)
        return found[0], found[1]

    def _shown(self, claim: Claim, about: object) -> Key | None:
        """In what kind the decisions of a claim's first line differ."""
        one, other = self._decisions(claim)
        if one is None or other is None:
            return None
        first, second = one["lines"][0], other["lines"][0]
        if first["determination"] != second["determination"]:
            return "determination", first["determination"], second["determination"], about
        if any(first.get(part) != second.get(part) for part in ("rules", "unsure")):
            return "rules", first["determination"], about
        if any(first.get(part) != second.get(part) for part in ("missing", "missing_complete", "exact")):
            return "missing", about
        if first["edits"] != second["edits"]:
            kinds = [sorted({edit["kind"] for edit in line["edits"]}) for line in (first, second)]
            return "edits", *map(tuple, kinds), about
        return None

    def _by_contract(self, claim: Claim) -> None:
        """Where other sections give the determination, a contract that excludes one can change it."""
        one, other = self._decisions(claim)
        assert one is not None and other is not None
        first, second = one["lines"][0], other["lines"][0]
        if first["determination"] != second["determination"]:
            return
        for section in sorted(set(first["rules"]) ^ set(second["rules"])):
            start = min(str(line["service_date"]) for line in (first, second))
            excluded = {"exclusions": [{"section": section, "from": start}]}
            self.register({**claim, "contract": {**claim.get("contract", {}), **excluded}}, ByContract(section))

    def _edits(self, place: Place) -> None:
        for claim in edit_claims(place):
            shown = self._shown(claim, None)
            if shown is not None and shown[0] == "edits":
                self.register(claim, None)

    def incomplete(self) -> None:
        """Claims that leave something out, of which another question is asked."""
        for claim in self._whole:
            if any(found.kind == "missing" for found in self.found.values()):
                return
            for less in without_facts(claim):
                shown = self._shown(less, None)
                if shown is not None and shown[0] == "missing":
                    self.register(less, None)
                    break


def _key(leaf: tuple[Outcomes, ...], about: Alone | None) -> Key | None:
    """In what kind the outcomes of two sides differ, and of a third from the first."""
    one, other, *alone = (_decided(outcomes) for outcomes in leaf)
    if alone and alone[0] == one:
        return None
    if one[0] != other[0]:
        return "determination", one[0], other[0], about
    return ("rules", one[0], about) if one != other else None


def _decided(outcomes: Outcomes) -> tuple[object, ...]:
    """The determination, and the sections that give it always and sometimes; none while it is open."""
    determinations = {determination for determination, _ in outcomes}
    if len(determinations) > 1:
        return (NEEDED,)
    sections = [speaking for _, speaking in outcomes]
    return *determinations, frozenset.intersection(*sections), frozenset.union(*sections)


def _days(sides: tuple[Side, ...]) -> Iterator[tuple[date, ...]]:
    """Days, one a side, that show all that the calendar can tell apart: first those on which the second
    side's last revision came, then those after and before it.
    """
    moved = [side.day for side in sides if side.day is not None]
    if moved:
        yield tuple(moved)
        return
    cuts = sorted({day for side in sides for day in side.program.lowering.day_cuts})
    pivot = max(side.program.consolidated.effective_days[-1] for side in sides)
    governed_by = sides[0].program.governed_by
    for day, following in sorted(_stretches(cuts), key=lambda s: (s[0] < pivot, abs(s[0] - pivot))):
        decisions = [side.program.decision(day, side.known_on) for side in sides]
        standing = [decision for decision in decisions if decision is not None]
        if not standing or _alike(sides, decisions):
            continue
        for view in views(standing, governed_by, day, following):
            yield (view,) * len(sides)


def _stretches(cuts: Sequence[date]) -> Iterable[tuple[date, date]]:
    """The first and the last day of each stretch."""
    for day, following in zip(cuts, [*cuts[1:], None], strict=True):
        yield day, following - timedelta(days=1) if following else date.max


def _alike(sides: tuple[Side, ...], decisions: Sequence[object]) -> bool:
    """Whether the first two sides cannot decide a line of some days differently: text and codes are the same."""
    one, other = sides[:2]
    if decisions[0] != decisions[1] or one.program.code_rows != other.program.code_rows:
        return False
    if one.known_on != other.known_on and any(row.posted for row in one.program.code_rows):
        return False
    listed = [{code for row in s.program.visible(s.known_on) for code in row.lists} for s in (one, other)]
    return listed[0] == listed[1] and one.program.absent == other.program.absent
