"""Wordings free of layout: what two printings of one document have in common, and digests of it."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_AT_LINE_END = re.compile(r"(\w)-[ \t]*\n\s*(\w)")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        **dict.fromkeys("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}", '"'),
        **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{MINUS SIGN}", "-"),
        "\N{SOFT HYPHEN}": None,
        "\N{ZERO WIDTH SPACE}": None,
    }
)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+(?=[\"'(\[]?[A-Z0-9])")
_SHORT = 16


def normal(text: str) -> str:
    """A wording as people read it, on one line: ligatures, hyphens at line ends, white space evened out."""
    even = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    return " ".join(_AT_LINE_END.sub(r"\1-\2", even).split())


def folded(text: str) -> str:
    """A wording for comparison: a hyphen between letters may be the printer's, and counts for nothing."""
    return _BETWEEN_LETTERS.sub("", normal(text))


def sentences(text: str) -> list[str]:
    """The sentences of a wording, and what stands between semicolons and colons."""
    return [part for part in _SENTENCE_END.split(normal(text)) if part]


def sentence_digest(sentence: str) -> str:
    """A short digest of a sentence, whatever its layout: enough to tell it from any other."""
    return hashlib.sha256(folded(sentence).encode()).hexdigest()[:_SHORT]
