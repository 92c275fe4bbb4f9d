"""The different outcomes of lines, each kept once, and the columns that they make."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from compiler.runtime.adjudicate import Adjudicated
from compiler.runtime.claim_values import Value
from compiler.runtime.edits import Edit, code_not_valid, quantity
from compiler.runtime.reader import Line
from compiler.runtime.tables import Policy
from policyc.bulk.numbers import Numbers
from policyc.bulk.values import Numbering

_OWN = ("line", "procedure", "service_date")
_LISTS = ("rules", "unsure", "assumptions", "subject_to")
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


class Outcome(NamedTuple):
    """All that a decision says of a line but its number, its code and its day.

    An edit is a number of a text or, below zero, of one that the line's units complete.
    """

    said: str
    edits: tuple[int, ...]


class Outcomes:
    """The outcomes of lines that one policy decides, by number from 1 on."""

    def __init__(self, policy: Policy, known_on: date | None) -> None:
        self.policy = policy
        self.known_on = known_on
        self.outcomes = Numbering()
        self.edits = Numbering()
        self.templates = Numbering()
        self._complete: list[Callable[[Decimal], Edit]] = []
        self._completed: dict[tuple[int, int], int] = {}
        self.said: list[dict[str, Any]] = [{}]

    def number(self, made: Adjudicated, line: Line) -> int:
        """The number of a line's outcome."""
        shown = made.as_dict(line)
        edits = tuple(self._edit(edit, line, made.day) for edit in made.edits)
        said = {key: value for key, value in shown.items() if key not in _OWN} | {"edits": []}
        number = self.outcomes.number(Outcome(_text(said), edits))
        if number == len(self.said):
            self.said.append(said)
        return number

    def _edit(self, edit: Edit, line: Line, day: date | None) -> int:
        units = line.stated.get("line.units")
        if edit["kind"] in ("quantity", "code_not_valid") and isinstance(units, Decimal) and day is not None:

            def complete(units: Decimal) -> Edit:
                billed = line._replace(stated={**line.stated, "line.units": units})
                if edit["kind"] == "quantity":
                    return quantity(self.policy, billed, day, self.known_on)[0]
                return code_not_valid(self.policy, billed, day, self.known_on)

            number = self.templates.number(_text(complete(Decimal(1))))
            if number > len(self._complete):
                self._complete.append(complete)
            return -number
        return self.edits.number((str(edit["kind"]), _text(edit)))

    def edit(self, template: int, units_number: int, units: Value) -> int:
        """The number of an edit that units complete."""
        found = self._completed.get((template, units_number))
        if found is None:
            assert isinstance(units, Decimal)
            edit = self._complete[template - 1](units)
            found = self.edits.number((str(edit["kind"]), _text(edit)))
            self._completed[template, units_number] = found
        return found

    def columns(self, numbers: Numbers, units: Numbers, read: list[Any]) -> list[pa.Array]:
        """The columns from `policy` on, for lines with some outcomes; `units` are numbers into `read`."""
        table, places = self.said, numbers

        def words(key: str) -> pa.Array:
            return _words([row.get(key) for row in table], places)

        def lists(key: str) -> pa.Array:
            return _lists([row.get(key) or () for row in table], places)

        def flags(key: str) -> pa.Array:
            return pa.array([row.get(key) for row in table], pa.bool_()).take(pa.array(places))

        reasons = [row.get("reason_codes") for row in table]
        none = np.asarray([codes is None for codes in reasons])[places]
        reason_codes = pa.StructArray.from_arrays(
            [
                _words([codes and codes["carc"] for codes in reasons], places),
                _lists([codes["rarc"] if codes else () for codes in reasons], places),
            ],
            fields=list(SCHEMA.field("reason_codes").type),
            mask=pa.array(none),
        )
        return [
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(places), np.int32)), [self.policy.package]),
            words("revision"),
            words("determination"),
            lists("rules"),
            lists("unsure"),
            _nested([row.get("missing") or () for row in table], places),
            flags("missing_complete"),
            flags("exact"),
            self._edits(places, units, read),
            lists("assumptions"),
            lists("subject_to"),
            _lists([[_text(each) for each in row.get("review") or ()] for row in table], places),
            reason_codes,
        ]

    def texts(self, numbers: Numbers, units: Numbers, read: list[Any]) -> list[str]:
        """The same as `columns`, as the members of a JSON object."""
        policy = f'"policy": {_text(self.policy.package)}, '
        plain = [policy + _text(said)[1:-1] for said in self.said]
        found = []
        for number, billed in zip(numbers.tolist(), units.tolist(), strict=True):
            text, edits = plain[number], self.outcomes.things[number].edits
            if edits:
                completed = (e if e > 0 else self.edit(-e, billed, read[billed]) for e in edits)
                listed = ", ".join(self.edits.things[edit][1] for edit in completed)
                text = text.replace('"edits": []', f'"edits": [{listed}]', 1)
            found.append(text)
        return found

    def _edits(self, places: Numbers, units: Numbers, read: list[Any]) -> pa.Array:
        told: list[tuple[int, ...]] = [(), *(outcome.edits for outcome in self.outcomes.things[1:])]
        offsets, items, of_rows = ragged(told, places, owners=True)
        completed = np.flatnonzero(items < 0)
        if len(completed):
            keys = -items[completed] * (len(read) + 1) + units[of_rows[completed]]
            different, inverse = np.unique(keys, return_inverse=True)
            numbers = [
                self.edit(key // (len(read) + 1), key % (len(read) + 1), read[key % (len(read) + 1)])
                for key in different.tolist()
            ]
            items[completed] = np.asarray(numbers, np.int64)[inverse]
        kinds = Numbering()
        of_edit = [0, *(kinds.number(kind) - 1 for kind, _ in self.edits.things[1:])]
        texts = ["", *(text for _, text in self.edits.things[1:])]
        both = [
            _dictionary(np.asarray(of_edit)[items], [*map(str, kinds.things[1:])]),
            _dictionary(items, texts),
        ]
        struct = pa.StructArray.from_arrays(both, fields=list(SCHEMA.field("edits").type.value_type))
        return pa.ListArray.from_arrays(offsets, struct)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _dictionary(indices: Numbers, words: list[str], mask: Any = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices.astype(np.int32), mask=mask), pa.array(words, pa.string())
    )


def _words(table: list[str | None], places: Numbers) -> pa.Array:
    """A word a row, out of a table."""
    words = Numbering()
    numbers = np.asarray([0 if word is None else words.number(word) for word in table])[places]
    return _dictionary(np.maximum(numbers - 1, 0), words.things[1:], numbers == 0)


def ragged(table: list[Any], places: Numbers, owners: bool = False) -> tuple[pa.Array, Numbers, Numbers]:
    """The lists of numbers that rows take from a table: offsets, items and, if wanted, the row of each."""
    lengths = np.asarray([len(each) for each in table], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    flat = np.asarray([number for each in table for number in each], np.int64)
    taken = lengths[places]
    offsets = np.zeros(len(places) + 1, np.int64)
    np.cumsum(taken, out=offsets[1:])
    if not offsets[-1]:
        return pa.array(offsets.astype(np.int32)), np.zeros(0, np.int64), np.zeros(0, np.int64)
    some = np.flatnonzero(taken)
    counts = taken[some]
    shift = np.repeat(starts[places[some]] - offsets[some], counts)
    of_rows = np.repeat(some, counts) if owners else some
    return pa.array(offsets.astype(np.int32)), flat[shift + np.arange(offsets[-1])], of_rows


def _lists(table: list[Any], places: Numbers) -> pa.Array:
    """A list of words a row."""
    words = Numbering()
    numbered = [[words.number(word) - 1 for word in each] for each in table]
    offsets, items, _ = ragged(numbered, places)
    return pa.ListArray.from_arrays(offsets, _dictionary(items, words.things[1:]))


def _nested(table: list[Any], places: Numbers) -> pa.Array:
    """A list of lists of words a row."""
    inner = Numbering()
    numbered = [[inner.number(tuple(each)) - 1 for each in row] for row in table]
    offsets, items, _ = ragged(numbered, places)
    return pa.ListArray.from_arrays(offsets, _lists(inner.things[1:], items))
