"""What stands in a section: rules, limits and decision tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import v_args
from lark.tree import Meta

from dsl import syntax as s
from dsl.builders.facts import Facts
from dsl.builders.values import singular
from dsl.builders.words import plain


def _period(kind: s.PeriodKind) -> Callable[..., Any]:
    """A period of so many units of time."""

    def build(self: Sections, meta: Meta, parts: list[Any]) -> s.Period:
        return s.Period(kind, parts[0], singular(parts[1]), span=self.span(meta))

    return build


@v_args(meta=True)
class Sections(Facts):
    """Builds sections."""

    section = plain(s.Section)
    exception = plain(s.Except)
    question = v_args(inline=True)(lambda self, text, addressee: (text, addressee))
    cells = v_args(inline=True)(lambda self, *cells: cells)
    any_cell = v_args(inline=True)(lambda self: None)
    units = v_args(inline=True)(lambda self, count, unit: (count, unit))

    def section_body(self, meta: Meta, parts: list[Any]) -> s.SectionBody:
        names, reasons, *rest = parts
        rules = tuple(part for part in rest if isinstance(part, s.Rule))
        limits = tuple(part for part in rest if isinstance(part, s.Limit))
        tables = tuple(part for part in rest if isinstance(part, s.DecisionTable))
        return s.SectionBody(names, rules, limits, tables, reasons, span=self.span(meta))

    def for_names(self, meta: Meta, parts: list[Any]) -> s.For:
        return s.For(parts[0], parts[1] is not None, tuple(parts[2:]), span=self.span(meta))

    def rule(self, meta: Meta, parts: list[Any]) -> s.Rule:
        return self._rule(meta, False, *parts)

    def otherwise(self, meta: Meta, parts: list[Any]) -> s.Rule:
        return self._rule(meta, True, *parts)

    def _rule(
        self,
        meta: Meta,
        otherwise: bool,
        name: s.Name,
        question: tuple[s.Text, s.Text | None] | None,
        body: s.Body | None,
        *rest: Any,
    ) -> s.Rule:
        text, addressee = question or (None, None)
        excepted = tuple(part for part in rest if isinstance(part, s.Except))
        return s.Rule(name, text, addressee, otherwise, body, excepted, *rest[-3:], span=self.span(meta))

    def reasons(self, meta: Meta, parts: list[Any]) -> s.Reasons:
        carc, *rarc = parts
        return s.Reasons(carc, tuple(code for code in rarc if code is not None), span=self.span(meta))

    def limit(self, meta: Meta, parts: list[Any]) -> s.Limit:
        amount, codes, *rest = parts
        return s.Limit(amount, codes or (), *rest, span=self.span(meta))

    rolling = _period(s.PeriodKind.ROLLING)
    calendar = _period(s.PeriodKind.CALENDAR)

    def lifetime(self, meta: Meta, parts: list[Any]) -> s.Period:
        return s.Period(s.PeriodKind.LIFETIME, span=self.span(meta))

    def of_codes(self, meta: Meta, parts: list[Any]) -> tuple[s.Literal, ...]:
        return tuple(parts)

    def decision_table(self, meta: Meta, parts: list[Any]) -> s.DecisionTable:
        columns = tuple(part for part in parts if isinstance(part, s.Path))
        rows = tuple(part for part in parts if isinstance(part, s.DecisionRow))
        return s.DecisionTable(columns, rows, span=self.span(meta))

    def parameter_table(self, meta: Meta, parts: list[Any]) -> s.Parameter:
        name, *rest = parts
        columns = tuple(part for part in rest if isinstance(part, s.Path))
        rows = tuple(part for part in rest if isinstance(part, s.ParameterRow))
        return s.Parameter(name, (), columns, rows, span=self.span(meta))

    def parameter_row(self, meta: Meta, parts: list[Any]) -> s.ParameterRow:
        cells, value = parts
        return s.ParameterRow(tuple(map(_cell, cells)), value, span=self.span(meta))

    def decision_row(self, meta: Meta, parts: list[Any]) -> s.DecisionRow:
        cells, name, *clauses, cites = parts
        return s.DecisionRow(tuple(map(_cell, cells)), name, tuple(clauses), cites, span=self.span(meta))


def _cell(written: Any) -> s.Cell | None:
    """`J2001`, `F20..F69` and `3..5` are patterns, as in a set: the column says whether they are numbers."""
    if isinstance(written, s.Literal) and not written.text.startswith("-"):
        return s.Pattern(written, None, span=written.span)
    if isinstance(written, s.Literal | s.Measure):
        return s.Range(written, written, span=written.span)
    if isinstance(written, s.Range) and _is_pattern(written):
        return s.Pattern(written.low, written.high, span=written.span)  # type: ignore[arg-type]
    cell: s.Cell | None = written
    return cell


def _is_pattern(written: s.Range) -> bool:
    ends = (written.low, written.high)
    literals = all(isinstance(end, s.Literal) and not end.text.startswith("-") for end in ends)
    return literals and not written.low_open and not written.high_open
