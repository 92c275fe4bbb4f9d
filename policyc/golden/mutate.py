"""The mutants of a policy against its golden files: which are noticed, and what claim tells others apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import Factory, define, evolve, field, frozen

from compiler.binding.library import Library
from compiler.diff.watch import Stopped, Watch, unwatched
from compiler.mutate.mutants import Mutant, mutants
from compiler.mutate.registers import register_mutants
from compiler.mutate.trial import Apart, Moment, Stand, apart
from compiler.mutate.words import Words
from compiler.program import Program
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl import syntax as s
from policyc.golden.goldens import Golden, revision_of
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
    `untried` were left when the search was told to stop.
    """

    untried: int = 0
    refused: int = 0
    alike: int = 0
    reviewed: int = 0
    unreviewed: int = 0
    survivors: list[Survivor] = Factory(list)

    @property
    def counted(self) -> int:
        return self.reviewed + self.unreviewed + len(self.survivors)


@frozen(eq=False)
class Guard:
    """A golden file, and the moments of which it asks what stands then."""

    golden: Golden
    moments: frozenset[Moment]

    @classmethod
    def of(cls, golden: Golden, program: Program) -> Guard:
        """The golden file of a policy; of a claim that cannot be read nothing stands."""
        try:
            claim = read_claim(golden.claim, program.schema)
        except ClaimError:
            return cls(golden, frozenset())
        days = (program.governing(claim, line) for line in claim.lines)
        return cls(golden, frozenset((day, golden.known_on) for day in days if day is not None))


@define
class Trial:
    """A policy with its golden files, the mutants of some files, and the score so far."""

    program: Program
    library: Library
    goldens: Sequence[Golden]
    files: Sequence[s.File]
    score: Score = Factory(Score)
    _mutants: list[Mutant] = field(init=False)
    _stand: Stand = field(init=False)
    _guards: dict[bool, list[Guard]] = field(init=False)
    """The golden files, by whether they are reviewed."""
    _seen: set[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        words = Words.of(self.library.files.values())
        self._mutants = []
        for file in self.files:
            own = file.package.path.text
            tables = {of: text for (package, of), text in self.library.registers.items() if package == own}
            self._mutants += (*mutants(file, words), *register_mutants(file, tables, words))
        self.score.untried = len(self._mutants)
        self._stand = Stand(self.program, self.library)
        guards = [Guard.of(golden, self.program) for golden in self.goldens]
        self._guards = {said: [g for g in guards if g.golden.reviewed is said] for said in (True, False)}
        self._seen = {self.program.digest}

    def run(self, watch: Watch = unwatched) -> Score:
        """The score of all mutants; where Stopped is raised into it, of those that were tried by then."""
        with suppress(Stopped):
            for number, mutant in enumerate(self._mutants, 1):
                watch(f"change {number} of {len(self._mutants)}")
                program = self._stand.with_mutant(mutant)
                if program is None:
                    self.score.refused += 1
                elif program.digest not in self._seen:
                    self._try(mutant, program)
                    # What is written otherwise and means the same is one mutant.
                    self._seen.add(program.digest)
                self.score.untried -= 1
        return self.score

    def _try(self, mutant: Mutant, program: Program) -> None:
        moments = {moment for own in self._guards.values() for guard in own for moment in guard.moments}
        changed = self._stand.changed(program, moments)
        if _noticed(program, self._guards[True], changed):
            self.score.reviewed += 1
        elif _noticed(program, self._guards[False], changed):
            self.score.unreviewed += 1
        else:
            self._survived(mutant, program)

    def _survived(self, mutant: Mutant, program: Program) -> None:
        told = apart(self.program, program)
        if told.proved:
            self.score.alike += 1
        else:
            self.score.survivors.append(Survivor(mutant, program, told))


def _noticed(program: Program, guards: list[Guard], changed: set[Moment] | None) -> bool:
    """Whether a golden file of changed moments fails; it is the first to be asked of the next mutant."""
    policy = _policy(program)
    for at, guard in enumerate(guards):
        able = changed is None or not changed.isdisjoint(guard.moments)
        if able and guard.golden.difference(guard.golden.decided(policy)) is not None:
            guards.insert(0, guards.pop(at))
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
        unnoticed = [
            survivor
            for survivor in left
            if golden.difference(golden.decided(_policy(survivor.program))) is None
        ]
        if len(unnoticed) < len(left):
            kept.append(golden)
        left = unnoticed
    return kept


def _policy(program: Program) -> Policy:
    return Policy(program, lambda: program, None)
