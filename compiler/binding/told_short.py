"""Values that stand as criteria: `claim.pain == moderate or severe`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compiler import errors
from compiler.binding.comparisons import names
from compiler.binding.elements import Elements
from compiler.model import EnumType
from dsl import syntax as s
from dsl import told_short as written
from dsl.syntax import GroupKind

if TYPE_CHECKING:
    from compiler.binding.bind import Binder


def told_short(
    conditions: Sequence[s.Condition], kind: GroupKind, binder: Binder, elements: Elements
) -> list[s.Condition]:
    """The conditions that are bare values of what the one before them asks; complains of them."""

    def bare(asked: s.Comparison | s.Membership, part: s.Condition) -> bool:
        if not isinstance(part, s.Holds) or not isinstance(asked.subject, s.Path):
            return False
        its = binder.kind(asked.subject.text, elements)
        members = its.members if isinstance(its, EnumType) else names(its)
        return part.path.text in members and binder.scope.definition(part.path) is None

    found: list[s.Condition] = []
    for asked, values in written.told_short(conditions, bare):
        what = (
            f"`{values[0].span.text}` is a value of `{asked.subject.span.text}`, and asks nothing by itself"
        )
        hint = written.repeated(asked, values, kind is GroupKind.ANY)
        binder.scope.report.add(
            errors.type_mismatch(values[0].span, what, "true or false is wanted here", (hint,))
        )
        found += values
    return found
