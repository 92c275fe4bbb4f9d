"""Decisions become diagrams over the cells of their facts."""

from __future__ import annotations

from functools import partial, reduce

from attrs import frozen

from compiler import decision as d
from compiler.cells import Space
from compiler.expand import expand
from compiler.model import FactType
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.questions import Questions


@frozen(eq=False)
class Asked:
    """A decision as a diagram: its leaves are the sets of rules (by position) that hold."""

    decision: d.Decision
    space: Space
    questions: Questions


def ask(decision: d.Decision, types: dict[str, FactType]) -> Asked:
    """The diagram of a decision. Raises diagram.TooLarge beyond the limit."""
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
        root = diagram.leaf(frozenset())
        for index, condition in enumerate(conditions):
            root = diagram.combine(root, condition_node(condition, space, diagram), partial(_noted, index))
        made.append(
            Asked(decision, space, Questions(space.partitions, tuple(space.variables), diagram, root))
        )
    return made


def _noted(index: int, holding: frozenset[int], holds: bool) -> frozenset[int]:
    return holding | {index} if holds else holding


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
