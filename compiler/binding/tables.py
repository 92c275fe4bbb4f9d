"""Decision tables as authors write them become rules, a row each."""

from __future__ import annotations

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.libraries import validity
from compiler.binding.scope import Scope, citation
from compiler.model import Criterion, Rule, Table
from dsl import syntax as s


def table_rules(written: s.DecisionTable, scope: Scope, binder: Binder) -> list[Rule]:
    """The rows of a decision table as rules, each for its own stretch of days."""
    rules = []
    columns = tuple(column.text for column in written.columns)
    for row in written.rows:
        if len(row.cells) != len(columns):
            what = f"this row has {len(row.cells)} cells, and the table {len(columns)} columns"
            scope.report.add(errors.type_mismatch(row.span, what, "one cell a column; `any` asks nothing"))
            continue
        criteria: list[Criterion] = []
        at: list[int] = []
        for number, (column, cell) in enumerate(zip(written.columns, row.cells, strict=True)):
            if cell is None:
                continue
            condition = binder.condition(_asked(column, cell, scope), {})
            if condition is not None:
                criteria.append(Criterion(None, condition, span=cell.span))
                at.append(number)
        rules.append(
            Rule(
                row.determination.text,
                tuple(criteria),
                (),
                validity=validity(row.clauses, scope, row.span),
                table=Table(columns, tuple(at), span=written.span),
                citation=citation(row.cites),
                assumptions=scope.behind(row.cites, None),
                span=row.determination.span,
            )
        )
    return rules


def _asked(column: s.Path, cell: s.Set | s.Path | s.Pattern | s.Range | s.Text, scope: Scope) -> s.Condition:
    """What a cell asks of its column: one value, or one of some."""
    if isinstance(cell, s.Set | s.Range):
        return s.Membership(column, cell, span=cell.span)
    if isinstance(cell, s.Path) and scope.concept_id(cell) is not None:
        return s.Membership(column, cell, span=cell.span)
    return s.Membership(column, s.Set((cell,), span=cell.span), span=cell.span)
