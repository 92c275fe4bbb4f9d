"""How codes are written: each system's form, the one spelling inside, and sets of codes as intervals."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALNUM = _DIGITS + _LETTERS

AFTER_ALL = "\x7f"  # sorts behind every character of a code

Interval = tuple[str, str]
"""Half-open in string order: the codes c with low <= c < high."""


class System(NamedTuple):
    """The form of a system's codes: the letters allowed at each position, and the shortest length."""

    alphabets: tuple[str, ...]
    shortest: int
    dotted: bool

    def normal(self, text: str) -> str | None:
        """The one spelling of a code (upper case, no dot), or None if the system cannot have it."""
        code = text.upper()
        if self.dotted and len(code) > 4 and code[3] == ".":
            code = code[:3] + code[4:]
        if not self.shortest <= len(code) <= len(self.alphabets):
            return None
        if any(letter not in alphabet for letter, alphabet in zip(code, self.alphabets, strict=False)):
            return None
        return code

    def shown(self, code: str) -> str:
        """A normal code as people write it."""
        return f"{code[:3]}.{code[3:]}" if self.dotted and len(code) > 3 else code

    def first_from(self, text: str) -> str | None:
        """The smallest code of the system that is not before a text, in string order."""

        def padded(code: str) -> str:
            return code + "".join(a[0] for a in self.alphabets[len(code) : self.shortest])

        kept = 0
        while kept < min(len(text), len(self.alphabets)) and text[kept] in self.alphabets[kept]:
            kept += 1
        if kept == len(text):
            return padded(text)
        for position in range(min(kept, len(self.alphabets) - 1), -1, -1):
            larger = [letter for letter in self.alphabets[position] if letter > text[position]]
            if larger:
                return padded(text[:position] + larger[0])
        return None


PROCEDURES = ("cpt", "hcpcs")
"""Systems whose codes stand in one place of a claim: a procedure code is of one of them."""

_PROCEDURE = System((_ALNUM, _DIGITS, _DIGITS, _DIGITS, _ALNUM), 5, False)
_SYSTEMS = {
    "icd10cm": System((_LETTERS, _DIGITS, *[_ALNUM] * 5), 3, True),
    "hcpcs": _PROCEDURE,
    "cpt": _PROCEDURE,
    "procedure": _PROCEDURE,
}
_ANY = System(tuple([_DIGITS + _LETTERS] * 20), 1, False)


def system(name: str) -> System:
    """The form of a named system; a system that we do not know takes letters and digits, at most 20."""
    return _SYSTEMS.get(name, _ANY)


def contains(intervals: tuple[Interval, ...], code: str) -> bool:
    """Whether sorted, disjoint intervals take a normal code in."""
    at = bisect_right(intervals, (code, AFTER_ALL)) - 1
    return at >= 0 and code < intervals[at][1]


def union(intervals: list[Interval]) -> tuple[Interval, ...]:
    """The same codes as sorted, disjoint intervals."""
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def without(intervals: tuple[Interval, ...], removed: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The codes of the first that are not in the second."""
    left = list(intervals)
    for start, end in removed:
        cut: list[Interval] = []
        for low, high in left:
            if low < min(high, start):
                cut.append((low, min(high, start)))
            if max(low, end) < high:
                cut.append((max(low, end), high))
        left = cut
    return union(left)


def outermost_first(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals of which any two are disjoint or one inside the other; the outer stands before the inner."""
    by_end = sorted(intervals, key=lambda interval: interval[1], reverse=True)
    return sorted(by_end, key=lambda interval: interval[0])


PATTERN = re.compile(r"([A-Z0-9]+)(?:\.([A-Z0-9]+))?(x?)")
