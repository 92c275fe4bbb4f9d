"""Compiled policies, kept by the digest of all that they depend on, the compiler included.

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
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from compiler.runtime.compiled import CompiledPolicy, run

LARGEST_ENTRY = 64 * 1024 * 1024
MOST_ENTRIES = 20_000
"""Above it the oldest entries, by the time of their writing, make room for the next."""

_LEFT_BEHIND = 3600
"""Seconds after which a half-written file is nobody's any more: its writer was killed."""

_CODE = (b"c", b"\xe3")
"""How the marshalled form of code begins."""

_PACKAGES = ("compiler", "dsl")
_SOURCES = (".py", ".lark")


class Kept(NamedTuple):
    """A compiled policy, the code that makes it, and the digests of the files that it was compiled from."""

    policy: CompiledPolicy
    code: CodeType
    sources: Mapping[str, str]


def folder() -> Path:
    """The user's own folder of compiled policies."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("policyc", appauthor=False))


def stored(path: Path, roots: Sequence[Path]) -> Kept | None:
    """The compiled policy of a file, if it was kept and nothing that it depends on has changed."""
    try:
        found = _read(_entry(path, roots))
        return Kept(run(found[0]), *found) if found is not None else None
    except Exception:  # whatever an entry makes happen, there is another way to the policy
        return None


def store(
    path: Path, roots: Sequence[Path], code: CodeType, sources: Mapping[str, str], missed: Iterable[Path]
) -> None:
    """Keep a compiled policy, with the digests of its sources, and the places where none was found."""
    from policyc.files import write_whole

    body = marshal.dumps(code)
    head = {
        "sources": sources,
        "missed": [str(place.absolute()) for place in missed],
        "body": _digest(body),
    }
    with suppress(Exception):
        entry = _entry(path, roots)
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_private(entry.parent.stat()):
            _make_room(entry.parent)
            write_whole(entry, json.dumps(head).encode() + b"\n" + body, mode=0o600)


def digests(sources: Mapping[Path, bytes]) -> dict[str, str]:
    """The digests of some files."""
    return {str(source.absolute()): _digest(text) for source, text in sources.items()}


def _entry(path: Path, roots: Sequence[Path]) -> Path:
    """The file in which a compiled policy is kept. Raises ValueError where the user has no cache folder."""
    # As named and as resolved: imports are looked for beside the name, a package's place is the file's own.
    places = [[str(place.absolute()), str(place.resolve())] for place in (path, *roots)]
    key = json.dumps([places, compiler_digest(), sys.implementation.cache_tag])
    kept = folder()
    if not kept.is_absolute():
        raise ValueError("a cache folder that depends on where one stands")
    return kept / f"{_digest(key.encode())}.policy"


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


def _read(entry: Path) -> tuple[CodeType, dict[str, str]] | None:
    """The code and sources of an entry, or None where it cannot be trusted or is out of date."""
    if not _is_private(entry.parent.stat()):
        return None
    # Not to wait for a pipe, nor to follow a link.
    handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or not _is_private(state) or state.st_size > LARGEST_ENTRY:
            return None
        line, _, body = file.read().partition(b"\n")
    head = json.loads(line)
    # Of anything but code, `marshal` would make what it says, if it takes all memory.
    if head["body"] != _digest(body) or body[:1] not in _CODE:
        return None
    if any(_digest(Path(source).read_bytes()) != kept for source, kept in head["sources"].items()):
        return None
    if any(Path(place).is_file() for place in head["missed"]):
        return None
    code = marshal.loads(body)
    return (code, head["sources"]) if isinstance(code, CodeType) else None


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
