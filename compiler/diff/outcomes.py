"""What some versions decide of a line, as one diagram over the facts that a claim can state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial, reduce
from typing import NamedTuple, TypeVar

from attrs import Factory, define

from compiler.diff.circumstances import Circumstance, Place
from compiler.ir import decision as d
from compiler.ir.occurring import This, occurring_in
from compiler.ir.outcomes import PROCEDURE
from compiler.questions.dated import around
from compiler.questions.split import case_of, truth
from compiler.runtime.ages import AGE, BIRTH, DAY, by_birth
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec, Value
from compiler.runtime.derive import STATED
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.limits import ALLOWED
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import NOT_APPLICABLE, Answer, Case, Questions, RuleRow, Truth, questions

_MOST_KEPT = 100
"""So many diagrams are kept."""

Outcome = tuple[str, frozenset[str]]
"""A determination, and the sections that give it."""

Outcomes = frozenset[Outcome]
"""What a line can come to, where something is open; most often one."""


class Reasoned(NamedTuple):
    """An outcome with the reason codes that a rule names for it."""

    outcome: Outcome
    reasons: object


T = TypeVar("T")

NEEDED = "needs_information"


@define
class Outcoming:
    """Makes the diagrams of outcomes, equal ones once. Its leaves are tuples: the outcomes of each side.

    None can be made where rules ask for facts that are `unlike`: the sides declare different things.
    """

    specs: Mapping[str, FactSpec]
    governed_by: str
    unlike: frozenset[str] = frozenset()
    _made: dict[object, tuple[Space, Node]] = Factory(dict)
    _truths: dict[object, dict[int, tuple[d.Condition, Truth]]] = Factory(dict)
    _aged: dict[tuple[int, date, bool], tuple[d.Condition, d.Condition]] = Factory(dict)

    def unlike_at(self, place: Place) -> list[str]:
        """The facts that keep the sides from being looked at together at a place."""
        return sorted(self.unlike.intersection(_asked(place))) if self.unlike else []

    def alike(self, place: Place, at: int) -> bool:
        """Whether a side asks the same of what is open as the first: where a line states whatever matters,
        their outcomes are the same.
        """
        if place.alike(at):
            return True
        one, other = (self._case(place, Circumstance(), side) for side in (0, at))
        return one == other

    def outcomes(self, place: Place, circumstance: Circumstance, reasons: bool = False) -> tuple[Space, Node]:
        """The outcomes of each side; `reasons`: each as a `Reasoned`. Raises diagram.TooLarge."""
        cases = tuple(self._case(place, circumstance, side) for side in range(len(place.sides)))
        opened = tuple(
            frozenset(fact for fact, value in circumstance.of(side).items() if value is None)
            for side in range(len(place.sides))
        )
        key = cases, opened, reasons
        if key not in self._made:
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            self._made[key] = self._diagram(cases, opened, self.order(place), reasons)
        return self._made[key]

    def names_otherwise(self, place: Place, circumstance: Circumstance) -> bool:
        """Whether the first two sides ask otherwise for what they deny with reason codes of rules: though all
        that a line can come to is the same, of a claim that leaves something open another rule may be sure.
        """
        cases = [self._case(place, circumstance, side) for side in (0, 1)]
        rules = [case.rules if isinstance(case, Case) else () for case in cases]
        named = {row.determination for row in (*rules[0], *rules[1]) if row.reasons}
        one, other = (_denying(case, named) for case in cases)
        return one != other

    def order(self, place: Place) -> dict[str, None]:
        """The facts in the order in which they occur in rules."""
        return dict.fromkeys(
            each for fact in _asked(place) for each in ((BIRTH, AGE) if fact == AGE else (fact,))
        )

    def _case(self, place: Place, circumstance: Circumstance, side: int) -> Case | str:
        """What is open of one side's rules, or what the line is settled as before they are asked."""
        asking = self.asking(place, circumstance, side)
        decision = place.standings[side].decision
        if isinstance(asking, str) or decision is None:
            return str(asking)
        return case_of(decision, [asking(rule.condition) for rule in decision.rules])

    def asking(
        self, place: Place, circumstance: Circumstance, side: int
    ) -> Callable[[d.Condition], Truth] | str:
        """What tells of one side whether something holds; or what the line is settled as before that."""
        standing = place.standings[side]
        if standing.settled is not None or standing.decision is None:
            return standing.settled or NOT_APPLICABLE
        if any(fact in circumstance.unstated for fact in standing.stating):
            return NOT_APPLICABLE
        day = place.days[side]
        code = place.code if PROCEDURE in occurring_in(standing.decision) else None
        births = self.governed_by == DAY or BIRTH in _asked(place)
        decisions = [each.decision for each in place.standings if each.decision is not None]
        tied = self.governed_by != DAY and any(around(This(each), self.governed_by) for each in decisions)
        known = day, code, births, tied, place.stated, place.unstated, tuple(circumstance.of(side).items())
        facts = self._facts(place, circumstance, side)
        truths = self._truths.setdefault(known, {})

        def asking(condition: d.Condition) -> Truth:
            if id(condition) not in truths:
                # The condition is kept with it, so that no other can come to have its id.
                asked = self._by_birth(condition, day, tied) if births else condition
                truths[id(condition)] = condition, truth(asked, facts)
            return truths[id(condition)][1]

        return asking

    def _facts(self, place: Place, circumstance: Circumstance, side: int) -> LineFacts:
        """What is known of a line."""
        facts = LineFacts({}, False, self.specs)
        facts.put(self.governed_by, place.days[side], "stated")
        facts.put(PROCEDURE, place.code, "stated")
        unstated = place.unstated.union(circumstance.unstated)
        for fact in place.standings[side].asks_stated:
            facts.put(fact + STATED, fact not in unstated, "stated")
        for fact, value in circumstance.of(side).items():
            if value is not None:
                facts.put(fact, value, "given")
        for each in place.stated:
            facts.put(each.fact, each.value, "stated")
        return facts

    def _by_birth(self, condition: d.Condition, day: date, tied: bool) -> d.Condition:
        """A condition that asks for births, as of the day of the line where that is the one that governs."""
        key = id(condition), day, tied
        if key not in self._aged:
            known = day if self.governed_by == DAY else None
            self._aged[key] = condition, by_birth(condition, known, tied)
        return self._aged[key][1]

    def _diagram(
        self,
        cases: tuple[Case | str, ...],
        opened: tuple[frozenset[str], ...],
        order: dict[str, None],
        reasons: bool,
    ) -> tuple[Space, Node]:
        asked = questions([case for case in cases if isinstance(case, Case)], self.specs, order)
        space = asked[0].space if asked else Space((), self.specs)
        diagram = space.diagram
        mine = iter(asked)
        roots = []
        for case, facts in zip(cases, opened, strict=True):
            if isinstance(case, str):
                settled = _unspoken(Answer(case))
                roots.append(diagram.leaf(_alone(_unreasoned(settled) if reasons else settled)))
            else:
                asks = next(mine)
                own = diagram.map(_reasoned(asks, case) if reasons else _outcome(asks), _alone)
                levels = {at for at, v in enumerate(space.variables) if facts & set(v.facts)}
                roots.append(gathered(diagram, own, levels))
        root = reduce(partial(diagram.combine, operation=_beside), roots, diagram.leaf(()))
        return space, root


def _asked(place: Place) -> Iterator[str]:
    """The facts that rules ask, and assumptions, in order of occurrence."""
    for standing in place.standings:
        yield from occurring_in(standing.decision) if standing.decision is not None else ()


def _outcome(asked: Questions) -> Node:
    """The determination with the sections that speak."""
    root = asked.diagram.map(asked.root, _unspoken)
    never = asked.diagram.leaf(False)
    for section, node in asked.spoken.items():
        root = asked.diagram.combine(root, node, partial(_spoken, section)) if node != never else root
    return root


def _reasoned(asked: Questions, case: Case) -> Node:
    """The outcome with the reason codes of the first rule that gives the determination."""
    diagram = asked.diagram
    codes = diagram.leaf(None)
    for rule, speaks in reversed(list(zip(case.rules, asked.speaks, strict=True))):
        if rule.determination != ALLOWED:
            gives = diagram.combine(asked.root, speaks, partial(_gives, rule.determination))
            codes = diagram.choose(gives, diagram.leaf(rule.reasons), codes)
    return diagram.combine(_outcome(asked), codes, Reasoned)


def _gives(determination: str, made: Answer, speaks: bool) -> bool:
    return speaks and made.determination == determination


def _denying(case: Case | str, named: Collection[str]) -> list[tuple[RuleRow, Truth]]:
    """The rules that give some determinations, with what is open of each; all, where one of them speaks only
    as no other does.
    """
    if isinstance(case, str):
        return []
    rest = any(row.otherwise and row.determination in named for row in case.rules)
    pairs = zip(case.rules, case.truths, strict=True)
    return [(row, truth) for row, truth in pairs if rest or row.determination in named]


def _unreasoned(outcome: Outcome) -> Reasoned:
    return Reasoned(outcome, None)


def _unspoken(made: Answer) -> Outcome:
    return made.determination, frozenset()


def _spoken(section: str, outcome: Outcome, speaks: bool) -> Outcome:
    return (outcome[0], outcome[1] | {section}) if speaks else outcome


def _alone(outcome: T) -> frozenset[T]:
    return frozenset({outcome})


def _beside(so_far: tuple[Outcomes, ...], more: Outcomes) -> tuple[Outcomes, ...]:
    return (*so_far, more)


def gathered(diagram: Diagram, root: Node, levels: set[int]) -> Node:
    """The diagram of sets of what can be reached, whatever the variables of some levels come to."""
    if not levels & diagram.levels(root):
        return root
    found: dict[Node, Node] = {}
    # A node is made after all below it.
    for node in sorted(diagram.reachable(root)):
        level = diagram.level(node)
        children = [found[child] for child in diagram.children(node)]
        if level is None:
            found[node] = node
        elif level in levels:
            found[node] = reduce(lambda a, b: diagram.combine(a, b, frozenset.union), children)
        else:
            found[node] = diagram.node(level, tuple(children))
    return found[root]


def determined(outcomes: Outcomes) -> str:
    """The determination that outcomes have in common, or that it is open."""
    found = {determination for determination, _ in outcomes}
    return next(iter(found)) if len(found) == 1 else NEEDED


def cells(space: Space) -> dict[str, tuple[Value, ...]]:
    """The values that show all that is told apart of each fact."""
    found: dict[str, tuple[Value, ...]] = {}
    for variable in space.variables:
        if len(variable.facts) == 1 and not variable.loose:
            found[variable.facts[0]] = tuple(value for value in variable.values if value is not None)
    return found
