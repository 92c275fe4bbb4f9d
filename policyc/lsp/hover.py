"""Hover: how a thing is declared, what it rests on, and which revisions speak of it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from compiler.binding.scope import BUILT_IN
from compiler.runtime.codes import contains, system
from compiler.runtime.edits import plain
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.names import Occurrence, name_at
from policyc.lsp.places import range_of
from policyc.words.render import validity

_MOST_LINES = 16
_DECLARES = (
    s.Band,
    s.Assume,
    s.CodeRow,
    s.Concept,
    s.ConceptMember,
    s.Criterion,
    s.Definition,
    s.Fact,
    s.Field,
    s.Judgement,
    s.Member,
    s.Parameter,
    s.Record,
    s.Register,
    s.Scale,
    s.Section,
    s.ValueDefinition,
    s.Variant,
)
_CITES = (s.Criterion, s.Section, s.Scale, s.Judgement, s.CodeTable, s.Revision)


def hover(analysis: Analysis, offset: int, desk: Desk) -> types.Hover | None:
    """What there is to say of the name at a place."""
    one = name_at(analysis.names, offset)
    if one is None:
        return _of_revision(analysis, offset, desk)
    parts = [*_declarations(one, analysis), *_said(one, analysis)]
    if not parts:
        return None
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(parts)), range_of(one.around, desk)
    )


def _of_revision(analysis: Analysis, offset: int, desk: Desk) -> types.Hover | None:
    """What a revision says of itself, at its date."""
    for item in analysis.file.items if analysis.file is not None else ():
        if isinstance(item, s.Revision) and item.effective.span.start <= offset <= item.effective.span.end:
            posted = f", posted {item.posted.value}" if item.posted is not None else ""
            cites = f"\n\ncites `{item.cites.place.value}`" if item.cites is not None else ""
            text = f"revision {item.effective.value}{posted}: {item.title.value}{cites}"
            return types.Hover(
                types.MarkupContent(types.MarkupKind.Markdown, text), range_of(item.effective.span, desk)
            )
    return None


def _declarations(one: Occurrence, analysis: Analysis) -> Iterator[str]:
    """The text of each declaration, and the part of the document that it cites."""
    for declared in analysis.declared(one.key):
        file = next(unit.file for unit in analysis.units.values() if unit.file.source == declared.span.source)
        node = _around(file, declared.span, _DECLARES)
        if node is not None:
            yield f"```pol\n{_shown(node)}\n```"
        cites = _cites(file, declared.span)
        if cites is not None and (node is None or cites.span.start < node.span.start):
            edition = f", edition {cites.edition.value}" if cites.edition is not None else ""
            yield f"cites `{cites.place.value}`{edition}" + (
                " (reconstructed)" if cites.reconstructed else ""
            )


def _said(one: Occurrence, analysis: Analysis) -> Iterator[str]:
    """What a declaration does not say itself."""
    if one.key.kind == "code":
        yield from _code(one.key.name, analysis)
    if one.key.kind == "fact" and one.key.name in BUILT_IN:
        yield f"every policy knows `{one.key.name}` from the claim"
    speaking = list(
        dict.fromkeys(r for name in analysis.names if name.key == one.key for r in _revision(name, analysis))
    )
    if speaking:
        yield "revisions: " + ", ".join(speaking)


def _code(text: str, analysis: Analysis) -> Iterator[str]:
    """When a code is valid, what a unit is, and what follows it."""
    for unit in analysis.units.values():
        for entry in unit.codes:
            code = system(entry.system).normal(text)
            if code is not None and contains((entry.codes,), code):
                said = [validity(entry.validity.start, entry.validity.end)]
                if entry.per is not None:
                    said.append(f"one unit is {plain(entry.per[0])} {entry.per[1]}")
                if entry.replaced_by:
                    said.append(f"then {', '.join(map(system(entry.system).shown, entry.replaced_by))}")
                yield f"{entry.label or text} ({entry.system}): " + "; ".join(said)


def _revision(name: Occurrence, analysis: Analysis) -> Iterator[str]:
    """The revision in which a name stands."""
    for item in analysis.file.items if analysis.file is not None else ():
        if isinstance(item, s.Revision) and item.span.start <= name.span.start < item.span.end:
            yield f"{item.effective.value} “{item.title.value}”"


def _around(file: s.File, span: Span, kinds: tuple[type[s.Node], ...]) -> s.Node | None:
    """The smallest node of some kinds around a place."""
    found = [
        node
        for node in inside(file.items, s.Node)
        if isinstance(node, kinds) and node.span.start <= span.start and span.end <= node.span.end
    ]
    return min(found, key=lambda node: node.span.end - node.span.start, default=None)


def _cites(file: s.File, span: Span) -> s.Cites | None:
    """The citation of what a place stands in, the nearest first."""
    around = [
        node
        for node in inside(file.items, s.Node)
        if isinstance(node, _CITES) and node.span.start <= span.start and span.end <= node.span.end
    ]
    nearest = sorted(around, key=lambda node: node.span.end - node.span.start)
    return next((node.cites for node in nearest if node.cites is not None), None)


def _shown(node: s.Node) -> str:
    """The text of a declaration; of a section or record its head."""
    text = node.span.text
    if isinstance(node, s.Section):
        text = text[: node.body.span.start - node.span.start] + "{ ... }"
    lines = text.split("\n")
    indent = min((len(x) - len(x.lstrip()) for x in lines[1:] if x.strip()), default=0)
    kept = [lines[0], *(line[indent:] for line in lines[1:])]
    return "\n".join(kept if len(kept) <= _MOST_LINES else [*kept[:_MOST_LINES], "..."])
