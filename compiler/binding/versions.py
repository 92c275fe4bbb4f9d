"""Named values and parameters that revisions replace: a definition says of each version when it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeAlias

from compiler.binding.scope import NOWHERE, Unit
from compiler.model import ComputedIn, Condition, Criterion, Definition, Fixed, Negated
from dsl import syntax as s

Declared: TypeAlias = s.Scale | s.ValueDefinition | s.Parameter

_MARK = "@"
_ALWAYS = ComputedIn(Fixed(Fraction(0)), ((None, None),), frozenset())


def version(name: str, number: int) -> str:
    """The name of the definition that says whether a version stands; the first has the number 0."""
    return f"{name}{_MARK}{number}"


def is_version(definition: str) -> bool:
    """Whether a definition says that a version stands."""
    return _MARK in definition


def with_version(definitions: Iterable[Definition], name: str, number: int) -> Iterator[Definition]:
    """Definitions, of which one version of a name stands, and no other."""
    for definition in definitions:
        if definition.name.partition(_MARK)[0] == name and is_version(definition.name):
            yield Definition(
                definition.name, _standing(definition.name == version(name, number)), span=definition.span
            )
        else:
            yield definition


def standing(item: Declared, unit: Unit, definitions: Iterable[Definition]) -> Declared:
    """What stands in the place of a declared name: what a revision put there, or the declaration itself."""
    number = standing_number(item.name.text, definitions)
    return unit.versions[item.name.text][number - 1] if number else item


def standing_number(name: str, definitions: Iterable[Definition]) -> int:
    """The number of the version of a name that stands; the first has the number 0."""
    stands = (d.name.partition(_MARK) for d in definitions if d.criteria == _standing(True))
    return next((int(number) for of, mark, number in stands if mark and of == name), 0)


def first_version(name: str, number: int) -> Definition:
    """The definition that says whether a version stands, as it is before any revision."""
    return Definition(version(name, number), _standing(number == 0), span=NOWHERE)


def _standing(stands: bool) -> tuple[Criterion, ...]:
    condition: Condition = _ALWAYS if stands else Negated(_ALWAYS)
    return (Criterion(None, condition, span=NOWHERE),)
