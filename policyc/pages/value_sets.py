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
    if not entries:
        yield Row(depth, "", (Word("no code"),), "codes")


def _codes(entries: list[ConceptEntry], invalid: tuple[tuple[str, str], ...]) -> Iterator[Word]:
    for at, entry in enumerate(entries):
        assert entry.codes is not None
        whole = without((entry.codes,), invalid) == (entry.codes,)
        if at:
            yield Word(" ")
        shown = " ".join(entry.span.text.split()).replace("..", "\N{EN DASH}")
        yield Word(shown if whole else f"{shown} (those valid on this day)", "code")
