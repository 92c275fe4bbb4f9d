"""Conditions on parameters and on named values that revisions replace: a choice by variant and version."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from compiler.binding import comparisons
from compiler.binding.elements import Elements
from compiler.binding.scope import NOWHERE, Scope
from compiler.binding.versions import version
from compiler.model import Condition, Criterion, Group, Use
from dsl import syntax as s
from dsl.syntax import GroupKind
from dsl.syntax.walk import inside, replaced

if TYPE_CHECKING:
    from compiler.binding.bind import Binder


def changing(condition: s.Condition, scope: Scope) -> list[str]:
    """The parameters in a condition itself, and the named values that are not always the same."""
    if not isinstance(condition, s.Comparison | s.Membership | s.Window | s.Between):
        return []
    found = (path.text for path in inside(condition, s.Path))
    return [n for n in dict.fromkeys(found) if scope.parameter(n) or scope.amended(n)]


def by_version(
    condition: s.Condition, names: list[str], binder: Binder, elements: Elements
) -> Condition | None:
    """The condition with the values of each variant and version, where these stand."""
    scope = binder.scope
    ways: list[Criterion] = []
    variants: list[tuple[str | None, str | None]] = [(None, None)]
    if any(scope.parameter(name) for name in names):
        variants = list(scope.variants().items())
    counts = [len(scope.unit.versions.get(name, ())) for name in names]
    for variant, definition in variants:
        for numbers in product(*(range(count + 1) for count in counts)):
            told = list(zip(names, numbers, strict=True))
            given = {name: scope.value_at(name, variant, number) for name, number in told}
            if None in given.values():
                return None
            bound = binder.condition(replaced(condition, given), elements)  # type: ignore[arg-type]
            if bound is None:
                return None
            guards = [] if definition is None else [definition]
            guards += [version(n, number) for (n, number), count in zip(told, counts, strict=True) if count]
            way = comparisons.both(*map(Use, guards), bound)
            ways.append(Criterion(None, way, span=NOWHERE))
    return Group(GroupKind.ANY, 1, tuple(ways))
