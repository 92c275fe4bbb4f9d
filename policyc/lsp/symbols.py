"""Document symbols: what a file declares, and its revisions with what they amend."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from dsl import syntax as s
from dsl.source import Span
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.places import range_of

Kind = types.SymbolKind


def symbols(analysis: Analysis, desk: Desk) -> list[types.DocumentSymbol]:
    """The outline of a file."""
    items = analysis.file.items if analysis.file is not None else ()
    return [symbol for item in items if (symbol := _item(item, desk)) is not None]


def _item(item: s.Item, desk: Desk) -> types.DocumentSymbol | None:
    match item:
        case s.Policy(title=title):
            return _symbol(title.value, Kind.Module, item, title.span, desk)
        case s.Facts(facts=facts):
            inner = [_symbol(f.path.text, Kind.Field, f, f.path.span, desk) for f in facts]
            return _symbol("facts", Kind.Struct, item, _head(item), desk, inner)
        case s.Record(name=name, fields=fields):
            inner = [_symbol(f.name.text, Kind.Field, f, f.name.span, desk) for f in fields]
            return _symbol(name.text, Kind.Struct, item, name.span, desk, inner)
        case s.Definition(name=name) | s.Variant(name=name):
            return _symbol(name.text, Kind.Function, item, name.span, desk)
        case (
            s.ValueDefinition(name=name) | s.Parameter(name=name) | s.Register(name=name) | s.Scale(name=name)
        ):
            return _symbol(name.text, Kind.Constant, item, name.span, desk)
        case s.CodeSystem(name=name, rows=rows):
            inner = [_symbol(r.pattern.span.text, Kind.Constant, r, r.pattern.span, desk) for r in rows]
            return _symbol(f"codes {name.text}", Kind.Enum, item, name.span, desk, inner)
        case s.Concept(name=name, elements=elements):
            return _symbol(name.text, Kind.Class, item, name.span, desk, _members(elements, desk))
        case s.Revision(effective=day, title=title, amendments=amendments):
            inner = [_amendment(amendment, desk) for amendment in amendments]
            return _symbol(f"{day.value} {title.value}", Kind.Event, item, day.span, desk, inner)
        case s.Judgement(path=path) | s.Evidence(fact=path):
            return _symbol(path.text, Kind.Field, item, path.span, desk)
        case s.Promise(title=title):
            return _symbol(title.value, Kind.Property, item, title.span, desk)
        case _:
            return None


def _members(elements: Iterable[s.ConceptElement], desk: Desk) -> list[types.DocumentSymbol]:
    return [
        _symbol(e.name.text, Kind.EnumMember, e, e.name.span, desk, _members(e.elements, desk))
        for e in elements
        if isinstance(e, s.ConceptMember)
    ]


def _amendment(amendment: s.Amendment, desk: Desk) -> types.DocumentSymbol:
    match amendment:
        case s.Section() | s.ReplaceSection():
            section = amendment if isinstance(amendment, s.Section) else amendment.section
            rules = [
                _symbol(rule.determination.text, Kind.Function, rule, rule.determination.span, desk)
                for rule in section.body.rules
            ]
            name = f"section {section.name.text} {section.title.value}"
            return _symbol(name, Kind.Class, amendment, section.name.span, desk, rules)
        case s.Definition(name=name):
            return _symbol(name.text, Kind.Function, amendment, name.span, desk)
        case _:
            line = amendment.span.said.partition("{")[0].strip()
            return _symbol(line, Kind.Property, amendment, _head(amendment), desk)


def _head(node: s.Node) -> Span:
    """The first word of a node."""
    length = len(node.span.text.split(None, 1)[0])
    return Span(node.span.source, node.span.start, node.span.start + length)


def _symbol(
    name: str,
    kind: types.SymbolKind,
    node: s.Node,
    place: Span,
    desk: Desk,
    children: list[types.DocumentSymbol] | None = None,
) -> types.DocumentSymbol:
    whole = Span(node.span.source, node.span.start, max(node.span.end, place.end))
    return types.DocumentSymbol(name, kind, range_of(whole, desk), range_of(place, desk), children=children)
