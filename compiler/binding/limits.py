"""Limits as authors write them: so much of what codes stand for, in a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from compiler import errors
from compiler.binding.comparisons import decimal
from compiler.binding.listed_code import listed_code, rows_of
from compiler.binding.numbers import number as plain_number
from compiler.binding.scope import Scope, citation
from compiler.binding.windows import MONTHS, far
from compiler.model import CodeEntry, Limit
from compiler.model.units import Unit, factor, unit
from compiler.runtime.limits import ALLOWED
from compiler.runtime.windows import Offset
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax import PeriodKind

_COUNTS = ("unit", "units")
Units: TypeAlias = tuple[tuple[str, Decimal], ...]


def limit(written: s.Limit, scope: Scope) -> Limit | None:
    """A limit, in a unit in which codes are billed, or a complaint and None."""
    since = _since(written.per, scope.report)
    amount, units = _amount(written, scope)
    codes = [_limited(each, units, scope) for each in written.codes]
    if written.determination.text == ALLOWED:
        what, why = f"`{ALLOWED}` is what a limit limits", "say what becomes of the units above it"
        scope.report.add(errors.type_mismatch(written.determination.span, what, why))
    if amount is None or None in codes or (since is None and written.per.kind is not PeriodKind.LIFETIME):
        return None
    shown = written.span.said.removeprefix("limit ").partition(" then ")[0]
    given = scope.one_behind(written.cites, written.assume)
    return Limit(
        amount,
        units,
        since,
        written.determination.text,
        shown,
        tuple(code for code in codes if code is not None),
        citation(written.cites),
        given,
        span=written.span,
    )


def _limited(literal: s.Literal, units: Units, scope: Scope) -> str | None:
    """A code that a limit names: one whose units it can count."""
    code = listed_code(literal, scope)
    if code is not None and units and not _billed_in(dict(units), rows_of(code, scope)):
        names = " or ".join(f"`{name}`" for name, _ in units)
        what, why = f"`{code}` is not billed in {names}", "it says `per` of nothing that this limit counts"
        scope.report.add(errors.type_mismatch(literal.span, what, why))
        return None
    return code


def _billed_in(units: Mapping[str, Decimal], rows: Iterable[CodeEntry]) -> bool:
    return any(row.per is not None and row.per[1] in units for row in rows)


def _since(period: s.Period, report: Report) -> Offset | None:
    """How far from a line's day its period begins; None for all time, or with a complaint."""
    if period.kind is PeriodKind.LIFETIME:
        return None
    count = period.count or s.Literal("1", span=period.span)
    back = far(count, period.unit, True, report)
    if back is None or period.kind is PeriodKind.ROLLING:
        # The line's own day is one of them.
        return None if back is None else back + Offset(days=1)
    months = MONTHS[period.unit]
    return back + Offset(months, 0, months)


def _amount(written: s.Limit, scope: Scope) -> tuple[Decimal | None, Units]:
    """How much, and what each unit of codes that count comes to; no units where billed units count."""
    rows = [entry for other in scope.unit.closure() for entry in other.codes]
    billed_in = dict.fromkeys(row.per[1] for row in rows if row.per is not None)
    if isinstance(written.amount, tuple):
        number, name = written.amount
        if name.text not in (*_COUNTS, *billed_in):
            hint = "a limit counts what is billed: `1 unit of CODE`, `300 mg`"
            scope.report.add(errors.unknown_unit(name.span, name.text, hint))
            return None, ()
        units = () if name.text in _COUNTS else ((name.text, Decimal(1)),)
        return plain_number(number, False, scope.report), units
    return _measured(written.amount, billed_in, scope)


def _measured(measured: s.Measure, billed_in: Iterable[str], scope: Scope) -> tuple[Decimal | None, Units]:
    """An amount with a unit, in a unit in which all codes that measure the same are counted without rounding:
    of hours and minutes, minutes.
    """
    wanted = unit(measured.unit)
    number = plain_number(measured.number, False, scope.report)
    if wanted is None:
        scope.report.add(errors.unknown_unit(measured.span, measured.unit))
    if wanted is None or number is None:
        return None, ()
    found = [(name, its) for name in billed_in if (its := unit(name)) is not None]
    measuring = [(name, its) for name, its in found if factor(its, wanted) is not None]
    for counted in (wanted, *(its for _, its in measuring)) if measuring else ():
        amount = _times(Fraction(number), wanted, counted)
        units = [
            (name, by) for name, its in measuring if (by := _times(Fraction(1), its, counted)) is not None
        ]
        if amount is not None and len(units) == len(measuring):
            return amount, tuple(units)
    known = ", ".join(f"`{each}`" for each in billed_in) or "no unit"
    what, why = f"no code is billed in `{measured.unit}`", f"the codes known here are billed in {known}"
    scope.report.add(errors.type_mismatch(measured.span, what, why))
    return None, ()


def _times(number: Fraction, of: Unit, to: Unit) -> Decimal | None:
    by = factor(of, to)
    return None if by is None else decimal(number * by)
