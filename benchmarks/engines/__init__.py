"""The IV-anesthetics policy in the languages of other engines, one module each, and how each is asked.

An engine is handed a line whose facts are read, normalised and known, as `Facts`, and tells what holds of it:
`not_in_force`, `code_not_valid`, or the names of the sections that hold, `A`, `B`, `AB` or nothing. Where it
cannot ask whether an element of a list begins with a text, the host hands it all beginnings of the codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Facts = dict[str, Any]
"""`day` as a number, 20241001; `code`, `drug`, `route`, `purpose`; `diagnoses`, a list of codes."""


class Engine(NamedTuple):
    """How an engine is asked: of one line, or of all completions of one line at once."""

    ask: Callable[[Facts], str]
    ask_all: Callable[[list[Facts]], list[str]]


def one_by_one(ask: Callable[[Facts], str]) -> Engine:
    """An engine that has no way to be asked several at once."""
    return Engine(ask, lambda lines: [ask(line) for line in lines])


def beginnings(diagnoses: Iterable[str]) -> list[str]:
    """All beginnings of some codes that a list of codes could name."""
    return [code[:length] for code in diagnoses for length in range(3, len(code) + 1)]


def quoted(values: Iterable[str], between: str = ", ") -> str:
    """Texts as literals, as most languages write them."""
    return between.join(f'"{value}"' for value in values)
