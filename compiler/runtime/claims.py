"""Claims in: from bytes to decoded JSON, one claim at a time, in bounded memory."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError
from typing import BinaryIO, NamedTuple

from compiler.runtime.claim_values import MOST_DIGITS, bounded
from compiler.runtime.errors import ClaimError, is_unicode, quoted, step

LONGEST_CLAIM = 64 * 1024 * 1024
DEEPEST_CLAIM = 50
_CHUNK = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_WHITE = b" \t\r\n"
_NOT_WHITE = re.compile(rb"[^ \t\r\n]")
_TOKEN = re.compile(rb'\\.?|["\[\]{},]', re.DOTALL)
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_LONGEST_FRACTION = MOST_DIGITS + 10  # leaves room for a sign, a point and an exponent


def read_claims(stream: BinaryIO) -> Iterator[object | ClaimError]:
    """The decoded claims of a JSON array, of NDJSON, or of one JSON object over several lines, as they come.

    A ClaimError stands in the place of each that cannot be decoded. A syntax error ends an array, and costs
    NDJSON its line.
    """
    source = _Input(stream)
    if source.peek() == b"[":
        yield from _array(source)
        return
    line = source.line()
    if _unfinished(line):
        source.give_back(line)
        yield _attempt(source.value())
        if source.peek():
            yield ClaimError("not-json", "expected nothing after a claim over several lines")
        return
    while line:
        yield _attempt(line, f" (line {source.line_number} of the input)")
        source.peek()
        line = source.line()


def decode(text: bytes) -> object:
    """The value of one JSON text in UTF-8, fractions as Decimal.

    Raises ClaimError for what is not JSON, and for JSON that does not say one thing exactly: a key twice in
    an object, NaN, numbers of over 100 digits, half a surrogate pair, nesting over 50 deep, over 64 MiB.
    """
    found = _attempt(text.removeprefix(_BOM))
    if isinstance(found, ClaimError):
        raise found
    return found


def _array(source: _Input) -> Iterator[object | ClaimError]:
    source.take()
    empty = source.peek() == b"]"
    following = source.take() if empty else b","
    index = 0
    while following == b",":
        source.peek()
        found = _attempt(source.value(), f" (element {index} of the array)")
        yield found
        if isinstance(found, ClaimError) and found.code == "not-json":
            return
        source.peek()
        following = source.take()
        index += 1
    if following != b"]":
        yield ClaimError("not-json", f"expected `,` or `]` after element {index - 1} of the array")
    elif source.peek():
        yield ClaimError("not-json", "expected nothing after the array of claims")


# ---- one JSON text ----------------------------------------------------------------------------------------


def _attempt(text: bytes, where: str = "") -> object | ClaimError:
    # A new error each time: one that was caught holds the whole text by its traceback.
    try:
        return _parse(text)
    except JSONDecodeError as error:
        reason = error.msg[0].lower() + error.msg[1:].removesuffix(" at").replace("'", "`")
        place = "the end" if _at_end(error) else f"character {error.pos + 1}"
        return ClaimError("not-json", f"not JSON: {reason} at {place}{where}")
    except ClaimError as error:
        return ClaimError(error.code, error.message + where, error.at)


def _unfinished(line: bytes) -> bool:
    """Whether a line is no complete JSON value, but further lines can make it one."""
    try:
        _parse(line)
    except JSONDecodeError as error:
        return bool(error.doc) and _at_end(error)
    except ClaimError:
        pass
    return False


def _at_end(error: JSONDecodeError) -> bool:
    return error.pos >= len(error.doc)


class _Bad(NamedTuple):
    """Stands in a decoded value for what JSON allows and we do not, until its pointer is known."""

    code: str
    message: str
    below: str = ""


def _parse(text: bytes) -> object:
    """The value of a JSON text; raises JSONDecodeError for wrong syntax, else ClaimError."""
    if len(text) > LONGEST_CLAIM:
        raise ClaimError("too-long", f"expected a claim of at most {LONGEST_CLAIM // 2**20} MiB")
    try:
        string = text.strip(_WHITE).decode()
    except UnicodeDecodeError as error:
        raise ClaimError(
            "invalid-text", f"expected UTF-8, not byte {error.object[error.start]:#04x}"
        ) from None
    if _too_deep(text):
        raise ClaimError("too-deep", f"expected nesting of at most {DEEPEST_CLAIM} levels")
    bad: list[_Bad] = []

    def refuse(code: str, message: str, below: str = "") -> _Bad:
        bad.append(_Bad(code, message, below))
        return bad[-1]

    def constant(name: str) -> _Bad:
        return refuse("invalid-number", f"expected a finite number, not {quoted(name)}")

    def integer(digits: str) -> int | _Bad:
        if len(digits) <= MOST_DIGITS or len(digits.lstrip("-")) <= MOST_DIGITS:
            return int(digits)
        return refuse("invalid-number", f"expected a number of at most {MOST_DIGITS} digits")

    def fraction(digits: str) -> Decimal | _Bad:
        if len(digits) <= _LONGEST_FRACTION:
            try:
                number = Decimal(digits)
            except InvalidOperation:
                number = Decimal("NaN")
            if bounded(number):
                return number
        message = f"expected a number of at most {MOST_DIGITS} digits, before and after the point"
        return refuse("invalid-number", message)

    def members(pairs: list[tuple[str, object]]) -> dict[str, object] | _Bad:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(key for key, _ in pairs)
        key = next(key for key in counts if counts[key] > 1)
        return refuse("duplicate-key", f"the key {quoted(key)} occurs twice", step(key))

    decoder = json.JSONDecoder(
        object_pairs_hook=members, parse_float=fraction, parse_int=integer, parse_constant=constant
    )
    value: object = decoder.decode(string)
    if bad or _HALF_PAIR.search(text):
        fault = _fault(value, "")
        if fault is not None:
            raise fault
    return value


def _fault(value: object, at: str) -> ClaimError | None:
    """The first thing in a decoded value that must not be there."""
    if isinstance(value, _Bad):
        return ClaimError(value.code, value.message, at + value.below)
    if isinstance(value, str) and not is_unicode(value):
        return ClaimError(
            "invalid-text", f"expected valid Unicode, not half a surrogate pair in {quoted(value)}", at
        )
    if isinstance(value, list):
        faults = (_fault(item, at + step(index)) for index, item in enumerate(value))
        return next(filter(None, faults), None)
    if isinstance(value, dict):
        faults = (_fault(key, at) or _fault(item, at + step(key)) for key, item in value.items())
        return next(filter(None, faults), None)
    return None


def _too_deep(text: bytes) -> bool:
    if text.count(b"[") + text.count(b"{") <= DEEPEST_CLAIM:
        return False
    scanner = _Scanner()
    scanner.end(text, 0)
    return scanner.deepest > DEEPEST_CLAIM


# ---- a stream ---------------------------------------------------------------------------------------------


class _Scanner:
    """Follows a JSON value through strings and brackets, a piece at a time, to where it ends."""

    def __init__(self) -> None:
        self.deepest = 0
        self._depth = 0
        self._quoted = False
        self._escaped = False

    def end(self, piece: bytes, start: int) -> int | None:
        """Where the value ends in a piece; None if the next piece goes on with it.

        A value in brackets ends with its last; any other before the comma or bracket behind it.
        """
        start += self._escaped
        self._escaped = False
        for match in _TOKEN.finditer(piece, start):
            token = match[0]
            if token == b'"':
                self._quoted = not self._quoted
            elif token[0] == ord("\\"):
                # Outside a string that is a syntax error, and where the value ends does not matter.
                self._escaped = len(token) == 1
            elif self._quoted:
                continue
            elif token in b"[{":
                self._depth += 1
                self.deepest = max(self.deepest, self._depth)
            elif self._depth == 0:
                return match.start()
            elif token != b",":
                self._depth -= 1
                if self._depth == 0:
                    return match.end()
        return None


class _Input:
    """A stream, read a chunk at a time; of what is too long, one byte too many is kept."""

    def __init__(self, stream: BinaryIO) -> None:
        # `read` would wait for a full chunk, and a claim that has come must not wait for the next.
        self._read = getattr(stream, "read1", stream.read)
        self._chunk = b""
        self._at = 0
        self._newlines = 0
        self.line_number = 0
        while len(self._chunk) < len(_BOM) and _BOM.startswith(self._chunk):
            more = self._read(_CHUNK)
            if not more:
                break
            self._chunk += more
        if self._chunk.startswith(_BOM):
            self._at = len(_BOM)

    def peek(self) -> bytes:
        """The next byte that is not white space, left where it is; nothing at the end."""
        while self._filled():
            match = _NOT_WHITE.search(self._chunk, self._at)
            stop = match.start() if match else len(self._chunk)
            self._newlines += self._chunk.count(b"\n", self._at, stop)
            self._at = stop
            if match:
                return match[0]
        return b""

    def take(self) -> bytes:
        """The next byte; nothing at the end."""
        taken = self._chunk[self._at : self._at + 1] if self._filled() else b""
        self._at += len(taken)
        return taken

    def line(self) -> bytes:
        """The rest of the line with its newline; nothing at the end."""
        self.line_number = self._newlines + 1
        kept = bytearray()
        while self._filled():
            after = self._chunk.find(b"\n", self._at) + 1
            self._keep(kept, after or len(self._chunk))
            if after:
                self._newlines += 1
                break
        return bytes(kept)

    def value(self) -> bytes:
        """The JSON value that begins here."""
        kept = bytearray()
        scanner = _Scanner()
        while self._filled():
            end = scanner.end(self._chunk, self._at)
            self._keep(kept, len(self._chunk) if end is None else end)
            if end is not None:
                break
        return bytes(kept)

    def give_back(self, text: bytes) -> None:
        """What was read just now is read again."""
        self._chunk = text + self._chunk[self._at :]
        self._at = 0

    def _filled(self) -> bool:
        # An empty chunk is the end: a terminal must not be asked again.
        if self._chunk and self._at == len(self._chunk):
            self._chunk = self._read(_CHUNK)
            self._at = 0
        return bool(self._chunk)

    def _keep(self, kept: bytearray, end: int) -> None:
        room = LONGEST_CLAIM + 1 - len(kept)
        kept += self._chunk[self._at : min(end, self._at + room)]
        self._at = end
