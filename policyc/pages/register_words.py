"""What a row of a register says, as a criterion would."""

from __future__ import annotations

from compiler.binding.registers import lines
from compiler.program import Program
from dsl import syntax as s
from dsl.source import Span


def register_words(program: Program, row: Span) -> str:
    """The facts of a row's columns with the values in its cells; an empty cell asks nothing."""
    registers = (
        item
        for unit in program.consolidated.policy.unit.closure()
        for item in unit.file.items
        if isinstance(item, s.Register) and unit.registers.get(item.name.text) == row.source
    )
    facts = {column.name.text: column.fact.text for item in registers for column in item.columns}
    (_, header), *rows = lines(row.source)
    (cells,) = (cells for span, cells in rows if span == row)
    said = ((name.text, cell.text) for name, cell in zip(header, cells, strict=True))
    asked = [f"{facts[name]} == {cell}" for name, cell in said if name in facts and cell]
    return " and ".join(asked) or "every line"
