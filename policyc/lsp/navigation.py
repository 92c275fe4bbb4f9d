"""Definition, references and rename."""

from __future__ import annotations

import re
from pathlib import Path

from lsprotocol import types

from dsl.builders.words import RESERVED
from dsl.diagnostics import Edit
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.names import Occurrence, name_at
from policyc.lsp.places import location, range_of, workspace_edit

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SECTION = re.compile(r"[A-Z0-9]+|[a-z][a-z0-9_]*")
_RENAMED = frozenset(
    {"fact", "member", "concept", "definition", "value", "variant", "record", "field", "scale", "section"}
    | {"label", "assumption", "element"}
)
"""What is renamed; codes have the names that their system gives them, packages those of their files."""


class CannotRenameError(Exception):
    """Why a name stays as it is."""


def definition(analysis: Analysis, offset: int, desk: Desk) -> list[types.Location]:
    """Where the thing that is named at a place is declared."""
    one = name_at(analysis.names, offset)
    return [location(found.span, desk) for found in analysis.declared(one.key)] if one is not None else []


def references(path: Path, offset: int, declarations: bool, desk: Desk) -> list[types.Location]:
    """Every place that names the thing that is named at a place, in all files of its root."""
    one = name_at(desk.analysis(path).names, offset)
    if one is None:
        return []
    found = [name for name in desk.around(path).same(one.key) if declarations or not name.declares]
    return [location(name.span, desk) for name in found]


def renamable(analysis: Analysis, offset: int, desk: Desk) -> types.PrepareRenamePlaceholder | None:
    """The name at a place, if it can be given another."""
    one = name_at(analysis.names, offset)
    if one is None or one.key.kind not in _RENAMED or not _declared(one, analysis):
        return None
    return types.PrepareRenamePlaceholder(range_of(one.span, desk), one.span.text)


def rename(path: Path, offset: int, new: str, desk: Desk) -> types.WorkspaceEdit | None:
    """The edits that give a thing another name, in all files of its root.

    Raises CannotRenameError where it would not be a name, or that of something else.
    """
    one = name_at(desk.analysis(path).names, offset)
    if one is None or one.key.kind not in _RENAMED or not _declared(one, desk.analysis(path)):
        raise CannotRenameError("there is no name here that could be another")
    form = _SECTION if one.key.kind == "section" else _NAME
    if not form.fullmatch(new) or new in RESERVED:
        raise CannotRenameError(f"`{new}` is no name: write small letters, digits and underscores")
    around = desk.around(path)
    parent, _, last = one.key.name.rpartition(".")
    name = f"{parent}.{new}" if parent else new
    if last != new and around.same(one.key._replace(name=name)):
        raise CannotRenameError(f"`{new}` names something else already")
    inside = [n for n in around.all_names if n.key == one.key and n.span.text == one.span.text]
    return workspace_edit([Edit(found.span, new) for found in inside], desk)


def _declared(one: Occurrence, analysis: Analysis) -> bool:
    return bool(analysis.declared(one.key))
