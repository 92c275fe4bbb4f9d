"""A text with a mistake in parts, so that a mistake in one hides none in the others."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise

from attrs import frozen

from dsl.nesting import Outline

_IN_REVISION = 'package a revision 2000-01-01 "a" {'


@frozen
class Kind:
    """What parts of one kind stand inside when read alone, and how a line of another such part begins."""

    before: str
    after: str
    begins: str


_HEAD = Kind("", "", r"(?!)")
_IMPORT = Kind("package a\n", "", r"import\b")
_ITEM = Kind("package a\n", "", r"(?!)")
_POLICY_LINE = Kind('package a policy "a" {', "}", r"(?:payer|source|governed|subject|renamed|applies|out)\b")
_FACT = Kind("package a facts {", "}", r"[a-z_]\w*\s*\.")
_FIELD = Kind("package a record a {", "}", r"(?!(?:absent|assume|in)\b|given[ \t]+by\b)[a-z_]\w*[ \t]+\S")
_BAND = Kind("package a scale a 0..1 {", "}", r"[0-9.<-]")
_PARAMETER_VALUE = Kind("package a parameter a {", "}", r"[a-z_]\w*[ \t]+\S")
_PARAMETER_ROW = Kind("package a parameter a by a {", "}", r"(?!then\b)[\w{\"<.-]")
_CODE_ROW = Kind("package a codes a {", "}", r"[A-Z0-9]")
_ELEMENT = Kind("package a concept a of a {", "}", r"(?!assume|from|until|posted|without)\w")
_EXCEPTED = Kind("package a\nconcept a of a {", "", r"(?!)")
_AMENDMENT = Kind(
    _IN_REVISION,
    "}",
    r"(?:section|codes|replace|remove|add|retire)\b|\w+[ \t]+(?:if|overrides)\b|(?<=[{}])\s*assume\b",
)
_RULE = Kind(
    _IN_REVISION + 'section A "a" {',
    "}}",
    r"(?:for|reasons|limit|table)\b"
    r'|(?!(?:except|cites|assume|unless|to)\b)[a-z_]\w*[ \t]+(?:if\b|otherwise\b|")',
)
_DECISION_ROW = Kind(
    _IN_REVISION + 'section A "a" { table a {',
    "}}}",
    r'(?!(?:then|from|until|cites|edition|reconstructed|assume)\b)[\w{"<.-]',
)
_TABLE_ROW = Kind(_IN_REVISION + "codes {", "}}", r"[A-Z0-9]")
_CRITERION = Kind(
    "package a a if {",
    "}",
    r"(?!(?:and|or|in|between|within|more|less|before|after|evidenced|by|with|has|from|to|for"
    r"|cites|assume|reconstructed|edition)\b)[A-Za-z_]",
)

_INSIDE: Mapping[Kind, tuple[tuple[str, Kind], ...]] = {
    _ITEM: (
        (r"policy\b", _POLICY_LINE),
        (r"facts\b", _FACT),
        (r"record\b", _FIELD),
        (r"scale\b", _BAND),
        (r"parameter\s+\w+\s+by\b", _PARAMETER_ROW),
        (r"parameter\b", _PARAMETER_VALUE),
        (r"codes\b", _CODE_ROW),
        (r"concept\b", _ELEMENT),
        (r"revision\b", _AMENDMENT),
        (r"(?:variant\s+)?\w+\s+if\b", _CRITERION),
    ),
    _AMENDMENT: (
        (r"(?:replace\s+)?section\b[^{}]*\{", _RULE),
        (r"(?:replace\s+|add\s+)?codes\b", _TABLE_ROW),
        (r"\w+\s+if\b|add\s+to\b|replace\b", _CRITERION),
    ),
    _RULE: (
        (r'\w+\s+(?:"[^"\n]*"\s*(?:to\s*"[^"\n]*"\s*)?)?(?:otherwise\s+)?if\b', _CRITERION),
        (r"table\b", _DECISION_ROW),
    ),
}
_GOES_ON = re.compile(
    r"(?:[,:=<>+*/-]|\b(?:and|or|not|in|of|with|by|between|within|than|before|after|from|to|for|has|if"
    r"|(?:least|most|exactly) \d+))\s*\Z"
)


@frozen
class Piece:
    """A stretch of a text that can be read alone."""

    start: int
    end: int
    kind: Kind
    after: str

    @property
    def shift(self) -> int:
        """What to add to a place in the piece as read to find it in the text."""
        return self.start - len(self.kind.before)

    @classmethod
    def of_file(cls, text: str) -> Piece:
        """The whole text."""
        return cls(0, len(text), _HEAD, "")

    def read(self, text: str) -> str:
        return self.kind.before + text[self.start : self.end] + self.after


@frozen
class Parts:
    """Finds the parts of a text."""

    text: str
    outlined: Outline
    opens: list[int]

    @classmethod
    def of(cls, text: str, outlined: Outline) -> Parts:
        return cls(text, outlined, sorted(outlined.pairs))

    def of_file(self) -> Iterator[Piece]:
        """The head of a file, line by line, and its declarations."""
        first = self.outlined.starts[0] if self.outlined.starts else len(self.text)
        imports = [at for at in self._lines(_IMPORT, 0, first) if at > 0]
        yield Piece(0, imports[0] if imports else first, _HEAD, "")
        yield from self._between(_IMPORT, imports, first)
        yield from self._between(_ITEM, list(self.outlined.starts), len(self.text))

    def of_piece(self, piece: Piece) -> list[Piece]:
        """The head of a declaration, the lines inside it, and whatever follows it; empty if it has none."""
        said = self.text[piece.start : piece.end]
        begin = piece.start + len(said) - len(said.lstrip())
        beginning = self.text[begin : begin + 400]
        kinds = _INSIDE.get(piece.kind, ())
        inside = next((kind for word, kind in kinds if re.match(word, beginning)), None)
        opened = self._first_brace(piece)
        if inside is None or opened is None or self.outlined.pairs[opened] >= piece.end:
            return []
        closed = self.outlined.pairs[opened]
        found = [Piece(piece.start, opened + 1, piece.kind, "}" + piece.after)]
        found += self._between(inside, self._lines(inside, opened + 1, closed), closed)
        if inside is _ELEMENT:
            found.append(Piece(closed, piece.end, _EXCEPTED, piece.after))
        elif piece.kind in (_ITEM, _AMENDMENT) and self.text[closed + 1 : piece.end].strip():
            found.append(Piece(closed + 1, piece.end, piece.kind, piece.after))
        return found

    def _between(self, kind: Kind, starts: list[int], end: int) -> list[Piece]:
        return [Piece(a, b, kind, kind.after) for a, b in pairwise([*starts, end])]

    def _first_brace(self, piece: Piece) -> int | None:
        at = bisect_left(self.opens, piece.start)
        opened = self.opens[at] if at < len(self.opens) else len(self.text)
        return opened if opened < piece.end and self.text[opened] == "{" else None

    def _lines(self, kind: Kind, start: int, end: int) -> list[int]:
        """The places between two others, outside inner braces, where a part begins: the first one, and
        each that begins a line."""
        begins = re.compile(kind.begins)
        found: list[int] = []
        at = start
        while at < end:
            stop = self._next_open(at, end)
            for word in re.compile(r"(?:^|\n)[ \t]*(?=\S)").finditer(self.text, at, stop):
                goes_on = _GOES_ON.search(self.text, max(start, word.start() - 20), word.start())
                if begins.match(self.text, word.end()) and not goes_on and word.end() < stop:
                    found.append(word.end())
            at = self.outlined.pairs[stop] + 1 if stop < end else end
        first = start + len(self.text[start:end]) - len(self.text[start:end].lstrip())
        if first < end and (not found or found[0] > first):
            found.insert(0, first)
        return found

    def _next_open(self, at: int, end: int) -> int:
        place = bisect_left(self.opens, at)
        while place < len(self.opens) and self.opens[place] < end:
            if self.opens[place] in self.outlined.pairs:
                return self.opens[place]
            place += 1
        return end
