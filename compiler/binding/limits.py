"""Limits as authors write them: so much of what codes stand for, in a period."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from compiler import errors
from compiler.binding.comparisons import decimal
from compiler.binding.numbers import number as plain_number
from compiler.binding.scope import Scope, citation
from compiler.binding.windows import MONTHS, far
from compiler.model import Limit
from compiler.model.units import factor, unit
from compiler.runtime.windows import Offset
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax import PeriodKind

_COUNTS = ("unit", "units")


def limit(written: s.Limit, scope: Scope) -> Limit | None:
    """A limit, in a unit in which codes are billed, or a complaint and None."""
    since = _since(written.per, scope.report)
    amount, name = _amount(written, scope)
    if amount is None or (since is None and written.per.kind is not PeriodKind.LIFETIME):
        return None
    shown = written.span.said.removeprefix("limit ").partition(" then ")[0]
    given = scope.one_behind(written.cites, written.assume)
    return Limit(
        amount,
        name,
        since,
        written.determination.text,
        shown,
        tuple(code for each in written.codes if (code := scope.code(each, "procedure")) is not None),
        citation(written.cites),
        given,
        span=written.span,
    )


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


def _amount(written: s.Limit, scope: Scope) -> tuple[Decimal | None, str]:
    """How much, and in which of the units that codes stand for; empty for billed units."""
    if isinstance(written.amount, tuple):
        number, name = written.amount
        billed_in = {e.per[1] for other in scope.unit.closure() for e in other.codes if e.per is not None}
        if name.text not in (*_COUNTS, *billed_in):
            hint = "a limit counts what is billed: `1 unit of CODE`, `300 mg`"
            scope.report.add(errors.unknown_unit(name.span, name.text, hint))
            return None, ""
        return plain_number(number, False, scope.report), "" if name.text in _COUNTS else name.text
    measured = written.amount
    wanted = unit(measured.unit)
    per = [entry.per for other in scope.unit.closure() for entry in other.codes if entry.per is not None]
    if wanted is None:
        scope.report.add(errors.unknown_unit(measured.span, measured.unit))
        return None, ""
    for name_of_unit in dict.fromkeys([measured.unit, *(each for _, each in per)]):
        billed = unit(name_of_unit)
        by = factor(wanted, billed) if billed is not None else None
        if by is not None and name_of_unit in {each for _, each in per}:
            return decimal(by * Fraction(measured.number.text)), name_of_unit
    known = ", ".join(f"`{each}`" for each in dict.fromkeys(each for _, each in per)) or "no unit"
    scope.report.add(
        errors.type_mismatch(
            measured.span,
            f"no code is billed in `{measured.unit}`",
            f"the codes known here are billed in {known}",
        )
    )
    return None, ""
