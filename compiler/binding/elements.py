"""List elements in hand: their names and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.binding.scope import Scope
from compiler.model import (
    CodesType,
    CodeType,
    ElementType,
    FactType,
    RecordsType,
    RecordType,
    TextsType,
    TextType,
)
from dsl import syntax as s
from dsl.syntax.walk import inside as nodes_inside

Elements = Mapping[str, ElementType]
"""The names of list elements in hand, with their types."""


def element_types(scope: Scope) -> Elements:
    """The names of list elements anywhere in a file: an amendment may speak of the element in hand there.

    A name that stands for elements of two types is left out.
    """
    found: dict[str, ElementType | None] = {}
    taken = [(each.element, each.list) for each in taking(scope.unit.file.items)]
    taken += [
        (each.element, each.list)
        for each in nodes_inside(scope.unit.file.items, s.Definition)
        if each.element is not None and each.list is not None
    ]
    for element, listed in taken:
        fact = scope.facts().get(listed.text)
        inner = element_type(fact.type) if fact is not None else None
        found[element.text] = inner if found.get(element.text, inner) == inner else None
    return {name: kind for name, kind in found.items() if kind is not None}


def taking(value: object) -> Iterator[s.Quantified | s.Newest | s.Total | s.Extreme]:
    """What takes list elements in hand."""
    return nodes_inside(value, (s.Quantified, s.Newest, s.Total, s.Extreme))


def free(elements: Elements, body: s.Body) -> Elements:
    """The elements that a body may find in hand, without those that it takes in hand itself."""
    own = {node.element.text for node in taking(body)}
    return {name: kind for name, kind in elements.items() if name not in own}


def element_type(kind: FactType) -> ElementType | None:
    """The type of a list's elements, or None of what is no list."""
    match kind:
        case CodesType(system):
            return CodeType(system)
        case TextsType():
            return TextType()
        case RecordsType(record):
            return record
        case _:
            return None


def fields_of(elements: Elements) -> Iterator[str]:
    """The fields of the elements in hand, as a criterion names them."""
    for name, kind in elements.items():
        if isinstance(kind, RecordType):
            yield from (f"{name}.{field}" for field, _ in kind.fields)
