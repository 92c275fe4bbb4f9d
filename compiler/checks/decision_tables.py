"""Decision tables: each case of their columns lies in one row, on every day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import combinations

from compiler import errors
from compiler.ir import decision as d
from compiler.model import CodeType, EnumType, Table, TextType
from compiler.program import Program
from compiler.runtime.cells import Space
from compiler.runtime.diagram import Node, TooLarge
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from dsl.diagnostics import Report
from dsl.source import Span


def decision_tables(program: Program, report: Report) -> None:
    """Check the tables of every decision of every day: a gap or an overlap is shown with such a case."""
    seen: set[int] = set()
    told: set[tuple[Table, str]] = set()
    for known_on in (None, *program.lowering.posting_cuts):
        for day in program.lowering.day_cuts:
            decision = program.decision(day, known_on)
            if decision is None or id(decision) in seen:
                continue
            seen.add(id(decision))
            rows: dict[Table, list[d.Rule]] = defaultdict(list)
            for rule in decision.rules:
                if rule.table is not None:
                    rows[_same(rule.table, rows)].append(rule)
            for table, own in rows.items():
                try:
                    _check(program, table, own, day, told, report)
                except TooLarge:
                    continue


def _same(table: Table, known: dict[Table, list[d.Rule]]) -> Table:
    return next((other for other in known if other.span == table.span), table)


def _check(
    program: Program,
    table: Table,
    rows: list[d.Rule],
    day: date,
    told: set[tuple[Table, str]],
    report: Report,
) -> None:
    facts = LineFacts({}, False, program.specs)
    facts.put(program.governed_by, day, "stated")
    asked = [_row(row) for row in rows] + [
        _mentioned(program, table, rows, at) for at in range(len(table.columns))
    ]
    held = [judge(condition, facts) for condition in asked]
    space = Space([found.open for found in held if found.holds is None], program.specs, table.columns)
    diagram = space.diagram
    made = iter(space.nodes())
    nodes = [next(made) if found.holds is None else diagram.leaf(found.holds) for found in held]
    covered, domain = nodes[: len(rows)], diagram.conjunction(nodes[len(rows) :])
    gap = domain
    for node in covered:
        gap = diagram.combine(gap, node, lambda inside, row: inside and not row)
    case = _case(space, gap)
    if case is not None and (table, "gap") not in told:
        told.add((table, "gap"))
        report.add(errors.table_gap(table.span, case, day))
    for (one, first), (other, second) in combinations(zip(covered, rows, strict=True), 2):
        case = _case(space, diagram.conjunction((one, other)))
        if case is not None and (table, "overlap") not in told:
            told.add((table, "overlap"))
            report.add(errors.table_overlap(_place(second), _place(first), case))


def _place(row: d.Rule) -> Span:
    return row.span


def _mentioned(program: Program, table: Table, rows: list[d.Rule], at: int) -> d.Condition:
    """The cases of a column that a table speaks of: of endlessly many values, those of its cells."""
    fact = program.facts.get(table.columns[at])  # a column may be a named value: a number
    kind = fact.type if fact is not None else None
    if not (isinstance(kind, CodeType | TextType) or (isinstance(kind, EnumType) and kind.open)):
        return d.ALWAYS
    cells = tuple(cell for row in rows if (cell := _cell(row, at)) is not None)
    return d.AtLeast(1, cells) if cells else d.ALWAYS


def _cell(row: d.Rule, at: int) -> d.Condition | None:
    assert row.table is not None
    return dict(zip(row.table.at, _cells(row), strict=True)).get(at)


def _row(row: d.Rule) -> d.Condition:
    """That a case lies in a row."""
    return d.conjunction(_cells(row))


def _cells(row: d.Rule) -> tuple[d.Condition, ...]:
    """What the cells ask; before them stands what says to whom the policy applies."""
    whole = row.condition.condition
    assert isinstance(whole, d.AtLeast) and row.table is not None
    return whole.conditions[len(whole.conditions) - len(row.table.at) :]


def _case(space: Space, node: Node) -> str | None:
    """A case that leads to truth, as an author reads it."""
    path = space.diagram.path(node, bool)
    if path is None:
        return None
    told = [
        f"{' and '.join(space.variables[level].facts)} {space.variables[level].values[cell]}"
        for level, cell in sorted(path.items())
    ]
    return ", ".join(told) or "any case"
