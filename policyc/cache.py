"""Compiled policies, kept by the digest of all that they depend on, the compiler included.

The cache decides nothing: whatever is wrong with it, the policy is compiled anew.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType

import platformdirs

from compiler.runtime.compiled import CompiledPolicy, run

_PACKAGES = ("compiler", "dsl")
_SOURCES = (".py", ".lark")


def folder() -> Path:
    """The user's own folder of compiled policies."""
    return Path(platformdirs.user_cache_dir("policyc", appauthor=False))


def stored(path: Path, roots: Sequence[Path]) -> CompiledPolicy | None:
    """The compiled policy of a file, if it was kept and nothing that it depends on has changed."""
    try:
        code = _read(_entry(path, roots))
    except (OSError, ValueError, EOFError, TypeError, KeyError, AttributeError):
        return None
    return run(code) if code is not None else None


def store(
    path: Path, roots: Sequence[Path], code: CodeType, sources: Mapping[Path, bytes], missed: Iterable[Path]
) -> None:
    """Keep a compiled policy, with the digests of its sources, and the places where none was found."""
    body = marshal.dumps(code)
    head = {
        "sources": {str(source.resolve()): _digest(text) for source, text in sources.items()},
        "missed": [str(place.absolute()) for place in missed],
        "body": _digest(body),
    }
    with suppress(OSError):
        entry = _entry(path, roots)
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _private(entry.parent):
            _write(entry, json.dumps(head).encode() + b"\n" + body)


def _entry(path: Path, roots: Sequence[Path]) -> Path:
    """The file in which a compiled policy is kept."""
    places = [str(place.resolve()) for place in (path, *roots)]
    key = json.dumps([places, compiler_digest(), sys.implementation.cache_tag])
    return folder() / f"{_digest(key.encode())}.policy"


@cache
def compiler_digest() -> str:
    """What tells one compiler from another: its files, their sizes and times."""
    here = Path(__file__).resolve().parent.parent
    files = sorted(
        file for package in _PACKAGES for file in (here / package).rglob("*") if file.suffix in _SOURCES
    )
    told = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return _digest(json.dumps(told).encode())


def _read(entry: Path) -> CodeType | None:
    """The code of an entry, or None where the entry cannot be trusted or is out of date."""
    if not _private(entry) or not _private(entry.parent):
        return None
    line, _, body = entry.read_bytes().partition(b"\n")
    head = json.loads(line)
    if head["body"] != _digest(body):
        return None
    if any(_digest(Path(source).read_bytes()) != kept for source, kept in head["sources"].items()):
        return None
    if any(Path(place).exists() for place in head["missed"]):
        return None
    code = marshal.loads(body)
    return code if isinstance(code, CodeType) else None


def _private(place: Path) -> bool:
    """Whether nobody but the user can have written a file or folder."""
    if not hasattr(os, "getuid"):
        return True
    state = place.stat(follow_symlinks=False)
    return state.st_uid == os.getuid() and not state.st_mode & 0o022


def _write(entry: Path, content: bytes) -> None:
    """The whole file, or none of it."""
    handle, temporary = tempfile.mkstemp(dir=entry.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, entry)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
