"""The parts of a policy that claims can exercise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from attrs import Factory, define, field

from compiler.runtime.conditions import Kleene
from compiler.runtime.windows import Offset
from dsl.source import Span


class Item(NamedTuple):
    """A part of the text. `kind` is rule, row (of a decision table), exception, criterion or limit, which can
    hold, not hold and be open; or revision, code or override, which are met or not.
    """

    kind: str
    name: str
    span: Span


@define
class Truths:
    """How often something held, did not hold, and was open. What is `settled` asks only for facts that are
    never unknown, and so cannot be open.
    """

    true: int = 0
    false: int = 0
    unknown: int = 0
    settled: bool = field(default=False, eq=False)

    def count(self, holds: Kleene) -> None:
        """Once more."""
        match holds:
            case True:
                self.true += 1
            case False:
                self.false += 1
            case None:
                self.unknown += 1


class End(NamedTuple):
    """Where a stretch of the values of a fact begins or ends: a number, a day, or an offset from the day of
    another fact. The value itself belongs `above` or below; `whole` values are a unit or a day apart.
    """

    span: Span
    fact: str
    at: Decimal | Fraction | date | tuple[str, Offset]
    above: bool
    whole: bool


@define
class Nearest:
    """How near to an end values have come, on each side; None where there was none."""

    below: Fraction | None = None
    above: Fraction | None = None

    def count(self, end: End, distance: Fraction) -> None:
        """A value so far above the end."""
        if distance < 0 or (distance == 0 and not end.above):
            self.below = distance if self.below is None else max(self.below, distance)
        else:
            self.above = distance if self.above is None else min(self.above, distance)

    def met(self, end: End) -> bool:
        """Whether both sides were met: the last value of one and the first of the other, or of numbers that
        have no next one, the end itself and any on its other side.
        """
        own, other = (self.above, self.below) if end.above else (self.below, self.above)
        return own == 0 and other is not None and (abs(other) == 1 or not end.whole)


@define
class Seen:
    """What was seen of each part, in the order of the text as far as one revision goes."""

    truths: dict[Item, Truths] = Factory(dict)
    ends: dict[End, Nearest] = Factory(dict)

    def truths_of(self, item: Item) -> Truths:
        """What was seen of an item, none at first."""
        return self.truths.setdefault(item, Truths())

    def nearest_of(self, end: End) -> Nearest:
        """What was seen around an end, nothing at first."""
        return self.ends.setdefault(end, Nearest())
