"""From Lark's matches to the syntax tree: one method a grammar rule."""

from __future__ import annotations

from typing import Any

from lark import v_args
from lark.tree import Meta

from dsl import syntax as s
from dsl.builders.sections import Sections
from dsl.builders.words import many, plain

__all__ = ["Build"]


@v_args(meta=True)
class Build(Sections):
    """Builds a whole file: what is declared, and what revisions do to it."""

    # the file

    package = plain(s.Package)
    import_package = plain(s.Import)

    def file(self, meta: Meta, parts: list[Any]) -> s.File:
        package, *rest = parts
        imports = tuple(p for p in rest if isinstance(p, s.Import))
        items = tuple(p for p in rest if not isinstance(p, s.Import))
        return s.File(package, imports, items, (), self.source, span=self.span(meta))

    # what the author states of all claims

    known = many(s.Known)

    def promise(self, meta: Meta, parts: list[Any]) -> s.Promise:
        title, *clauses, says = parts
        return s.Promise(title, tuple(clauses), says, span=self.span(meta))

    def never(self, meta: Meta, parts: list[Any]) -> s.Never:
        *names, unless = parts
        return s.Never(tuple(names), unless, span=self.span(meta))

    def always(self, meta: Meta, parts: list[Any]) -> s.Always:
        *said, body = parts
        says = said[0] if isinstance(said[0], s.Body) else tuple(said)
        return s.Always(says, body, span=self.span(meta))

    equal = plain(s.Equal)
    on_codes = many(s.Set)

    # codes and concepts

    code_system = many(s.CodeSystem, 1)
    code_row = many(s.CodeRow, 1)
    code_label = v_args(inline=True)(lambda self, text: text)
    from_day = plain(s.From)
    until_day = plain(s.Until)
    posted = plain(s.Posted)
    per = plain(s.Per)
    gift = plain(s.Gift)
    gives = many(s.Gives)
    replaced = many(s.Replaced)
    excepted = many(s.Excepted)
    concept_use = plain(s.ConceptUse)

    def concept(self, meta: Meta, parts: list[Any]) -> s.Concept:
        name, system, label, assume, *elements, excepted = parts
        return s.Concept(name, system, label, assume, tuple(elements), excepted, span=self.span(meta))

    def concept_member(self, meta: Meta, parts: list[Any]) -> s.ConceptMember:
        name, label, assume, *elements, excepted = parts
        return s.ConceptMember(name, label, assume, tuple(elements), excepted, span=self.span(meta))

    def concept_codes(self, meta: Meta, parts: list[Any]) -> s.ConceptCodes:
        pattern, *clauses = parts
        return s.ConceptCodes(pattern, tuple(c for c in clauses if c is not None), span=self.span(meta))

    def concept_bare(self, meta: Meta, parts: list[Any]) -> s.ConceptMember:
        return s.ConceptMember(parts[0], None, None, (), None, span=self.span(meta))

    # revisions

    amendments = v_args(inline=True)(lambda self, *amendments: amendments)
    overrides = plain(s.Overrides)
    assumption = plain(s.Assumption)
    retire = plain(s.Retire)
    wording_only = plain(s.WordingOnly)
    stating = v_args(inline=True)(lambda self, *paths: paths)
    table_row = many(s.TableRow, 1)
    needs = many(s.Needs)
    acknowledged = plain(s.Acknowledged)
    replace_section = plain(s.ReplaceSection)
    replace_table = plain(s.ReplaceTable)
    replace_element = plain(s.ReplaceElement)
    replace_value = plain(s.ReplaceValue)
    replace_code = many(s.ReplaceCode, 1)
    add_to = plain(s.AddTo)
    add_codes = many(s.AddCodes)
    remove_section = plain(s.RemoveSection)
    remove_code = many(s.RemoveCode)
    remove_assumption = plain(s.RemoveAssumption)
    remove_overrides = plain(s.RemoveOverrides)
    remove_element = plain(s.RemoveElement)
    names = many(s.NamesMore, 2)
    section_reasons = plain(s.SectionReasons)
    element_path = many(s.ElementPath)

    def alternative(self, meta: Meta, parts: list[Any]) -> s.Alternative:
        assume = parts[1] if len(parts) > 1 else None
        return s.Alternative(parts[0], assume, span=self.span(meta))

    def section_name(self, meta: Meta, parts: list[Any]) -> s.Name:
        return s.Name(parts[0].text, span=parts[0].span)

    def code_table(self, meta: Meta, parts: list[Any]) -> s.CodeTable:
        opened, stating, cites, *rows = parts
        return s.CodeTable(opened is not None, stating or (), cites, tuple(rows), span=self.span(meta))

    def supersedes(self, meta: Meta, parts: list[Any]) -> s.Supersedes:
        return s.Supersedes(parts[0], parts[1].day if parts[1] else None, span=self.span(meta))

    def revision(self, meta: Meta, parts: list[Any]) -> s.Revision:
        effective, posted, title, *rest = parts
        *supersedes, cites, wording_only, amendments = rest
        day = posted.day if posted is not None else None
        return s.Revision(
            effective,
            day,
            title,
            tuple(supersedes),
            cites,
            wording_only,
            amendments or (),
            span=self.span(meta),
        )
