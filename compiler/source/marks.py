"""Marks: how the lines of a document say which part of it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

HEADING = re.compile(r"(?=(?:[^A-Z]*[A-Z]){6})[A-Z][A-Z ,&'-]{5,79}")
CAPTION = re.compile(r"((?:Table|Figure|Exhibit) [0-9A-Z]{1,3})(?:[.:]\s|\s*$)")
DATED = re.compile(r"([0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})\s+\S")
CODED = re.compile(r"([0-9]{5}|[0-9]{4}[A-Z]|[A-Z][0-9]{4}|[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)\s+[A-Z]")
_BULLET = re.compile(r"([\u2022\u2023\u25a0\u25aa\u25cb\u25cf\u25e6\uf0b7]|[*\u2013-](?=\s))\s*\S")
_LIST = re.compile(r"\(?([A-Za-z]|[0-9]{1,2}|[ivxIVX]{2,5})[.)]\s+\S")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_PROSE_WORDS = 8
_PROSE_WIDTH = 60


@frozen
class Mark:
    """A list mark: its label as it stands, the style of its list, and its rank there, from 1.

    A bullet has no rank of its own: it is the next of its list.
    """

    label: str
    style: str
    rank: int


def list_marks(bare: str) -> Iterator[Mark]:
    """What the mark at the beginning of a line can be: `i.` may be a letter, or one in Roman numerals."""
    if bullet := _BULLET.match(bare):
        yield Mark("", bullet[1], 0)
    if found := _LIST.match(bare):
        label = found[1]
        case = "upper" if label.isupper() else "lower"
        if label.isdigit():
            yield Mark(label, "number", int(label))
        if label.isalpha() and len(label) == 1:
            yield Mark(label, case, ord(label.lower()) - ord("a") + 1)
        if label.lower() in _ROMAN:
            yield Mark(label, f"{case} roman", _ROMAN.index(label.lower()) + 1)


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence may end."""
    return re.search(r"[.!?:;][\"')\]\u201d\u2019]*\s*\Z", text) is not None


def goes_on(before: str, bare: str) -> bool:
    """Whether a line behind a gap goes on with what stands before it, as where a page ends."""
    return bare[:1].islower() and not ends_sentence(before)


def prose(block: str) -> bool:
    """Whether lines without a gap are a text to be read, and no cells of a table."""
    wide = any(len(line) >= _PROSE_WIDTH for line in block.split("\n"))
    return len(block.split()) >= _PROSE_WORDS and (wide or ends_sentence(block))
