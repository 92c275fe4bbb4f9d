"""On what the text rests: assumptions, judgements, and the places of the source document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import frozen

from compiler.checks.citations import out_of_scope
from compiler.program import Program
from compiler.source.resting import Rest, resting, source_edition
from compiler.source.source_index import SourceIndex
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside
from policyc.pages.decisions import Example


@frozen
class Assumed:
    """An assumption with its reason: what it belongs to, which file says so, and how many golden decisions
    name it.
    """

    name: str
    reason: str
    of: str
    place: str
    decisions: int


@frozen
class Judged:
    """What only a reviewer can say: a fact or section, and the question."""

    fact: str
    question: str


@frozen
class Clause:
    """A place of the source document: its digests in an edition, and what rests on it."""

    place: str
    edition: str
    digests: tuple[str, ...]
    rests: tuple[Rest, ...]


@frozen
class Set:
    """A part of the document that the policy declares out of scope, and why."""

    place: str
    because: str


def assumptions(program: Program, examples: Iterable[Example]) -> tuple[Assumed, ...]:
    """Every assumption of a policy and of what it imports, in order of the files."""
    named = Counter(
        name
        for example in examples
        for name in {n for line in example.decided.lines for n in line.assumptions}
    )
    found: dict[str, Assumed] = {}
    for unit in program.consolidated.policy.unit.closure():
        for item in unit.file.items:
            for each in inside(item, s.Assume):
                name = each.name.text
                made = Assumed(
                    name, each.reason.value, _of(item), _place(unit.package, each.span), named[name]
                )
                found.setdefault(name, made)
    return tuple(found.values())


def judgements(program: Program) -> tuple[Judged, ...]:
    """The facts that only a reviewer can state, and what sections put to reviewers."""
    found = [Judged(fact.path, fact.question) for fact in program.facts.values() if fact.question is not None]
    found += [
        Judged(f"section {section.name}", rule.question)
        for text in program.consolidated.texts.values()
        for section in text.sections
        for rule in section.rules
        if rule.question is not None
    ]
    return tuple(dict.fromkeys(found))


def clauses(program: Program, index: SourceIndex | None) -> tuple[Clause, ...]:
    """The cited places with what rests on each, in the order in which the policy first cites them."""
    file = program.consolidated.policy.unit.file
    places = index.places(source_edition(file)) if index is not None else None
    rests: dict[tuple[str, date | None], list[Rest]] = {}
    for rest in resting(file, places):
        rests.setdefault((rest.place, rest.edition), []).append(rest)
    return tuple(
        Clause(place, str(edition or ""), _digests(place, edition, index), tuple(found))
        for (place, edition), found in rests.items()
    )


def set_aside(program: Program) -> tuple[Set, ...]:
    """What the policy declares to be out of its scope."""
    declared = out_of_scope(program.consolidated.policy.unit.file)
    return tuple(Set(extent.place.value, because) for extent, because in declared)


def _digests(place: str, edition: date | None, index: SourceIndex | None) -> tuple[str, ...]:
    places = index.places(edition) if index is not None else None
    return places[place].sentences if places is not None and place in places else ()


def _place(package: str, span: Span) -> str:
    return f"{package}, line {span.source.position(span.start)[0]}"


def _of(item: s.Item) -> str:
    """What an item of a file is, in a word and a name."""
    match item:
        case s.Revision():
            return f"revision {item.effective.value}"
        case s.Definition():
            return f"definition {item.name.text}"
        case s.Concept():
            return f"concept {item.name.text}"
        case s.Evidence():
            return f"evidence {item.fact.text}"
        case s.Facts():
            return "facts"
        case _:
            return type(item).__name__.lower()


def by_folder(examples: Iterable[Example]) -> Iterator[tuple[str, list[Example]]]:
    """The examples of each revision."""
    folders: dict[str, list[Example]] = {}
    for example in examples:
        folders.setdefault(example.folder, []).append(example)
    yield from folders.items()
