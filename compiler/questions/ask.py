"""A decision becomes diagrams over the cells of its facts, as of what is known of a line."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from compiler.ir import decision as d
from compiler.ir.occurring import This, occurring
from compiler.questions.dated import around
from compiler.questions.split import truth
from compiler.runtime.ages import aged
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import speaking


@frozen(eq=False)
class Asked:
    """When each rule of a decision speaks, for lines of which some facts are known, and when a line is one of
    those that it is asked of.
    """

    decision: d.Decision
    known: LineFacts
    space: Space
    speaks: tuple[Node, ...]
    concerned: Node

    @property
    def diagram(self) -> Diagram:
        return self.space.diagram


def ask(decision: d.Decision, known: LineFacts, concerns: d.Condition = d.ALWAYS) -> Asked:
    """The diagrams of truth of all rules, and of what makes a line one that they are asked of. Raises
    diagram.TooLarge beyond the limit.
    """
    conditions = [concerns, *(rule.condition for rule in decision.rules)]
    days = [fact for fact, value in known.values.items() if isinstance(value, date)]
    tied = any(around(This(decision), fact) for fact in days)
    truths = aged([truth(condition, known) for condition in conditions], known, tied)
    order = dict.fromkeys(fact for rule in decision.rules for fact in occurring(rule.condition))
    space = Space([own for own in truths if not isinstance(own, bool)], known.specs, order)
    nodes = iter(space.nodes())
    leaf = space.diagram.leaf
    concerned, *holds = [leaf(own) if isinstance(own, bool) else next(nodes) for own in truths]
    rows = [rule.row for rule in decision.rules]
    speaks = speaking(rows, decision.overrides, holds, space.diagram)
    return Asked(decision, known, space, speaks, concerned)
