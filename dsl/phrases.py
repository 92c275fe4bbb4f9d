"""Phrases of documents that the language says in another order of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TIME = r"(?P<unit>day|week|month|year)s?"
_FAR = rf"(?P<count>[0-9]+)\s+(?P<full>full\s+)?{_TIME}"
_SIDE = r"(?P<side>before|after)\b"
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS, 1)}
_NUMBER = rf"(?P<number>[0-9]+|{'|'.join(_NUMBERS)})"


class Phrase(NamedTuple):
    """A phrase of a text, from where to where; what to write, and how that would stand there, if certain."""

    start: int
    end: int
    hint: str
    instead: str | None


_PHRASES = [
    (rf"\bat\s+least\s+{_FAR}\s+{_SIDE}", "write `{it}`", "{count} {full}{unit}s or more {side}"),
    (
        rf"\b(at\s+most|no\s+more\s+than|not\s+more\s+than)\s+{_FAR}\s+{_SIDE}",
        "write `{it}`",
        "within {count} {unit}s {side}",
    ),
    (
        rf"\bwithin\s+{_FAR}\s+of\b",
        "say on which side: `within {count} {unit}s before DATE`, or `after`",
        "within {count} {unit}s before",
    ),
    (
        rf"\b(in|within|during)\s+the\s+((last|past|previous|prior|preceding)\s+)?{_FAR}",
        "say before which day: `within {count} {unit}s before DATE`",
        None,
    ),
    (rf"\bin\s+the\s+same\s+{_TIME}\s+as\b", "write `{it}`", "in the same calendar {unit} as"),
    (
        r"\bin\s+(?P<low>[0-9]{4}-[0-9]{2}-[0-9]{2})\s*\.\.\s*(?P<high>[0-9]{4}-[0-9]{2}-[0-9]{2})",
        "write `{it}`",
        "between {low} and {high}",
    ),
    (rf"\bnot\s+within\s+{_FAR}", "`not` stands before the whole criterion: `not DATE within ...`", None),
    (
        rf"\b(?P<word>at\s+least|at\s+most|exactly)\s+(?P<number>{'|'.join(_NUMBERS)})\b",
        "numbers are written in digits: `{it}`",
        "{word} {number}",
    ),
    (r"\b(one|either)\s+of(?=\s*\{)", "write `any of {{ ... }}`, or `exactly 1 of {{ ... }}`", "any of"),
    (rf"\b{_NUMBER}(\s+or\s+more)?\s+of(?=\s*\{{)", "write `{it} {{ ... }}`", "at least {number} of"),
    (
        rf"(?<=[\w)]\s){_FAR}\s+{_SIDE}",
        "how far? `{count} {unit}s or more {side}`, `within {count} {unit}s {side}`, "
        "or `== {count} {unit}s {side}`",
        None,
    ),
    (
        rf"\b(improved|increased|decreased|reduced|worsened|rose|fell|dropped)\s+by\s+{_NUMBER}(\s*%)?",
        "write `percent rise from BEFORE to AFTER >= {number}`, `percent fall`, or a difference: "
        "`AFTER - BEFORE >= {number}`",
        None,
    ),
    (
        r"(?P<code>\b(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}))\s+in\s+claim\.history\b",
        "write `{it}`",
        "some h in claim.history {{ h.procedure == {code} }}",
    ),
    (r"(?<![\w.])[0-9]+[a-z_]\w*\s*:(?!=)", "a label begins with a letter", None),
    (
        r"\b(latest|earliest)\s+[0-9]+\s+\w+",
        "ask how many are later: `no s in LIST {{ ...  at most 1 n in LIST {{ n.day > s.day }} }}`",
        None,
    ),
    (
        r"(?P<code>\b[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]+)?)\.?-(?!\w)",
        "write `{it}`: all codes that begin so",
        "{code}x",
    ),
    (
        r"(?P<head>\b[A-TV-Z][0-9][0-9A-Z.]*)x(?P<tail>\.?[0-9A-Z]+)(?![\w.])",
        "an `x` stands only at the end of a code; write out the others: "
        "`{head}0{tail}`, `{head}1{tail}` and so on",
        None,
    ),
    (
        r"(?<=[{\s])(?P<text>\"[^\"\n]*\")\s+in\s+(?P<path>[a-z_][\w.]*)",
        "write `{it}`",
        "some x in {path} {{ x == {text} }}",
    ),
    (
        r"(?P<what>(?<![\w.])[a-z_][\w.]*)\s*(?P<one>[<>=!]=?[^\n{}<>=!]*?)\s+(?P<word>and|or)\s+(?P<other>[<>]=?|[=!]=)(?=\s)",
        "write `{it} ...`",
        "{what} {one} {word} {what} {other}",
    ),
    (
        r"(?P<what>(?<![\w.])[a-z_][\w.]*)\s+in\s+(?P<one>[0-9.]+\.\.[0-9.]*)\s+or\s+(?P<other>[0-9.]+\.\.[0-9.]*)",
        "write `{it}`",
        "{what} in {{ {one}, {other} }}",
    ),
    (
        r"\bmanual_review\s+to\b",
        'the question comes first: `manual_review "question" to "whom" if {{ ... }}`',
        'manual_review "question" to',
    ),
    (
        r"(?<=\blimit )[a-z_]\w*(?=\s+(per|of|units?)\b)",
        "a limit has its number itself; where that is not always the same, each has a section of its own",
        None,
    ),
    (
        r"(?<=\blimit )[^\n{]+?\sthen\s+\w+\s+(unless|except|if)\b",
        "a limit has no criteria: what it does not limit is a section of its own, without the limit",
        None,
    ),
]
_COMPILED = [(re.compile(pattern), hint, instead) for pattern, hint, instead in _PHRASES]


def phrases(text: str, at: int) -> Iterator[Phrase]:
    """The phrases of the line around a place, or just before it."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    for pattern, hint, instead in _COMPILED:
        for found in pattern.finditer(text, start, end if end >= 0 else len(text)):
            if found.start() <= at <= found.end() + 1:
                said = {name: " ".join((part or "").split()) for name, part in found.groupdict().items()}
                if said.get("full"):
                    said["full"] += " "
                if "number" in said:
                    said["number"] = _NUMBERS.get(said["number"], said["number"])
                it = instead.format(**said) if instead is not None else None
                yield Phrase(*found.span(), hint.format(it=it, **said), it)
