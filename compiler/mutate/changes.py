"""What may be changed of one node of a syntax tree, the nodes inside it left as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve, fields_dict

from compiler.mutate.borders import borders
from compiler.mutate.numbers import days_beside, neighbours, other_codes, other_time, other_unit
from compiler.mutate.words import Words
from dsl import syntax as s
from dsl.syntax import GroupKind

_OPERATORS = {"==": "!=", "!=": "==", ">=": ">", ">": ">=", "<=": "<", "<": "<="}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
_EXTREMES = {"latest": "earliest", "earliest": "latest", "least": "greatest", "greatest": "least"}
_KINDS = {
    GroupKind.ALL: GroupKind.ANY,
    GroupKind.ANY: GroupKind.ALL,
    GroupKind.NONE: GroupKind.ALL,
    GroupKind.SOME: GroupKind.EVERY,
    GroupKind.EVERY: GroupKind.SOME,
    GroupKind.AT_LEAST: GroupKind.EXACTLY,
    GroupKind.AT_MOST: GroupKind.EXACTLY,
    GroupKind.EXACTLY: GroupKind.AT_LEAST,
}
_DISTANCES = {
    s.DistanceKind.WITHIN: s.DistanceKind.LESS_THAN,
    s.DistanceKind.LESS_THAN: s.DistanceKind.WITHIN,
    s.DistanceKind.OR_MORE: s.DistanceKind.MORE_THAN,
    s.DistanceKind.MORE_THAN: s.DistanceKind.OR_MORE,
    s.DistanceKind.FULL: s.DistanceKind.OR_MORE,
}
_PERIODS = {
    s.PeriodKind.ROLLING: s.PeriodKind.CALENDAR,
    s.PeriodKind.CALENDAR: s.PeriodKind.ROLLING,
}
_OTHER_DETERMINATION = {"medically_necessary": "not_medically_necessary"}
_OTHER_DENIAL = {"not_covered": "not_medically_necessary"}

DROPPED: dict[type[s.Node], tuple[str, ...]] = {
    s.And: ("conditions",),
    s.Or: ("conditions",),
    s.Body: ("criteria",),
    s.Set: ("items",),
    s.Criterion: ("assume",),
    s.Section: ("assume",),
    s.SectionBody: ("rules", "limits", "tables", "reasons"),
    s.Rule: ("exceptions", "reasons", "assume"),
    s.Reasons: ("rarc",),
    s.Except: ("unless",),
    s.DecisionTable: ("rows",),
    s.DecisionRow: ("clauses",),
    s.Limit: ("codes", "assume"),
    s.CodeTable: ("rows",),
    s.AddCodes: ("rows",),
    s.TableRow: ("clauses",),
    s.Needs: ("alternatives",),
    s.Revision: ("amendments", "posted"),
    s.ReplaceCode: ("successors",),
    s.RemoveCode: ("codes",),
    s.File: ("items",),
    s.Policy: ("lines",),
    s.Enumeration: ("members",),
    s.Member: ("aliases",),
    s.Fact: ("given_by", "absent"),
    s.Field: ("given_by", "absent"),
    s.Evidence: ("within", "assume"),
    s.Absent: ("assume",),
    s.Scale: ("assume",),
    s.Alternative: ("assume",),
    s.Quantified: ("different", "span_days", "body"),
    s.Different: ("least",),
    s.Newest: ("among",),
    s.Total: ("body",),
    s.Extreme: ("body",),
    s.CodeSystem: ("rows",),
    s.CodeRow: ("clauses",),
    s.Gives: ("gifts",),
    s.Replaced: ("codes",),
    s.Concept: ("elements", "excepted", "assume"),
    s.ConceptMember: ("elements", "excepted", "assume"),
    s.Excepted: ("elements",),
    s.ConceptCodes: ("clauses",),
}
"""What may be left out, of lists one element at a time."""

KEPT = (
    *(s.Package, s.Import, s.Comment, s.Cites, s.Assume, s.Text, s.Assumption, s.RemoveAssumption),
    *(s.Payer, s.SourceDocument, s.Subject, s.RenamedFrom, s.Governed, s.For, s.NamesMore, s.Acknowledged),
    *(s.Name, s.Path, s.ElementPath, s.Supersedes, s.Retire, s.RemoveOverrides, s.Judgement),
    *(s.OutOfScope, s.Promise),
)
"""What decides nothing by itself, or names what does: nothing is changed inside it."""


Table = TypeVar("Table", s.DecisionTable, s.Parameter)
Row = TypeVar("Row", s.DecisionRow, s.ParameterRow)


def changes(node: s.Node, words: Words) -> Iterator[s.Node]:
    """The node with something of its own changed."""
    match node:
        case s.Day():
            for day in days_beside(node.value):
                yield evolve(node, value=day)
        case s.Literal():
            for text in neighbours(node.text):
                yield evolve(node, text=text)
        case s.Pattern():
            for text in other_codes(node.low.text):
                yield evolve(node, low=evolve(node.low, text=text))
            for text in other_codes(node.high.text) if node.high is not None else ():
                yield evolve(node, high=s.Literal(text, span=node.span))
        case s.Set():
            for member in words.missing(node):
                yield evolve(node, items=(*node.items, member))
        case s.Comparison():
            yield evolve(node, operator=_OPERATORS[node.operator])
        case s.Evidenced():
            yield node.condition
        case s.Quantity() if node.kind in _KINDS:
            yield evolve(node, kind=_KINDS[node.kind])
        case s.And():
            yield s.Or(node.conditions, span=node.span)
        case s.Or():
            yield s.And(node.conditions, span=node.span)
        case s.Criterion():
            yield evolve(node, condition=negated(node.condition))
        case s.Rule():
            yield _determined(node)
            if node.otherwise and node.body is not None:
                yield evolve(node, otherwise=False)
        case s.DecisionRow() | s.Limit():
            yield _determined(node)
        case s.Range():
            if node.low is not None:
                yield evolve(node, low_open=not node.low_open)
            if node.high is not None:
                yield evolve(node, high_open=not node.high_open)
        case s.Scale():
            for ranges in borders([band.range for band in node.bands]):
                bands = zip(node.bands, ranges, strict=True)
                yield evolve(node, bands=tuple(evolve(band, range=moved) for band, moved in bands))
        case s.DecisionTable():
            yield from _other_borders(node)
        case s.Parameter():
            yield from _other_borders(node)
        case _:
            yield from _measured(node)
            turned = _turned(node)
            if turned is not None:
                yield turned


def negated(condition: s.Condition) -> s.Condition:
    """What holds where a condition does not."""
    return condition.condition if isinstance(condition, s.Not) else s.Not(condition, span=condition.span)


def _measured(node: s.Node) -> Iterator[s.Node]:
    """The node in another unit."""
    match node:
        case s.Distance():
            if node.kind in _DISTANCES:
                yield evolve(node, kind=_DISTANCES[node.kind])
            yield from _in_other_time(node)
        case s.Moved() | s.Elapsed() | s.Run():
            yield from _in_other_time(node)
        case s.Period():
            yield from _in_other_time(node)
            if node.kind in _PERIODS and node.unit in ("month", "year"):
                yield evolve(node, kind=_PERIODS[node.kind])
        case s.Measure():
            other = other_unit(node.unit)
            if other is not None:
                yield evolve(node, unit=other)
        case s.Per() | s.NumberType():
            other = other_unit(node.unit.text) if node.unit is not None else None
            if other is not None and node.unit is not None:
                yield evolve(node, unit=evolve(node.unit, text=other))
        case _:
            pass


def _other_borders(table: Table) -> Iterator[Table]:
    """The table with a border moved between the ranges of a column."""
    for column in range(len(table.columns)):
        own = [(number, row.cells[column]) for number, row in enumerate(table.rows)]
        ranged = {number: cell for number, cell in own if isinstance(cell, s.Range)}
        for ranges in borders(tuple(ranged.values())):
            rows = list(table.rows)
            for number, moved in zip(ranged, ranges, strict=True):
                rows[number] = _with_cell(rows[number], column, moved)
            yield evolve(table, rows=tuple(rows))


def _with_cell(row: Row, at: int, cell: s.Cell) -> Row:
    return evolve(row, cells=(*row.cells[:at], cell, *row.cells[at + 1 :]))


def _turned(node: s.Node) -> s.Node | None:
    """The node with its one choice of two turned around."""
    match node:
        case s.Window() if node.distance.kind is not s.DistanceKind.SAME:
            return evolve(node, before=not node.before)
        case s.Newest():
            return evolve(node, latest=not node.latest)
        case s.PercentChange():
            return evolve(node, fall=not node.fall)
        case s.Extreme():
            return evolve(node, kind=_EXTREMES[node.kind])
        case s.Extremum():
            return evolve(node, name="min" if node.name == "max" else "max")
        case s.Arithmetic():
            return evolve(node, operator=_ARITHMETIC[node.operator])
        case s.Overrides():
            return evolve(node, winner=node.loser, loser=node.winner)
        case s.CodeTable():
            return evolve(node, open=not node.open, stating=() if node.open else node.stating)
        case s.Enumeration():
            return evolve(node, open=not node.open)
        case s.NumberType():
            return evolve(node, integer=not node.integer)
        case _:
            return None


def _determined(node: s.Rule | s.DecisionRow | s.Limit) -> s.Node:
    told = node.determination
    if isinstance(node, s.Limit):  # a limit never allows
        return evolve(node, determination=evolve(told, text=_OTHER_DENIAL.get(told.text, "not_covered")))
    determination = evolve(told, text=_OTHER_DETERMINATION.get(told.text, "medically_necessary"))
    if isinstance(node, s.Rule):
        return evolve(node, determination=determination, question=None, addressee=None)
    return evolve(node, determination=determination)


def _in_other_time(node: s.Distance | s.Moved | s.Elapsed | s.Run | s.Period) -> Iterator[s.Node]:
    other = other_time(node.unit)
    if other is not None:
        yield evolve(node, unit=other)


def parts(node: s.Node) -> Iterator[str]:
    """The names of what a node consists of."""
    return (name for name in fields_dict(type(node)) if name not in ("span", "comments", "source"))
