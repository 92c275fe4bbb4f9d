"""The values of facts: from what a claim states to the one form that rules compare.

Claims may come from Python: a subclass is reduced to its base by the base's methods, never by its own, so
that no claim can raise anything but ClaimError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from compiler.runtime.alike import Spellings
from compiler.runtime.codes import system
from compiler.runtime.errors import ClaimError, described, is_unicode, quoted, step
from compiler.runtime.kept import Found

MOST_DIGITS = 100
_TOO_LARGE = 10**MOST_DIGITS
_LONGEST_CODE = 40
_LONGEST_REMEMBERED = 100
_MOST_NAMES_SHOWN = 12
_TEXTS = frozenset({str})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Record(dict[str, "Scalar | None"]):
    """A record of a list: every declared field, None where it is unknown; `unclear` says what was stated of
    a field whose value merely resembles declared ones.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(fields))
        self.unclear: dict[str, Unclear] = {}


Scalar: TypeAlias = str | bool | date | Decimal
Value: TypeAlias = Scalar | tuple[str | None, ...] | tuple[Record, ...]


class FactSpec(NamedTuple):
    """A fact that a claim may state.

    `path` is its place and key (`line.drug`); `kind` one of enum, boolean, date, text, texts, integer,
    decimal, code, codes, records; `system` the code system; `names` an enumeration's spellings, casefolded,
    to its members; `low` and `high` the bounds of a number, included unless `above` and `below` say
    otherwise, in a `unit`; `fields` those of the records of a list.
    """

    path: str
    kind: str
    system: str = ""
    open: bool = False
    names: dict[str, str] = {}  # noqa: RUF012 - shared by all that have none, and never written to
    low: Decimal | None = None
    high: Decimal | None = None
    above: bool = False
    below: bool = False
    unit: str = ""
    fields: tuple[FactSpec, ...] = ()

    def element(self) -> FactSpec:
        """What an element of a list of codes or texts is."""
        return FactSpec(self.path, "code" if self.kind == "codes" else "text", self.system)

    def field(self, name: str) -> FactSpec:
        """What a field of a record is."""
        return next(field for field in self.fields if field.path == name)


class Unclear(NamedTuple):
    """A value of an open enumeration that merely resembles declared ones: the fact is unknown."""

    stated: str
    near: tuple[str, ...]


Made = TypeVar("Made")


class Reader(Found[object, Made]):
    """Reads stated values by `find`, which raises ClaimError, pointing into the value. As a table it has what
    texts and whole numbers are read as; of other types values may be equal that are read differently: `true`
    and 1, or what a claim brings.
    """

    def __missing__(self, value: object) -> Made:
        short = type(value) is int or len(cast(str, value)) <= _LONGEST_REMEMBERED
        return super().__missing__(value) if short else self.find(value)

    def __call__(self, value: object) -> Made:
        kind = type(value)
        return self[value] if kind is str or kind is int else self.find(value)


def reader_of(spec: FactSpec) -> Reader[Value | Unclear]:
    """What reads a fact's stated values."""
    match spec.kind:
        case "enum":
            return Reader(_enumeration(spec))
        case "code":
            return Reader(_code(spec.system))
        case "codes":
            return Reader(_each(Reader(_code(spec.system))))
        case "texts":
            return Reader(_each(Reader(read_text)))
        case "records":
            return Reader(_records(spec))
        case "integer" | "decimal":
            return Reader(_number(spec))
        case "date":
            return Reader(read_date)
    plain: dict[str, Callable[[object], Value]] = {"boolean": _boolean, "text": read_text}
    return Reader(plain[spec.kind])


def bounded(number: Decimal) -> bool:
    """Whether a number is finite, of at most 100 digits, its first within 100 places of the point."""
    return (
        number.is_finite()
        and abs(number.adjusted()) <= MOST_DIGITS
        and len(number.as_tuple().digits) <= MOST_DIGITS
    )


def read_list(value: object) -> list[object]:
    """A list, as a copy."""
    if type(value) is not list and not issubclass(type(value), list):
        raise _wrong("a list", value)
    return list.copy(value)  # type: ignore[arg-type]


def read_object(value: object) -> dict[str, object]:
    """An object, as a copy with plain keys."""
    if not issubclass(type(value), dict):
        raise ClaimError("not-an-object", f"expected an object, not {described(value)}")
    copy: dict[Any, object]
    copy = value.copy() if type(value) is dict else dict(dict.items(value))  # type: ignore[arg-type]
    if _TEXTS.issuperset(map(type, copy)) and "".join(copy).isascii():
        return copy
    plain: dict[str, object] = {}
    for key, item in copy.items():
        name = key if type(key) is str and key.isascii() else read_text(key, "keys that are text")
        if name in plain:
            raise ClaimError("duplicate-key", f"the key {quoted(name)} occurs twice", step(name))
        plain[name] = item
    return plain


def read_text(value: object, expected: str = "text") -> str:
    """A text that can be written out again."""
    if type(value) is str and value.isascii():
        return value
    if not issubclass(type(value), str):
        raise _wrong(expected, value)
    text = str.__str__(cast(str, value))
    if not is_unicode(text):
        raise ClaimError(
            "invalid-text", f"expected valid Unicode, not half a surrogate pair in {quoted(text)}"
        )
    return text


def read_integer(value: object) -> int:
    """A whole number of at most 100 digits; a boolean is none, and 1.0 neither."""
    if type(value) is bool or not issubclass(type(value), int):
        raise _no_number("an integer", value)
    number = int.__int__(value)  # type: ignore[arg-type]
    if abs(number) >= _TOO_LARGE:
        raise ClaimError("invalid-number", f"expected an integer of at most {MOST_DIGITS} digits")
    return number


def _wrong(expected: str, value: object) -> ClaimError:
    return ClaimError("wrong-type", f"expected {expected}, not {described(value)}")


def _no_number(expected: str, value: object) -> ClaimError:
    text = "the text " if issubclass(type(value), str) else ""
    return ClaimError("wrong-type", f"expected {expected}, not {text}{described(value)}")


def _boolean(value: object) -> bool:
    if value is True or value is False:
        return value
    raise _wrong("`true` or `false`", value)


def read_date(value: object) -> date:
    """A day of the calendar, written year-month-day. Raises ClaimError."""
    text = read_text(value, "a date `YYYY-MM-DD`")
    if not _DAY.fullmatch(text):
        raise ClaimError("invalid-date", f"expected a date `YYYY-MM-DD`, not {quoted(text)}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ClaimError("invalid-date", f"expected a day of the calendar, not {quoted(text)}") from None


def _decimal(value: object, expected: str = "a number") -> Decimal:
    kind = type(value)
    if issubclass(kind, float):
        number = Decimal(float.__repr__(cast(float, value)))
    elif issubclass(kind, Decimal):
        number = Decimal(cast(Decimal, value))
    elif kind is not bool and issubclass(kind, int):
        whole = int.__int__(cast(int, value))
        # Not converted when too large: that takes quadratic time.
        number = Decimal(whole) if abs(whole) < _TOO_LARGE else Decimal("Infinity")
    else:
        raise _no_number(expected, value)
    if not bounded(number):
        raise ClaimError("invalid-number", f"expected a finite number of at most {MOST_DIGITS} digits")
    return number if number else number.copy_abs()


def _number(spec: FactSpec) -> Callable[[object], Decimal]:
    whole, low, high = spec.kind == "integer", spec.low, spec.high
    expected = f"a number, in `{spec.unit}`" if spec.unit else "a number"

    def read(value: object) -> Decimal:
        number = _decimal(value, expected)
        if whole and number != number.to_integral_value():
            raise ClaimError("invalid-number", f"expected a whole number, not {quoted(str(number))}")
        if low is not None and (number < low or (spec.above and number == low)):
            least = f"of {low} or more" if low else "that is not negative"
            raise ClaimError("invalid-number", f"expected a number {f'above {low}' if spec.above else least}")
        if high is not None and (number > high or (spec.below and number == high)):
            most = f"below {high}" if spec.below else f"of {high} or less"
            raise ClaimError("invalid-number", f"expected a number {most}")
        return number

    return read


def _code(name: str) -> Callable[[object], str]:
    normal = system(name).normal

    def read(value: object) -> str:
        text = read_text(value, "a code")
        # Some letters beyond ASCII have an upper case within it (the long s): they are in no code.
        code = normal(text) if text.isascii() and len(text) <= _LONGEST_CODE else None
        if code is None:
            raise ClaimError("invalid-code", f"expected a {name} code, not {quoted(text)}")
        return code

    return read


def _enumeration(spec: FactSpec) -> Callable[[object], str | Unclear]:
    names = spec.names
    spellings = Spellings(names)
    members = tuple(dict.fromkeys(names.values()))
    expected = ", ".join(quoted(member) for member in members[:_MOST_NAMES_SHOWN])
    if len(members) > _MOST_NAMES_SHOWN:
        expected += " and others"

    def read(value: object) -> str | Unclear:
        text = read_text(value)
        folded = text.casefold()
        member = names.get(folded)
        if member is not None:
            return member
        near = spellings.near(folded)
        if spec.open:
            if not text.strip():
                raise ClaimError("not-in-enumeration", "expected a value, not a blank text: null is unknown")
            return Unclear(text, near) if near else folded
        hint = f"; the nearest is {quoted(near[0])}" if near else ""
        raise ClaimError("not-in-enumeration", f"expected one of {expected}, not {quoted(text)}{hint}")

    return read


def _records(spec: FactSpec) -> Callable[[object], Value]:
    """A list of objects with declared keys; a null object is one of which nothing is known."""
    readers = {field.path: reader_of(field) for field in spec.fields}

    def read_all(value: object) -> Value:
        return tuple(read_one(each, step(index)) for index, each in enumerate(read_list(value)))

    def read_one(value: object, at: str) -> Record:
        record = Record(readers)
        try:
            stated = {} if value is None else read_object(value)
            for key, each in stated.items():
                if key not in readers:
                    raise ClaimError("unknown-key", f"unknown key {quoted(key)}{_nearest(key)}", step(key))
                if each is not None:
                    at_key(record, key, each)
        except ClaimError as error:
            error.at = at + error.at
            raise
        return record

    def at_key(record: Record, key: str, value: object) -> None:
        try:
            read = readers[key](value)
        except ClaimError as error:
            error.at = step(key) + error.at
            raise
        if isinstance(read, Unclear):
            record.unclear[key] = read
        else:
            record[key] = cast(Scalar, read)

    def _nearest(key: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415  (only where a key is wrong)

        near = get_close_matches(key[:80].casefold(), readers, 1, 0.5)
        return f", the nearest known key is {quoted(near[0])}" if near else ", and no known key is like it"

    return read_all


def _each(read: Reader[str]) -> Callable[[object], tuple[str | None, ...]]:
    known = read.get

    def read_all(value: object) -> tuple[str | None, ...]:
        elements = read_list(value)
        if _TEXTS.issuperset(map(type, elements)):
            again = tuple(map(known, elements))
            if None not in again:
                return again
        found: list[str | None] = []
        try:
            for element in elements:
                found.append(None if element is None else read(element))
        except ClaimError as error:
            error.at = step(len(found)) + error.at
            raise
        return tuple(found)

    return read_all


def unclear_inside(path: str, value: Value) -> dict[str, Unclear]:
    """The fields of a list's records whose values merely resemble declared ones."""
    records = value if isinstance(value, tuple) else ()
    return {
        f"{path}[{at}].{key}": unclear
        for at, record in enumerate(records)
        if isinstance(record, Record)
        for key, unclear in record.unclear.items()
    }
