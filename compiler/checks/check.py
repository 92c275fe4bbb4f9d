"""What the grammar cannot check: codes over time, citations, recursion, facts that nobody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from compiler import errors
from compiler.binding.versions import is_version
from compiler.checks.amending import amending
from compiler.checks.reason_codes import reason_codes
from compiler.checks.sizes import MOST_PARTS, MOST_STEPS, sizes
from compiler.checks.unused import unused_declarations
from compiler.model import (
    CodeIn,
    ComputedIn,
    Criterion,
    Definition,
    Group,
    ListedCode,
    NewestOf,
    Quantified,
    RecordsType,
    Use,
    Validity,
    asked_of,
    facts_of,
    inside,
)
from compiler.program import Program
from compiler.runtime.edits import plain, unit_factor
from dsl.diagnostics import Report


def check(program: Program, report: Report) -> None:
    """All checks of a consolidated policy."""
    recursion(program, report)
    if not report.has_errors:
        sizes(program, report)
    empty_texts(program, report)
    listed_codes(program, report)
    successors(program, report)
    reason_codes(program, report)
    unused_facts(program, report)
    unused_declarations(program, report)
    unasked_concepts(program, report)


def recursion(program: Program, report: Report) -> None:
    """No definition rests on itself."""
    for text in program.consolidated.texts.values():
        by_id = {**program.lowering.definitions, **{stands.name: stands for stands in text.definitions}}
        done: set[str] = set()
        for name in by_id:
            _follow(name, (), by_id, done, report)
        for section in text.sections:
            for rule in section.rules:
                for criterion in (*rule.criteria, *(c for e in rule.exceptions for c in e)):
                    _defined(criterion, by_id, report)
    days = program.consolidated.effective_days
    for day, following in zip(days, [*days[1:], None], strict=True):
        stands = program.consolidated.at(day, None)
        for stated in program.consolidated.policy.promises:
            if stands is not None and stated.validity.meets(Validity(day, following)):
                by_id = {**program.lowering.definitions, **{d.name: d for d in stands.definitions}}
                for criterion in (*stated.criteria, *stated.implied):
                    _defined(criterion, by_id, report)


def _defined(criterion: Criterion, by_id: Mapping[str, Definition], report: Report) -> None:
    """The definitions that a criterion uses stand."""
    for used in uses(criterion):
        if used not in by_id:
            report.add(errors.unknown_name("definition", used, criterion.span, by_id))


def _follow(
    name: str,
    trail: tuple[str, ...],
    by_id: dict[str, Definition],
    done: set[str],
    report: Report,
) -> None:
    definition = by_id[name]
    if name in trail:
        report.add(errors.recursion(definition.name, definition.span))
        return
    if name in done:
        return
    if len(trail) > MOST_STEPS:
        report.add(errors.too_much_rests_on(definition.name, definition.span, MOST_PARTS))
        return
    for criterion in definition.criteria:
        for used in uses(criterion):
            if used not in by_id:
                report.add(errors.unknown_name("definition", used, criterion.span, by_id))
            else:
                _follow(used, (*trail, name), by_id, done, report)
    done.add(name)


def unasked_concepts(program: Program, report: Report) -> None:
    """A section asks for the concept that it is for."""
    concepts = program.lowering.concepts
    for text in program.consolidated.texts.values():
        by_id = {**program.lowering.definitions, **{stands.name: stands for stands in text.definitions}}
        for section in text.sections:
            if section.concept is None:
                continue
            bodies = [body for rule in section.rules for body in (rule.criteria, *rule.exceptions)]
            asked_for = set(asked_concepts([c for body in bodies for c in body], by_id))
            around = {c.id for c in concepts.values() if section.concept in {e.uses for e in c.entries}}
            if not any(_related(section.concept, name) or name in around for name in asked_for):
                named = section.concept.rpartition(".")[2]
                report.add(errors.unasked_concept(section.name, named, section.span))


def _related(one: str, other: str) -> bool:
    """The same concept, or a member of it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def asked_concepts(criteria: Sequence[Criterion], by_id: dict[str, Definition]) -> Iterator[str]:
    """The concepts that some criteria ask for, and the definitions that they use."""
    waiting = list(criteria)
    seen: set[str] = set()
    while waiting:
        match asked_of(waiting.pop().condition):
            case CodeIn(concepts=names):
                yield from names
            case Group() | Quantified() | NewestOf() | ComputedIn() as condition:
                waiting += inside(condition)
            case Use(definition=name) if name not in seen and name in by_id:
                seen.add(name)
                waiting += by_id[name].criteria
            case _:
                pass


def empty_texts(program: Program, report: Report) -> None:
    """A policy has a section and a code, in some revision."""
    texts = program.consolidated.texts.values()
    span = program.consolidated.policy.span
    if not any(text.sections for text in texts):
        report.add(errors.decides_nothing(span, "section"))
    if not any(text.table is not None for text in texts):
        report.add(errors.decides_nothing(span, "code table"))


def uses(criterion: Criterion) -> Iterator[str]:
    """The definitions that a criterion uses."""
    condition = criterion.condition
    if isinstance(condition, Use):
        yield condition.definition
    for inner in inside(condition):
        yield from uses(inner)


def asked(criterion: Criterion) -> Iterator[str]:
    """The facts that a criterion asks for."""
    condition = criterion.condition
    yield from facts_of(condition)
    for inner in inside(condition):
        yield from asked(inner)


def listed_codes(program: Program, report: Report) -> None:
    """Every code of the table is valid while it is listed."""
    days = program.consolidated.effective_days
    listed: dict[str, list[tuple[date, date | None, ListedCode]]] = {}
    for day, following in zip(days, [*days[1:], None], strict=True):
        text = program.consolidated.at(day, None)
        for row in text.table.rows if text is not None and text.table is not None else ():
            stretches = listed.setdefault(row.code, [])
            if stretches and stretches[-1][1] == day:
                stretches[-1] = (stretches[-1][0], following, stretches[-1][2])
            else:
                stretches.append((day, following, row))
    for stretches in listed.values():
        for start, end, row in stretches:
            _listed_code(program, row, start, end, report)


def _listed_code(program: Program, row: ListedCode, start: date, end: date | None, report: Report) -> None:
    entries = program.rows(row.code, None)
    file = program.consolidated.policy.unit.file
    last = end - timedelta(days=1) if end is not None else date.max
    inside = [e for e in entries if (e.start or date.min) <= last and (e.end or date.max) > start]
    acknowledged = row.acknowledged is not None
    if not inside:
        ended = [e for e in entries if e.end is not None and e.end <= start]
        if ended and ended[-1].end is not None and (ended[-1].replaced_by or acknowledged):
            over = ended[-1].end
            report.add(
                errors.code_after_end(
                    row.code, row.span, over, end, ended[-1].replaced_by, acknowledged, None
                )
            )
        else:
            report.add(errors.code_never_valid(row.code, row.span))
        return
    first, final = inside[0].start, inside[-1].end
    if first is not None and first > start:
        report.add(errors.code_before_start(row.code, row.span, start, first))
    if acknowledged and (final is None or final > last):
        report.add(errors.needless_acknowledgement(row.code, row.span))
    if final is not None and final <= last:
        report.add(
            errors.code_after_end(
                row.code, row.span, final, end, inside[-1].replaced_by, acknowledged, amending(file, final)
            )
        )


def successors(program: Program, report: Report) -> None:
    """A successor of which one unit stands for another quantity is said."""
    for entry in program.lowering.entries:
        for successor in entry.replaced_by:
            day = entry.validity.end or date.max
            new = program.row(successor, day, None)
            if new is None or entry.per is None or new.per is None or entry.per == new.per:
                continue
            old_unit, new_unit = (f"{per[0]} {per[1]}" for per in (entry.per, new.per))
            factor = unit_factor(entry.per, new.per)
            said = plain(factor) if factor is not None else None
            report.add(
                errors.successor_unit_differs(entry.shown, old_unit, successor, new_unit, said, entry.span)
            )


def _criteria(program: Program) -> list[Criterion]:
    """Every criterion that stands on some day, or is stated of all claims."""
    texts = program.consolidated.texts.values()
    criteria = [
        criterion
        for text in texts
        for section in text.sections
        for rule in section.rules
        for criterion in (*rule.criteria, *(c for e in rule.exceptions for c in e))
    ]
    criteria += program.consolidated.policy.applies
    criteria += [
        c for stated in program.consolidated.policy.promises for c in (*stated.criteria, *stated.implied)
    ]
    criteria += [c for text in texts for stands in text.definitions for c in stands.criteria]
    return criteria + [c for stands in program.lowering.definitions.values() for c in stands.criteria]


def used_facts(program: Program) -> set[str]:
    """The facts that some criterion asks for, that bring lines in, govern, or are taken as evidence."""
    used = {fact for criterion in _criteria(program) for fact in asked(criterion)}
    for text in program.consolidated.texts.values():
        used |= set(text.table.stating) if text.table is not None else set()
    used.add(program.consolidated.policy.governed_by)
    return used | {stands.fact for stands in program.consolidated.policy.unit.evidence}


def unused_facts(program: Program, report: Report) -> None:
    """Every fact that the policy's own file declares is asked by a rule, or brings a line in."""
    used = used_facts(program)
    given = {path for giver in program.givers for path in giver.gives}
    asked_for = {path: fact for path, fact in program.facts.items() if path in used}
    while asked_for:
        path, fact = asked_for.popitem()
        if fact.given_by is not None and path not in given:
            report.add(errors.never_given(path, fact.given_by, fact.span))
        record = fact.type.record if isinstance(fact.type, RecordsType) else None
        for field, by in record.given if record is not None else ():
            if record is not None and f"{record.id}.{field}" not in given:
                report.add(errors.never_given(f"{record.name}.{field}", by, fact.span))
        if fact.given_by is not None and fact.given_by not in used:
            used.add(fact.given_by)
            asked_for[fact.given_by] = program.facts[fact.given_by]
    for path, fact in program.consolidated.policy.unit.facts.items():
        if path not in used:
            report.add(errors.unused_fact(path, fact.span))
    rested = {name for criterion in _criteria(program) for name in uses(criterion)}
    for text in program.consolidated.texts.values():
        for stands in text.definitions:
            made = stands.name.startswith("variant ") or is_version(stands.name)
            if stands.name not in rested and not made:
                report.add(errors.unused_definition(stands.name, stands.span))
