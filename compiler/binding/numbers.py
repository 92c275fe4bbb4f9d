"""Ranges of numbers as authors write them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from compiler import errors
from compiler.binding.amounts import NUMBER, Quantity, converted, quantity
from compiler.model import Fixed
from compiler.model.units import Unit
from dsl import syntax as s
from dsl.diagnostics import Report

if TYPE_CHECKING:
    from compiler.binding.bind import Binder


def number(literal: s.Node, integer: bool, report: Report) -> Decimal | None:
    """The number of a literal, or a complaint and None."""
    text = literal.text if isinstance(literal, s.Literal) else literal.span.text
    if not isinstance(literal, s.Literal) or not NUMBER.fullmatch(text) or len(text) > MOST_DIGITS:
        report.add(errors.type_mismatch(literal.span, f"`{text}` is no number", "a number is wanted here"))
        return None
    if integer and "." in text:
        report.add(
            errors.type_mismatch(
                literal.span, f"`{text}` is no whole number", "only whole numbers occur here"
            )
        )
        return None
    return Decimal(text)


MOST_DIGITS = 30


def bounds(written: s.Range, its: Unit, binder: Binder) -> tuple[Fraction | None, Fraction | None] | None:
    """The ends of a range in a unit, None without end; or a complaint and None."""
    found: list[Fraction | None] = []
    for end in (written.low, written.high):
        if end is None:
            found.append(None)
            continue
        its_quantity: Quantity | None = quantity(end, binder, {})
        term = None if its_quantity is None else converted(its_quantity, its, end, binder)
        if not isinstance(term, Fixed):
            return None
        found.append(term.value)
    low, high = found
    empty = (
        low is not None
        and high is not None
        and (high < low or (high == low and (written.low_open or written.high_open)))
    )
    if (low is None and high is None) or empty:
        binder.scope.report.add(errors.empty_range(written.span))
    return low, high
