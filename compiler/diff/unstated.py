"""Claims that leave out numbers of which something is computed: what decisions then make of the rest of it.

With the numbers that a claim states put in, a ratio of lines in one unknown number is told apart exactly. Any
other rest of a term is told apart by itself, whatever other terms say of the same numbers, as far as its
bounds leave it open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial, reduce
from itertools import combinations, count
from operator import itemgetter

from attrs import Factory, frozen

from compiler.diff.outcomes import Outcomes
from compiler.runtime.ages import AGE, BIRTH
from compiler.runtime.atoms import Computed, ComputedIs, Fixed, Term, Unknown, atoms, terms_facts
from compiler.runtime.cells import Space, Variable
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import MOST_NODES, MOST_STEPS, Diagram, Node
from compiler.runtime.terms import ratio

MOST_FACTS = 6
"""Of so many facts each set may be left out; of more that is too much to look at."""

_LISTS = ("records", "codes", "texts")


@frozen
class Left:
    """`facts` that a claim leaves out. Of levels, `ranges` are the cells in which a term may lie, by one cell
    after another: those between which its bounds leave it open; `free` levels may lie in any cell.
    """

    facts: frozenset[str] = frozenset()
    ranges: Mapping[int, tuple[range, ...]] = Factory(dict)
    free: frozenset[int] = frozenset()
    whatever: bool = False
    """Whether a leaf has to be wanted whatever number each of the facts is."""

    @property
    def names(self) -> frozenset[str]:
        """The facts, and what a claim states in their place."""
        return self.facts | ({BIRTH} if AGE in self.facts else set())

    def asked_by(self, variable: Variable) -> bool:
        """Whether a variable asks for one of the facts."""
        return not self.names.isdisjoint(variable.facts)

    def stated(self, space: Space, path: Mapping[int, int]) -> dict[int, int]:
        """Of a way through a diagram what a claim states."""
        return {at: cell for at, cell in path.items() if not self.asked_by(space.variables[at])}


STATED = Left()
"""Nothing is left out."""


def computed(space: Space, root: Node) -> dict[int, Term]:
    """What is computed from several facts where a diagram asks it, by level."""
    asked = {atom.term for each in space.expanded for atom in atoms(each) if isinstance(atom, ComputedIs)}
    levels = space.diagram.levels(root)
    found = ((space.level(term), term) for term in asked)
    return {level: term for level, term in sorted(found, key=_first) if level is not None and level in levels}


def _first(pair: tuple[int | None, Term]) -> int:
    return -1 if pair[0] is None else pair[0]


def facts_computed(space: Space, root: Node) -> tuple[str, ...]:
    """The facts from which something is computed that a diagram asks."""
    return tuple(sorted({fact for term in computed(space, root).values() for fact in terms_facts(term)}))


def left_out(space: Space, root: Node) -> list[frozenset[str]]:
    """Each set of facts that can be left out of what is computed; none where facts are too many."""
    facts = facts_computed(space, root)
    sizes = range(1, len(facts) + 1) if len(facts) <= MOST_FACTS else ()
    return [frozenset(each) for size in sizes for each in combinations(facts, size)]


def without(space: Space, root: Node, facts: frozenset[str], sides: int) -> tuple[Node, Left]:
    """The outcomes of some sides where a claim leaves facts out: where they are the same, and for all that is
    `free`, it is decided alike. Raises diagram.TooLarge.
    """
    terms = computed(space, root)
    touched = {level: term for level, term in terms.items() if facts & set(terms_facts(term))}
    left, variables = Left(facts), space.variables
    asking = {at for at in space.diagram.levels(root) if at not in touched and left.asked_by(variables[at])}
    solved = {level: _solved(term, facts, space.specs) for level, term in touched.items()}
    apart = [term for level, term in touched.items() if not solved[level]]
    meet = any(_can_meet(*pair, facts) for pair in combinations(apart, 2))
    partly = [at for at in asking if not left.names.issuperset(variables[at].facts)]
    if None in solved.values() or meet or space.loose(partly):
        return root, Left(facts, {}, frozenset(touched))
    tied = {fact for level, term in touched.items() if solved[level] for fact in terms_facts(term)}
    ranges = {
        level: _ranges(len(variables[level].values), whole=facts >= set(terms_facts(term)))
        for level, term in touched.items()
        if not solved[level]
    }
    alone = {at for at in asking if not Left(facts & tied).asked_by(variables[at])}
    every = {at: (range(len(variables[at].values)),) for at in alone}
    diagram = space.diagram
    with diagram.growing(MOST_NODES, MOST_STEPS):
        own = [diagram.map(root, itemgetter(side)) for side in range(sides)]
        spread = [_spread(diagram, each, {**every, **ranges}) for each in own]
        made = reduce(partial(diagram.combine, operation=_beside), spread, diagram.leaf(()))
    return made, Left(facts, {level: own for level, own in ranges.items() if len(own) > 1})


def _beside(so_far: tuple[Outcomes, ...], more: Outcomes) -> tuple[Outcomes, ...]:
    return (*so_far, more)


def _ranges(cells: int, whole: bool) -> tuple[range, ...]:
    """The cells in which a term can lie: all, where the `whole` of it is left out, else those from each to
    each, as its bounds say when numbers are put in.
    """
    if whole:
        return (range(cells),)
    return tuple(range(low, high + 1) for low in range(cells) for high in range(low, cells))


def _spread(diagram: Diagram, root: Node, ranges: Mapping[int, tuple[range, ...]]) -> Node:
    """The diagram of sets of what is reached in ranges of cells. Raises TooLarge."""
    found: dict[Node, Node] = {}
    union = partial(diagram.combine, operation=frozenset.union)
    # A node is made after all below it.
    for node in sorted(diagram.reachable(root)):
        level = diagram.level(node)
        if level is None:
            found[node] = node
            continue
        below = [found[child] for child in diagram.children(node)]
        if level in ranges:
            below = [reduce(union, below[each.start : each.stop]) for each in ranges[level]]
        found[node] = diagram.node(level, tuple(below))
    return found[root]


# ---- terms of which some facts are left out ---------------------------------------------------------------


def _solved(term: Term, facts: frozenset[str], specs: Mapping[str, FactSpec]) -> bool | None:
    """Whether a term is told apart exactly whatever the numbers that a claim states; False where it is so for
    none of them, None where that cannot be told.
    """
    left = facts & set(terms_facts(term))
    for part in _parts(term):
        if isinstance(part, Unknown) and left & set(part.facts):
            # Of a list some may be stated, and of dates one: then another number is unknown.
            listed = any(fact not in specs or specs[fact].kind in _LISTS for fact in part.facts)
            if listed or not left >= set(part.facts):
                return None
    if len(left) > 1 or any(_never(part, left) for part in _parts(term)):
        return False
    return True if ratio(_with_numbers(term, left, count(1))) is not None else None


def _never(part: Term, left: frozenset[str]) -> bool:
    """Whether a part of a term keeps it from being a ratio of lines in the one fact that is left out."""
    own = set(terms_facts(part))
    extreme = isinstance(part, Computed) and part.operator in ("min", "max")
    return bool(own & left) and (extreme or (own <= left and ratio(part) is None))


def _parts(term: Term) -> Iterator[Term]:
    yield term
    if isinstance(term, Computed):
        for part in term.parts:
            yield from _parts(part)


def _with_numbers(term: Term, left: frozenset[str], numbers: Iterator[int]) -> Term:
    """The term with some numbers for what a claim states, of which no sum or product comes out as another."""
    if isinstance(term, Fixed):
        return term
    if not left & set(terms_facts(term)):
        return Fixed(Fraction(10**9 + 7, 3 * next(numbers) ** 2 + 1))
    if isinstance(term, Computed):
        return Computed(term.operator, tuple(_with_numbers(part, left, numbers) for part in term.parts))
    return term


def _can_meet(one: Term, other: Term, facts: frozenset[str]) -> bool:
    """Whether two terms can be the same when what a claim states is put in."""
    asks = [bool(facts & set(terms_facts(term))) for term in (one, other)]
    if not any(asks):
        return one == other or not (isinstance(one, Fixed) and isinstance(other, Fixed))
    if isinstance(one, Computed) and isinstance(other, Computed):
        alike = one.operator == other.operator and len(one.parts) == len(other.parts)
        return alike and all(_can_meet(*pair, facts) for pair in zip(one.parts, other.parts, strict=True))
    return one == other
