"""Compiled policies as Python callers use them."""

# ruff: noqa: PLC0415  (the compiler is loaded where a policy has to be compiled)

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.claim_values import read_date
from compiler.runtime.claims import decode
from compiler.runtime.compiled import run
from compiler.runtime.reader import Claim, read_claim
from compiler.runtime.tables import Policy as Compiled
from policyc import cache

if TYPE_CHECKING:
    from compiler.binding.library import Reader
    from compiler.partition import Partition
    from compiler.program import Program
    from dsl.diagnostics import Diagnostic
    from policyc.words.wordings import Wordings

Extra = Callable[[str], None]


class PolicyError(Exception):
    """A policy that cannot be compiled, with what is wrong in it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{d.labels[0].span}: {d.message} [{d.code}]" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


def day_of_knowledge(value: object) -> date | None:
    """A day of knowledge: a date, or its text. Raises ClaimError for anything else."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    return read_date(value)


class ChangedError(OSError):
    """A policy whose files have changed since it was loaded, where they are needed again."""


class _LoadedWith:
    """Stands for a day of knowledge that is not given: that of `load` counts."""


LOADED_WITH = _LoadedWith()
KnownOn = date | str | None | _LoadedWith


class Policy:
    """One compiled policy. `known_on` answers as one who knew only what was posted by that day."""

    compiled: Compiled
    kept: cache.Kept | None
    wordings: Wordings | None = None
    unmade: frozenset[str] = frozenset()

    def __init__(
        self,
        compiled: Compiled,
        program: Callable[[], Program],
        known_on: date | None,
        kept: cache.Kept | None = None,
    ) -> None:
        self.compiled = compiled
        self.known_on = known_on
        self.kept = kept
        self._program = program

    @cached_property
    def program(self) -> Program:
        """The policy as the interpreter runs it, compiled when first asked for.

        Raises ChangedError where its files have changed since it was loaded.
        """
        return self._program()

    def partition(self, known_on: date | None) -> Partition:
        """What decisions as known on a day ask of facts, from the cache or of the program."""

        def made() -> Partition:
            from compiler.partition import partition

            return partition(self.program, known_on)

        return made() if self.kept is None else cache.beside(self.kept, f"partition {known_on}", made)

    def without(self, names: Iterable[str]) -> Policy:
        """The policy as one decides by it who does not make some of its assumptions.

        Raises KeyError for a name that no assumption of it has.
        """
        from compiler.emit.python import code

        unmade = frozenset(names)
        for name in unmade:
            self.program.assumptions[name]
        program = self.program.without(unmade)
        policy = Policy(run(code(program)), lambda: program, self.known_on)
        policy.wordings, policy.unmade = self.wordings, program.unmade
        return policy

    def decide(
        self,
        claim: dict[str, Any],
        *,
        known_on: KnownOn = LOADED_WITH,
        explain: bool = False,
        counterfactual: bool = False,
        extra: Extra | None = None,
    ) -> dict[str, Any]:
        """The decision of a claim; `counterfactual`: with the nearest changes that would be decided
        otherwise. `extra` is told of each key that no policy declares; without it such a key is an error.

        Raises ClaimError where the claim cannot be read.
        """
        read = read_claim(claim, self.compiled.schema, extra)
        return self.decide_read(read, self.known(known_on), explain, counterfactual)

    def known(self, given: KnownOn) -> date | None:
        """The day of knowledge: the one given, which may be None, else that of `load`."""
        return self.known_on if isinstance(given, _LoadedWith) else day_of_knowledge(given)

    def decide_read(
        self, claim: Claim, known_on: date | None, explain: bool, counterfactual: bool
    ) -> dict[str, Any]:
        """The decision of a claim that was read by this policy's schema."""
        made = self._explained(claim, known_on) if explain else decide_claim(self.compiled, claim, known_on)
        if self.unmade:
            made["unmade_assumptions"] = sorted(self.unmade)
        if counterfactual:
            from compiler.answers.nearest import nearest

            for line, told in zip(claim.lines, made["lines"], strict=True):
                told.update(nearest(self.compiled, claim, line, known_on))
        return made

    def _explained(self, claim: Claim, known_on: date | None) -> dict[str, Any]:
        from compiler.answers.depends import without_assumption
        from policyc.words.letters import reason
        from policyc.words.wordings import shipped

        explained = self.program.explained(claim, known_on)
        wordings = self.wordings or shipped()
        for line, told in zip(claim.lines, explained["lines"], strict=True):
            told["reason"] = reason(self.program, claim, line, known_on, wordings)
            told["without_assumption"] = {
                name: without_assumption(self.program.without(frozenset([name])), claim, line, known_on, told)
                for name in told["assumptions"]
            }
        return explained

    def decide_json(self, claim: bytes) -> bytes:
        """The decision of a claim as JSON text.

        Raises ClaimError where the claim cannot be read.
        """
        decoded = decode(claim)
        return json.dumps(self.decide(decoded), ensure_ascii=False).encode()  # type: ignore[arg-type]


class Shelved(Policy):
    """A policy of which only the card was read: its code is when it is first needed.

    Raises ChangedError then if neither the cache nor its files have it as it was.
    """

    def __init__(self, path: str, roots: Sequence[str], card: cache.Card, known_on: date | None) -> None:
        self.known_on = known_on
        self.card = card
        self._place = path, roots
        self._program = lambda: _as_it_was(*self._paths(), card.sources)[0]

    def __getattr__(self, name: str) -> Any:
        if name not in ("compiled", "kept"):
            raise AttributeError(name)
        kept = cache.opened(*self._paths(), self.card.sources) or self._compiled()
        self.compiled, self.kept = kept.policy, kept
        return getattr(self, name)

    def _paths(self) -> tuple[Path, list[Path]]:
        path, roots = self._place
        return Path(path), [Path(root) for root in roots]

    def _compiled(self) -> cache.Kept:
        made, missed = _as_it_was(*self._paths(), self.card.sources)
        self._program = lambda: made
        return _kept(*self._paths(), made, self.card.sources, missed)


def load(path: str | Path, *, known_on: date | str | None = None, roots: Sequence[Path] = ()) -> Policy:
    """The policy of one .pol file, from the cache or compiled.

    Raises PolicyError where it cannot be compiled, or holds no policy; OSError where it cannot be read.
    """
    return loaded(Path(path), day_of_knowledge(known_on), roots)


def loaded(path: Path, day: date | None, roots: Sequence[Path], reader: Reader | None = None) -> Policy:
    """The policy of one file, as `load` gives it; one that the cache has not is read by a reader."""
    kept = cache.stored(path, roots)
    if kept is not None:
        sources = kept.sources
        return Policy(kept.policy, lambda: _as_it_was(path, roots, sources)[0], day, kept)
    made, contents, missed = _compile(path, roots, reader)
    kept = _kept(path, roots, made, cache.digests(contents), missed)
    return Policy(kept.policy, lambda: made, day, kept)


def _kept(
    path: Path, roots: Sequence[Path], made: Program, sources: Mapping[str, str], missed: Iterable[Path]
) -> cache.Kept:
    """A policy as the cache keeps it from now on."""
    from compiler.emit.python import code

    generated = code(made)
    kept = cache.Kept(run(generated), generated, sources)
    cache.store(path, roots, kept, missed)
    return kept


def _as_it_was(path: Path, roots: Sequence[Path], sources: Mapping[str, str]) -> tuple[Program, list[Path]]:
    """The program of files of some digests, and the places where an import was not found.

    Raises ChangedError where they are others now: what was loaded must not be explained by another policy.
    """
    with suppress(PolicyError, OSError):
        made, contents, missed = _compile(path, roots)
        if cache.digests(contents) == sources:
            return made, missed
    raise ChangedError(f"`{path}`, or what it rests on, has changed since it was loaded")


def compiled(path: Path, roots: Sequence[Path]) -> Program:
    """The program of one .pol file, past the cache.

    Raises PolicyError where it cannot be compiled, or holds no policy; OSError where it cannot be read.
    """
    return _compile(path, roots)[0]


def _compile(
    path: Path, roots: Sequence[Path], reader: Reader | None = None
) -> tuple[Program, dict[Path, bytes], list[Path]]:
    """The program of a file, the sources that it rests on, and the places where an import was not found."""
    from compiler.binding.library import load as load_files
    from compiler.pipeline import compile_library
    from dsl.diagnostics import Report

    report = Report()
    library = load_files([path], roots, report, reader)
    programs = compile_library(library, report)
    own = [p for p in programs if p.consolidated.policy.span.source.name == path.as_posix()]
    if not own:
        raise PolicyError(report.diagnostics)
    return own[0], library.contents, library.missed
