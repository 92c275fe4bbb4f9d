"""Codes and concepts, with their validity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from attrs import frozen

from compiler.model.words import Assumption, Located
from compiler.runtime.claim_values import Scalar
from compiler.runtime.codes import Interval


@frozen
class Validity:
    """In force `[start, end)`, known since a day; None is without bound."""

    start: date | None = None
    end: date | None = None
    posted: date | None = None

    def known(self, known_on: date | None) -> bool:
        """Whether one who knew what was posted by a day knew of this."""
        return known_on is None or self.posted is None or self.posted <= known_on

    def on(self, day: date) -> bool:
        """Whether a day lies inside."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def meets(self, other: Validity) -> bool:
        """Whether some day lies inside both."""
        late = self.start is not None and other.end is not None and other.end <= self.start
        early = other.start is not None and self.end is not None and self.end <= other.start
        return not late and not early


@frozen
class CodeEntry(Located):
    """A row of a code system: when a code is valid, what a unit of it stands for, what it says."""

    system: str
    codes: Interval
    shown: str
    label: str | None
    validity: Validity
    per: tuple[Decimal, str] | None
    gives: tuple[tuple[str, Scalar], ...]
    replaced_by: tuple[str, ...]


@frozen
class ConceptEntry(Located):
    """Codes of a concept, or the id of another concept taken in whole."""

    codes: Interval | None
    uses: str | None
    validity: Validity


@frozen
class ConceptDecl(Located):
    """A set of codes with named members; a member is a concept of its own, `concept.member`. What is
    `excepted` of a concept is not of its members either.
    """

    id: str
    system: str
    label: str | None
    assumption: Assumption | None
    entries: tuple[ConceptEntry, ...]
    members: tuple[str, ...]
    excepted: tuple[ConceptEntry, ...] = ()
