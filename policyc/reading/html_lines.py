"""HTML as lines: headings, list marks, captions and paragraphs as a reader of the page sees them."""

from __future__ import annotations

from html.parser import HTMLParser

from compiler.source.furniture import Line

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _HEADINGS | {
    *(
        "p",
        "div",
        "section",
        "article",
        "aside",
        "main",
        "header",
        "footer",
        "address",
        "blockquote",
        "figure",
    ),
    *(
        "figcaption",
        "form",
        "fieldset",
        "details",
        "summary",
        "pre",
        "hr",
        "table",
        "caption",
        "dl",
        "dt",
        "dd",
    ),
    *("ul", "ol", "body", "html"),
}
_SILENT = {"script", "style", "head", "template", "noscript", "nav"}
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def html_lines(text: str) -> list[Line]:
    """The lines of a page in HTML; what is never shown as text, and menus, are left out."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_line()
    return reader.lines


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._said = ""
        self._waiting = ""
        self._heading = False
        self._silent = 0
        self._lists: list[list[str | int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self._gap()
        match tag:
            case "ul" | "ol":
                given = dict(attrs)
                first = given.get("start") or "1"
                kind = (given.get("type") or "1") if tag == "ol" else ""
                self._lists.append([kind, int(first) if first.isdigit() else 1])
            case "li":
                self.end_line()
                self._waiting = self._mark()
            case "br" | "tr":
                self.end_line()
            case "td" | "th":
                self._said += "  " if self._said.strip() else ""
            case _ if tag in _HEADINGS:
                self._heading = True
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self._gap()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag in ("tr", "li"):
            self.end_line()
        if tag in _HEADINGS:
            self._heading = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            words = " ".join(data.split())
            before = " " if data[:1].isspace() and self._said and not self._said.endswith(" ") else ""
            after = " " if data[-1:].isspace() and words else ""
            self._said += before + words + after

    def _gap(self) -> None:
        self.end_line()
        self.lines.append(Line(""))

    def _mark(self) -> str:
        """The mark that a browser draws before an item."""
        if not self._lists or not self._lists[-1][0]:
            return "\N{BULLET} "
        kind, number = self._lists[-1]
        self._lists[-1][1] = int(number) + 1
        return f"{_drawn(str(kind), int(number))}. "

    def end_line(self) -> None:
        """End the line that is being read; the first of an item has its mark."""
        said = " ".join(self._said.split())
        if said:
            inside = 4 * len(self._lists) - (4 if self._waiting else 0)
            self.lines.append(Line(" " * inside + self._waiting + said, None, self._heading))
            self._waiting = ""
        self._said = ""


def _drawn(kind: str, number: int) -> str:
    if kind in "aA" and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if kind == "A" else letter
    if kind in "iI":
        roman, left = "", number
        for value, sign in _ROMAN:
            roman, left = roman + sign * (left // value), left % value
        return roman.upper() if kind == "I" else roman
    return str(number)
