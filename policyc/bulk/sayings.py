"""Claims decided one by one by many policies: what is said of lines, each saying made once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa

from compiler.runtime.adjudicate import decide_claim, kept_of
from compiler.runtime.again import Told, edits_again
from compiler.runtime.reader import Claim
from compiler.runtime.tables import Policy
from policyc.bulk.chunk import Chunk, one_array
from policyc.bulk.numbers import Numbers
from policyc.bulk.outcomes import PLAIN, as_text, plain_row, said_of, without_edits
from policyc.bulk.taking import taken
from policyc.library import SILENT


class Sayings:
    """What is said of rows of a chunk, as known on a day, by policies that have a number each."""

    def __init__(self, known_on: date | None) -> None:
        self._known_on = known_on
        self._rows: list[int] = []
        self._policies: list[int] = []
        self._sayings: list[int] = []
        self._packages: dict[int, str | None] = {}
        self._numbers: dict[str, int] = {}
        self._said: list[dict[str, Any]] = []
        self._speaks: list[bool] = []
        self._kept: dict[int, tuple[Told, int]] = {}
        self._kinds: set[tuple[int, int]] = set()

    def decide(self, number: int, policy: Policy, claim: Claim, first: int) -> None:
        """Decide a claim, whose rows are those from `first` on, unless a policy is silent on all of them."""
        said = self._decided(policy, claim)
        self._kinds.update(zip(repeat(number), said))
        if any(self._speaks[each] for each in said):
            self._packages[number] = policy.package
            self._add(number, [*range(first, first + len(said))], said)

    def add_silence(self, number: int, rows: Numbers, said: Mapping[str, Any]) -> None:
        """What is said of all rows that no policy concerns, under a number that none has."""
        self._packages[number] = None
        self._add(number, rows.tolist(), [self._saying(said)] * len(rows))

    def _add(self, number: int, rows: list[int], said: list[int]) -> None:
        self._rows += rows
        self._policies += [number] * len(rows)
        self._sayings += said

    def _decided(self, policy: Policy, claim: Claim) -> list[int]:
        """The numbers of what a policy says of the lines of a claim. What it keeps of lines that it decides
        alike is not said again.
        """
        known_on = self._known_on
        said = []
        for line, told in zip(claim.lines, kept_of(policy, claim, known_on), strict=True):
            if told is None:
                made = decide_claim(policy, claim, known_on)
                return [self._saying(each) for each in made["lines"]]
            edits = edits_again(told, policy, claim, line, known_on) if told.concerned else []
            said.append(
                self._saying_again(told) if not edits else self._saying({**told.line, "edits": edits})
            )
        return said

    def _saying_again(self, told: Told) -> int:
        known = self._kept.get(id(told))
        if known is None:
            known = self._kept[id(told)] = told, self._saying({**told.line, "edits": []})
        return known[1]

    def _saying(self, line: Mapping[str, Any]) -> int:
        said = said_of(line)
        number = self._numbers.setdefault(as_text(said), len(self._said))
        if number == len(self._said):
            self._said.append(said)
            self._speaks.append(said["determination"] not in SILENT)
        return number

    @property
    def rows(self) -> Numbers:
        """The rows of which something is said."""
        return np.asarray(self._rows, np.int64)

    @property
    def policies(self) -> Numbers:
        """The policy that says something of each of them."""
        return np.asarray(self._policies, np.int64)

    def kinds(self) -> set[tuple[int, str]]:
        """The policies, each with what it says of some line, but for edits."""
        texts = [without_edits(said) for said in self._said]
        return {(policy, texts[said]) for policy, said in self._kinds}

    def made(self, chunk: Chunk, as_json: bool) -> Any:
        """The rows, as JSON texts or as columns of PLAIN."""
        ids, lines = chunk.ids.take(pa.array(self.rows)), chunk.lines[self.rows]
        if as_json:
            return self._texts(ids, lines)
        packages = pa.array([self._packages[policy] for policy in self._policies], pa.string())
        table = pa.Table.from_pylist([plain_row(said) for said in self._said], PLAIN)
        numbers = np.asarray(self._sayings, np.int64)
        said = [
            taken(one_array(column), numbers) for column in table.drop(["claim_id", "line", "policy"]).columns
        ]
        return pa.Table.from_arrays([ids, pa.array(lines), packages, *said], schema=PLAIN)

    def _texts(self, ids: pa.Array, lines: Numbers) -> list[str]:
        packages = {policy: as_text(package) for policy, package in self._packages.items()}
        said = [text[1:] for text in self._numbers]
        of_row = zip(ids.to_pylist(), lines.tolist(), self._policies, self._sayings, strict=True)
        return [
            f'{{"claim_id": {as_text(claim)}, "line": {line}, "policy": {packages[policy]}, {said[at]}'
            for claim, line, policy, at in of_row
        ]
