"""A decoded claim, checked against what a policy declares: every fact in its place, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from compiler.runtime.claim_values import (
    FactSpec,
    Reader,
    Unclear,
    Value,
    read_integer,
    read_list,
    read_object,
    read_text,
    reader_of,
    unclear_inside,
)
from compiler.runtime.errors import ClaimError, quoted, step

__all__ = [
    "BUILT_IN",
    "Claim",
    "ClaimError",
    "Exclusion",
    "FactSpec",
    "Line",
    "Schema",
    "Unclear",
    "Value",
    "read_claim",
]

Schema: TypeAlias = dict[str, FactSpec]
Extra: TypeAlias = Callable[[str], None] | None
T = TypeVar("T")


class Line(NamedTuple):
    """A service line.

    `stated` leaves out what is missing, null or unclear; `own_diagnoses` says that the line has its own
    diagnoses, if only null, so that the claim's do not count for it.
    """

    number: int
    procedure: str
    code: str
    day: date
    stated: dict[str, Value]
    unclear: dict[str, Unclear]
    echo: dict[str, str]
    own_diagnoses: bool


class Exclusion(NamedTuple):
    """What a contract excludes, or a rider of it adds: from `start` to before `end`."""

    section: str | None
    procedures: tuple[str, ...]
    diagnoses: tuple[str, ...]
    start: date
    end: date | None


class Claim(NamedTuple):
    """A claim that has been read; `stated` holds the facts of the claim, its member and its contract."""

    claim_id: str
    stated: dict[str, Value]
    unclear: dict[str, Unclear]
    echo: dict[str, str]
    lines: tuple[Line, ...]
    exclusions: tuple[Exclusion, ...]
    riders: tuple[Exclusion, ...]


def _by_path(*specs: FactSpec) -> Schema:
    return {spec.path: spec for spec in specs}


_REQUIRED = _by_path(
    FactSpec("line.procedure", "code", system="procedure"),
    FactSpec("line.service_date", "date"),
)
BUILT_IN: Schema = _REQUIRED | _by_path(
    FactSpec("line.units", "decimal", low=Decimal(0)),
    FactSpec("line.modifiers", "texts"),
    FactSpec("line.place_of_service", "text"),
    FactSpec("line.charge", "decimal"),
    FactSpec("line.diagnoses", "codes", system="icd10cm"),
    FactSpec("claim.diagnoses", "codes", system="icd10cm"),
    FactSpec(
        "claim.history",
        "records",
        fields=(
            FactSpec("procedure", "code", system="procedure"),
            FactSpec("service_date", "date"),
            FactSpec("units", "decimal", low=Decimal(0)),
        ),
    ),
    FactSpec("member.birth_date", "date"),
    FactSpec(
        "member.sex",
        "enum",
        open=True,
        names={"female": "female", "f": "female", "male": "male", "m": "male"},
    ),
    FactSpec("contract.payer", "text"),
    FactSpec("contract.line_of_business", "text"),
    FactSpec("contract.jurisdiction", "text"),
)
DERIVED: Schema = _by_path(FactSpec("member.age", "integer", low=Decimal(0)))
"""Facts that no claim states: they are computed from others, and known by those."""

_PLAIN = 10**9
"""Numbers of lines up to it need no further look."""

_STRUCTURE = {
    "claim": ("claim_id", "lines", "member", "contract"),
    "line": ("line",),
    "member": (),
    "contract": ("exclusions", "riders"),
    "exclusion": (),
}
"""The keys of each object of a claim that are no facts."""

_EXCLUSION = _by_path(
    FactSpec("section", "text"),
    FactSpec("procedures", "codes", system="procedure"),
    FactSpec("diagnoses", "codes", system="icd10cm"),
    FactSpec("from", "date"),
    FactSpec("until", "date"),
)


def read_claim(data: object, schema: Schema, extra: Extra = None) -> Claim:
    """Check a decoded claim against the built-in facts and those of a schema, not to change later.

    A key that nothing declares is an error; with `extra`, that is called with its JSON pointer instead.
    Raises ClaimError for the first thing that is wrong, and nothing else whatever the data.
    """
    raw: dict[str, object] = {}
    try:
        raw = read_object(data)
        return _claim(raw, _places(schema), extra)
    except ClaimError as error:
        error.claim_id = _readable_id(raw)
        raise


# ---- places -----------------------------------------------------------------------------------------------


_Facts: TypeAlias = tuple[dict[str, Value], dict[str, Unclear], dict[str, str]]
"""What is stated, what is unclear, and what is echoed, by path."""


ECHOED = ("enum", "text", "code")
"""Kinds of facts that are repeated to people as a claim writes them."""


class _Field(NamedTuple):
    """A fact and what reads it; what is `plain` is neither echoed nor unclear in itself or inside."""

    path: str
    read: Reader[Any]
    plain: bool
    echoed: bool


class _Place(NamedTuple):
    """An object of the claim: its keys, those that are facts with what reads them; of lists of records, the
    keys of these.
    """

    fields: dict[str, _Field | None]
    records: dict[str, frozenset[str]]

    def add(self, key: str, spec: FactSpec) -> None:
        echoed = spec.kind in ECHOED
        if spec.kind == "records":
            self.records[key] = frozenset(field.path for field in spec.fields)
        self.fields[key] = _Field(spec.path, reader_of(spec), not echoed and key not in self.records, echoed)

    def read(self, raw: dict[str, Any], at: str, extra: Extra, facts: _Facts) -> None:
        fields, (stated, unclear, echo) = self.fields, facts
        if extra is not None:
            own = [(key, keys) for key, keys in self.records.items() if raw.get(key) is not None]
            raw = raw | {key: _declared(raw[key], keys, at + step(key), extra) for key, keys in own}
        for key, value in raw.items():
            try:
                field = fields[key]
            except KeyError:
                self._unknown(key, at, extra)
                continue
            if value is not None and field is not None:
                path, read, plain, echoed = field
                kind = type(value)
                try:
                    # As the reader does when called: most of a claim's time goes into calls.
                    found = read[value] if kind is str or kind is int else read.find(value)
                except ClaimError as error:
                    error.at = at + step(key) + error.at
                    raise
                if plain:
                    stated[path] = found
                    continue
                if isinstance(found, Unclear):
                    unclear[path] = found
                else:
                    stated[path] = found
                if echoed:
                    echo[path] = value if kind is str else str.__str__(value)
                else:
                    unclear.update(unclear_inside(path, found))

    def _unknown(self, key: str, at: str, extra: Extra) -> None:
        if extra is not None:
            extra(at + step(key))
            return
        if key.casefold() == "age" and "birth_date" in self.fields:
            hint = "a claim states `birth_date`, and the age on the day of a line follows from it"
            raise ClaimError("unknown-key", f"{quoted(key)} is computed: {hint}", at + step(key))
        from difflib import get_close_matches  # noqa: PLC0415  (only where a key is wrong)

        near = get_close_matches(key[:80].casefold(), self.fields, 1, 0.5)
        hint = f", the nearest known key is {quoted(near[0])}" if near else ", and no known key is like it"
        raise ClaimError("unknown-key", f"unknown key {quoted(key)}{hint}", at + step(key))


def _declared(value: object, keys: frozenset[str], at: str, extra: Callable[[str], None]) -> object:
    """A list of records without the keys that nothing declares. What is none, or holds what is none, is
    refused where its values are read.
    """
    if not issubclass(type(value), list):
        return value
    found: list[object] = []
    for index, each in enumerate(read_list(value)):
        try:
            record = read_object(each)
        except ClaimError:
            found.append(each)
            continue
        for key in [key for key in record if key not in keys]:
            extra(at + step(index) + step(key))
            del record[key]
        found.append(record)
    return found


_MOST_SCHEMAS = 64
_known_places: dict[int, tuple[Schema, dict[str, _Place]]] = {}


def _places(schema: Schema) -> dict[str, _Place]:
    # By identity, and with the schema kept, so that no other can come to have its id.
    known = _known_places.get(id(schema))
    if known is None:
        places = {name: _Place(dict.fromkeys(keys), {}) for name, keys in _STRUCTURE.items()}
        for path, spec in (BUILT_IN | schema | _REQUIRED).items():
            place, _, key = path.partition(".")
            places[place].add(key, spec)
        for key, spec in _EXCLUSION.items():
            places["exclusion"].add(key, spec)
        if len(_known_places) >= _MOST_SCHEMAS:
            _known_places.clear()
        known = _known_places[id(schema)] = (schema, places)
    return known[1]


# ---- the claim --------------------------------------------------------------------------------------------


def _claim(raw: dict[str, object], places: dict[str, _Place], extra: Extra) -> Claim:
    facts: _Facts = {}, {}, {}
    places["claim"].read(raw, "", extra, facts)
    claim_id = _read(raw, "claim_id", "", read_text)
    parts: dict[str, dict[str, object]] = {"member": {}, "contract": {}}
    for name in ("member", "contract"):
        if raw.get(name) is not None:
            parts[name] = _read(raw, name, "", read_object)
            places[name].read(parts[name], f"/{name}", extra, facts)
    lines: dict[int, Line] = {}
    of_line = places["line"]
    for index, value in enumerate(_read(raw, "lines", "", read_list)):
        line = _line(value, of_line, f"/lines/{index}", extra)
        if line.number in lines:
            message = f"two lines have the number {line.number}"
            raise ClaimError("duplicate-line", message, f"/lines/{index}/line")
        lines[line.number] = line
    if not lines:
        raise ClaimError("no-lines", "expected at least one line", "/lines")
    terms = [
        _exclusions(parts["contract"].get(name), places["exclusion"], f"/contract/{name}", extra)
        for name in (("exclusions", "riders") if parts["contract"] else ())
    ] or [(), ()]
    return Claim(claim_id, *facts, tuple(lines.values()), *terms)


def _line(value: object, place: _Place, at: str, extra: Extra) -> Line:
    try:
        raw = read_object(value)
    except ClaimError as error:
        error.at = at + error.at
        raise
    facts: _Facts = {}, {}, {}
    stated, unclear, echo = facts
    place.read(raw, at, extra, facts)
    number = raw.get("line")
    if type(number) is not int or abs(number) > _PLAIN:
        number = _read(raw, "line", at, read_integer)
    code, day = stated.get("line.procedure"), stated.get("line.service_date")
    if code is None or day is None:
        for key in ("procedure", "service_date"):
            _required(raw, key, at)
    assert type(code) is str and type(day) is date
    return Line(number, echo["line.procedure"], code, day, stated, unclear, echo, "diagnoses" in raw)


def _exclusions(value: object, place: _Place, at: str, extra: Extra) -> tuple[Exclusion, ...]:
    values = [] if value is None else _under(at, read_list, value)
    return tuple(_exclusion(each, place, f"{at}/{index}", extra) for index, each in enumerate(values))


def _exclusion(value: object, place: _Place, at: str, extra: Extra) -> Exclusion:
    raw = _under(at, read_object, value)
    facts: _Facts = {}, {}, {}
    place.read(raw, at, extra, facts)
    _required(raw, "from", at)
    stated = facts[0]
    start, end = cast(date, stated["from"]), cast("date | None", stated.get("until"))
    if end is not None and end <= start:
        raise ClaimError("invalid-date", "expected `until` to be after `from`", f"{at}/until")
    named = [key for key in ("section", "procedures", "diagnoses") if key in stated]
    if len(named) != 1:
        code = "ambiguous-exclusion" if named else "missing-key"
        raise ClaimError(code, "expected one of `section`, `procedures` and `diagnoses`", at)
    codes = {key: cast("tuple[str | None, ...]", stated.get(key, ())) for key in ("procedures", "diagnoses")}
    for key, listed in codes.items():
        if None in listed:
            raise ClaimError("wrong-type", "expected a code, not null", f"{at}/{key}/{listed.index(None)}")
    section = cast("str | None", stated.get("section"))
    return Exclusion(section, **cast("dict[str, tuple[str, ...]]", codes), start=start, end=end)


def _required(raw: dict[str, object], key: str, at: str) -> object:
    if key not in raw:
        raise ClaimError("missing-key", f"`{key}` is required", at)
    if raw[key] is None:
        raise ClaimError("wrong-type", f"`{key}` is required, and null here", f"{at}/{key}")
    return raw[key]


def _read(raw: dict[str, object], key: str, at: str, read: Callable[[object], T]) -> T:
    """What is required under a key."""
    value = _required(raw, key, at)
    try:
        return read(value)
    except ClaimError as error:
        error.at = f"{at}/{key}{error.at}"
        raise


def _under(at: str, read: Callable[[object], T], value: object) -> T:
    try:
        return read(value)
    except ClaimError as error:
        error.at = at + error.at
        raise


def _readable_id(raw: dict[str, object]) -> str | None:
    try:
        return read_text(raw.get("claim_id"))
    except ClaimError:
        return None
