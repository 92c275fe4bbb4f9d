"""What gives facts: which fact holds the code by which another is known, and which field of a record."""

from __future__ import annotations

from collections.abc import Mapping

from compiler import errors
from compiler.binding.scope import Scope
from compiler.model import CodeType, FactType
from dsl import syntax as s


def givers(scope: Scope) -> None:
    """Complain of facts that are given by what holds no code, or by each other."""
    facts = [fact for item in scope.unit.file.items if isinstance(item, s.Facts) for fact in item.facts]
    by = {fact.path.text: fact.given_by for fact in facts if fact.given_by is not None}
    _in_circles(by, scope)
    for path, giver in by.items():
        found = scope.fact(giver)
        if found is None or not _holds_code(giver, found.type, scope):
            continue
        if giver.text.startswith("line.") and not path.startswith("line."):
            what = f"`{path}` cannot be given by a code of a line"
            label = f"the lines may have several, and `{path}` is the same for all of them"
            scope.report.add(errors.type_mismatch(giver.span, what, label))


def given_fields(
    record: s.Record, fields: Mapping[str, FactType], scope: Scope
) -> tuple[tuple[str, str], ...]:
    """The fields of a record that codes give, each with the field that holds the code."""
    by = {field.name.text: field.given_by for field in record.fields if field.given_by is not None}
    _in_circles(by, scope)
    for giver in by.values():
        kind = fields.get(giver.text)
        if kind is None:
            scope.report.add(errors.unknown_name("field", giver.text, giver.span, fields))
        else:
            _holds_code(giver, kind, scope)
    return tuple((name, giver.text) for name, giver in by.items())


def _holds_code(giver: s.Path, kind: FactType, scope: Scope) -> bool:
    """Whether the code of a fact or field may give others; complained about if not."""
    if not isinstance(kind, CodeType):
        label = "what gives is a `code of` a system"
        scope.report.add(errors.type_mismatch(giver.span, f"`{giver.text}` is no code", label))
    return isinstance(kind, CodeType)


def _in_circles(by: Mapping[str, s.Path], scope: Scope) -> None:
    """Complain of what gives itself in the end, once for each circle."""
    told: set[str] = set()
    for first in by:
        trail = [first]
        while trail[-1] in by and by[trail[-1]].text not in trail:
            trail.append(by[trail[-1]].text)
        closes = trail[-1] in by and by[trail[-1]].text == first
        if closes and told.isdisjoint(trail):
            told |= set(trail)
            scope.report.add(errors.recursion(first, by[first].span))
