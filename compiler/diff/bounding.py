"""The bounds of what is computed, as compiler.runtime.terms has them, where a claim states some numbers of
it: as formulas of a solver about these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

from attrs import frozen

from compiler.ir import decision as d
from compiler.runtime.atoms import Unknown, terms_facts
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.terms import bounds_of

Formula = Any


class Bound(NamedTuple):
    """Whether there is one, and which number it is."""

    known: Formula
    number: Formula


Bounds = tuple[Bound, Bound]


@frozen
class Bounding:
    """`left` are facts that a claim leaves out; `number` tells what is computed from others alone."""

    z3: Any
    specs: Mapping[str, FactSpec]
    left: Collection[str]
    number: Callable[[d.Term], Formula]

    def of(self, term: d.Term) -> Bounds:
        """Between which numbers a term lies."""
        if set(terms_facts(term)).isdisjoint(self.left):
            number = Bound(self.z3.BoolVal(True), self.number(term))
            return number, number
        match term:
            case d.Amount() | Unknown():
                low, high = (self._fixed(end) for end in bounds_of(term, self.specs))
                return low, high
            case d.Computed(operator, parts):
                return reduce(self._operation(operator), map(self.of, parts))
            case _:
                return self._fixed(None), self._fixed(None)

    def _fixed(self, end: Fraction | None) -> Bound:
        return Bound(self.z3.BoolVal(end is not None), self.z3.RealVal(end or 0))

    def _operation(self, operator: str) -> Callable[[Bounds, Bounds], Bounds]:
        return {
            "+": self._sum,
            "-": self._difference,
            "*": self._product,
            "/": self._quotient,
            "min": lambda one, other: self._extreme(one, other, least=True),
            "max": lambda one, other: self._extreme(one, other, least=False),
        }[operator]

    def _sum(self, one: Bounds, other: Bounds) -> Bounds:
        low, high = (
            Bound(self.z3.And(a.known, b.known), a.number + b.number) for a, b in zip(one, other, strict=True)
        )
        return low, high

    def _difference(self, one: Bounds, other: Bounds) -> Bounds:
        low, high = other
        return self._sum(one, (Bound(high.known, -high.number), Bound(low.known, -low.number)))

    def _product(self, one: Bounds, other: Bounds) -> Bounds:
        z3 = self.z3
        zero = z3.Or([z3.And([z3.And(end.known, end.number == 0) for end in each]) for each in (one, other)])
        all_known = z3.And([end.known for end in (*one, *other)])
        positive = z3.And([z3.And(low.known, low.number >= 0) for low, _ in (one, other)])
        ends = [a.number * b.number for a in one for b in other]
        least, most = (reduce(lambda a, b: z3.If(test(a, b), a, b), ends) for test in (_less, _more))
        low = z3.If(all_known, least, one[0].number * other[0].number)
        return Bound(z3.Or(zero, all_known, positive), low), Bound(z3.Or(zero, all_known), most)

    def _quotient(self, one: Bounds, other: Bounds) -> Bounds:
        z3 = self.z3
        low, high = other
        fine = z3.And(low.known, low.number >= 0, one[0].known, one[0].number >= 0)
        endless = z3.Or(z3.Not(high.known), high.number == 0)
        return (
            Bound(fine, z3.If(endless, z3.RealVal(0), one[0].number / high.number)),
            Bound(z3.And(fine, low.number != 0, one[1].known), one[1].number / low.number),
        )

    def _extreme(self, one: Bounds, other: Bounds, least: bool) -> Bounds:
        z3 = self.z3
        test = _less if least else _more
        found = []
        for at, (a, b) in enumerate(zip(one, other, strict=True)):
            number = z3.If(test(a.number, b.number), a.number, b.number)
            both = z3.And(a.known, b.known)
            if (at == 0) is least:
                found.append(Bound(both, number))
            else:
                either = z3.If(a.known, a.number, b.number)
                found.append(Bound(z3.Or(a.known, b.known), z3.If(both, number, either)))
        return found[0], found[1]


def _less(one: Formula, other: Formula) -> Formula:
    return one <= other


def _more(one: Formula, other: Formula) -> Formula:
    return one >= other
