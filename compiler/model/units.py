"""Units of quantities: what an author may write after a number; converted exactly, while compiling."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:  # whoever decides claims never waits for it
    from pint import UnitRegistry

MOST_LETTERS = 40
_KINDS = {
    "mass": "kg g mg mcg ng lb oz",
    "volume": "L dL mL uL",
    "amount of substance": "mol mmol umol nmol pmol",
    "equivalents": "mEq",
    "international units": "IU mIU",
    "units of activity": "U kU",
    "length": "m cm mm um km inch ft",
    "time": "h min s",
    "energy": "kcal kJ J",
    "power": "W",
    "pressure": "mmHg cmH2O kPa Pa",
    "absorbed dose": "Gy mGy",
    "temperature in degC": "degC",
    "temperature in degF": "degF",
}
_KIND = {atom: kind for kind, atoms in _KINDS.items() for atom in atoms.split()}
# Other spellings. A count of units is a pure number.
_MEANS: dict[str, dict[str, int]] = {
    "ug": {"mcg": 1},
    "bpm": {"min": -1},
    "Hz": {"s": -1},
    "unit": {},
    "units": {},
}
# What pint has no word for, or would convert into what nobody meant: nothing else turns into these.
_APART = {name: Fraction(1) for name in ("mEq", "IU", "U", "degC", "degF")}
_APART |= {"mIU": Fraction(1, 1000), "kU": Fraction(1000)}
_RAISED = {("length", 2): "area", ("length", 3): "volume"}

_ATOMS = sorted((*_KIND, *_MEANS, "%"), key=len, reverse=True)
_ATOM = f"({'|'.join(_ATOMS)})([23]?)"
_UNIT = re.compile(f"/?{_ATOM}(?:[./]{_ATOM})*")
_PART = re.compile(f"([./]?){_ATOM}")


@frozen
class Unit:
    """A unit as it is written; units are the same if they are made of the same, however written."""

    text: str = field(eq=False)
    powers: tuple[tuple[str, int], ...] = field(eq=frozenset, repr=False)


NO_UNIT = Unit("1", ())


def unit(text: str) -> Unit | None:
    """`mg/dL`, `/h`, `kg/m2`; None of what is no unit. As in UCUM, a `/` divides by the next atom alone."""
    if text == NO_UNIT.text:
        return NO_UNIT
    if len(text) > MOST_LETTERS or not _UNIT.fullmatch(text):
        return None
    powers: Counter[str] = Counter()
    for sign, atom, exponent in _PART.findall(text):
        for meant, power in _MEANS.get(atom, {atom: 1}).items():
            powers[meant] += power * int(exponent or 1) * (-1 if sign == "/" else 1)
    return Unit(text, _kept(powers))


def times(one: Unit, other: Unit) -> Unit:
    """The unit of a product."""
    return _joined(one, other, 1) if one.powers else other


def over(one: Unit, other: Unit) -> Unit:
    """The unit of a ratio."""
    return _joined(one, other, -1)


def factor(of: Unit, to: Unit) -> Fraction | None:
    """What a value in one unit is multiplied by to be in another; None where no number would do."""
    ratio = Fraction(1)
    dimensions: Counter[str] = Counter()
    for atom, power in over(of, to).powers:
        size, made_of = _measured(atom)
        ratio *= size**power
        for name, exponent in made_of.items():
            dimensions[name] += exponent * power
    return None if any(dimensions.values()) else ratio


def dimension(unit: Unit) -> str:
    """What a unit measures, in words: `mass per volume`."""
    # What stands above and what below a stroke stay apart: `mg/kg` is a mass per mass.
    above: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for atom, power in unit.powers:
        if atom in _KIND:
            (above if power > 0 else below)[_KIND[atom]] += abs(power)
    if not above and not below:
        return "pure number"
    return " per ".join((" times ".join(_named(above)) or "number", *_named(below)))


def _joined(one: Unit, other: Unit, sign: int) -> Unit:
    if not other.powers:
        return one
    powers = Counter(dict(one.powers))
    for atom, power in other.powers:
        powers[atom] += sign * power
    kept = _kept(powers)
    return Unit(_spelled(kept), kept) if kept else NO_UNIT


def _kept(powers: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((atom, power) for atom, power in powers.items() if power)


def _spelled(powers: tuple[tuple[str, int], ...]) -> str:
    """A text that means the same when read: exponents that cannot be written are written as several."""

    def parts(atom: str, power: int) -> list[str]:
        return [f"{atom}3"] * ((power - 1) // 3) + [atom + ("", "2", "3")[(power - 1) % 3]]

    above = ".".join(part for atom, power in powers if power > 0 for part in parts(atom, power))
    return above + "".join(f"/{part}" for atom, power in powers if power < 0 for part in parts(atom, -power))


def _named(kinds: Counter[str]) -> list[str]:
    def raised(power: int) -> str:
        return {1: "", 2: " squared", 3: " cubed"}.get(power, f" to the power of {power}")

    return [_RAISED.get((kind, power), kind + raised(power)) for kind, power in kinds.items()]


@cache
def _registry() -> UnitRegistry[Any]:
    from pint import UnitRegistry  # noqa: PLC0415

    return UnitRegistry(non_int_type=Fraction)


@cache
def _measured(atom: str) -> tuple[Fraction, dict[str, int]]:
    """How large an atom is, and the dimensions that it is made of."""
    if atom == "%":
        return Fraction(1, 100), {}
    if atom in _APART:
        return _APART[atom], {_KIND[atom]: 1}
    size: Any = _registry().get_root_units(atom)[0]
    dimensions: dict[str, Any] = dict(_registry().get_dimensionality(atom))
    assert isinstance(size, int | Fraction), f"{atom} is not exact"
    return Fraction(size), {name: int(power) for name, power in dimensions.items()}
