"""Numbers, codes and units beside the ones that stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_UNITS = {"day": "week", "week": "month", "month": "week", "year": "month"}
_MEASURED = {
    **{"ng": "mcg", "mcg": "mg", "mg": "g", "g": "mg", "kg": "g", "lb": "kg", "oz": "g"},
    **{"uL": "mL", "mL": "L", "dL": "L", "L": "mL", "s": "min", "min": "h", "h": "min"},
    **{"mm": "cm", "cm": "m", "m": "cm", "inch": "cm", "ft": "m"},
}
_FIRST = re.compile("[a-zA-Z]+")


def neighbours(text: str) -> Iterator[str]:
    """The numbers that differ by one in the last place: the lower, the higher."""
    if _NUMBER.fullmatch(text):
        whole, dot, fraction = text.partition(".")
        digits = int(whole + fraction)
        for number in (digits - 1, digits + 1):
            shown = f"{abs(number):0{len(fraction) + 1}}"
            sign = "-" if number < 0 else ""
            yield sign + (shown[: len(shown) - len(fraction)] + dot + shown[len(shown) - len(fraction) :])


def days_beside(day: date) -> Iterator[date]:
    """The day before and the day behind, as far as the calendar has them."""
    numbers = (day.toordinal() - 1, day.toordinal() + 1)
    yield from (date.fromordinal(n) for n in numbers if date.min.toordinal() <= n <= date.max.toordinal())


def other_codes(text: str) -> Iterator[str]:
    """The codes before and behind; of a prefix the code alone, and the shorter prefix."""
    if text.endswith("x"):
        yield text[:-1]
        yield text[:-2].rstrip(".") + "x"
        return
    match = re.fullmatch(r"(.*?)([0-9]+)", text)
    if match is not None:
        stem, digits = match.groups()
        around = (str(int(digits) + step).zfill(len(digits)) for step in (-1, 1))
        yield from (stem + number for number in around if len(number) == len(digits))


def other_time(unit: str) -> str | None:
    """Another unit of time for one of days or longer."""
    return _UNITS.get(unit)


def other_unit(unit: str) -> str | None:
    """A unit of the same kind for what a unit begins with; None where none is known."""
    first = _FIRST.match(unit)
    other = _MEASURED.get(first.group()) if first is not None else None
    return other + unit[len(first.group()) :] if first is not None and other is not None else None
