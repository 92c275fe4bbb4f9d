"""A page of the text, with its way to the other days."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from attrs import frozen

from compiler.program import Program, revision_name
from policyc.pages.document import Document
from policyc.pages.grid import href_on, knowledges, known_words
from policyc.pages.ink import long_day
from policyc.pages.marked import changes, marked
from policyc.pages.readings import EMPTY, Knowledge, Page, day_before
from policyc.words.history import RevisionChange
from policyc.words.render import counted


@frozen
class Day:
    """A day on which the text changes: its page, whether it is this one, and how it lies to this one."""

    day: str
    href: str
    here: bool
    rel: str


@frozen
class Known:
    """The text as known in some stretch of time."""

    said: str
    href: str
    here: bool


@frozen
class ShownPage:
    """What a page of the text shows. `marks` is whether any change is marked."""

    title: str
    period: str
    today: bool
    dates: list[Day]
    knowns: list[Known]
    revision: RevisionChange
    changes: str
    marks: bool
    document: Document


def shown(
    page: Page, pages: tuple[Page, ...], revisions: tuple[RevisionChange, ...], program: Program
) -> ShownPage:
    """A page among the others."""
    reading, known = page.reading, page.known[0]
    first = reading.before == EMPTY
    document = reading.document if first else marked(reading.before, reading.document)
    new, gone = changes(document)
    name = revision_name(reading.applied[-1], program.consolidated)
    told = f"Marked below: {counted(new, 'place')} new, {counted(gone, 'place')} gone since the day before."
    if first:
        told = "The first text; nothing stood before it."
    elif not new and not gone:
        told = "It reads as it did the day before."
    through = f" through {long_day(day_before(reading.end))}" if reading.end is not None else " on"
    return ShownPage(
        f"{long_day(reading.start)}" + ("" if page.today else f", as known {known_words(known)}"),
        f"For services from {long_day(reading.start)}{through}" + ("" if page.today else _as_known(known)),
        page.today,
        _dates(page, pages),
        _knowns(page, pages),
        next(revision for revision in revisions if revision.revision == name),
        told,
        bool(new or gone) and not first,
        document,
    )


def _as_known(known: Knowledge) -> str:
    return f", as known {known_words(known)}"


def _dates(page: Page, pages: tuple[Page, ...]) -> list[Day]:
    """The days of the page's own stretch of knowledge."""
    known = page.known[0]
    starts = [reading.start for reading in known.readings]
    here = starts.index(page.reading.start)
    rels = {here - 1: "prev", here + 1: "next"}
    return [
        Day(str(start), href_on(pages, known, start), at == here, rels.get(at, ""))
        for at, start in enumerate(starts)
    ]


def _knowns(page: Page, pages: tuple[Page, ...]) -> list[Known]:
    """The pages of the day, by what was known; neighbours that have one page are one."""
    stretches = [(href_on(pages, known, page.reading.start), known) for known in knowledges(pages)]
    found: list[Known] = []
    for href, run in groupby(stretches, key=itemgetter(0)):
        alike = [known for _, known in run]
        whole = Knowledge(alike[-1].start, alike[0].end, ())
        said = "as known today" if whole.end is None else f"as known {known_words(whole)}"
        found.append(Known(said, href, href == page.name))
    return found
