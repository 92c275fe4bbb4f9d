"""Conditions in the form that diagrams are built from: what is asked of an element asks nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from compiler import decision as d
from compiler.runtime.diagram import TooLarge

_ALWAYS = d.all_of(())


_MOST_STEPS = 1_000


def expand(condition: d.Condition) -> d.Condition:
    """The same condition, where what is asked of list elements asks about nothing but the element.

    An atom about something else is decided outside: once taken as true, once as false. Raises
    diagram.TooLarge where that is done too often.
    """
    return _expand(condition, frozenset(), count())


def _expand(condition: d.Condition, outer: frozenset[str], steps: Iterator[int]) -> d.Condition:
    match condition:
        case d.Named():
            return _expand(condition.condition, outer, steps)
        case d.Not(inner):
            return d.Not(_expand(inner, outer, steps))
        case d.AtLeast(wanted, conditions):
            return d.AtLeast(wanted, tuple(_expand(inner, outer, steps) for inner in conditions))
        case d.Elements(fact, element, wanted, where):
            if next(steps) > _MOST_STEPS:
                raise TooLarge
            where = _expand(where, outer | {element}, steps)
            strange = next((a for a in d.atoms(where) if a.fact != element), None)
            if strange is None:
                return d.Elements(fact, element, wanted, where)
            if_true, if_false = (
                _expand(d.Elements(fact, element, wanted, _assume(where, strange, truth)), outer, steps)
                for truth in (True, False)
            )
            taken = d.all_of((strange, if_true)), d.all_of((d.Not(strange), if_false))
            return d.AtLeast(1, taken)
        case _:
            return condition


def _assume(condition: d.Condition, atom: d.Atom, truth: bool) -> d.Condition:
    """A condition with an atom taken as true or as false."""
    match condition:
        case d.Not(inner):
            assumed = _assume(inner, atom, truth)
            return _ALWAYS if assumed == d.NEVER else d.NEVER if assumed == _ALWAYS else d.Not(assumed)
        case d.AtLeast(least, conditions):
            # What is settled is left out: else each further atom would double even what it cannot change.
            found = [_assume(inner, atom, truth) for inner in conditions]
            left = tuple(inner for inner in found if inner not in (_ALWAYS, d.NEVER))
            wanted = least - found.count(_ALWAYS)
            if wanted <= 0:
                return _ALWAYS
            return d.AtLeast(wanted, left) if wanted <= len(left) else d.NEVER
        case _:
            return (_ALWAYS if truth else d.NEVER) if condition == atom else condition


def renamed(where: d.Condition, old: str, new: str) -> d.Condition:
    """A condition on elements with another name for the element in hand; assumptions are left behind."""
    match where:
        case d.Not(inner):
            return d.Not(renamed(inner, old, new))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(renamed(inner, old, new) for inner in conditions))
        case d.CodeIs():
            return d.CodeIs(new, where.system, where.codes)
        case d.ValueIs():
            return d.ValueIs(new, where.values)
        case _:
            raise AssertionError("an element condition asks about its element alone")
