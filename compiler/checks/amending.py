"""Where an amendment that a hint offers would stand."""

from __future__ import annotations

from datetime import date

from dsl import syntax as s
from dsl.source import Span


def amending(file: s.File, day: date) -> tuple[Span, str, str]:
    """The place for an amendment of a day, and the words before and after it: in the last revision of that
    day, or in one to be added between those before and after.
    """
    revisions = [item for item in file.items if isinstance(item, s.Revision)]
    same = [revision for revision in revisions if revision.effective.value == day]
    if same and same[-1].amendments:
        return _at(file, same[-1].span.end - 1), "    ", "\n"
    if same:
        return _at(file, same[-1].span.end), " {\n    ", "\n}"
    earlier = [revision for revision in revisions if revision.effective.value < day]
    end = (earlier or revisions)[-1].span.end
    return _at(file, end), f'\n\nrevision {day} "Codes updated" {{\n    ', "\n}"


def _at(file: s.File, offset: int) -> Span:
    return Span(file.source, offset, offset)
