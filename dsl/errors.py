"""What the parser can complain about: one function a code, of the same name."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.source import Span

_LONGEST_QUOTED = 60


def quoted(text: str) -> str:
    """The author's own words in backticks, on one line and not too long."""
    shown = " ".join(text.split())
    return f"`{shown if len(shown) <= _LONGEST_QUOTED else shown[:_LONGEST_QUOTED] + '...'}`"


def _error(
    code: str, message: str, span: Span, label: str = "", hints: tuple[str, ...] = (), *more: Label
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, (Label(span, label), *more), hints)


def unexpected_word(span: Span, expected: Sequence[str], hints: tuple[str, ...] = ()) -> Diagnostic:
    """A word where the grammar wants another."""
    found = quoted(span.text) if span.text else "the end of the file"
    shown = [*expected[:7], "another word"] if len(expected) > 8 else list(expected)
    wanted = " or ".join([", ".join(shown[:-1]), *shown[-1:]])
    label = f"expected {wanted.removeprefix(' or ')}" if shown else "not understood"
    return _error("unexpected-word", f"{found} does not fit here", span, label, hints)


def unexpected_character(span: Span, hints: tuple[str, ...] = ()) -> Diagnostic:
    """A character that begins no word of the language."""
    found = quoted(span.text)
    return _error(
        "unexpected-character", f"{found} is no word of the language", span, "not understood", hints
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


def hidden_character(span: Span, name: str) -> Diagnostic:
    """A character that nobody sees, or that makes a line look other than it is."""
    return _error(
        "hidden-character",
        f"a character that cannot be seen stands here ({name})",
        span,
        "delete it, or type a plain space",
    )


def open_text(span: Span, several_lines: bool) -> Diagnostic:
    """A text whose closing quote is missing on its line."""
    hint = "write the text on one line" if several_lines else 'close it with `"`'
    return _error(
        "open-text", "this text is not closed on its line", span, 'the closing `"` is missing', (hint,)
    )


def invalid_escape(span: Span) -> Diagnostic:
    """A backslash before a letter that needs none."""
    return _error(
        "invalid-escape",
        f"`{span.text}` means nothing in a text",
        span,
        'only `\\"` and `\\\\` are written with a backslash',
    )


def empty_text(span: Span) -> Diagnostic:
    """A text without a word in it."""
    return _error("empty-text", "this text says nothing", span, "write what is meant")


def reserved_word(span: Span, negated: str | None) -> Diagnostic:
    """A word of the language in the place of a name."""
    hints = (f"write `not {negated} in ...`: `not` stands before the whole criterion",) if negated else ()
    return _error(
        "reserved-word",
        f"`{span.text}` is a word of the language, and names nothing",
        span,
        "a name is wanted here",
        hints,
    )


def invalid_date(span: Span) -> Diagnostic:
    """A date that no calendar has."""
    return _error(
        "invalid-date",
        f"`{span.text}` is no day of the calendar",
        span,
        "dates are written year-month-day, `2024-10-01`",
    )


def invalid_count(span: Span, most: int = 999) -> Diagnostic:
    """`at least`, or a window, wants a whole number, one or more."""
    wanted = f"a whole number from 1 to {most} is wanted"
    return _error("invalid-count", f"`{span.text}` is no count", span, wanted)


def unclosed_brace(span: Span, before: Span) -> Diagnostic:
    """A brace or parenthesis that nothing closes."""
    closing = "}" if span.text == "{" else ")"
    return _error(
        "unclosed-brace",
        f"this `{span.text}` is never closed",
        span,
        "opened here",
        (f"add the `{closing}`",),
        Label(before, f"a `{closing}` is missing before this"),
    )


def unopened_brace(span: Span) -> Diagnostic:
    """A brace or parenthesis that closes nothing."""
    return _error(
        "unopened-brace",
        f"this `{span.text}` closes nothing",
        span,
        "nothing is open here",
        ("delete it, or look for a brace that is missing or was closed too early above",),
    )


def nested_too_deeply(span: Span) -> Diagnostic:
    """More inside each other than anyone can read."""
    return _error(
        "nested-too-deeply",
        "too much stands inside each other here to be read",
        span,
        "one brace, parenthesis or `not` too many",
        ("give the inner part a name: `name if { ... }`",),
    )


def unreadable_file(span: Span, why: str) -> Diagnostic:
    """A file that is no text, or too long for a policy."""
    return _error("unreadable-file", f"`{span.source.name}` cannot be read as a policy: {why}", span)
