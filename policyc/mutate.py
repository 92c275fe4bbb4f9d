"""The mutants of a policy against its golden files: which are noticed, and what claim tells others apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import Factory, define, evolve, frozen

from compiler.library import Library
from compiler.mutate.mutants import Mutant, mutants
from compiler.mutate.trial import Apart, apart, stands
from compiler.program import Program
from dsl import syntax as s
from policyc.goldens import Golden, revision_of
from policyc.policy import Policy


@frozen
class Survivor:
    """A mutant that no golden file notices, and what tells it from the policy: a claim, or nothing that was
    found.
    """

    mutant: Mutant
    program: Program
    apart: Apart


@define
class Score:
    """What became of the mutants. Those that the compiler refuses, and those that are proved to decide alike,
    are no fault of the golden files; `unreviewed` are noticed by golden files alone that nobody has reviewed.
    """

    refused: int = 0
    alike: int = 0
    reviewed: int = 0
    unreviewed: int = 0
    survivors: list[Survivor] = Factory(list)

    @property
    def counted(self) -> int:
        return self.reviewed + self.unreviewed + len(self.survivors)


@define
class Trial:
    """A policy with its golden files, the mutants of some files, and the score so far."""

    program: Program
    library: Library
    goldens: Sequence[Golden]
    score: Score = Factory(Score)
    _seen: set[str] = Factory(set)

    def run(self, files: Iterable[s.File]) -> Score:
        """The score of all mutants of some files."""
        self._seen.add(self.program.digest)
        reviewed = [golden for golden in self.goldens if golden.reviewed]
        unreviewed = [golden for golden in self.goldens if not golden.reviewed]
        for mutant in (each for file in files for each in mutants(file)):
            program = stands(mutant, self.library, self.program)
            if program is None:
                self.score.refused += 1
            elif program.digest not in self._seen:
                # What is written otherwise and means the same is one mutant.
                self._seen.add(program.digest)
                self._tried(mutant, program, reviewed, unreviewed)
        return self.score

    def _tried(
        self, mutant: Mutant, program: Program, reviewed: list[Golden], unreviewed: list[Golden]
    ) -> None:
        policy = _policy(program)
        if _noticed(policy, reviewed):
            self.score.reviewed += 1
        elif _noticed(policy, unreviewed):
            self.score.unreviewed += 1
        else:
            told = apart(self.program, program)
            if told.proved:
                self.score.alike += 1
            else:
                self.score.survivors.append(Survivor(mutant, program, told))


def _noticed(policy: Policy, goldens: list[Golden]) -> bool:
    """Whether a golden file fails; it is the first to be asked of the next mutant."""
    for at, golden in enumerate(goldens):
        if golden.difference(golden.decided(policy)) is not None:
            goldens.insert(0, goldens.pop(at))
            return True
    return False


def golden_of(program: Program, survivor: Survivor, folder: Path, about: str) -> Golden | None:
    """A golden file under a folder that notices a survivor; None where no claim is known. It blesses what
    the policy decides today, and is not reviewed.
    """
    told = survivor.apart
    if told.claim is None:
        return None
    unnamed = Golden(folder, about, told.claim, told.known_on, {}, reviewed=False)
    decision = unnamed.decided(_policy(program))
    name = hashlib.sha256(json.dumps([told.claim, str(told.known_on)]).encode()).hexdigest()[:8]
    return evolve(unnamed, path=folder / revision_of(decision) / f"mutant-{name}.json", decision=decision)


def fewest(survivors: Sequence[Survivor], goldens: Iterable[Golden]) -> list[Golden]:
    """Of golden files that notice each survivor, those that notice what none before them does."""
    left, kept = list(survivors), list[Golden]()
    for golden in goldens:
        unnoticed = [survivor for survivor in left if not _noticed(_policy(survivor.program), [golden])]
        if len(unnoticed) < len(left):
            kept.append(golden)
        left = unnoticed
    return kept


def _policy(program: Program) -> Policy:
    return Policy(program, lambda: program, None)
