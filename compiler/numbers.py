"""Numbers as authors write them: literals, comparisons and ranges become stretches."""

from __future__ import annotations

import re
from decimal import Decimal

from compiler import errors
from compiler.model import NumberIn, NumberType
from compiler.runtime.numbers import Stretch, after, before
from dsl import syntax as s
from dsl.diagnostics import Report

MOST_DIGITS = 30
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def number(literal: s.Node, integer: bool, report: Report) -> Decimal | None:
    """The number of a literal, or a complaint and None."""
    text = literal.span.text
    if not isinstance(literal, s.Literal) or not _NUMBER.fullmatch(text) or len(text) > MOST_DIGITS:
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


def bounds(written: s.Range | None, integer: bool, report: Report) -> tuple[Decimal | None, Decimal | None]:
    """The ends of a range; None is without end."""
    if written is None:
        return None, None
    ends = [None if end is None else number(end, integer, report) for end in (written.low, written.high)]
    low, high = ends
    if (written.low is None and written.high is None) or (
        low is not None and high is not None and high < low
    ):
        report.add(errors.empty_range(written.span))
    return low, high


def compared(fact: str, kind: NumberType, operator: str, value: s.Node, report: Report) -> NumberIn | None:
    """The numbers that a comparison takes in; `!=` those on both sides."""
    n = number(value, kind.integer, report)
    if n is None:
        return None
    stretches: dict[str, tuple[Stretch, ...]] = {
        "==": ((before(n), after(n)),),
        "!=": ((None, before(n)), (after(n), None)),
        "<": ((None, before(n)),),
        "<=": ((None, after(n)),),
        ">": ((after(n), None),),
        ">=": ((before(n), None),),
    }
    return within(fact, kind, stretches[operator], value, report)


def ranged(fact: str, kind: NumberType, items: tuple[s.Node, ...], report: Report) -> NumberIn | None:
    """The numbers of a range, or of a set of numbers and ranges."""
    stretches: list[Stretch] = []
    for item in items:
        written = item
        if isinstance(item, s.Pattern):
            written = s.Range(item.low, item.high or item.low, span=item.span)
        if not isinstance(written, s.Range):
            report.add(
                errors.type_mismatch(
                    item.span, f"`{item.span.text}` is no number", "a number or a range is wanted"
                )
            )
            return None
        low, high = bounds(written, kind.integer, report)
        if (low is None) is not (written.low is None) or (high is None) is not (written.high is None):
            return None
        stretches.append((None if low is None else before(low), None if high is None else after(high)))
    return within(fact, kind, tuple(stretches), items[0], report)


def within(
    fact: str, kind: NumberType, stretches: tuple[Stretch, ...], asked: s.Node, report: Report
) -> NumberIn:
    """The condition; what takes in no number that the fact can be is complained about."""
    low = None if kind.low is None else before(kind.low)
    high = None if kind.high is None else after(kind.high)
    meets = any(
        (start is None or high is None or start < high) and (end is None or low is None or low < end)
        for start, end in stretches
    )
    if not meets:
        report.add(
            errors.type_mismatch(
                asked.span, f"`{fact}` is never so", f"it lies in {kind.low or ''}..{kind.high or ''}"
            )
        )
    return NumberIn(fact, stretches)
