"""Names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_LONGEST = 100


def near(wrong: str, names: Iterable[str]) -> str | None:
    """The name in scope that is most like a wrong one, if one is alike at all. Most alike is the one that
    ends in it: `member.age` for `age`.
    """
    return _near(wrong[:_LONGEST], tuple(names))


@lru_cache(maxsize=4096)
def _near(wrong: str, names: tuple[str, ...]) -> str | None:
    whole = [name for name in names if name.rpartition(".")[2] == wrong]
    found = whole if len(whole) == 1 else get_close_matches(wrong, names, n=1, cutoff=0.7)
    return found[0] if found else None


def did_you_mean(wrong: str, names: Iterable[str]) -> tuple[str, ...]:
    """The hint that offers the near name, or no hint."""
    found = near(wrong, names)
    return (f"did you mean `{found}`?",) if found else ()
