"""Rules, rows, exceptions and criteria that no claim needs: without them every line is decided alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from attrs import Factory, define, evolve

from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import claim_of, paths
from compiler.diff.lists import with_lists
from compiler.diff.outcomes import Outcoming
from compiler.diff.side import Side, Standing
from compiler.diff.tries import Tries
from compiler.diff.watch import Stopped, Watch, unwatched
from compiler.ir import decision as d
from compiler.proofs.statement import Statement, places
from compiler.runtime.adjudicate import adjudicate, find
from compiler.runtime.diagram import TooLarge
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl.source import Span


class Part(NamedTuple):
    """A part of the text: a rule, row, exception or criterion at a place."""

    kind: str
    name: str
    span: Span


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
        search.unknown.update(search.parts)
    for part, section in search.parts.items():
        found = True if part in search.needed else None if part in search.unknown else False
        if found is False and part.kind == "criterion" and search.tells_in_its_group(part):
            yield Statement("redundant", part.name, True, section, span=part.span)
        else:
            yield Statement(part.kind, part.name, found, section, span=part.span)
    if stopped is not None:
        raise stopped


@define
class _Search:
    side: Side
    outcoming: Outcoming
    parts: dict[Part, str] = Factory(dict)
    needed: set[Part] = Factory(set)
    unknown: set[Part] = Factory(set)
    _tries: Tries = Factory(Tries)
    _within: dict[int, dict[Part, tuple[str, list[int]]]] = Factory(dict)
    """Of the decisions, by their ids, the parts, each with a section and the rules in which it stands."""
    _without: dict[tuple[int, Part], d.Decision] = Factory(dict)

    def look(self, place: Place) -> None:
        """Look for lines of a place that are decided otherwise without some part."""
        (stands,) = place.standings
        if stands.decision is None:
            return
        decision = stands.decision
        if id(decision) not in self._within:
            self._within[id(decision)] = _parts(decision)
        for part, (section, rules) in self._within[id(decision)].items():
            self.parts.setdefault(part, section)
            if part not in self.needed:
                try:
                    self._compare(place, stands, part, rules)
                except TooLarge:
                    self.unknown.add(part)

    def _compare(self, place: Place, stands: Standing, part: Part, rules: list[int]) -> None:
        decision = stands.decision
        assert decision is not None
        key = id(decision), part
        if key not in self._without:
            self._without[key] = without(decision, part, rules)
        variant = self._without[key]
        both = evolve_place(place, (stands, evolve_standing(stands, variant)))
        if self.outcoming.alike(both, Circumstance()):
            return
        differ = self.outcoming.differ(both)
        if differ is not None:
            self.needed |= {part} if differ else set()
            return
        space, root = self.outcoming.outcomes(both, Circumstance())
        found = paths(space, root, lambda leaf: leaf[0] != leaf[1])
        for path in self._tries.of(part, found):
            if not space.loose(path):
                self.needed.add(part)
                return
            claim = claim_of(both, Circumstance(), space, path)
            if any(self._tells(each, variant) for each in (claim, *with_lists(both, space, path, claim))):
                self.needed.add(part)
                return
            self.unknown.add(part)

    def tells_in_its_group(self, part: Part) -> bool:
        """Whether a criterion that no line needs says something more than those joined with it: then only the
        rest of the text makes up for it.
        """
        told = False
        for place in places(self.side):
            (stands,) = place.standings
            for group in _groups(stands.decision, part) if stands.decision is not None else ():
                alone = [_one_rule(stands, each) for each in (group, _left(group, part, d.ALWAYS))]
                space, root = self.outcoming.outcomes(evolve_place(place, tuple(alone)), Circumstance())
                told |= any(leaf[0] != leaf[1] for leaf in space.diagram.leaves(root))
        return told

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
            found.append(find(program, version, made.facts, held))
        return (found[0].determination, found[0].rules) != (found[1].determination, found[1].rules)


def evolve_place(place: Place, standings: tuple[Standing, ...]) -> Place:
    """The place as seen once for each standing."""
    count = len(standings)
    return Place(place.sides * count, place.days * count, place.code, standings, place.fixed)


def evolve_standing(stands: Standing, decision: d.Decision) -> Standing:
    """The standing by another decision."""
    return evolve(stands, decision=decision)


# ---- the parts of a decision ------------------------------------------------------------------------------


def _parts(decision: d.Decision) -> dict[Part, tuple[str, list[int]]]:
    """The parts of a decision, each with a section and the rules in which it stands; of tables the rows as a
    whole.
    """
    found: dict[Part, tuple[str, list[int]]] = {}
    for at, rule in enumerate(decision.rules):
        own = [Part("row" if rule.table else "rule", rule.determination, rule.span)]
        if rule.table is None:
            for exception in _exceptions(rule.condition.condition):
                first = next(_named(exception))
                own.append(Part("exception", first.name, first.span))
            named = _named(rule.condition.condition)
            own += [Part("criterion", each.name, each.span) for each in named]
        for part in dict.fromkeys(own):
            found.setdefault(part, (rule.section, []))[1].append(at)
    return found


def _exceptions(condition: d.Condition) -> list[d.Condition]:
    """The exceptions of a rule: what its criteria say has names."""
    parts = condition.conditions if isinstance(condition, d.AtLeast) else ()
    return [part for part in parts if isinstance(part, d.Not)]


def _named(condition: d.Condition) -> Iterator[d.Named]:
    """The criteria inside a condition, those about list elements too."""
    match condition:
        case d.Named():
            if condition.name:
                yield condition
            yield from _named(condition.condition)
        case d.Resting(inner) | d.Not(inner):
            yield from _named(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from _named(inner)
        case d.Elements():
            yield from _named(condition.where)
        case d.Newest():
            yield from _named(condition.among)
            yield from _named(condition.has)
        case _:
            pass


def _groups(decision: d.Decision, part: Part) -> Iterator[d.AtLeast]:
    """The conjunctions in which a criterion stands, but for those about list elements."""
    waiting = [rule.condition.condition for rule in decision.rules]
    while waiting:
        match waiting.pop():
            case d.Resting(inner) | d.Not(inner):
                waiting.append(inner)
            case d.AtLeast(count, conditions) as group:
                own = (each for each in conditions if isinstance(each, d.Named))
                joined = any((each.name, each.span) == (part.name, part.span) for each in own)
                if joined and count == len(conditions):
                    yield group
                waiting += conditions
            case _:
                pass


def _one_rule(stands: Standing, condition: d.Condition) -> Standing:
    """The standing by a decision of which a condition is the only rule."""
    assert stands.decision is not None
    rule = stands.decision.rules[0]
    named = d.Named(condition, (), "", None, None, rule.span)
    row = rule.row._replace(otherwise=False)
    decision = evolve(stands.decision, rules=(evolve(rule, row=row, condition=named),), overrides=())
    return evolve(stands, decision=decision)


def without(decision: d.Decision, part: Part, among: Collection[int] | None = None) -> d.Decision:
    """The decision without a part; `among` are the places of the rules in which it stands, if known."""
    rules = []
    for at, rule in enumerate(decision.rules):
        if among is not None and at not in among:
            rules.append(rule)
            continue
        condition = rule.condition.condition
        if part.kind == "criterion":
            condition = _left(condition, part, d.ALWAYS)
        elif part.kind == "exception":
            gone = [each for each in _exceptions(condition) if next(_named(each)).span == part.span]
            kept = condition.conditions if isinstance(condition, d.AtLeast) else ()
            condition = d.conjunction(tuple(each for each in kept if each not in gone)) if gone else condition
        elif rule.span == part.span:
            condition = d.NEVER
        named = d.Named(condition, (), rule.section, None, None, rule.condition.span)
        rules.append(evolve(rule, condition=named))
    return evolve(decision, rules=tuple(rules))


def _left(condition: d.Condition, part: Part, nothing: d.Condition) -> d.Condition:
    """A condition without a criterion: `nothing` is what stands for it where it stood."""
    match condition:
        case d.Named() if condition.name == part.name and condition.span == part.span:
            return nothing
        case d.Resting(inner):
            return _left(inner, part, nothing)
        case d.Not(inner):
            return d.Not(_left(inner, part, nothing))
        case d.AtLeast(count, conditions):
            own = d.ALWAYS if count == len(conditions) else d.NEVER
            return d.AtLeast(count, tuple(_left(inner, part, own) for inner in conditions))
        case d.Elements(fact, element, count, where, different, run):
            return d.Elements(fact, element, count, _left(where, part, d.ALWAYS), different, run)
        case d.Newest(fact, element, by, latest, among, has):
            ways = (_left(each, part, d.ALWAYS) for each in (among, has))
            return d.Newest(fact, element, by, latest, *ways)
        case _:
            return condition
