"""From Lark's matches to the syntax tree: one method a grammar rule."""

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

_BEFORE_IN = re.compile(r"([\w.]+)\s+not\s+\Z")


def _plain(node: Callable[..., s.Node]) -> Callable[..., Any]:
    """A rule whose parts are the fields of its class, in order."""

    def build(self: Build, meta: Meta, parts: list[Any]) -> Any:
        return node(*parts, span=self.span(meta))

    return build


def _many(node: Callable[..., s.Node], fixed: int = 0) -> Callable[..., Any]:
    """A rule with some fixed parts and then any number of one kind."""

    def build(self: Build, meta: Meta, parts: list[Any]) -> Any:
        return node(*parts[:fixed], tuple(parts[fixed:]), span=self.span(meta))

    return build


def _quantity(kind: s.GroupKind) -> Callable[..., Any]:
    """How many of a group, or of a list, are wanted."""

    def build(self: Build, meta: Meta, parts: list[Any]) -> s.Quantity:
        count = parts[0] if parts else None
        if count is not None and not (count.text.isdecimal() and 1 <= int(count.text[:9]) <= 999):
            self.report.add(errors.invalid_count(count.span))
            count = s.Literal("1", span=count.span)
        return s.Quantity(kind, count, span=self.span(meta))

    return build


def _distance(kind: s.DistanceKind) -> Callable[..., Any]:
    """How far a date lies from another: a count and a unit."""

    def build(self: Build, meta: Meta, parts: list[Any]) -> s.Distance:
        return s.Distance(kind, parts[0], str(parts[1]).removesuffix("s"), span=self.span(meta))

    return build


@v_args(meta=True)
class Build(Transformer[Token, Any]):
    """Builds the tree while Lark parses. A rule without a method here is a defect and raises."""

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

    path = _many(s.Path)
    literal = v_args(inline=True)(lambda self, word: word)
    text = literal
    date = literal
    assume = _plain(s.Assume)
    reconstructed = _plain(s.Reconstructed)
    cites = _plain(s.Cites)
    pattern = _plain(s.Pattern)

    # the file

    package = _plain(s.Package)
    import_package = _plain(s.Import)

    def file(self, meta: Meta, parts: list[Any]) -> s.File:
        package, *rest = parts
        imports = tuple(p for p in rest if isinstance(p, s.Import))
        items = tuple(p for p in rest if not isinstance(p, s.Import))
        return s.File(package, imports, items, (), self.source, span=self.span(meta))

    # what the policy is, and facts

    policy = _many(s.Policy, 1)
    payer = _plain(s.Payer)
    source_document = _plain(s.SourceDocument)
    governed = _plain(s.Governed)
    subject = _plain(s.Subject)
    facts = _many(s.Facts)
    fact = _plain(s.Fact)
    member = _many(s.Member, 1)
    boolean = _plain(s.Boolean)
    date_type = _plain(s.DateType)
    code_type = _plain(s.CodeType)
    range = _plain(s.Range)
    number = v_args(inline=True)(lambda self, word: word)
    negative = number
    codes_type = _plain(s.CodesType)
    absent = _plain(s.Absent)
    judgement = _plain(s.Judgement)
    evidence = _plain(s.Evidence)

    def number_type(self, meta: Meta, parts: list[Any]) -> s.NumberType:
        return s.NumberType(str(parts[0]) == "integer", parts[1], span=self.span(meta))

    def enumeration(self, meta: Meta, parts: list[Any]) -> s.Enumeration:
        return s.Enumeration(parts[0] is not None, tuple(parts[1:]), span=self.span(meta))

    # criteria

    definition = _plain(s.Definition)
    body = _many(s.Body)
    criterion = _plain(s.Criterion)
    label = v_args(inline=True)(lambda self, name: name)
    both = _many(s.And)
    disjunction = _many(s.Or)
    negated = _plain(s.Not)
    membership = _plain(s.Membership)
    holds = _plain(s.Holds)
    quantified = _plain(s.Quantified)
    group = _plain(s.Group)
    value_set = _many(s.Set)

    within = _distance(s.DistanceKind.WITHIN)
    or_more = _distance(s.DistanceKind.OR_MORE)
    more_than = _distance(s.DistanceKind.MORE_THAN)
    less_than = _distance(s.DistanceKind.LESS_THAN)

    def window(self, meta: Meta, parts: list[Any]) -> s.Window:
        subject, distance, side, anchor = parts
        return s.Window(subject, distance, str(side) == "before", anchor, span=self.span(meta))

    def comparison(self, meta: Meta, parts: list[Any]) -> s.Comparison:
        return s.Comparison(parts[0], str(parts[1]), parts[2], span=self.span(meta))

    some_in = _quantity(s.GroupKind.SOME)
    every_in = _quantity(s.GroupKind.EVERY)
    all_of = _quantity(s.GroupKind.ALL)
    any_of = _quantity(s.GroupKind.ANY)
    none_of = _quantity(s.GroupKind.NONE)
    at_least = _quantity(s.GroupKind.AT_LEAST)

    # codes and concepts

    code_system = _many(s.CodeSystem, 1)
    code_row = _many(s.CodeRow, 1)
    code_label = v_args(inline=True)(lambda self, text: text)
    from_day = _plain(s.From)
    until_day = _plain(s.Until)
    posted = _plain(s.Posted)
    per = _plain(s.Per)
    gift = _plain(s.Gift)
    gives = _many(s.Gives)
    replaced = _many(s.Replaced)
    concept = _many(s.Concept, 4)
    concept_use = _plain(s.ConceptUse)
    concept_member = _many(s.ConceptMember, 3)

    def concept_codes(self, meta: Meta, parts: list[Any]) -> s.ConceptCodes:
        pattern, *clauses = parts
        return s.ConceptCodes(pattern, tuple(c for c in clauses if c is not None), span=self.span(meta))

    def concept_bare(self, meta: Meta, parts: list[Any]) -> s.ConceptMember:
        return s.ConceptMember(parts[0], None, None, (), span=self.span(meta))

    # revisions

    amendments = v_args(inline=True)(lambda self, *amendments: amendments)
    section = _plain(s.Section)
    rule = _many(s.Rule, 2)
    exception = v_args(inline=True)(lambda self, body: body)
    overrides = _plain(s.Overrides)
    assumption = _plain(s.Assumption)
    retire = _plain(s.Retire)
    stating = v_args(inline=True)(lambda self, *paths: paths)
    table_row = _many(s.TableRow, 1)
    needs = _many(s.Needs)
    acknowledged = _plain(s.Acknowledged)
    replace_section = _plain(s.ReplaceSection)
    replace_table = _plain(s.ReplaceTable)
    replace_element = _plain(s.ReplaceElement)
    replace_code = _many(s.ReplaceCode, 1)
    add_to = _plain(s.AddTo)
    add_codes = _many(s.AddCodes)
    remove_section = _plain(s.RemoveSection)
    remove_code = _many(s.RemoveCode)
    remove_assumption = _plain(s.RemoveAssumption)
    remove_overrides = _plain(s.RemoveOverrides)
    remove_element = _plain(s.RemoveElement)
    names = _many(s.NamesMore, 2)
    element_path = _many(s.ElementPath)

    def alternative(self, meta: Meta, parts: list[Any]) -> s.Alternative:
        assume = parts[1] if len(parts) > 1 else None
        return s.Alternative(parts[0], assume, span=self.span(meta))

    def section_name(self, meta: Meta, parts: list[Any]) -> s.Name:
        return s.Name(parts[0].text, span=parts[0].span)

    def for_names(self, meta: Meta, parts: list[Any]) -> s.For:
        return s.For(parts[0], parts[1] is not None, tuple(parts[2:]), span=self.span(meta))

    def section_body(self, meta: Meta, parts: list[Any]) -> s.SectionBody:
        return s.SectionBody(parts[0], tuple(parts[1:]), span=self.span(meta))

    def code_table(self, meta: Meta, parts: list[Any]) -> s.CodeTable:
        opened, stating, cites, *rows = parts
        return s.CodeTable(opened is not None, stating or (), cites, tuple(rows), span=self.span(meta))

    def supersedes(self, meta: Meta, parts: list[Any]) -> s.Supersedes:
        return s.Supersedes(parts[0], parts[1].day if parts[1] else None, span=self.span(meta))

    def revision(self, meta: Meta, parts: list[Any]) -> s.Revision:
        effective, posted, title, *rest = parts
        *supersedes, cites, amendments = rest
        day = posted.day if posted is not None else None
        return s.Revision(
            effective, day, title, tuple(supersedes), cites, amendments or (), span=self.span(meta)
        )
