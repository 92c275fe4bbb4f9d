"""What to ask where a determination is open: for which answer, what matters at all, and what first."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import Case, questions_of

_MOST_ANSWERED = 50_000
"""Nodes that are looked at to find what to ask first."""


def asks(case: Case, facts: LineFacts, order: tuple[str, ...]) -> dict[str, Any]:
    """What to ask where a determination is open, for explanations.

    `missing_for`: for each determination the minimal sets of facts that could lead to it; where some may be
    cut, `missing_for_complete` is false. `relevant`: the facts on which the determination depends, in order
    of occurrence. `ask_first`: one of them, absent where it is too much work to find.
    """
    try:
        asked = questions_of(case, facts.specs, order)
    except TooLarge:
        return {"missing_for_complete": False}
    for_each = asked.missing_for()
    shown: dict[str, Any] = {
        "missing_for": {made: [_told_as(one, facts) for one in m.sets] for made, m in for_each.items()}
    }
    if not all(missing.complete for missing in for_each.values()):
        shown["missing_for_complete"] = False
    relevance = Relevance(asked.space)
    shown["relevant"] = _told_as(relevance.relevant(asked.root), facts)
    first = relevance.ask_first(asked.root)
    return shown if first is None else shown | {"ask_first": facts.shown_path(first)}


def _told_as(paths: Iterable[str], facts: LineFacts) -> list[str]:
    return list(dict.fromkeys(map(facts.shown_path, paths)))


class Relevance:
    """On which facts diagrams depend."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._facts = space.facts()
        bit = {fact: 1 << place for place, fact in enumerate(self._facts)}
        self._bits = [sum(bit[fact] for fact in set(variable.facts)) for variable in space.variables]
        self._masks: list[int] = []

    def relevant(self, root: Node) -> list[str]:
        """The facts on which a diagram depends, in order of occurrence."""
        mask = self._mask(root)
        return [fact for place, fact in enumerate(self._facts) if mask >> place & 1]

    def ask_first(self, root: Node) -> str | None:
        """The fact whose answer leaves the fewest relevant facts on average; of equals, the first.

        The average is over the different questions that its answers leave, each counted once, however many
        values lead to it; to be settled is one such question for each determination, and leaves nothing. Of
        a date that is compared with another unknown one, the answers are days that show all ways in which it
        alone can lie. None where that is too much work.
        """
        diagram = self._space.diagram
        with diagram.growing(_MOST_ANSWERED, _MOST_ANSWERED):
            try:
                return min(self.relevant(root), key=lambda fact: self._left(root, fact))
            except TooLarge:
                return None

    def _left(self, root: Node, fact: str) -> Fraction:
        """How many relevant facts an answer leaves on average."""
        space, diagram = self._space, self._space.diagram
        left = {root}
        for level in sorted(diagram.levels(root)):
            if space.variables[level].facts == (fact,):
                cells = space.cells(level, frozenset())
                left = {diagram.restrict(node, level, cell) for node in left for cell in cells}
        others = ~(1 << self._facts.index(fact))
        return Fraction(sum((self._mask(node) & others).bit_count() for node in left), len(left))

    def _mask(self, root: Node) -> int:
        """The facts on which a diagram depends, a bit for each."""
        diagram = self._space.diagram
        for node in range(len(self._masks), diagram.size()):
            # A node is made after all below it.
            level = diagram.level(node)
            mask = 0 if level is None else self._bits[level]
            for child in set(diagram.children(node)):
                mask |= self._masks[child]
            self._masks.append(mask)
        return self._masks[root]
