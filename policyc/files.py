"""Files are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, content: str | bytes, mode: int | None = None) -> None:
    """Put a file in the place of the old one at once, with the permissions `mode`, by default those of the
    old one or of any new file.

    Raises OSError; then the old file stands as it was, and nothing is left beside it.
    """
    raw = content.encode() if isinstance(content, str) else content
    with replacing(path, mode) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Iterator[Path]:
    """Gives the name of a file to write, which then takes the place of the old one at once; without `mode`,
    with its permissions.

    Raises OSError, of the old file's name; then that stands as it was, and nothing is left beside it.
    """
    # Not by `tempfile`, which takes long to load, and gives permissions of its own.
    temporary = path.parent / f".{path.name[:64]}.{os.urandom(6).hex()}.tmp"
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        if mode is None and path.is_file() and not path.is_symlink():
            os.chmod(temporary, path.stat().st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(path)
        raise
