"""What rests on which part of the source document: rules, tables, limits, evidence, judgements, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from attrs import frozen

from compiler.source.source_index import Places, leaves_of
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside


@frozen
class Rest:
    """Something of a policy that rests on a place: its kind, its name, and where it says so.

    A code rests on its row in the document, since its table cites the row's heading: the span is its own.
    """

    kind: str
    name: str
    place: str
    edition: date | None
    span: Span


def source_edition(file: s.File) -> date | None:
    """The edition of the source document that the policy block names."""
    lines = (line for item in file.items if isinstance(item, s.Policy) for line in item.lines)
    document = next((line for line in lines if isinstance(line, s.SourceDocument)), None)
    return document.edition.value if document is not None and document.edition is not None else None


def resting(file: s.File, places: Places | None) -> list[Rest]:
    """All that rests on a place, in order of the file; codes only where the document has a row for them."""
    edition = source_edition(file)
    found = [
        Rest(kind, name, c.place.value, c.edition.value if c.edition else edition, c.span)
        for item in file.items
        for kind, name, c in _of_item(item)
    ]
    tables = {_heading(rest.place, places): rest for rest in found if rest.kind == "codes"}
    for code in {code.text: code for code in _codes(file)}.values():
        for heading, table in tables.items():
            place = f"{heading} {code.text}"
            if places is not None and place in places:
                found.append(Rest("code", code.text, place, table.edition, code.span))
    return found


def rested_on(rest: Rest, places: Places | None) -> tuple[str, ...]:
    """The leaves of the document that something accounts for by resting on a place: the place, if it is one.

    Who cites a heading has not yet said which of the parts under it are meant: where there are several,
    none is accounted for.
    """
    leaves = leaves_of(rest.place, places) if places is not None else (rest.place,)
    return leaves if len(leaves) == 1 else ()


def _of_item(item: s.Item) -> Iterator[tuple[str, str, s.Cites]]:
    match item:
        case s.Policy():
            for line in item.lines:
                if isinstance(line, s.Subject):
                    yield from (("subject to", line.name.text, cites) for cites in line.cites)
                else:
                    yield from _criteria("applies", line)
        case s.Revision():
            if item.cites is not None:
                yield "revision", item.effective.value.isoformat(), item.cites
            for amendment in item.amendments:
                yield from _of_amendment(amendment)
        case s.Judgement() | s.Evidence():
            if item.cites is not None:
                judged = isinstance(item, s.Judgement)
                path = item.path if isinstance(item, s.Judgement) else item.fact
                yield "judgement" if judged else "evidence", path.text, item.cites
        case s.Scale():
            yield from (("scale", item.name.text, cites) for cites in inside(item, s.Cites))
        case s.Definition():
            yield from _criteria(item.name.text, item)
        case s.Variant():
            yield from (("variant", item.name.text, cites) for cites in inside(item, s.Cites))
        case _:
            pass


def _of_amendment(amendment: s.Amendment) -> Iterator[tuple[str, str, s.Cites]]:
    match amendment:
        case s.Section():
            name = amendment.name.text
            if amendment.cites is not None:
                yield "section", name, amendment.cites
            yield from _criteria(name, amendment)
            for rule in inside(amendment, s.Rule):
                if rule.cites is not None:
                    yield "rule", name, rule.cites
            for limit in inside(amendment, s.Limit):
                yield from (("limit", name, cites) for cites in inside(limit, s.Cites))
            for row in inside(amendment, s.DecisionRow):
                yield from (("table row", name, cites) for cites in inside(row, s.Cites))
        case s.ReplaceSection():
            yield from _of_amendment(amendment.section)
        case s.NamesMore():
            if amendment.cites is not None:
                yield "section", amendment.section.text, amendment.cites
        case s.CodeTable():
            if amendment.cites is not None:
                yield "codes", "", amendment.cites
        case s.ReplaceTable():
            yield from _of_amendment(amendment.table)
        case s.Definition():
            yield from _criteria(amendment.name.text, amendment)
        case s.AddTo() | s.ReplaceElement():
            yield from _criteria(amendment.path.text, amendment)
        case _:
            pass


def _criteria(owner: str, node: s.Node) -> Iterator[tuple[str, str, s.Cites]]:
    for criterion in inside(node, s.Criterion):
        if criterion.cites is not None:
            label = f".{criterion.label.text}" if criterion.label is not None else ""
            yield "criterion", owner + label, criterion.cites


def _codes(file: s.File) -> Iterator[s.Literal]:
    """The codes that any revision lists."""
    for revision in (item for item in file.items if isinstance(item, s.Revision)):
        for row in inside(revision, s.TableRow):
            yield row.code
        for replaced in inside(revision, s.ReplaceCode):
            yield from replaced.successors


def _heading(place: str, places: Places | None) -> str:
    """The heading in which a place is."""
    if places is not None and place in places and places[place].within:
        return places[place].within[0]
    return re.sub(r" paragraph [0-9]+$", "", place)
