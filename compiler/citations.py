"""Citations point to parts that the source document has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compiler import errors
from compiler.documents import SourceIndex
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside


def cited(file: s.File) -> Iterator[s.Cites]:
    """Every citation of a file, in its order."""
    return inside(file.items, s.Cites)


def edition_of(cites: s.Cites, file: s.File) -> date | None:
    """The edition in which a citation was read: its own, else the policy's, else the latest."""
    if cites.edition is not None:
        return cites.edition.value
    lines = (line for item in file.items if isinstance(item, s.Policy) for line in item.lines)
    document = next((line for line in lines if isinstance(line, s.SourceDocument)), None)
    return document.edition.value if document is not None and document.edition is not None else None


def citations(file: s.File, index: SourceIndex, report: Report) -> None:
    """Complain about each citation of a part, or of an edition, that the index does not have."""
    for cites in cited(file):
        edition = edition_of(cites, file)
        places = index.places(edition)
        if places is None:
            report.add(errors.unknown_edition(cites.span, edition, index.editions))
        elif cites.place.value not in places:
            report.add(errors.unknown_citation(cites.place.span, cites.place.value, places))
