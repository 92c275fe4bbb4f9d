"""Source text and places in it: offsets are kept, lines are computed when a person looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

_COMMENT_OR_TEXT = re.compile(r'"(?:\\["\\]|[^"\\\n])*"|#[^\n]*')


def comments_in(text: str) -> Iterator[re.Match[str]]:
    """The comments of a text, each to the end of its line."""
    return (match for match in _COMMENT_OR_TEXT.finditer(text) if match[0][0] == "#")


@frozen
class Source:
    """The text of one .pol file and the name by which messages call it."""

    name: str
    text: str = field(repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - (self.text.rfind("\n", 0, offset) + 1) + 1

    def line_text(self, line: int) -> str:
        """One line without its line end; line counts from 1."""
        lines = self.text.split("\n")
        return lines[line - 1].rstrip("\r") if line <= len(lines) else ""


@frozen
class Span:
    """A stretch of a source, `[start, end)` in characters."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def said(self) -> str:
        """The text as it is read: on one line, without comments."""
        bare = _COMMENT_OR_TEXT.sub(lambda found: " " if found[0][0] == "#" else found[0], self.text)
        return " ".join(bare.split())

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"
