"""What may be said only once: said twice, its order would decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler import errors
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span
from dsl.syntax.walk import inside

Said = tuple[str, Span]
"""What is said, in the author's words, and where."""


def once(file: s.File, report: Report) -> None:
    """Complain about all that a file says twice."""
    _distinct(((f"`import {i.path.text}`", i.path.span) for i in file.imports), report)
    _distinct(_blocks(file), report)
    _one_kind(file, report)
    for node in inside(file.items, s.Node):
        for said in _said(node):
            _distinct(said, report)


def _one_kind(file: s.File, report: Report) -> None:
    """A name is that of a definition, a value, a parameter or a register, wherever it stands."""
    seen: dict[str, tuple[type[s.Node], Span]] = {}
    for item in file.items:
        if isinstance(item, s.Definition | s.ValueDefinition | s.Parameter | s.Register):
            kind, first = seen.setdefault(item.name.text, (type(item), item.name.span))
            if kind is not type(item):
                report.add(errors.duplicate_name("name", item.name.text, item.name.span, first))


def _blocks(file: s.File) -> Iterator[Said]:
    for item in file.items:
        if isinstance(item, s.Policy):
            yield "the policy", item.title.span
        elif isinstance(item, s.CodeSystem):
            yield f"`codes {item.name.text}`", item.name.span


def _said(node: s.Node) -> Iterator[Iterable[Said]]:
    """Groups of things of which each may occur once."""
    match node:
        case s.Policy():
            yield [_line(line) for line in node.lines if not isinstance(line, s.OutOfScope)]
        case s.CodeRow() | s.ConceptCodes() | s.TableRow():
            yield [_clause(clause) for clause in node.clauses]
        case s.Gives():
            yield [(f"the value of `{gift.fact.text}`", gift.span) for gift in node.gifts]
        case s.Replaced() | s.RemoveCode():
            yield _texts(node.codes)
        case s.ReplaceCode():
            yield _texts((node.code, *node.successors))
        case s.Needs():
            yield _texts(alternative.code for alternative in node.alternatives)
        case s.CodeTable():
            yield _texts(node.stating)
        case s.Set():
            yield _texts(node.items)
        case s.For() | s.NamesMore():
            yield _texts(node.names)
        case s.Revision():
            yield _texts(node.supersedes)
            yield filter(None, map(_written, node.amendments))
        case s.Concept() | s.ConceptMember() | s.Excepted():
            plain = (e for e in node.elements if isinstance(e, s.ConceptUse | s.ConceptCodes))
            yield _texts(e.path if isinstance(e, s.ConceptUse) else e.pattern for e in plain if _dateless(e))
        case _:
            pass


def _written(amendment: s.Amendment) -> Said | None:
    """What an amendment writes in the place of what stood there."""
    match amendment:
        case s.ReplaceElement(path=path):
            return f"what stands for `{path.span.said}`", path.span
        case s.ReplaceSection(section=section):
            return f"section `{section.name.text}`", section.name.span
        case s.ReplaceValue(declared=declared):
            return f"`{declared.name.text}`", declared.name.span
        case s.SectionReasons(section=name):
            return f"the reason codes of `{name.text}`", name.span
        case s.ReplaceTable(table=table):
            return "the code table", table.span
        case _:
            return None


def _dateless(element: s.ConceptUse | s.ConceptCodes) -> bool:
    """A code may come back later: then its rows have dates."""
    return isinstance(element, s.ConceptUse) or not element.clauses


def _texts(nodes: Iterable[s.Node]) -> list[Said]:
    return [(f"`{node.span.said}`", node.span) for node in nodes]


def _line(line: s.PolicyLine) -> Said:
    if isinstance(line, s.Subject):
        return f"`subject to {line.name.text}`", line.span
    return f"`{line.span.text.split()[0]}`", line.span


def _clause(clause: s.Node) -> Said:
    word = "the label" if isinstance(clause, s.Text) else f"`{clause.span.text.split()[0]}`"
    return word, clause.span


def _distinct(said: Iterable[Said], report: Report) -> None:
    seen: dict[str, Span] = {}
    for what, span in said:
        first = seen.setdefault(what, span)
        if first is not span:
            report.add(errors.said_twice(what, span, first))
