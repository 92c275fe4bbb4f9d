"""Decisions out: Parquet or NDJSON, in the place of the old file at once or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EEXIST
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from policyc.bulk.outcomes import KEYS
from policyc.files import replacing, write_whole

OUTCOMES = pa.schema({"outcome": pa.int64(), "decision": pa.string()})
"""What outcomes say whose numbers rows have."""

_KEY = "key"
"""The file among parts that says of which run they are."""


class Writer(Protocol):
    """Takes the rows of a file, some at a time: as columns, or as lines of JSON."""

    def write(self, rows: Any) -> None:
        """Some more rows."""

    def close(self) -> None:
        """No more rows."""


class ParquetFile:
    """A Parquet file of decisions."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # Which line it is differs from row to row, what is said of lines does not: of that, statistics say
        # little, and cost a third of the writing.
        said = [field for field in schema if field.name not in KEYS]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="snappy",
            use_dictionary=[leaf for field in said for leaf in _leaves(field.name, field.type)],
            write_statistics=[*KEYS],
            store_schema=False,
        )

    def write(self, rows: pa.Table) -> None:
        """Some more rows, as columns: a row group."""
        self._writer.write_table(rows.unify_dictionaries(), row_group_size=len(rows) or 1)

    def close(self) -> None:
        """No more rows."""
        self._writer.close()


def _leaves(path: str, kind: pa.DataType) -> list[str]:
    """The columns of a Parquet file that hold what is inside a field."""
    if pa.types.is_list(kind):
        return _leaves(f"{path}.list.element", kind.value_type)
    if pa.types.is_struct(kind):
        inside = [kind.field(at) for at in range(kind.num_fields)]
        return [leaf for field in inside for leaf in _leaves(f"{path}.{field.name}", field.type)]
    return [path]


class NdjsonFile:
    """A file with a JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def write(self, rows: list[str]) -> None:
        """Some more rows, as JSON texts."""
        self._file.writelines(f"{row}\n" for row in rows)

    def close(self) -> None:
        """No more rows."""
        self._file.close()


def is_json(path: Path) -> bool:
    """Whether a file is one of NDJSON."""
    return path.suffix in (".ndjson", ".jsonl")


def outcomes_of(output: Path) -> Path:
    """The file of what outcomes say, beside an output that has their numbers."""
    return output.with_name(f"{output.name}.outcomes.parquet")


def write_outcomes(outcomes: Mapping[int, str], path: Path) -> None:
    """What outcomes say, in the order of their numbers, in the place of an old file at once.

    Raises OSError; then the old file stands as it was.
    """
    columns = {"outcome": [*outcomes], "decision": [*outcomes.values()]}
    table = pa.Table.from_pydict(columns, OUTCOMES).sort_by("outcome")
    with replacing(path) as temporary:
        pq.write_table(table, temporary, use_dictionary=False)


@contextmanager
def whole(path: Path, schema: pa.Schema, outcomes: Mapping[int, str] | None = None) -> Iterator[Writer]:
    """Writes a file, of a kind by the end of its name, that stands in its place when all is written. Before
    it does, so does the file of `outcomes`, as they are then: who sees rows finds what their numbers say.

    Raises OSError; then the old file stands as it was.
    """
    with replacing(path) as temporary:
        writer = NdjsonFile(temporary) if is_json(path) else ParquetFile(temporary, schema)
        try:
            yield writer
        finally:
            writer.close()
        if outcomes is not None:
            write_outcomes(outcomes, outcomes_of(path))


def _parts(output: Path) -> Path:
    return output.parent / f"{output.name}.parts"


class Parts:
    """The parts of an output beside it, by which an interrupted run goes on; `key` says of which run, and
    `outcomes` is what they say if rows have their numbers.

    Raises FileExistsError where something else stands there.
    """

    def __init__(self, output: Path, key: str, schema: pa.Schema, outcomes: Mapping[int, str] | None) -> None:
        self.output = output
        self.schema = schema
        self.outcomes = outcomes
        self.folder = _parts(output)
        if not self.are_of(output, key):
            if not (self.folder / _KEY).is_file() and self._holds_something():
                raise FileExistsError(EEXIST, "these are no parts of an output", str(self.folder))
            if self.folder.is_dir():
                self._remove()
            self.folder.mkdir()
            write_whole(self.folder / _KEY, key)

    def _holds_something(self) -> bool:
        return self.folder.is_dir() and any(path.suffix != ".tmp" for path in self.folder.iterdir())

    @staticmethod
    def are_of(output: Path, key: str) -> bool:
        """Whether there are parts of an output, of the run of which `key` says."""
        known = _parts(output) / _KEY
        return known.is_file() and known.read_text(encoding="utf-8") == key

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"{number:06}{self.output.suffix}"

    def notes(self, number: int) -> Any:
        """What was noted of a part that is written; None if it is not."""
        try:
            return json.loads(self.path(number).with_suffix(".json").read_bytes())
        except FileNotFoundError:
            return None

    def note(self, number: int, notes: object) -> None:
        """A part is written, and this is to be known of it."""
        write_whole(self.path(number).with_suffix(".json"), json.dumps(notes))

    def join(self, count: int) -> None:
        """All parts become the output, and are gone."""
        with whole(self.output, self.schema, self.outcomes) as opened:
            for number in range(count):
                if is_json(self.output):
                    with self.path(number).open(encoding="utf-8") as lines:
                        opened.write([line.rstrip("\n") for line in lines])
                else:
                    opened.write(pq.read_table(self.path(number)).cast(self.schema))
        self._remove()

    def _remove(self) -> None:
        """Notes go before what they tell of, and the key last: if that is interrupted, the rest are parts."""
        for path in sorted(self.folder.iterdir()):
            path.unlink()
        self.folder.rmdir()
