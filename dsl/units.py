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
_TIMES = re.compile(r"(?:day|week|month|yr|year)s?")
_SUBTRACTED = re.compile(r"([a-z_][\w.]*)\s+-\s+([a-z_][\w.]*)\s*[<>=]=?\s*[0-9]+\s*\Z")
_COMPARED = re.compile(r"([a-z_][\w.]*)\s*(?:[<>=!]=?|in\b)\s*[0-9.<]+\s*\Z")


@cache
def units() -> tuple[str, ...]:
    """The units of the grammar, without powers and quotients."""
    listed = re.search(r"^UNIT_ATOM: \((.*?)\)", _grammar(), re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r'"(.+?)"', listed[1])) if listed else ()


@cache
def words() -> frozenset[str]:
    """The words of the grammar."""
    return frozenset(re.findall(r"\b[a-z]{2,}\b", " ".join(re.findall(r'"[a-z]+"|/[^/\n]+/', _grammar()))))


def _grammar() -> str:
    return files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")


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


def unit_hint(wrong: str, before: str) -> str:
    """What to say of a word that stands behind a number where a unit may stand, by the words before it."""
    if is_time(wrong):
        return _time_hint(wrong, before)
    if wrong == "per":
        return "per cent is written `%`, a unit per another `mg/dL`"
    meant = near_unit(wrong)
    if meant is not None:
        return f"did you mean the unit `{meant}`?"
    return "units are written `mg`, `mg/dL`, `/h`; what is counted (points, visits) has none"


def is_time(word: str) -> bool:
    """Whether a word is one for days, weeks, months or years."""
    return _TIMES.fullmatch(word) is not None


def _time_hint(wrong: str, before: str) -> str:
    """What to say of days, weeks, months and years, which are no units."""
    if subtracted := _SUBTRACTED.search(before):
        return f"how long it was is written `{wrong.rstrip('s')}s from {subtracted[2]} to {subtracted[1]}`"
    compared = _COMPARED.search(before)
    if compared is None:
        return f"`3 {wrong} before DATE` is a day; how long it was is `{wrong} from DATE to DATE`, a number"
    if compared[1] != "member.age":
        counts = f"leave `{wrong}` out where `{compared[1]}` counts them"
        return f"{counts}; `3 {wrong} before DATE` is a day"
    if wrong[0] == "y":
        return f"an age is in completed years, and no unit is needed: leave out `{wrong}`"
    return f"an age is in completed years; write `{wrong} from member.birth_date to line.service_date`"
