"""Words, and what says where a line comes from."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from dsl.source import Span


@frozen
class Node:
    """A node of the tree; its place is no part of its identity."""

    span: Span = field(eq=False, repr=False, kw_only=True)


@frozen
class Name(Node):
    """`ketamine`, `A`"""

    text: str


@frozen
class Path(Node):
    """`pain.chronic_pain`"""

    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@frozen
class Text(Node):
    """`"a text in quotes"`"""

    value: str


@frozen
class Day(Node):
    """`2024-10-01`"""

    value: date


@frozen
class Literal(Node):
    """`J2001`, `G43.7x`, `10`: a code or a number, by the type of what it stands beside"""

    text: str


@frozen
class Measure(Node):
    """`54 mg/dL`, `15 /h`, `-2.5 %`: a number with its unit, on one line"""

    number: Literal
    unit: str


@frozen
class Range(Node):
    """`20..30`, both included; `20..` and `..30` have no other end; `20<..<30` is without its ends"""

    low: Literal | Measure | None
    high: Literal | Measure | None
    low_open: bool = False
    high_open: bool = False


@frozen
class Pattern(Node):
    """`J2001` (that code), `G43.7x` (all that begin so), `F20..F69` (all from the first to the last)"""

    low: Literal
    high: Literal | None

    @property
    def text(self) -> str:
        return self.low.text if self.high is None else f"{self.low.text}..{self.high.text}"


@frozen
class Assume(Node):
    """`assume same_day_drug "why"`"""

    name: Name
    reason: Text


@frozen
class Reconstructed(Node):
    """`reconstructed assume wording "why"`"""

    assume: Assume | None


@frozen
class Cites(Node):
    """`cites "POLICY A" edition 2024-12-23 reconstructed`"""

    place: Text
    edition: Day | None
    reconstructed: Reconstructed | None
