"""Types of facts as authors write them."""

from __future__ import annotations

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.comparisons import decimal
from compiler.binding.numbers import bounds
from compiler.binding.scope import Scope
from compiler.model import (
    BoolType,
    CodesType,
    CodeType,
    DayType,
    EnumType,
    FactType,
    NumberType,
    RecordsType,
    RecordType,
)
from compiler.model.units import NO_UNIT, unit
from dsl import syntax as s
from dsl.source import Span


def fact_type(kind: s.Type, scope: Scope) -> FactType:
    """The type of a fact, or of a record's field."""
    match kind:
        case s.Enumeration():
            return _enumeration(kind, scope)
        case s.Boolean() | s.JudgementType():
            return BoolType()
        case s.DateType():
            return DayType()
        case s.NumberType():
            return _number(kind, scope)
        case s.CodeType():
            return CodeType(scope.system(kind.system))
        case s.CodesType():
            return CodesType(scope.system(kind.system))
        case s.ListType():
            record = scope.record(kind.record)
            return RecordsType(record if record is not None else RecordType(kind.record.text, ()))
        case s.ScaleType():
            return scope.scale(kind.scale) or NumberType(True)


def _enumeration(kind: s.Enumeration, scope: Scope) -> EnumType:
    seen: dict[str, Span] = {}
    aliases = []
    for member in kind.members:
        spellings = [(member.name.text, member.name.span)]
        spellings += [(alias.value, alias.span) for alias in member.aliases]
        for text, span in spellings:
            first = seen.setdefault(text.casefold(), span)
            if first is not span:
                scope.report.add(errors.duplicate_name("value", text, span, first))
        aliases += [(alias.value, member.name.text) for alias in member.aliases]
    return EnumType(kind.open, tuple(m.name.text for m in kind.members), tuple(aliases))


def _number(kind: s.NumberType, scope: Scope) -> NumberType:
    its = unit(kind.unit.text) if kind.unit is not None else NO_UNIT
    if its is None:
        assert kind.unit is not None
        scope.report.add(errors.unknown_unit(kind.unit.span, kind.unit.text))
        its = NO_UNIT
    if kind.range is None:
        return NumberType(kind.integer, unit=its)
    plain = (
        NO_UNIT if all(not isinstance(end, s.Measure) for end in (kind.range.low, kind.range.high)) else its
    )
    low, high = bounds(kind.range, plain, Binder(scope)) or (None, None)
    for end, written in ((low, kind.range.low), (high, kind.range.high)):
        if kind.integer and end is not None and end.denominator != 1 and written is not None:
            what = f"`{written.span.text}` is no whole number"
            scope.report.add(errors.type_mismatch(written.span, what, "only whole numbers occur here"))
    return NumberType(
        kind.integer,
        None if low is None else decimal(low),
        None if high is None else decimal(high),
        kind.range.low_open,
        kind.range.high_open,
        its,
    )
