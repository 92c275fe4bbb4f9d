"""Reason codes that sections name are valid as long as they stand, and given for what is denied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compiler import errors
from compiler.model import CodeEntry, ReasonCode, Section
from compiler.program import Program
from compiler.runtime.limits import ALLOWED
from dsl.diagnostics import Report
from dsl.source import Span


def reason_codes(program: Program, report: Report) -> None:
    """Each reason code has to be valid on all days on which a section names it."""
    days = program.consolidated.effective_days
    told: set[Span] = set()
    for day, following in zip(days, [*days[1:], None], strict=True):
        text = program.consolidated.at(day, None)
        for section in text.sections if text is not None else ():
            for what, span in _without_denial(section):
                report.add(errors.reasons_without_denial(what, span))
            for code in _named(section):
                rows = _rows(code, program.lowering.entries)
                invalid = _first_invalid(rows, day, following)
                if invalid is not None and code.span not in told:
                    report.add(errors.reason_not_valid(code.code, code.span, day, invalid))
                    told.add(code.span)


def _without_denial(section: Section) -> Iterator[tuple[str, Span]]:
    """Reason codes behind what denies nothing."""
    for rule in section.rules:
        if rule.determination == ALLOWED and rule.reasons is not None:
            yield f"`{ALLOWED}`", rule.reasons.span
    denies = section.limits or any(rule.determination != ALLOWED for rule in section.rules)
    if section.reasons is not None and not denies:
        yield f"section `{section.name}`", section.reasons.span


def _named(section: Section) -> Iterator[ReasonCode]:
    for codes in (section.reasons, *(rule.reasons for rule in section.rules)):
        if codes is not None:
            yield from (codes.carc, *codes.rarc)


def _rows(code: ReasonCode, entries: tuple[CodeEntry, ...]) -> list[CodeEntry]:
    return [e for e in entries if e.system == code.system and e.shown == code.code]


def _first_invalid(rows: list[CodeEntry], start: date, end: date | None) -> date | None:
    """The first day of a stretch on which none of the rows is valid, if there is one."""
    day = start
    while row := next((row for row in rows if row.validity.on(day)), None):
        over = row.validity.end
        if over is None or (end is not None and over >= end):
            return None
        day = over
    return day
