"""A decision becomes diagrams over the cells of its facts, as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from compiler.ir import decision as d
from compiler.ir.occurring import occurring
from compiler.questions.split import Fixed, truth
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import Diagram, Node
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import speaking


@frozen(eq=False)
class Asked:
    """When each rule of a decision speaks, for lines of one day, of which one fact may be `fixed`."""

    decision: d.Decision
    day: date
    fixed: Fixed | None
    space: Space
    speaks: tuple[Node, ...]

    @property
    def diagram(self) -> Diagram:
        return self.space.diagram


def ask(
    decision: d.Decision,
    specs: Mapping[str, FactSpec],
    governed_by: str,
    day: date,
    fixed: Fixed | None = None,
) -> Asked:
    """The diagrams of truth of all rules. Raises diagram.TooLarge beyond the limit."""
    facts = LineFacts({}, False, specs)
    facts.put(governed_by, day, "stated")
    if fixed is not None:
        facts.put(fixed.fact, fixed.value, "stated")
    truths = [truth(rule.condition, facts) for rule in decision.rules]
    order = dict.fromkeys(fact for rule in decision.rules for fact in occurring(rule.condition))
    space = Space([own for own in truths if not isinstance(own, bool)], specs, order)
    nodes = iter(space.nodes())
    holds = [space.diagram.leaf(own) if isinstance(own, bool) else next(nodes) for own in truths]
    rows = [rule.row for rule in decision.rules]
    return Asked(decision, day, fixed, space, speaking(rows, decision.overrides, holds, space.diagram))
