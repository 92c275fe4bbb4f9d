"""What bound declarations and criteria have in common: where they stand, and what they rest on."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from dsl.source import Span

DETERMINATIONS = (
    "medically_necessary",
    "not_medically_necessary",
    "experimental_investigational",
    "not_covered",
    "manual_review",
)
"""What a section may determine; the others are the evaluator's own, or the contract's."""


@frozen
class Located:
    """Something that stands in a source; where is no part of what it means."""

    span: Span = field(eq=False, repr=False, kw_only=True)


@frozen
class Assumption(Located):
    """What the author decided where the document is silent."""

    name: str
    reason: str


@frozen
class Citation(Located):
    """A place in the source document, and the edition in which it was read."""

    place: str
    edition: date | None
    reconstructed: bool


@frozen(order=True)
class RevisionId:
    """In force from a day, known since a day."""

    effective: date
    posted: date
