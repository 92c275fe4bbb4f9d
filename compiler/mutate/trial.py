"""What becomes of a mutant: whether it stands, and a claim that tells it from the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from attrs import evolve, frozen

from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.library import Library
from compiler.mutate.declarations import declaration_claims
from compiler.mutate.mutants import Mutant
from compiler.pipeline import compile_resolved
from compiler.program import Program
from compiler.resolve import resolve
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl import syntax as s
from dsl.diagnostics import Report


def stands(mutant: Mutant, library: Library, program: Program) -> Program | None:
    """The program's policy with a mutant in the place of its file; None where the compiler refuses it."""
    report = Report()
    mutated = evolve(library, files={**library.files, mutant.file.package.path.text: mutant.file})
    # What the policy cites is not changed, and needs no look.
    programs = compile_resolved(resolve(mutated, report), report, [program])
    return next((found for found in programs if found.package == program.package), None)


@frozen
class Apart:
    """How a mutant is told from the policy: by a claim, as known on a day. Without a claim, `proved` says
    that none can.
    """

    claim: dict[str, Any] | None = None
    known_on: date | None = None
    proved: bool = False


def apart(program: Program, mutant: Program) -> Apart:
    """A claim of which the two say something different."""
    proved = True
    for known_on in _views(program, mutant):
        comparison = diff(Side(program, known_on), Side(mutant, known_on))
        found = sorted(comparison.differences, key=lambda each: each.kind != "determination")
        if found:
            return Apart(found[0].claim, known_on)
        proved = proved and not comparison.beyond
    for claim in declaration_claims(program, mutant):
        if _decided(program, claim) != _decided(mutant, claim):
            return Apart(claim)
    return Apart(proved=proved)


def _decided(program: Program, claim: dict[str, Any]) -> object:
    """The lines of a claim's decision, or why it cannot be read."""
    try:
        return decide_claim(program, read_claim(claim, program.schema), None)["lines"]
    except ClaimError as error:
        return error.record()


def _views(program: Program, mutant: Program) -> Iterator[date | None]:
    """What one knew of the policy: all, then as long as a revision was in force that was not posted, and
    while one of the two had posted what the other had not.
    """
    yield None
    late = {r.posted - timedelta(days=1) for r in program.revisions if r.posted > r.effective}
    yield from sorted(late | (set(program.posting_cuts) ^ set(mutant.posting_cuts)))


def files(library: Library, package: str) -> Iterator[s.File]:
    """The files by which a policy decides: its own, and all that it rests on."""
    yield library.files[package]
    yield from (file for name, file in library.files.items() if name != package)
