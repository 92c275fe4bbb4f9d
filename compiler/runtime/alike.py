"""When a stated value resembles a declared one: a misspelling must not pass for another drug."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_SHORT = 6


class Spellings:
    """The spellings of an enumeration: casefolded member or alias to member."""

    def __init__(self, names: dict[str, str]) -> None:
        self._members = tuple(dict.fromkeys(names.values()))
        self._spellings = [
            (spelling, frozenset(spelling), _spaced(spelling), 1 if len(spelling) < _SHORT else 2, member)
            for spelling, member in names.items()
        ]

    def near(self, folded: str) -> tuple[str, ...]:
        """The members that a casefolded text resembles, in declaration order.

        It contains a spelling as a word, or is at most 2 edits from it (1 if that has fewer than 6 letters).
        """
        words = _spaced(folded)
        letters = set(folded)
        found = {
            member
            for spelling, spelled, spelling_words, edits, member in self._spellings
            if (spelling_words.strip() and spelling_words in words)
            # An edit brings in one new letter at most; most texts are told apart by that alone.
            or (len(letters - spelled) <= edits and within(folded, spelling, edits))
        }
        return tuple(member for member in self._members if member in found)


def within(one: str, other: str, edits: int) -> bool:
    """Whether two texts are at most so many insertions, deletions and substitutions apart."""
    if abs(len(one) - len(other)) > edits:
        return False
    same = 0
    shorter = min(len(one), len(other))
    while same < shorter and one[same] == other[same]:
        same += 1
    if same == shorter:
        return True
    if edits == 0:
        return False
    # An equal beginning costs nothing in the best alignment; the first difference is one of three edits.
    return (
        within(one[same + 1 :], other[same + 1 :], edits - 1)
        or within(one[same + 1 :], other[same:], edits - 1)
        or within(one[same:], other[same + 1 :], edits - 1)
    )


def _spaced(text: str) -> str:
    """The words of a text with a blank around each, so that a run of words is found as a substring."""
    return f" {' '.join(_WORD.findall(text))} "
