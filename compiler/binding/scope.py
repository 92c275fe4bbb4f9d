"""Names in scope: what a file may speak of, and which words come near."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property

from attrs import Factory, define

from compiler import errors
from compiler.model import (
    Assumption,
    Citation,
    CodeEntry,
    CodesType,
    CodeType,
    ConceptDecl,
    DayType,
    Definition,
    ElementType,
    EnumType,
    Evidence,
    FactDecl,
    NumberType,
    ParameterCase,
    RecordsType,
    RecordType,
    TextsType,
    TextType,
)
from compiler.runtime.codes import AFTER_ALL, PATTERN, PROCEDURES, Interval, system
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.source import Source, Span
from dsl.syntax.walk import inside

SYSTEMS = frozenset({"icd10cm", "hcpcs", "cpt", "procedure"})
"""The code systems whose form is known."""


def procedures(name: str) -> str:
    """A code system, those of procedure codes as one."""
    return "procedure" if name in PROCEDURES else name


NOWHERE = Span(Source("built in", ""), 0, 0)

HISTORY = RecordType(
    "earlier_line",
    (
        ("procedure", CodeType("procedure")),
        ("service_date", DayType()),
        ("units", NumberType(False, Decimal(0))),
    ),
)
"""What a claim states of the lines that were billed before it."""

BUILT_IN = {
    fact.path: fact
    for fact in (
        FactDecl("line.procedure", CodeType("procedure"), span=NOWHERE),
        FactDecl("line.service_date", DayType(), span=NOWHERE),
        FactDecl("line.units", NumberType(False, Decimal(0)), span=NOWHERE),
        FactDecl("line.modifiers", TextsType(), span=NOWHERE),
        FactDecl("line.place_of_service", TextType(), span=NOWHERE),
        FactDecl("line.charge", NumberType(False), span=NOWHERE),
        FactDecl("claim.diagnoses", CodesType("icd10cm"), span=NOWHERE),
        FactDecl("claim.history", RecordsType(HISTORY), span=NOWHERE),
        FactDecl("member.birth_date", DayType(), span=NOWHERE),
        FactDecl("member.age", NumberType(True, Decimal(0)), span=NOWHERE),
        FactDecl(
            "member.sex", EnumType(True, ("female", "male"), (("f", "female"), ("m", "male"))), span=NOWHERE
        ),
        FactDecl("contract.payer", TextType(), span=NOWHERE),
        FactDecl("contract.line_of_business", TextType(), span=NOWHERE),
        FactDecl("contract.jurisdiction", TextType(), span=NOWHERE),
    )
}
"""The facts that every policy knows (the claim format)."""


@define
class Unit:
    """One package with its names bound."""

    package: str
    file: s.File
    imports: tuple[Unit, ...] = ()
    facts: dict[str, FactDecl] = Factory(dict)
    codes: list[CodeEntry] = Factory(list)
    concepts: dict[str, ConceptDecl] = Factory(dict)
    definitions: dict[str, Definition] = Factory(dict)
    evidence: list[Evidence] = Factory(list)
    assumptions: dict[str, Assumption] = Factory(dict)
    assumed: set[Span] = Factory(set)
    """Where an assumption stands on which something can rest."""
    records: dict[str, RecordType] = Factory(dict)
    scales: dict[str, NumberType] = Factory(dict)
    values: dict[str, s.Value] = Factory(dict)
    variants: dict[str, str] = Factory(dict)
    parameters: dict[str, dict[str, s.Value]] = Factory(dict)
    tables: dict[str, list[tuple[ParameterCase, ...]]] = Factory(dict)
    """Of parameters by facts, the cases of each version."""
    versions: dict[str, list[s.ValueDefinition | s.Parameter]] = Factory(dict)
    """What revisions put in the place of values and parameters, in the order of the file."""
    registers: dict[str, Source] = Factory(dict)
    qualities: dict[str, tuple[ElementType, str]] = Factory(dict)
    """Definitions about elements: of what, and their ids."""

    @property
    def is_policy(self) -> bool:
        """Whether the file is a policy's, whose revisions date what it defines."""
        return any(isinstance(item, s.Policy) for item in self.file.items)

    def names(self, name: str) -> bool:
        """Whether a name stands for something of this package."""
        return any(
            name in declared
            for declared in (self.concepts, self.definitions, self.records, self.scales, self.values)
        )

    def closure(self) -> Iterator[Unit]:
        """The package and all that it rests on, each once."""
        seen: dict[str, Unit] = {}

        def visit(unit: Unit) -> None:
            if unit.package not in seen:
                seen[unit.package] = unit
                for other in unit.imports:
                    visit(other)

        visit(self)
        return iter(seen.values())


@define
class Scope:
    """What the text of one package may name. A file's own policy definitions count as known."""

    unit: Unit
    report: Report
    local_definitions: frozenset[str] = frozenset()
    used: set[str] = Factory(set)
    """Packages and code systems of which this one speaks."""

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of all criteria of the file."""
        criteria = inside(self.unit.file.items, s.Criterion)
        return frozenset(criterion.label.text for criterion in criteria if criterion.label is not None)

    def system(self, name: s.Name) -> str:
        """A code system by its name; complained about where nothing knows it."""
        items = [item for unit in self.unit.closure() for item in unit.file.items]
        known = SYSTEMS | {item.name.text for item in items if isinstance(item, s.CodeSystem)}
        if name.text not in known:
            self.report.add(errors.unknown_name("code system", name.text, name.span, sorted(known)))
        self.used.add(name.text)
        return name.text

    def facts(self) -> dict[str, FactDecl]:
        found = dict(BUILT_IN)
        for unit in (*self.unit.imports, self.unit):
            found |= unit.facts
        return found

    def fact(self, path: s.Path) -> FactDecl | None:
        """The fact of a path, or a complaint and None."""
        facts = self.facts()
        found = facts.get(path.text)
        self.used |= {unit.package for unit in self.unit.imports if path.text in unit.facts}
        if found is None:
            self.report.add(errors.unknown_name("fact", path.text, path.span, facts))
        elif found.given_by in facts and isinstance(kind := facts[found.given_by].type, CodeType):
            self.used.add(kind.system)
        elif isinstance(found.type, RecordsType):
            kinds = [found.type.record.field(by) for _, by in found.type.record.given]
            self.used |= {kind.system for kind in kinds if isinstance(kind, CodeType)}
        return found

    def qualified(self, path: s.Path) -> tuple[Unit, str]:
        """The package that a name's first word stands for, and the rest of the name."""
        first, _, rest = path.text.partition(".")
        meant = [unit for unit in self.unit.imports if rest and unit.package.rpartition(".")[2] == first]
        if not meant:
            return self.unit, path.text
        # Packages of the same last word may hold different kinds of things.
        unit = next((unit for unit in meant if unit.names(rest)), meant[0])
        self.used.add(unit.package)
        return unit, rest

    def concept_id(self, path: s.Path) -> str | None:
        """The id of the concept that a path names, if it names one."""
        unit, rest = self.qualified(path)
        return f"{unit.package}.{rest}" if rest in unit.concepts else None

    def concept(self, path: s.Path) -> ConceptDecl | None:
        """The concept that a path names, or a complaint and None."""
        unit, rest = self.qualified(path)
        if rest in unit.concepts:
            return unit.concepts[rest]
        known = list(unit.concepts) if unit is not self.unit else list(self._concept_names())
        prefix = path.text[: len(path.text) - len(rest)]
        self.report.add(errors.unknown_name("concept", path.text, path.span, [prefix + n for n in known]))
        return None

    def _concept_names(self) -> Iterator[str]:
        yield from self.unit.concepts
        for unit in self.unit.imports:
            alias = unit.package.rpartition(".")[2]
            yield from (f"{alias}.{name}" for name in unit.concepts)

    def definition(self, path: s.Path) -> str | None:
        """The id of the definition that a path names: without a dot where it is the file's own."""
        unit, rest = self.qualified(path)
        known = self.local_definitions if unit is self.unit else unit.definitions
        return self.definition_id(unit, rest) if rest in known and rest not in unit.qualities else None

    def definition_id(self, unit: Unit, name: str) -> str:
        """The id of a definition of a package."""
        return name if unit is self.unit and unit.is_policy else f"{unit.package}.{name}"

    def others_definition(self, path: s.Path) -> bool:
        """Whether a path names a definition, or a value, that another policy's revisions date."""
        unit, rest = self.qualified(path)
        dated = rest in unit.definitions or rest in unit.versions
        return unit is not self.unit and unit.is_policy and dated

    def quality(self, name: str, kind: ElementType) -> str | None:
        """The id of the definition of a name about elements of a kind."""
        for unit in (self.unit, *(each for each in self.unit.imports if not each.is_policy)):
            if name in unit.qualities and unit.qualities[name][0] == kind:
                self.used.add(unit.package)
                return unit.qualities[name][1]
        return None

    def qualities_of(self, kind: ElementType) -> list[str]:
        """The names of the definitions about elements of a kind."""
        units = (self.unit, *self.unit.imports)
        return [name for unit in units for name, (about, _) in unit.qualities.items() if about == kind]

    def record(self, path: s.Path) -> RecordType | None:
        """The record type that a path names, or a complaint and None."""
        unit, rest = self.qualified(path)
        if rest not in unit.records:
            self.report.add(errors.unknown_name("record", path.text, path.span, unit.records))
        return unit.records.get(rest)

    def record_of(self, path: s.Path) -> RecordType | None:
        """The record type of which a path names a field, `trial.class`, if it names one."""
        if path.text in self.facts() or len(path.parts) < 2:
            return None
        unit, rest = self.qualified(s.Path(path.parts[:-1], span=path.span))
        return unit.records.get(rest)

    def scale(self, path: s.Path) -> NumberType | None:
        """The scale that a path names, or a complaint and None."""
        unit, rest = self.qualified(path)
        if rest not in unit.scales:
            self.report.add(errors.unknown_name("scale", path.text, path.span, unit.scales))
        return unit.scales.get(rest)

    def value_definition(self, path: s.Path) -> tuple[s.Value, Unit] | None:
        """The value that a path names, with the package that defines it, if it names one."""
        unit, rest = self.qualified(path)
        return (unit.values[rest], unit) if rest in unit.values else None

    def variants(self) -> dict[str, str]:
        """The variants of the package and of those that it imports, with the ids of their definitions."""
        found: dict[str, str] = {}
        for unit in (*(each for each in self.unit.imports if not each.is_policy), self.unit):
            found |= unit.variants
        return found

    def parameter(self, name: str) -> bool:
        """Whether a name is a parameter."""
        return name in self.unit.parameters

    def amended(self, name: str) -> bool:
        """Whether a name is a value that a revision replaces, or that rests on one."""
        seen, waiting = set[str](), [name]
        while waiting:
            here = waiting.pop()
            if here in self.unit.versions and here in self.unit.values:
                return True
            if here in self.unit.values and here not in seen:
                seen.add(here)
                waiting += [path.text for path in inside(self.unit.values[here], s.Path)]
        return False

    def value_at(self, name: str, variant: str | None, version: int) -> s.Value | None:
        """A version of a named value, or of a parameter in a variant; one that is missing has been complained
        about.
        """
        if version == 0 and name in self.unit.values:
            return self.unit.values[name]
        if version == 0:
            return self.unit.parameters[name].get(variant or "")
        declared = self.unit.versions[name][version - 1]
        if isinstance(declared, s.ValueDefinition):
            return declared.value
        return next((value.value for value in declared.values if value.variant.text == variant), None)

    def definition_names(self) -> list[str]:
        names = list(self.local_definitions)
        for unit in self.unit.imports:
            alias = unit.package.rpartition(".")[2]
            names += [f"{alias}.{name}" for name in unit.definitions]
        return names

    def behind(self, cites: s.Cites | None, assume: s.Assume | None) -> tuple[Assumption, ...]:
        """The assumptions behind something: its own, and the one by which its wording is reconstructed."""
        reconstructed = cites.reconstructed if cites is not None else None
        own = self.assumption(assume)
        told = self.assumption(reconstructed.assume) if reconstructed is not None else None
        return tuple(found for found in (own, told) if found is not None)

    def one_behind(self, cites: s.Cites | None, assume: s.Assume | None) -> Assumption | None:
        """The assumption behind something that can have one alone."""
        found = self.behind(cites, assume)
        if len(found) > 1:
            self.report.add(errors.said_twice("the assumption behind this", found[0].span, found[1].span))
        return found[0] if found else None

    def assumption(self, assume: s.Assume | None) -> Assumption | None:
        """An assumption, entered among those of the package."""
        if assume is None:
            return None
        found = Assumption(assume.name.text, assume.reason.value, span=assume.name.span)
        self.unit.assumed.add(assume.span)
        first = self.unit.assumptions.setdefault(found.name, found)
        if first.span != found.span:
            self.report.add(errors.duplicate_assumption(found.name, found.span, first.span))
        return found

    def pattern(self, pattern: s.Pattern, name: str) -> Interval | None:
        """The codes that a pattern takes in, or a complaint and None."""
        self.used.add(name)
        low = self._bound(pattern.low, name)
        high = self._bound(pattern.high, name) if pattern.high is not None else None
        if low is None or (pattern.high is not None and high is None):
            return None
        if high is not None:
            if "x" in pattern.text:
                why = "a range goes from one code to another; `x` stands alone"
                self.report.add(errors.empty_range(pattern.span, why))
                return None
            if high < low:
                self.report.add(errors.empty_range(pattern.span))
                return None
            return low, high + AFTER_ALL
        if pattern.low.text.endswith("x"):
            return low, low + AFTER_ALL
        code = system(name).normal(low)
        if code is None:
            self.report.add(errors.invalid_code(pattern.span, name))
            return None
        return code, code + "\0"

    def _bound(self, literal: s.Literal, name: str) -> str | None:
        """The beginning of a code, in the spelling inside."""
        form = system(name)
        match = PATTERN.fullmatch(literal.text)
        head, tail = (match[1], match[2] or "") if match else ("", "")
        text = head + tail
        fits = all(c in a for c, a in zip(text, form.alphabets, strict=False))
        misplaced_dot = bool(tail) and not (form.dotted and len(head) == 3)
        if not text or len(text) > len(form.alphabets) or not fits or misplaced_dot:
            self.report.add(errors.invalid_code(literal.span, name))
            return None
        return text

    def code(self, literal: s.Literal, name: str) -> str | None:
        """One code in the spelling inside, or a complaint and None."""
        self.used.add(name)
        found = system(name).normal(literal.text) if "x" not in literal.text else None
        if found is None:
            self.report.add(errors.invalid_code(literal.span, name))
        return found


def governing(file: s.File) -> str:
    """The date fact by which the policy of a file is governed."""
    lines = (line for item in file.items if isinstance(item, s.Policy) for line in item.lines)
    return next((line.fact.text for line in lines if isinstance(line, s.Governed)), "line.service_date")


def citation(cites: s.Cites | None) -> Citation | None:
    """Where a line comes from."""
    if cites is None:
        return None
    edition: date | None = cites.edition.value if cites.edition else None
    return Citation(cites.place.value, edition, cites.reconstructed is not None, span=cites.span)
