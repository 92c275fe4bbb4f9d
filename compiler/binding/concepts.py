"""Concepts: sets of codes with named members, of which some codes may be excepted."""

from __future__ import annotations

from collections.abc import Iterator

from compiler import errors
from compiler.binding.libraries import MOST_PARTS, MOST_STEPS, validity
from compiler.binding.scope import Scope, procedures
from compiler.model import Assumption, ConceptDecl, ConceptEntry, Validity
from compiler.runtime.codes import Interval, union, without
from dsl import syntax as s
from dsl.diagnostics import Report


def concepts(scope: Scope) -> None:
    """The concepts that a package holds; a named member is a concept too, `concept.member`."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Concept):
            label = item.label.value if item.label else None
            assumption = scope.assumption(item.assume)
            if not item.elements:
                scope.report.add(errors.empty_body(item.name.span, f"concept `{item.name.text}`", "code"))
            _concept(item, item.name.text, scope.system(item.system), label, assumption, (), scope)
    by_id = {c.id: c for unit in scope.unit.closure() for c in unit.concepts.values()}
    sizes: dict[str, int] = {}
    for name, concept in scope.unit.concepts.items():
        if _size(name, concept, (), sizes, by_id, scope) > MOST_PARTS:
            scope.report.add(errors.too_much_rests_on(name, concept.span, MOST_PARTS))
    if not scope.report.has_errors:
        for name, concept in scope.unit.concepts.items():
            _excepts_something(name, concept, by_id, scope.report)


def _concept(
    written: s.Concept | s.ConceptMember,
    qualified: str,
    of: str,
    label: str | None,
    assumption: Assumption | None,
    around: tuple[ConceptEntry, ...],
    scope: Scope,
) -> tuple[str, ...]:
    """Enter a concept and its members; gives the names of all members inside. What is excepted of a concept
    `around` is excepted of this one, too.
    """
    entries: list[ConceptEntry] = []
    members: list[str] = []
    name = written.name
    excepted = around + tuple(_excepted(written.excepted, of, scope))
    for element in written.elements:
        match element:
            case s.ConceptCodes() | s.ConceptUse():
                entries += _entry(element, of, scope)
            case s.ConceptMember():
                inner = f"{qualified}.{element.name.text}"
                if not element.elements and element.span.text.endswith("}"):
                    what = f"`{element.name.text}`"
                    scope.report.add(errors.empty_body(element.name.span, what, "code"))
                its_label = element.label.value if element.label else None
                its_assumption = scope.assumption(element.assume)
                members.append(element.name.text)
                members += _concept(element, inner, of, its_label, its_assumption, excepted, scope)
                entries.append(
                    ConceptEntry(None, f"{scope.unit.package}.{inner}", Validity(), span=element.span)
                )
    first = scope.unit.concepts.get(qualified)
    if first is not None:
        scope.report.add(errors.duplicate_name("concept", name.text, name.span, first.span))
    scope.unit.concepts[qualified] = ConceptDecl(
        f"{scope.unit.package}.{qualified}",
        of,
        label,
        assumption,
        tuple(entries),
        tuple(members),
        excepted,
        span=name.span,
    )
    return tuple(members)


def _entry(written: s.ConceptCodes | s.ConceptUse, of: str, scope: Scope) -> Iterator[ConceptEntry]:
    """Codes, or another concept, unless there is a complaint about them."""
    if isinstance(written, s.ConceptUse):
        uses = scope.concept_id(written.path) or f"{scope.unit.package}.{written.path.text}"
        yield ConceptEntry(None, uses, Validity(), span=written.path.span)
        return
    interval = scope.pattern(written.pattern, of)
    when = validity(written.clauses, scope, written.span)
    if interval is not None:
        yield ConceptEntry(interval, None, when, span=written.span)


def _excepted(written: s.Excepted | None, of: str, scope: Scope) -> Iterator[ConceptEntry]:
    if written is not None and not written.elements:
        scope.report.add(errors.empty_body(written.span, "`except`", "code"))
    for element in written.elements if written is not None else ():
        yield from _entry(element, of, scope)


def _size(
    name: str,
    concept: ConceptDecl,
    trail: tuple[str, ...],
    sizes: dict[str, int],
    by_id: dict[str, ConceptDecl],
    scope: Scope,
) -> int:
    """How many entries a concept has with all that it takes in; complains about what it cannot take in."""
    if concept.id in trail:
        scope.report.add(errors.recursion(name, concept.span))
        return 0
    if len(trail) > MOST_STEPS:
        return MOST_PARTS + 1
    if concept.id in sizes:
        return sizes[concept.id]
    size = 0
    for entry in (*concept.entries, *concept.excepted):
        used = by_id.get(entry.uses) if entry.uses is not None else None
        if entry.uses is None:
            size += 1
        elif used is None:
            names = [c.removeprefix(f"{scope.unit.package}.") for c in by_id]
            scope.report.add(errors.unknown_name("concept", entry.span.text, entry.span, names))
        else:
            if procedures(used.system) != procedures(concept.system):
                label = f"`{name}` is of `{concept.system}`"
                what = f"`{entry.span.text}` holds codes of `{used.system}`"
                scope.report.add(errors.type_mismatch(entry.span, what, label))
            size += _size(name, used, (*trail, concept.id), sizes, by_id, scope)
    sizes[concept.id] = min(size, MOST_PARTS + 1)
    return sizes[concept.id]


def _excepts_something(
    name: str, concept: ConceptDecl, by_id: dict[str, ConceptDecl], report: Report
) -> None:
    """Complain of what is excepted of a concept, not of one around it, and never was of it."""
    around = by_id.get(concept.id.rpartition(".")[0])
    taken = _ever(concept.entries, by_id)
    for entry in concept.excepted:
        codes = _ever((entry,), by_id)
        if (around is None or entry not in around.excepted) and without(codes, taken) == codes:
            report.add(errors.excepts_nothing(name.rpartition(".")[2], entry.span))


def _ever(entries: tuple[ConceptEntry, ...], by_id: dict[str, ConceptDecl]) -> tuple[Interval, ...]:
    """The codes of entries on any day."""
    found: list[Interval] = []
    for entry in entries:
        found += [entry.codes] if entry.codes is not None else _ever(by_id[entry.uses or ""].entries, by_id)
    return union(found)
