"""Finding nodes of one class inside others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import fields_dict

from dsl.syntax.words import Node

Kind = TypeVar("Kind", bound=Node)


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
