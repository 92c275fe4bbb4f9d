"""Conditions in the form that diagrams are built from: what is asked of an element asks nothing else."""

from __future__ import annotations

from compiler import decision as d

_ALWAYS = d.all_of(())


def expand(condition: d.Condition, outer: frozenset[str] = frozenset()) -> d.Condition:
    """The same condition, where what is asked of list elements asks about nothing but the element.

    An atom about something else is decided outside: once taken as true, once as false.
    """
    match condition:
        case d.Named():
            return expand(condition.condition, outer)
        case d.Not(inner):
            return d.Not(expand(inner, outer))
        case d.AtLeast(count, conditions):
            return d.AtLeast(count, tuple(expand(inner, outer) for inner in conditions))
        case d.Elements(fact, element, count, where):
            where = expand(where, outer | {element})
            strange = next((a for a in d.atoms(where) if a.fact != element), None)
            if strange is None:
                return d.Elements(fact, element, count, where)
            if_true, if_false = (
                expand(d.Elements(fact, element, count, _assume(where, strange, truth)), outer)
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
        case d.AtLeast(count, conditions):
            # What is settled is left out: else each further atom would double even what it cannot change.
            found = [_assume(inner, atom, truth) for inner in conditions]
            left = tuple(inner for inner in found if inner not in (_ALWAYS, d.NEVER))
            wanted = count - found.count(_ALWAYS)
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
