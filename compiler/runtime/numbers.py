"""Stretches of numbers, exact at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

Cut: TypeAlias = tuple[Decimal | Fraction, int]
"""A place between numbers: (n, 0) is just before n, (n, 2) just after; n itself is (n, 1)."""

Stretch: TypeAlias = tuple[Cut | None, Cut | None]
"""The numbers from one cut to another; None is without end."""


def place(number: Decimal | Fraction) -> Cut:
    """Where a number stands among cuts."""
    return number, 1


def before(number: Decimal | Fraction) -> Cut:
    """The cut just before a number."""
    return number, 0


def after(number: Decimal | Fraction) -> Cut:
    """The cut just after a number."""
    return number, 2


def among(number: Decimal, stretches: Sequence[Stretch]) -> bool:
    """Whether a number lies in one of some stretches of decimals."""
    here = place(number)
    return any((low is None or low < here) and (high is None or here < high) for low, high in stretches)


def exactly_among(number: Decimal | Fraction, stretches: Sequence[Stretch]) -> bool:
    """Whether a number lies in one of some stretches, of which ends may be fractions."""
    here = Fraction(number), 1
    ends = [tuple(None if cut is None else (Fraction(cut[0]), cut[1]) for cut in s) for s in stretches]
    return any((low is None or low < here) and (high is None or here < high) for low, high in ends)
