"""Every name of a file, with what it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from attrs import Factory, define, fields_dict

from compiler.binding.scope import Scope, Unit
from compiler.model import CodeType, EnumType, FactType, NumberType, RecordsType
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Span


class Key(NamedTuple):
    """What a name stands for: `owner` is a package, or the fact or field of which a value is one."""

    kind: str
    owner: str
    name: str


class Occurrence(NamedTuple):
    """A name in a text. `span` is the word itself, `around` the whole that it is the last word of."""

    key: Key
    span: Span
    around: Span
    declares: bool


Elements = Mapping[str, tuple[Key, str]]
"""The list elements in hand, by name, each with the id of its record, or nothing."""


def names(file: s.File, unit: Unit) -> list[Occurrence]:
    """The names of a file, in order."""
    walk = _Walk(file, Scope(unit, Report()))
    walk.node(file, {}, "")
    return sorted(walk.found, key=lambda found: (found.span.start, -found.around.start))


def name_at(found: list[Occurrence], offset: int) -> Occurrence | None:
    """The name at a place; its end belongs to it, as a cursor stands there."""
    there = [one for one in found if one.around.start <= offset <= one.around.end]
    return min(
        there, key=lambda one: (not one.span.start <= offset <= one.span.end, _length(one)), default=None
    )


def _length(one: Occurrence) -> int:
    return one.around.end - one.around.start


@define
class _Walk:
    file: s.File
    scope: Scope
    found: list[Occurrence] = Factory(list)

    @property
    def package(self) -> str:
        return self.scope.unit.package

    def add(
        self,
        kind: str,
        owner: str,
        name: str,
        span: Span,
        *,
        around: Span | None = None,
        declares: bool = False,
    ) -> None:
        self.found.append(Occurrence(Key(kind, owner, name), span, around or span, declares))

    def declare(self, kind: str, name: s.Name, owner: str | None = None) -> None:
        self.add(kind, self.package if owner is None else owner, name.text, name.span, declares=True)

    # ---- the tree ------------------------------------------------------------------------------------------

    def node(self, node: object, elements: Elements, within: str) -> None:
        """Names in a node; `within` is the section or definition whose labels stand in it."""
        match node:
            case tuple():
                for part in node:
                    self.node(part, elements, within)
            case s.File():
                last = node.package.path.parts[-1].span
                self.add(
                    "package", "", node.package.path.text, last, around=node.package.path.span, declares=True
                )
                for imported in node.imports:
                    path = imported.path
                    self.add("package", "", path.text, path.parts[-1].span, around=path.span)
                self.node(node.items, elements, within)
            case s.Path():
                self.path(node, elements)
            case s.Quantified() | s.Newest() | s.Total() | s.Extreme():
                self.elements(node, elements, within)
            case s.Comparison():
                self.said_of(node.subject, (node.value,), elements, within)
            case s.Membership():
                within_it: tuple[object, ...] = (
                    node.within.items if isinstance(node.within, s.Set) else (node.within,)
                )
                self.said_of(node.subject, within_it, elements, within)
            case s.DecisionTable():
                self.table(node, elements, within)
                self.node(tuple(row.cites for row in node.rows), elements, within)
            case s.Criterion():
                if node.label is not None:
                    self.add(
                        "label", self.package, f"{within}.{node.label.text}", node.label.span, declares=True
                    )
                self.others(node, ("label",), elements, within)
            case _:
                self.declaration(node, elements, within)

    def declaration(self, node: object, elements: Elements, within: str) -> None:  # noqa: PLR0915  (a case a kind)
        """What declares a name, or speaks of one in a way of its own."""
        match node:
            case s.Fact(path=path):
                self.add("fact", "", path.text, path.parts[-1].span, around=path.span, declares=True)
                self.members(node.type, path.text, node.absent)
                self.others(node, ("path", "type", "absent"), elements, "")
            case s.Judgement(path=path):
                self.add("fact", "", path.text, path.parts[-1].span, around=path.span, declares=True)
            case s.Record(name=name):
                self.declare("record", name)
                for field in node.fields:
                    owner = f"{self.package}.{name.text}"
                    self.declare("field", field.name, owner)
                    self.members(field.type, f"{owner}.{field.name.text}", field.absent)
                    if field.given_by is not None:
                        self.add("field", owner, field.given_by.text, field.given_by.span)
            case s.Concept(name=name):
                self.declare("concept", name)
                self.concept(node.elements, name.text, elements)
                self.node((node.assume, node.excepted), elements, "")
            case s.Definition(name=name) | s.Variant(name=name):
                self.declare("variant" if isinstance(node, s.Variant) else "definition", name)
                self.node(node.body, elements, name.text)
            case s.Register(name=name):
                self.declare("definition", name)
                self.others(node, ("name",), elements, "")
            case s.Scale(name=name):
                self.declare("scale", name)
                for band in node.bands:
                    if band.name is not None:
                        self.declare("member", band.name, f"{self.package}.{name.text}")
                self.others(node, ("name",), elements, "")
            case s.ValueDefinition(name=name):
                self.declare("value", name)
                self.others(node, ("name",), elements, "")
            case s.Parameter(name=name, values=values):
                self.declare("value", name)
                self.node(values, elements, "")
                self.table(node, elements, "")
            case s.ParameterValue(variant=name):
                self.add("variant", self.package, name.text, name.span)
                self.node(node.value, elements, "")
            case s.Assume(name=name):
                self.declare("assumption", name, "")
            case s.RemoveAssumption(name=name):
                self.add("assumption", "", name.text, name.span)
            case s.Gift(fact=fact):
                self.path(fact, elements)
                if isinstance(node.value, s.Name):
                    self.add("member", fact.text, node.value.text, node.value.span)
            case s.Section(name=name):
                self.declare("section", name)
                self.others(node, ("name",), elements, name.text)
            case s.For(concept=path):
                self.path(path, elements)
                self.listed(path, node.names)
            case s.NamesMore(section=name):
                self.add("section", self.package, name.text, name.span)
                about = next(
                    (x.body.names for x in self.sections() if x.name.text == name.text and x.body.names), None
                )
                if about is not None:
                    self.listed(about.concept, node.names)
            case s.SectionReasons(section=name) | s.RemoveSection(section=name):
                self.add("section", self.package, name.text, name.span)
            case s.Overrides(winner=winner, loser=loser) | s.RemoveOverrides(winner=winner, loser=loser):
                for name in (winner, loser):
                    self.add("section", self.package, name.text, name.span)
            case s.ReplaceElement(path=element) | s.AddTo(path=element):
                self.element(element)
                self.node(node.body, elements, element.parts[0].text)
            case s.RemoveElement(path=element):
                self.element(element)
            case s.ListType(record=path) | s.ScaleType(scale=path):
                self.path(path, elements)
            case s.Outcome(policy=path):
                self.add("package", "", path.text, path.parts[-1].span, around=path.span)
            case s.Equal(policy=path):
                self.add("package", "", path.text, path.parts[-1].span, around=path.span)
                self.others(node, ("policy",), elements, "")
            case s.RenamedFrom() | s.Range():
                pass
            case s.Pattern(low=low, high=high):
                self.code(low)
                if high is not None:
                    self.code(high)
            case s.CodeRow(pattern=pattern):
                self.add("code", "", pattern.span.text, pattern.span, declares=True)
                self.node(node.clauses, elements, "")
            case s.TableRow(code=code) | s.Alternative(code=code) | s.ReplaceCode(code=code):
                self.code(code)
                for more in node.successors if isinstance(node, s.ReplaceCode) else ():
                    self.code(more)
                self.others(node, ("code", "successors"), elements, "")
            case s.Replaced(codes=codes) | s.RemoveCode(codes=codes) | s.Limit(codes=codes):
                for code in codes:
                    self.code(code)
                if isinstance(node, s.Limit):
                    self.node((node.cites, node.assume), elements, "")
            case s.Node():
                self.others(node, (), elements, within)
            case _:
                pass

    def others(self, node: s.Node, left_out: tuple[str, ...], elements: Elements, within: str) -> None:
        """The parts of a node, but for some."""
        for name in fields_dict(type(node)):
            if name not in left_out:
                self.node(getattr(node, name), elements, within)

    # ---- names of one kind ---------------------------------------------------------------------------------

    def code(self, literal: s.Literal) -> None:
        self.add("code", "", literal.text, literal.span)

    def element(self, path: s.ElementPath) -> None:
        """`A.indication`: a section or definition, and labels in it."""
        first, *labels = path.parts
        is_section = any(section.name.text == first.text for section in self.sections())
        self.add("section" if is_section else "definition", self.package, first.text, first.span)
        for label in labels:
            self.add("label", self.package, f"{first.text}.{label.text}", label.span)

    def sections(self) -> Iterator[s.Section]:
        for item in self.file.items:
            for amendment in item.amendments if isinstance(item, s.Revision) else ():
                if isinstance(amendment, s.Section | s.ReplaceSection):
                    yield amendment if isinstance(amendment, s.Section) else amendment.section

    def members(self, kind: s.Type, owner: str, absent: s.Absent | None) -> None:
        if isinstance(kind, s.Enumeration):
            for member in kind.members:
                self.declare("member", member.name, owner)
            if absent is not None:
                self.add("member", owner, absent.value.text, absent.value.span)
        else:
            self.node(kind, {}, "")
        if absent is not None:
            self.node((absent.assume,), {}, "")

    def concept(self, parts: tuple[s.ConceptElement, ...], inside: str, elements: Elements) -> None:
        for part in parts:
            if isinstance(part, s.ConceptMember):
                name = f"{inside}.{part.name.text}"
                self.add("concept", self.package, name, part.name.span, declares=True)
                self.node((part.assume,), elements, "")
                self.concept(part.elements, name, elements)
                self.node((part.excepted,), elements, "")
            else:
                self.node(part, elements, "")

    def table(self, table: s.DecisionTable | s.Parameter, elements: Elements, within: str) -> None:
        """The columns of a table, and the values in its cells."""
        for column in table.columns:
            self.path(column, elements)
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=False):
                items: tuple[object, ...] = cell.items if isinstance(cell, s.Set) else (cell,)
                self.values(column, items, elements, within)

    def listed(self, concept: s.Path, listed: tuple[s.Name, ...]) -> None:
        """The names of a concept's members."""
        unit, rest = self.scope.qualified(concept)
        for name in listed:
            members = (x for x in unit.concepts if x.startswith(f"{rest}.") and x.endswith(f".{name.text}"))
            self.add("concept", unit.package, next(members, f"{rest}.{name.text}"), name.span)

    def path(self, path: s.Path, elements: Elements) -> None:
        """A fact, an element in hand or its field, or what a package defines."""
        text, last = path.text, path.parts[-1]
        if path.parts[0].text in elements:
            key, record = elements[path.parts[0].text]
            self.found.append(Occurrence(key, path.parts[0].span, path.parts[0].span, False))
            if len(path.parts) > 1:
                self.add("field", record, last.text, last.span)
        elif text in self.scope.facts():
            self.add("fact", "", text, last.span, around=path.span)
        else:
            self.defined(path)

    def defined(self, path: s.Path) -> None:
        unit, rest = self.scope.qualified(path)
        parts = path.parts[len(path.parts) - len(rest.split(".")) :]
        if parts[0].text in unit.concepts:
            for number, part in enumerate(parts):
                name = ".".join(each.text for each in parts[: number + 1])
                around = Span(path.span.source, path.span.start, part.span.end)
                self.add(
                    "concept", unit.package, name, part.span, around=around if number == 0 else part.span
                )
            return
        for kind, known in (
            ("record", unit.records),
            ("scale", unit.scales),
            ("value", {**unit.values, **unit.parameters}),
            ("definition", {**unit.definitions, **self.own_definitions(unit)}),
        ):
            if rest in known:
                self.add(kind, unit.package, rest, parts[-1].span, around=path.span)
                return

    def own_definitions(self, unit: Unit) -> dict[str, None]:
        """Definitions that revisions make, or that stand in a policy."""
        items = [*unit.file.items]
        items += [a for i in unit.file.items if isinstance(i, s.Revision) for a in i.amendments]  # type: ignore[misc]
        return {i.name.text: None for i in items if isinstance(i, s.Definition | s.Register)}

    # ---- what is said of facts and elements ----------------------------------------------------------------

    def said_of(self, subject: s.Value, items: tuple[object, ...], elements: Elements, within: str) -> None:
        self.node(subject, elements, within)
        if isinstance(subject, s.Path):
            self.values(subject, items, elements, within)
        else:
            self.node(items, elements, within)

    def values(self, subject: s.Path, items: tuple[object, ...], elements: Elements, within: str) -> None:
        """Values, some of which may be members of what the subject is."""
        owner, kind = self.kind(subject, elements)
        members: tuple[str | None, ...] = kind.members if isinstance(kind, EnumType) else ()
        if isinstance(kind, NumberType):
            owner, members = self.scale(kind), tuple(band.name for band in kind.bands)
        for item in items:
            if isinstance(item, s.Path) and item.text in members:
                self.add("member", owner, item.text, item.span)
            elif isinstance(kind, CodeType) and isinstance(item, s.Literal):
                self.code(item)
            else:
                self.node(item, elements, within)

    def kind(self, path: s.Path, elements: Elements) -> tuple[str, FactType | None]:
        """The fact or field that a path names, and its type."""
        first, last = path.parts[0].text, path.parts[-1].text
        if first in elements and len(path.parts) > 1:
            _, record = elements[first]
            package, _, name = record.rpartition(".")
            units = (unit for unit in self.scope.unit.closure() if unit.package == package)
            declared = next((unit.records[name] for unit in units if name in unit.records), None)
            return f"{record}.{last}", declared.field(last) if declared is not None else None
        fact = self.scope.facts().get(path.text)
        return path.text, fact.type if fact is not None else None

    def scale(self, kind: NumberType) -> str:
        """The scale that gave a number its bands."""
        scales = ((unit, name) for unit in self.scope.unit.closure() for name in unit.scales)
        return next((f"{unit.package}.{name}" for unit, name in scales if unit.scales[name] is kind), "")

    def elements(
        self, node: s.Quantified | s.Newest | s.Total | s.Extreme, elements: Elements, within: str
    ) -> None:
        """A quantifier and what it says of the element in hand."""
        self.path(node.list, elements)
        _, kind = self.kind(node.list, elements)
        record = kind.record.id if isinstance(kind, RecordsType) else ""
        key = Key("element", self.package, f"{node.element.text}@{node.element.span.start}")
        self.found.append(Occurrence(key, node.element.span, node.element.span, True))
        for name in self.fields_named(node):
            self.add("field", record, name.text, name.span)
        inner = {**elements, node.element.text: (key, record)}
        self.others(node, ("list", "element", "different", "by", "span_days"), inner, within)

    def fields_named(self, node: s.Quantified | s.Newest | s.Total | s.Extreme) -> Iterator[s.Name]:
        match node:
            case s.Quantified(different=different, span_days=run):
                yield from (part.field for part in (different, run) if part is not None)
            case s.Newest(by=by):
                yield by
            case s.Total(different=different) if different is not None:
                yield different
            case _:
                pass
