"""The rows of a Parquet file, read some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from policyc.bulk.chunk import CLAIM_ID

_AT_ONCE = 8
"""So many times the rows that are decided at once may a row group have that is read at once."""


def pieces(
    path: Path, plain: pq.ParquetFile, names: Mapping[str, str], size: int, groups: Sequence[int]
) -> Iterator[pa.Table]:
    """The rows of some row groups of a file, about `size` at a time, of the columns that have names: by whole
    row groups if these are not large. Words are dictionaries; but of large row groups not those of lists,
    which Arrow cannot read so in parts.

    Raises ArrowException where they cannot be read, or texts are no UTF-8.
    """
    return map(_wide, map(_valid, _read(path, plain, names, size, groups)))


def _valid(table: pa.Table) -> pa.Table:
    """The same. Arrow reads texts that are none, and DuckDB makes other rows of them."""
    table.validate(full=True)
    return table


def _wide(table: pa.Table) -> pa.Table:
    """The same with words numbered by 32 bits. Files may number them by 8, as pandas does with categories:
    too few for the words of several pieces.
    """
    return table.cast(pa.schema([(field.name, _wide_kind(field.type)) for field in table.schema]))


def _wide_kind(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), kind.value_type)
    if pa.types.is_list(kind):
        return pa.list_(_wide_kind(kind.value_type))
    return kind


def _read(
    path: Path, plain: pq.ParquetFile, names: Mapping[str, str], size: int, groups: Sequence[int]
) -> Iterator[pa.Table]:
    titles = list(names)
    wanted = [title for title, name in names.items() if name != CLAIM_ID]
    words = [title for title in wanted if pa.types.is_string(plain.schema_arrow.field(title).type)]
    if any(plain.metadata.row_group(at).num_rows > size * _AT_ONCE for at in groups):
        file = pq.ParquetFile(path, read_dictionary=words)
        yield from (pa.Table.from_batches([batch]) for batch in file.iter_batches(size, groups, titles))
        return
    lists = [title for title in wanted if plain.schema_arrow.field(title).type == pa.list_(pa.string())]
    leaves = [plain.schema.column(at).path for at in range(plain.metadata.num_columns)]
    words += [leaf for leaf in leaves if leaf.startswith(tuple(f"{title}." for title in lists))]
    file = pq.ParquetFile(path, read_dictionary=words)
    waiting: list[pa.Table] = []
    for at in groups:
        group = file.read_row_group(at, columns=titles)
        for first in range(0, len(group), size):
            more = group.slice(first, size)
            if waiting and sum(map(len, waiting)) + len(more) > size:
                yield pa.concat_tables(waiting)
                waiting = []
            waiting.append(more)
    if waiting:
        yield pa.concat_tables(waiting)
