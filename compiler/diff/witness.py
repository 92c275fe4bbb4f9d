"""A claim that shows what a diagram says of a line: found in the diagram, decided before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from compiler.diff.claims import Claim
from compiler.diff.solving import Arithmetic
from compiler.diff.sought import Sought
from compiler.diff.spaces import Apart, loosely

Claims = Generator[Claim, None, set[Apart]]
"""Claims that may show something; at the end, what kept the answer from being exact, if none of them did."""


def claims(
    sought: Sought,
    tried: Iterable[dict[int, int]],
    arithmetic: Arithmetic,
    more: Callable[[Claim], Iterable[Claim]] | None = None,
) -> Claims:
    """Claims for the ways that are `tried`, and `more` for each of them; then what a solver finds."""
    loose: set[Apart] = set()
    any_way = False
    for path in tried:
        any_way = True
        yield from sought.claims(path)
        yield from more(sought.claim(path)) if more is not None else ()
        loose |= loosely(sought.space, path)
    if not any_way:
        return set()
    solved = arithmetic.claims(sought)
    yield from solved or ()
    return set() if solved == [] else loose or {Apart("not reproduced", ())}


def witness(found: Claims, shows: Callable[[Claim], bool]) -> tuple[Claim | None, set[Apart]]:
    """The first claim that shows what is sought; without one, what kept the answer from being exact."""
    while True:
        try:
            claim = next(found)
        except StopIteration as end:
            return None, end.value
        if shows(claim):
            return claim, set()
