"""Source documents: their parts by the document's own headings and marks, and digests of their wording.

A part is named by its heading, and inside that by a list mark or a date: `POLICY A`, `REVISIONS 10-01-2024`.
An index keeps places and digests, and no sentence of the document.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from datetime import date
from typing import Any

from attrs import Factory, define, frozen

_HEADING = re.compile(r"(?=(?:[^A-Z]*[A-Z]){6})[A-Z][A-Z ,&'-]{5,79}")
_MARK = re.compile(r"([A-Z]|[0-9]{1,2})\.\s+\S")
_DATED = re.compile(r"([0-9]{1,2}-[0-9]{1,2}-[0-9]{4})\s+\S")
_FURNITURE_FROM = 5


@frozen
class Part:
    """A part of a document: its place, the line on which it begins (from 1), and its text."""

    place: str
    line: int
    text: str

    @property
    def digest(self) -> str:
        """The digest of the wording, whatever its layout."""
        return "sha256:" + hashlib.sha256(normal(self.text).encode()).hexdigest()


def normal(text: str) -> str:
    """A wording free of layout: ligatures, hyphens at line ends and white space are evened out."""
    even = unicodedata.normalize("NFKC", text)
    return " ".join(re.sub(r"(\w)-[ \t]*\n\s*(\w)", r"\1-\2", even).split())


def parts(text: str) -> list[Part]:
    """The parts of a document, in order. Lines that stand on many pages are no part of any."""
    lines = text.replace("\r\n", "\n").replace("\f", "\n").split("\n")
    furniture = _furniture(lines)
    held: dict[str, tuple[int, list[str]]] = {}
    heading, marked = "", ""
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if _unnumbered(bare) in furniture:
            continue
        if _HEADING.fullmatch(bare):
            heading, marked = bare, ""
        elif heading and (mark := _MARK.match(bare) or _DATED.match(bare)):
            marked = f"{heading} {mark[1]}"
        # What stands under a mark belongs to its heading too; a heading that comes again goes on with it.
        for place in {heading, marked} - {""}:
            held.setdefault(place, (number, []))[1].append(line)
    found = [Part(place, number, "\n".join(kept)) for place, (number, kept) in held.items()]
    return sorted(found, key=lambda part: part.line)


def _furniture(lines: list[str]) -> set[str]:
    """Headers and footers: lines that come back, but for numbers, on many pages."""
    counts = Counter(_unnumbered(line.strip()) for line in lines if len(line.strip()) > 3)
    pages = {line for line, count in counts.items() if count >= _FURNITURE_FROM}
    return {
        line
        for line in pages
        if re.search(r"page # of #|©|copyright|licensee|public information|http", line.lower())
    }


def _unnumbered(line: str) -> str:
    return re.sub(r"[0-9]+", "#", line)


@define
class SourceIndex:
    """The places and digests of a document's editions, by date."""

    source: str
    editions: dict[date, dict[str, str]] = Factory(dict)

    def places(self, edition: date | None) -> dict[str, str] | None:
        """The places of an edition, by default of the latest; None where there is no such edition."""
        if edition is None:
            return self.editions[max(self.editions)] if self.editions else None
        return self.editions.get(edition)

    def as_json(self) -> str:
        """The text of the index file."""
        editions = {day.isoformat(): places for day, places in sorted(self.editions.items())}
        return json.dumps({"source": self.source, "editions": editions}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> SourceIndex:
        """An index from its file. Raises ValueError for a text that is none."""
        try:
            data: Any = json.loads(text)
            editions = {
                date.fromisoformat(day): {str(place): str(digest) for place, digest in places.items()}
                for day, places in data["editions"].items()
            }
            return cls(str(data["source"]), editions)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"no index of a source document: {error}") from None
