"""Registers that differ by one change: a row, a date or a cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date

from attrs import evolve

from compiler.binding.registers import FROM, UNTIL, lines
from compiler.mutate.mutants import Mutant
from compiler.mutate.numbers import days_beside, neighbours, other_codes
from compiler.mutate.words import Words
from dsl import syntax as s
from dsl.source import Source

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def register_mutants(file: s.File, registers: Mapping[str, Source], words: Words) -> Iterator[Mutant]:
    """The mutants of the registers of a file, by name, in order of their texts."""
    for name, source in registers.items():
        (_, header), *rows = lines(source)
        for span, cells in rows:
            row = s.Text(span.text, span=span)
            yield _mutant(file, name, source, row, None, "")
            said = [cell.text for cell in cells]
            for number, (column, cell) in enumerate(zip(header, cells, strict=True)):
                old = s.Name(cell.text, span=cell.span)
                for new in _others(old, column.text in (FROM, UNTIL), words) if cell.text else ():
                    changed = old if new == "" else evolve(old, text=new)
                    text = _written([*said[:number], new, *said[number + 1 :]])
                    yield _mutant(file, name, source, row, None if changed is old else changed, text, old)


def _mutant(
    file: s.File,
    name: str,
    source: Source,
    row: s.Text,
    new: s.Node | None,
    text: str,
    old: s.Node | None = None,
) -> Mutant:
    """The file with another text in the place of a row."""
    start, end = row.span.start, row.span.end
    changed = Source(source.name, source.text[:start] + text + source.text[end:])
    what = row if old is None else old
    # A file of its own, so that nothing of it is taken to be the same.
    return Mutant(evolve(file), what.span, what, new, (name, changed))


def _others(old: s.Name, dated: bool, words: Words) -> Iterator[str]:
    """What may stand in the place of a cell; nothing asks nothing."""
    cell = old.text
    yield ""
    if _DAY.fullmatch(cell):
        yield from (day.isoformat() for day in days_beside(date.fromisoformat(cell)))
    elif not dated:
        yield from dict.fromkeys((*neighbours(cell), *other_codes(cell)))
        yield from (word.text for word in words.others(old))


def _written(cells: list[str]) -> str:
    """A row as a CSV file has it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
