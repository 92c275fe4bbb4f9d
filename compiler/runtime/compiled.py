"""A policy whose versions are made already: one for each stretch of days and of knowledge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import CodeType

from compiler.runtime.claim_values import Value
from compiler.runtime.conditions import Held
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Schema
from compiler.runtime.signature import Signatures
from compiler.runtime.tables import CodeRow, Giver, Policy, RevisionRow, Signature, Version

Rule = Callable[[LineFacts], Held]


class CompiledPolicy(Policy):
    """`days` are those on which something changes, `postings` those on which something is posted. `grid` has
    a row before the first posting and one from each on; a row has a cell before the first day and one from
    each on: the version that stands then, or None. `changes` are the days on which
    what is said of a line may change.
    """

    def __init__(
        self,
        package: str,
        digest: str,
        schema: Schema,
        absent: Mapping[str, tuple[Value, str | None]],
        governed_by: str,
        subject_to: tuple[str, ...],
        revisions: tuple[RevisionRow, ...],
        code_rows: tuple[CodeRow, ...],
        givers: tuple[Giver, ...],
        days: tuple[date, ...],
        postings: tuple[date, ...],
        grid: tuple[tuple[Version | None, ...], ...],
        changes: tuple[date, ...],
    ) -> None:
        super().__init__(
            package, digest, schema, absent, governed_by, subject_to, revisions, code_rows, givers
        )
        self._days = days
        self._postings = postings
        self._grid = grid
        self._versions = tuple({id(v): v for row in grid for v in row if v is not None}.values())
        self._changes = changes

    @cached_property
    def _signatures(self) -> Signatures:
        return Signatures(self, self._changes)

    def signatures(self, claim: Claim, known_on: date | None) -> Sequence[Signature | None]:
        return self._signatures.of(claim, known_on)

    @property
    def codes_ever(self) -> frozenset[str]:
        """The codes that any revision lists, whenever it was posted."""
        return frozenset(code for row in self.revisions for code in row.lists)

    @property
    def facts_that_concern(self) -> frozenset[str]:
        """The facts that bring a line with an unlisted code in, in any version."""
        return frozenset(path for version in self._versions if version.open for path in version.stating)

    def version(self, day: date, known_on: date | None) -> Version | None:
        known = len(self._postings) if known_on is None else bisect_right(self._postings, known_on)
        return self._grid[known][bisect_right(self._days, day)]


def all_held(*rules: Rule) -> Callable[[LineFacts], list[Held]]:
    """What asks some rules, in document order."""
    return lambda facts: [rule(facts) for rule in rules]


def run(code: CodeType) -> CompiledPolicy:
    """The policy that generated code makes."""
    space: dict[str, object] = {"__name__": "policyc_policy"}
    exec(code, space)
    policy = space["POLICY"]
    assert isinstance(policy, CompiledPolicy)
    return policy
