"""In what two decisions of one line differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from compiler.diff.outcomes import NEEDED, Outcomes, Reasoned, determined
from compiler.runtime.reasons import reason_codes

Decided = dict[str, Any]
"""A line of a decision."""

Key = tuple[object, ...]
"""A kind of difference, and between what."""


def kind(one: Decided, other: Decided) -> str | None:
    """The first of determination, rules, missing, edits and reasons (reason codes) that differs; None where
    all are the same. In what order facts are asked for and edits stand, and what an edit cites, is wording.
    """
    if one["determination"] != other["determination"]:
        return "determination"
    if any(one.get(part) != other.get(part) for part in ("rules", "unsure")):
        return "rules"
    if {*map(frozenset, one["missing"])} != {*map(frozenset, other["missing"])}:
        return "missing"
    if other_edits(one, other):
        return "edits"
    return "reasons" if one["reason_codes"] != other["reason_codes"] else None


def other_edits(one: Decided, other: Decided) -> tuple[str, ...]:
    """The kinds of the edits that stand in one of two lines alone."""
    first, second = edits(one), edits(other)
    apart = {edit["kind"] for edit in (*first, *second) if edit not in first or edit not in second}
    return tuple(sorted(apart))


def edits(line: Decided) -> list[dict[str, Any]]:
    """The edits of a line, without the places that they cite."""
    return [{key: said for key, said in edit.items() if key != "cites"} for edit in line["edits"]]


def key_between(one: Decided, other: Decided, about: object) -> Key | None:
    """In what kind two decisions of one line differ, and between what."""
    differing = kind(one, other)
    match differing:
        case "determination":
            return differing, one["determination"], other["determination"], about
        case "rules":
            return differing, one["determination"], about
        case "edits":
            return differing, other_edits(one, other), about
        case _:
            return (differing, about) if differing is not None else None


def key_of(leaf: tuple[Outcomes, ...], about: object) -> Key | None:
    """In what kind the outcomes of two sides differ, and of a third from the first."""
    one, other, *alone = (decided(outcomes) for outcomes in leaf)
    if alone and alone[0] == one:
        return None
    if one[0] != other[0]:
        return "determination", one[0], other[0], about
    return ("rules", one[0], about) if one != other else None


def shows(key: Key, about: object, leaf: tuple[Outcomes, ...]) -> bool:
    """Whether the outcomes of two sides differ in some kind."""
    return key_of(leaf, about) == key


def determinations(key: Key) -> tuple[object, object] | None:
    """Those of both decisions that differ in a kind; None where that does not tell them."""
    match key:
        case "determination", one, other, _:
            return one, other
        case "rules", both, _:
            return both, both
        case _:
            return None


def settles(key: Key, leaf: tuple[Outcomes, ...]) -> bool:
    """Whether two sides come to the determinations of a difference: what it leaves open stays so."""
    pairs = zip(determinations(key) or (), leaf, strict=False)
    return all(determination in (NEEDED, determined(own)) for determination, own in pairs)


def differs(leaf: tuple[Outcomes, ...]) -> bool:
    """Whether the outcomes of two sides differ in any kind."""
    return key_of(leaf, None) is not None


def decided(outcomes: Outcomes) -> tuple[object, ...]:
    """The determination, and the sections that give it always and sometimes; none while it is open."""
    determination = determined(outcomes)
    if determination == NEEDED:
        return (NEEDED,)
    sections = [speaking for _, speaking in outcomes]
    return determination, frozenset.intersection(*sections), frozenset.union(*sections)


def reasons_differ(leaf: tuple[frozenset[Reasoned], ...]) -> bool:
    """Whether the outcomes of two sides are the same but for reason codes."""
    one, other = (frozenset(each.outcome for each in outcomes) for outcomes in leaf)
    return leaf[0] != leaf[1] and decided(one) == decided(other)


def given_otherwise(days: Sequence[date], leaf: tuple[Outcomes, ...]) -> bool:
    """Whether two sides come to one determination that is given other reason codes on the day of each."""
    one, other = (str(decided(own)[0]) for own in leaf)
    given = [reason_codes(one, day) for day in days]
    return one == other and given[0] != given[1]
