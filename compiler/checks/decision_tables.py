"""Decision tables: each case of their columns lies in one row, on every day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from compiler import errors
from compiler.binding.versions import standing_number
from compiler.history.standing import StandingText
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
    """Check the tables that stand on each day: a gap or an overlap is shown with such a case."""
    checked: set[tuple[Span, tuple[_Row, ...]]] = set()
    told: set[tuple[Span, str]] = set()
    for day, table, rows in _tables(program):
        if (table.span, rows) in checked:
            continue
        checked.add((table.span, rows))
        try:
            _check(program, table, rows, day, told, report)
        except TooLarge:
            if (table.span, "size") not in told:
                told.add((table.span, "size"))
                unchecked = "gaps and overlaps of this table"
                report.add(errors.too_large(table.span, MOST_NODES, unchecked))


def _tables(program: Program) -> Iterator[tuple[date, Table, tuple[_Row, ...]]]:
    """The tables that stand on days, those of rules and the parameters, which rules may leave unasked."""
    lowering = program.lowering
    seen: set[Hashable] = set()
    for known_on in (None, *lowering.posting_cuts):
        for day in lowering.day_cuts:
            decision = program.decision(day, known_on)
            text = program.consolidated.at(day, known_on)
            if decision is None or text is None:
                continue
            for found, tables in (
                (id(decision), _of_rules(decision)),
                ((id(text), *lowering.stretch(day, known_on)), _parameters(program, text, day, known_on)),
            ):
                if found not in seen:
                    seen.add(found)
                    yield from ((day, table, rows) for table, rows in tables)


class _Row(NamedTuple):
    """What the cells of a row ask, by their columns."""

    cells: tuple[tuple[int, d.Condition], ...]
    span: Span

    @property
    def condition(self) -> d.Condition:
        """What the row asks."""
        return d.conjunction(tuple(cell for _, cell in self.cells))


def _of_rules(decision: d.Decision) -> Iterator[tuple[Table, tuple[_Row, ...]]]:
    """The tables whose rows are rules."""
    rows: dict[Span, list[_Row]] = defaultdict(list)
    tables: dict[Span, Table] = {}
    for rule in decision.rules:
        if rule.table is not None:
            tables[rule.table.span] = rule.table
            rows[rule.table.span].append(_of_rule(rule, rule.table))
    yield from ((table, tuple(rows[span])) for span, table in tables.items())


def _of_rule(rule: d.Rule, table: Table) -> _Row:
    """The cells of a rule; before them stands what says to whom the policy applies."""
    whole = rule.condition.condition
    assert isinstance(whole, d.AtLeast)
    cells = whole.conditions[len(whole.conditions) - len(table.at) :]
    return _Row(tuple(zip(table.at, cells, strict=True)), rule.span)


def _parameters(
    program: Program, text: StandingText, day: date, known_on: date | None
) -> Iterator[tuple[Table, tuple[_Row, ...]]]:
    """The parameters by facts, as they stand; those of another policy are checked with that."""
    own = program.consolidated.policy.unit
    for unit in own.closure():
        if unit.is_policy and unit is not own:
            continue
        for name, versions in unit.tables.items():
            first = next(i for i in unit.file.items if isinstance(i, s.Parameter) and i.name.text == name)
            number = standing_number(name, text.definitions) if unit is own else 0
            written = (first, *unit.versions.get(name, ()))[number]
            assert isinstance(written, s.Parameter)
            rows = tuple(_of_case(case, program, day, known_on) for case in versions[number])
            yield Table(tuple(column.text for column in written.columns), (), span=written.span), rows


def _of_case(case: ParameterCase, program: Program, day: date, known_on: date | None) -> _Row:
    cells = [lowered((criterion,), program.lowering, day, known_on) for criterion in case.criteria]
    return _Row(tuple(zip(case.at, cells, strict=True)), case.span)


def _check(
    program: Program,
    table: Table,
    rows: tuple[_Row, ...],
    day: date,
    told: set[tuple[Span, str]],
    report: Report,
) -> None:
    facts = LineFacts({}, False, program.specs)
    facts.put(program.governed_by, day, "stated")
    asked = [row.condition for row in rows]
    asked += [_mentioned(program, table, rows, at) for at in range(len(table.columns))]
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


def _mentioned(program: Program, table: Table, rows: tuple[_Row, ...], at: int) -> d.Condition:
    """The cases of a column that a table speaks of: of endlessly many values, those of its cells."""
    fact = program.facts.get(table.columns[at])  # a column may be a named value: a number
    kind = fact.type if fact is not None else None
    if not (isinstance(kind, CodeType | TextType) or (isinstance(kind, EnumType) and kind.open)):
        return d.ALWAYS
    cells = tuple(cell for row in rows for column, cell in row.cells if column == at)
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
