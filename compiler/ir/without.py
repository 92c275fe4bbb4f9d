"""A decision without some of the assumptions that its author made: what rests on these is not known."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from attrs import evolve, frozen

from compiler.ir import decision as d
from compiler.ir.occurring import SCOPES
from compiler.runtime.derive import STATED
from compiler.runtime.line_facts import ASSUMPTION


def without(decision: d.Decision, names: frozenset[str]) -> d.Decision:
    """The decision that does not make some assumptions.

    What was written under one (a criterion, a concept, a section, a whole text) is true or false, and only a
    person can say which: it is asked for by the name of the assumption. So is whether a code is listed that
    was listed under one, and how much a limit allows. What was only taken by an assumption is not taken:
    evidence, what absence means, and a primary beside an add-on.
    """
    dropping = _Dropping(names)
    doubted = [row for row in decision.listed if row.assumption in names]
    guards = tuple(dropping.listed(decision, row) for row in doubted)
    gone = [name for name in decision.assumptions if name in names]
    return evolve(
        decision,
        rules=tuple(dropping.rule(rule, guards, gone) for rule in decision.rules),
        listed=tuple(
            evolve(
                row,
                needs=tuple((code, name) for code, name in row.needs if name not in names),
                assumption=None if row in doubted else row.assumption,
            )
            for row in decision.listed
        ),
        evidence=tuple(rule for rule in decision.evidence if rule.assumption not in names),
        assumptions=tuple(name for name in decision.assumptions if name not in names),
        limits=tuple(
            limit._replace(doubted=True) if limit.assumption in names else limit for limit in decision.limits
        ),
    )


@frozen
class _Dropping:
    names: frozenset[str]

    def rule(self, rule: d.Rule, guards: tuple[d.Condition, ...], gone: list[str]) -> d.Rule:
        """A rule that speaks only where the code is listed; if its text is in doubt nothing is known."""
        told = rule.condition
        doubts = [*(name for name in told.assumptions if name in self.names), *gone]
        # Of texts that are in doubt as wholes, one says nothing about another.
        condition = _doubt(doubts[0], told, free=True) if doubts else self.condition(told.condition)
        if guards:
            condition = d.conjunction((condition, *guards))
        rests = tuple(name for name in told.assumptions if name not in self.names)
        named = d.Named(condition, rests, told.name, told.citation, told.revision, told.span)
        return evolve(rule, condition=named)

    def listed(self, decision: d.Decision, row: d.Listed) -> d.Condition:
        """That a code is not billed, or listed all the same, or that the line comes in without that."""
        billed = d.CodeIs("line.procedure", "procedure", ((row.code, f"{row.code}\0"),), row.code)
        ways: list[d.Condition] = [
            d.Not(billed),
            d.Open(f"{row.assumption} {row.code}", (f"{ASSUMPTION}{row.assumption}",)),
        ]
        if decision.open and decision.stating:
            states = tuple(d.ValueIs(path + STATED, ("true",)) for path in decision.stating)
            ways.append(d.conjunction(states))
        return d.AtLeast(1, tuple(ways))

    def condition(self, condition: d.Condition) -> d.Condition:
        """The condition, in which what rests on an assumption that is not made is open."""
        match condition:
            case d.Resting(inner, assumptions):
                dropped = [name for name in assumptions if name in self.names]
                kept = tuple(name for name in assumptions if name not in self.names)
                changed = _doubt(dropped[0], inner) if dropped else self.condition(inner)
                if isinstance(condition, d.Named):
                    where = condition.citation, condition.revision, condition.span
                    return d.Named(changed, kept, condition.name, *where)
                return d.Resting(changed, kept) if kept else changed
            case d.Not(inner):
                return d.Not(self.condition(inner))
            case d.AtLeast(count, conditions):
                return d.AtLeast(count, tuple(map(self.condition, conditions)))
            case d.Elements(fact, element, count, where, different, run):
                return d.Elements(fact, element, count, self.condition(where), different, run)
            case d.Newest(fact, element, by, latest, among, has):
                return d.Newest(fact, element, by, latest, self.condition(among), self.condition(has))
            case d.ComputedIs(term, stretches):
                return d.ComputedIs(self._term(term), stretches)
            case _:
                return condition

    def _term(self, term: d.Term) -> d.Term:
        match term:
            case d.Computed(operator, parts):
                return d.Computed(operator, tuple(map(self._term, parts)))
            case d.Total(fact, element, value, where):
                return d.Total(fact, element, self._term(value), self.condition(where))
            case _:
                return term


def _doubt(name: str, condition: d.Condition, free: bool = False) -> d.Open:
    """What only a person can say where an assumption is not made: the same of what is alike."""
    outside = SCOPES | set(_taken(condition))
    hands = [fact for fact in dict.fromkeys(d.facts_of(condition)) if fact.partition(".")[0] not in outside]
    about = sha256(repr(condition).encode()).hexdigest()[:16]
    return d.Open(f"{name} {about}", (*hands, ASSUMPTION + name), free=free)


def _taken(condition: d.Condition) -> Iterator[str]:
    """The list elements that a condition takes in hand itself."""
    for atom in d.atoms(condition):
        match atom:
            case d.Elements(element=element, where=where):
                yield element
                yield from _taken(where)
            case d.Newest(element=element, among=among, has=has):
                yield element
                yield from _taken(among)
                yield from _taken(has)
            case d.ComputedIs(term=term):
                yield from _summed(term)


def _summed(term: d.Term) -> Iterator[str]:
    match term:
        case d.Computed(parts=parts):
            for part in parts:
                yield from _summed(part)
        case d.Total(element=element, where=where):
            yield element
            yield from _taken(where)
