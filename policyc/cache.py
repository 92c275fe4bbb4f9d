"""Compiled policies, kept by the digest of all that they depend on, the compiler included.

An entry begins with what a library of policies has to know of each (`Card`): the code is read where a line
first concerns the policy.

The cache decides nothing: whatever is wrong with it, the policy is compiled anew. An entry holds code, and
code can do anything: it is read only where nobody but the user can have written it, entry and folder. The
digest inside it is against damage, not against an enemy, who would be the user.
"""

# ruff: noqa: PLC0415  (what only a write needs is loaded for a write)

from __future__ import annotations

import hashlib
import json
import marshal
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, BinaryIO, NamedTuple, TypeVar

from compiler.runtime.claim_values import FactSpec
from compiler.runtime.compiled import CompiledPolicy, run
from compiler.runtime.reader import Schema

LARGEST_ENTRY = 64 * 1024 * 1024
MOST_ENTRIES = 20_000
"""Above it the oldest entries, by the time of their writing, make room for the next."""

_LEFT_BEHIND = 3600
"""Seconds after which a half-written file is nobody's any more: its writer was killed."""

_CODE = (b"c", b"\xe3")
"""How the marshalled form of code begins."""

_NUMBERS = ("low", "high")
_PACKAGES = ("compiler", "dsl")
_SOURCES = (".py", ".lark")


T = TypeVar("T")


class Kept(NamedTuple):
    """A compiled policy, the code that makes it, and the digests of the files that it was compiled from."""

    policy: CompiledPolicy
    code: CodeType
    sources: Mapping[str, str]


class Card(NamedTuple):
    """What a library knows of a policy without its code: which lines it can concern, the facts that it
    declares, and the digests of the files that it was compiled from.
    """

    package: str
    codes: Collection[str]
    facts: Collection[str]
    schema: Schema
    sources: Mapping[str, str]

    @property
    def declared(self) -> frozenset[str]:
        """The facts that the policy declares."""
        return _paths(tuple(self.schema))


class Digests:
    """The digests of files as they are read, each once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The digest of a file. Raises OSError where it cannot be read."""
        if path not in self._known:
            self.read(path)
        return self._known[path]

    def read(self, path: str) -> bytes:
        """What is in a file. Raises OSError where it cannot be read."""
        with open(path, "rb") as file:
            content = file.read()
        self._known[path] = _digest(content)
        return content


def folder() -> Path:
    """The user's own folder of compiled policies."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("policyc", appauthor=False))


def stored(path: Path, roots: Sequence[Path]) -> Kept | None:
    """The compiled policy of a file, if it was kept and nothing that it depends on has changed."""
    card = looked_up(path, roots, Digests())
    return opened(path, roots, card.sources) if card is not None else None


def looked_up(path: Path, roots: Sequence[Path], digests: Digests) -> Card | None:
    """What is kept of a file's policy beside its code, if nothing that it depends on has changed."""
    try:
        with _opened(_entry(path, roots)) as file:
            head = _head(file)
        if any(digests.of(source) != kept for source, kept in head["sources"].items()):
            return None
        if any(os.path.isfile(place) for place in head["missed"]):
            return None
        schema = _schema(head["schema"])
        return Card(head["package"], head["codes"], head["facts"], schema, head["sources"])
    except Exception:  # whatever an entry makes happen, there is another way to the policy
        return None


def opened(path: Path, roots: Sequence[Path], sources: Mapping[str, str]) -> Kept | None:
    """The compiled policy of a file, if it was kept as compiled from files of some digests."""
    try:
        with _opened(_entry(path, roots)) as file:
            head, body = _head(file), file.read()
        # Of anything but code, `marshal` would make what it says, if it takes all memory.
        if head["sources"] != sources or head["body"] != _digest(body) or body[:1] not in _CODE:
            return None
        code = marshal.loads(body)
        return Kept(run(code), code, head["sources"]) if isinstance(code, CodeType) else None
    except Exception:  # as above
        return None


def card_of(policy: CompiledPolicy, sources: Mapping[str, str]) -> Card:
    """What a library has to know of a compiled policy."""
    codes, facts = sorted(policy.codes_ever), sorted(policy.facts_that_concern)
    return Card(policy.package, codes, facts, policy.schema, sources)


def store(path: Path, roots: Sequence[Path], kept: Kept, missed: Iterable[Path]) -> None:
    """Keep a compiled policy, with the digests of its sources, and the places where none was found."""
    body = marshal.dumps(kept.code)
    told = card_of(kept.policy, kept.sources)._asdict()
    told["schema"] = json.dumps([_plain(spec) for spec in kept.policy.schema.values()])
    told["missed"] = [str(place.absolute()) for place in missed]
    with suppress(Exception):
        _write(_entry(path, roots), told, body)


def beside(kept: Kept, what: str, make: Callable[[], T]) -> T:
    """Something that is made of a compiled policy, kept as the policy is, under the name of what it is."""
    import pickle

    made_of = [kept.policy.package, kept.policy.digest, sorted(kept.sources.items())]
    key = [what, *made_of, compiler_digest(), sys.implementation.cache_tag]
    with suppress(Exception), _opened(_named(key)) as file:  # as above
        head, body = _head(file), file.read()
        if head["body"] == _digest(body):
            found: T = pickle.loads(body)
            return found
    made = make()
    with suppress(Exception):
        _write(_named(key), {}, pickle.dumps(made))
    return made


def _write(entry: Path, told: Mapping[str, object], body: bytes) -> None:
    from policyc.files import write_whole

    head = json.dumps({**told, "body": _digest(body)}).encode()
    entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_private(entry.parent.stat()):
        _make_room(entry.parent)
        write_whole(entry, b"%b %b\n%b" % (_digest(head).encode(), head, body), mode=0o600)


def digests(sources: Mapping[Path, bytes]) -> dict[str, str]:
    """The digests of some files."""
    return {absolute(source): _digest(text) for source, text in sources.items()}


def _entry(path: Path, roots: Sequence[Path]) -> Path:
    """The file in which a compiled policy is kept. Raises ValueError where the user has no cache folder."""
    # As named and as resolved: imports are looked for beside the name, a package's place is the file's own.
    places = [[absolute(place), os.path.realpath(place)] for place in (path, *roots)]
    return _named([places, compiler_digest(), sys.implementation.cache_tag])


def _named(key: Sequence[object]) -> Path:
    kept = folder()
    if not kept.is_absolute():
        raise ValueError("a cache folder that depends on where one stands")
    return kept / f"{_digest(json.dumps(key).encode())}.policy"


def absolute(path: Path) -> str:
    """A path from the root on: as `Path.absolute`, which takes much longer."""
    return os.path.join(os.getcwd(), path)


@cache
def compiler_digest() -> str:
    """What tells one compiler from another: its files, their sizes and times."""
    here = Path(__file__).resolve()
    told = [(str(here), here.stat().st_mtime_ns, here.stat().st_size)]
    waiting = [str(here.parent.parent / package) for package in _PACKAGES]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for file in found:
                if file.name.endswith(_SOURCES):
                    told.append((file.path, file.stat().st_mtime_ns, file.stat().st_size))
                elif file.is_dir() and file.name != "__pycache__":
                    waiting.append(file.path)
    return _digest(json.dumps(sorted(told)).encode())


@contextmanager
def _opened(entry: Path) -> Iterator[BinaryIO]:
    """An entry, open. Raises ValueError where others can have written it."""
    # Not to wait for a pipe, nor to follow a link.
    handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        private = _is_private(state) and _is_private(entry.parent.stat())
        if not private or not stat.S_ISREG(state.st_mode) or state.st_size > LARGEST_ENTRY:
            raise ValueError("an entry that is not to be trusted")
        yield file


def _head(file: BinaryIO) -> dict[str, Any]:
    """How an entry begins. Raises ValueError where it is damaged."""
    digest, _, head = file.readline().rstrip(b"\n").partition(b" ")
    if digest != _digest(head).encode():
        raise ValueError("a damaged entry")
    found: dict[str, Any] = json.loads(head)
    return found


@lru_cache(maxsize=512)
def _schema(text: str) -> Schema:
    """The facts that are declared, one object for all policies that declare the same."""
    specs = [_spec(fields) for fields in json.loads(text)]
    return {spec.path: spec for spec in specs}


@lru_cache(maxsize=512)
def _paths(declared: tuple[str, ...]) -> frozenset[str]:
    return frozenset(declared)


def _plain(spec: FactSpec) -> dict[str, object]:
    told = spec._asdict() | {"fields": [_plain(field) for field in spec.fields]}
    return told | {key: str(told[key]) for key in _NUMBERS if told[key] is not None}


def _spec(told: dict[str, Any]) -> FactSpec:
    numbers = {key: Decimal(told[key]) for key in _NUMBERS if told[key] is not None}
    return FactSpec(**{**told, **numbers, "fields": tuple(map(_spec, told["fields"]))})


def _is_private(state: os.stat_result) -> bool:
    """Whether nobody but the user can have written a file or folder."""
    return not hasattr(os, "geteuid") or (state.st_uid == os.geteuid() and not state.st_mode & 0o022)


def _make_room(kept: Path) -> None:
    """Remove what killed writers left, and the oldest entries beyond the limit."""
    import time

    names = os.listdir(kept)
    if len(names) < MOST_ENTRIES and not any(name.endswith(".tmp") for name in names):
        return
    entries = []
    with os.scandir(kept) as found:
        for file in found:
            with suppress(OSError):
                written = file.stat(follow_symlinks=False).st_mtime
                if file.name.endswith(".policy"):
                    entries.append((written, file.path))
                elif file.name.endswith(".tmp") and written < time.time() - _LEFT_BEHIND:
                    os.unlink(file.path)
    for _, path in sorted(entries)[: max(0, len(entries) - MOST_ENTRIES + 1)]:
        with suppress(OSError):
            os.unlink(path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
