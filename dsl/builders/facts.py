"""What a policy is, the facts it asks for, and scales."""

from __future__ import annotations

from typing import Any

from lark import v_args
from lark.tree import Meta

from dsl import syntax as s
from dsl.builders.criteria import Criteria
from dsl.builders.words import many, plain


@v_args(meta=True)
class Facts(Criteria):
    """Builds declarations of facts."""

    policy = many(s.Policy, 1)
    payer = plain(s.Payer)
    source_document = plain(s.SourceDocument)
    governed = plain(s.Governed)
    subject = many(s.Subject, 1)
    renamed = plain(s.RenamedFrom)
    applies = plain(s.Applies)
    facts = many(s.Facts)
    fact = plain(s.Fact)
    given_by = v_args(inline=True)(lambda self, path: path)
    record = many(s.Record, 1)
    field = plain(s.Field)
    member = many(s.Member, 1)
    boolean = plain(s.Boolean)
    date_type = plain(s.DateType)
    code_type = plain(s.CodeType)
    codes_type = plain(s.CodesType)
    list_type = plain(s.ListType)
    scale_type = plain(s.ScaleType)
    absent = plain(s.Absent)
    judgement = plain(s.Judgement)
    evidence = plain(s.Evidence)

    def judged_field(self, meta: Meta, parts: list[Any]) -> s.Field:
        name, question = parts
        return s.Field(name, s.JudgementType(question, span=question.span), None, None, span=self.span(meta))

    def extent(self, meta: Meta, parts: list[Any]) -> s.Extent:
        (place,) = parts
        return s.Extent(place, False, span=self.span(meta))

    def whole(self, meta: Meta, parts: list[Any]) -> s.Extent:
        (place,) = parts
        return s.Extent(place, True, span=self.span(meta))

    def out_of_scope(self, meta: Meta, parts: list[Any]) -> s.OutOfScope:
        *extents, because = parts
        return s.OutOfScope(tuple(extents), because, span=self.span(meta))

    def number_type(self, meta: Meta, parts: list[Any]) -> s.NumberType:
        kind, limits, unit = parts
        return s.NumberType(str(kind) == "integer", limits, unit, span=self.span(meta))

    def enumeration(self, meta: Meta, parts: list[Any]) -> s.Enumeration:
        return s.Enumeration(parts[0] is not None, tuple(parts[1:]), span=self.span(meta))

    def scale(self, meta: Meta, parts: list[Any]) -> s.Scale:
        name, kind, limits, title, cites, assume, *bands = parts
        integer = str(kind) != "number"
        return s.Scale(name, integer, limits, title, cites, assume, tuple(bands), span=self.span(meta))

    def band_name(self, meta: Meta, parts: list[Any]) -> s.Name:
        """`none` is a word of the grammar, and a good name of a band."""
        (name,) = parts
        return name if isinstance(name, s.Name) else s.Name(str(name), span=self.span(meta))

    def band(self, meta: Meta, parts: list[Any]) -> s.Band:
        stretch, name, label, cites = parts
        return s.Band(_stretch(stretch), name, label, cites, span=self.span(meta))

    def gap(self, meta: Meta, parts: list[Any]) -> s.Band:
        stretch, label, cites = parts
        return s.Band(_stretch(stretch), None, label, cites, span=self.span(meta))


def _stretch(written: s.Range | s.Literal | s.Measure) -> s.Range:
    """One number is a band of its own."""
    return written if isinstance(written, s.Range) else s.Range(written, written, span=written.span)
