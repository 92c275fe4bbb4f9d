"""Criteria get their meaning: facts, values, codes, concepts and definitions behind the words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from attrs import evolve, frozen

from compiler import errors
from compiler.binding import comparisons, dates, extremes
from compiler.binding.amounts import kind_of, quantity
from compiler.binding.by_version import by_version, changing
from compiler.binding.elements import Elements, element_type, fields_of
from compiler.binding.members import values
from compiler.binding.other_policies import compared_outcome, outcome_in
from compiler.binding.quantified import newest, quantified
from compiler.binding.scope import Scope, citation
from compiler.binding.told_short import told_short
from compiler.model import (
    BoolType,
    CodesType,
    Condition,
    Criterion,
    DayType,
    Definition,
    ElementType,
    FactType,
    Group,
    Negated,
    NumberIn,
    NumberType,
    RecordsType,
    RecordType,
    TextsType,
    Use,
    ValueIn,
)
from compiler.runtime.numbers import among
from dsl import syntax as s
from dsl.near import did_you_mean
from dsl.syntax import GroupKind

SHORTEST = 4
"""What has fewer digits is a number, and no code."""


@frozen
class Binder:
    """Binds the criteria of one package. `governing` is the date fact that criteria may not ask, `nonzero`
    the numbers that the criteria before have made sure are not zero.
    """

    scope: Scope
    governing: str | None = None
    nonzero: frozenset[str] = frozenset()
    trail: tuple[str, ...] = ()

    def body(
        self, body: s.Body, what: str, elements: Elements | None = None, *, together: bool = True
    ) -> tuple[Criterion, ...]:
        """The criteria of a body, which all must hold `together` or not; what cannot be bound is complained
        about and left out.
        """
        if not body.criteria:
            self.scope.report.add(errors.empty_body(body.span, what))
        bound: list[Criterion] = []
        binder = self
        for written in body.criteria:
            criterion = binder._criterion(written, elements or {})
            if criterion is not None:
                bound.append(criterion)
            if together:
                binder = binder.after(written.condition, criterion.condition if criterion else None)
        return tuple(bound)

    def definition(self, written: s.Definition) -> Definition:
        """A definition, with the element that it is about in hand."""
        name = written.name.text
        about = self.scope.unit.qualities.get(name)
        if written.element is None or written.list is None or about is None:
            return Definition(name, self.body(written.body, f"`{name}`"), span=written.name.span)
        element = written.element.text
        criteria = self.body(written.body, f"`{name}`", {element: about[0]})
        listed = written.list.text
        return Definition(name, criteria, element=element, listed=listed, span=written.name.span)

    def after(self, written: s.Condition, condition: Condition | None) -> Binder:
        """Binds what stands beside a condition that holds. One that has been complained about may have been
        meant to say that its number is not zero.
        """
        subject = written.subject if isinstance(written, s.Comparison) else None
        if condition is None and isinstance(subject, s.Path):
            return evolve(self, nonzero=self.nonzero | {subject.text})
        if isinstance(condition, NumberIn) and not among(Decimal(0), condition.stretches):
            return evolve(self, nonzero=self.nonzero | {condition.fact})
        return self

    def _criterion(self, criterion: s.Criterion, elements: Elements) -> Criterion | None:
        assumptions = self.scope.behind(criterion.cites, criterion.assume)
        condition = self.condition(criterion.condition, elements)
        if condition is None:
            return None
        label = criterion.label.text if criterion.label else None
        return Criterion(label, condition, citation(criterion.cites), assumptions, span=criterion.span)

    def _group(
        self, kind: GroupKind, conditions: tuple[s.Condition, ...], elements: Elements
    ) -> Condition | None:
        bound: list[Criterion] = []
        binder = self
        bare = told_short(conditions, kind, self, elements)
        for written in conditions:
            condition = None if written in bare else binder.condition(written, elements)
            if condition is not None:
                bound.append(Criterion(None, condition, span=written.span))
            binder = binder.after(written, condition) if kind is GroupKind.ALL else binder
        return Group(kind, 1, tuple(bound)) if len(bound) == len(conditions) else None

    def condition(self, condition: s.Condition, elements: Elements) -> Condition | None:
        """The meaning of a condition, or a complaint and None."""
        named = changing(condition, self.scope)
        if named:
            return by_version(condition, named, self, elements)
        match condition:
            case s.And() | s.Evidenced():
                both = (
                    condition.conditions
                    if isinstance(condition, s.And)
                    else (condition.condition, condition.by)
                )
                return self._group(GroupKind.ALL, both, elements)
            case s.Or():
                return self._group(GroupKind.ANY, condition.conditions, elements)
            case s.Not():
                return self._group(GroupKind.NONE, (condition.condition,), elements)
            case s.Group():
                count = int(condition.quantity.count.text) if condition.quantity.count else 1
                together = condition.quantity.kind is GroupKind.ALL
                criteria = self.body(condition.body, "this group", elements, together=together)
                self._possible(condition.quantity, count, condition.body.criteria)
                return Group(condition.quantity.kind, count, criteria)
            case s.Quantified():
                return quantified(condition, self, elements)
            case s.Newest():
                return newest(condition, self, elements)
            case s.Holds():
                return self._holds(condition, elements)
            case s.Comparison():
                return self._comparison(condition, elements)
            case s.Membership():
                return self._membership(condition, elements)
            case s.Window():
                if isinstance(condition.subject, s.Extreme):
                    return extremes.window(condition, self, elements)
                return dates.window(condition, self, elements)
            case s.Between():
                return comparisons.between(condition, self, elements)
            case _:
                text = condition.span.text
                what = f"`{text}` is not true or false by itself"
                self.scope.report.add(errors.type_mismatch(condition.span, what, "compare it with something"))
                return None
        assert_never(condition)

    def _possible(self, quantity: s.Quantity, count: int, criteria: tuple[s.Criterion, ...]) -> None:
        """Complain of a group that cannot hold, or cannot fail, whatever its criteria are; of one that counts
        a criterion twice.
        """
        of = len(criteria)
        wanted = {GroupKind.AT_MOST: "at most", GroupKind.EXACTLY: "exactly"}.get(quantity.kind, "at least")
        if of > 0 and (count > of or (count == of and quantity.kind is GroupKind.AT_MOST)):
            self.scope.report.add(errors.impossible_count(quantity.span, wanted, count, of))
        said: dict[str, s.Condition] = {}
        for condition in (each.condition for each in criteria if quantity.count is not None):
            first = said.setdefault(condition.span.said, condition)
            if first is not condition:
                self.scope.report.add(errors.counted_twice(condition.span.said, condition.span, first.span))

    # ---- lists ----------------------------------------------------------------------------------------

    def element(
        self, name: s.Name, listed: s.Path, elements: Mapping[str, ElementType]
    ) -> ElementType | None:
        """What the element in hand of a list is, or a complaint and None."""
        fact = self.scope.fact(listed)
        if name.text in elements:
            self.scope.report.add(errors.duplicate_name("element", name.text, name.span, name.span))
        if fact is None:
            return None
        inner = element_type(fact.type)
        if inner is None:
            self.says(listed, "is no list", "a list is wanted here")
        return inner

    def field(self, name: s.Name, record: ElementType, kind: type[DayType] | None) -> FactType | None:
        """The type of a record's field, or a complaint and None."""
        found = record.field(name.text) if isinstance(record, RecordType) else None
        if found is None:
            known = [field for field, _ in record.fields] if isinstance(record, RecordType) else []
            known += [other for other in self.scope.qualities_of(record) if other != name.text]
            self.scope.report.add(errors.unknown_name("field", name.text, name.span, known))
        elif kind is not None and not isinstance(found, kind):
            self.mismatch(name, f"`{name.text}` is no date", "a date is wanted here")
            return None
        return found

    # ---- facts ----------------------------------------------------------------------------------------

    def subject(self, path: s.Path, elements: Mapping[str, ElementType]) -> FactType | ElementType | None:
        """The type of what is compared, or a complaint and None."""
        head = path.parts[0].text
        found = elements.get(head)
        if isinstance(found, RecordType) and len(path.parts) == 2:
            name = path.parts[1]
            if found.field(name.text) is None and self.scope.quality(name.text, found):
                self.says(path, "holds or not by itself", "write it alone, or behind `not`")
                return None
            return self.field(name, found, None)
        if len(path.parts) == 1 and found is not None:
            return found
        if len(path.parts) == 1:
            known = [*elements, *fields_of(elements), *self.scope.facts()]
            self.scope.report.add(errors.unknown_name("fact", path.text, path.span, known))
            return None
        fact = self.scope.fact(path)
        return fact.type if fact else None

    def kind(self, path: str, elements: Mapping[str, ElementType]) -> FactType | None:
        """The type of a fact that is known to exist."""
        return kind_of(path, self, elements)

    def asks_governing(self, path: str, node: s.Node) -> bool:
        """Whether a criterion compares the date that governs, which is complained about."""
        if path == self.governing:
            self.scope.report.add(errors.date_in_condition(node.span))
        return path == self.governing

    def date_fact(self, value: s.Value, elements: Mapping[str, ElementType]) -> str | None:
        """The path of a date fact, or a complaint and None."""
        if isinstance(value, s.Path):
            kind = self.subject(value, elements)
            if isinstance(kind, DayType):
                return value.text
            if kind is None:
                return None
        self.mismatch(value, f"`{value.span.text}` is no date", "a date is wanted here")
        return None

    def value_of(self, path: s.Path) -> tuple[s.Value, Binder] | None:
        """The value that a name stands for, and what binds it."""
        found = self.scope.value_definition(path)
        if found is None:
            return None
        if self.scope.others_definition(path):
            self._others(path)
        value, unit = found
        key = f"{unit.package}.{path.text}"
        if key in self.trail:
            self.scope.report.add(errors.recursion(path.text, path.span))
            return s.Literal("0", span=path.span), self
        scope = self.scope if unit is self.scope.unit else Scope(unit, self.scope.report)
        return value, evolve(self, scope=scope, trail=(*self.trail, key))

    def _others(self, path: s.Path) -> None:
        self.says(
            path,
            "is another policy's, and changes with its revisions",
            "define it in a library that both import, or ask `outcome of` that policy",
        )

    def _holds(self, condition: s.Holds, elements: Elements) -> Condition | None:
        path = condition.path
        if self.scope.others_definition(path):
            self._others(path)
            return None
        definition = self.scope.definition(path)
        if definition is not None:
            return Use(definition)
        element = elements.get(path.parts[0].text)
        if element is not None and len(path.parts) == 2:
            quality = self.scope.quality(path.parts[1].text, element)
            if quality is not None:
                return Use(quality, path.parts[0].text)
        if path.text in self.scope.unit.qualities:
            self.says(path, "is said of an element", f"write it behind the element: `x.{path.text}`")
            return None
        if path.text in self.scope.labels and path.text not in self.scope.facts():
            what = "is the label of a criterion, and no definition"
            self.says(path, what, "what two criteria share is defined", f"{path.text} if {{ ... }}")
            return None
        if path.parts[0].text not in elements and path.text not in self.scope.facts():
            known = [*self.scope.definition_names(), *fields_of(elements), *self.scope.facts()]
            self.scope.report.add(errors.unknown_name("definition or fact", path.text, path.span, known))
            return None
        kind = self.subject(path, elements)
        if isinstance(kind, BoolType):
            return ValueIn(path.text, ("true",))
        if kind is not None:
            self.says(path, "is not true or false by itself", "compare it with something")
        return None

    # ---- comparisons ----------------------------------------------------------------------------------

    def _comparison(self, condition: s.Comparison, elements: Elements) -> Condition | None:
        subject, operator, value = condition.subject, condition.operator, condition.value
        if isinstance(value, s.Extreme):
            extremes.misplaced(condition, value, self)
            return None
        if isinstance(subject, s.Extreme):
            return extremes.compared(condition, self, elements)
        if isinstance(subject, s.Outcome):
            return compared_outcome(condition, subject, self)
        if not isinstance(subject, s.Path) or self.value_of(subject) is not None:
            dated = any(isinstance(side, s.Day | s.Moved) for side in (subject, value))
            return (dates.dates if dated else comparisons.numbers)(condition, self, elements)
        kind = self.subject(subject, elements)
        if kind is None:
            return None
        if isinstance(kind, DayType):
            if not isinstance(value, s.Path | s.Day | s.Moved):
                self.mismatch(value, f"`{subject.text}` is a date", "expected a date, year-month-day")
                return None
            return dates.dates(condition, self, elements)
        if isinstance(kind, NumberType):
            if (
                kind.bands
                and isinstance(value, s.Path)
                and len(value.parts) == 1
                and self.value_of(value) is None
            ):
                return comparisons.banded(subject, kind, operator, value, self)
            return comparisons.numbers(condition, self, elements)
        listed = isinstance(kind, CodesType | TextsType | RecordsType)
        if listed and isinstance(value, s.Literal) and value.text.isdigit() and len(value.text) < SHORTEST:
            counted = f"count of x in {subject.text} {operator} {value.text}"
            self.says(subject, "is a list", "a list is no number; how many it has is counted", counted)
            return None
        if operator not in ("==", "!="):
            self.says(subject, f"has no order, so `{operator}` says nothing of it", "only `==` and `!=` fit")
            return None
        equal = values(subject, kind, (value,), self)
        if equal is None or operator == "==":
            return equal
        return Negated(equal)

    def _membership(self, condition: s.Membership, elements: Elements) -> Condition | None:
        subject, within = condition.subject, condition.within
        items: tuple[s.Node, ...] = within.items if isinstance(within, s.Set) else (within,)
        if isinstance(subject, s.Outcome):
            return outcome_in(subject, items, self)
        if isinstance(subject, s.Text) and isinstance(within, s.Path):
            asked = f"some x in {within.text} {{ x == {subject.span.text} }}"
            self.says(within, "is asked for one of its elements", "say `some`", asked)
            return None
        if isinstance(subject, s.Path) and self.value_of(subject) is None:
            kind = self.subject(subject, elements)
            if kind is None:
                return None
            if not isinstance(kind, NumberType):
                return values(subject, kind, items, self)
        found = quantity(subject, self, elements)
        return None if found is None else comparisons.ranged(found, items, condition, self, elements)

    def mismatch(self, node: s.Node, why: str, label: str, near: tuple[str, ...] = ()) -> None:
        """Complain of what does not fit where it stands."""
        hints = did_you_mean(node.span.text, near)
        self.scope.report.add(errors.type_mismatch(node.span, why, label, hints))

    def says(self, path: s.Path, why: str, label: str, hint: str = "") -> None:
        """Complain of what a name is."""
        hints = (f"write `{hint}`",) if hint else ()
        self.scope.report.add(errors.type_mismatch(path.span, f"`{path.text}` {why}", label, hints))
