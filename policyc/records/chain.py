"""A file of records, each a line that holds the digest of the line before it; lines are only ever appended.

A line is `{"digest": "sha256:...", "previous": ..., ...}`: the digest is of all that follows it in the line.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

_LINE = re.compile(rb'\{"digest": "(sha256:[0-9a-f]{64})", ("previous": (null|"sha256:[0-9a-f]{64}"), .*\})')
_BEGINS = b'{"digest": "sha256:'
_CHUNK = 64 * 1024


class NotRecords(Exception):
    """A file whose end is no record: it must not be appended to. The text says why."""


class Link(NamedTuple):
    """A line of the file: its number, from 1, and its content as JSON text; `fault` says what is wrong."""

    number: int
    digest: str | None
    content: bytes
    fault: str | None = None


def digest(content: bytes) -> str:
    """The digest of some bytes, as it is written."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Chain:
    """A file of records, to append to. Other processes may append at the same time.

    `dropped` is called when a half-written last line, left by a crash, is removed. All methods raise OSError
    where the file cannot be read, written or locked, and NotRecords where it holds something else.
    """

    def __init__(self, path: Path, dropped: Callable[[], None]) -> None:
        self._dropped = dropped
        self._size = -1
        self._head: str | None = None
        # Not to wait for a pipe; for nobody else to read: what is in it is about patients.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0)
        self._handle = os.open(path, flags, 0o600)
        try:
            if not S_ISREG(os.fstat(self._handle).st_mode):
                raise NotRecords("it is no regular file")
            self.head()
        except BaseException:
            os.close(self._handle)
            raise

    def append(self, content: str) -> None:
        """Write a record, the members of a JSON object, whole or not at all."""
        with _locked(self._handle, exclusive=True):
            head = self._current()
            linked = b'"previous": %b, %b}' % (_shown(head), content.encode())
            mine = digest(linked)
            line = b'{"digest": %b, %b\n' % (_shown(mine), linked)
            try:
                _write(self._handle, line)
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(self._handle, self._size)
                raise
            self._size += len(line)
            self._head = mine

    def head(self, tell: Callable[[str], None] | None = None) -> str | None:
        """The digest of the last record, None where there is none; told before anybody appends another."""
        with _locked(self._handle, exclusive=True):
            head = self._current()
            if head is not None and tell is not None:
                tell(head)
            return head

    def close(self) -> None:
        """Wait until the records are on the disk."""
        os.fsync(self._handle)
        os.close(self._handle)

    def _current(self) -> str | None:
        """The digest of the last record in the file; half a line behind it is removed."""
        size = os.fstat(self._handle).st_size
        if size != self._size:
            start, end = _last_line(self._handle, size)
            line = _read(self._handle, start, end)
            match = _LINE.fullmatch(line)
            if line and (match is None or digest(match[2]) != match[1].decode()):
                raise NotRecords("its last line is no record, or was altered")
            rest = _read(self._handle, end + bool(line), size)
            if rest:
                if not rest.startswith(_BEGINS[: len(rest)]):
                    raise NotRecords("what stands at its end is no record")
                os.ftruncate(self._handle, size - len(rest))
                self._dropped()
            self._size = size - len(rest)
            self._head = match[1].decode() if match is not None else None
        return self._head


def links(path: Path, half: Callable[[], None]) -> Iterator[Link]:
    """The lines of a file in their order, each checked against its digest and the line before it.

    What is appended meanwhile is left out; `half` is called where the last line is half-written. Raises
    OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        with _locked(file.fileno(), exclusive=False):
            left = os.fstat(file.fileno()).st_size
        before: Link | None = None
        while left > 0 and (line := file.readline(left)):
            left -= len(line)
            if not line.endswith(b"\n") and _BEGINS[: len(line)] == line[: len(_BEGINS)]:
                half()
                return
            before = _link(line.removesuffix(b"\n"), before)
            yield before


def _link(line: bytes, before: Link | None) -> Link:
    number = before.number + 1 if before is not None else 1
    match = _LINE.fullmatch(line)
    if match is None:
        return Link(number, None, line, "is no record, or was altered")
    own = match[1].decode()
    if digest(match[2]) != own:
        return Link(number, own, line, "was altered: it does not fit its digest")
    # What follows an altered line may well follow what stood there.
    if (before is None or before.fault is None) and match[3] != _shown(before and before.digest):
        why = "does not follow the record before it: something was taken out, put in or moved"
        return Link(number, own, line, why)
    return Link(number, own, line)


def _shown(digest: str | None) -> bytes:
    return b"null" if digest is None else b'"%b"' % digest.encode()


@contextmanager
def _locked(handle: int, exclusive: bool) -> Iterator[None]:
    try:
        import fcntl  # noqa: PLC0415  (not everywhere)
    except ImportError:
        raise OSError("records need a system that can lock files, as Linux and macOS can") from None
    fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _last_line(handle: int, size: int) -> tuple[int, int]:
    """Where the last line that ends in a newline begins, and where it ends before that; (0, 0) if none."""
    ends: list[int] = []
    at = size
    while at > 0 and len(ends) < 2:
        start = max(0, at - _CHUNK)
        chunk = _read(handle, start, at)
        found = len(chunk)
        while len(ends) < 2 and (found := chunk.rfind(b"\n", 0, found)) >= 0:
            ends.append(start + found)
        at = start
    return (ends[1] + 1 if len(ends) > 1 else 0, ends[0]) if ends else (0, 0)


def _read(handle: int, start: int, end: int) -> bytes:
    found = b""
    while len(found) < end - start:
        more = os.pread(handle, end - start - len(found), start + len(found))
        if not more:
            break
        found += more
    return found


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]
