"""What two versions of a policy decide differently: each kind of difference with a claim that shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import cast

from attrs import Factory, define, evolve

from compiler.diff import reasons
from compiler.diff.circumstances import Circumstance, Place, Untold, circumstances, telling
from compiler.diff.claims import Claim, claim_of, needed, other_value, paths, smaller, without_facts
from compiler.diff.comparison import Alone, ByContract, Comparison, Difference
from compiler.diff.days import days_apart, stretches
from compiler.diff.edits import alike_claims, bare_claims, edit_changes, known_sections
from compiler.diff.kinds import (
    Key,
    decided,
    determinations,
    differs,
    key_between,
    key_of,
    kind,
    settles,
    shows,
)
from compiler.diff.limits import DATE, limit_claims, limits_differ, limits_say_otherwise
from compiler.diff.outcomes import NEEDED, Outcoming, cells
from compiler.diff.procedures import procedures
from compiler.diff.side import Side, both, brought_about, standing
from compiler.diff.solving import Arithmetic, Solver
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart, common
from compiler.diff.tries import Tries, few
from compiler.diff.unstated import facts_computed
from compiler.diff.watch import Stopped, Watch, unwatched
from compiler.diff.witness import claims, witness
from compiler.diff.wording import wordings
from compiler.runtime.ages import AGE
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge
from compiler.runtime.limits import ALLOWED

_MOST_CHANGES = 50
_REASONS: Key = ("reasons", None)


def diff(
    one: Side,
    other: Side,
    edits: Iterable[tuple[Alone, Side]] = (),
    watch: Watch = unwatched,
    solver: Solver | None = None,
) -> Comparison:
    """Compare two versions over all claims; `edits` are versions that differ from the first by one amendment
    alone, so that one reason does not hide another; `solver` is asked about arithmetic. Where Stopped is
    raised into it, with what was found.
    """
    specs, beyond, unlike = common(one.program, other.program)
    outcoming = Outcoming(specs, one.program.governed_by, unlike)
    search = _Search((one, other), outcoming, dict.fromkeys(beyond), watch, Arithmetic(solver))
    if one.program.governed_by != other.program.governed_by:
        governed = Apart("governed", (one.program.governed_by, other.program.governed_by))
        return Comparison((), wordings((one, other)), (governed,))
    try:
        search.compare((one, other), None)
        search.contracts()
        search.incomplete()
        search.doubted()
        search.limited()
        made = list(edits)
        search.attribute(made)
        for about, alone in made:
            search.compare((one, other, alone), about)
    except Stopped:
        search.beyond[Apart("stopped", ())] = None
    found, beyond = tuple(search.found.values()), list(search.beyond)
    solved, unshown, left = search.arithmetic.solved, search.unshown, tuple(search.open)
    return Comparison(found, wordings((one, other)), tuple(beyond), solved, unshown, left)


@define
class _Search:
    sides: tuple[Side, Side]
    outcoming: Outcoming
    beyond: dict[Apart, None]
    watch: Watch
    arithmetic: Arithmetic
    found: dict[Key, Difference] = Factory(dict)
    _whole: list[Claim] = Factory(list)
    _tries: Tries = Factory(Tries)
    _limited: bool | None = None
    unshown: bool = False
    open: dict[tuple[Alone, Apart], None] = Factory(dict)
    _alone: Side | None = None
    _doubted: list[tuple[Place, Circumstance]] = Factory(list)

    def compare(self, sides: tuple[Side, ...], about: Alone | None) -> None:
        """Look for differences of the first two sides on all days; with a third, which the first has too from
        the third.
        """
        looked: set[Hashable] = set()
        self._alone = sides[2] if about is not None else None
        for days in days_apart(sides):
            codes = procedures(sides, days)
            for code in codes:
                self.watch(f"{days[0]} {code}: {len(self.found)} found")
                standings = tuple(standing(side, code, day) for side, day in zip(sides, days, strict=True))
                place = Place(sides, days, code, standings)
                self._parts(place, codes, about, looked)
                if about is None:
                    self._edits(place)
                    self._undated(place)
                    self._ages(place)

    def _parts(self, place: Place, codes: Sequence[str], about: Alone | None, looked: set[Hashable]) -> None:
        """Look at a place, but for what was `looked` at elsewhere: all that lines were to show there they did
        show, and here they can show no more.
        """
        apart = bool(telling(place, codes)) or (about is None and limits_say_otherwise(place))
        if not apart and place.same() in looked:
            return
        unlike = self.outcoming.unlike_at(place)
        if unlike:
            self._unknown([Apart("fact", (fact,)) for fact in unlike], about)
            return
        whole = True
        for part in place.parts(self.outcoming.specs):
            if not apart and any(map(part.alike, range(1, len(part.sides)))):
                continue
            asked = part.asked() if not apart else None
            if asked in looked:
                continue
            shown = False
            try:
                shown = self._place(part, codes, about)
            except TooLarge:
                self._unknown([Apart("too large", ())], about)
                shown = True
            except Untold as untold:
                self._unknown([untold.apart], about)
            if shown and asked is not None:
                looked.add(asked)
            whole = whole and shown
        if whole and not apart:
            looked.add(place.same())

    def _place(self, place: Place, codes: Sequence[str], about: Alone | None) -> bool:
        """Look for differences at a place; whether all that there can be were shown."""
        others = range(1, len(place.sides))
        if about is None:
            any(self.register(claim, None, _REASONS) for claim in reasons.dated(self.outcoming, place))
            self._limits(place)
        if not telling(place, codes) and any(self.outcoming.alike(place, at) for at in others):
            return True
        shown = True
        stated, _ = self.outcoming.outcomes(place, Circumstance())
        for circumstance in circumstances(place, codes, stated.facts(), cells(stated)):
            space, root = self.outcoming.outcomes(place, circumstance)
            for leaf in space.diagram.leaves(root):
                key = key_of(leaf, about)
                if key is not None and key not in self.found:
                    shown = self._witness(place, circumstance, space, root, key, about) and shown
            shown = self._left_out(place, circumstance, space, root, about) and shown
            if about is None:
                shown = self._reasons(place, circumstance) and shown
        return shown

    def _reasons(self, place: Place, circumstance: Circumstance) -> bool:
        """Show that sections name other reason codes for what they deny."""
        if _REASONS in self.found or not any(stands.names_reasons for stands in place.standings):
            return True
        tried = reasons.named(self.outcoming, place, circumstance, self._tries)
        claim, beyond = witness(tried, lambda claim: self.register(claim, None, _REASONS))
        self.unshown = self.unshown or bool(beyond)
        if claim is None and self.outcoming.names_otherwise(place, circumstance):
            self._doubted.append((place, circumstance))
        return not beyond

    def doubted(self) -> None:
        """Where all determinations are the same, claims that leave open which rule names reason codes."""
        if {"determination", "reasons"} & {key[0] for key in self.found}:
            return
        tried = reasons.left_open(self.outcoming, self._doubted, self._tries, self.watch)
        shown = any(self.register(claim, None, _REASONS) for claim in tried)
        self.unshown = self.unshown or bool(self._doubted and not shown)

    def _limits(self, place: Place) -> None:
        """Show how limits of what both sides allow differ; else name them."""
        if not limits_say_otherwise(place):
            return
        space, root = self.outcoming.outcomes(place, Circumstance())
        allowing = paths(space, root, lambda leaf: [decided(own)[0] for own in leaf] == [ALLOWED, ALLOWED])
        for path in few(allowing):
            around = limit_claims(place, claim_of(place, Circumstance(), space, path))
            shown = [self._shown(claim, None) for claim in around if self.register(claim, None)]
            if any(key is not None and key[0] == "determination" for key in shown):
                self._limited = True
                return
        if limits_differ(place):
            self._limited = self._limited or False

    def _witness(
        self,
        place: Place,
        circumstance: Circumstance,
        space: Space,
        root: Node,
        key: Key,
        about: Alone | None,
    ) -> bool:
        """Show a difference by a claim, decided by both versions; else name what it hangs on."""
        sought = Sought(place, space, root, partial(shows, key, about), circumstance)
        last: dict[int, int] = {}

        def tried() -> Iterator[dict[int, int]]:
            for path in self._tries.of(key, sought.paths()):
                last.update(path)
                yield path
                last.clear()

        def keep(claim: Claim) -> set[str]:
            """The facts that are needed on the way that was tried last."""
            asked = {fact for level in last for fact in space.variables[level].facts}
            if circumstance.unstated or place.states_more or not asked.isdisjoint(place.derived):
                # What is left out then is not only open: something else can be derived, or nothing asked.
                return set()
            found = needed(space, root, last, partial(settles, key))
            fixed = place.fixed if NEEDED not in key else None
            if fixed is not None and not self._determined_as(key, other_value(place, claim)):
                found.add(fixed.fact)
            return found

        claim, beyond = witness(
            claims(sought, tried(), self.arithmetic), lambda claim: self.register(claim, about, key, keep)
        )
        if claim is not None:
            self._whole.append(claim)
        self._unknown(sorted(beyond), about)
        return not beyond

    def _left_out(
        self, place: Place, circumstance: Circumstance, space: Space, root: Node, about: Alone | None
    ) -> bool:
        """Show a difference by a claim that leaves out numbers of what is computed; else name that."""
        known = True
        sought = Sought(place, space, root, differs, circumstance)
        for found in self.arithmetic.left_out(sought):
            for claim in found:
                shown = self._shown(claim, about)
                found_so = shown is not None and shown[0] in ("determination", "rules")
                if found_so and self.register(claim, about, shown):
                    return known
            self._unknown([Apart("computed", facts_computed(space, root))], about)
            known = False
        return known

    def _unknown(self, what: list[Apart], about: Alone | None) -> None:
        """Note what was beyond the analysis of the two versions, or of one amendment alone."""
        if about is None:
            self.beyond.update(dict.fromkeys(what))
        else:
            self.open.update(dict.fromkeys((about, apart) for apart in what))

    def register(
        self,
        claim: Claim,
        about: Alone | ByContract | None,
        key: Key | None = None,
        keep: Callable[[Claim], Collection[str]] | None = None,
    ) -> bool:
        """Keep a claim if the versions decide it differently (as `key` says), made as small as it can be;
        `keep` says which facts are known to be needed.
        """
        shown = self._shown(claim, about)
        if shown is None or (key is not None and shown != key):
            return False
        made = partial(brought_about, self.sides[0], self._alone if isinstance(about, Alone) else None)
        alone = made(claim)
        if alone == ():
            return False
        if shown not in self.found:
            kept = keep(claim) if keep is not None else ()
            small = smaller(claim, lambda less: self._still(less, shown, about) and made(less) == alone, kept)
            decisions = both(self.sides, small)
            assert decisions is not None
            self.found[shown] = Difference(str(shown[0]), small, decisions, about)
            if shown[0] == "rules":
                self._by_contract(claim)
        return True

    def _still(self, claim: Claim, shown: Key, about: object) -> bool:
        """Whether the decisions of a claim differ as those of a larger one do."""
        if not self._determined_as(shown, claim):
            return False
        return shown[0] == "determination" or self._shown(claim, about) == shown

    def _determined_as(self, key: Key, claim: Claim) -> bool:
        """Whether a claim gets the determinations of a difference, if that is told by them."""
        wanted = determinations(key)
        return wanted is None or all(
            side.determination(claim) == own for side, own in zip(self.sides, wanted, strict=True)
        )

    def _shown(self, claim: Claim, about: object) -> Key | None:
        """In what kind the decisions of a claim's first line differ."""
        decisions = both(self.sides, claim)
        if decisions is None:
            return None
        first, second = (decision["lines"][0] for decision in decisions)
        return key_between(first, second, about)

    def _by_contract(self, claim: Claim) -> None:
        """Where other sections give the determination, a contract that excludes one can change it."""
        decisions = both(self.sides, claim)
        assert decisions is not None
        first, second = (decision["lines"][0] for decision in decisions)
        speaking = [{*line["rules"], *line.get("unsure", ())} for line in (first, second)]
        for section in sorted((speaking[0] ^ speaking[1]) or speaking[0]):
            start = min(str(line["service_date"]) for line in (first, second))
            contract = {**claim.get("contract", {}), "exclusions": [{"section": section, "from": start}]}
            self.register({**claim, "contract": contract}, ByContract(section))

    def _edits(self, place: Place) -> None:
        """Show edits that differ on lines of which the versions decide the same otherwise."""
        bases: list[Claim] | None = None
        for kinds, changes in edit_changes(place):
            if self._edited.issuperset(kinds):
                continue
            for more in islice(changes, _MOST_CHANGES):
                if bases is None:
                    bases = [*bare_claims(place), *few(alike_claims(place, self.outcoming))]
                for base in bases if not self._edited.issuperset(kinds) else ():
                    claim = more.of(base)
                    if len({side.determination(claim) for side in self.sides}) > 1:
                        continue
                    shown = self._shown(claim, None)
                    if shown is not None and shown[0] == "edits":
                        self.register(claim, None)

    def contracts(self) -> None:
        """Show on a day of which the versions say the same that a contract can name a section of only one."""
        one, other = map(known_sections, self.sides)
        for first, _ in stretches(self.sides) if one != other and self.sides[0].day is None else ():
            days = (first, first)
            for code in procedures(self.sides, days):
                standings = tuple(standing(side, code, first) for side in self.sides)
                self._edits(Place(self.sides, days, code, standings))
                if "unknown_section" in self._edited:
                    return

    @property
    def _edited(self) -> set[str]:
        """The kinds of edits that are shown."""
        return {kind for key in self.found if key[0] == "edits" for kind in cast("tuple[str]", key[1])}

    def _undated(self, place: Place) -> None:
        """A line of which the governing date is not stated is asked for it, if it can concern the policy."""
        if self.outcoming.governed_by != DATE and self.sides[0].day is None:
            for claim in bare_claims(place):
                self.register(claim, None)

    def _ages(self, place: Place) -> None:
        """What is computed from an age is told apart by the age, which is another one on another day."""
        told = zip(place.standings, place.days, strict=True)
        if len(set(place.days)) > 1 and any(stands.computes_age(day) for stands, day in told):
            self._unknown([Apart("computed", (AGE,))], None)

    def limited(self) -> None:
        """Limits that differ, and of which no claim was found that shows another determination by them."""
        if self._limited is False:
            self.beyond[Apart("limits", ())] = None

    def attribute(self, edits: Sequence[tuple[Alone, Side]]) -> None:
        """Say of each difference which amendment alone brings it about, if one does."""
        for key, found in list(self.found.items()):
            for about, alone in edits if found.about is None else ():
                wanted = found.decisions[1]["lines"][0]
                if alone.determination(found.claim) != wanted["determination"]:
                    continue
                if kind(alone.decide(found.claim)["lines"][0], wanted) is None:
                    del self.found[key]
                    self.found[*key[:-1], about] = evolve(found, about=about)
                    break

    def incomplete(self) -> None:
        """Claims that leave something out, of which another question is asked."""
        for claim in self._whole:
            if any(found.kind == "missing" for found in self.found.values()):
                return
            for less in without_facts(claim):
                if any(side.determination(less) != NEEDED for side in self.sides):
                    continue
                shown = self._shown(less, None)
                if shown is not None and shown[0] == "missing":
                    self.register(less, None)
                    break
