"""What a policy asks of claims, and the ground rules by which facts are found, as lines of a document."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.binding.versions import standing
from compiler.model import (
    BoolType,
    CodesType,
    CodeType,
    DayType,
    Definition,
    EnumType,
    FactDecl,
    FactType,
    NumberType,
    RecordsType,
    TextsType,
    TextType,
)
from compiler.model.units import NO_UNIT
from compiler.program import Program
from compiler.runtime.edits import plain
from dsl import syntax as s
from policyc.pages.prose import SYSTEMS, Names, Word, spaced
from policyc.pages.rows import Row
from policyc.words.shown import flat


def fact_row(fact: FactDecl) -> Row:
    """A fact with what a claim may state of it."""
    said = type_words(fact.type)
    if fact.question is not None:
        said = f"a reviewer\N{RIGHT SINGLE QUOTATION MARK}s judgement: {fact.question}"
    return Row(0, fact.path, (Word(said),), "fact")


def type_words(kind: FactType) -> str:
    """What values a fact may have, in words."""
    match kind:
        case EnumType(open_, members):
            return ", ".join(map(spaced, members)) + (", or any other" if open_ else "")
        case BoolType():
            return "yes or no"
        case DayType():
            return "a date"
        case NumberType():
            return _number_words(kind)
        case CodeType(system):
            return "a procedure code" if system == "procedure" else f"a code of {SYSTEMS.get(system, system)}"
        case CodesType(system):
            return f"codes of {SYSTEMS.get(system, system)}"
        case TextType():
            return "a text"
        case TextsType():
            return "texts"
        case RecordsType(record):
            fields = "; ".join(f"{spaced(name)}: {type_words(inner)}" for name, inner in record.fields)
            return f"a list of {spaced(record.name)}, each with {fields}"


def _number_words(kind: NumberType) -> str:
    name = "a whole number" if kind.integer else "a number"
    low = "" if kind.low is None else f"{' above' if kind.above else ' from'} {plain(kind.low)}"
    high = "" if kind.high is None else f"{' below' if kind.below else ' to'} {plain(kind.high)}"
    unit = "" if kind.unit == NO_UNIT else f" in {kind.unit.text}"
    bands = ", ".join(spaced(band.name) for band in kind.bands if band.name is not None)
    return f"{name}{low}{high}{unit}" + (f": {bands}" if bands else "")


def ground_rules(program: Program, names: Names, definitions: tuple[Definition, ...]) -> Iterator[Row]:
    """What no revision writes: which date governs, what counts as evidence, what absence means."""
    policy = program.consolidated.policy
    yield Row(0, "governed by", names.set(policy.governed_by), "note")
    for name in policy.subject_to:
        yield Row(0, "subject to", (Word(spaced(name)),), "note")
    if policy.renamed_from is not None:
        yield Row(0, "renamed from", (Word(policy.renamed_from),), "note")
    for unit in policy.unit.closure():
        for evidence in unit.evidence:
            beside = f" with {evidence.within}" if evidence.within else ""
            words = names.set(f"{evidence.fact} may be taken from other lines of the day{beside}")
            yield Row(
                0, "evidence", words, "note", None, (evidence.assumption,) if evidence.assumption else ()
            )
    for fact in program.facts.values():
        if fact.given_by is not None:
            yield Row(0, "given", names.set(f"{fact.path} is given by {fact.given_by}"), "note")
        if fact.absent is not None:
            words = names.set(f"{fact.path} not stated means {fact.absent}")
            assumed = (fact.absent_assumption,) if fact.absent_assumption else ()
            yield Row(0, "absence", words, "note", None, assumed)
    for unit in policy.unit.closure():
        for item in unit.file.items:
            if isinstance(item, s.Scale | s.ValueDefinition | s.Parameter):
                yield Row(0, "", names.set(flat(standing(item, unit, definitions).span.text)), "note")
