"""All files that differ from one by one change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from compiler.mutate.changes import DROPPED, KEPT, changes, negated, parts
from compiler.mutate.numbers import other_codes
from compiler.mutate.words import SPEAKING, Words
from dsl import syntax as s
from dsl.source import Source, Span

_CODES = (s.TableRow, s.Alternative, s.ReplaceCode, s.RemoveCode, s.Replaced, s.Reasons)
"""Their literals are codes, each one."""

_WRITTEN = (*_CODES, s.Pattern)
"""Their literals are no numbers."""

_NOTHING_WITHOUT = (s.Definition, s.NamesMore)
"""Amendments that change no decision, or without which nothing stands."""


@frozen
class Mutant:
    """A file with one change: at a place, a node is another one, or left out (None). Where the change is in a
    register, by its name, the file says the same and the register is this one.
    """

    file: s.File
    span: Span
    old: s.Node
    new: s.Node | None
    register: tuple[str, Source] | None = None


def mutants(file: s.File, words: Words) -> Iterator[Mutant]:
    """The mutants of a file, in order of the text; `words` are those that it can speak of."""
    for changed, old, new in _variants(file, words):
        assert isinstance(changed, s.File)
        yield Mutant(changed, old.span, old, new)


Variant = tuple[s.Node, s.Node, s.Node | None]
"""A node with a change in it; what was changed, and into what."""


def _variants(node: s.Node, words: Words) -> Iterator[Variant]:
    for new in changes(node, words):
        yield new, node, new
    for name in parts(node):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if not isinstance(part, s.Node):
                continue
            if _may_go(node, name, value, part):
                yield _with(node, name, value, part, None), part, None
            for other in _others(node, part, words):
                yield _with(node, name, value, part, other), part, other
            if isinstance(part, s.Cites) and part.reconstructed is not None:
                wording = part.reconstructed.assume
                if wording is not None:
                    plain = evolve(part, reconstructed=evolve(part.reconstructed, assume=None))
                    yield _with(node, name, value, part, plain), wording, None
            if isinstance(part, KEPT) or (isinstance(part, s.Literal) and isinstance(node, _WRITTEN)):
                continue
            for inner, old, changed in _variants(part, words):
                yield _with(node, name, value, part, inner), old, changed


def _others(node: s.Node, part: s.Node, words: Words) -> Iterator[s.Node]:
    """What may stand in a node in the place of a part."""
    if isinstance(node, SPEAKING) and isinstance(part, s.Name | s.Path):
        yield from words.others(part)
    if isinstance(part, s.Literal) and isinstance(node, _CODES):
        yield from (evolve(part, text=text) for text in other_codes(part.text))
    # Of a whole criterion the negation is a change of its own.
    if isinstance(node, s.And | s.Or) and not isinstance(part, s.And | s.Or):
        yield negated(part)  # type: ignore[arg-type]


def _may_go(node: s.Node, name: str, value: Any, part: s.Node) -> bool:
    """Whether a part may be left out."""
    if name not in DROPPED.get(type(node), ()) or isinstance(part, s.Acknowledged):
        return False
    if isinstance(part, s.Text) and not isinstance(node, s.Member | s.Set):
        return False
    match node:
        case s.File():
            return isinstance(part, s.Evidence)
        case s.Policy():
            return isinstance(part, s.Applies)
        case s.Revision():
            return not isinstance(part, _NOTHING_WITHOUT)
        case s.And() | s.Or() | s.Body() | s.Set() | s.Enumeration() | s.Needs() | s.Gives() | s.Replaced():
            # What has nothing in it is no text of the language.
            return not isinstance(value, tuple) or len(value) > 1
        case _:
            return True


def _with(node: s.Node, name: str, value: Any, part: s.Node, new: s.Node | None) -> s.Node:
    """The node with another part, or without it."""
    if not isinstance(value, tuple):
        return _evolved(node, name, new)
    at = next(at for at, each in enumerate(value) if each is part)
    return _evolved(node, name, (*value[:at], *((new,) if new is not None else ()), *value[at + 1 :]))


def _evolved(node: s.Node, name: str, value: Any) -> s.Node:
    changed: dict[str, Any] = {name: value}
    return evolve(node, **changed)
