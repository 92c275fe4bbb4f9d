"""Limits: how much of what a section allows may be billed in a period, and what lies above."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, localcontext
from itertools import accumulate, islice, product
from math import prod
from typing import NamedTuple

from compiler.runtime.claim_values import Record
from compiler.runtime.edits import EXACT, Edit, plain
from compiler.runtime.line_facts import ASSUMPTION
from compiler.runtime.reader import Claim, Line
from compiler.runtime.reasons import reason_codes
from compiler.runtime.settling import MOST_SETS, Missing
from compiler.runtime.tables import LimitRow, Policy, Version
from compiler.runtime.windows import moved

ALLOWED = "medically_necessary"
"""What a limit is a limit of."""

_MOST_TOGETHER = 1_000

_ENDLESS = Context(prec=28, rounding=ROUND_FLOOR)
"""So exactly units are told that have no end of digits, and rather too few are allowed."""

_MOST_OPEN = 4
"""Things that may have been billed before, of which all ways to settle them are tried."""


class Limited(NamedTuple):
    """What the limits of a version come to for a line: edits, the minimal sets of facts without which they
    are not known, and the assumptions behind the limits that speak of it. `least` are the edits of limits
    of which it is open how much is above them, if nothing else was billed; `open` all facts that can say it.
    """

    edits: tuple[Edit, ...] = ()
    missing: Missing = Missing((), True)
    assumptions: tuple[str, ...] = ()
    least: tuple[Edit, ...] = ()
    open: frozenset[str] = frozenset()


class Billed(NamedTuple):
    """Something that may have been billed before, `most` of it, None for no bound: any one of the facts can
    rule it out, and all together say how much it is.
    """

    facts: tuple[str, ...]
    most: Decimal | None


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
    # Whatever the program around us computes with, here sums are exact.
    with localcontext(EXACT):
        edits: list[Edit] = []
        least: list[Edit] = []
        missing: list[Missing] = []
        facts: set[str] = set()
        assumptions: list[str] = []
        for limit in version.limits:
            if limit.section not in sections or not speaks_of(policy, limit, line.code):
                continue
            per = per_unit(policy, limit, line.code, line.day, known_on)
            if per is None:
                continue
            if limit.doubted:
                missing.append(Missing(((f"{ASSUMPTION}{limit.assumption}",),), True))
                continue
            assumptions += [limit.assumption] if limit.assumption is not None else []
            units = line.stated.get("line.units")
            if not isinstance(units, Decimal):
                # Nothing is above the limit that is not billed.
                missing.append(Missing((("line.units",),), True))
                continue
            used, open_ = _used(policy, limit, claim, line, known_on)
            own = units * per
            asked = _settling(own, used, limit.amount, open_)
            over = _over(own, used, limit.amount)
            if asked is not None:
                missing.append(asked)
                facts.update(fact for each in open_ for fact in each.facts)
            if over > 0:
                allowed = _divided(own - over, per)
                (edits if asked is None else least).append(
                    {
                        "kind": "units_over_limit",
                        "section": limit.section,
                        "limit": limit.shown,
                        **({"cites": limit.cites} if limit.cites is not None else {}),
                        "allowed": plain(allowed),
                        "over": plain(units - allowed),
                        "determination": limit.determination,
                        "reason_codes": reason_codes(limit.determination, day, limit.reasons),
                    }
                )
        facts.update(fact for each in missing for one in each.sets for fact in one)
        rests = tuple(dict.fromkeys(assumptions))
        return Limited(tuple(edits), _all_of(missing), rests, tuple(least), frozenset(facts))


def _divided(amount: Decimal, per: Decimal) -> Decimal:
    try:
        return amount / per
    except Inexact:
        return _ENDLESS.divide(amount, per)


def _over(own: Decimal, used: Decimal, amount: Decimal) -> Decimal:
    """How much of what a line bills lies above a limit."""
    return min(own, max(Decimal(0), used + own - amount))


def _settling(own: Decimal, used: Decimal, amount: Decimal, billed: list[Billed]) -> Missing | None:
    """The minimal sets of facts of which some values say how much is above a limit, whatever the others are;
    None where that is so already.
    """

    def settled(used: Decimal, left: Iterable[Billed]) -> bool:
        most = [each.most for each in left]
        highest = own if None in most else _over(own, used + sum(m for m in most if m is not None), amount)
        return highest == _over(own, used, amount)

    if settled(used, billed):
        return None
    if len(billed) > _MOST_OPEN:
        return Missing((tuple(each.facts[0] for each in billed),), False)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    # Each is left open, ruled out by one fact, or known to be as much as it can be.
    ways = [[(), *((fact,) for fact in each.facts), each.facts] for each in billed]
    for chosen in product(*(range(len(way)) for way in ways)):
        left = [each for each, at in zip(billed, chosen, strict=True) if at == 0]
        whole = [each for each, at in zip(billed, chosen, strict=True) if at == len(each.facts) + 1]
        more = sum((amount if each.most is None else each.most for each in whole), used)
        if settled(more, left):
            facts = tuple(fact for way, at in zip(ways, chosen, strict=True) for fact in way[at])
            found[frozenset(facts)] = facts
    return _smallest(found, [fact for each in billed for fact in each.facts])


def _smallest(found: dict[frozenset[str], tuple[str, ...]], order: list[str]) -> Missing:
    """Of sets those that have no other in them, smaller ones first, then in the order of their facts."""
    kept = [facts for key, facts in found.items() if not any(other < key for other in found)]
    kept.sort(key=lambda facts: (len(facts), [*map(order.index, facts)]))
    return Missing(tuple(kept[:MOST_SETS]), len(kept) <= MOST_SETS)


def _all_of(missing: list[Missing]) -> Missing:
    """What settles several limits: for each of them a set."""
    if len(missing) < 2:
        return missing[0] if missing else Missing((), True)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for chosen in islice(product(*(each.sets for each in missing)), _MOST_TOGETHER):
        facts = tuple(dict.fromkeys(fact for one in chosen for fact in one))
        found.setdefault(frozenset(facts), facts)
    ways = prod(len(each.sets) for each in missing)
    order = list(dict.fromkeys(fact for each in missing for one in each.sets for fact in one))
    sets, complete = _smallest(found, order)
    return Missing(sets, complete and all(each.complete for each in missing) and ways <= _MOST_TOGETHER)


def speaks_of(policy: Policy, limit: LimitRow, code: str) -> bool:
    """Whether a limit is one of a code, or of what it replaces or is replaced by."""
    return not limit.codes or any(code in policy.family(each) for each in limit.codes)


def per_unit(policy: Policy, limit: LimitRow, code: str, day: date, known_on: date | None) -> Decimal | None:
    """How much one billed unit of a code comes to; None where it is nothing that the limit counts."""
    if not limit.units:
        return Decimal(1)
    row = policy.row(code, day, known_on)
    if row is None:
        # Billed when it was not valid: it stands for what it last stood for.
        row = next(iter(policy.rows(code, known_on)[::-1]), None)
    if row is None or row.per is None:
        return None
    amount, name = row.per
    by = dict(limit.units).get(name)
    return None if by is None else EXACT.multiply(amount, by)


def _used(
    policy: Policy, limit: LimitRow, claim: Claim, line: Line, known_on: date | None
) -> tuple[Decimal, list[Billed]]:
    """What earlier lines have surely used up in the period, and what else may have been billed in it."""
    counted = limit.codes or (line.code,)
    kept = policy.about(claim)
    key = (_Bills, counted, limit.units, known_on)
    if key not in kept:
        codes = frozenset[str]().union(*map(policy.family, counted))
        kept[key] = _Bills(policy, limit, codes, claim, known_on)
    bills: _Bills = kept[key]
    return bills.before(line, 1 if limit.since is None else moved(line.day, limit.since))


class _Bills:
    """What a claim bills of some codes, in order of days, of a day the history first and then lines as they
    stand: sums of what is sure up to each bill, and what is open.
    """

    def __init__(
        self, policy: Policy, limit: LimitRow, codes: frozenset[str], claim: Claim, known_on: date | None
    ) -> None:
        self._sure: list[tuple[int, int, Decimal]] = []
        self._open: list[tuple[int, int, Billed]] = []
        self._undated: list[tuple[int, Billed]] = []
        self._places = {line.number: at for at, line in enumerate(claim.lines)}
        for at, line in enumerate(claim.lines):
            units, day = line.stated.get("line.units"), line.day.toordinal()
            per = per_unit(policy, limit, line.code, line.day, known_on) if line.code in codes else None
            if per is not None and isinstance(units, Decimal):
                self._sure.append((day, at, units * per))
            elif per is not None:
                self._open.append((day, at, Billed((f"lines[{line.number}].units",), None)))
        history = claim.stated.get("claim.history")
        if not isinstance(history, tuple):
            self._undated.append((-1, Billed(("claim.history",), None)))
            history = ()
        for at, record in enumerate(history):
            assert isinstance(record, Record)
            if record["procedure"] is None or record["procedure"] in codes:
                most = _largest(policy, limit, record, codes, known_on)
                self._earlier(record, f"claim.history[{at}]", at - len(history), most)
        self._sure.sort()
        self._open.sort()
        self._sums = [*accumulate((amount for _, _, amount in self._sure), initial=Decimal(0))]

    def _earlier(self, record: Record, path: str, place: int, most: Decimal | None) -> None:
        """A record of the history."""
        day = record["service_date"]
        unknown = tuple(
            f"{path}.{key}" for key in ("procedure", "service_date", "units") if record[key] is None
        )
        if not unknown:
            assert isinstance(day, date) and most is not None
            self._sure.append((day.toordinal(), place, most))
        elif most != 0 and isinstance(day, date):
            self._open.append((day.toordinal(), place, Billed(unknown, most)))
        elif most != 0:
            self._undated.append((place, Billed(unknown, most)))

    def before(self, line: Line, first: int) -> tuple[Decimal, list[Billed]]:
        """What is billed from a day on and before a line; what is open, lines first."""
        here = (line.day.toordinal(), self._places[line.number])
        low, high = bisect_left(self._sure, (first,)), bisect_left(self._sure, here)
        used = self._sums[high] - self._sums[low] if low < high else Decimal(0)
        billed = self._open[bisect_left(self._open, (first,)) : bisect_left(self._open, here)]
        left = sorted([*((at, each) for _, at, each in billed), *self._undated], key=_lines_first)
        return used, [each for _, each in left]


def _lines_first(billed: tuple[int, Billed]) -> tuple[bool, int]:
    return billed[0] < 0, billed[0]


def _largest(
    policy: Policy, limit: LimitRow, record: Record, codes: frozenset[str], known_on: date | None
) -> Decimal | None:
    """How much an entry of the history is at most, if it is one of some codes; None for no bound."""
    code, day, units = (record[key] for key in ("procedure", "service_date", "units"))
    pers = [
        per_unit(policy, limit, each, on, known_on)
        for each in ([code] if isinstance(code, str) else codes)
        for on in ([day] if isinstance(day, date) else _days(policy, each, known_on))
    ]
    per = max((each for each in pers if each is not None), default=Decimal(0))
    if isinstance(units, Decimal):
        return units * per
    return None if per else Decimal(0)


def _days(policy: Policy, code: str, known_on: date | None) -> list[date]:
    """Days of all rows of a code, on which its units may stand for something else."""
    return [row.start or date.min for row in policy.rows(code, known_on)] or [date.min]
