"""Finding nodes of one class inside others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from attrs import evolve, fields_dict

from dsl.syntax.words import Node, Path

Kind = TypeVar("Kind", bound=Node)
Kept = TypeVar("Kept")


def inside(value: object, kind: type[Kind]) -> Iterator[Kind]:
    """The nodes of a class in a node or a tuple of nodes, itself included, in order of the text."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, tuple):
        for part in value:
            yield from inside(part, kind)
    elif isinstance(value, Node):
        for name in fields_dict(type(value)):
            yield from inside(getattr(value, name), kind)


def replaced(value: Kept, by: Mapping[str, Node]) -> Kept:
    """A node with other nodes in the place of some paths, by their text."""
    if isinstance(value, Path) and value.text in by:
        return by[value.text]  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(replaced(part, by) for part in value)  # type: ignore[return-value]
    if isinstance(value, Node):
        names = [name for name in fields_dict(type(value)) if name != "span"]
        return evolve(value, **{name: replaced(getattr(value, name), by) for name in names})
    return value
