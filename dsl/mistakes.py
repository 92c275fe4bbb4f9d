"""What a text that the grammar refuses was probably meant to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from attrs import frozen

from dsl import errors
from dsl.diagnostics import Diagnostic
from dsl.near import near
from dsl.phrases import phrases
from dsl.source import Source, Span
from dsl.units import near_unit, unit_hint, words

_BEGINNINGS = re.findall(
    r"\w+",
    "package import policy payer source governed subject facts judgement evidence codes concept revision "
    "section replace remove add retire assume cites supersedes for names overrides except some every all "
    "any none boolean date absent means open edition reconstructed posted replaced gives per until from "
    "needs though without also in if not and or of record list scale gap variant parameter renamed "
    "limit table then otherwise unless between evidenced by has latest earliest exactly at least most "
    "different within consecutive count sum greatest percent fall rise min max less more than before after "
    "out scope because never always equal known wording only",
)
_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|#[^\n]*|[\w.]+|[^\w\s]')
_WORD = re.compile(r"\w[\w.-]*|[^\w\s]{1,2}")
_NOT_IN = re.compile(r"([\w.]+)\s+(not\s+in)\s*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT_LIKE = re.compile(r"/?[A-Za-z%][A-Za-z%0-9]*(?:[/.][A-Za-z%][A-Za-z%0-9]*)*")
_JOINED_UNIT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)([A-Za-z%][A-Za-z%0-9/]*)")
_ENDS_IN_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?[ \t]*\Z")
_DIGITS_BEFORE = re.compile(r"-?[0-9.]*\Z")
_LAST_UNIT_LIKE = re.compile(r"[A-Za-z%/][A-Za-z%0-9/.]*\s*\Z")
_COLON = re.compile(r"\s*:(?!=)")
_NAMED = re.compile(r"\s*(?::=|if\b|[<>]|[=!]=)")
_THEN_FOLLOWS = re.compile(r"[^\n]*?\bthen\b")
_FAR_BACK = 400


class Other(NamedTuple):
    """A word of another language: what to say, and what to write instead where that is one word."""

    hint: str
    instead: str | None = None


_AND = Other("write `and`, or give each criterion a line of its own: all of them must hold", "and")
_OR = Other("write `or`, or `any of { ... }` with one criterion a line", "or")
_EQUAL = Other("write `==`", "==")
_NEWEST = Other("write `latest x by DATE in LIST { ... } has { ... }`, or `latest of x.date for x in LIST`")
_COMMENT = Other("comments begin with `#`")
_QUOTE = Other('texts stand in straight double quotes: `"..."`')
_NOTHING_BETWEEN = Other("each criterion has a line of its own; nothing stands between them", "")
_OTHERS = {
    "=": Other("`==` compares", "=="),
    ":=": Other(
        "`==` compares; `:=` stands only where a value gets a name, or a code gives a fact its value", "=="
    ),
    "&&": _AND,
    "&": _AND,
    "||": _OR,
    "|": _OR,
    "!": Other("write `not`", "not"),
    "<>": Other("write `!=`", "!="),
    "≠": Other("write `!=`", "!="),
    "≥": Other("write `>=`", ">="),
    "≤": Other("write `<=`", "<="),
    ";": _NOTHING_BETWEEN,
    "//": _COMMENT,
    "/*": _COMMENT,
    "/": _COMMENT,
    "*": Other("`*` stands between two values; comments begin with `#`"),
    "“": _QUOTE,
    "”": _QUOTE,
    "[": Other("sets stand in braces: `{ a, b }`"),
    "-": Other("names are joined by underscores, dates are written 2024-10-01, ranges `F20..F69`"),
    "is": _EQUAL,
    "equals": _EQUAL,
    "when": Other("write `if`", "if"),
    "unless": Other("an exception follows its rule: `except if { ... }`"),
    "else": Other("write `otherwise`, or say which section goes first: `A overrides B`", "otherwise"),
    "default": Other("there is no default: what nobody states is unknown; a fact may say what absence means"),
    "contains": Other("write `some x in LIST { x == ... }`"),
    "exists": Other("write `some x in LIST { ... }`"),
    "latest": _NEWEST,
    "earliest": _NEWEST,
    "count": Other("write `count of x in LIST { ... }`"),
    "sum": Other("write `sum of x.number for x in LIST { ... }`"),
    "percent": Other("write `percent fall from BEFORE to AFTER`, or a number with `%`"),
    "since": Other("write `from`", "from"),
    "till": Other("write `until`", "until"),
    "to": Other("days go `from` one `until` another, codes go `F20..F69`"),
    "then": Other("the determination comes first: `not_covered if { ... }`"),
}
_NAMES = {
    "no": "write `within 6 months before DATE` for no more than that, `no x in LIST { ... }` of lists",
    "empty": "write `no x in LIST`",
    "before": "dates are compared: `claim.scan < line.service_date`; farther: `within 30 days before`",
    "after": "dates are compared: `claim.scan > line.service_date`; farther: `within 30 days after`",
    "where": "what is asked of an element stands in braces: `some x in LIST { ... }`",
    "known": "nothing asks whether a fact is known: where one that matters is not, the decision asks for it",
    "today": "there is no clock: compare with a date of the claim, mostly `line.service_date`",
}
_NAMES |= dict.fromkeys(("unknown", "missing", "null", "stated"), _NAMES["known"])
_NAMES |= dict.fromkeys(("now", "current_date"), _NAMES["today"])
FOREIGN = {word: other.hint for word, other in _OTHERS.items() if word.isalpha()} | _NAMES
"""Words of other languages that can be read as names, and what to write instead."""


@frozen
class Mistake:
    """Where the grammar gave up, and what it would have taken: words, marks, and kinds of words."""

    at: int
    end: int
    words: tuple[str, ...]
    marks: tuple[str, ...]
    others: tuple[str, ...]
    readable: bool = True

    def expected(self) -> list[str]:
        """What would fit, the fewest words first."""
        quoted = [f"`{word}`" for word in sorted(self.words)]
        return [f"`{mark}`" for mark in self.marks] + sorted(self.others) + quoted


@frozen
class Reading:
    """What may have been meant: the complaint, and a change of the text that would heal it.

    A reading that is not `certain` counts only where the change lets the grammar go on.
    """

    diagnostic: Diagnostic
    change: tuple[int, int, str] | None = None
    certain: bool = False


def plainly(source: Source, mistake: Mistake) -> Diagnostic:
    """The complaint without a guess at what was meant."""
    span = Span(source, mistake.at, mistake.end)
    if mistake.readable:
        return errors.unexpected_word(span, mistake.expected())
    return errors.unexpected_character(span)


def readings(source: Source, text: str, mistake: Mistake) -> Iterator[Reading]:
    """All that a mistake may mean, the likeliest first; the last is the plain complaint."""
    word = _WORD.match(text, mistake.at)
    here = _Here(source, text, mistake, word[0] if word else "", _before(text, mistake.at))
    yield from _single_quotes(here)
    yield from _not_in(here)
    yield from _phrases(here)
    yield from _units(here)
    yield from _numbers(here)
    yield from _labels(here)
    yield from _names(here)
    yield from _commas(here)
    yield from _other_language(here)
    yield from _wrong_letters(here)
    yield from _misspelt(here)
    yield from _left_out(here)
    if not mistake.readable:
        at = mistake.at
        yield Reading(here.complaint(), (at, max(at + 1, at + len(here.said)), " "), certain=True)
    yield Reading(here.complaint(), certain=True)


@frozen
class _Here:
    """A mistake with the word that stands there and the words before it."""

    source: Source
    text: str
    mistake: Mistake
    said: str
    before: list[tuple[int, int, str]]

    def complaint(self, *hints: str, end: int = 0) -> Diagnostic:
        at = self.mistake.at
        if self.mistake.readable:
            return errors.unexpected_word(
                Span(self.source, at, end or self.mistake.end), self.mistake.expected(), hints
            )
        return errors.unexpected_character(Span(self.source, at, end or at + max(1, len(self.said))), hints)

    def misplaced(self, start: int, end: int, *hints: str, expected: str = "") -> Diagnostic:
        wanted = [f"`{expected}`"] if expected else []
        return errors.unexpected_word(Span(self.source, start, end), wanted, hints)


def _single_quotes(here: _Here) -> Iterator[Reading]:
    at, text = here.mistake.at, here.text
    if not text.startswith("'", at):
        return
    end = text.find("'", at + 1)
    line = text.find("\n", at)
    hint = 'texts stand in double quotes: `"..."`'
    if 0 <= end < (line if line >= 0 else len(text)):
        said = text[at + 1 : end].replace('"', " ").replace("\\", " ")
        yield Reading(here.complaint(hint, end=end + 1), (at, end + 1, f'"{said}"'), certain=True)
    else:
        yield Reading(here.complaint(hint, end=at + 1), certain=True)


def _not_in(here: _Here) -> Iterator[Reading]:
    at = here.mistake.at
    back = max(0, at - _FAR_BACK)
    found = _NOT_IN.search(here.text[back:at])
    if found is None:
        return
    start, path = back + found.start(), found[1]
    hint = f"write `not {path} in ...`: `not` stands before the whole criterion"
    words = Span(here.source, back + found.start(2), back + found.end(2))
    complaint = errors.unexpected_word(words, (), (hint,))
    yield Reading(complaint, (start, at, f"not {path} in "), certain=True)


def _phrases(here: _Here) -> Iterator[Reading]:
    for phrase in phrases(here.text, here.mistake.at):
        change = None if phrase.instead is None else (phrase.start, phrase.end, phrase.instead)
        yield Reading(here.misplaced(phrase.start, phrase.end, phrase.hint), change, certain=True)


def _units(here: _Here) -> Iterator[Reading]:
    """A number whose unit is written in a way of its own."""
    at, text, mistake = here.mistake.at, here.text, here.mistake
    back = text[max(0, at - _FAR_BACK) : at]
    joined = _JOINED_UNIT.match(text, at - len(_DIGITS_BEFORE.search(back)[0]))  # type: ignore[index]
    if joined is not None and (meant := near_unit(joined[2])):
        written = f"{joined[1]} {meant}"
        hint = f"write `{written}`: a blank stands between a number and its unit"
        yield Reading(here.misplaced(*joined.span(), hint), (*joined.span(), written))
    word = _UNIT_LIKE.match(text, at)
    if word is not None and "a unit" in mistake.others:
        meant = near_unit(word[0])
        change = (*word.span(), meant) if meant else None
        yield Reading(here.complaint(unit_hint(word[0], back), end=word.end()), change, certain=True)
    for found in (word, _LAST_UNIT_LIKE.search(text, max(0, at - _FAR_BACK), at)):
        before = text[max(0, found.start() - _FAR_BACK) : found.start()] if found else ""
        if found is not None and _ENDS_IN_NUMBER.search(before) and (meant := near_unit(found[0].strip())):
            start, end = found.start(), found.start() + len(found[0].rstrip())
            complaint = here.misplaced(start, end, unit_hint(text[start:end], before), expected="")
            yield Reading(complaint, (start, end, meant))


def _labels(here: _Here) -> Iterator[Reading]:
    """A label that is a word of the language."""
    at, text = here.mistake.at, here.text
    word = (at, at + len(here.said), here.said)
    if text.startswith(":", at) and not text.startswith(":=", at) and here.before:
        word = here.before[-1]
    if word[2] in words() and _COLON.match(text, word[1]):
        hint = f"`{word[2]}` is a word of the language: take another label"
        yield Reading(here.misplaced(word[0], word[1], hint), (word[0], word[1], "a" * len(word[2])))


def _names(here: _Here) -> Iterator[Reading]:
    """A name that is a word of the language: what it names stands behind it, or `more` begins a criterion."""
    at, said = here.mistake.at, here.said
    word = (at, at + len(said), said)
    if here.before and (said == ":=" or here.mistake.words == ("than",)):
        word = here.before[-1]
    elif not _NAMED.match(here.text, word[1]):
        return
    if word[2] in words():
        hint = f"`{word[2]}` is a word of the language: take another name"
        yield Reading(here.misplaced(word[0], word[1], hint), (word[0], word[1], "a" * len(word[2])))


def _commas(here: _Here) -> Iterator[Reading]:
    """A comma between criteria."""
    if here.said[:1] == "," and "and" in here.mistake.words:
        yield Reading(here.complaint(_NOTHING_BETWEEN.hint), (here.mistake.at, here.mistake.at + 1, " "))


def _numbers(here: _Here) -> Iterator[Reading]:
    """A minus without its blank, and a criterion that begins with a number."""
    at, text = here.mistake.at, here.text
    if text.startswith("-", at) and text[at - 1 : at].isspace() and not text[at + 1 : at + 2].isspace():
        hint = "a minus that subtracts has a blank on either side: `a - b`"
        yield Reading(here.complaint(hint, end=at + 1), (at, at + 1, "- "))
    if "not" in here.mistake.words and here.mistake.readable and here.said[:1].isdigit():
        hint = "a criterion begins with what is asked: `claim.score >= 3`"
        yield Reading(here.complaint(hint), certain=True)


def _other_language(here: _Here) -> Iterator[Reading]:
    at = here.mistake.at
    date = _DATE.match(here.text, here.before[-1][0]) if here.before else None
    if date is not None and date.end() > at:
        start, end, said = here.before[-2] if len(here.before) > 1 else here.before[-1]
        known = _OTHERS.get(said)
        change = (start, end, known.instead) if known is not None and known.instead else None
        yield Reading(here.misplaced(*date.span(), *((known.hint,) if known else ())), change, certain=True)
        return
    if here.before and here.before[-1][2] == "then" and here.mistake.others == ("a code or number",):
        yield Reading(here.complaint("a number stands behind `then`", end=at + len(here.said)), certain=True)
        return
    for said in (here.said, here.said[:1]):
        other = _OTHERS.get(said)
        if other is not None:
            change = None if other.instead is None else (at, at + len(said), f" {other.instead} ")
            yield Reading(here.complaint(other.hint, end=at + len(said)), change, certain=True)
            return
    if not here.before:
        return
    start, end, said = here.before[-1]
    if said.isalpha() and said in _OTHERS:
        other = _OTHERS[said]
        change = None if other.instead is None else (start, end, other.instead)
        yield Reading(here.misplaced(start, end, other.hint), change, certain=change is None)


def _wrong_letters(here: _Here) -> Iterator[Reading]:
    at, said = here.mistake.at, here.said
    if here.mistake.readable or not said[:1].isalpha():
        return
    if not said[0].isascii():
        hint = "names are written with the letters a to z, digits and `_`"
        yield Reading(here.complaint(hint), (at, at + len(said), "a" * len(said)), certain=True)
    else:
        lower = said.lower().replace("-", "_")
        hint = f"names are lower case: `{lower}`; codes and sections are upper case: `J2001`, `A`"
        yield Reading(here.complaint(hint), (at, at + len(said), lower), certain=True)


def _misspelt(here: _Here) -> Iterator[Reading]:
    """A word of the language with a slip: here, or one or two words earlier."""
    at, said = here.mistake.at, here.said
    meant = near(said, here.mistake.words) if said[:1].islower() else None
    if meant is not None:
        yield Reading(here.complaint(f"did you mean `{meant}`?"), (at, at + len(said), meant))
    for start, end, word in reversed(here.before[-2:]):
        earlier = near(word, _BEGINNINGS) if word[:1].islower() and word not in _BEGINNINGS else None
        if earlier is not None:
            complaint = here.misplaced(start, end, f"did you mean `{earlier}`?", expected=earlier)
            yield Reading(complaint, (start, end, earlier))
    if meant is not None:
        yield Reading(here.complaint(f"did you mean `{meant}`?"), certain=True)


def _left_out(here: _Here) -> Iterator[Reading]:
    """A word, a mark or a brace that is missing."""
    at, said, mistake = here.mistake.at, here.said, here.mistake
    if len(here.before) == 3 and here.before[0][2] == "replace" and here.before[2][2] == "with":
        start, end, code = here.before[1]
        hint = f"a code is replaced so: `replace code {code} with {said}`"
        yield Reading(here.complaint(hint), (start, end, f"code {code}"))
    if "has" in mistake.words:
        hint = "say what holds of the one that is found: `latest x by DATE in LIST { ... } has { ... }`"
        yield Reading(here.complaint(hint), certain=True)
    if "then" in mistake.words and said[:1].islower() and not _THEN_FOLLOWS.match(here.text, at):
        hint = f"what follows from it stands behind `then`: `then {said}`"
        yield Reading(here.complaint(hint), (at, at, "then "), certain=True)
    if "," in mistake.marks and (said[:1].isalnum() or here.text.startswith('"', at)):
        yield Reading(here.complaint(f"a comma is missing before `{said or 'this text'}`"), (at, at, ", "))
    if mistake.words == ("package",):
        yield Reading(here.complaint("a file begins with its package: `package payer.policy`"), certain=True)
    if mistake.marks == ("{",) and here.before and here.before[-1][2] == "if":
        yield Reading(here.complaint("what a rule asks stands in braces: `if { ... }`"), certain=True)


def _before(text: str, at: int) -> list[tuple[int, int, str]]:
    """The words just before a place, with where they stand."""
    start = max(0, at - _FAR_BACK)
    found = [(m.start(), m.end(), m[0]) for m in _TOKEN.finditer(text, start, at)]
    return [part for part in found if not part[2].startswith("#")][-3:]
