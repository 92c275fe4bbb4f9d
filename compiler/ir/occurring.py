"""What a decision can rest on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Generic, TypeVar

from compiler.ir import decision as d
from compiler.runtime.judge import assumptions_in

T = TypeVar("T")

SCOPES = frozenset({"claim", "contract", "line", "member"})
"""Where facts stand in a claim; other paths begin with a list element in hand."""


def occurring(condition: d.Condition) -> Iterator[str]:
    """All that a condition could rest on, in order of occurrence: assumptions, and facts by their path."""
    match condition:
        case d.Resting():
            yield from condition.assumptions
            yield from occurring(condition.condition)
        case d.Not(inner):
            yield from occurring(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from occurring(inner)
        case _:
            yield from (fact for fact in d.facts_of(condition) if fact.partition(".")[0] in SCOPES)
            yield from assumptions_in(condition)


def occurring_in(decision: d.Decision) -> tuple[str, ...]:
    """All that the rules of a decision could rest on, each once."""
    return _in_rules(This(decision))


class This(Generic[T]):
    """A value as the one that it is: comparing large ones takes long."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, This) and other.value is self.value


@lru_cache(maxsize=4096)
def _in_rules(this: This[d.Decision]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for rule in this.value.rules for name in _names(This(rule.condition))))


@lru_cache(maxsize=4096)
def _names(this: This[d.Condition]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(occurring(this.value)))
