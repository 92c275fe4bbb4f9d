"""Concepts expanded to their codes, as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import evolve

from compiler.model import ConceptEntry
from compiler.program import Program
from compiler.runtime.codes import without
from policyc.pages.prose import SYSTEMS, Word, spaced
from policyc.pages.rows import Block, Row


def concept_block(program: Program, id_: str, on: date, known_on: date | None) -> Block:
    """A concept with all its codes, member by member."""
    declared = program.lowering.concepts[id_]
    return Block(
        f"concept-{id_}",
        SYSTEMS.get(declared.system, declared.system),
        declared.label or spaced(id_.rpartition(".")[2]),
        tuple(_rows(program, id_, 0, on, known_on)),
        assumes=(declared.assumption,) if declared.assumption else (),
    )


def _rows(program: Program, id_: str, depth: int, on: date, known_on: date | None) -> Iterator[Row]:
    declared = program.lowering.concepts[id_]
    invalid = program.lowering.invalid(declared.system, on, known_on)
    entries = [e for e in declared.entries if e.validity.known(known_on) and e.validity.on(on)]
    own = [e for e in entries if e.codes is not None and without((e.codes,), invalid)]
    if own:
        yield Row(depth, "", tuple(_codes(own, invalid)), "codes")
    for entry in entries:
        if entry.uses is not None:
            member = program.lowering.concepts[entry.uses]
            title = member.label or spaced(entry.uses.rpartition(".")[2])
            target = Word("", "target", f"concept-{entry.uses}")
            assumed = (member.assumption,) if member.assumption else ()
            first, *inner = _rows(program, entry.uses, depth, on, known_on)
            plain = first.kind == "codes"
            words = (target, *first.words) if plain else (target,)
            yield Row(depth, title, words, "member", None, assumed)
            for row in inner if plain else (first, *inner):
                yield evolve(row, depth=row.depth + 1)
    out = [e for e in declared.excepted if e.validity.known(known_on) and e.validity.on(on)]
    if out:
        yield Row(depth, "Except", tuple(_excepted(program, out)), "codes")
    if not entries:
        yield Row(depth, "", (Word("no code"),), "codes")


def _excepted(program: Program, entries: list[ConceptEntry]) -> Iterator[Word]:
    """What is not of a concept: its codes, or the concepts that are left out whole."""
    for at, entry in enumerate(entries):
        if at:
            yield Word(" ")
        if entry.uses is None:
            yield Word(_shown(entry), "code")
        else:
            left_out = program.lowering.concepts[entry.uses]
            yield Word(left_out.label or spaced(entry.uses.rpartition(".")[2]), "name")


def _shown(entry: ConceptEntry) -> str:
    return " ".join(entry.span.text.split()).replace("..", "\N{EN DASH}")


def _codes(entries: list[ConceptEntry], invalid: tuple[tuple[str, str], ...]) -> Iterator[Word]:
    for at, entry in enumerate(entries):
        assert entry.codes is not None
        whole = without((entry.codes,), invalid) == (entry.codes,)
        if at:
            yield Word(" ")
        shown = _shown(entry)
        yield Word(shown if whole else f"{shown} (those valid on this day)", "code")
