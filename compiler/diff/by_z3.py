"""Whether arithmetic over several facts lets a line come to something, as z3 says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from importlib.util import find_spec
from typing import Any

from attrs import Factory, define, field

from compiler.diff.bounding import Bound, Bounding
from compiler.diff.solving import Model, Unsolved
from compiler.diff.unstated import STATED, Left
from compiler.ir import decision as d
from compiler.runtime.atoms import Unknown, terms_facts
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import Value
from compiler.runtime.diagram import Node
from compiler.runtime.line_facts import spec_of
from compiler.runtime.numbers import Cut, Stretch, exactly_among

_MOST_STEPS = 2_000_000
"""So many steps are taken for one answer, as z3 counts them: the same on every machine."""

_MOST_GIVEN_UP = 20
_MOST_MODELS = 6
_DIGITS = (3, 6, 12)

Formula = Any
"""z3 has no types of its own."""


def installed() -> bool:
    """Whether z3 is there to be asked."""
    return find_spec("z3") is not None


@define
class ByZ3:
    """A solver. Numbers are rationals, and integers where facts are declared so. What z3 is not told of,
    lists and days, can be anything to it: that there is no way is a proof, and a way that it finds has to be
    tried.
    """

    _given_up: int = 0

    def __call__(
        self, space: Space, root: Node, wanted: Callable[[Any], bool], left: Left = STATED
    ) -> list[Model]:
        import z3  # noqa: PLC0415  (an extra, and slow to load)

        if self._given_up >= _MOST_GIVEN_UP:
            raise Unsolved
        asked = _Asked(space, z3, left)
        ways = asked.ways(root, wanted)
        solver = z3.Solver()
        solver.set("rlimit", _MOST_STEPS)
        solver.add(asked.whatever(ways[root]) if left.whatever else ways[root], *asked.bounds.values())
        found: list[Model] = []
        # What is left out is not all that z3 is told of it: what some numbers show others may not.
        while len(found) < (_MOST_MODELS if left.facts else 1):
            answer = solver.check()
            if answer == z3.unsat:
                break
            if answer != z3.sat:
                self._given_up += 1
                if found:
                    break
                raise Unsolved
            solution = solver.model()
            found.append(asked.model(solution, root, ways))
            solver.add(asked.others(solution))
        return found


@define
class _Asked:
    """What a space tells apart, as formulas about numbers."""

    space: Space
    z3: Any
    left: Left
    bounds: dict[d.Term, Formula] = Factory(dict)
    _numbers: dict[d.Term, Formula] = Factory(dict)
    _cells: dict[int, list[Formula]] = field(init=False)
    """Of the levels that numbers decide, when a line lies in each cell."""

    def __attrs_post_init__(self) -> None:
        asked: dict[int, dict[tuple[d.Term, tuple[Stretch, ...]], None]] = {}
        for condition in self.space.expanded:
            for atom in d.atoms(condition):
                match atom:
                    case d.NumberIs(fact, stretches):
                        level, term = self.space.level(fact), d.Amount(fact)
                    case d.ComputedIs(term, stretches):
                        level = self.space.level(term)
                    case _:
                        continue
                if level is not None and level not in self.left.free:
                    asked.setdefault(level, {})[term, stretches] = None
        self._cells = {}
        for level, own in asked.items():
            if level in self.left.ranges:
                self._cells[level] = self._spans(level, own)
                continue
            lies = [(stretches, self._lies(self._term(term), stretches)) for term, stretches in own]
            self._cells[level] = [
                self.z3.And(
                    [
                        formula if _among(value, stretches) else self.z3.Not(formula)
                        for stretches, formula in lies
                    ]
                )
                for value in self.space.variables[level].values
            ]

    def ways(self, root: Node, wanted: Callable[[Any], bool]) -> dict[Node, Formula]:
        """Of each node when a line that comes there can come to a leaf that is wanted."""
        diagram, z3 = self.space.diagram, self.z3
        found: dict[Node, Formula] = {}
        # A node is made after all below it.
        for node in sorted(diagram.reachable(root)):
            level = diagram.level(node)
            if level is None:
                found[node] = z3.BoolVal(bool(wanted(diagram.value(node))))
                continue
            below = [found[child] for child in diagram.children(node)]
            if level in self._cells:
                below = [z3.And(cell, way) for cell, way in zip(self._cells[level], below, strict=True)]
            found[node] = z3.simplify(z3.Or(below))
        return found

    def model(self, solution: Any, root: Node, ways: dict[Node, Formula]) -> Model:
        """A way that z3 found."""

        def true(formula: Formula) -> bool:
            return bool(self.z3.is_true(solution.eval(formula, model_completion=True)))

        diagram = self.space.diagram
        path: dict[int, int] = {}
        node = root
        while (level := diagram.level(node)) is not None:
            cells = self._cells.get(level)
            for cell, child in enumerate(diagram.children(node)):
                if true(ways[child]) and (cells is None or true(cells[cell])):
                    path[level], node = cell, child
                    break
            else:
                raise Unsolved
        exact = {
            fact.fact: self._fraction(solution.eval(number, model_completion=True))
            for fact, number in self._numbers.items()
            if isinstance(fact, d.Amount) and fact.fact not in self.left.facts
        }
        written = [{fact: _rounded(number, digits) for fact, number in exact.items()} for digits in _DIGITS]
        return Model(path, tuple(each for at, each in enumerate(written) if each not in written[:at]))

    def whatever(self, way: Formula) -> Formula:
        """That a way is open whatever the numbers are that a claim leaves out."""
        own = {fact: n for fact, n in self._numbers.items() if self.left.facts & set(terms_facts(fact))}
        bounds = [self.bounds[fact] for fact in own if fact in self.bounds]
        return self.z3.ForAll([*own.values()], self.z3.Implies(self.z3.And(bounds), way)) if own else way

    def others(self, solution: Any) -> Formula:
        """That what a claim states is something else than in a solution."""
        stated = [n for fact, n in self._numbers.items() if not self.left.facts & set(terms_facts(fact))]
        return self.z3.Or([n != solution.eval(n, model_completion=True) for n in stated])

    def _fraction(self, value: Any) -> Fraction:
        if self.z3.is_algebraic_value(value):
            value = value.approx(2 * max(_DIGITS))
        return (
            Fraction(value.as_fraction()) if self.z3.is_rational_value(value) else Fraction(value.as_long())
        )

    def _spans(self, level: int, asked: Iterable[tuple[d.Term, tuple[Stretch, ...]]]) -> list[Formula]:
        """When a term of which facts are left out can lie in the cells of each range, and in no others."""
        places = sorted({_place(cut) for _, own in asked for ends in own for cut in ends if cut is not None})
        (term,) = {term for term, _ in asked}
        (low, high), z3 = Bounding(self.z3, self.space.specs, self.left.facts, self._term).of(term), self.z3
        values = self.space.variables[level].values

        def ends(bound: Bound, cell: int, last: int) -> Formula:
            stretch = _around(values[cell], places)
            return z3.If(bound.known, self._lies(bound.number, (stretch,)), z3.BoolVal(cell == last))

        return [
            z3.And(ends(low, own.start, 0), ends(high, own.stop - 1, len(values) - 1))
            for own in self.left.ranges[level]
        ]

    # ---- formulas ----------------------------------------------------------------------------------------

    def _lies(self, number: Formula, stretches: tuple[Stretch, ...]) -> Formula:
        """When a number lies in one of some stretches."""

        def above(cut: Cut) -> Formula:
            end = self._fixed(Fraction(cut[0]))
            return number >= end if cut[1] == 0 else number > end

        def below(cut: Cut) -> Formula:
            end = self._fixed(Fraction(cut[0]))
            return number < end if cut[1] == 0 else number <= end

        inside = []
        for low, high in stretches:
            ends = [*([above(low)] if low is not None else []), *([below(high)] if high is not None else [])]
            inside.append(self.z3.And(ends))
        return self.z3.Or(inside)

    def _term(self, term: d.Term) -> Formula:
        match term:
            case d.Fixed(value):
                return self._fixed(value)
            case d.Computed(operator, parts):
                return reduce(_OPERATIONS[operator](self.z3), (self._term(part) for part in parts))
            case _:
                if term not in self._numbers:
                    self._numbers[term] = self._number(term)
                number = self._numbers[term]
                return self.z3.ToReal(number) if self.z3.is_int(number) else number

    def _fixed(self, value: Fraction) -> Formula:
        return self.z3.RealVal(value)

    def _number(self, term: d.Term) -> Formula:
        """A number of which the range is known, and no more."""
        name = f"n{len(self._numbers)}"
        match term:
            case d.Amount(fact):
                spec = spec_of(fact, self.space.specs)
                number = self.z3.Int(name) if spec.kind == "integer" else self.z3.Real(name)
                ends: Stretch = (
                    None if spec.low is None else (spec.low, 2 if spec.above else 0),
                    None if spec.high is None else (spec.high, 0 if spec.below else 2),
                )
                self.bounds[term] = self._lies(number, (ends,))
            case Unknown(low=low, high=high):
                number = self.z3.Real(name)
                ends = (None if low is None else (low, 0), None if high is None else (high, 2))
                self.bounds[term] = self._lies(number, (ends,))
            case _:
                number = self.z3.Real(name)
        return number


_OPERATIONS: dict[str, Callable[[Any], Callable[[Formula, Formula], Formula]]] = {
    "+": lambda z3: lambda a, b: a + b,
    "-": lambda z3: lambda a, b: a - b,
    "*": lambda z3: lambda a, b: a * b,
    "/": lambda z3: lambda a, b: a / b,
    "min": lambda z3: lambda a, b: z3.If(a <= b, a, b),
    "max": lambda z3: lambda a, b: z3.If(a >= b, a, b),
}


def _place(cut: Cut) -> tuple[Fraction, int]:
    return Fraction(cut[0]), cut[1]


def _around(value: Value | Fraction | None, places: Sequence[tuple[Fraction, int]]) -> Stretch:
    """The stretch between places in which the number that shows a cell lies."""
    assert isinstance(value, Decimal | Fraction)
    here = Fraction(value), 1
    below, above = [each for each in places if each < here], [each for each in places if each > here]
    return (below[-1] if below else None), (above[0] if above else None)


def _rounded(number: Fraction, digits: int) -> Decimal:
    return Decimal(round(number * 10**digits)).scaleb(-digits)


def _among(value: Value | Fraction | None, stretches: tuple[Stretch, ...]) -> bool:
    """Whether the number that shows a cell lies in one of some stretches."""
    assert isinstance(value, Decimal | Fraction)
    return exactly_among(value, stretches)
