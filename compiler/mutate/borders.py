"""Ranges that border on each other: between bands of a scale, between rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from compiler.mutate.numbers import neighbours
from dsl import syntax as s

End = s.Literal | s.Measure


def borders(ranges: Sequence[s.Range]) -> Iterator[tuple[s.Range, ...]]:
    """The ranges with one border moved by one in the last place: for those below it and those above."""
    highs = {_number(each.high): each.high_open for each in ranges if each.high is not None}
    lows = {_number(each.low): each.low_open for each in ranges if each.low is not None}
    for high, high_open in highs.items():
        for low, low_open in lows.items():
            if _meet(high, high_open, low, low_open):
                for below, above in zip(neighbours(high), neighbours(low), strict=True):
                    yield tuple(_moved(each, {high: below}, {low: above}) for each in ranges)


def _meet(high: str, high_open: bool, low: str, low_open: bool) -> bool:
    if high == low:
        return high_open != low_open
    return not high_open and not low_open and list(neighbours(high))[1:] == [low]


def _moved(each: s.Range, highs: dict[str, str], lows: dict[str, str]) -> s.Range:
    return evolve(each, low=_end(each.low, lows), high=_end(each.high, highs))


def _end(end: End | None, moved: dict[str, str]) -> End | None:
    if end is None or _number(end) not in moved:
        return end
    text = moved[_number(end)]
    if isinstance(end, s.Measure):
        return evolve(end, number=evolve(end.number, text=text))
    return evolve(end, text=text)


def _number(end: End) -> str:
    return (end.number if isinstance(end, s.Measure) else end).text
