"""Long searches tell how far they are, and stop when they are told to."""

from __future__ import annotations

from collections.abc import Callable

Watch = Callable[[str], None]
"""Is told what is looked at."""


class Stopped(BaseException):
    """Raised into a search from outside: what it found so far is the answer, and is said to be incomplete."""


def unwatched(what: str) -> None:
    """Nobody is told."""
