"""Pages of policies that are renamed or gone leave the folder in which they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath

from policyc.files import write_whole

WRITTEN = ".policyc-pages"
"""The list of what was written, with digests, in the folder itself: as `sha256sum` has it."""

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def tidy(out: Path, files: Mapping[str, str]) -> None:
    """Note what is written under a folder; what was noted before, is not written now and has not been changed
    since, is removed, with the folders that this leaves empty.

    Raises OSError where the note cannot be written, or a file not be removed.
    """
    note = out / WRITTEN
    before = note.read_text(encoding="utf-8", errors="replace") if note.is_file() else ""
    for digest, name in filter(None, map(_noted, before.splitlines())):
        path = out / name
        if name not in files and path.is_file() and sha256(path.read_bytes()).hexdigest() == digest:
            path.unlink()
            for folder in list(path.relative_to(out).parents)[:-1]:
                with suppress(OSError):  # something else stands in it
                    (out / folder).rmdir()
    lines = [f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    write_whole(note, "".join(lines))


def _noted(line: str) -> tuple[str, str] | None:
    """A digest and a file inside the folder; None of what is no such line."""
    found = _LINE.fullmatch(line)
    if found is None or PurePosixPath(found[2]).is_absolute() or ".." in PurePosixPath(found[2]).parts:
        return None
    return found[1], found[2]
