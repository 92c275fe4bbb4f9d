"""Citations point to parts that the source document has, and no part is both rested on and out of scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compiler import errors
from compiler.source.resting import rested_on, resting, source_edition
from compiler.source.source_index import Places, SourceIndex, leaves_of
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax.walk import inside


def cited(file: s.File) -> Iterator[s.Cites]:
    """Every citation of a file, in its order."""
    return inside(file.items, s.Cites)


def out_of_scope(file: s.File) -> Iterator[tuple[s.Extent, str]]:
    """What a policy declares to be out of its scope, and why."""
    for declared in inside(file.items, s.OutOfScope):
        for extent in declared.extents:
            yield extent, declared.because.value


def edition_of(cites: s.Cites, file: s.File) -> date | None:
    """The edition in which a citation was read: its own, else the policy's, else the latest."""
    return cites.edition.value if cites.edition is not None else source_edition(file)


def citations(file: s.File, index: SourceIndex | None, report: Report) -> None:
    """Complain about each citation of a part, or of an edition, that the index does not have; and about parts
    that are accounted for twice.
    """
    if index is not None:
        for cites in cited(file):
            _known(cites.place, edition_of(cites, file), cites.span, index, report)
        for extent, _ in out_of_scope(file):
            _known(extent.place, source_edition(file), extent.span, index, report)
    places = index.places(source_edition(file)) if index is not None else None
    _once(file, places, report)


def _known(place: s.Text, edition: date | None, span: Span, index: SourceIndex, report: Report) -> None:
    places = index.places(edition)
    if places is None:
        report.add(errors.unknown_edition(span, edition, index.editions))
    elif place.value not in places:
        report.add(errors.unknown_citation(place.span, place.value, places))


def covered(extent: s.Extent, places: Places | None) -> tuple[str, ...]:
    """The leaves of the document that a declaration is about."""
    return leaves_of(extent.place.value, places) if places is not None else (extent.place.value,)


def _once(file: s.File, places: Places | None, report: Report) -> None:
    edition = source_edition(file)
    rests = [rest for rest in resting(file, places) if rest.edition == edition]
    cited_at = {leaf: rest.span for rest in reversed(rests) for leaf in rested_on(rest, places)}
    cited_at |= {rest.place: rest.span for rest in reversed(rests)}
    declared_at: dict[str, Span] = {}
    for extent, _ in out_of_scope(file):
        leaves = covered(extent, places)
        if len(leaves) > 1 and not extent.whole:
            report.add(errors.several_parts(extent.span, extent.place.value, leaves))
        for place in dict.fromkeys((extent.place.value, *leaves)):
            if place in cited_at:
                report.add(errors.accounted_twice(place, extent.span, cited_at[place], rests=True))
                break
            if place in declared_at:
                report.add(errors.accounted_twice(place, extent.span, declared_at[place], rests=False))
                break
        declared_at |= dict.fromkeys(leaves, extent.span)
