"""Lines of a document: what a page shows, and what is compared with the text before."""

from __future__ import annotations

import re

from attrs import field, frozen

from compiler.model import Assumption, Citation, Criterion
from policyc.pages.prose import Word
from policyc.words.shown import written

_QUOTED = r'"(?:\\.|[^"\\])*"'
_TAIL = re.compile(
    rf"\s+(?:assume\s+\w+\s+{_QUOTED}|cites\s+{_QUOTED}(?:\s+edition\s+\S+)?(?:\s+reconstructed)?)\s*$"
)


@frozen
class Row:
    """A line at a depth. `kind` is for, item, rule, criterion, note, assumption, member, codes or fact. Who
    wrote it, and its `state` (kept, new or gone), is no part of what it says.
    """

    depth: int
    label: str
    words: tuple[Word, ...]
    kind: str
    cites: Citation | None = None
    assumes: tuple[Assumption, ...] = ()
    revision: str = field(default="", eq=False)
    state: str = field(default="kept", eq=False)


@frozen
class Block:
    """A section, definition or concept, with the anchor by which it is reached."""

    anchor: str
    name: str
    title: str
    rows: tuple[Row, ...]
    cites: Citation | None = None
    revision: str = field(default="", eq=False)
    state: str = field(default="kept", eq=False)
    assumes: tuple[Assumption, ...] = ()


@frozen
class CodeLine:
    """A row of the code table; `standing` is whether the code is valid on the day."""

    code: str
    label: str
    per: str
    valid: str
    then: str
    needs: str
    acknowledged: str
    assumes: tuple[Assumption, ...]
    standing: bool
    revision: str = field(default="", eq=False)
    state: str = field(default="kept", eq=False)


def bare(criterion: Criterion) -> str:
    """A criterion's own words, without its label and without what it cites and assumes."""
    text = written(criterion)
    if criterion.label is not None:
        text = text.removeprefix(f"{criterion.label}:").lstrip()
    while criterion.citation is not None or criterion.assumptions:
        shorter = _TAIL.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text
