"""Finding nodes of one class inside others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from attrs import evolve, fields

from dsl.syntax.words import Node, Path

Kind = TypeVar("Kind", bound=Node)
Kept = TypeVar("Kept")


def inside(value: object, kind: type[Kind] | tuple[type[Kind], ...]) -> Iterator[Kind]:
    """The nodes of a class, or of several, in a node or a tuple of nodes, itself included, as the text has
    them.
    """
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            yield node
        if isinstance(node, tuple):
            waiting += reversed(node)
        elif isinstance(node, Node):
            waiting += [getattr(node, part.name) for part in reversed(fields(type(node)))]


def replaced(value: Kept, by: Mapping[str, Node]) -> Kept:
    """A node with other nodes in the place of some paths, by their text."""
    if isinstance(value, Path) and value.text in by:
        return by[value.text]  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(replaced(part, by) for part in value)  # type: ignore[return-value]
    if isinstance(value, Node):
        names = [part.name for part in fields(type(value)) if part.name != "span"]
        return evolve(value, **{name: replaced(getattr(value, name), by) for name in names})
    return value
