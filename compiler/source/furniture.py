"""Furniture: the headers and footers of a document's pages, which are no part of its wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from attrs import frozen

_OF_PAGES = re.compile(r"\bpage # of #", re.IGNORECASE)
_NUMBER = re.compile(r"(?:page )?#|- ?# ?-", re.IGNORECASE)
_OWNERS = re.compile(r"©|copyright|licensee|public information|https?:", re.IGNORECASE)
_AT_EDGE = 4
_LONGEST = 120
_FEWEST_PAGES = 3
_FEWEST_NOTICES = 3


@frozen
class Line:
    """A line of a document, its page (from 1) if pages are known, and whether it is marked as a heading."""

    text: str
    page: int | None = None
    heading: bool = False

    @property
    def bare(self) -> str:
        return self.text.strip()


def furniture(lines: Sequence[Line]) -> frozenset[int]:
    """The lines, by their place, that are headers and footers: page numbers; what comes back, but for the
    page's number, at the edges of many pages; and notices that come back often.
    """
    alike = [_unnumbered(line) for line in lines]
    counts = Counter(alike)
    pages = [[at for at in page if alike[at]] for page in _pages(lines)]
    edges = {at for page in pages for at in (*page[:_AT_EDGE], *page[-_AT_EDGE:])}
    at_edges = Counter(alike[at] for at in edges)
    many = max(_FEWEST_PAGES, len(pages) // 2)
    ends = {at for page in pages for at in (*page[:1], *page[-1:])}

    def left_out(at: int, said: str) -> bool:
        return bool(
            (_OF_PAGES.search(said) and len(said) < _LONGEST)
            or (_OWNERS.search(said) and counts[said] >= _FEWEST_NOTICES)
            or (at and _OF_PAGES.search(alike[at - 1]) and counts[said] >= _FEWEST_NOTICES)
            or (at in edges and len(said) > 1 and at_edges[said] >= many)
            or (at in ends and _NUMBER.fullmatch(said))
        )

    return frozenset(
        at for at, said in enumerate(alike) if said and not lines[at].heading and left_out(at, said)
    )


def _unnumbered(line: Line) -> str:
    """Other numbers than that of the page tell lines apart; where pages are not known, each may be it."""
    number = r"[0-9]+" if line.page is None else rf"\b{line.page}\b|(?i:(?<=\bof ))[0-9]+"
    return re.sub(number, "#", line.bare)


def _pages(lines: Sequence[Line]) -> Iterator[list[int]]:
    """The lines of each page, by their place; none where pages are not known."""
    for page, numbered in groupby(enumerate(lines), key=lambda pair: pair[1].page):
        if page is not None:
            yield [at for at, _ in numbered]
