"""Which lines of some claims two versions decide differently: counted by kind, one claim at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Context, Decimal
from typing import Any, NamedTuple

from attrs import Factory, define, frozen

from compiler.diff.kinds import Decided, kind, other_edits
from compiler.diff.side import Side
from compiler.emit.python import code
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.claim_values import FactSpec, reader_of
from compiler.runtime.compiled import run
from compiler.runtime.errors import ClaimError, quoted, step
from compiler.runtime.reader import Claim, read_claim
from compiler.runtime.tables import Policy

_EXACT = Context(prec=300)
"""Holds any sum of numbers as claims may state them."""

Told = str | tuple[str, ...]


class Change(NamedTuple):
    """A kind of difference: what a line was and becomes. Of edits, those that one side has alone; of what is
    missing, nothing.
    """

    kind: str
    before: Told
    after: Told


@frozen
class Affected:
    """A line that is decided differently; `day` is the one that the claim states, `money` is None where it
    states none.
    """

    change: Change
    claim_id: str
    day: date
    money: Decimal | None
    decisions: tuple[Decided, Decided]


@define
class Count:
    """The lines of one change, what is billed by those that state it, and the first of them."""

    example: Affected
    lines: int = 0
    money: Decimal = Decimal(0)
    unstated: int = 0


@define
class Impact:
    """What was found so far."""

    claims: int = 0
    lines: int = 0
    unreadable: int = 0
    changed_claims: int = 0
    counts: dict[Change, Count] = Factory(dict)

    @property
    def changed_lines(self) -> int:
        return sum(count.lines for count in self.counts.values())

    def add(self, affected: Affected) -> None:
        """Count a line."""
        count = self.counts.setdefault(affected.change, Count(affected))
        count.lines += 1
        if affected.money is None:
            count.unstated += 1
        else:
            count.money = _EXACT.add(count.money, affected.money)


@define
class Assessor:
    """Decides claims by two versions. What a line bills stands under its key `money`; `extra` is told of each
    key that neither version declares, which is an error without it.
    """

    sides: tuple[Side, Side]
    money: str
    extra: Callable[[str], None] | None = None
    impact: Impact = Factory(Impact)
    _policies: tuple[Policy, Policy] = Factory(lambda self: _compiled(self.sides), takes_self=True)

    def assess(self, claim: object) -> list[Affected]:
        """The lines of a claim that the versions decide differently, counted.

        Raises ClaimError where a version cannot read it.
        """
        self.impact.claims += 1
        if isinstance(claim, ClaimError):
            self.impact.unreadable += 1
            raise claim
        try:
            found = list(self._affected(claim))
        except ClaimError:
            self.impact.unreadable += 1
            raise
        for affected in found:
            self.impact.add(affected)
        self.impact.changed_claims += bool(found)
        return found

    def _affected(self, claim: object) -> Iterator[Affected]:
        first, second = self._read(claim)
        decided = [
            decide_claim(policy, read, side.known_on)["lines"]
            for policy, read, side in zip(
                self._policies, self._moved(claim, first, second), self.sides, strict=True
            )
        ]
        paid = [self._paid(claim, at) for at in range(len(first.lines))]
        self.impact.lines += len(first.lines)
        for line, money, one, other in zip(first.lines, paid, *decided, strict=True):
            change = _change(one, other)
            if change is not None:
                yield Affected(change, first.claim_id, line.day, money, (one, other))

    def _read(self, claim: object) -> tuple[Claim, Claim]:
        """The claim as each side reads it."""
        ignored: tuple[list[str], list[str]] = ([], [])
        one, other = (
            read_claim(claim, policy.schema, own.append)
            for policy, own in zip(self._policies, ignored, strict=True)
        )
        for pointer in ignored[0]:
            if pointer in ignored[1] and not self._is_money(pointer):
                self._undeclared(pointer, one.claim_id)
        return one, other

    def _moved(self, claim: Any, *read: Claim) -> Iterable[Claim]:
        """The claim as each side decides it: where they are days, governed by each."""
        if self.sides[0].day is None:
            return read
        return (
            read_claim(side.moved(claim), policy.schema, lambda _: None)
            for side, policy in zip(self.sides, self._policies, strict=True)
        )

    def _undeclared(self, pointer: str, claim_id: str) -> None:
        if self.extra is not None:
            self.extra(pointer)
            return
        key = quoted(pointer.rpartition("/")[2])
        error = ClaimError("unknown-key", f"neither version declares {key}", pointer)
        error.claim_id = claim_id
        raise error

    def _is_money(self, pointer: str) -> bool:
        return re.fullmatch(r"/lines/[0-9]+" + re.escape(step(self.money)), pointer) is not None

    def _paid(self, claim: Any, at: int) -> Decimal | None:
        """What a line bills."""
        stated = claim["lines"][at].get(self.money)
        if stated is None:
            return None
        try:
            found = reader_of(FactSpec(f"line.{self.money}", "decimal"))(stated)
        except ClaimError as error:
            error.at, error.claim_id = f"/lines/{at}{step(self.money)}", claim["claim_id"]
            raise
        assert isinstance(found, Decimal)
        return found


def _compiled(sides: tuple[Side, Side]) -> tuple[Policy, Policy]:
    """Both sides as they decide many claims; one policy where they are the same."""
    one = run(code(sides[0].program))
    return one, one if sides[1].program is sides[0].program else run(code(sides[1].program))


def _change(one: Decided, other: Decided) -> Change | None:
    differing = kind(one, other)
    match differing:
        case None:
            return None
        case "determination":
            return Change(differing, one["determination"], other["determination"])
        case "rules":
            before, after = (tuple(line["rules"] + line.get("unsure", [])) for line in (one, other))
            return Change(differing, before, after)
        case "edits":
            kinds = other_edits(one, other)
            before, after = (
                tuple(k for k in kinds if any(edit["kind"] == k for edit in line["edits"]))
                for line in (one, other)
            )
            return Change(differing, before, after)
        case _:
            return Change(differing, one["determination"], other["determination"])
