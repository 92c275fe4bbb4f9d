"""The outline of a document: which of its lines belong to which part.

A heading holds paragraphs, lists, tables, rows by date or by code. In doubt one part is taken for two, not
two for one: what is not surely a part of something stands for itself, and has to be accounted for.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import Factory, define

from compiler.source.furniture import Line, furniture
from compiler.source.marks import (
    CAPTION,
    CODED,
    DATED,
    HEADING,
    Mark,
    ends_sentence,
    goes_on,
    list_marks,
    prose,
)

BEGINNING = "(beginning)"
"""The place of what stands before the first heading."""


@define(eq=False)
class Holder:
    """What holds lines: a heading, an item of a list, a table or a row. `own` are its own paragraphs."""

    place: str
    kind: str
    above: Holder | None
    indent: int
    number: int
    own: list[list[int]] = Factory(list)
    inner: list[Holder] = Factory(list)


@define
class _List:
    """A list that may go on: who holds it, its style, and the rank of its last item."""

    holder: Holder
    style: str
    rank: int


@define
class Outline:
    """Reads the lines of a document, one after the other."""

    lines: Sequence[Line]
    headings: dict[str, Holder] = Factory(dict)
    _places: set[str] = Factory(set)
    _lists: list[_List] = Factory(list)
    _heading: Holder | None = None
    _at: Holder | None = None
    _gap: bool = True

    def read(self) -> list[Holder]:
        """The headings, in order, with all that they hold."""
        left_out = furniture(self.lines)
        for number, line in enumerate(self.lines):
            if number in left_out:
                continue
            if not line.bare:
                self._gap = True
            elif line.heading or HEADING.fullmatch(line.bare):
                self._open_heading(line.bare.upper(), number)
            else:
                self._line(number, line.bare)
                self._gap = False
        return list(self.headings.values())

    def _open_heading(self, place: str, number: int) -> None:
        """A heading that comes again goes on with what it holds."""
        if place not in self.headings:
            self.headings[place] = Holder(place, "heading", None, 0, number)
            self._places.add(place)
        self._heading = self._at = self.headings[place]
        self._lists = []
        self._gap = True

    def _line(self, number: int, bare: str) -> None:
        if self._heading is None or self._at is None:
            self._open_heading(BEGINNING, number)
        heading, at = self._heading, self._at
        assert heading is not None and at is not None
        if (self._gap or self._ended(at)) and (caption := CAPTION.match(bare)):
            self._open_table(caption[1], number)
        elif (self._gap or at.kind == "dated") and (dated := DATED.match(bare)):
            self._open(heading, "dated", f"{heading.place} {dated[1]}", number)
        elif (self._gap or at.kind == "coded") and (coded := CODED.match(bare)):
            self._open(heading, "coded", f"{heading.place} {coded[1]}", number)
        elif self._keeps(at, number):
            self._add(at, number)
        elif not self._item(number, bare):
            self._go_on(number, bare)

    def _ended(self, at: Holder) -> bool:
        """Whether the line before may end a sentence."""
        return not at.own or ends_sentence(self.lines[at.own[-1][-1]].bare)

    def _keeps(self, at: Holder, number: int) -> bool:
        """Whether a row by date or a table keeps the line: marks inside them are no lists."""
        return at.kind == "dated" or (at.kind == "table" and not (self._gap and prose(self._block(number))))

    def _block(self, number: int) -> str:
        """The lines from one on, up to a gap."""
        end = number
        while end < len(self.lines) and self.lines[end].bare:
            end += 1
        return "\n".join(line.bare for line in self.lines[number:end])

    def _open_table(self, caption: str, number: int) -> None:
        """A table that goes on on the next page says its caption again."""
        assert self._heading is not None
        place = f"{self._heading.place} {caption}"
        known = next((one for one in self._heading.inner if one.place == place), None)
        if known is None:
            self._open(self._heading, "table", place, number)
        else:
            self._at = known
            self._add(known, number)

    def _item(self, number: int, bare: str) -> bool:
        """Begin an item where the mark goes on with a list, or begins one, perhaps one that stood before."""
        for mark in list_marks(bare):
            for index in reversed(range(len(self._lists))):
                going = self._lists[index]
                if going.style == mark.style and mark.rank in (0, going.rank + 1):
                    self._lists = self._lists[: index + 1]
                    self._open_item(going, mark, number)
                    return True
        for mark in list_marks(bare):
            if mark.rank > 1 or not (mark.rank or self._bulleted(mark, number)):
                continue
            again = next((i for i, one in enumerate(self._lists) if one.style == mark.style), None)
            holder = self._inmost() if again is None else self._lists[again].holder
            started = _List(holder, mark.style, 0)
            self._lists = [*self._lists[:again], started]
            self._open_item(started, mark, number)
            return True
        return False

    def _bulleted(self, mark: Mark, number: int) -> bool:
        """A hyphen or asterisk begins a list behind a gap or further in; else it may stand in a sentence."""
        assert self._at is not None
        inner = _indent(self.lines[number]) > self._at.indent
        return mark.style not in ("*", "-", "\N{EN DASH}") or self._gap or inner

    def _open_item(self, going: _List, mark: Mark, number: int) -> None:
        going.rank += 1
        label = mark.label or f"bullet {going.rank}"
        self._open(going.holder, "item", f"{going.holder.place} {label}", number)

    def _inmost(self) -> Holder:
        """What a new list hangs from: the item in which it stands, else the heading."""
        assert self._heading is not None and self._at is not None
        return self._at if self._at.kind == "item" else self._heading

    def _open(self, above: Holder, kind: str, place: str, number: int) -> None:
        """Begin an item, a table or a row. A place that was given before is another one now."""
        again, named = 1, place
        while named in self._places:
            again += 1
            named = f"{place} ({again})"
        self._places.add(named)
        self._at = Holder(named, kind, above, _indent(self.lines[number]), number)
        above.inner.append(self._at)
        self._gap = False
        self._add(self._at, number)

    def _go_on(self, number: int, bare: str) -> None:
        """A line without a mark: of the paragraph before it, of an item by its indent, or a new paragraph."""
        at = self._at
        assert at is not None and self._heading is not None
        before = self.lines[at.own[-1][-1]].bare if at.own else ""
        if at.own and (not self._gap or goes_on(before, bare)):
            self._add(at, number)
            return
        holder: Holder | None = at
        while (
            holder is not None and holder.kind == "item" and _indent(self.lines[number]) < holder.indent + 2
        ):
            holder = holder.above
        self._at = holder if holder is not None and holder.kind == "item" else self._heading
        if self._at.kind == "heading":
            self._lists = [one for one in self._lists if one.holder is self._heading]
        self._at.own.append([])
        self._add(self._at, number)

    def _add(self, holder: Holder, number: int) -> None:
        if not holder.own:
            holder.own.append([])
        holder.own[-1].append(number)


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip())
