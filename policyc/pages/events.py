"""What of a policy stands and changes along the days of service: the lanes of its picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from attrs import Factory, define, frozen

from compiler.binding.amendments import Retire
from compiler.program import Program, revision_name
from policyc.pages.document import Document
from policyc.pages.marked import marked
from policyc.pages.prose import said, spaced
from policyc.pages.readings import Reading, knowledge
from policyc.pages.rows import Block, CodeLine
from policyc.words.shown import Codes

_Of = Callable[[Document], tuple[Block, ...]]


@frozen
class Stretch:
    """Days `[start, end)` of a kind: force; unknown (in force, not yet posted), past (not yet posted, and
    another in force), announced (posted, not yet in force); valid, listed, or ended (listed, not valid).
    """

    kind: str
    start: date | None
    end: date | None


@frozen
class Event:
    """A mark on a day: posted, changed or retired, with a few words."""

    kind: str
    on: date
    words: str = ""


@define
class Lane:
    """What is drawn in one row, and how it is told in words."""

    name: str
    title: str
    stretches: list[Stretch] = Factory(list)
    events: list[Event] = Factory(list)


def lanes(program: Program, known_on: date | None) -> dict[str, list[Lane]]:
    """The lanes of the picture by what they show, as known on a day."""
    known = next(each for each in knowledge(program) if known_on is None or each.start <= known_on)
    readings = known.readings
    texts = [marked(reading.before, reading.document) for reading in readings]
    dated = [(reading, text) for reading, text in zip(readings, texts, strict=True)]
    return {
        "Revisions": list(_revisions(program, known_on)),
        "Sections": list(_blocks(dated, lambda text: text.sections)),
        "Codes": list(_codes(program, readings, known_on)),
        "Definitions": list(_blocks(dated, lambda text: text.definitions)),
        "Concepts": list(_blocks(dated, lambda text: text.concepts)),
    }


def _revisions(program: Program, known_on: date | None) -> Iterator[Lane]:
    history = program.consolidated.policy.revisions
    revisions = [each for each in history if known_on is None or each.id.posted <= known_on]
    days = sorted({revision.id.effective for revision in revisions})
    for revision in revisions:
        start, posted = revision.id.effective, revision.id.posted
        end = next((day for day in days if day > start), None)
        lane = Lane(revision_name(revision.id, program.consolidated), revision.title)
        retires = any(isinstance(amendment, Retire) for amendment in revision.amendments)
        if retires:
            lane.events.append(Event("retired", start, "retired"))
        else:
            lane.stretches.append(Stretch("force", start, end))
        if posted > start:
            lane.stretches.append(Stretch("unknown", start, posted if end is None else min(posted, end)))
        if posted < start:
            lane.stretches.append(Stretch("announced", posted, start))
        elif end is not None and posted > end:
            lane.stretches.append(Stretch("past", end, posted))
        lane.events.append(Event("posted", posted))
        yield lane


def _codes(program: Program, readings: Iterable[Reading], known_on: date | None) -> Iterator[Lane]:
    lanes: dict[str, Lane] = {}
    for reading in readings:
        for row in reading.document.codes:
            lane = lanes.setdefault(row.code, _valid(Codes(program, reading.start, known_on), row))
            kind = "listed" if row.standing else "ended"
            last = lane.stretches[-1] if lane.stretches else None
            if last is not None and (last.kind, last.end) == (kind, reading.start):
                lane.stretches[-1] = Stretch(kind, last.start, reading.end)
            else:
                lane.stretches.append(Stretch(kind, reading.start, reading.end))
    yield from lanes.values()


def _valid(codes: Codes, row: CodeLine) -> Lane:
    """A lane with the validity of a code, and what takes its place at the end."""
    lane = Lane(row.code, row.label)
    for entry in codes.entries(row.code):
        lane.stretches.append(Stretch("valid", entry.validity.start, entry.validity.end))
        if entry.validity.end is not None and entry.replaced_by:
            lane.events.append(Event("replaced", entry.validity.end, f"then {', '.join(entry.replaced_by)}"))
    return lane


def _blocks(dated: Iterable[tuple[Reading, Document]], of: _Of) -> Iterator[Lane]:
    lanes: dict[str, Lane] = {}
    for at, (reading, text) in enumerate(dated):
        for block in of(text):
            if block.state == "gone":
                continue
            lane = lanes.setdefault(block.anchor, Lane(spaced(block.name), block.title))
            last = lane.stretches[-1] if lane.stretches else None
            if last is not None and last.end == reading.start:
                lane.stretches[-1] = Stretch("force", last.start, reading.end)
            else:
                lane.stretches.append(Stretch("force", reading.start, reading.end))
            changed = at > 0 and block.state == "kept" and not _whole(block)
            if changed:
                lane.events.append(Event("changed", reading.start, _change(block)))
    yield from lanes.values()


def _whole(block: Block) -> bool:
    """Whether nothing in a block is marked."""
    return all(row.state == "kept" and all(w.state == "kept" for w in row.words) for row in block.rows)


def _change(block: Block) -> str:
    """What came and went inside a block, where a few words tell it."""
    found: list[str] = []
    for state, sign in (("gone", "\N{MINUS SIGN} "), ("new", "+ ")):
        names = [said(r.words) for r in block.rows if r.state == state and r.kind == "item"]
        names += [
            w.text for r in block.rows if r.kind in ("codes", "member") for w in r.words if w.state == state
        ]
        names = [name.strip() for name in names if name.strip()]
        found += [sign + ", ".join(names)] if names else []
    return "  ".join(found)
