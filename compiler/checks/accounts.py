"""Coverage: of every part of the source document, what rests on it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, cast

from attrs import fields_dict, frozen, has

from compiler.checks.citations import covered, out_of_scope
from compiler.history.consolidate import Consolidated
from compiler.history.standing import StandingText
from compiler.model import Citation
from compiler.source.documents import Part
from compiler.source.passages import Reading
from compiler.source.resting import Rest, rested_on, resting, source_edition
from compiler.source.source_index import Places, leaves_of
from dsl import syntax as s
from dsl.source import Span


class Standing(StrEnum):
    """How a part is accounted for."""

    RESTS = "rests"
    JUDGEMENT = "judgement"
    OUT_OF_SCOPE = "out_of_scope"
    UNACCOUNTED = "unaccounted"


@frozen
class Account:
    """A leaf of the document: what rests on it, why it is out of scope, which citations name only a part
    around it, and whether its words are others than those that the index was made of. `part` is None without
    a document.
    """

    place: str
    rests: tuple[Rest, ...]
    because: str | None
    only_around: tuple[Rest, ...]
    stale: bool
    part: Part | None

    @property
    def standing(self) -> Standing:
        if any(rest.kind != "judgement" for rest in self.rests):
            return Standing.RESTS
        if self.rests:
            return Standing.JUDGEMENT
        return Standing.OUT_OF_SCOPE if self.because is not None else Standing.UNACCOUNTED

    @property
    def accounted(self) -> bool:
        """Whether the part is accounted for by someone who read it as it stands."""
        return self.standing is not Standing.UNACCOUNTED and not self.stale


def accounts(
    file: s.File,
    consolidated: Consolidated,
    indexed: Places | None,
    reading: Reading | None,
) -> list[Account]:
    """The account of each leaf of a document as it was read, in order; without a reading, as it was indexed.

    Only what stands after the last revision counts: a part on which a removed section rested is open again.
    """
    places = reading.places if reading is not None else indexed or {}
    edition = source_edition(file)
    spans, codes = _stands(consolidated)
    rests = [
        rest
        for rest in resting(file, places)
        if rest.edition == edition
        and (rest.name in codes if rest.kind == "code" else rest.kind not in _AMENDED or rest.span in spans)
    ]
    on: dict[str, list[Rest]] = {}
    around: dict[str, list[Rest]] = {}
    for rest in rests:
        certain = rested_on(rest, places)
        for leaf in certain or leaves_of(rest.place, places):
            (on if certain else around).setdefault(leaf, []).append(rest)
    why = {leaf: because for extent, because in out_of_scope(file) for leaf in covered(extent, places)}
    return [
        Account(
            place,
            tuple(on.get(place, ())),
            why.get(place),
            tuple(around.get(place, ())),
            indexed is not None and (place not in indexed or indexed[place].sentences != entry.sentences),
            reading.parts[place] if reading is not None else None,
        )
        for place, entry in places.items()
        if entry.leaf
    ]


_AMENDED = {"section", "criterion", "limit", "table row", "codes"}


def _stands(consolidated: Consolidated) -> tuple[set[Span], set[str]]:
    """The citations and the codes that stand after the last revision."""
    text: StandingText = consolidated.texts[consolidated.applied(date.max, None)]
    applies = consolidated.policy.applies
    codes = {row.code for row in text.table.rows} if text.table is not None else set()
    return {citation.span for citation in _citations((text, applies))}, codes


def _citations(value: object) -> Iterator[Citation]:
    if isinstance(value, Citation):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _citations(part)
    elif has(kind := cast(Any, type(value))):
        for name in fields_dict(kind):
            yield from _citations(getattr(value, name))
