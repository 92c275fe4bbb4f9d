"""Passages: what a document says at a cited place, held against the index of the edition that was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from enum import StrEnum

from attrs import frozen

from compiler.source.documents import Part
from compiler.source.source_index import Entry, Places, leaves_of, places_of
from compiler.source.wording import folded, normal, sentence_digest


class State(StrEnum):
    """What a document has at a place."""

    SHOWN = "shown"
    STALE = "stale"
    NOT_FOUND = "not_found"


@frozen
class Reading:
    """A document as it was read: its parts by place, and their digests."""

    parts: Mapping[str, Part]
    places: Places

    @classmethod
    def of(cls, found: Iterable[Part]) -> Reading:
        by_place = {part.place: part for part in found}
        return cls(by_place, places_of(by_place.values()))


@frozen
class Passage:
    """A place in a document. Where it is stale: the sentences that the index does not have, and how many
    the document no longer has. `moved` are the places that now have the indexed words.
    """

    place: str
    state: State
    part: Part | None
    changed: tuple[str, ...] = ()
    gone: int = 0
    moved: tuple[str, ...] = ()


def passage(place: str, entry: Entry | None, reading: Reading) -> Passage:
    """The passage at a place; what no index has is shown as it stands."""
    part = reading.parts.get(place)
    if part is not None and (entry is None or entry.sentences == reading.places[place].sentences):
        return Passage(place, State.SHOWN, part)
    if entry is None:
        return Passage(place, State.NOT_FOUND, None)
    moved = tuple(
        other for other, now in reading.places.items() if now.leaf and now.sentences == entry.sentences != ()
    )
    if part is None:
        return Passage(place, State.NOT_FOUND, None, moved=moved)
    leaves = leaves_of(place, reading.places)
    said = {sentence_digest(one): one for leaf in leaves for one in reading.parts[leaf].sentences}
    changed = tuple(sentence for key, sentence in said.items() if key not in entry.sentences)
    gone = sum(key not in said for key in entry.sentences)
    return Passage(place, State.STALE, part, changed, gone, moved)


@frozen
class Run:
    """Some words in a row: `kept`, `gone` or `new`."""

    kind: str
    words: str


def compared(old: str, new: str) -> list[Run]:
    """Which words of a passage changed, from one wording to another."""
    before, after = normal(old).split(), normal(new).split()
    matcher = SequenceMatcher(None, list(map(folded, before)), list(map(folded, after)), autojunk=False)
    runs: list[Run] = []
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("kept", " ".join(after[start:end])))
            continue
        runs += [Run("gone", " ".join(before[low:high]))] if high > low else []
        runs += [Run("new", " ".join(after[start:end]))] if end > start else []
    return runs
