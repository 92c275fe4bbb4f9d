"""Completion: by what stands before the cursor, the names that can stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from compiler.binding.library import policy_files
from compiler.binding.scope import BUILT_IN, Unit
from compiler.model import DETERMINATIONS, BoolType, EnumType, FactType, NumberType, RecordsType
from compiler.runtime.codes import system
from compiler.source.resting import source_edition
from dsl import syntax as s
from dsl.syntax.walk import inside
from policyc.lsp.desk import Analysis, Desk
from policyc.words.render import validity

_WORD = re.compile(r"[\w.]*\Z")
_PACKAGE = re.compile(r"^\s*import\s+\Z|\bequal\s+to\s+\Z", re.MULTILINE)
_CITES = re.compile(r'\bcites\s+"([^"\n]*)\Z')
_OF_FACT = re.compile(r"([a-z_]\w*(?:\.\w+)+)\s*(?:==|!=|in\s*\{[^{}]*|:=)\s*\Z")
_STANDING_CODE = re.compile(r"\b(?:replace|remove)\s+code\s+(?:\w+,\s*)*\Z")
_SECTION = re.compile(r"^\s*(?:(?:replace|remove)\s+)?section\s+\Z|\boverrides\s+\Z", re.MULTILINE)
_ELEMENT = re.compile(r"\b(?:replace|remove|add\s+to)\s+\Z")
_NAMES = re.compile(r"\bfor\s+([\w.]+)\s+(?:open\s+)?names\s+(?:\w+,\s*)*\Z")
_MORE_NAMES = re.compile(r"\bsection\s+(\w+)\s+(?:cites\s+\"[^\"]*\"\s+)?names\s+(?:\w+,\s*)*\Z")
_FAR_BACK = 20_000
_CODES = re.compile(
    r"\b(?:with|needs|or)\s+(?:\w+,\s*)*\Z|\bcodes\b[^{}]*\{[^{}]*\Z|\bon\s+codes\s+(?:[\w.]+,\s*)*\Z"
)

Kind = types.CompletionItemKind
Item = types.CompletionItem


def completion(analysis: Analysis, text: str, offset: int, desk: Desk) -> list[types.CompletionItem]:
    """What can stand at a place of a text, the word there begun or not. `text` is the file's own, which may
    have mistakes.
    """
    unit, file = analysis.unit, analysis.file
    if unit is None or file is None:
        return []
    cites = _CITES.search(text, 0, offset)
    if cites is not None:
        return _parts(analysis, file)
    word = _WORD.search(text, 0, offset)
    before = text[: word.start() if word else offset]
    before = before[before.rfind("\n\n") + 1 :] if len(before) > _FAR_BACK else before
    if _PACKAGE.search(before):
        return [Item(name, kind=Kind.Module) for name in _packages(analysis, desk)]
    of_fact = _OF_FACT.search(before)
    if of_fact is not None:
        members = list(_values(of_fact[1], before, analysis))
        if members:
            return members
    named = _named(before, analysis, file)
    if named is not None:
        return named
    typed = word[0] if word else ""
    if typed[:1].isupper() or typed[:1].isdigit():
        return list(_all_codes(analysis))
    return [*_in_scope(unit, before), *_words(before)]


def _named(before: str, analysis: Analysis, file: s.File) -> list[Item] | None:
    """What an amendment or a list names, where the cursor stands in one."""
    if _STANDING_CODE.search(before):
        return _standing_codes(file, analysis)
    if _SECTION.search(before):
        return _sections(file)
    if _ELEMENT.search(before):
        return [*_sections(file), *_labels(analysis)]
    listed = _NAMES.search(before)
    if listed is not None:
        return _members(listed[1], analysis)
    more = _MORE_NAMES.search(before)
    if more is not None:
        return _members(_concept(more[1], file), analysis)
    return list(_all_codes(analysis)) if _CODES.search(before) else None


def _parts(analysis: Analysis, file: s.File) -> list[Item]:
    """The parts of the source document, by its index."""
    index = analysis.library.indexes.get(analysis.package or "")
    places = index.places(source_edition(file)) if index is not None else None
    return [Item(place, kind=Kind.Reference) for place in places or ()]


def _packages(analysis: Analysis, desk: Desk) -> list[str]:
    root = desk.root(analysis.path)
    found = (path.relative_to(root).with_suffix("") for path in policy_files(root))
    return [".".join(path.parts) for path in found if ".".join(path.parts) != analysis.package]


def _values(subject: str, before: str, analysis: Analysis) -> Iterator[Item]:
    """The values of a fact, or of a field of the element in hand."""
    kind = _kind(subject, before, analysis)
    if isinstance(kind, EnumType):
        yield from (
            Item(member, kind=Kind.EnumMember, detail=f"value of {subject}") for member in kind.members
        )
    elif isinstance(kind, NumberType):
        yield from (
            Item(b.name, kind=Kind.EnumMember, detail=f"band of {subject}") for b in kind.bands if b.name
        )
    elif isinstance(kind, BoolType):
        yield from (Item(word, kind=Kind.Keyword) for word in ("true", "false"))


def _kind(subject: str, before: str, analysis: Analysis) -> FactType | None:
    facts = {**BUILT_IN, **{p: f for unit in analysis.units.values() for p, f in unit.facts.items()}}
    if subject in facts:
        return facts[subject].type
    element, _, field = subject.partition(".")
    lists = re.findall(rf"\b{re.escape(element)}\s+(?:by\s+\w+\s+)?in\s+([\w.]+)", before)
    kind = facts[lists[-1]].type if lists and lists[-1] in facts else None
    return kind.record.field(field) if isinstance(kind, RecordsType) else None


def _standing_codes(file: s.File, analysis: Analysis) -> list[Item]:
    """The codes that the policy's revisions list, with their labels."""
    rows = dict.fromkeys(row.code.text for row in inside(file.items, s.TableRow))
    replaced = dict.fromkeys(
        c.text for change in inside(file.items, s.ReplaceCode) for c in change.successors
    )
    known = {item.label: item for item in _all_codes(analysis)}
    return [known.get(code, Item(code, kind=Kind.Constant)) for code in {**rows, **replaced}]


def _all_codes(analysis: Analysis) -> Iterator[Item]:
    """The codes of all libraries, with their labels."""
    for unit in analysis.units.values():
        for entry in unit.codes:
            valid = validity(entry.validity.start, entry.validity.end)
            shown = (
                system(entry.system).shown(entry.codes[0]) if entry.shown == entry.codes[0] else entry.shown
            )
            label = ": ".join(part for part in (entry.label, valid) if part)
            yield Item(shown, kind=Kind.Constant, detail=label, filter_text=f"{shown} {entry.label or ''}")


def _sections(file: s.File) -> list[Item]:
    found = {section.name.text: section for section in inside(file.items, s.Section)}
    return [Item(name, kind=Kind.Class, detail=section.title.value) for name, section in found.items()]


def _labels(analysis: Analysis) -> list[Item]:
    """Labelled criteria as amendments name them, and definitions."""
    found = dict.fromkeys(
        n.key for n in analysis.names if n.declares and n.key.kind in ("label", "definition")
    )
    return [
        Item(key.name, kind=Kind.Property if key.kind == "label" else Kind.Function)
        for key in found
        if not key.name.startswith(".")
    ]


def _concept(section: str, file: s.File) -> str:
    """The concept that a section is for."""
    about = (x.body.names for x in inside(file.items, s.Section) if x.name.text == section and x.body.names)
    return next((names.concept.text for names in about), "")


def _members(concept: str, analysis: Analysis) -> list[Item]:
    first, _, rest = concept.partition(".")
    found: dict[str, str] = {}
    for unit in analysis.units.values():
        own = concept if unit is analysis.unit else rest if unit.package.endswith(f".{first}") else ""
        for name, declared in unit.concepts.items() if own else ():
            if name.startswith(f"{own}."):
                found[name.rpartition(".")[2]] = declared.label or ""
    return [Item(name, kind=Kind.EnumMember, detail=label) for name, label in found.items()]


def _in_scope(unit: Unit, before: str) -> Iterator[Item]:
    """Facts, elements in hand, and what the file and its imports define."""
    facts = {**BUILT_IN, **{path: fact for other in unit.closure() for path, fact in other.facts.items()}}
    for path, fact in facts.items():
        yield Item(path, kind=Kind.Field, detail=fact.question or "fact")
    for element in dict.fromkeys(
        re.findall(r"\b(?:some|every|no|least \d+|latest|of)\s+(\w+)\s+(?:by \w+ )?in\b", before)
    ):
        yield Item(element, kind=Kind.Variable, detail="element in hand")
    for other in (unit, *unit.imports):
        alias = "" if other is unit else other.package.rpartition(".")[2] + "."
        for name, concept in other.concepts.items():
            yield Item(alias + name, kind=Kind.Class, detail=concept.label or f"codes of {concept.system}")
        for name in {**other.definitions, **_dated_definitions(other)}:
            yield Item(alias + name.rpartition(".")[2], kind=Kind.Function, detail="definition")
        for name in (*other.values, *other.parameters):
            yield Item(alias + name, kind=Kind.Constant, detail="value")


def _dated_definitions(unit: Unit) -> dict[str, None]:
    return {definition.name.text: None for definition in inside(unit.file.items, s.Definition)}


def _words(before: str) -> Iterator[Item]:
    """Determinations, where a rule may begin."""
    if re.search(r"[\n{]\s*\Z|\bthen\s+\Z|\bnever\s+\Z|\balways\s+\Z", before):
        for name in DETERMINATIONS:
            yield Item(name, kind=Kind.Keyword, detail="determination")
