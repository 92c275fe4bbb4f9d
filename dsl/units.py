"""What unit somebody may have meant."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from dsl.near import near

_SPOKEN = {
    "hour": "h", "hours": "h", "hr": "h", "hrs": "h",
    "minute": "min", "minutes": "min", "mins": "min",
    "second": "s", "seconds": "s", "sec": "s",
    "gram": "g", "grams": "g", "milligram": "mg", "milligrams": "mg",
    "microgram": "mcg", "micrograms": "mcg", "kilogram": "kg", "kilograms": "kg", "kilo": "kg", "kilos": "kg",
    "liter": "L", "liters": "L", "litre": "L", "litres": "L", "milliliter": "mL", "milliliters": "mL",
    "cc": "mL", "pound": "lb", "pounds": "lb", "lbs": "lb", "ounce": "oz", "ounces": "oz",
    "inches": "inch", "foot": "ft", "feet": "ft", "meter": "m", "meters": "m",
    "percent": "%", "percents": "%", "beats": "bpm", "celsius": "degC", "fahrenheit": "degF",
}  # fmt: skip
_PART = re.compile(r"[^/.]+")
_POWER = re.compile(r"[23]?\Z")
_TIMES = re.compile(r"(?:day|week|month|year)s?")


@cache
def units() -> tuple[str, ...]:
    """The units of the grammar, without powers and quotients."""
    grammar = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    listed = re.search(r"^UNIT_ATOM: \((.*?)\)", grammar, re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r'"(.+?)"', listed[1])) if listed else ()


def near_unit(wrong: str) -> str | None:
    """The unit that a word means: `mg/dL` for `mg/dl`, `h` for `hours`, and of course `mg` for `mg`."""
    meant = _PART.sub(lambda part: _near_part(part[0]) or "?", wrong)
    return meant if "?" not in meant else None


def _near_part(wrong: str) -> str | None:
    if wrong in units():
        return wrong
    atom = _POWER.sub("", wrong, count=1)
    meant = _near_atom(atom)
    return meant and meant + wrong[len(atom) :]


def _near_atom(wrong: str) -> str | None:
    if wrong in units():
        return wrong
    lower = wrong.lower()
    spoken = _SPOKEN.get(lower) or next((unit for unit in units() if unit.lower() == lower), None)
    return spoken or (near(wrong, units()) if len(wrong) > 1 else None)


def unit_hint(wrong: str) -> str:
    """What to say of a word that stands where a unit may stand."""
    if _TIMES.fullmatch(wrong):
        return f"`3 {wrong} before DATE` is a day; how long it was is `{wrong} from DATE to DATE`, a number"
    meant = near_unit(wrong)
    if meant is not None:
        return f"did you mean the unit `{meant}`?"
    return "units are written `mg`, `mg/dL`, `/h`; the next criterion stands on a line of its own"
