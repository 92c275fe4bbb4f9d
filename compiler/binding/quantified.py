"""Criteria over list elements as authors write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from compiler import errors
from compiler.binding.comparisons import both
from compiler.binding.elements import Elements
from compiler.model import Condition, Criterion, DayType, NewestOf, Quantified, facts_of, inside
from dsl import syntax as s
from dsl.syntax import GroupKind

if TYPE_CHECKING:
    from compiler.binding.bind import Binder


def quantified(condition: s.Quantified, binder: Binder, elements: Elements) -> Condition | None:
    """So many elements of a list that meet criteria."""
    count = int(condition.quantity.count.text) if condition.quantity.count else 1
    element = condition.element
    inner = binder.element(element, condition.list, elements)
    if inner is None:
        return None
    criteria: tuple[Criterion, ...] = ()
    if condition.body is not None:
        criteria = binder.body(condition.body, "this list", {**elements, element.text: inner})
        whole = 0 < len(criteria) == len(condition.body.criteria)
        if whole and not any(element.text in _subjects(criterion) for criterion in criteria):
            binder.scope.report.add(errors.unused_element(element.text, element.span))
    different = condition.different
    if different is not None and binder.field(different.field, inner, None) is None:
        return None
    run = None
    if condition.span_days is not None:
        unit = condition.span_days.unit
        if binder.field(condition.span_days.field, inner, DayType) is None:
            return None
        number = int(condition.span_days.count.text) * (7 if unit == "week" else 1)
        if unit not in ("day", "week"):
            binder.mismatch(condition.span_days, "a run is counted in days or weeks", "days or weeks")
            return None
        run = number, condition.span_days.field.text
    made = Quantified(
        condition.quantity.kind,
        count,
        element.text,
        condition.list.text,
        criteria,
        None,
        run,
        condition.body is None,
    )
    if different is None:
        return made
    varied = evolve(made, different=different.field.text)
    if different.least is None:
        return varied
    if made.kind not in (GroupKind.SOME, GroupKind.AT_LEAST, GroupKind.EXACTLY):
        what = f"`{made.kind.value}` goes with no other number"
        binder.mismatch(different, what, "expected `at least ... with at least ... different`")
        return None
    return both(made, evolve(varied, kind=GroupKind.AT_LEAST, count=int(different.least.text)))


def newest(condition: s.Newest, binder: Binder, elements: Elements) -> Condition | None:
    """The latest or earliest element of a list, and what it meets."""
    record = binder.element(condition.element, condition.list, elements)
    if record is None or binder.field(condition.by, record, DayType) is None:
        return None
    inner = {**elements, condition.element.text: record}
    among = binder.body(condition.among, "this list", inner) if condition.among is not None else ()
    return NewestOf(
        condition.latest,
        condition.element.text,
        condition.by.text,
        condition.list.text,
        among,
        binder.body(condition.has, "this list", inner),
    )


def _subjects(criterion: Criterion) -> Iterator[str]:
    """The facts and elements that a criterion compares, and those inside it."""
    for fact in facts_of(criterion.condition):
        yield fact.partition(".")[0] if fact.partition(".")[0] not in ("line", "claim", "member") else fact
    for inner in inside(criterion.condition):
        yield from _subjects(inner)
