"""The days on which versions are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from compiler.diff.side import Side
from compiler.questions.views import views


def days_apart(sides: tuple[Side, ...]) -> Iterator[tuple[date, ...]]:
    """Days, one a side, that show all that the calendar can tell apart of the first two sides."""
    moved = tuple(side.day for side in sides if side.day is not None)
    if moved:
        yield moved
        return
    for first, last in stretches(sides):
        decisions = [side.program.decision(first, side.known_on) for side in sides]
        # What an amendment alone does not change is no difference that it brings out.
        others = range(1, len(sides))
        if not any(_alike((sides[0], sides[at]), (decisions[0], decisions[at])) for at in others):
            in_force = [decision for decision in decisions if decision is not None]
            for day in views(in_force, sides[0].program.governed_by, (first, last)):
                yield (day,) * len(sides)


def stretches(sides: tuple[Side, ...]) -> list[tuple[date, date]]:
    """The first and the last day of each stretch in which no text and no code changes: first those from the
    last revision on, then those before it.
    """
    programs = [side.program for side in sides]
    cuts = sorted({day for program in programs for day in program.lowering.day_cuts})
    ends = [day - timedelta(days=1) for day in cuts[1:]] + [date.max]
    last = max(program.consolidated.effective_days[-1] for program in programs)
    found = zip(cuts, ends, strict=True)
    return sorted(found, key=lambda stretch: (stretch[0] < last, abs(stretch[0] - last)))


def _alike(sides: tuple[Side, ...], decisions: Sequence[object]) -> bool:
    """Whether text and codes are the same, so that two sides decide no line differently."""
    one, other = sides
    if decisions[0] != decisions[1] or one.program.code_rows != other.program.code_rows:
        return False
    if one.program.givers != other.program.givers:
        return False
    if one.known_on != other.known_on and any(row.posted for row in one.program.code_rows):
        return False
    listed = [{code for row in s.program.visible(s.known_on) for code in row.lists} for s in (one, other)]
    return listed[0] == listed[1] and one.program.absent == other.program.absent
