"""Words, what says where a line comes from, and how a rule becomes a node."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from lark import Token, Transformer, v_args
from lark.tree import Meta

from dsl import errors
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Source, Span

RESERVED = frozenset({"if", "in", "not", "and", "or", "some", "every", "except"})
"""Words that name nothing, though the grammar could tell them apart: a reader could not."""

_NUMBER = re.compile(r"-?[0-9.]+")
_BEFORE_IN = re.compile(r"([\w.]+)\s+not\s+\Z")


def plain(node: Callable[..., s.Node]) -> Callable[..., Any]:
    """A rule whose parts are the fields of its class, in order."""

    def build(self: Words, meta: Meta, parts: list[Any]) -> Any:
        return node(*parts, span=self.span(meta))

    return build


def many(node: Callable[..., s.Node], fixed: int = 0) -> Callable[..., Any]:
    """A rule with some fixed parts and then any number of one kind."""

    def build(self: Words, meta: Meta, parts: list[Any]) -> Any:
        return node(*parts[:fixed], tuple(parts[fixed:]), span=self.span(meta))

    return build


@v_args(meta=True)
class Words(Transformer[Token, Any]):
    """The words of the language. A rule without a method is a defect and raises."""

    def __init__(self, source: Source, report: Report, shift: int = 0) -> None:
        super().__init__(visit_tokens=True)
        self.source = source
        self.report = report
        self.shift = shift

    def __default__(self, data: str, children: list[Any], meta: Meta) -> Any:
        raise NotImplementedError(f"grammar rule {data} has no builder")

    def span(self, meta: Meta) -> Span:
        start = getattr(meta, "start_pos", 0)
        return Span(self.source, start + self.shift, getattr(meta, "end_pos", start) + self.shift)

    # words

    def _token(self, token: Token) -> Span:
        start = (token.start_pos or 0) + self.shift
        return Span(self.source, start, start + len(token))

    def NAME(self, token: Token) -> s.Name:
        span = self._token(token)
        if token in RESERVED:
            before = _BEFORE_IN.search(self.source.text[max(0, span.start - 200) : span.start])
            self.report.add(errors.reserved_word(span, before[1] if token == "in" and before else None))
        return s.Name(str(token), span=span)

    def LITERAL(self, token: Token) -> s.Literal:
        return s.Literal(str(token), span=self._token(token))

    def NEGATIVE(self, token: Token) -> s.Literal:
        return s.Literal(str(token), span=self._token(token))

    def UNITS(self, token: Token) -> s.Name:
        return s.Name(str(token), span=self._token(token))

    def MEASURE(self, token: Token) -> s.Measure:
        span = self._token(token)
        number = _NUMBER.match(str(token))[0]  # type: ignore[index]
        written = s.Literal(number, span=Span(self.source, span.start, span.start + len(number)))
        return s.Measure(written, str(token)[len(number) :].strip(), span=span)

    def STRING(self, token: Token) -> s.Text:
        span = self._token(token)
        text = re.sub(r"\\(.)", r"\1", str(token)[1:-1])
        if not text.strip():
            self.report.add(errors.empty_text(span))
        return s.Text(text, span=span)

    def DATE(self, token: Token) -> s.Day:
        span = self._token(token)
        try:
            return s.Day(date.fromisoformat(str(token)), span=span)
        except ValueError:
            self.report.add(errors.invalid_date(span))
            return s.Day(date.min, span=span)

    path = many(s.Path)
    literal = v_args(inline=True)(lambda self, word: word)
    negative = literal
    measure = literal
    text = literal
    date = literal
    assume = plain(s.Assume)
    reconstructed = plain(s.Reconstructed)
    cites = plain(s.Cites)
    pattern = plain(s.Pattern)
