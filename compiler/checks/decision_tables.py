"""Decision tables: each case of their columns lies in one row, on every day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from compiler import errors
from compiler.ir import decision as d
from compiler.lower import lowered
from compiler.model import CodeType, EnumType, ParameterCase, Table, TextType
from compiler.program import Program
from compiler.runtime.cells import Space
from compiler.runtime.diagram import MOST_NODES, Node, TooLarge
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span


def decision_tables(program: Program, report: Report) -> None:
    """Check the tables of every decision of every day: a gap or an overlap is shown with such a case."""
    seen: set[int] = set()
    told: set[tuple[Span, str]] = set()
    for known_on in (None, *program.lowering.posting_cuts):
        for day in program.lowering.day_cuts:
            decision = program.decision(day, known_on)
            if decision is None or id(decision) in seen:
                continue
            seen.add(id(decision))
            rows: dict[Span, list[_Row]] = defaultdict(list)
            tables: dict[Span, Table] = {}
            for rule in decision.rules:
                if rule.table is not None:
                    tables[rule.table.span] = rule.table
                    rows[rule.table.span].append(_of_rule(rule, rule.table))
            for table, cases in _parameters(program):
                tables[table.span] = table
                rows[table.span] = [_of_case(case, program, day, known_on) for case in cases]
            for table, own in ((tables[span], own) for span, own in rows.items()):
                try:
                    _check(program, table, own, day, told, report)
                except TooLarge:
                    if (table.span, "size") not in told:
                        told.add((table.span, "size"))
                        unchecked = "gaps and overlaps of this table"
                        report.add(errors.too_large(table.span, MOST_NODES, unchecked))


class _Row(NamedTuple):
    """What the cells of a row ask, by their columns."""

    cells: dict[int, d.Condition]
    span: Span


def _of_rule(rule: d.Rule, table: Table) -> _Row:
    """The cells of a rule; before them stands what says to whom the policy applies."""
    whole = rule.condition.condition
    assert isinstance(whole, d.AtLeast)
    cells = whole.conditions[len(whole.conditions) - len(table.at) :]
    return _Row(dict(zip(table.at, cells, strict=True)), rule.span)


def _of_case(case: ParameterCase, program: Program, day: date, known_on: date | None) -> _Row:
    cells = [lowered((criterion,), program.lowering, day, known_on) for criterion in case.criteria]
    return _Row(dict(zip(case.at, cells, strict=True)), case.span)


def _parameters(program: Program) -> Iterator[tuple[Table, tuple[ParameterCase, ...]]]:
    """The parameters by facts, a table for each version; those with a mistake in a row are left out."""
    for unit in program.consolidated.policy.unit.closure():
        for name, versions in unit.tables.items():
            first = next(i for i in unit.file.items if isinstance(i, s.Parameter) and i.name.text == name)
            for written, cases in zip((first, *unit.versions.get(name, ())), versions, strict=True):
                assert isinstance(written, s.Parameter)
                columns = tuple(column.text for column in written.columns)
                yield Table(columns, (), span=written.span), cases


def _check(
    program: Program,
    table: Table,
    rows: list[_Row],
    day: date,
    told: set[tuple[Span, str]],
    report: Report,
) -> None:
    facts = LineFacts({}, False, program.specs)
    facts.put(program.governed_by, day, "stated")
    asked = [d.conjunction(tuple(row.cells.values())) for row in rows] + [
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
    if case is not None and (table.span, "gap") not in told:
        told.add((table.span, "gap"))
        report.add(errors.table_gap(table.span, case, day))
    for (one, first), (other, second) in combinations(zip(covered, rows, strict=True), 2):
        case = _case(space, diagram.conjunction((one, other)))
        if case is not None and (table.span, "overlap") not in told:
            told.add((table.span, "overlap"))
            report.add(errors.table_overlap(second.span, first.span, case))


def _mentioned(program: Program, table: Table, rows: list[_Row], at: int) -> d.Condition:
    """The cases of a column that a table speaks of: of endlessly many values, those of its cells."""
    fact = program.facts.get(table.columns[at])  # a column may be a named value: a number
    kind = fact.type if fact is not None else None
    if not (isinstance(kind, CodeType | TextType) or (isinstance(kind, EnumType) and kind.open)):
        return d.ALWAYS
    cells = tuple(row.cells[at] for row in rows if at in row.cells)
    return d.AtLeast(1, cells) if cells else d.ALWAYS


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
