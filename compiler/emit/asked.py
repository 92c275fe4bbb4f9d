"""What rules ask of a list of codes: all that can make one list differ from another."""

from __future__ import annotations

from collections.abc import Iterator

from compiler import decision as d


def asked(condition: d.Condition, path: str, hands: frozenset[str] = frozenset()) -> Iterator[d.CodeIs | int]:
    """Whether an element of a list, in hand by some name, is in a set of codes; and how many elements are."""
    match condition:
        case d.Resting():
            yield from asked(condition.condition, path, hands)
        case d.Not(inner):
            yield from asked(inner, path, hands)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from asked(inner, path, hands)
        case d.Elements(fact, element, count, where):
            if fact == path:
                yield count
            yield from asked(where, path, hands | {element} if fact == path else hands - {element})
        case d.Newest(_, element, _, _, among, has):
            yield from asked(among, path, hands - {element})
            yield from asked(has, path, hands - {element})
        case d.ComputedIs(term):
            yield from _computed(term, path, hands)
        case d.Open():
            pass  # such a policy is decided without signatures
        case d.CodeIs(fact) if fact in hands:
            yield condition
        case _:
            others = hands.intersection(d.facts_of(condition))
            assert not others, f"a code is asked for more than the set in which it is: {condition}"


def _computed(term: d.Term, path: str, hands: frozenset[str]) -> Iterator[d.CodeIs | int]:
    match term:
        case d.Computed(_, parts):
            for part in parts:
                yield from _computed(part, path, hands)
        case d.Total(_, element, value, where):
            yield from _computed(value, path, hands - {element})
            yield from asked(where, path, hands - {element})
