"""Codes over time: valid as long as they are listed, and followed on the day on which they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from compiler.diff.side import Side
from compiler.proofs.statement import Statement


def listed_codes(side: Side) -> Iterator[Statement]:
    """Of each code that is listed whether it is valid on all days on which it is."""
    program = side.program
    cuts = program.day_cuts
    ends = [day - timedelta(days=1) for day in cuts[1:]] + [date.max]
    found: dict[str, tuple[date, date] | None] = {}
    for first, last in zip(cuts, ends, strict=True):
        text = program.consolidated.at(first, side.known_on)
        for row in text.table.rows if text is not None and text.table is not None else ():
            found.setdefault(row.code, None)
            if row.acknowledged is None and not program.valid(row.code, first, side.known_on):
                found[row.code] = found[row.code] or (first, last)
    for code, days in found.items():
        if days is None:
            yield Statement("code", code, True)
        else:
            line = {"line": 1, "procedure": code, "service_date": days[0].isoformat()}
            claim = {"claim_id": "witness", "lines": [line]}
            yield Statement("code", code, False, claim=claim, decision=side.decided(claim), days=days)
        yield from _followed(side, code)


def _followed(side: Side, code: str) -> Iterator[Statement]:
    """A code that ends is followed on that day by one that replaces it, or goes on under another row."""
    program, known_on = side.program, side.known_on
    for row in program.rows(code, known_on):
        end = row.end
        if end is None or not row.replaced_by:
            continue
        if not any(program.valid(each, end, known_on) for each in (code, *row.replaced_by)):
            starts = [new.start for by in row.replaced_by for new in program.rows(by, known_on)]
            later = [start for start in starts if start is not None and start > end]
            last = min(later) - timedelta(days=1) if later else date.max
            yield Statement("gap", code, False, days=(end, last))
