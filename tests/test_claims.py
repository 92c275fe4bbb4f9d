"""Claims as bytes: three forms of a file, what costs a line and what ends the file, in pieces of any size."""

import io
import json
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.runtime import claims
from compiler.runtime.claims import decode, read_claims
from compiler.runtime.errors import ClaimError


class Dripping:
    """A stream that gives a few bytes at a time."""

    def __init__(self, text, size=1):
        self.read_at_most = size
        self.stream = io.BytesIO(text)

    def read(self, size=-1):
        return self.stream.read(min(size, self.read_at_most))


def shown(found):
    return (found.code, found.at) if isinstance(found, ClaimError) else found


def read(text, size=None):
    stream = io.BytesIO(text) if size is None else Dripping(text, size)
    return [shown(found) for found in read_claims(stream)]


A, B = {"a": 1}, {"b": [2]}
SYNTAX = ("not-json", "")


@pytest.mark.parametrize("size", [None, 1, 2, 7])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", []),
        (b" \n\t\r\n", []),
        (b"\xef\xbb\xbf", []),
        (b'\xef\xbb\xbf{"a":1}', [A]),
        (b'\xef\xbb\xbf[{"a":1}]', [A]),
        (b"\xef\xbb", [("invalid-text", "")]),
        # NDJSON: an error costs its line
        (b'{"a":1}\n{"b":[2]}', [A, B]),
        (b'\n \n{"a":1}\r\n\r\n{"b":[2]}\n\n', [A, B]),
        (b'{"a":1}\n{"a":\n{"b":[2]}\n', [A, SYNTAX, B]),
        (b'{"a":1} {"a":1}\n{"b":[2]}\n', [SYNTAX, B]),
        (b'{"a" 1\n{"b":[2]}\n', [SYNTAX, B]),
        (b'{"a": "1\n{"b":[2]}\n', [SYNTAX, B]),
        (b'{"a": tru\n{"b":[2]}\n', [SYNTAX, B]),
        (b'{"a": 1.\n{"b":[2]}\n', [SYNTAX, B]),
        (b'{"a":1,"a":2}\n{"b":[2]}', [("duplicate-key", "/a"), B]),
        (b'{"a":\xff}\n{"b":[2]}', [("invalid-text", ""), B]),
        (b'nonsense\n[1]\n"x"\n5\n', [SYNTAX, [1], "x", 5]),
        (b'{"a":1}\n\xef\xbb\xbf{"b":[2]}', [A, SYNTAX]),
        (b'{"a":1}\n{"a":', [A, SYNTAX]),
        # one object over several lines
        (b'{\n "a": 1\n}\n', [A]),
        (b'{"a":\n1}', [A]),
        (b'{"b": [2\n]}\n \n', [B]),
        (b'{"a"\n:1}', [A]),
        (b'{\n "a": 1\n}\n{"b": [2]}', [A, SYNTAX]),
        (b'{\n "a": "}\n', [SYNTAX]),
        (b'{\n "a": "}",\n "a": 2}', [("duplicate-key", "/a")]),
        (b'{"a": NaN,\n"b": 2}', [("invalid-number", "/a")]),
        (b'{"a":', [SYNTAX]),
        # an array: a syntax error ends it, another error does not
        (b"[]", []),
        (b" [ ] ", []),
        (b'[{"a":1},{"b":[2]}]', [A, B]),
        (b'[\n{"a":1}\n,\n{"b":[2]}\n]\n', [A, B]),
        (b'[1 , "x,]}\\"", null,[],[2]]', [1, 'x,]}"', None, [], [2]]),
        (b'[{"a":"\\\\"},{"a":"\\\\\\""}]', [{"a": "\\"}, {"a": '\\"'}]),
        (b'[{"a":1,"a":2},{"b":[2]}]', [("duplicate-key", "/a"), B]),
        (b'[{"a":"\xff"},{"b":[2]}]', [("invalid-text", ""), B]),
        (b'[{"a":1},{"a" 1},{"b":[2]}]', [A, SYNTAX]),
        (b'[{"a":1},]', [A, SYNTAX]),
        (b'[,{"a":1}]', [SYNTAX]),
        (b'[{"a":1} {"b":[2]}]', [A, SYNTAX]),
        (b'[{"a":1}}', [A, SYNTAX]),
        (b'[{"a":1}', [A, SYNTAX]),
        (b'[{"a":1},', [A, SYNTAX]),
        (b'[{"a":1}, {"b":', [A, SYNTAX]),
        (b"[", [SYNTAX]),
        (b'[{"a":1}] {"b":[2]}', [A, SYNTAX]),
        (b'[{"a":1}]]', [A, SYNTAX]),
    ],
)
def test_forms(text, found, size):
    assert read(text, size) == found


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        (b"", "not-json", ""),
        (b"{'a': 1}", "not-json", ""),
        (b'{"a": "\t"}', "not-json", ""),
        (b"\x00", "not-json", ""),
        (b'{"a": [1, {"b": 1, "b": 1}]}', "duplicate-key", "/a/1/b"),
        (b'{"a/b": 1, "c": 2, "a\\u002fb": 1}', "duplicate-key", "/a~1b"),
        (b'{"a": [0, NaN]}', "invalid-number", "/a/1"),
        (b"-Infinity", "invalid-number", ""),
        (b'{"a": 1e999}', "invalid-number", "/a"),
        (b'{"a": 1e-99999999999999999999999}', "invalid-number", "/a"),
        (b'{"a": 0.' + b"1" * 101 + b"}", "invalid-number", "/a"),
        (b'{"a": -' + b"1" * 101 + b"}", "invalid-number", "/a"),
        (b'{"a": ' + b"1" * 10**6 + b"}", "invalid-number", "/a"),
        (b'{"a": "\\ud800"}', "invalid-text", "/a"),
        (b'{"a": {"\\udc00": 1}}', "invalid-text", "/a"),
        (b'"\xed\xa0\x80"', "invalid-text", ""),
        (b"[" * 51 + b"]" * 51, "too-deep", ""),
        (b"[" * 100_000, "too-deep", ""),
        (b'{"a":' * 100_000, "too-deep", ""),
    ],
)
def test_what_is_not_decoded(text, code, at):
    with pytest.raises(ClaimError) as caught:
        decode(text)
    assert (caught.value.code, caught.value.at, caught.value.claim_id) == (code, at, None)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'\xef\xbb\xbf {"a": 1} \n', {"a": 1}),
        (b"[0.10, 1E2, -0]", [Decimal("0.10"), Decimal("1E+2"), 0]),
        (b"1" * 100, int("1" * 100)),
        (b"-" + b"1" * 100, -int("1" * 100)),
        (b'"\\ud83d\\ude00 \\\\ud800"', "\N{GRINNING FACE} \\ud800"),
        (json.dumps(["[" * 100] * 100).encode(), ["[" * 100] * 100),
        (b"[" * 50 + b"]" * 50, json.loads("[" * 50 + "]" * 50)),
        (b"[" + b"[]," * 100 + b"[]]", [[]] * 101),
    ],
)
def test_what_is_decoded(text, value):
    found = decode(text)
    assert found == value
    assert str(found) == str(value)


def test_messages_say_where():
    text = b'{"a":1}\n\n{"a" 1}\n{"a":\n'
    messages = [str(found) for found in read_claims(io.BytesIO(text)) if isinstance(found, ClaimError)]
    assert messages == [
        "not JSON: expecting `:` delimiter at character 6 (line 3 of the input)",
        "not JSON: expecting value at the end (line 4 of the input)",
    ]
    (*_, last) = read_claims(io.BytesIO(b"[1, 2, x]"))
    assert str(last) == "not JSON: expecting value at character 1 (element 2 of the array)"


class Endless(Dripping):
    """Gives a start, and fails when more is asked of it."""

    def read(self, size=-1):
        found = super().read(size)
        if not found:
            raise BlockingIOError
        return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b'[{"a":1}', 1),
        (b'[{"a":1},{"b":[2]}', 2),
        (b'{"a":1}\n', 1),
        (b'{"a":1}\n{"b":[2]}\n', 2),
        (b'{\n"a":1}', 1),
    ],
)
def test_a_claim_comes_as_soon_as_its_text_is_complete(text, count):
    found = read_claims(Endless(text))
    assert [next(found) for _ in range(count)] == [A, B][:count]
    with pytest.raises(BlockingIOError):
        next(found)


class Pipe(io.RawIOBase):
    """Has one claim to give, and then a writer that says no more."""

    def __init__(self, text):
        self.text = text

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.text:
            raise BlockingIOError
        given, self.text = self.text[: len(buffer)], self.text[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


def test_a_buffered_stream_is_not_waited_for():
    found = read_claims(io.BufferedReader(Pipe(b'{"a":1}\n')))
    assert next(found) == A


class Repeating:
    """A long stream that is never in memory as a whole."""

    def __init__(self, *parts):
        self.parts = [list(part) for part in parts]

    def read(self, size=-1):
        while self.parts and self.parts[0][1] == 0:
            del self.parts[0]
        if not self.parts:
            return b""
        self.parts[0][1] -= 1
        return self.parts[0][0]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (b'{"a":1}\n{"a":"', b'"}\n{"b":[2]}\n', [A, ("too-long", ""), B]),
        (b'{"a":"', b'"}\n{"b":[2]}\n', [("too-long", ""), B]),
        (b'[{"a":1},{"a":"', b'"},{"b":[2]}]', [A, ("too-long", ""), B]),
        (b'{\n"a":"', b'"}', [("too-long", "")]),
    ],
)
def test_what_is_too_long_is_skipped_in_little_memory(monkeypatch, before, after, found):
    monkeypatch.setattr(claims, "LONGEST_CLAIM", 100_000)
    stream = Repeating((before, 1), (b"x" * 50_000, 400), (after, 1))
    tracemalloc.start()
    try:
        assert [shown(each) for each in read_claims(stream)] == found
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_the_longest_claim_is_64_mib():
    text = b'"' + b"x" * (claims.LONGEST_CLAIM - 2) + b'"'
    assert len(decode(text)) == 64 * 2**20 - 2
    with pytest.raises(ClaimError) as caught:
        decode(text + b" ")
    assert caught.value.code == "too-long"


def test_errors_do_not_keep_the_text():
    (error,) = read_claims(io.BytesIO(b'{"a": \xff}'))
    assert (error.__traceback__, error.__context__, error.__cause__) == (None, None, None)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXT
    | st.sampled_from([Decimal("0.10"), '"', "\\", "[{", "\n"])
)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=10
)
CLAIMS = st.lists(st.dictionaries(TEXT, JSON, max_size=4), max_size=5)


def dumped(value, **options):
    return json.dumps(value, default=float, **options).encode()


@given(CLAIMS, st.integers(1, 9), st.booleans(), st.sampled_from([None, 0, 3]))
def test_the_forms_say_the_same(values, size, ascii_only, indent):
    values = json.loads(dumped(values), parse_float=Decimal)
    options = {"ensure_ascii": ascii_only}
    assert read(b"\n".join(dumped(value, **options) for value in values), size) == values
    assert read(dumped(values, indent=indent, **options), size) == values
    for value in values:
        assert read(dumped(value, indent=indent, **options), size) == [value]


@given(st.binary(max_size=60) | st.text('[]{},:"\\ \n1aN', max_size=60).map(str.encode), st.integers(1, 9))
def test_no_bytes_raise_and_pieces_make_no_difference(text, size):
    assert read(text, size) == read(text)


@given(CLAIMS, st.sampled_from([None, 1]), st.data())
def test_no_damaged_file_raises(values, indent, data):
    text = bytearray(dumped(values, indent=indent))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    found = read(bytes(text), data.draw(st.integers(1, 9)))
    assert found == read(bytes(text))
    assert len(found) <= len(text)
