"""Criteria on what another policy decides of the line, as authors write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler import errors
from compiler.binding.scope import Unit, governing
from compiler.ir.outcomes import OTHERS
from compiler.model import DETERMINATIONS, Condition, Negated, OutcomeIn
from dsl import syntax as s

if TYPE_CHECKING:
    from compiler.binding.bind import Binder

OUTCOMES = (*DETERMINATIONS, *OTHERS)
"""What can be asked; what is unknown of the other policy's facts is unknown here, and asked for."""


def compared_outcome(node: s.Comparison, subject: s.Outcome, binder: Binder) -> Condition | None:
    """`outcome of light_therapy == not_covered`, or a complaint and None."""
    if node.operator not in ("==", "!="):
        why = f"an outcome has no order, so `{node.operator}` says nothing of it"
        binder.mismatch(subject, why, "only `==` and `!=` fit")
        return None
    found = outcome_in(subject, (node.value,), binder)
    return Negated(found) if found is not None and node.operator == "!=" else found


def outcome_in(subject: s.Outcome, items: tuple[s.Node, ...], binder: Binder) -> Condition | None:
    """`outcome of light_therapy in { not_covered, manual_review }`, or a complaint and None."""
    report = binder.scope.report
    unit = _policy(subject.policy, binder)
    known = True
    said = [item.text if isinstance(item, s.Path) else item.span.text for item in items]
    for item, outcome in zip(items, said, strict=True):
        if outcome not in OUTCOMES:
            known = False
            report.add(errors.unknown_determination(outcome, item.span, OUTCOMES))
    if unit is None or not known:
        return None
    if not binder.scope.unit.is_policy:
        binder.mismatch(subject, "a library speaks of no policy's outcome", "ask this in the policy itself")
        return None
    if governing(unit.file) != governing(binder.scope.unit.file):
        own = governing(binder.scope.unit.file)
        report.add(errors.other_governing_date(subject.span, governing(unit.file), own))
        return None
    return OutcomeIn(unit.package, tuple(dict.fromkeys(said)))


def _policy(path: s.Path, binder: Binder) -> Unit | None:
    """The imported policy of a name, which is the last word of its package."""
    scope = binder.scope
    policies = {u.package.rpartition(".")[2]: u for u in scope.unit.imports if u.is_policy}
    found = policies.get(path.text)
    if found is None:
        scope.report.add(errors.unknown_name("imported policy", path.text, path.span, policies))
        return None
    scope.used.add(found.package)
    return found
