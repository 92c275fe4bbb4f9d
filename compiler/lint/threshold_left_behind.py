"""A revision that changes a threshold changes it everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from compiler import errors
from compiler.history.standing import StandingText
from compiler.model import Criterion, DayWithin, NumberIn, RevisionId, asked_of, inside
from compiler.program import Program
from dsl.diagnostics import Report
from dsl.source import Span


class Threshold(NamedTuple):
    """What is asked of a number or day; `form` says which ends it has, and `ends` where they are."""

    fact: str
    form: Any
    ends: Any
    span: Span
    cites: bool


def threshold_left_behind(program: Program, report: Report) -> None:
    """Where a revision puts another threshold in the place of one, no other place keeps the old one."""
    texts = program.consolidated.texts
    for applied, text in texts.items():
        before = texts.get(applied[:-1])
        if before is not None:
            _left_behind(list(_thresholds(before)), list(_thresholds(text)), applied[-1], report)


def _left_behind(
    before: list[Threshold], after: list[Threshold], revision: RevisionId, report: Report
) -> None:
    gone = [threshold for threshold in before if threshold not in after]
    new = [threshold for threshold in after if threshold not in before]
    changed = {
        (old[:3]): put for old, put in product(gone, new) if old[:2] == put[:2] and old.ends != put.ends
    }
    for kept in after:
        put = changed.get(kept[:3])
        if put is not None and kept in before and not kept.cites:
            report.add(errors.threshold_left_behind(kept.fact, kept.span, put.span, revision))


def _thresholds(text: StandingText) -> Iterator[Threshold]:
    bodies = [body for s in text.sections for r in s.rules for body in (r.criteria, *r.exceptions)]
    for body in (*bodies, *(stands.criteria for stands in text.definitions)):
        for criterion in body:
            yield from _of(criterion)


def _of(criterion: Criterion) -> Iterator[Threshold]:
    said = criterion.citation is not None or bool(criterion.assumptions)
    match asked_of(criterion.condition):
        case NumberIn(fact=fact, stretches=stretches):
            ends = tuple((low is None, high is None) for low, high in stretches)
            yield Threshold(fact, ends, stretches, criterion.span, said)
        case DayWithin(fact=fact, window=window):
            form = (window.anchor, window.start is None, window.end is None)
            yield Threshold(fact, form, (window.start, window.end), criterion.span, said)
        case _:
            pass
    for inner in inside(criterion.condition):
        yield from _of(inner)
