"""The days on which a policy begins to read differently, for each day on which more became known of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from attrs import Factory, define, field, frozen

from compiler.history.consolidate import Applied
from compiler.lower import dated
from compiler.program import Program
from policyc.pages.document import Document, document

EMPTY = Document()


@frozen
class Reading:
    """A document from a day on, `end` being the first day on which another reads; and the one before it."""

    start: date
    end: date | None
    document: Document = field(repr=False)
    before: Document = field(repr=False)
    applied: Applied


@frozen
class Knowledge:
    """What was known `[start, end)`: the readings by date."""

    start: date
    end: date | None
    readings: tuple[Reading, ...]

    def on(self, day: date) -> Reading | None:
        """The reading of a day."""
        return next((r for r in self.readings if r.start <= day and (r.end is None or day < r.end)), None)


@frozen
class Page:
    """A reading with every stretch of knowledge in which it is the same; the last of these comes first."""

    reading: Reading
    known: tuple[Knowledge, ...]

    @property
    def today(self) -> bool:
        """Whether it is what is known now."""
        return self.known[0].end is None

    @property
    def name(self) -> str:
        """The page's file."""
        since = "" if self.today else f"-known-{min(each.start for each in self.known)}"
        return f"{self.reading.start}{since}.html"


def pages(program: Program) -> tuple[Page, ...]:
    """The pages of a policy: those of today's knowledge by date, then those of earlier knowledge."""
    found: list[Page] = []
    for known in knowledge(program):
        for reading in known.readings:
            same = next((page for page in found if _same(page.reading, reading)), None)
            if same is None:
                found.append(Page(reading, (known,)))
            else:
                found[found.index(same)] = Page(same.reading, (*same.known, known))
    return tuple(found)


def knowledge(program: Program) -> tuple[Knowledge, ...]:
    """What was known of a policy, the latest first; days on which nothing was added are left out."""
    reader = _Reader(program)
    found: list[Knowledge] = []
    cuts = [*program.posting_cuts, None]
    for start, end in pairwise(cuts):
        assert start is not None
        known = Knowledge(start, end, tuple(reader.readings(start)))
        if found and found[-1].readings == known.readings:
            known = Knowledge(found.pop().start, end, known.readings)
        if known.readings:
            found.append(known)
    return tuple(reversed(found))


def _same(one: Reading, other: Reading) -> bool:
    return (one.start, one.applied) == (other.start, other.applied) and (
        one.document == other.document and one.before == other.before
    )


@define
class _Reader:
    program: Program
    _made: dict[tuple[Applied, tuple[bool, ...]], Document] = Factory(dict)

    def readings(self, known_on: date) -> Iterator[Reading]:
        stretches: list[tuple[date, Applied, Document]] = []
        for day in self.program.day_cuts:
            applied = self.program.consolidated.applied(day, known_on)
            if applied:
                made = self.document(day, known_on, applied)
                if not stretches or stretches[-1][1:] != (applied, made):
                    stretches.append((day, applied, made))
        before = EMPTY
        for at, (start, applied, made) in enumerate(stretches):
            end = stretches[at + 1][0] if at + 1 < len(stretches) else None
            yield Reading(start, end, made, before, applied)
            before = made

    def document(self, day: date, known_on: date, applied: Applied) -> Document:
        """The document of a day, made once for all days that differ in nothing that it shows."""
        lowering = self.program.lowering
        validities = [entry.validity for entry in lowering.entries]
        validities += [
            entry.validity for each in lowering.concepts.values() for entry in (*each.entries, *each.excepted)
        ]
        text = self.program.consolidated.texts[applied]
        defined = (*lowering.definitions.values(), *text.definitions)
        registers = (criterion for each in defined for criterion in each.criteria)
        validities += [row for criterion in registers for row in dated(criterion)]
        validities += [rule.validity for section in text.sections for rule in section.rules]
        state = tuple(v.known(known_on) and v.on(day) for v in validities)
        seen = tuple(v.known(known_on) for v in validities)
        key = applied, (*state, *seen)
        if key not in self._made:
            self._made[key] = document(self.program, day, known_on)
        return self._made[key]


def day_before(day: date) -> date:
    """The last day of a stretch that ends on a day."""
    return day - timedelta(days=1)
