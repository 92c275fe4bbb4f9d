"""The claims of a table of lines one by one, as JSON has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compiler.runtime.reader import Schema
from policyc.bulk.chunk import CLAIM_ID
from policyc.bulk.sources import Extra, Source, opened, place
from policyc.bulk.values import listed, plain
from policyc.reading.rows import claims_of_rows

_AT_ONCE = 20_000


def claims_of_table(path: Path, schema: Schema, extra: Extra) -> Iterator[Any]:
    """The claims of a file with a row a line; a ClaimError stands in the place of each whose rows do not make
    one.

    Raises RowsError where it holds no table of lines, or the rows of a claim do not stand together; OSError
    where it cannot be read.
    """
    source = opened(path, schema, None, extra, _AT_ONCE)
    columns = dict(enumerate(source.columns.values()))
    at = list(source.columns).index(CLAIM_ID)
    return claims_of_rows(_rows(source), columns, len(columns), at, source.cell)


def _rows(source: Source) -> Iterator[list[Any]]:
    names = [place(path) for path in source.columns]
    for table in source.tables:
        columns = [listed(table.column(name)) for name in names]
        yield from ([plain(cell) for cell in row] for row in zip(*columns, strict=True))
