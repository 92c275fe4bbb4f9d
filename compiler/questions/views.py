"""Days that show all ways in which windows around a line's days can lie to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from compiler.ir import decision as d
from compiler.runtime.atoms import Condition, DayIs, WindowIs
from compiler.runtime.windows import Offset, moved

_SLACK = 31
"""How far the ends of months can move what is counted back from a day."""

_CYCLE = 4 * 366 + 2 * _SLACK

_FEW_DAYS = 27
"""No month is as short."""

Dates = tuple[date, date]
"""The first and the last of some days."""

Stretch = tuple[int, int]


def views(decisions: Sequence[d.Decision], governed_by: str, *days: Dates) -> tuple[date, ...]:
    """Of some days one for each way; the first alone where no window is asked."""
    anchors = (governed_by,)
    asked = _dates([rule.condition for decision in decisions for rule in decision.rules], anchors)
    about = [
        tuple(atom for atom in dict.fromkeys(own) if isinstance(atom, DayIs) or _around(atom, anchors))
        for own in asked.values()
        if any(_around(atom, anchors) for atom in own) and not _always_so(own, anchors)
    ]
    return _views(tuple(about), anchors, days) if about else (days[0][0],)


@lru_cache(maxsize=1024)
def _views(
    about: tuple[tuple[DayIs | WindowIs, ...], ...], anchors: tuple[str, ...], days: tuple[Dates, ...]
) -> tuple[date, ...]:
    """One day for each signature of what is asked of each date.

    Windows that count months and days lie to each other as the calendar has it: four years of days show all,
    and four more from where they pass a day that is asked for itself.
    """
    starts = [day for own in about for day in _passing(own)]
    found: dict[tuple[object, ...], date] = {}
    for first, last in days:
        left = first.toordinal()
        for start in sorted({left, *starts}):
            for number in range(max(start, left), min(start + _CYCLE, last.toordinal()) + 1):
                day = date.fromordinal(number)
                found.setdefault(tuple(_signature(own, anchors, day) for own in about), day)
            left = max(left, start + _CYCLE + 1)
    return tuple(found.values())


def _passing(own: tuple[DayIs | WindowIs, ...]) -> Iterator[int]:
    """About the days of the line on which windows pass days that are asked for themselves."""
    windows = [atom.window for atom in own if isinstance(atom, WindowIs)]
    ends = (day for atom in own if isinstance(atom, DayIs) for day in (atom.start, atom.end))
    asked = {day for day in ends if day is not None}
    for window in windows:
        for offset in (offset for offset in (window.start, window.end) if offset is not None):
            for day in asked:
                yield moved(day, offset) - _SLACK
                yield moved(day, Offset(-offset.months, -offset.days)) - _SLACK


def _around(atom: DayIs | WindowIs, anchors: tuple[str, ...]) -> bool:
    return isinstance(atom, WindowIs) and (atom.window.anchor in anchors or atom.fact in anchors)


def _always_so(own: Sequence[DayIs | WindowIs], anchors: tuple[str, ...]) -> bool:
    """Whether all windows lie to each other in one way: whole months, or a few days, from the line's day."""
    for atom in own:
        if not isinstance(atom, WindowIs) or atom.window.anchor not in anchors:
            return False
        for offset in (atom.window.start, atom.window.end):
            if offset is not None and (offset.calendar or (offset.days and offset.months)):
                return False
            if offset is not None and abs(offset.days) > _FEW_DAYS:
                return False
    return True


def _signature(about: tuple[DayIs | WindowIs, ...], anchors: tuple[str, ...], day: date) -> frozenset[int]:
    """In which of the stretches together a date can lie."""
    stretches = [_stretch(atom, anchors, day) for atom in about]
    cuts = {1, *(cut for stretch in stretches for cut in stretch)}
    return frozenset(
        sum(1 << at for at, (start, end) in enumerate(stretches) if start <= cut < end) for cut in cuts
    )


def _stretch(atom: DayIs | WindowIs, anchors: tuple[str, ...], day: date) -> Stretch:
    """The days on which a date is what is asked of it, or the day of the line is what is asked around it."""
    if isinstance(atom, WindowIs) and atom.window.anchor in anchors:
        return atom.window.around(day)
    if isinstance(atom, WindowIs):
        ends = (atom.window.first_anchor(day.toordinal(), of_start) for of_start in (False, True))
        return next(ends), next(ends)
    start = 1 if atom.start is None else atom.start.toordinal()
    return start, date.max.toordinal() + 1 if atom.end is None else atom.end.toordinal()


def _dates(conditions: Sequence[Condition], anchors: tuple[str, ...]) -> dict[str, list[DayIs | WindowIs]]:
    """What is asked of each date, also of list elements; those of equal name are looked at together."""
    found: dict[str, list[DayIs | WindowIs]] = {}
    waiting = list(conditions)
    while waiting:
        for atom in d.atoms(waiting.pop()):
            match atom:
                case DayIs() | WindowIs():
                    turned = isinstance(atom, WindowIs) and atom.fact in anchors
                    fact = atom.window.anchor if turned and isinstance(atom, WindowIs) else atom.fact
                    found.setdefault(fact, []).append(atom)
                case d.Elements():
                    waiting.append(atom.where)
                case d.Newest():
                    waiting += [atom.among, atom.has]
                case _:
                    pass
    return found
