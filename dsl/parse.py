"""Text to syntax tree; the only pass that knows Lark."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from attrs import evolve
from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import PatternStr

from dsl import errors
from dsl import syntax as s
from dsl.build import Build
from dsl.diagnostics import Diagnostic, Report
from dsl.lookalike import look_alike
from dsl.source import Source, Span

MOST_NESTED = 100
MOST_SYNTAX_ERRORS = 50
_ITEMS = ["policy", "facts", "judgement", "evidence", "codes", "concept", "revision"]
_ITEM_START = re.compile(rf"^(?:{'|'.join(_ITEMS)}|[a-z_0-9]+ if)\b", re.MULTILINE)
_SKIPPED = re.compile(r'"(?:\\["\\]|[^"\\\n])*"|#[^\n]*|[{}()]')
_PLAIN_NAMES = {
    "NAME": "a name",
    "LITERAL": "a code or number",
    "STRING": "a text in quotes",
    "DATE": "a date",
    "OPERATOR": "a comparison",
    "$END": "the end of the file",
}


@cache
def _lark() -> Lark:
    grammar = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="file", propagate_positions=True, maybe_placeholders=True)


def parse(source: Source, report: Report) -> s.File | None:
    """The tree of a file, or None where the text is not of the language.

    After a mistake the parser goes on at the next declaration, so that all of a file's mistakes are
    told at once.
    """
    if not _readable(source, report):
        return None
    text = source.text
    tree: s.File | None = None
    failed = False
    for _ in range(MOST_SYNTAX_ERRORS):
        try:
            tree = _parse(source, text, report)
            break
        except UnexpectedInput as unexpected:
            failed = True
            at = min(unexpected.pos_in_stream or 0, len(text))
            if isinstance(unexpected, UnexpectedToken) and unexpected.token.type == "$END":
                at = len(text)
            report.add(_explain(source, at, unexpected))
            rest = _without_item(text, at)
            if rest is None:
                break
            text = rest
    return None if failed or report.has_errors else tree


def _parse(source: Source, text: str, report: Report) -> s.File:
    tree: s.File = Build(source, report).transform(_lark().parse(text))
    said = (match for match in _SKIPPED.finditer(text) if match[0][0] == "#")
    comments = tuple(s.Comment(match[0], span=Span(source, *match.span())) for match in said)
    return evolve(tree, comments=comments)


def _without_item(text: str, at: int) -> str | None:
    """The text with the declaration around a place blanked, offsets kept; None where there is no next one."""
    starts = [m.start() for m in _ITEM_START.finditer(text)]
    before = [start for start in starts if start <= at]
    after = [start for start in starts if start > at]
    if not before:
        return None
    end = after[0] if after else len(text)
    return text[: before[-1]] + re.sub(r"[^\n]", " ", text[before[-1] : end]) + text[end:]


def _readable(source: Source, report: Report) -> bool:
    """The checks before the grammar: no NUL, letters of one script, a sane depth."""
    text = source.text
    if "\0" in text:
        report.add(errors.unreadable_file(Span(source, text.index("\0"), text.index("\0") + 1), "a NUL byte"))
        return False
    if not text.strip():
        report.add(errors.unreadable_file(Span(source, 0, 0), "it is empty"))
        return False
    opened: list[int] = []
    for match in _SKIPPED.finditer(text):
        if match[0] in "{(":
            opened.append(match.start())
            if len(opened) > MOST_NESTED:
                report.add(errors.nested_too_deeply(Span(source, match.start(), match.end()), MOST_NESTED))
                return False
        elif match[0] in "})" and opened:
            opened.pop()
    return True


def _explain(source: Source, at: int, unexpected: UnexpectedInput) -> Diagnostic:
    if isinstance(unexpected, UnexpectedCharacters):
        span = Span(source, at, at + 1)
        alike = look_alike(source.text, at)
        if alike is not None:
            return errors.look_alike_letter(span, alike.letter, alike.script, alike.word)
        if span.text == '"':
            end = source.text.find("\n", at)
            return errors.open_text(Span(source, at, len(source.text) if end < 0 else end))
        return errors.unexpected_character(span)
    assert isinstance(unexpected, UnexpectedToken)
    token = unexpected.token
    ends = token.type == "$END"
    span = Span(source, at, at if ends else at + len(token))
    patterns = {terminal.name: terminal.pattern for terminal in _lark().terminals}
    words, others = [], []
    for name in sorted(unexpected.accepts or unexpected.expected):
        pattern = patterns.get(name)
        if isinstance(pattern, PatternStr):
            words.append(pattern.value)
        else:
            others.append(_PLAIN_NAMES.get(name, name.lower()))
    letters = [word for word in words if word.isalpha()]
    marks = [word for word in words if not word.isalpha()]
    expected = [f"`{word}`" for word in marks] + sorted(others) + [f"`{word}`" for word in sorted(letters)]
    return errors.unexpected_word(span, expected, letters)
