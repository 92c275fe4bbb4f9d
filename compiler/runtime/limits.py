"""Limits: how much of what a section allows may be billed in a period, and what lies above."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from compiler.runtime.claim_values import Record
from compiler.runtime.edits import Edit, plain
from compiler.runtime.line_facts import ASSUMPTION
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import reason_codes
from compiler.runtime.tables import LimitRow, Policy, Version
from compiler.runtime.windows import moved


class Limited(NamedTuple):
    """What the limits of a version come to for a line: edits, facts without which they are not known, and the
    assumptions behind the limits that speak of it.
    """

    edits: tuple[Edit, ...] = ()
    missing: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


def limited(
    policy: Policy,
    version: Version,
    claim: Claim,
    line: Line,
    sections: tuple[str, ...],
    day: date,
    known_on: date | None,
) -> Limited:
    """The limits of the sections that give a line its determination."""
    edits: list[Edit] = []
    missing: list[str] = []
    assumptions: list[str] = []
    for limit in version.limits:
        if limit.section not in sections or not speaks_of(policy, limit, line.code):
            continue
        per = _per(policy, limit, line.code, line.day, known_on)
        if per is None:
            continue
        if limit.doubted:
            missing.append(f"{ASSUMPTION}{limit.assumption}")
            continue
        assumptions += [limit.assumption] if limit.assumption is not None else []
        units = line.stated.get("line.units")
        used, open_ = _used(policy, limit, claim, line, known_on)
        if not isinstance(units, Decimal):
            # Nothing is above the limit that is not billed.
            missing += ["line.units", *open_]
            continue
        own = units * per
        over = min(own, max(Decimal(0), used + own - limit.amount))
        if open_ and over < own:
            missing += open_
        elif over > 0:
            edits.append(
                {
                    "kind": "units_over_limit",
                    "section": limit.section,
                    "limit": limit.shown,
                    **({"cites": limit.cites} if limit.cites is not None else {}),
                    "allowed": plain((own - over) / per),
                    "over": plain(over / per),
                    "determination": limit.determination,
                    "reason_codes": reason_codes(limit.determination, day, limit.reasons),
                }
            )
    return Limited(tuple(edits), tuple(dict.fromkeys(missing)), tuple(assumptions))


def speaks_of(policy: Policy, limit: LimitRow, code: str) -> bool:
    """Whether a limit is one of a code, or of what it replaces or is replaced by."""
    return not limit.codes or any(code in policy.family(each) for each in limit.codes)


def _per(policy: Policy, limit: LimitRow, code: str, day: date, known_on: date | None) -> Decimal | None:
    """How much one billed unit of a code is in the limit's unit; None where it is of another kind."""
    if not limit.unit:
        return Decimal(1)
    row = policy.row(code, day, known_on)
    if row is None:
        # Billed when it was not valid: it stands for what it last stood for.
        row = next(iter(policy.rows(code, known_on)[::-1]), None)
    return row.per[0] if row is not None and row.per is not None and row.per[1] == limit.unit else None


def _used(
    policy: Policy, limit: LimitRow, claim: Claim, line: Line, known_on: date | None
) -> tuple[Decimal, list[str]]:
    """What earlier lines have used up in the period, and the facts without which that is not known."""
    first = 1 if limit.since is None else moved(line.day, limit.since)
    codes = frozenset[str]().union(*(policy.family(code) for code in limit.codes or (line.code,)))
    used, open_ = Decimal(0), []
    for earlier in _earlier(claim, line):
        if earlier.code in codes and first <= earlier.day.toordinal() <= line.day.toordinal():
            units = earlier.stated.get("line.units")
            per = _per(policy, limit, earlier.code, earlier.day, known_on)
            if not isinstance(units, Decimal):
                open_.append(f"lines[{earlier.number}].units")
            elif per is not None:
                used += units * per
    history = claim.stated.get("claim.history")
    if not isinstance(history, tuple):
        return used, [*open_, "claim.history"]
    for at, record in enumerate(history):
        assert isinstance(record, Record)
        code, day, units = (record[key] for key in ("procedure", "service_date", "units"))
        if (code is not None and code not in codes) or (
            isinstance(day, date) and not first <= day.toordinal() <= line.day.toordinal()
        ):
            continue
        unknown = [key for key in ("procedure", "service_date", "units") if record[key] is None]
        open_ += [f"claim.history[{at}].{key}" for key in unknown]
        if not unknown and isinstance(day, date) and isinstance(units, Decimal):
            used += units * (_per(policy, limit, str(code), day, known_on) or Decimal(0))
    return used, open_


def _earlier(claim: Claim, line: Line) -> Iterator[Line]:
    """The lines of the claim that come before one: by day, then by their order."""
    for at, other in enumerate(claim.lines):
        if other is not line and (other.day, at) < (line.day, claim.lines.index(line)):
            yield other
