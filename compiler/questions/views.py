"""Days that show all ways in which windows around a line's days can lie to each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import product

from compiler.ir import decision as d
from compiler.ir.occurring import This
from compiler.questions.dated import Dated, aged, centres, dated, facts_in, inside, linked, told_by_the_day
from compiler.runtime.atoms import Condition, DayIs, WindowIs
from compiler.runtime.windows import LAST_DAY, Offset, Window, moved

_SLACK = 31
"""How far the ends of months can move what is counted back from a day."""

_CYCLE = 4 * 366 + 2 * _SLACK

_THREE_FEBRUARIES = 36 * 31
"""In so many days no century shows: there are no more Februaries without a leap day than elsewhere."""

_FEW_DAYS = 26
"""No month is as short, nor one that ends a day earlier."""

Dates = tuple[date, date]
"""The first and the last of some days."""

Stretch = tuple[int, int]

Group = tuple[tuple[str, ...], tuple[Dated, ...]]
"""Dates that are looked at together, and what is asked of them."""


def views(decisions: Sequence[d.Decision], governed_by: str, *days: Dates) -> tuple[date, ...]:
    """Of some days one for each way; the first alone where no window is asked."""
    return _days_of_each_kind(_asked(tuple(map(This, decisions)), governed_by)[0], governed_by, days)


def days_of_each_kind(conditions: Sequence[Condition], anchor: str, *days: Dates) -> tuple[date, ...]:
    """Of some days of a date one for each way in which what is asked around it can lie."""
    return _days_of_each_kind(_groups(conditions, anchor), anchor, days)


def _days_of_each_kind(groups: tuple[Group, ...], anchor: str, days: tuple[Dates, ...]) -> tuple[date, ...]:
    return _views(groups, anchor, days) if groups else (days[0][0],)


def seen(decisions: Sequence[d.Decision], governed_by: str, day: date) -> Hashable:
    """What some decisions can tell of a day: the same of days on which all windows lie alike."""
    groups, by_the_day = _asked(tuple(map(This, decisions)), governed_by)
    return day if by_the_day else tuple(_signature(group, governed_by, day) for group in groups)


@lru_cache(maxsize=4096)
def _asked(decisions: tuple[This[d.Decision], ...], governed_by: str) -> tuple[tuple[Group, ...], bool]:
    """The dates around which windows lie in several ways, and whether rules tell a day by more than these."""
    conditions = [*dict.fromkeys(atom for each in decisions for atom in _inside(each))]
    return _groups(conditions, governed_by), told_by_the_day(conditions, governed_by)


@lru_cache(maxsize=4096)
def _inside(decision: This[d.Decision]) -> tuple[d.Atom, ...]:
    """What the rules of a decision ask, each once."""
    return tuple(dict.fromkeys(inside(rule.condition for rule in decision.value.rules)))


def _groups(conditions: Sequence[Condition], anchor: str) -> tuple[Group, ...]:
    """The dates around which windows do not always lie in one way to those around a day."""
    found: list[Group] = []
    ages = aged(conditions, anchor)
    for facts, own in linked([*dict.fromkeys((*dated(conditions), *ages))], anchor):
        # Whole years back from a day lie to each other in one way.
        around = any(_around(atom, anchor) for atom in own) and not set(ages).issuperset(own)
        if around and not _always_so(facts, own, anchor):
            middle = next(centres(own, anchor), None)
            if middle is not None:
                together = [(middle, *(fact for fact in facts if fact != middle))]
            else:
                # More are told apart loosely: whatever one is, another can be anything. Where a code leaves
                # out what is asked of the others, two are told apart exactly.
                together = [(fact,) for fact in facts] + _pairs(own, anchor)
            found += [(few, tuple(_about(own, few, anchor))) for few in together]
    return tuple(found)


def _pairs(own: Iterable[Dated], anchor: str) -> list[tuple[str, ...]]:
    """The pairs of dates that are compared with each other."""
    windows = (atom for atom in own if isinstance(atom, WindowIs) and not _around(atom, anchor))
    return [*dict.fromkeys(tuple(sorted((atom.fact, atom.window.anchor))) for atom in windows)]


def _about(own: Iterable[Dated], facts: tuple[str, ...], anchor: str) -> Iterator[Dated]:
    among = {*facts, anchor}
    for atom in own:
        if atom.fact in among and (isinstance(atom, DayIs) or atom.window.anchor in among):
            yield atom


@lru_cache(maxsize=1024)
def _views(groups: tuple[Group, ...], anchor: str, days: tuple[Dates, ...]) -> tuple[date, ...]:
    """One day for each signature of what is asked of each date.

    Windows that count months and days lie to each other as the calendar has it: four years of days show all,
    and four more from where they pass a day that is asked for itself, or a leap day that a century has not.
    """
    found: dict[tuple[object, ...], date] = {}
    for first, last in days:
        left = first.toordinal()
        starts = {day for _, own in groups for day in _passing(own, first)}
        for start in sorted({left, *starts}):
            for number in range(max(start, left), min(start + _CYCLE, last.toordinal()) + 1):
                day = date.fromordinal(number)
                found.setdefault(tuple(_signature(group, anchor, day) for group in groups), day)
            left = max(left, start + _CYCLE + 1)
    return tuple(found.values())


def _passing(own: tuple[Dated, ...], first: date) -> Iterator[int]:
    """About the days of the line, from a first one, on which windows pass days that tell something."""
    offsets = {
        offset
        for atom in own
        if isinstance(atom, WindowIs)
        for offset in (atom.window.start, atom.window.end)
        if offset is not None
    }
    # From one date to the next, and on from there.
    sums = {one + other for one in offsets for other in offsets} if _links(own) else set()
    ends = (day for atom in own if isinstance(atom, DayIs) for day in (atom.start, atom.end))
    asked = product({day for day in ends if day is not None}, offsets | sums)
    reach = max(map(far, offsets | sums), default=0)
    centuries = product(_without_leap_day(first, reach), offsets | {Offset()})
    for day, offset in (*asked, *centuries):
        yield moved(day, offset) - _SLACK
        yield moved(day, Offset(-offset.months, -offset.days)) - _SLACK


def far(offset: Offset) -> int:
    """No fewer days than an offset can count."""
    return 31 * abs(offset.months) + abs(offset.days)


def _without_leap_day(day: date, reach: int) -> Iterator[date]:
    """The days behind the ends of February in which a century leaves out the leap day, as far as dates that
    lie so many days around a day, or around a later one, can meet them.
    """
    if 2 * reach <= _THREE_FEBRUARIES:
        return
    years = reach // 365 + 1
    first = max(date.min.year, day.year - years)
    for year in range(100 * -(-first // 100), date.max.year, 100):
        if year % 400:
            yield date(year, 3, 1)
            if year > day.year + years:
                return


def _links(own: Sequence[Dated]) -> bool:
    return len({frozenset((atom.fact, atom.window.anchor)) for atom in own if isinstance(atom, WindowIs)}) > 1


def _around(atom: Dated, anchor: str) -> bool:
    return isinstance(atom, WindowIs) and anchor in (atom.window.anchor, atom.fact)


def _always_so(facts: tuple[str, ...], own: Sequence[Dated], anchor: str) -> bool:
    """Whether all windows lie to each other in one way on each day: no date is asked for itself or reached in
    two ways, and what is counted from one is whole months, or a few days.
    """
    windows = [atom for atom in own if isinstance(atom, WindowIs)]
    pairs = {(atom.window.anchor, atom.fact) for atom in windows}
    ways = {frozenset(pair) for pair in pairs}
    tree = len(pairs) == len(ways) == len(facts)
    away = all(fact != anchor for _, fact in pairs)
    return tree and away and len(windows) == len(own) and all(_plain(atom.window) for atom in windows)


def _plain(window: Window) -> bool:
    offsets = [offset for offset in (window.start, window.end) if offset is not None]
    return not any(o.calendar or (o.days and o.months) or abs(o.days) > _FEW_DAYS for o in offsets)


def _first_days(window: Window) -> Window:
    """A window that begins and ends on the days of whole months, where it does so a day later."""
    ends = (
        o._replace(days=0) if o is not None and o.months and o.days == 1 else o
        for o in (window.start, window.end)
    )
    return Window(window.anchor, *ends)


def _signature(group: Group, anchor: str, day: date) -> frozenset[object]:
    """In which of the stretches together the dates can lie: the first, and on each of its days each other."""
    (first, *others), own = group
    mine = [_stretch(atom, anchor, day) for atom in own if _names(atom, anchor) == {first}]
    if not others:
        return frozenset(_masks(mine))
    theirs = [
        [_stretch(atom, anchor, day) for atom in own if _names(atom, anchor) == {other}] for other in others
    ]
    links = [
        [a for a in own if isinstance(a, WindowIs) and _names(a, anchor) == {first, other}]
        for other in others
    ]
    turns = set.union(*(_turns(first, mine, *each) for each in zip(theirs, links, strict=True)))
    found = set()
    for number in turns:
        here = date.fromordinal(number)
        own_mask = sum(1 << at for at, (start, end) in enumerate(mine) if start <= number < end)
        masks = (
            frozenset(_masks([*stretches, *(_stretch(atom, first, here) for atom in between)]))
            for stretches, between in zip(theirs, links, strict=True)
        )
        found.add((own_mask, *masks))
    return frozenset(found)


def _names(atom: Dated, anchor: str) -> set[str]:
    """The dates of which an atom asks, but for that around which all is looked at."""
    return {*facts_in(atom)} - {anchor}


def _masks(stretches: Sequence[Stretch]) -> set[int]:
    """In which stretches together a day can lie."""
    cuts = {1, *(cut for stretch in stretches for cut in stretch)}
    return {sum(1 << at for at, (start, end) in enumerate(stretches) if start <= cut < end) for cut in cuts}


def _turns(
    one: str, mine: Sequence[Stretch], theirs: Sequence[Stretch], links: Sequence[WindowIs]
) -> set[int]:
    """The days of one of two dates from which on the other can lie otherwise."""
    found = {cut for stretch in mine for cut in stretch}
    # The ends of the calendar, where windows without an end have theirs, are no days that tell anything.
    for cut in {cut for stretch in theirs for cut in stretch if 1 < cut < LAST_DAY}:
        for near in (cut - 1, cut, cut + 1):
            for atom in links:
                found |= _met(atom.window, near, atom.window.anchor == one)
    near_by = {day for day in found if 1 < day < LAST_DAY}
    even = all(_plain(_first_days(atom.window)) for atom in links)
    if not even or len({atom.window.anchor for atom in links}) > 1:
        # Then it depends on the month how long the windows between them are.
        first, last = min(near_by, default=1), max(near_by, default=1)
        days = range(max(1, first - 366), min(LAST_DAY, last + 366))
        near_by |= {day for day in days if date.fromordinal(day).day in (1, 28, 29, 30, 31)}
    return {1, *near_by}


@lru_cache(maxsize=65536)
def _met(window: Window, day: int, anchored: bool) -> frozenset[int]:
    """About the days of a date from which on a window between it and another passes a day of the other."""
    if anchored:
        return frozenset(window.first_anchor(day, side) for side in (True, False))
    return frozenset(window.around(date.fromordinal(day)))


def _stretch(atom: Dated, anchor: str, day: date) -> Stretch:
    """The days on which a date is what is asked of it, or the day of the line is what is asked around it."""
    if isinstance(atom, WindowIs) and atom.window.anchor == anchor:
        return atom.window.around(day)
    if isinstance(atom, WindowIs):
        return _anchors(atom.window, day.toordinal())
    start = 1 if atom.start is None else atom.start.toordinal()
    return start, date.max.toordinal() + 1 if atom.end is None else atom.end.toordinal()


@lru_cache(maxsize=65536)
def _anchors(window: Window, day: int) -> Stretch:
    """The days around which a window has a day in it."""
    return window.first_anchor(day, of_start=False), window.first_anchor(day, of_start=True)
