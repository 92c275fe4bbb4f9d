"""Source documents: their parts, by the document's own headings and marks.

A part is named by its heading, and inside that by a list mark, a table's caption, a date or a code:
`POLICY A`, `REVISIONS 10-01-2024`; several paragraphs are told apart by number: `CODING paragraph 2`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from compiler.source import wording
from compiler.source.furniture import Line, furniture
from compiler.source.outline import Holder, Outline


@frozen
class Part:
    """A part of a document: its place, the line on which it begins (from 1), its page if known, its text.

    A part without parts inside it is a *leaf*: every word of the document but its headings, and the headers
    and footers of its pages, is in one, and in one only. `within` are the places of the parts around a leaf.
    """

    place: str
    line: int
    page: int | None
    text: str
    leaf: bool
    within: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        return wording.sentences(self.text)


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text; form feeds part its pages, where it has any."""
    pages = text.replace("\r\n", "\n").split("\f")
    return [
        Line(line, number if len(pages) > 1 else None)
        for number, page in enumerate(pages, 1)
        for line in page.split("\n")
    ]


def parts(lines: Sequence[Line], textless: Sequence[int] = ()) -> list[Part]:
    """The parts of a document, in order, each before those inside it; the headers and footers of its pages
    are in none. A page is a part around those that begin on it; one without text is a leaf without words.
    """
    found = [part for heading in Outline(lines).read() for part in _of(heading, (), lines)]
    pages = sorted({part.page for part in found if part.leaf and part.page is not None})
    blank = [Part(f"page {number}", 1, number, "", True) for number in textless]
    return [*found, *blank, *(_page(number, found) for number in pages)]


def left_out(lines: Sequence[Line]) -> list[str]:
    """The headers and footers, each wording once."""
    return list(dict.fromkeys(lines[at].bare for at in sorted(furniture(lines))))


def _of(holder: Holder, around: tuple[str, ...], lines: Sequence[Line]) -> Iterator[Part]:
    """A holder, and what it holds in order of the lines; alone, its one paragraph is the holder itself."""
    page = lines[holder.number].page
    within = (*around, holder.place)
    if not holder.inner and len(holder.own) <= 1:
        own = holder.own[0] if holder.own else [holder.number]
        yield Part(
            holder.place, holder.number + 1, page, _text(own, lines), True, _with_page(around, own, lines)
        )
        return
    inside: list[tuple[int, list[Part]]] = []
    for count, own in enumerate(holder.own, 1):
        place = f"{holder.place} paragraph {count}"
        around_own = _with_page(within, own, lines)
        part = Part(place, own[0] + 1, lines[own[0]].page, _text(own, lines), True, around_own)
        inside.append((own[0], [part]))
    for inner in holder.inner:
        inside.append((inner.number, list(_of(inner, within, lines))))
    held = [part for _, several in sorted(inside, key=lambda pair: pair[0]) for part in several]
    text = "\n\n".join(part.text for part in held if part.leaf)
    yield Part(holder.place, holder.number + 1, page, text, False)
    yield from held


def _text(numbers: Sequence[int], lines: Sequence[Line]) -> str:
    return "\n".join(lines[number].text for number in numbers)


def _with_page(around: tuple[str, ...], own: Sequence[int], lines: Sequence[Line]) -> tuple[str, ...]:
    page = lines[own[0]].page
    return around if page is None else (*around, f"page {page}")


def _page(number: int, found: Sequence[Part]) -> Part:
    on_it = [part for part in found if part.leaf and part.page == number]
    text = "\n\n".join(part.text for part in on_it)
    return Part(f"page {number}", on_it[0].line, number, text, False)
