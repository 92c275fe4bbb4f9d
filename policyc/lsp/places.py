"""Places in texts: offsets inside, lines and columns of the editor outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from dsl.diagnostics import Edit
from dsl.source import Source, Span
from policyc.lsp.desk import Desk


def path_of(uri: str) -> Path:
    """The file of an address."""
    return Path(to_fs_path(uri) or uri)


def uri_of(source: Source | Path) -> str:
    """The address of a file."""
    name = source.name if isinstance(source, Source) else str(source)
    return from_fs_path(name) or name


def position(source: Source, offset: int, desk: Desk) -> types.Position:
    """A place as the editor counts: lines and columns from 0."""
    offset = min(offset, len(source.text))
    start = source.text.rfind("\n", 0, offset) + 1
    return types.Position(source.text.count("\n", 0, offset), desk.units(source.text[start:offset]))


def range_of(span: Span, desk: Desk) -> types.Range:
    """A stretch as the editor counts."""
    return types.Range(position(span.source, span.start, desk), position(span.source, span.end, desk))


def location(span: Span, desk: Desk) -> types.Location:
    """A stretch and its file."""
    return types.Location(uri_of(span.source), range_of(span, desk))


def offset_of(text: str, place: types.Position, desk: Desk) -> int:
    """A place of the editor in a text; behind the end of a line it is the end."""
    start = 0
    for _ in range(place.line):
        start = text.find("\n", start) + 1
        if start == 0:
            return len(text)
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)].removesuffix("\r")
    if line.isascii():
        return start + min(place.character, len(line))
    column = 0
    for at, letter in enumerate(line):
        if column >= place.character:
            return start + at
        column += desk.units(letter)
    return start + len(line)


def workspace_edit(edits: Sequence[Edit], desk: Desk) -> types.WorkspaceEdit:
    """Edits of files as the editor makes them."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        changes.setdefault(uri_of(edit.span.source), []).append(
            types.TextEdit(range_of(edit.span, desk), edit.text)
        )
    return types.WorkspaceEdit(changes=dict(changes))
