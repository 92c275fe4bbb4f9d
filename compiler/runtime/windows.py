"""Stretches of days around another day, by the calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple

LAST_DAY = date.max.toordinal()


class Offset(NamedTuple):
    """So many months, then days: a month later is the same day of the next month, or its last. They are
    counted from a day or, where `calendar` is 1 or 12, from the first day of its month or year.
    """

    months: int = 0
    days: int = 0
    calendar: int = 0

    def __add__(self, other: Offset) -> Offset:  # type: ignore[override]
        return Offset(self.months + other.months, self.days + other.days, self.calendar + other.calendar)


class Window(NamedTuple):
    """The days from one offset to before another, counted from the day of a fact; None is without end."""

    anchor: str
    start: Offset | None
    end: Offset | None

    def around(self, anchor: date) -> tuple[int, int]:
        """The window as ordinal days, from the first to before the second."""
        start = 1 if self.start is None else moved(anchor, self.start)
        return start, LAST_DAY + 1 if self.end is None else moved(anchor, self.end)

    def first_anchor(self, day: int, of_start: bool) -> int:
        """The first anchor, as ordinal, whose window starts (or ends) after a day; one behind all if none."""
        offset = self.start if of_start else self.end
        if offset is None:
            return LAST_DAY + 1 if of_start else 1
        low, high = 1, LAST_DAY + 1
        while low < high:
            middle = (low + high) // 2
            if moved(date.fromordinal(middle), offset) > day:
                high = middle
            else:
                low = middle + 1
        return low


def moved(day: date, offset: Offset) -> int:
    """The ordinal of the day so far from a day; before or behind all days where no calendar has it."""
    months, days, calendar = offset
    if calendar:
        day = day.replace(month=1 if calendar == 12 else day.month, day=1)
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if year < date.min.year:
        return 0
    if year > date.max.year:
        return LAST_DAY + 2
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)).toordinal() + days
