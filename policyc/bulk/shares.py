"""A table of Parquet in shares that can be decided each by itself, for no claim has rows in two of them.

That is told by the least and the greatest claim that files note of their row groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from compiler.runtime.errors import quoted
from policyc.bulk.pieces import pieces
from policyc.bulk.run import ROWS
from policyc.reading.rows import RowsError

_ROWS = 2 * ROWS
"""A share has about so many rows, or more where row groups are larger."""

_TEXTS = (pa.string(), pa.large_string(), pa.string_view())
"""Parquet notes of texts the same, whatever Arrow calls them."""


class Run(NamedTuple):
    """Row groups of one file, the second number that behind the last."""

    file: Path
    first: int
    end: int

    def tables(self, names: Mapping[str, str], size: int) -> Iterator[pa.Table]:
        """The rows, about `size` at a time, of the columns that have names."""
        file = pq.ParquetFile(self.file)
        return pieces(self.file, file, names, size, range(self.first, self.end))


Share = tuple[Run, ...]


class _Bounds(NamedTuple):
    """The least and the greatest claim of row groups, and how many rows these have."""

    least: Any
    most: Any
    run: Run
    rows: int


class Footers:
    """What the files of a table note of themselves, all of one schema."""

    def __init__(self, files: list[tuple[Path, pq.FileMetaData]], schema: pa.Schema) -> None:
        self._files = files
        self.titles: list[str] = schema.names
        self._schema = schema

    def shares(self, title: str) -> list[Share]:
        """The table in shares by a column of claims; none where it is not told which rows they have.

        Raises RowsError where these are texts that are no UTF-8.
        """
        kind = self._schema.field(title).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if kind not in _TEXTS and not pa.types.is_signed_integer(kind):
            return []
        found: list[_Bounds] = []
        for path, footer in self._files:
            of_file = _of_file(path, footer, title)
            if of_file is None:
                return []
            found += of_file
        found.sort(key=lambda bounds: bounds.least)
        if any(bounds.most >= after.least for bounds, after in pairwise(found)):
            return []
        return list(_shares(found))


def footers_of(path: Path) -> Footers | None:
    """What the files of a table note of themselves: of one file, or of those in a folder without another.
    None where Spark has to say what the table is.

    Raises RowsError where a file is no Parquet, OSError where one cannot be read.
    """
    files = [path.absolute()]
    if path.is_dir():
        files = sorted(each.absolute() for each in path.iterdir() if not each.name.startswith((".", "_")))
        if any(each.is_dir() for each in path.iterdir()):
            return None
    if not files or any(each.suffix != ".parquet" for each in files):
        return None
    try:
        footers = [(file, pq.read_metadata(file)) for file in files]
    except pa.ArrowInvalid as error:
        raise RowsError(f"no Parquet: {error}") from None
    schemas = [footer.schema.to_arrow_schema().remove_metadata() for _, footer in footers]
    return Footers(footers, schemas[0]) if all(each == schemas[0] for each in schemas) else None


def _of_file(path: Path, footer: pq.FileMetaData, title: str) -> list[_Bounds] | None:
    """The row groups of a file, those together that share a claim; None where it is not told who does."""
    leaves = [footer.schema.column(at).path for at in range(footer.num_columns)]
    found: list[_Bounds] = []
    if leaves.count(title) > 1:  # one is a part of a column
        return None
    for at in range(footer.num_row_groups):
        group = footer.row_group(at)
        if not group.num_rows:
            continue
        noted = group.column(leaves.index(title)).statistics
        if noted is None or not noted.has_min_max or not noted.has_null_count or noted.null_count:
            return None
        try:
            bounds = _Bounds(noted.min, noted.max, Run(path, at, at + 1), group.num_rows)
        except UnicodeDecodeError:
            raise RowsError(f"the texts of {quoted(title)} are no UTF-8") from None
        if found and bounds.least < found[-1].most:
            return None
        if found and bounds.least == found[-1].most:
            before = found.pop()
            run = Run(path, before.run.first, at + 1)
            bounds = _Bounds(before.least, bounds.most, run, before.rows + bounds.rows)
        found.append(bounds)
    return found


def _shares(found: list[_Bounds]) -> Iterator[Share]:
    """Row groups in shares of some size."""
    share: list[Run] = []
    rows = 0
    for bounds in found:
        share.append(bounds.run)
        rows += bounds.rows
        if rows >= _ROWS:
            yield tuple(share)
            share, rows = [], 0
    if share:
        yield tuple(share)
