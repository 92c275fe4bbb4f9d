"""Inlay hints: how what a file says reads on a chosen day, after the revisions until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lsprotocol import types

from compiler.history.standing import StandingText, criteria_of
from compiler.model import Criterion, Section
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.places import position
from policyc.words.shown import written

_LONGEST = 80


def hints(analysis: Analysis, day: date, desk: Desk) -> list[types.InlayHint]:
    """What stands otherwise on the day than it was written."""
    program, file = analysis.program, analysis.file
    if program is None or file is None:
        return []
    text = program.consolidated.at(day, None)
    if text is None:
        return [_hint(program.consolidated.policy.span, f"not in force on {day}", desk)]
    found: list[tuple[Span, str]] = []
    for item in file.items:
        if isinstance(item, s.Definition):
            found += _amendment(item, text, day)
    for revision in (item for item in file.items if isinstance(item, s.Revision)):
        if revision.effective.value > day:
            found.append((revision.effective.span, f"not yet on {day}"))
            continue
        for amendment in revision.amendments:
            found += _amendment(amendment, text, day)
    return [_hint(span, words, desk) for span, words in found]


def _amendment(amendment: s.Amendment, text: StandingText, day: date) -> Iterator[tuple[Span, str]]:
    match amendment:
        case s.Section() | s.ReplaceSection():
            section = amendment if isinstance(amendment, s.Section) else amendment.section
            yield from _section(section, text, day)
        case s.Definition(name=name):
            stands = next((d for d in text.definitions if d.name == name.text), None)
            if stands is None:
                yield name.span, f"gone on {day}"
            else:
                yield from _labels(amendment.body, stands.criteria, day)
        case s.CodeTable() | s.AddCodes() | s.ReplaceTable() | s.ReplaceCode():
            listed = {row.code for row in text.table.rows} if text.table is not None else set()
            codes = [row.code for row in inside(amendment, s.TableRow)]
            codes += amendment.successors if isinstance(amendment, s.ReplaceCode) else ()
            for code in codes:
                if code.text not in listed:
                    yield code.span, f"not listed on {day}"
        case _:
            pass


def _section(section: s.Section, text: StandingText, day: date) -> Iterator[tuple[Span, str]]:
    stands = next((x for x in text.sections if x.name == section.name.text), None)
    if stands is None or stands.span != section.name.span:
        yield section.name.span, f"gone on {day}" if stands is None else f"replaced on {day}"
        return
    if section.body.names is not None:
        more = [name.name for name in stands.names][len(section.body.names.names) :]
        if more:
            yield section.body.names.span, f"on {day} also {', '.join(more)}"
    for rule in section.body.rules:
        for body in inside(rule, s.Body):
            yield from _labels(body, _criteria(stands), day, nested=False)


def _criteria(section: Section) -> tuple[Criterion, ...]:
    bodies = (body for rule in section.rules for body in (rule.criteria, *rule.exceptions))
    return tuple(criterion for body in bodies for criterion in body)


def _labels(
    body: s.Body, standing: tuple[Criterion, ...], day: date, nested: bool = True
) -> Iterator[tuple[Span, str]]:
    """Labelled criteria that stand otherwise, or no longer."""
    by_label = {criterion.label: criterion for criterion in _all(standing) if criterion.label is not None}
    criteria = inside(body, s.Criterion) if nested else iter(body.criteria)
    for criterion in criteria:
        if criterion.label is None:
            continue
        stands = by_label.get(criterion.label.text)
        if stands is None:
            yield criterion.label.span, f"gone on {day}"
        elif stands.span != criterion.span:
            words = written(stands).partition(": ")[2] or written(stands)
            yield criterion.label.span, f"on {day}: {words}"


def _all(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield criterion
        yield from _all(criteria_of(criterion))


def _hint(span: Span, words: str, desk: Desk) -> types.InlayHint:
    shown = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return types.InlayHint(
        position(span.source, span.end, desk),
        shown,
        padding_left=True,
        tooltip=words if shown != words else None,
    )
