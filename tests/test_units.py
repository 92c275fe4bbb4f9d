"""Units: read, converted exactly, multiplied and divided; and never converted where that would be a guess."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.model.units import NO_UNIT, Unit, dimension, factor, over, times, unit

# Atoms by what they measure, each with its size in one of its row: written by hand, not asked of Pint.
SIZES = {
    "kg g mg mcg ug ng lb oz": "1 1/1000 1/1000000 1/1000000000 1/1000000000 1/1000000000000"
    " 45359237/100000000 45359237/1600000000",
    "L dL mL uL": "1 1/10 1/1000 1/1000000",
    "mol mmol umol nmol pmol": "1 1/1000 1/1000000 1/1000000000 1/1000000000000",
    "mEq": "1",
    "IU mIU": "1 1/1000",
    "U kU": "1 1000",
    "m km cm mm um inch ft": "1 1000 1/100 1/1000 1/1000000 254/10000 3048/10000",
    "h min s": "1 1/60 1/3600",
    "J kJ kcal": "1 1000 4184",
    "W": "1",
    "Pa kPa mmHg cmH2O": "1 1000 133.322387415 98.0665",
    "Gy mGy": "1 1/1000",
    "Hz bpm": "1 1/60",
    "unit units %": "1 1 1/100",
    "degC": "1",
    "degF": "1",
}
ATOMS = [
    (atom, row, Fraction(size))
    for row, (atoms, sizes) in enumerate(SIZES.items())
    for atom, size in zip(atoms.split(), sizes.split(), strict=True)
]
UNITS = st.lists(
    st.tuples(st.sampled_from("./"), st.sampled_from(ATOMS), st.sampled_from(["", "2", "3"])), max_size=3
).map(lambda parts: read("".join(s + a[0] + e for s, a, e in parts).removeprefix(".") or "1"))


def read(text: str) -> Unit:
    found = unit(text)
    assert found is not None
    return found


def converted(of: str, to: str) -> Fraction | None:
    return factor(read(of), read(to))


@pytest.mark.parametrize("of", ATOMS, ids=lambda atom: atom[0])
def test_every_atom_converts_to_those_of_its_kind_and_to_no_other(of: tuple[str, int, Fraction]):
    for name, row, size in ATOMS:
        assert converted(of[0], name) == (of[2] / size if row == of[1] else None), name


@pytest.mark.parametrize(
    ("of", "to", "by"),
    [
        ("mg/dL", "g/L", "1/100"),
        ("mg/dL", "mg/L", "10"),
        ("g/dL", "g/L", "10"),
        ("mmol/L", "umol/mL", "1"),
        ("lb", "kg", "0.45359237"),
        ("lb", "oz", "16"),
        ("ft", "inch", "12"),
        ("inch", "cm", "2.54"),
        ("h", "min", "60"),
        ("min", "h", "1/60"),
        ("/h", "/min", "1/60"),
        ("bpm", "/min", "1"),
        ("Hz", "/s", "1"),
        ("bpm", "Hz", "1/60"),
        ("mmHg", "kPa", "0.133322387415"),
        ("lb/inch2", "kg/m2", "45359237000/64516000"),
        ("m2", "cm2", "10000"),
        ("cm3", "mL", "1"),
        ("mcg/kg/min", "mg/kg/h", "3/50"),
        ("mL/min", "L/h", "3/50"),
        ("kcal/h", "W", "523/450"),
        ("J/kg", "Gy", "1"),
        ("mIU/mL", "IU/L", "1"),
        ("kU/L", "U/mL", "1"),
        ("%", "%", "1"),
        ("%", "1", "1/100"),
        ("1", "%", "100"),
        ("g/kg", "1", "1/1000"),
        ("mg/units", "mg", "1"),
        ("units/kg", "/kg", "1"),
        ("degC", "degC", "1"),
        ("degC/h", "degC/min", "1/60"),
    ],
)
def test_conversions_are_exact_there_and_back(of: str, to: str, by: str):
    assert converted(of, to) == Fraction(by)
    assert converted(to, of) == 1 / Fraction(by)


@pytest.mark.parametrize(
    ("of", "to"),
    [
        ("mg/dL", "mmol/L"),
        ("mg", "mmol"),
        ("mEq", "mmol"),
        ("mEq/L", "mmol/L"),
        ("IU", "U"),
        ("IU", "mg"),
        ("IU", "units"),
        ("U", "units"),
        ("U/L", "umol/min/L"),
        ("degC", "degF"),
        ("degF/h", "degC/h"),
        ("kg/m2", "kg/m"),
        ("mg", "1"),
        ("mg/dL", "%"),
        ("h", "/h"),
        ("L", "m2"),
        ("W", "J"),
    ],
)
def test_what_measures_something_else_does_not_convert(of: str, to: str):
    assert converted(of, to) is None
    assert converted(to, of) is None
    assert dimension(read(of)) != dimension(read(to))


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "/",
            "1/h",
            "/1",
            "mg/",
            "mg//L",
            "mg L",
            " mg",
            "mg\n",
            "mg*L",
            "m1",
            "m4",
            "m22",
            "m-1",
            "2m",
            "m²",
        ],
        *[
            "MG",
            "l",
            "ML",
            "Kg",
            "hour",
            "d",
            "furlong",
            "kelvin",
            "degK",
            "mmol/l",
            "mg/dl",
            "gm",
            "µg",
            "(mg/L)",
        ],
        "/".join(["mg"] * 1000),
    ],
    ids=lambda text: text[:8],
)
def test_what_is_no_unit_is_none(text: str):
    assert unit(text) is None


@pytest.mark.parametrize("text", ["mg/dL", "/h", "kg/m2", "%", "h", "1", "units", "bpm", "kg/m/m"])
def test_a_unit_keeps_the_text_of_its_author(text: str):
    assert read(text).text == text
    assert times(read(text), NO_UNIT) == over(read(text), NO_UNIT) == times(NO_UNIT, read(text)) == read(text)


def test_units_are_the_same_however_written():
    same = [
        ("kg/m2", "kg/m/m"),
        ("mL.h", "h.mL"),
        ("ug", "mcg"),
        ("bpm", "/min"),
        ("Hz", "/s"),
        ("units", "1"),
    ]
    for one, other in [*same, ("mg/kg.h", "mg.h/kg"), ("unit/h", "/h")]:
        assert read(one) == read(other)
        assert hash(read(one)) == hash(read(other))
    assert read("L") != read("mL")


@pytest.mark.parametrize(
    ("one", "other", "product", "ratio"),
    [
        ("kg/m", "m", "kg", "kg/m2"),
        ("mg/dL", "dL", "mg", "mg/dL2"),
        ("mg/kg", "kg", "mg", "mg/kg2"),
        ("mL/h", "h", "mL", "mL/h2"),
        ("mg", "/h", "mg/h", "mg.h"),
        ("bpm", "min", "1", "/min2"),
        ("mg", "mcg", "mg.mcg", "mg/mcg"),
        ("h", "h", "h2", "1"),
        ("%", "%", "%2", "1"),
        ("mg/unit", "units", "mg/unit", "mg/unit"),
        ("cm3", "cm2", "cm3.cm2", "cm"),
        ("/m2", "m2", "1", "/m3/m"),
    ],
)
def test_products_and_ratios(one: str, other: str, product: str, ratio: str):
    assert times(read(one), read(other)).text == product
    assert over(read(one), read(other)).text == ratio


def test_kilograms_over_metres_times_metres():
    index = over(read("kg"), times(read("m"), read("m")))
    assert index == read("kg/m2")
    assert index.text == "kg/m2"
    assert factor(over(read("lb"), times(read("inch"), read("inch"))), index) == Fraction(
        45359237000, 64516000
    )
    assert over(index, read("kg/m/m")) is NO_UNIT


@given(UNITS, UNITS)
def test_what_is_computed_can_be_written_and_undone(one: Unit, other: Unit):
    product, ratio = times(one, other), over(one, other)
    for made in (product, ratio):
        assert len(made.text) > 40 or read(made.text) == made
    assert over(product, other) == times(ratio, other) == one
    assert factor(one, other) == factor(ratio, NO_UNIT)


@given(UNITS, UNITS, UNITS)
def test_converting_twice_is_converting_once(one: Unit, other: Unit, third: Unit):
    assert factor(one, one) == 1
    there, further = factor(one, other), factor(other, third)
    if there is not None and further is not None:
        assert factor(one, third) == there * further
    by = factor(one, other)
    assert factor(times(one, third), times(other, third)) == by


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mg", "mass"),
        ("mg/dL", "mass per volume"),
        ("mmol/L", "amount of substance per volume"),
        ("kg/m2", "mass per area"),
        ("cm3", "volume"),
        ("mcg/kg/min", "mass per mass per time"),
        ("/h", "number per time"),
        ("bpm", "number per time"),
        ("m/s2", "length per time squared"),
        ("s3", "time cubed"),
        ("h2.h3", "time to the power of 5"),
        ("mL.h", "volume times time"),
        ("IU/kg", "international units per mass"),
        ("mEq/L", "equivalents per volume"),
        ("degF", "temperature in degF"),
        ("1", "pure number"),
        ("units", "pure number"),
        ("%", "pure number"),
        ("/%", "pure number"),
    ],
)
def test_dimensions_in_words(text: str, words: str):
    assert dimension(read(text)) == words


def test_pint_is_loaded_only_for_conversions():
    code = (
        "import sys, policyc.cli; from compiler.model.units import factor, over, unit\n"
        "u = unit('mg/dL'); over(u, u); assert factor(u, u) == 1; assert 'pint' not in sys.modules\n"
        "factor(u, unit('g/L')); assert 'pint' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
