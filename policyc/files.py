"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Put a file in the place of the old one at once, with its permissions, or those of any new file: `mode`
    less the umask. Links are followed; what is no file (a terminal, a pipe) is written to as it stands.

    Raises OSError; then the old file stands as it was, and nothing is left beside it.
    """
    raw = content.encode() if isinstance(content, str) else content
    target = Path(os.path.realpath(path))
    old = target.stat().st_mode if target.exists() else None
    if old is not None and not stat.S_ISREG(old):
        target.write_bytes(raw)
        return
    # Not by `tempfile`, which takes long to load, and gives permissions of its own.
    temporary = target.parent / f".{target.name[:64]}.{os.urandom(6).hex()}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if old is not None:
            os.chmod(temporary, stat.S_IMODE(old))
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
