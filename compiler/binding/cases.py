"""Rows of tables: what their cells ask of the columns."""

from __future__ import annotations

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.scope import Scope
from compiler.model import Criterion, ParameterCase
from dsl import syntax as s


def cases(written: s.Parameter, scope: Scope, binder: Binder) -> tuple[ParameterCase, ...]:
    """The rows of a parameter by facts."""
    if not written.rows:
        scope.report.add(errors.empty_body(written.name.span, f"`{written.name.text}`", "row"))
    bound = [(row, cells(written.columns, row, scope, binder)) for row in written.rows]
    return tuple(ParameterCase(*asked, row.value, span=row.span) for row, asked in bound if asked is not None)


def cells(
    columns: tuple[s.Path, ...], row: s.DecisionRow | s.ParameterRow, scope: Scope, binder: Binder
) -> tuple[tuple[Criterion, ...], tuple[int, ...]] | None:
    """What the cells of a row ask, and of which columns; None where it has too many or too few."""
    if len(row.cells) != len(columns):
        what = f"this row has {len(row.cells)} cells, and the table {len(columns)} columns"
        scope.report.add(errors.type_mismatch(row.span, what, "one cell a column; `any` asks nothing"))
        return None
    criteria: list[Criterion] = []
    at: list[int] = []
    for number, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
        condition = binder.condition(_asked(column, cell, scope), {}) if cell is not None else None
        if cell is not None and condition is not None:
            criteria.append(Criterion(None, condition, span=cell.span))
            at.append(number)
    return tuple(criteria), tuple(at)


def _asked(column: s.Path, cell: s.Set | s.Path | s.Pattern | s.Range | s.Text, scope: Scope) -> s.Condition:
    """What a cell asks of its column: one value, or one of some."""
    if isinstance(cell, s.Set | s.Range):
        return s.Membership(column, cell, span=cell.span)
    if isinstance(cell, s.Path) and scope.concept_id(cell) is not None:
        return s.Membership(column, cell, span=cell.span)
    return s.Membership(column, s.Set((cell,), span=cell.span), span=cell.span)
