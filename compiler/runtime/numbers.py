"""Stretches of numbers, exact at both ends."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

Cut: TypeAlias = tuple[Decimal, int]
"""A place between numbers: (n, 0) is just before n, (n, 2) just after; n itself is (n, 1)."""

Stretch: TypeAlias = tuple[Cut | None, Cut | None]
"""The numbers from one cut to another; None is without end."""


def place(number: Decimal) -> Cut:
    """Where a number stands among cuts."""
    return number, 1


def before(number: Decimal) -> Cut:
    """The cut just before a number."""
    return number, 0


def after(number: Decimal) -> Cut:
    """The cut just after a number."""
    return number, 2


def among(number: Decimal, stretches: tuple[Stretch, ...]) -> bool:
    """Whether a number lies in one of some stretches."""
    here = place(number)
    return any((low is None or low < here) and (high is None or here < high) for low, high in stretches)
