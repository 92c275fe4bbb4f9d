"""What may be changed of one node of a syntax tree, the nodes inside it left as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve, fields_dict

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
_UNITS = {"day": "week", "week": "month", "month": "week", "year": "month"}
_OTHER_DETERMINATION = {"medically_necessary": "not_medically_necessary"}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

DROPPED: dict[type[s.Node], tuple[str, ...]] = {
    s.And: ("conditions",),
    s.Or: ("conditions",),
    s.Body: ("criteria",),
    s.Set: ("items",),
    s.SectionBody: ("rules", "limits", "tables"),
    s.Rule: ("exceptions",),
    s.Except: ("unless",),
    s.DecisionTable: ("rows",),
    s.DecisionRow: ("clauses",),
    s.Limit: ("codes",),
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
    s.Fact: ("absent",),
    s.Field: ("absent",),
    s.Evidence: ("within",),
    s.Quantified: ("different", "span_days", "body"),
    s.Different: ("least",),
    s.Newest: ("among",),
    s.Total: ("body",),
    s.Extreme: ("body",),
    s.CodeSystem: ("rows",),
    s.CodeRow: ("clauses",),
    s.Gives: ("gifts",),
    s.Replaced: ("codes",),
    s.Concept: ("elements",),
    s.ConceptMember: ("elements",),
    s.ConceptCodes: ("clauses",),
}
"""What may be left out, of lists one element at a time."""

KEPT = (
    *(s.Package, s.Import, s.Comment, s.Cites, s.Assume, s.Text, s.Assumption, s.RemoveAssumption),
    *(s.Payer, s.SourceDocument, s.Subject, s.RenamedFrom, s.Governed, s.For, s.NamesMore, s.Acknowledged),
    *(s.Name, s.Path, s.ElementPath, s.Supersedes, s.Register, s.Retire, s.RemoveOverrides, s.Judgement),
)
"""What decides nothing by itself, or names what does: nothing is changed inside it."""


def changes(node: s.Node) -> Iterator[s.Node]:
    """The node with something of its own changed."""
    match node:
        case s.Day():
            for days in (-1, 1):
                yield evolve(node, value=node.value + timedelta(days))
        case s.Literal():
            for text in _neighbours(node.text):
                yield evolve(node, text=text)
        case s.Pattern():
            for text in _other_codes(node.low.text):
                yield evolve(node, low=evolve(node.low, text=text))
            for text in _other_codes(node.high.text) if node.high is not None else ():
                yield evolve(node, high=s.Literal(text, span=node.span))
        case s.Comparison():
            yield evolve(node, operator=_OPERATORS[node.operator])
        case s.Quantity() if node.kind in _KINDS:
            yield evolve(node, kind=_KINDS[node.kind])
        case s.Distance():
            if node.kind in _DISTANCES:
                yield evolve(node, kind=_DISTANCES[node.kind])
            yield from _other_unit(node)
        case s.Moved() | s.Elapsed() | s.Run() | s.Period():
            yield from _other_unit(node)
        case s.And():
            yield s.Or(node.conditions, span=node.span)
        case s.Or():
            yield s.And(node.conditions, span=node.span)
        case s.Criterion(condition=s.Not(inner)):
            yield evolve(node, condition=inner)
        case s.Criterion():
            yield evolve(node, condition=s.Not(node.condition, span=node.condition.span))
        case s.Rule():
            yield _determined(node)
            if node.otherwise and node.body is not None:
                yield evolve(node, otherwise=False)
        case s.DecisionRow():
            yield _determined(node)
        case s.Range():
            if node.low is not None:
                yield evolve(node, low_open=not node.low_open)
            if node.high is not None:
                yield evolve(node, high_open=not node.high_open)
        case _:
            turned = _turned(node)
            if turned is not None:
                yield turned


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
        case _:
            return None


def _determined(node: s.Rule | s.DecisionRow) -> s.Node:
    text = _OTHER_DETERMINATION.get(node.determination.text, "medically_necessary")
    determination = evolve(node.determination, text=text)
    if isinstance(node, s.DecisionRow):
        return evolve(node, determination=determination)
    return evolve(node, determination=determination, question=None, addressee=None)


def _other_unit(node: s.Distance | s.Moved | s.Elapsed | s.Run | s.Period) -> Iterator[s.Node]:
    other = _UNITS.get(node.unit)
    if other is not None:
        yield evolve(node, unit=other)


def _neighbours(text: str) -> Iterator[str]:
    """The numbers that differ by one in the last place."""
    if _NUMBER.fullmatch(text):
        whole, dot, fraction = text.partition(".")
        digits = int(whole + fraction)
        for number in (digits - 1, digits + 1):
            shown = f"{abs(number):0{len(fraction) + 1}}"
            sign = "-" if number < 0 else ""
            yield sign + (shown[: len(shown) - len(fraction)] + dot + shown[len(shown) - len(fraction) :])


def _other_codes(text: str) -> Iterator[str]:
    """The codes before and behind; of a prefix the code alone, and the shorter prefix."""
    if text.endswith("x"):
        yield text[:-1]
        yield text[:-2].rstrip(".") + "x"
        return
    match = re.fullmatch(r"(.*?)([0-9]+)", text)
    if match is not None:
        stem, digits = match.groups()
        around = (str(int(digits) + step).zfill(len(digits)) for step in (-1, 1))
        yield from (stem + number for number in around if len(number) == len(digits))


def parts(node: s.Node) -> Iterator[str]:
    """The names of what a node consists of."""
    return (name for name in fields_dict(type(node)) if name not in ("span", "comments", "source"))
