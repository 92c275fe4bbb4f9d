"""Criteria get their meaning: facts, values, codes, concepts and definitions behind the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import assert_never

from attrs import frozen

from compiler import errors, numbers, windows
from compiler.model import (
    BoolType,
    CodeIn,
    CodesType,
    CodeType,
    Condition,
    Criterion,
    DayIn,
    DayType,
    EnumType,
    FactType,
    Group,
    Negated,
    NumberType,
    Quantified,
    TextsType,
    TextType,
    Use,
    ValueIn,
    fact_of,
)
from compiler.scope import Scope, citation
from dsl import syntax as s
from dsl.near import did_you_mean
from dsl.syntax import GroupKind
from dsl.syntax.walk import inside

Elements = Mapping[str, FactType]
"""The names of list elements in hand, with their types."""


def element_types(scope: Scope) -> Elements:
    """The names of list elements anywhere in a file: an amendment may speak of the element in hand there.

    A name that stands for elements of two types is left out.
    """
    found: dict[str, FactType | None] = {}
    for quantified in inside(scope.unit.file.items, s.Quantified):
        fact = scope.facts().get(quantified.list.text)
        inner = element_type(fact.type) if fact is not None else None
        name = quantified.element.text
        found[name] = inner if found.get(name, inner) == inner else None
    return {name: kind for name, kind in found.items() if kind is not None}


def free(elements: Elements, body: s.Body) -> Elements:
    """The elements that a body may find in hand, without those that it takes in hand itself."""
    own = {quantified.element.text for quantified in inside(body, s.Quantified)}
    return {name: kind for name, kind in elements.items() if name not in own}


def element_type(kind: FactType) -> FactType | None:
    """The type of a list's elements, or None of what is no list."""
    if isinstance(kind, CodesType):
        return CodeType(kind.system)
    return TextType() if isinstance(kind, TextsType) else None


@frozen
class Binder:
    """Binds the criteria of one package. `governing` is the date fact that criteria may not ask."""

    scope: Scope
    governing: str | None = None

    def body(self, body: s.Body, what: str, elements: Elements | None = None) -> tuple[Criterion, ...]:
        """The criteria of a body; what cannot be bound is complained about and left out."""
        if not body.criteria:
            self.scope.report.add(errors.empty_body(body.span, what))
        bound = (self._criterion(criterion, elements or {}) for criterion in body.criteria)
        return tuple(criterion for criterion in bound if criterion is not None)

    def _criterion(self, criterion: s.Criterion, elements: Elements) -> Criterion | None:
        assumption = self.scope.assumption(criterion.assume)
        condition = self._condition(criterion.condition, elements)
        if condition is None:
            return None
        label = criterion.label.text if criterion.label else None
        return Criterion(label, condition, citation(criterion.cites), assumption, span=criterion.span)

    def _bare(self, condition: s.Condition, elements: Elements) -> Criterion | None:
        bound = self._condition(condition, elements)
        return None if bound is None else Criterion(None, bound, None, None, span=condition.span)

    def _group(
        self, kind: GroupKind, conditions: tuple[s.Condition, ...], elements: Elements
    ) -> Condition | None:
        bound = [self._bare(condition, elements) for condition in conditions]
        return None if None in bound else Group(kind, 1, tuple(b for b in bound if b is not None))

    def _condition(self, condition: s.Condition, elements: Elements) -> Condition | None:
        match condition:
            case s.And():
                return self._group(GroupKind.ALL, condition.conditions, elements)
            case s.Or():
                return self._group(GroupKind.ANY, condition.conditions, elements)
            case s.Not():
                return self._group(GroupKind.NONE, (condition.condition,), elements)
            case s.Group():
                count = int(condition.quantity.count.text) if condition.quantity.count else 1
                criteria = self.body(condition.body, "this group", elements)
                if count > len(condition.body.criteria) > 0:
                    self.scope.report.add(
                        errors.impossible_count(condition.quantity.span, count, len(condition.body.criteria))
                    )
                return Group(condition.quantity.kind, count, criteria)
            case s.Quantified():
                return self._quantified(condition, elements)
            case s.Holds():
                return self._holds(condition, elements)
            case s.Comparison():
                return self._comparison(condition, elements)
            case s.Membership():
                return self._membership(condition, elements)
            case s.Window():
                kind = self._subject(condition.subject, elements)
                report = self.scope.report
                return None if kind is None else windows.around(condition, kind, self._anchors(), report)
        assert_never(condition)

    def _anchors(self) -> tuple[str, ...]:
        """The days that every line states."""
        return tuple(dict.fromkeys(("line.service_date", self.governing or "line.service_date")))

    def _quantified(self, condition: s.Quantified, elements: Elements) -> Condition | None:
        count = int(condition.quantity.count.text) if condition.quantity.count else 1
        fact = self.scope.fact(condition.list)
        element = condition.element
        if element.text in elements:
            self.scope.report.add(errors.duplicate_name("element", element.text, element.span, element.span))
        if fact is None:
            return None
        inner = element_type(fact.type)
        if inner is None:
            self._mismatch(condition.list, "is no list", "a list is wanted here")
            return None
        criteria = self.body(condition.body, "this list", {**elements, element.text: inner})
        whole = 0 < len(criteria) == len(condition.body.criteria)
        if whole and not any(element.text in _subjects(criterion) for criterion in criteria):
            self.scope.report.add(errors.unused_element(element.text, element.span))
        return Quantified(condition.quantity.kind, count, element.text, condition.list.text, criteria)

    def _subject(self, path: s.Path, elements: Elements) -> FactType | None:
        if path.text in elements:
            return elements[path.text]
        if len(path.parts) == 1:
            known = [*elements, *self.scope.facts()]
            self.scope.report.add(errors.unknown_name("fact", path.text, path.span, known))
            return None
        if path.text == self.governing:
            self.scope.report.add(errors.date_in_condition(path.span))
            return None
        fact = self.scope.fact(path)
        return fact.type if fact else None

    def _holds(self, condition: s.Holds, elements: Elements) -> Condition | None:
        path = condition.path
        definition = self.scope.definition(path)
        if definition is not None:
            return Use(definition)
        if path.text not in elements and path.text not in self.scope.facts():
            known = [*self.scope.definition_names(), *self.scope.facts()]
            self.scope.report.add(errors.unknown_name("definition or fact", path.text, path.span, known))
            return None
        kind = self._subject(path, elements)
        if isinstance(kind, BoolType):
            return ValueIn(path.text, ("true",))
        if kind is not None:
            self._mismatch(path, "is not true or false by itself", "compare it with something")
        return None

    def _comparison(self, condition: s.Comparison, elements: Elements) -> Condition | None:
        kind = self._subject(condition.subject, elements)
        if kind is None:
            return None
        path, operator = condition.subject, condition.operator
        if isinstance(kind, DayType):
            return self._day(path.text, operator, condition.value)
        if isinstance(kind, NumberType):
            return numbers.compared(path.text, kind, operator, condition.value, self.scope.report)
        if operator not in ("==", "!="):
            self._mismatch(
                path, f"has no order, so `{operator}` says nothing of it", "only `==` and `!=` fit"
            )
            return None
        equal = self._values(path, kind, (condition.value,))
        if equal is None or operator == "==":
            return equal
        return Negated(equal)

    def _membership(self, condition: s.Membership, elements: Elements) -> Condition | None:
        kind = self._subject(condition.subject, elements)
        if kind is None:
            return None
        within = condition.within
        items = within.items if isinstance(within, s.Set) else (within,)
        return self._values(condition.subject, kind, items)

    def _values(
        self,
        subject: s.Path,
        kind: FactType,
        items: tuple[s.Path | s.Pattern | s.Range | s.Literal | s.Text | s.Day, ...],
    ) -> Condition | None:
        match kind:
            case EnumType() | BoolType() | TextType():
                members = ("true", "false") if isinstance(kind, BoolType) else getattr(kind, "members", ())
                values = [self._value(subject, item, members) for item in items]
                return None if None in values else ValueIn(subject.text, tuple(v for v in values if v))
            case CodeType(system):
                return self._codes(subject, system, items)
            case CodesType() | TextsType():
                self._mismatch(
                    subject,
                    "is a list",
                    "a list is no single value",
                    f"some x in {subject.text} {{ x in ... }}",
                )
            case NumberType():
                return numbers.ranged(subject.text, kind, items, self.scope.report)
            case DayType():
                self._mismatch(subject, "is a date", "compare it: `<`, `>=`")
            case _:
                assert_never(kind)
        return None

    def _value(self, subject: s.Path, item: s.Node, members: tuple[str, ...]) -> str | None:
        if isinstance(item, s.Text) and not members:
            return item.value.casefold()
        if isinstance(item, s.Path) and len(item.parts) == 1 and members:
            if item.text in members:
                return item.text
            self.scope.report.add(
                errors.unknown_name(f"value of `{subject.text}`", item.text, item.span, members)
            )
            return None
        wanted = "one of its declared values" if members else "a text in quotes"
        hints = did_you_mean(item.span.text.strip('"').lower().replace(" ", "_"), members)
        self.scope.report.add(
            errors.type_mismatch(
                item.span, f"`{item.span.text}` is no value of `{subject.text}`", f"expected {wanted}", hints
            )
        )
        return None

    def _codes(self, subject: s.Path, system: str, items: tuple[s.Node, ...]) -> Condition | None:
        codes, concepts, good = [], [], True
        for item in items:
            found: object = None
            if isinstance(item, s.Path):
                concept = self.scope.concept(item)
                if concept is not None:
                    own = {"cpt": "procedure", "hcpcs": "procedure"}.get(concept.system, concept.system)
                    if system in (own, concept.system):
                        concepts.append(concept.id)
                        found = concept
                    else:
                        self._mismatch(
                            item, f"holds codes of `{concept.system}`", f"`{subject.text}` is of `{system}`"
                        )
            elif isinstance(item, s.Pattern | s.Literal):
                pattern = item if isinstance(item, s.Pattern) else s.Pattern(item, None, span=item.span)
                found = self.scope.pattern(pattern, system)
                if found is not None:
                    codes.append(found)
            else:
                self.scope.report.add(
                    errors.type_mismatch(
                        item.span, f"`{item.span.text}` is no code", "a code or a concept is wanted"
                    )
                )
            good = good and found is not None
        return CodeIn(subject.text, system, tuple(codes), tuple(concepts)) if good else None

    def _day(self, fact: str, operator: str, value: s.Node) -> Condition | None:
        if isinstance(value, s.Path):
            within = windows.compared(fact, operator, value, self._anchors(), self.scope.report)
            return within if within is None or operator != "!=" else Negated(within)
        if not isinstance(value, s.Day):
            self.scope.report.add(
                errors.type_mismatch(value.span, f"`{fact}` is a date", "expected a date, year-month-day")
            )
            return None
        day = value.value
        following = day + timedelta(days=1) if day < date.max else None
        stretch: dict[str, tuple[date | None, date | None]] = {
            "==": (day, following),
            "!=": (day, following),
            "<": (None, day),
            ">=": (day, None),
            "<=": (None, following),
            ">": (following, None) if following else (day, day),
        }
        inside = DayIn(fact, *stretch[operator])
        if operator != "!=":
            return inside
        return Negated(inside)

    def _mismatch(self, path: s.Path, why: str, label: str, hint: str = "") -> None:
        hints = (f"write `{hint}`",) if hint else ()
        self.scope.report.add(errors.type_mismatch(path.span, f"`{path.text}` {why}", label, hints))


def _subjects(criterion: Criterion) -> Iterator[str]:
    """The facts and elements that a criterion compares, and those inside it."""
    fact = fact_of(criterion.condition)
    if fact is not None:
        yield fact
    elif isinstance(criterion.condition, Group | Quantified):
        for inner in criterion.condition.criteria:
            yield from _subjects(inner)
