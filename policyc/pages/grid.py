"""The pages of a policy by both axes: rows of knowledge, columns of days of service."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from attrs import frozen

from policyc.pages.readings import Knowledge, Page, day_before


@frozen
class Cell:
    """A stretch of days of service: the page that holds then, or none; over so many columns."""

    start: str
    href: str
    span: int


def days(pages: tuple[Page, ...]) -> list[str]:
    """The days on which any page begins."""
    return [str(day) for day in _days(pages)]


def grid(pages: tuple[Page, ...]) -> list[tuple[str, list[Cell]]]:
    """Of each stretch of knowledge, the latest first, the cells."""
    columns = _days(pages)
    rows = []
    for known in knowledges(pages):
        hrefs = [href_on(pages, known, day) for day in columns]
        cells, at = [], 0
        for href, run in groupby(hrefs):
            span = len(list(run))
            cells.append(Cell(str(columns[at]), href, span))
            at += span
        rows.append((known_words(known), cells))
    return rows


def knowledges(pages: tuple[Page, ...]) -> list[Knowledge]:
    """The stretches of knowledge, the latest first."""
    by_start = {known.start: known for page in pages for known in page.known}
    return [by_start[start] for start in sorted(by_start, reverse=True)]


def href_on(pages: tuple[Page, ...], known: Knowledge, day: date) -> str:
    """The page of a day of service as it was known; empty where none was in force."""
    reading = known.on(day)
    if reading is None:
        return ""
    return next(page.name for page in pages if known in page.known and page.reading.start == reading.start)


def known_words(known: Knowledge) -> str:
    """A stretch of knowledge in words."""
    if known.end is None:
        return f"since {known.start}"
    return f"{known.start} through {day_before(known.end)}"


def _days(pages: tuple[Page, ...]) -> list[date]:
    return sorted({page.reading.start for page in pages})
