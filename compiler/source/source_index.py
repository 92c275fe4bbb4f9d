"""The index of a source document: its places, with digests of their sentences, and no sentence of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import Factory, define, frozen

from compiler.source.documents import Part
from compiler.source.wording import sentence_digest


@frozen
class Entry:
    """A place: whether it is a leaf, the places around it, and the digests of its sentences, in order.

    One digest a sentence tells which sentences changed; one a word would give the words away.
    """

    leaf: bool
    within: tuple[str, ...]
    sentences: tuple[str, ...]


Places = Mapping[str, Entry]


def places_of(found: Iterable[Part]) -> dict[str, Entry]:
    """The places of a document's parts."""
    leaves = {
        part.place: Entry(True, part.within, tuple(map(sentence_digest, part.sentences)))
        for part in found
        if part.leaf
    }
    return _with_wholes(leaves)


def leaves_of(place: str, places: Places) -> tuple[str, ...]:
    """The leaves of a place, in order: itself, or those in it."""
    if place in places and places[place].leaf:
        return (place,)
    return tuple(name for name, entry in places.items() if place in entry.within)


def _with_wholes(leaves: dict[str, Entry]) -> dict[str, Entry]:
    """What holds leaves has the sentences of all of them."""
    inside: dict[str, tuple[str, ...]] = {}
    for entry in leaves.values():
        for around in entry.within:
            inside[around] = inside.get(around, ()) + entry.sentences
    return leaves | {place: Entry(False, (), said) for place, said in inside.items()}


@define
class SourceIndex:
    """The places of a document's editions, by date."""

    source: str
    editions: dict[date, Places] = Factory(dict)

    def places(self, edition: date | None) -> Places | None:
        """The places of an edition, by default of the latest; None where there is no such edition."""
        if edition is None:
            return self.editions[max(self.editions)] if self.editions else None
        return self.editions.get(edition)

    def as_json(self) -> str:
        """The text of the index file."""
        editions = {day.isoformat(): _tree(places) for day, places in sorted(self.editions.items())}
        return json.dumps({"source": self.source, "editions": editions}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> SourceIndex:
        """An index from its file. Raises ValueError for a text that is none."""
        try:
            data: Any = json.loads(text)
            editions: dict[date, Places] = {
                date.fromisoformat(day): _with_wholes(dict(_leaves(tree, ())))
                for day, tree in data["editions"].items()
            }
            return cls(str(data["source"]), editions)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"no index of a source document: {error}") from None


def _tree(places: Places) -> dict[str, Any]:
    """Leaves inside what is around them, each by what its name adds to it; pages stand before the digests."""
    tree: dict[str, Any] = {}
    for place, entry in places.items():
        if not entry.leaf:
            continue
        held, before, page = tree, "", ""
        for around in entry.within:
            if re.fullmatch(r"page [0-9]+", around):
                page = f"{around}: "
            else:
                held, before = held.setdefault(around.removeprefix(f"{before} "), {}), around
        held[place.removeprefix(f"{before} ")] = page + " ".join(entry.sentences)
    return tree


def _leaves(tree: dict[str, Any], within: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
    for name, held in tree.items():
        place = f"{within[-1]} {name}" if within else name
        if isinstance(held, dict):
            yield from _leaves(held, (*within, place))
        else:
            page, _, digests = held.rpartition(": ")
            yield place, Entry(True, (*within, page) if page else within, tuple(digests.split()))
