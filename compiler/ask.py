"""Decisions become diagrams over the cells of their facts."""

from __future__ import annotations

from functools import reduce

from attrs import frozen

from compiler import decision as d
from compiler.cells import Space
from compiler.expand import expand
from compiler.model import FactType
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.questions import Questions


@frozen(eq=False)
class Asked:
    """A decision as diagrams; `rules` says when each rule speaks: when it holds and is not overridden."""

    decision: d.Decision
    space: Space
    questions: Questions
    rules: tuple[Node, ...]


def ask(decision: d.Decision, types: dict[str, FactType]) -> Asked:
    """The diagrams of a decision. Raises diagram.TooLarge beyond the limit."""
    return ask_together((decision,), types)[0]


def ask_together(decisions: tuple[d.Decision, ...], types: dict[str, FactType]) -> list[Asked]:
    """Several decisions over one partition and in one manager: equal functions have the same root.

    Raises diagram.TooLarge beyond the limit.
    """
    asked = [[expand(rule.condition) for rule in decision.rules] for decision in decisions]
    order = [f for decision in decisions for rule in decision.rules for f in d.facts_of(rule.condition)]
    space = Space.of([condition for conditions in asked for condition in conditions], types, order)
    diagram = Diagram()
    made = []
    for decision, conditions in zip(decisions, asked, strict=True):
        holds = [condition_node(condition, space, diagram) for condition in conditions]
        rules = _speaking(decision, holds, diagram)
        answers: dict[str, Node] = {}
        sections: dict[str, Node] = {}
        for rule, node in zip(decision.rules, rules, strict=True):
            for said, key in ((answers, rule.determination), (sections, rule.section)):
                said[key] = _either(said.get(key, diagram.leaf(False)), node, diagram)
        variables = tuple(space.variables)
        questions = Questions(space.partitions, variables, diagram, answers, sections)
        made.append(Asked(decision, space, questions, tuple(rules)))
    return made


def _speaking(decision: d.Decision, holds: list[Node], diagram: Diagram) -> list[Node]:
    """When each rule holds and no section that speaks overrides its own."""
    spoken: dict[str, Node] = {}

    def speaks(section: str) -> Node:
        if section not in spoken:
            own = [node for rule, node in zip(decision.rules, holds, strict=True) if rule.section == section]
            held = reduce(lambda f, g: _either(f, g, diagram), own, diagram.leaf(False))
            spoken[section] = diagram.combine(held, overridden(section), _but_not)
        return spoken[section]

    def overridden(section: str) -> Node:
        winners = [speaks(winner) for winner, loser in decision.overrides if loser == section]
        return reduce(lambda f, g: _either(f, g, diagram), winners, diagram.leaf(False))

    return [
        diagram.combine(node, overridden(rule.section), _but_not)
        for rule, node in zip(decision.rules, holds, strict=True)
    ]


def _either(one: Node, other: Node, diagram: Diagram) -> Node:
    return diagram.combine(one, other, _or)


def _or(one: bool, other: bool) -> bool:
    return one or other


def _but_not(holds: bool, silenced: bool) -> bool:
    return holds and not silenced


def condition_node(condition: d.Condition, space: Space, diagram: Diagram) -> Node:
    """The diagram of an expanded condition; its leaves are true and false."""
    match condition:
        case d.Named(condition=inner):
            return condition_node(inner, space, diagram)
        case d.Not(inner):
            return diagram.map(condition_node(inner, space, diagram), lambda truth: not truth)
        case d.AtLeast(count, conditions):
            nodes = [condition_node(inner, space, diagram) for inner in conditions]
            return _at_least(count, nodes, diagram)
        case _:
            part, truth = space.facts[condition.fact].truth(condition)
            leaves = tuple(diagram.leaf(value) for value in truth)
            return diagram.node(space.level(condition.fact, part), leaves)


def _at_least(count: int, nodes: list[Node], diagram: Diagram) -> Node:
    if count >= len(nodes):
        return diagram.conjunction(nodes) if count == len(nodes) else diagram.leaf(False)

    def counted(so_far: int, holds: bool) -> int:
        return min(count, so_far + holds)

    total = reduce(lambda f, g: diagram.combine(f, g, counted), nodes, diagram.leaf(0))
    return diagram.map(total, lambda reached: reached >= count)
