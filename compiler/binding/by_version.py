"""Conditions on parameters and on named values that revisions replace: chosen by variant, case, version."""

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
    """The condition with the values of each variant, case and version, where these stand."""
    scope = binder.scope
    ways: list[Criterion] = []
    variants: list[tuple[str | None, str | None]] = [(None, None)]
    if any(scope.parameter(name) and name not in scope.unit.tables for name in names):
        variants = list(scope.variants().items())
    counts = [len(scope.unit.versions.get(name, ())) for name in names]
    for variant, definition in variants:
        for numbers in product(*(range(count + 1) for count in counts)):
            told = list(zip(names, numbers, strict=True))
            guards = [] if definition is None else [definition]
            guards += [version(n, number) for (n, number), count in zip(told, counts, strict=True) if count]
            choices = [_values(scope, name, variant, number) for name, number in told]
            for chosen in product(*choices):
                given: dict[str, s.Node] = {
                    name: value for name, (value, _) in zip(names, chosen, strict=True)
                }
                bound = binder.condition(replaced(condition, given), elements)
                if bound is None:
                    return None
                asked = [criterion.condition for _, criteria in chosen for criterion in criteria]
                way = comparisons.both(*map(Use, guards), *asked, bound)
                ways.append(Criterion(None, way, span=NOWHERE))
            if [] in choices:
                return None
    return Group(GroupKind.ANY, 1, tuple(ways))


def _values(
    scope: Scope, name: str, variant: str | None, number: int
) -> list[tuple[s.Value, tuple[Criterion, ...]]]:
    """The values of a name in a version, each with what is asked before it is one; none where that has been
    complained about.
    """
    if name in scope.unit.tables:
        return [(case.value, case.criteria) for case in scope.unit.tables[name][number]]
    value = scope.value_at(name, variant, number)
    return [] if value is None else [(value, ())]
