"""What is open, in the form that diagrams are built from: what is asked of an element asks nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from compiler.runtime.atoms import (
    ALWAYS,
    NEVER,
    AtLeast,
    Atom,
    ComputedIs,
    Condition,
    Elements,
    Newest,
    Not,
    Open,
    Resting,
    atoms,
    conjunction,
    facts_of,
)
from compiler.runtime.diagram import TooLarge

_MOST_STEPS = 1_000


def expand(condition: Condition) -> Condition:
    """The same condition, where what is asked of list elements asks about nothing but the element.

    An atom about something else is decided outside: once taken as true, once as false; where it speaks of
    the element too, the whole is told apart no further than true and false. Raises diagram.TooLarge where
    that is done too often.
    """
    return _expand(condition, count())


def _expand(condition: Condition, steps: Iterator[int]) -> Condition:
    match condition:
        case Resting():
            return _expand(condition.condition, steps)
        case Not(inner):
            return Not(_expand(inner, steps))
        case AtLeast(wanted, conditions):
            return AtLeast(wanted, tuple(_expand(inner, steps) for inner in conditions))
        case Elements(fact, element, wanted, where):
            if next(steps) > _MOST_STEPS:
                raise TooLarge
            where = _expand(where, steps)
            own = [_own(atom, element) for atom in atoms(where)]
            if condition.run is not None or None in own:
                return _untold(condition)
            if all(own):
                return Elements(fact, element, wanted, where, condition.different)
            strange = next(atom for atom, mine in zip(atoms(where), own, strict=True) if not mine)
            if_true, if_false = (
                _expand(
                    Elements(fact, element, wanted, _assume(where, strange, truth), condition.different),
                    steps,
                )
                for truth in (True, False)
            )
            # What is decided outside may itself be about lists.
            outside = _expand(strange, steps)
            taken = conjunction((outside, if_true)), conjunction((Not(outside), if_false))
            return AtLeast(1, taken)
        case Newest():
            return _untold(condition)
        case _:
            return condition


def _untold(condition: Elements | Newest) -> Open:
    """The condition as one thing that can be true or false; it may ask about elements in hand outside."""
    own = f"{condition.element}."
    facts = tuple(f for f in dict.fromkeys(facts_of(condition)) if not f"{f}.".startswith(own))
    return Open(repr(condition), facts, condition.fact)


def _own(atom: Atom, element: str) -> bool | None:
    """Whether an atom asks about the element alone; None if it asks about the element and something else, or
    is computed from it.
    """
    mine = {name.partition(".")[0] == element for name in facts_of(atom)}
    computed = isinstance(atom, ComputedIs) and True in mine
    return None if computed or len(mine) > 1 else mine == {True}


def _assume(condition: Condition, atom: Atom, truth: bool) -> Condition:
    """A condition with an atom taken as true or as false."""
    match condition:
        case Not(inner):
            assumed = _assume(inner, atom, truth)
            return ALWAYS if assumed == NEVER else NEVER if assumed == ALWAYS else Not(assumed)
        case AtLeast(least, conditions):
            # What is settled is left out: else each further atom would double even what it cannot change.
            found = [_assume(inner, atom, truth) for inner in conditions]
            left = tuple(inner for inner in found if inner not in (ALWAYS, NEVER))
            wanted = least - found.count(ALWAYS)
            if wanted <= 0:
                return ALWAYS
            return AtLeast(wanted, left) if wanted <= len(left) else NEVER
        case _:
            return (ALWAYS if truth else NEVER) if condition == atom else condition
