"""Days that show all ways in which windows around a line's days can lie to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from compiler import decision as d
from compiler.runtime.atoms import Condition, DayIs, WindowIs

_CYCLE = 4 * 366
Stretch = tuple[int, int]


def views(decisions: Sequence[d.Decision], governed_by: str, first: date, last: date) -> list[date]:
    """Of the days from the first to the last one for each way; the first alone where no window is asked.

    Windows that count months and days lie to each other as the calendar has it: four years of days show all.
    """
    anchors = (governed_by,)
    asked = _dates([rule.condition for decision in decisions for rule in decision.rules], anchors)
    windows = {fact: own for fact, own in asked.items() if any(_around(atom, anchors) for atom in own)}
    if not windows:
        return [first]
    found: dict[tuple[object, ...], date] = {}
    for number in range(min((last - first).days, _CYCLE) + 1):
        day = first + timedelta(days=number)
        found.setdefault(tuple(_signature(own, anchors, day) for own in windows.values()), day)
    return list(found.values())


def _around(atom: DayIs | WindowIs, anchors: tuple[str, ...]) -> bool:
    return isinstance(atom, WindowIs) and (atom.window.anchor in anchors or atom.fact in anchors)


def _signature(own: list[DayIs | WindowIs], anchors: tuple[str, ...], day: date) -> frozenset[int]:
    """In which of the stretches together a date can lie."""
    about = [atom for atom in own if isinstance(atom, DayIs) or _around(atom, anchors)]
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
