"""What can be read of a text with mistakes, as one tree: for whoever writes it just now."""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import evolve, fields_dict

from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.nesting import outline
from dsl.parse import MOST_LETTERS, parse_piece
from dsl.pieces import Parts, Piece
from dsl.scan import scan
from dsl.source import Source, Span

Kept = TypeVar("Kept", bound=s.Node)


def recovered(source: Source) -> s.File | None:
    """The tree of a text without the parts that cannot be read; None if that leaves no package."""
    if len(source.text) > MOST_LETTERS:
        return None
    scanned = scan(source, Report())
    outlined = outline(source, scanned, Report())
    if outlined is None:
        return None
    parts = Parts.of(scanned.text, outlined)
    found: s.File | None = None
    for piece in parts.of_file():
        file = _read(piece, source, scanned.text, parts)
        if file is not None and found is None and piece.start == 0:
            found = file
        elif file is not None and found is not None:
            found = evolve(found, imports=found.imports + file.imports, items=found.items + file.items)
    return found


def _read(piece: Piece, source: Source, text: str, parts: Parts) -> s.File | None:
    """The tree of a piece, or of its readable parts within their head."""
    whole = parse_piece(source, text, piece)
    if whole is not None:
        return whole
    inner = parts.of_piece(piece)
    head = parse_piece(source, text, inner[0]) if inner else None
    if head is None:
        return None
    for part in inner[1:]:
        more = _read(part, source, text, parts)
        if more is not None:
            head = evolve(head, items=_joined(head.items, more.items, part.start))
    return head


def _joined(into: tuple[Any, ...], parts: tuple[Any, ...], start: int) -> tuple[Any, ...]:
    """Nodes with those of a part of the text, which begins at `start`: what was put around the part, so that
    it could be read alone, stands for the last of the nodes.
    """
    found = list(into)
    for part in parts:
        if part.span.start >= start:
            found.append(part)
        elif found:
            found[-1] = _merged(found[-1], part, start)
    return tuple(found)


def _merged(into: Kept, around: s.Node, start: int) -> Kept:
    """A node with what a part, read within another node of its kind, adds to it."""
    if around.span.end <= start:
        return into
    if type(into) is not type(around):
        return _put(into, around.body, start) if isinstance(around, s.Definition) else into
    changes: dict[str, Any] = {}
    for name in fields_dict(type(into)):
        old, new = getattr(into, name), getattr(around, name)
        if isinstance(old, tuple) and isinstance(new, tuple):
            changes[name] = _joined(old, new, start)
        elif isinstance(old, s.Node) and isinstance(new, s.Node):
            changes[name] = _merged(old, new, start)
    end = min(max(into.span.end, around.span.end), len(into.span.source.text))
    return evolve(into, **changes, span=Span(into.span.source, into.span.start, end))


def _put(into: Kept, body: s.Body, start: int) -> Kept:
    """A node with more criteria in the body that it ends with: they were read as those of a definition."""
    if isinstance(into, s.Body):
        return evolve(into, criteria=_joined(into.criteria, body.criteria, start))
    for name in reversed(fields_dict(type(into))):
        value = getattr(into, name)
        if isinstance(value, tuple) and value and isinstance(value[-1], s.Node):
            changed: Any = (*value[:-1], _put(value[-1], body, start))
        else:
            changed = _put(value, body, start) if isinstance(value, s.Node) else value
        if changed != value:
            return evolve(into, **{name: changed})
    return into
