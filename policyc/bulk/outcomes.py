"""The different outcomes of lines, each kept once, and the columns that they make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.runtime.adjudicate import Adjudicated
from compiler.runtime.claim_values import Unclear
from compiler.runtime.diagnoses import DIAGNOSIS_EDITS, diagnosis_edits_of
from compiler.runtime.edits import Edit, code_not_valid, quantity
from compiler.runtime.reader import Line
from compiler.runtime.tables import Policy
from policyc.bulk.apart import ECHOED
from policyc.bulk.numbers import Flags, Numbers, Pairs, firsts, packed, spread
from policyc.bulk.taking import taken
from policyc.bulk.values import Numbering, Table, Values

_OWN = ("line", "procedure", "service_date")
UNITS = "line.units"

KEYS = ("claim_id", "line")
"""The columns that say of which line a row is."""

_REPEATING = ("contradicts_code", "unrecognized_value")
Own = Callable[[str], Numbers]
"""For some rows, the numbers of the values that they state of a fact."""

_WORD = pa.dictionary(pa.int32(), pa.string())
_WORDS = pa.list_(_WORD)
SCHEMA = pa.schema(
    {
        "claim_id": pa.string(),
        "line": pa.int64(),
        "policy": _WORD,
        "revision": _WORD,
        "determination": _WORD,
        "rules": _WORDS,
        "unsure": _WORDS,
        "missing": pa.list_(_WORDS),
        "missing_complete": pa.bool_(),
        "exact": pa.bool_(),
        "edits": pa.list_(pa.struct({"kind": _WORD, "edit": _WORD})),
        "assumptions": _WORDS,
        "subject_to": _WORDS,
        "review": _WORDS,
        "reason_codes": pa.struct({"carc": _WORD, "rarc": _WORDS}),
    }
)
"""What is written of a line. An edit is its kind, and its JSON as decisions have it; so is a review."""


def _decoded(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(_decoded(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct(
            [(kind.field(at).name, _decoded(kind.field(at).type)) for at in range(kind.num_fields)]
        )
    return kind


PLAIN = pa.schema([(field.name, _decoded(field.type)) for field in SCHEMA])
"""The same, of words that are written out."""

_COLUMNS = [pa.schema([field for field in schema if field.name not in KEYS]) for schema in (PLAIN, SCHEMA)]
_EDITS = _COLUMNS[0].get_field_index("edits")
_EMPTY: dict[str, Any] = {field.name: [] for field in _COLUMNS[0] if pa.types.is_list(field.type)}


class Edits(NamedTuple):
    """The edits of a line, each the number of a text or, below zero, of one that repeats what the line
    states. If they are `open`, edits on diagnoses may come behind.
    """

    numbers: tuple[int, ...]
    open: bool


class Outcome(NamedTuple):
    """For lines the number of what is said of them, but for edits, and that of their edits."""

    said: Numbers
    edits: Numbers

    def of(self, rows: Any) -> Outcome:
        """The same of some of the lines."""
        return Outcome(self.said[rows], self.edits[rows])


class _Template(NamedTuple):
    """An edit that repeats a value of a fact: what it is for a value, by the value's number."""

    path: str
    complete: Callable[[int], Edit]


class Outcomes:
    """The outcomes of lines that one policy decides: what is said, and edits, each by number from 1 on;
    `values` are those of the input.

    While one thread adds outcomes, another may ask for columns or texts of some that are there.
    """

    def __init__(self, policy: Policy, known_on: date | None, values: Mapping[str, Values]) -> None:
        self.policy = policy
        self.known_on = known_on
        self.edits = Numbering()
        self._one_at_a_time = Lock()
        self.said: list[dict[str, Any]] = [{}]
        self._sayings = Numbering()
        self._together = Numbering()
        self._open = Table([False], np.bool_)
        self._values = values
        self._templates: list[_Template] = []
        self._template_numbers = Numbering()
        self._completed = Pairs(self._complete)
        self._plain: list[str] = []
        self._whole: dict[tuple[int, ...], tuple[int, str]] = {}
        self._table = pa.Table.from_pylist([], _COLUMNS[1])
        self._edit_lists = Ragged([])
        self._each_edit = pa.array([], SCHEMA.field("edits").type.value_type)

    def saying(self, made: Adjudicated, line: Line) -> int:
        """The number of what is said of a line, but for edits."""
        said = said_of(made.as_dict(line)) | {"edits": []}
        number = self._sayings.number(as_text(said))
        if number == len(self.said):
            self.said.append(said)
        return number

    def edits_of(self, made: Adjudicated, line: Line, whole: bool = False) -> int:
        """The number of a line's edits; if not `whole`, what they say of its diagnoses is to be put in."""
        edits = [edit for edit in made.edits if whole or edit["kind"] not in DIAGNOSIS_EDITS]
        numbers = tuple(self._edit(edit, line, made.day) for edit in edits)
        return self._number(Edits(numbers, made.day is not None and not whole))

    def _number(self, edits: Edits) -> int:
        number = self._together.number(edits)
        if number == len(self._open.things):
            self._open.things.append(edits.open)
        return number

    @property
    def kinds(self) -> set[str]:
        """What is said of lines, but for edits."""
        return set(self._sayings.things[1:])

    def names_diagnoses(self) -> Flags:
        """By their number, whether edits may name diagnoses beside."""
        return self._open.array

    def with_diagnoses(self, path: str, number: int, codes: tuple[str | None, ...], day: date) -> int:
        """The number of edits with what they say of diagnoses on a day; those not named are null."""
        made = diagnosis_edits_of(self.policy, path, codes, day, self.known_on)
        numbers = tuple(map(self._edit_number, made))
        return self._number(Edits(self._together.things[number].numbers + numbers, False))

    def _edit(self, edit: Edit, line: Line, day: date | None) -> int:
        """The number of an edit or, below zero, of what it is for all values of the fact that it repeats."""
        kind = edit["kind"]
        if (kind == "quantity" or "units" in edit) and day is not None:
            return self._template(
                UNITS,
                as_text(self._of_units(kind, line, day, Decimal(1))),
                lambda number: self._of_units(kind, line, day, self._values[UNITS].read[number]),
            )
        if kind in _REPEATING and self._echoed(edit["fact"]):
            path = edit["fact"]
            return self._template(
                path,
                as_text({**edit, "stated": "", "near": ""}),
                lambda number: {
                    key: self._repeated(path, number).get(key, value) for key, value in edit.items()
                },
            )
        return self._edit_number(edit)

    def _edit_number(self, edit: Edit) -> int:
        thing = edit["kind"], as_text(edit)
        with self._one_at_a_time:
            return self.edits.number(thing)

    def _echoed(self, path: str) -> bool:
        return path in self._values and self._values[path].column.spec.kind in ECHOED

    def _template(self, path: str, known_by: str, complete: Callable[[int], Edit]) -> int:
        number = self._template_numbers.number((path, known_by))
        if number > len(self._templates):
            self._templates.append(_Template(path, complete))
        return -number

    def _of_units(self, kind: str, line: Line, day: date, units: object) -> Edit:
        assert isinstance(units, Decimal)
        billed = line._replace(stated={**line.stated, UNITS: units})
        if kind == "quantity":
            return quantity(self.policy, billed, day, self.known_on)[0]
        return code_not_valid(self.policy, billed, day, self.known_on)

    def _repeated(self, path: str, number: int) -> Edit:
        values = self._values[path]
        read = values.read[number]
        near = {"near": list(read.near)} if isinstance(read, Unclear) else {}
        return {"stated": values.stated[number], **near}

    def _complete(self, template: int, number: int) -> int:
        """The number of an edit that repeats the value of some number."""
        return self._edit_number(self._templates[template - 1].complete(number))

    def columns(self, outcome: Outcome, own: Own) -> list[pa.Array]:
        """The columns from `policy` on, for rows with some outcomes; `own` tells what they state."""
        made = self._made().drop(["edits"]).columns
        columns = [taken(column.chunk(0), outcome.said) for column in made]
        columns.insert(_EDITS, self._edits(outcome.edits, own))
        return columns

    def _made(self) -> pa.Table:
        """The columns of the outcomes, without edits."""
        if len(self._table) < len(self.said):
            new = self.said[len(self._table) :]
            rows = [{**plain_row(said), "policy": self.policy.package} for said in new]
            more = pa.Table.from_pylist(rows, _COLUMNS[0]).cast(_COLUMNS[1])
            self._table = pa.concat_tables([self._table, more]).unify_dictionaries().combine_chunks()
        return self._table

    def texts(self, outcome: Outcome, own: Own) -> list[str]:
        """The same as `columns`, as the members of a JSON object."""
        policy = f'"policy": {as_text(self.policy.package)}, '
        plain = self._plain
        plain += [policy + as_text(said)[1:-1] for said in self.said[len(plain) :]]
        offsets, items = self._edits_of(outcome.edits, own)
        texts = [text for _, text in self.edits.things[1:]]
        found = []
        for at, number in enumerate(outcome.said.tolist()):
            edits = ", ".join(texts[edit - 1] for edit in items[offsets[at] : offsets[at + 1]].tolist())
            found.append(
                plain[number].replace('"edits": []', f'"edits": [{edits}]', 1) if edits else plain[number]
            )
        return found

    def whole(self, outcome: Outcome, own: Own) -> tuple[Numbers, list[tuple[int, str]]]:
        """For each row a number of all that is said of it, the same in every run, and what these say."""
        lists = self._lists()
        _, items, of_lists = lists.take(np.arange(len(lists.lengths)))
        parts = [outcome.said, outcome.edits]
        for path, repeating in self._repeating():
            has = np.zeros(len(lists.lengths), np.bool_)
            has[of_lists[repeating[np.maximum(-items, 0)]]] = True
            parts.append(np.where(has.take(outcome.edits), own(path), 0))
        places, count = packed(parts, len(outcome.said))
        first = firsts(places, count)
        keys = list(zip(*(part.take(first).tolist() for part in parts), strict=True))
        new = [at for at, key in enumerate(keys) if key not in self._whole]
        rows = first[np.asarray(new, np.int64)]
        texts = self.texts(outcome.of(rows), lambda path: own(path)[rows])
        for at, said in zip(new, texts, strict=True):
            text = f"{{{said}}}"
            digest = blake2b(text.encode(), digest_size=8).digest()
            self._whole[keys[at]] = int.from_bytes(digest, "big", signed=True), text
        found = [self._whole[key] for key in keys]
        return np.asarray([number for number, _ in found], np.int64)[places], found

    def _edits_of(self, places: Numbers, own: Own) -> tuple[Numbers, Numbers]:
        """The edits of each row: offsets, and numbers."""
        offsets, items, of_rows = self._lists().take(places)
        for path, repeating in self._repeating():
            some = np.flatnonzero(repeating[np.maximum(-items, 0)])
            if len(some):
                items[some] = self._completed.numbers(-items[some], own(path)[of_rows[some]])
        return offsets, items

    def _lists(self) -> Ragged:
        """All edits of lines that there are."""
        if len(self._edit_lists.lengths) < len(self._together):
            self._edit_lists = Ragged([(), *(edits.numbers for edits in self._together.things[1:])])
        return self._edit_lists

    def _repeating(self) -> Iterator[tuple[str, Flags]]:
        """The facts whose values are repeated by edits, and which of these do so, by their numbers."""
        for path in dict.fromkeys(template.path for template in self._templates):
            yield path, np.asarray([False, *(template.path == path for template in self._templates)])

    def _edits(self, places: Numbers, own: Own) -> pa.Array:
        offsets, items = self._edits_of(places, own)
        if len(self._each_edit) < len(self.edits):
            new = [each or ("", "") for each in self.edits.things[len(self._each_edit) :]]
            rows = [{"kind": kind, "edit": text} for kind, text in new]
            kind = SCHEMA.field("edits").type.value_type
            more = pa.chunked_array([self._each_edit, pa.array(rows, _decoded(kind)).cast(kind)])
            self._each_edit = more.unify_dictionaries().combine_chunks()
        edits = taken(self._each_edit, items)
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), edits)


as_text = json.JSONEncoder(ensure_ascii=False).encode


def said_of(line: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision says of a line, without what tells which line it is."""
    return {key: line[key] for key in line if key not in _OWN}


def plain_row(said: dict[str, Any]) -> dict[str, Any]:
    """What is said of a line, as a row of PLAIN has it."""
    row = {**_EMPTY, **said}
    row["review"] = [as_text(each) for each in row["review"]]
    row["edits"] = [{"kind": edit["kind"], "edit": as_text(edit)} for edit in row["edits"]]
    return row


def without_edits(said: dict[str, Any]) -> str:
    """What is said of a line, but for its edits, as text."""
    return as_text({**said, "edits": []})


class Ragged:
    """Lists of numbers, out of which rows take theirs."""

    def __init__(self, lists: Sequence[Sequence[int]]) -> None:
        self.lengths = np.asarray([len(each) for each in lists], np.int64)
        self._starts = np.cumsum(self.lengths) - self.lengths
        self._flat = np.asarray([number for each in lists for number in each], np.int64)

    def take(self, places: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The lists of rows: offsets, items and the row of each item."""
        offsets, items = spread(self._starts, self.lengths, places)
        return offsets, self._flat.take(items), np.repeat(np.arange(len(places)), np.diff(offsets))
