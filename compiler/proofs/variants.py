"""A decision beside others that differ from it in some rules, as diagrams over one set of variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compiler.diff.spaces import for_certain
from compiler.ir.decision import Decision
from compiler.runtime.atoms import Atom, atoms
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import MOST_NODES, MOST_STEPS, Node, TooLarge
from compiler.runtime.limits import ALLOWED
from compiler.runtime.questions import RuleRow, Truth, said, speaking

Said = tuple[Mapping[Any, Node], ...]


class Variants:
    """`truths` are what is known and open of the decision's rules; each of `others` says what is of some,
    by their places. Those that ask nothing which the decision does not ask share its variables.
    """

    def __init__(
        self,
        decision: Decision,
        truths: Sequence[Truth],
        others: Sequence[Mapping[int, Truth]],
        specs: Mapping[str, FactSpec],
        order: Iterable[str],
    ) -> None:
        self.decision = decision
        self.truths = truths
        self.others = others
        self.specs = specs
        self.order = tuple(order)
        own = _asked(truths)
        shared = [at for at, other in enumerate(others) if _asked(other.values()) <= own]
        try:
            self._shared: _Beside | None = _Beside(self, shared)
        except TooLarge:
            self._shared = None

    def differ(self, at: int) -> bool | None:
        """Whether one of the others decides some line otherwise; None where that cannot be told, for it is
        told apart only loosely. Raises TooLarge.
        """
        if self._shared is not None and at in self._shared.nodes:
            try:
                return self._shared.differ(at)
            except TooLarge:
                self._shared = None
        return _Beside(self, [at]).differ(at)


class _Beside:
    """The decision and some of the others."""

    def __init__(self, variants: Variants, others: Sequence[int]) -> None:
        self.variants = variants
        named = [*enumerate(variants.truths)]
        truths = [*variants.truths, *(t for at in others for t in variants.others[at].values())]
        conditions = list(dict.fromkeys(truth for truth in truths if not isinstance(truth, bool)))
        self.space = Space(conditions, variants.specs, variants.order)
        self.diagram = self.space.diagram
        found = dict(zip(conditions, self.space.nodes(), strict=True))
        leaf = self.diagram.leaf

        def node(truth: Truth) -> Node:
            return leaf(truth) if isinstance(truth, bool) else found[truth]

        self.holds = [node(truth) for _, truth in named]
        self.nodes = {
            at: {place: node(truth) for place, truth in variants.others[at].items()} for at in others
        }
        self.base = self._said(self.holds)

    def _said(self, holds: list[Node]) -> Said:
        never = self.diagram.leaf(False)
        rules = zip(self.variants.decision.rules, holds, strict=True)
        told = [(rule.row, node) for rule, node in rules if node != never]
        rows, nodes = [row for row, _ in told], [node for _, node in told]
        speaks = speaking(rows, self.variants.decision.overrides, nodes, self.diagram)
        answers, spoken = said(rows, speaks, self.diagram)
        return answers, spoken, self._reasons(rows, speaks)

    def _reasons(self, rows: Sequence[RuleRow], speaks: Sequence[Node]) -> dict[object, Node]:
        """When each denial is given the reason codes of a rule: the first that speaks says which."""
        found: dict[object, Node] = {}
        before = never = self.diagram.leaf(False)
        for row, node in zip(rows, speaks, strict=True) if any(row.reasons for row in rows) else ():
            if row.determination != ALLOWED:
                first = self.diagram.choose(before, never, node)
                found[row.reasons] = self.diagram.either((found.get(row.reasons, never), first))
            before = self.diagram.either((before, node))
        return found

    def differ(self, at: int) -> bool | None:
        """Whether one of the others says something else. Raises TooLarge."""
        with self.diagram.growing(MOST_NODES, MOST_STEPS):
            holds = [self.nodes[at].get(place, node) for place, node in enumerate(self.holds)]
            if holds == self.holds:
                return False
            never = self.diagram.leaf(False)
            differ: bool | None = False
            for one, other in zip(self.base, self._said(holds), strict=True):
                for name in dict.fromkeys((*one, *other)):
                    pair = one.get(name, never), other.get(name, never)
                    if pair[0] != pair[1]:
                        differ = None
                        if for_certain(self.space, self.diagram.combine(*pair, bool.__ne__)):
                            return True
            return differ


def _asked(truths: Iterable[Truth]) -> set[Atom]:
    return {atom for truth in truths if not isinstance(truth, bool) for atom in atoms(truth)}
