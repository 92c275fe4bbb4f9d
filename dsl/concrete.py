"""A text as it is written: every word and mark of it, in the rules of the grammar that take them in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeAlias

from attrs import field, frozen
from lark import Lark, Token, Tree

from dsl.source import comments_in


@frozen
class Word:
    """A word, mark, number or text; its place does not belong to what it is."""

    text: str
    start: int = field(eq=False)

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@frozen
class Phrase:
    """What a rule of the grammar takes in."""

    kind: str
    parts: tuple[Part, ...]


Part: TypeAlias = Word | Phrase


@frozen
class Comment(Word):
    """A comment, from `#` to the last letter of its line."""


def concrete(text: str) -> tuple[Phrase, tuple[Comment, ...]]:
    """The words of a text that has no mistakes, and its comments."""
    comments = tuple(Comment(match[0].rstrip(), match.start()) for match in comments_in(text))
    phrase = _part(_lark().parse(text))
    assert isinstance(phrase, Phrase)
    return phrase, comments


@cache
def _lark() -> Lark:
    grammar = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="file", keep_all_tokens=True, maybe_placeholders=False)


def _part(found: Tree[Token] | Token) -> Part:
    if isinstance(found, Token):
        assert found.start_pos is not None
        return Word(str(found), found.start_pos)
    return Phrase(str(found.data), tuple(_part(child) for child in found.children))


def first(part: Part) -> Word:
    """The first word of a part."""
    while isinstance(part, Phrase):
        part = part.parts[0]
    return part


def last(part: Part) -> Word:
    """The last word of a part."""
    while isinstance(part, Phrase):
        part = part.parts[-1]
    return part
