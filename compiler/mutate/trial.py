"""What becomes of a mutant: whether it stands, and a claim that tells it from the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any

from attrs import define, evolve, field, frozen

from compiler.binding.library import Library
from compiler.binding.resolve import Resolved, resolve
from compiler.diff import spaces
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.watch import Stopped
from compiler.mutate.assumed import assumed_claims
from compiler.mutate.declarations import declaration_claims
from compiler.mutate.mutants import Mutant
from compiler.pipeline import compile_resolved
from compiler.program import Program
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl import syntax as s
from dsl.diagnostics import Report

Moment = tuple[date, date | None]
"""A day that governs, and one of which the knowledge counts."""


@define
class Stand:
    """A policy in a library, and what stays the same of it in a mutant."""

    program: Program
    library: Library
    _resolved: Resolved = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._resolved = resolve(self.library, Report())

    def with_mutant(self, mutant: Mutant) -> Program | None:
        """The policy with a mutant in the place of its file; None where the compiler refuses it."""
        report = Report()
        files = {**self.library.files, mutant.file.package.path.text: mutant.file}
        registers = dict(self.library.registers)
        if mutant.register is not None:
            name, source = mutant.register
            registers[mutant.file.package.path.text, name] = source
        resolved = resolve(evolve(self.library, files=files, registers=registers), report, self._resolved)
        # What the policy cites is not changed, and needs no look.
        programs = compile_resolved(resolved, report, [self.program])
        return next((found for found in programs if found.package == self.program.package), None)

    def changed(self, mutant: Program, moments: Iterable[Moment]) -> set[Moment] | None:
        """The moments at which a mutant can decide otherwise; None where it can at any."""
        if _beside(mutant) != _beside(self.program):
            return None
        return {at for at in moments if mutant.decision(*at) != self.program.decision(*at)}


def _beside(program: Program) -> tuple[object, ...]:
    """All by which a policy decides beside what stands at a moment."""
    codes = program.code_rows, program.givers
    return program.schema, program.absent, program.governed_by, program.subject_to, program.revisions, *codes


@frozen
class Apart:
    """How a mutant is told from the policy: by a claim, as known on a day. Without a claim, `proved` says
    that none can.
    """

    claim: dict[str, Any] | None = None
    known_on: date | None = None
    proved: bool = False


def apart(program: Program, mutant: Program) -> Apart:
    """A claim of which the two say something different.

    Raises Stopped where the search was told to stop before it found one.
    """
    proved, rests = True, False
    for known_on in _views(program, mutant):
        comparison = diff(Side(program, known_on), Side(mutant, known_on))
        found = sorted(comparison.differences, key=lambda each: each.kind != "determination")
        if found:
            return Apart(found[0].claim, known_on)
        if spaces.Apart("stopped", ()) in comparison.beyond:
            raise Stopped
        proved = proved and not comparison.beyond and not comparison.unshown
        rests = rests or any(word.what == "assumptions" for word in comparison.wording)
    for claim in chain(declaration_claims(program, mutant), assumed_claims(program) if rests else ()):
        if _decided(program, claim) != _decided(mutant, claim):
            return Apart(claim)
    return Apart(proved=proved and not rests)


def _decided(program: Program, claim: dict[str, Any]) -> object:
    """The lines of a claim's decision, or why it cannot be read."""
    try:
        return decide_claim(program, read_claim(claim, program.schema), None)["lines"]
    except ClaimError as error:
        return error.record()


def _views(program: Program, mutant: Program) -> Iterator[date | None]:
    """What one knew of the policy: all, and what one knew after each posting before the last."""
    yield None
    yield from sorted({*program.posting_cuts, *mutant.posting_cuts})[:-1]


def files(library: Library, package: str) -> Iterator[s.File]:
    """The files by which a policy decides: its own, and all that it rests on."""
    yield library.files[package]
    yield from (file for name, file in library.files.items() if name != package)
