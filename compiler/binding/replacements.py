"""Codes that others replace."""

from __future__ import annotations

from compiler import errors
from compiler.binding.scope import Scope
from compiler.runtime.codes import system
from dsl import syntax as s


def replacements(scope: Scope) -> None:
    """A code that is replaced ends, and its successors are codes that a library has."""
    blocks = [item for item in scope.unit.file.items if isinstance(item, s.CodeSystem)]
    rows = [(block, row) for block in blocks for row in block.rows]
    entries = [entry for unit in scope.unit.closure() for entry in unit.codes]
    known = {entry.codes[0]: entry.shown for entry in entries}
    for item, row in rows:
        ends = any(isinstance(clause, s.Until) for clause in row.clauses)
        for clause in row.clauses:
            if not isinstance(clause, s.Replaced):
                continue
            if not ends:
                names = [code.text for code in clause.codes]
                scope.report.add(errors.successor_without_end(row.pattern.text, names, clause.span))
            for code in clause.codes:
                found = system(item.name.text).normal(code.text)
                if found is not None and found not in known:
                    scope.report.add(errors.unknown_code(code.text, code.span, known.values()))
                elif code.text == row.pattern.text:
                    scope.report.add(errors.recursion(code.text, code.span))
