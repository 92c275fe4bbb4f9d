"""Rules, rows, exceptions and criteria that no claim needs: without them every line is decided alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from attrs import Factory, define, evolve

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.outcomes import Outcoming
from compiler.diff.side import Side, Standing
from compiler.diff.solving import Arithmetic
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart
from compiler.diff.tries import Tries
from compiler.diff.watch import Stopped, Watch, unwatched
from compiler.diff.witness import claims, witness
from compiler.ir import decision as d
from compiler.ir.occurring import occurring_in
from compiler.ir.outcomes import PROCEDURE
from compiler.proofs.parts import Part, but_for, groups, left, parts
from compiler.proofs.statement import Statement, places
from compiler.proofs.variants import Variants
from compiler.questions.split import refuted
from compiler.questions.views import seen
from compiler.runtime.adjudicate import adjudicate, find, reasons_of
from compiler.runtime.diagram import TooLarge
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim


def alive(side: Side, watch: Watch = unwatched) -> Iterator[Statement]:
    """Of each part whether some line needs it; where Stopped is raised into it, at the end."""
    search = _Search(side, Outcoming(side.program.specs, side.program.governed_by))
    stopped = None
    try:
        for place in places(side):
            watch(f"{place.days[0]} {place.code}: {len(search.needed)} of {len(search.parts)} parts needed")
            search.look(place)
    except Stopped as error:
        stopped = error
        for part in search.parts:
            search.note(part, {Apart("stopped", ())})
    for part, section in search.parts.items():
        kind, needed = part.kind, part in search.needed
        if (
            not needed
            and part not in search.unknown
            and kind == "criterion"
            and search.tells_in_its_group(part)
        ):
            kind = "redundant"
        beyond = search.unknown.get(part, set())
        proved = needed or kind == "redundant" or (None if beyond else False)
        told = () if proved else tuple(sorted(beyond))
        yield Statement(kind, part.name, proved, section, span=part.span, beyond=told)
    if stopped is not None:
        raise stopped


@define
class _Search:
    side: Side
    outcoming: Outcoming
    parts: dict[Part, str] = Factory(dict)
    needed: set[Part] = Factory(set)
    unknown: dict[Part, set[Apart]] = Factory(dict)
    _tries: Tries = Factory(Tries)
    _left: dict[int, tuple[d.Decision, dict[Part, dict[int, d.Named]]]] = Factory(dict)
    """Of decisions, by their ids, what is left of rules without each part."""
    _looked: dict[Hashable, set[Hashable]] = Factory(dict)
    """By what is asked at places, the parts without which it was looked at, and what is left then."""
    _where: dict[Part, list[Place]] = Factory(dict)
    """Places at which different things are asked, by the parts that stand there."""

    def look(self, place: Place) -> None:
        """Look for lines of a place that are decided otherwise without some part."""
        (stands,) = place.standings
        whole = self.side.program.decision(place.days[0], self.side.known_on)
        if stands.decision is None or whole is None:
            return
        looked = self._looked.setdefault(self._asked(place, whole), set())
        here = {id(rule) for rule in stands.decision.rules}
        changed: dict[Part, dict[int, d.Named]] = {}
        for part, ways in self._left_of(whole).items():
            own = {
                at: condition for at, condition in ways.items() if self._can_hold(place, whole, at, condition)
            }
            told = part, tuple((whole.rules[at].row, condition) for at, condition in own.items())
            if own and told not in looked:
                looked.add(told)
                if any(id(whole.rules[at]) in here for at in own):
                    self._where.setdefault(part, []).append(place)
                if part not in self.needed:
                    changed[part] = own
        if changed:
            self._changed(place, whole, changed)

    def _asked(self, place: Place, whole: d.Decision) -> Hashable:
        """What is asked at a place, and can be asked without a part."""
        (stands,) = place.standings
        spans = tuple(rule.span for rule in stands.decision.rules) if stands.decision is not None else ()
        code = place.code if PROCEDURE in occurring_in(whole) else None
        day = seen([whole], self.outcoming.governed_by, place.days[0])
        return place.asked(), whole.overrides, spans, code, day

    def _left_of(self, whole: d.Decision) -> dict[Part, dict[int, d.Named]]:
        if id(whole) not in self._left:
            found = {}
            for part, (section, among) in parts(whole).items():
                self.parts.setdefault(part, section)
                found[part] = left(whole, part, among)
            self._left[id(whole)] = whole, found
        return self._left[id(whole)][1]

    def _can_hold(self, place: Place, whole: d.Decision, at: int, condition: d.Named) -> bool:
        """Whether a rule, or what is left of it, can hold at a place."""
        fixed = place.fixed
        return fixed is None or not (refuted(whole.rules[at].condition, fixed) and refuted(condition, fixed))

    def _changed(
        self, place: Place, whole: d.Decision, changed: Mapping[Part, Mapping[int, d.Named]]
    ) -> None:
        """Look at a place without each of some parts."""
        (stands,) = place.standings
        assert stands.decision is not None
        here = {id(rule) for rule in stands.decision.rules}
        more = {at for own in changed.values() for at in own}
        among = [at for at, rule in enumerate(whole.rules) if at in more or id(rule) in here]
        base = evolve(whole, rules=tuple(whole.rules[at] for at in among))
        place = evolve(place, standings=(evolve(stands, decision=base),))
        asking = self.outcoming.asking(place, Circumstance(), 0)
        if isinstance(asking, str):
            return
        at_base = {at: number for number, at in enumerate(among)}
        conditions = {part: {at_base[at]: each for at, each in own.items()} for part, own in changed.items()}
        truths = [asking(rule.condition) for rule in base.rules]
        others = {
            part: {at: asking(condition) for at, condition in own.items()} for part, own in conditions.items()
        }
        telling = [
            part for part, other in others.items() if any(truths[at] != truth for at, truth in other.items())
        ]
        order = self.outcoming.order(place)
        variants = Variants(base, truths, [others[part] for part in telling], self.outcoming.specs, order)
        for number, part in enumerate(telling):
            try:
                differ = variants.differ(number)
                # What a line leaves out may be told otherwise, which the diagrams do not say.
                certain = not (differ and place.unstated)
                self._compare(place, part, differ if certain else None, conditions[part])
            except TooLarge:
                self.note(part, {Apart("too large", ())})

    def _compare(self, place: Place, part: Part, differ: bool | None, changed: Mapping[int, d.Named]) -> None:
        """Note whether some line needs a part; where that is told apart loosely, by a claim."""
        if differ is not None:
            self.needed |= {part} if differ else set()
            return
        (stands,) = place.standings
        assert stands.decision is not None
        rules = (
            evolve(rule, condition=changed.get(at, rule.condition))
            for at, rule in enumerate(stands.decision.rules)
        )
        variant = evolve(stands.decision, rules=tuple(rules))
        both = evolve_place(place, (stands, evolve(stands, decision=variant)))
        space, root = self.outcoming.outcomes(both, Circumstance(), reasons=True)
        sought = Sought(both, space, root, lambda leaf: leaf[0] != leaf[1])
        found = claims(sought, self._tries.of(part, sought.paths()), Arithmetic())
        claim, beyond = witness(found, lambda claim: self._tells(claim, variant))
        if claim is not None:
            self.needed.add(part)
        if beyond:
            self.note(part, beyond)

    def note(self, part: Part, beyond: set[Apart]) -> None:
        """Note what kept the answer about a part from being exact."""
        self.unknown.setdefault(part, set()).update(beyond)

    def tells_in_its_group(self, part: Part) -> bool:
        """Whether a criterion that no line needs says something more than those joined with it: then only the
        rest of the text makes up for it.
        """
        for where in self._where.get(part, ()):
            # What is joined is not too much to look at whatever the value of any fact.
            place = evolve(where, fixed=None)
            (stands,) = place.standings
            for group in groups(stands.decision, part) if stands.decision is not None else ():
                alone = [_one_rule(stands, each) for each in (group, but_for(group, part, d.ALWAYS))]
                try:
                    space, root = self.outcoming.outcomes(evolve_place(place, tuple(alone)), Circumstance())
                except TooLarge:
                    self.note(part, {Apart("too large", ())})
                    continue
                if any(leaf[0] != leaf[1] for leaf in space.diagram.leaves(root)):
                    return True
        return False

    def _tells(self, claim: dict[str, object], variant: d.Decision) -> bool:
        """Whether a claim is decided otherwise by another decision of its day."""
        program = self.side.program
        try:
            read = read_claim(claim, program.schema)
        except ClaimError:
            return False
        made = adjudicate(program, read, read.lines[0], self.side.known_on)
        if made.facts is None or made.version is None:
            return False
        found = []
        for version in (made.version, program.version_of(variant)):
            held = version.held(made.facts)
            finding = find(program, version, made.facts, held)
            found.append((finding.determination, finding.rules, reasons_of(version, held, finding)))
        return found[0] != found[1]


def evolve_place(place: Place, standings: tuple[Standing, ...]) -> Place:
    """The place as seen once for each standing."""
    count = len(standings)
    return evolve(place, sides=place.sides * count, days=place.days * count, standings=standings)


def _one_rule(stands: Standing, condition: d.Condition) -> Standing:
    """The standing by a decision of which a condition is the only rule."""
    assert stands.decision is not None
    rule = stands.decision.rules[0]
    named = d.Named(condition, (), "", None, None, rule.span)
    row = rule.row._replace(otherwise=False)
    decision = evolve(stands.decision, rules=(evolve(rule, row=row, condition=named),), overrides=())
    return evolve(stands, decision=decision)
