"""What the parser can complain about: one function a code."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.near import did_you_mean
from dsl.source import Span


def _error(code: str, message: str, span: Span, label: str = "", hints: tuple[str, ...] = ()) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, (Label(span, label),), hints)


def unexpected_word(span: Span, expected: Sequence[str], words: Sequence[str]) -> Diagnostic:
    """A word where the grammar wants another; `words` are the fixed words that would fit."""
    found = f"`{span.text}`" if span.text else "the end of the file"
    shown = list(expected[:7]) + (["..."] if len(expected) > 7 else [])
    wanted = shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}"
    if wanted.endswith("or ..."):
        wanted = wanted.removesuffix(" or ...") + ", ..."
    message = f"{found} does not fit here"
    return _error("unexpected-word", message, span, f"expected {wanted}", did_you_mean(span.text, words))


def unexpected_character(span: Span) -> Diagnostic:
    """A character that begins no word of the language."""
    hints: tuple[str, ...] = ()
    if span.text == "'":
        hints = ('texts stand in double quotes: `"..."`',)
    elif span.text.isalpha() and span.text.isascii():
        hints = ("names are lower case (`line.drug`); codes and sections are upper case (`J2001`, `A`)",)
    return _error(
        "unexpected-character", f"`{span.text}` begins no word of the language", span, "not understood", hints
    )


def look_alike_letter(span: Span, letter: str, script: str, word: str) -> Diagnostic:
    """A letter of another script that looks like a Latin one."""
    return _error(
        "look-alike-letter",
        f"the letter `{span.text}` is {script}, though it looks like a Latin `{letter}`",
        span,
        f"type the Latin `{letter}`",
        (f"the word meant is probably `{word}`",),
    )


def open_text(span: Span) -> Diagnostic:
    """A text whose closing quote is missing on its line."""
    return _error("open-text", "this text is not closed on its line", span, 'the closing `"` is missing')


def invalid_date(span: Span) -> Diagnostic:
    """A date that no calendar has."""
    return _error(
        "invalid-date", f"`{span.text}` is no day of the calendar", span, "dates are written year-month-day"
    )


def invalid_count(span: Span) -> Diagnostic:
    """`at least` wants a whole number, one or more."""
    return _error(
        "invalid-count", f"`{span.text}` is no count", span, "a whole number from 1 to 999 is wanted"
    )


def nested_too_deeply(span: Span, limit: int) -> Diagnostic:
    """More braces inside each other than anyone can read."""
    return _error(
        "nested-too-deeply", f"more than {limit} braces or parentheses stand open here", span, "opened here"
    )


def unreadable_file(span: Span, why: str) -> Diagnostic:
    """A file that is no text, or too long for a policy."""
    return _error("unreadable-file", f"`{span.source.name}` cannot be read as a policy: {why}", span)
