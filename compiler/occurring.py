"""What a decision can rest on."""

from __future__ import annotations

from collections.abc import Iterator

from compiler import decision as d
from compiler.runtime.judge import assumptions_in

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
