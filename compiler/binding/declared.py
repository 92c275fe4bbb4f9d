"""Records, scales, named values, variants and parameters of a package get their meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.cases import cases
from compiler.binding.comparisons import decimal
from compiler.binding.elements import taking
from compiler.binding.givers import given_fields
from compiler.binding.numbers import bounds
from compiler.binding.scope import Scope, Unit
from compiler.binding.types import fact_type
from compiler.binding.versions import first_version
from compiler.model import Band, Definition, FactType, NumberType, RecordType
from compiler.model.units import NO_UNIT
from compiler.runtime.numbers import Cut, after, before
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside

T = TypeVar("T")


def scales(scope: Scope) -> None:
    """The scales of a package: every number of the range lies in one band."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Scale):
            _declare(scope, "scale", item.name, scope.unit.scales, _scale(item, scope))


def records(scope: Scope) -> None:
    """The record types of a package."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Record):
            fields: dict[str, FactType] = {}
            spans: dict[str, Span] = {}
            for field in item.fields:
                name = field.name
                if name.text in fields:
                    scope.report.add(errors.duplicate_name("field", name.text, name.span, spans[name.text]))
                if field.absent is not None:
                    scope.report.add(
                        errors.type_mismatch(
                            field.absent.value.span,
                            f"absence of the field `{name.text}` cannot mean anything",
                            "a field that a claim leaves out is unknown",
                        )
                    )
                fields[name.text] = fact_type(field.type, scope)
                spans[name.text] = name.span
            asked = ((field.name.text, field.type) for field in item.fields)
            made = RecordType(
                item.name.text,
                tuple(fields.items()),
                given_fields(item, fields, scope),
                tuple(
                    (name, kind.question.value) for name, kind in asked if isinstance(kind, s.JudgementType)
                ),
                scope.unit.package,
            )
            _declare(scope, "record", item.name, scope.unit.records, made)


_KINDS: dict[str, type[s.Record | s.Scale | s.ValueDefinition | s.Variant | s.Parameter]] = {
    "record": s.Record,
    "scale": s.Scale,
    "value": s.ValueDefinition,
    "variant": s.Variant,
    "parameter": s.Parameter,
}


def _declare(scope: Scope, what: str, name: s.Name, among: dict[str, T], value: T) -> None:
    if name.text in among:
        kind = _KINDS[what]
        named = [item.name for item in scope.unit.file.items if isinstance(item, kind)]
        first = next(other for other in named if other.text == name.text)
        scope.report.add(errors.duplicate_name(what, name.text, name.span, first.span))
    among[name.text] = value


def values(scope: Scope) -> None:
    """Named values, bound where they are used."""
    for item in scope.unit.file.items:
        if isinstance(item, s.ValueDefinition):
            _declare(scope, "value", item.name, scope.unit.values, item.value)


def qualities(written: Iterable[s.Definition], scope: Scope, binder: Binder) -> None:
    """What the definitions about elements are about."""
    for item in written:
        if item.element is None or item.list is None:
            continue
        kind = binder.element(item.element, item.list, {})
        if isinstance(kind, RecordType) and kind.field(item.name.text) is not None:
            what = f"`{item.name.text}` is a field of these elements"
            binder.mismatch(item.name, what, "give the definition another name")
        if kind is not None:
            named = scope.definition_id(scope.unit, item.name.text)
            scope.unit.qualities[item.name.text] = kind, named
        for inner in taking(item.body):
            what = "a definition about an element asks no other list"
            binder.mismatch(inner, what, "ask it beside the definition")


def variants(scope: Scope, binder: Binder) -> None:
    """Variants, and the parameters that have a value for each."""
    for item in scope.unit.file.items:
        if isinstance(item, s.Variant):
            criteria = binder.body(item.body, f"`{item.name.text}`")
            name = f"variant {item.name.text}"
            scope.unit.definitions[name] = Definition(name, criteria, span=item.name.span)
            _declare(scope, "variant", item.name, scope.unit.variants, f"{scope.unit.package}.{name}")
    for item in scope.unit.file.items:
        if not isinstance(item, s.Parameter):
            continue
        name = item.name.text
        replacing = [each for each in scope.unit.versions.get(name, ()) if isinstance(each, s.Parameter)]
        given: dict[str, s.Value] = {}
        if item.columns:
            scope.unit.tables[name] = [cases(each, scope, binder) for each in (item, *replacing)]
        else:
            given, *_ = [variants_of(each, scope) for each in (item, *replacing)]
        # Declared when its cases are bound: none of them asks for the parameter itself.
        _declare(scope, "parameter", item.name, scope.unit.parameters, given)


def variants_of(item: s.Parameter, scope: Scope) -> dict[str, s.Value]:
    """The values of a parameter, by variant; what is missing or too much is complained about."""
    given = {value.variant.text: value.value for value in item.values}
    for value in item.values:
        scope.used |= {unit.package for unit in scope.unit.imports if value.variant.text in unit.variants}
        if value.variant.text not in scope.variants():
            scope.report.add(
                errors.unknown_name("variant", value.variant.text, value.variant.span, scope.variants())
            )
    for variant in scope.variants():
        if variant not in given:
            scope.report.add(errors.variant_without_value(item.name.span, item.name.text, variant))
    return given


def versions(revisions: tuple[s.Revision, ...], scope: Scope, binder: Binder) -> None:
    """What revisions put in the place of named values and parameters: known before what asks for them is
    bound.
    """
    unit = scope.unit
    parameters = {item.name.text: item for item in unit.file.items if isinstance(item, s.Parameter)}
    for written in (m for r in revisions for m in r.amendments if isinstance(m, s.ReplaceValue)):
        declared = written.declared
        name = declared.name
        parameter = isinstance(declared, s.Parameter)
        known: Mapping[str, object] = parameters if parameter else unit.values
        if name.text not in known:
            kind = "parameter" if parameter else "named value"
            scope.report.add(errors.unknown_name(kind, name.text, name.span, known))
            continue
        by_facts = isinstance(declared, s.Parameter) and bool(declared.columns)
        if parameter and by_facts != bool(parameters[name.text].columns):
            what = f"`{name.text}` has its values by {'variant' if by_facts else 'facts'}"
            binder.mismatch(name, what, "as before, a revision gives it other values")
            continue
        unit.versions.setdefault(name.text, []).append(declared)
    for amended in list(unit.versions):
        if _rests_on_itself(amended, unit):
            place = unit.versions.pop(amended)[0].name
            scope.report.add(errors.recursion(amended, place.span))
            continue
        for number in range(len(unit.versions[amended]) + 1):
            made = first_version(amended, number)
            unit.definitions[made.name] = made


def _rests_on_itself(name: str, unit: Unit) -> bool:
    """Whether some version of a named value rests on the value itself."""
    waiting, seen = [name], set[str]()
    while waiting:
        here = waiting.pop()
        wordings = (unit.values.get(here), *unit.versions.get(here, ()))
        for path in inside(wordings, s.Path):
            if path.text == name:
                return True
            if path.text not in seen:
                seen.add(path.text)
                waiting.append(path.text)
    return False


# ---- bands ------------------------------------------------------------------------------------------------


def _scale(item: s.Scale, scope: Scope) -> NumberType:
    binder = Binder(scope)
    low, high = bounds(item.range, NO_UNIT, binder) or (None, None)
    bands: list[tuple[Band, s.Band]] = []
    for written in item.bands:
        ends = bounds(written.range, NO_UNIT, binder)
        if ends is None:
            continue
        start = None if ends[0] is None else (after if written.range.low_open else before)(ends[0])
        end = None if ends[1] is None else (before if written.range.high_open else after)(ends[1])
        name = written.name.text if written.name is not None else None
        bands.append((Band(name, (_exact(start), _exact(end))), written))
    assumption = scope.one_behind(item.cites, item.assume)
    kind = NumberType(
        item.integer,
        None if low is None else decimal(low),
        None if high is None else decimal(high),
        item.range.low_open,
        item.range.high_open,
        NO_UNIT,
        tuple(band for band, _ in bands),
        None if assumption is None else assumption.name,
    )
    _whole(item, kind, bands, scope)
    return kind


def _exact(cut: Cut | None) -> Cut | None:
    number = None if cut is None else decimal(Fraction(cut[0]))
    return None if cut is None or number is None else (number, cut[1])


FIRST: Cut = (Decimal("-Infinity"), 0)
LAST: Cut = (Decimal("Infinity"), 2)


def _whole(item: s.Scale, kind: NumberType, bands: list[tuple[Band, s.Band]], scope: Scope) -> None:
    """Complain of numbers that lie in no band, or in two."""
    here = FIRST if kind.low is None else (after if kind.above else before)(kind.low)
    end = LAST if kind.high is None else (before if kind.below else after)(kind.high)
    previous: s.Band | None = None
    in_order = sorted(bands, key=lambda pair: pair[0].stretch[0] or FIRST)
    for band, written in in_order:
        low, high = band.stretch[0] or FIRST, band.stretch[1] or LAST
        if here < low and (missing := _between(here, low, item.integer)):
            scope.report.add(errors.band_gap(written.span, item.name.text, missing))
        if low < here and previous is not None:
            shared = _between(low, min(here, high), item.integer)
            if shared:
                scope.report.add(errors.band_overlap(written.span, item.name.text, shared, previous.span))
        if high > here:
            here, previous = high, written
    if here < end and (missing := _between(here, end, item.integer)):
        scope.report.add(errors.band_gap(item.name.span, item.name.text, missing))


def _between(low: Cut, high: Cut, integer: bool) -> str:
    """The numbers from one cut to another as an author would write them; empty if there are none."""
    if integer:
        first = "" if low == FIRST else str(int(low[0]) + (low[1] > 0))
        last = "" if high == LAST else str(int(high[0]) - (high[1] == 0))
        if first and last and int(first) > int(last):
            return ""
        return first if first == last else f"{first}..{last}"
    first = "" if low == FIRST else f"{low[0]}{'<' if low[1] else ''}"
    last = "" if high == LAST else f"{'' if high[1] else '<'}{high[0]}"
    return str(low[0]) if low[0] == high[0] else f"{first}..{last}"
