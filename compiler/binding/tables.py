"""Decision tables as authors write them become rules, a row each."""

from __future__ import annotations

from compiler.binding.bind import Binder
from compiler.binding.cases import cells
from compiler.binding.libraries import validity
from compiler.binding.scope import Scope, citation
from compiler.model import Rule, Table
from dsl import syntax as s


def table_rules(written: s.DecisionTable, scope: Scope, binder: Binder) -> list[Rule]:
    """The rows of a decision table as rules, each for its own stretch of days."""
    rules = []
    columns = tuple(column.text for column in written.columns)
    for row in written.rows:
        bound = cells(written.columns, row, scope, binder)
        if bound is None:
            continue
        criteria, at = bound
        rules.append(
            Rule(
                row.determination.text,
                criteria,
                (),
                validity=validity(row.clauses, scope, row.span),
                table=Table(columns, at, span=written.span),
                citation=citation(row.cites),
                assumptions=scope.behind(row.cites, None),
                span=row.determination.span,
            )
        )
    return rules
