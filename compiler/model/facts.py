"""Facts and their types."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from attrs import frozen

from compiler.model.units import NO_UNIT, Unit
from compiler.model.words import Assumption, Located
from compiler.runtime.numbers import Stretch


@frozen
class EnumType:
    """Named values; an open enumeration takes any other value as *other*."""

    open: bool
    members: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...] = ()


@frozen
class BoolType:
    """True or false."""


@frozen
class DayType:
    """A day of the calendar."""


@frozen
class TextType:
    """Any text: an open enumeration without named values."""


@frozen
class Band:
    """A named stretch of a scale; a gap that the author declares has no name."""

    name: str | None
    stretch: Stretch


@frozen
class NumberType:
    """An exact number, whole or decimal, from `low` to `high`; None is without bound. The bounds are included
    unless `above` and `below` say otherwise. The numbers of a scale have bands, perhaps by an assumption.
    """

    integer: bool
    low: Decimal | None = None
    high: Decimal | None = None
    above: bool = False
    below: bool = False
    unit: Unit = NO_UNIT
    bands: tuple[Band, ...] = ()
    assumption: str | None = None


@frozen
class CodeType:
    """One code of a system."""

    system: str


@frozen
class CodesType:
    """A list of codes of a system."""

    system: str


@frozen
class TextsType:
    """A list of texts."""


@frozen
class RecordType:
    """A record: its fields with their types; of those that codes give the field that holds the code, and of
    judgements the question.
    """

    name: str
    fields: tuple[tuple[str, FactType], ...]
    given: tuple[tuple[str, str], ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    package: str = ""

    @property
    def id(self) -> str:
        """The name of the record in all packages."""
        return f"{self.package}.{self.name}"

    def field(self, name: str) -> FactType | None:
        """The type of a field, if there is one of this name."""
        return dict(self.fields).get(name)


@frozen
class RecordsType:
    """A list of records."""

    record: RecordType


FactType: TypeAlias = (
    EnumType | BoolType | DayType | TextType | NumberType | CodeType | CodesType | TextsType | RecordsType
)
ElementType: TypeAlias = CodeType | TextType | RecordType
"""What a list element in hand is."""


@frozen
class FactDecl(Located):
    """A fact that a claim may state, whose code gives it, and what it means where nothing tells it."""

    path: str
    type: FactType
    absent: str | None = None
    absent_assumption: Assumption | None = None
    question: str | None = None
    given_by: str | None = None

    @property
    def giver(self) -> str:
        """The fact whose code gives this one: of a line's fact the billed code, unless it says otherwise."""
        return self.given_by or "line.procedure"


@frozen
class Evidence(Located):
    """A fact of one line taken from the other lines of the same claim and day."""

    fact: str
    within: str | None
    assumption: Assumption | None
