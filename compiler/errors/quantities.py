"""Numbers with units, scales, parameters."""

from __future__ import annotations

from datetime import date

from compiler.errors.words import error, warning
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span


def unknown_unit(span: Span, unit: str, *hints: str) -> Diagnostic:
    """A unit that nobody has defined."""
    label = "expected a unit such as `mg`, `kg/m2`, `/h`"
    return error("unknown-unit", f"`{unit}` is no unit", span, label, hints=hints)


def unit_mismatch(span: Span, found: str, wanted: str) -> Diagnostic:
    """Numbers of different kinds are compared or added."""
    return error(
        "unit-mismatch",
        f"{found} does not fit {wanted}",
        span,
        f"expected {wanted}",
        hints=("write the number with its unit, or declare the fact in another one",),
    )


def division_by_zero(span: Span) -> Diagnostic:
    """A divisor that can be zero: then the quotient would be unknown, though no fact is."""
    return error(
        "division-by-zero",
        f"`{span.text}` can be zero",
        span,
        "nothing is divided by zero",
        hints=("declare a range without zero (`number 0<..`), or ask before it that it is above zero",),
    )


def band_gap(span: Span, scale: str, missing: str) -> Diagnostic:
    """Numbers of a scale that lie in no band."""
    return error(
        "band-gap",
        f"`{missing}` of `{scale}` lies in no band",
        span,
        "the bands leave this out",
        hints=(f'if that is meant, say so: `{missing} gap "why"`',),
    )


def band_overlap(span: Span, scale: str, shared: str, first: Span) -> Diagnostic:
    """Numbers of a scale that lie in two bands."""
    return error(
        "band-overlap",
        f"`{shared}` of `{scale}` lies in two bands",
        span,
        "in this one",
        Label(first, "and in this one"),
    )


def variant_without_value(span: Span, parameter: str, variant: str) -> Diagnostic:
    """A parameter says nothing for one of the variants."""
    return error(
        "variant-without-value",
        f"`{parameter}` has no value for variant `{variant}`",
        span,
        f"expected a value for `{variant}` too",
    )


def table_gap(span: Span, case: str, day: date) -> Diagnostic:
    """A case of a decision table that no row takes in."""
    return error(
        "table-gap",
        f"no row of this table takes in: {case}",
        span,
        f"as of {day}",
        hints=("add a row for it; `any` in a cell takes in whatever the column is",),
    )


def table_overlap(span: Span, first: Span, case: str) -> Diagnostic:
    """A case of a decision table that two rows take in."""
    return error(
        "table-overlap",
        f"two rows of this table take in: {case}",
        span,
        "this one",
        Label(first, "and this one"),
        hints=("each case lies in one row: narrow one of the two",),
    )


def unused_declaration(span: Span, what: str, name: str) -> Diagnostic:
    """A declaration that nothing uses."""
    return warning("unused-declaration", f"{what} `{name}` is used nowhere", span, "declared here")
