"""What codes give: the values that a row of a code system says of facts, and of the fields of records."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.comparisons import decimal, possible, stretch_of
from compiler.binding.numbers import bounds
from compiler.binding.scope import BUILT_IN, Scope, procedures
from compiler.model import BoolType, CodeType, DayType, EnumType, FactDecl, FactType, NumberType, TextType
from compiler.runtime.claim_values import Scalar
from compiler.runtime.numbers import after, before
from dsl import syntax as s

_GIVEN_TEXTS = ("line.place_of_service",)
"""The built-in facts that a code can give; the others are what the claim itself is made of."""


@frozen
class _Target:
    """What a code gives: a fact, or a field of a record; under which name rows have it, and the fact or field
    whose code gives it.
    """

    name: str
    fact: FactDecl
    by: str
    giver: FactType | None


def gift(written: s.Gift, system: str, scope: Scope) -> tuple[str, Scalar] | None:
    """What a code of a system gives, and its value as a claim would state it; or a complaint and None."""
    target = _target(written.fact, scope)
    if target is None or not _gives(target, system, written.fact, scope):
        return None
    value = _value(target.fact, written.value, written.fact, scope)
    return None if value is None else (target.name, value)


def _target(path: s.Path, scope: Scope) -> _Target | None:
    record = scope.record_of(path)
    if record is None:
        fact = scope.fact(path)
        if fact is None:
            return None
        giver = scope.facts().get(fact.giver)
        return _Target(fact.path, fact, fact.giver, giver.type if giver is not None else None)
    name = path.parts[-1].text
    kind = record.field(name)
    if kind is None:
        known = [field for field, _ in record.fields]
        scope.report.add(errors.unknown_name("field", name, path.parts[-1].span, known))
        return None
    by = dict(record.given).get(name)
    question = dict(record.questions).get(name)
    field = FactDecl(path.text, kind, question=question, given_by=by, span=path.span)
    return _Target(f"{record.id}.{name}", field, by or "", record.field(by) if by is not None else None)


def _gives(target: _Target, system: str, path: s.Path, scope: Scope) -> bool:
    """Whether codes of a system may give it; complained about if not."""
    fact, giver = target.fact, target.giver
    if fact.path in BUILT_IN and fact.path not in _GIVEN_TEXTS:
        label = "what the claim itself is made of is only stated"
    elif fact.question is not None:
        label = "a judgement is left to a reviewer"
    elif fact.given_by is None and not fact.path.startswith("line."):
        of_a_fact = target.name == fact.path
        label = (
            "the billed code tells of its line alone"
            if of_a_fact
            else "it is given by no field of its record"
        )
    elif not isinstance(giver, CodeType):
        return False  # complained about where it is declared
    elif procedures(giver.system) != procedures(system):
        label = f"it is given by `{target.by}`, a code of `{giver.system}`"
    else:
        return True
    what = f"a code of `{system}` cannot give `{fact.path}`"
    hint: tuple[str, ...] = ()
    if fact.given_by is None and fact.question is None and fact.path not in BUILT_IN:
        name = fact.path if target.name == fact.path else path.parts[-1].text
        hint = (f"say where it is declared what holds the code: `{name} ... given by ...`",)
    scope.report.add(errors.type_mismatch(path.span, what, label, hint))
    return False


def _value(
    fact: FactDecl, value: s.Name | s.Literal | s.Measure | s.Text | s.Day, path: s.Path, scope: Scope
) -> Scalar | None:
    """The value of a gift, or a complaint and None."""
    match fact.type, value:
        case EnumType(members=members), s.Name(name) if name in members:
            return name
        case BoolType(), s.Name("true" | "false" as name):
            return name == "true"
        case EnumType() | BoolType(), s.Name(name):
            members = fact.type.members if isinstance(fact.type, EnumType) else ("true", "false")
            scope.report.add(errors.unknown_name(f"value of `{fact.path}`", name, value.span, members))
            return None
        case NumberType(), s.Literal() | s.Measure():
            return _number(fact, fact.type, value, scope)
        case DayType(), s.Day(day):
            return day
        case CodeType(system), s.Literal():
            return scope.code(value, system)
        case TextType(), s.Text(text):
            return text
    wanted = _wanted(fact)
    if wanted is None:
        what = f"a code cannot give the list `{fact.path}`"
        scope.report.add(errors.type_mismatch(path.span, what, "only single values are given"))
    else:
        what = f"`{value.span.text}` is no value of `{fact.path}`"
        scope.report.add(errors.type_mismatch(value.span, what, f"expected {wanted}"))
    return None


def _wanted(fact: FactDecl) -> str | None:
    """What a value of a fact is, in words; None of a list."""
    match fact.type:
        case EnumType() | BoolType():
            return "one of its declared values"
        case NumberType(bands=bands, unit=its):
            if bands:
                return "the score, a number: not the band"
            return f"a number in `{its.text}`" if its.powers else "a number"
        case DayType():
            return "a date, year-month-day"
        case CodeType(system):
            return f"a code of `{system}`"
        case TextType():
            return "a text in quotes"
    return None


def _number(fact: FactDecl, kind: NumberType, value: s.Literal | s.Measure, scope: Scope) -> Decimal | None:
    """A number in the declared unit, exact and within the declared range; or a complaint and None."""
    binder = Binder(scope)
    ends = bounds(s.Range(value, value, span=value.span), kind.unit, binder)
    if ends is None or ends[0] is None:
        return None
    number = decimal(ends[0])
    if number is None:
        what = f"`{value.span.text}` is no decimal number in `{kind.unit.text}`"
        scope.report.add(errors.type_mismatch(value.span, what, "write it in the unit of the fact"))
    elif kind.integer and number != number.to_integral_value():
        what = f"`{fact.path}` is a whole number"
        scope.report.add(errors.type_mismatch(value.span, what, "only whole numbers occur here"))
    elif not possible(kind, ((before(number), after(number)),)):
        what = f"`{value.span.text}` is no value of `{fact.path}`"
        scope.report.add(errors.type_mismatch(value.span, what, f"it lies in {stretch_of(kind)}"))
    return number
