"""A recorded decision is made again, and compared with what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from compiler.runtime.claim_values import read_date
from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError
from policyc.library import PolicyLibrary
from policyc.policy import Policy
from policyc.records.record import FORMAT, asked, digests, lines


class Recorded(NamedTuple):
    """What a record says; `policy` is None where a whole library was silent."""

    policy: str | None
    known_on: date | None
    digests: dict[str, str]
    claim: dict[str, Any]
    left_out: list[str]
    lines: list[dict[str, Any]]


class Difference(NamedTuple):
    """What is said of a line otherwise now; None where it is not said at all."""

    line: int
    about: str
    then: object
    now: object


class Replayed(NamedTuple):
    """What came of a record: the digests that are others now, what is decided otherwise, and in `untold` why
    it cannot be told whether anything is.
    """

    changed: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    untold: str | None = None


def recorded(content: bytes) -> Recorded:
    """The content of a record. Raises ValueError, with why, where it is none that can be read here."""
    try:
        found = decode(content)
    except ClaimError as error:
        raise ValueError(error.message) from None
    if not isinstance(found, dict) or "record" not in found:
        raise ValueError("it is no record of a decision")
    if found["record"] != FORMAT:
        raise ValueError(f"it is written in format {found['record']}, which this policyc does not know")
    kinds = {"digests": dict, "claim": dict, "left_out": list, "lines": list}
    wrong = [key for key, kind in kinds.items() if not isinstance(found.get(key), kind)]
    if wrong:
        raise ValueError(f"it has no `{wrong[0]}`")
    known_on = found.get("known_on")
    try:
        day = read_date(known_on) if known_on is not None else None
    except ClaimError as error:
        raise ValueError(error.message) from None
    return Recorded(found.get("policy"), day, *(found[key] for key in kinds))


def replayed(record: Recorded, policies: Policy | PolicyLibrary) -> Replayed:
    """Decide again what a record says."""
    own = _own(record, policies)
    if not own:
        missing = f"the policy `{record.policy}` is not here"
        return Replayed(untold=missing if record.policy else "a whole library decided it: name its folder")
    now = digests(own)
    changed = tuple(key for key in now if record.digests.get(key) != now[key])
    try:
        wanted, _ = asked(record.claim, own, record.known_on)
        lost = sorted(wanted.names() & set(record.left_out))
        if lost:
            named = ", ".join(f"`{name}`" for name in lost)
            return Replayed(changed, untold=f"what is asked now is not in the record: {named}")
        if record.policy is not None:
            again = own[0].decide(record.claim, known_on=record.known_on)
        else:
            assert isinstance(policies, PolicyLibrary)
            again, *_ = policies.decide(record.claim, known_on=record.known_on)
    except ClaimError as error:
        return Replayed(changed, untold=f"its claim cannot be read now: {error}")
    return Replayed(changed, tuple(_differences(record, again)))


def _own(record: Recorded, policies: Policy | PolicyLibrary) -> Sequence[Policy]:
    """The policies that a record speaks of; none where they are not here."""
    every = (policies,) if isinstance(policies, Policy) else policies.policies
    if record.policy is None:
        return every if isinstance(policies, PolicyLibrary) else ()
    return [policy for policy in every if policy.compiled.package == record.policy]


def _differences(record: Recorded, again: dict[str, Any]) -> list[Difference]:
    if record.policy is None and again["policy"] is not None:
        return [Difference(line["line"], "policy", None, again["policy"]) for line in again["lines"]]
    pairs = zip(record.lines, lines(again), strict=False)
    found = [
        Difference(now["line"], about, then.get(about), now.get(about))
        for then, now in pairs
        for about in dict.fromkeys([*then, *now])
        if then.get(about) != now.get(about)
    ]
    if not found and len(record.lines) != len(again["lines"]):
        return [Difference(0, "lines", len(record.lines), len(again["lines"]))]
    return found
