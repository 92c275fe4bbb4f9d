"""Facts that codes give: which code gives a fact, and what a row of a code system says of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from compiler import errors
from compiler.bind import Binder
from compiler.comparisons import decimal, possible, stretch_of
from compiler.model import BoolType, CodeType, DayType, EnumType, FactDecl, NumberType, TextType
from compiler.numbers import bounds
from compiler.runtime.claim_values import Scalar
from compiler.runtime.numbers import after, before
from compiler.scope import BUILT_IN, Scope, procedures
from dsl import syntax as s

_GIVEN_TEXTS = ("line.place_of_service",)
"""The built-in facts that a code can give; the others are what the claim itself is made of."""


def givers(scope: Scope) -> None:
    """Complain of facts that are given by what holds no code, or by each other."""
    facts = scope.facts()
    told: set[str] = set()
    for item in scope.unit.file.items:
        for fact in item.facts if isinstance(item, s.Facts) else ():
            if fact.given_by is not None and _is_giver(fact, fact.given_by, scope):
                trail = [fact.path.text]
                while (by := _given_by(facts, trail[-1])) is not None and by not in trail:
                    trail.append(by)
                if by == fact.path.text and told.isdisjoint(trail):
                    told |= set(trail)
                    scope.report.add(errors.recursion(fact.path.text, fact.given_by.span))


def _given_by(facts: Mapping[str, FactDecl], path: str) -> str | None:
    return facts[path].given_by if path in facts else None


def _is_giver(fact: s.Fact, by: s.Path, scope: Scope) -> bool:
    """Whether a fact can be given by the code that another holds; complained about if not."""
    giver = scope.fact(by)
    if giver is None:
        return False
    if not isinstance(giver.type, CodeType):
        what, label = f"`{by.text}` is no code", "a fact is given by a fact that is a `code of` a system"
    elif by.text.startswith("line.") and not fact.path.text.startswith("line."):
        what = f"`{fact.path.text}` cannot be given by a code of a line"
        label = f"the lines may have several, and `{fact.path.text}` is the same for all of them"
    else:
        return True
    scope.report.add(errors.type_mismatch(by.span, what, label))
    return False


def gift(written: s.Gift, system: str, scope: Scope) -> tuple[str, Scalar] | None:
    """A fact and the value that a code of a system gives it, as a claim would state it; or a complaint and
    None.
    """
    fact = scope.fact(written.fact)
    if fact is None or not _gives(fact, system, written.fact, scope):
        return None
    value = _value(fact, written.value, written.fact, scope)
    return None if value is None else (fact.path, value)


def _gives(fact: FactDecl, system: str, path: s.Path, scope: Scope) -> bool:
    """Whether codes of a system may give a fact; complained about if not."""
    giver = scope.facts().get(fact.giver)
    of = giver.type.system if giver is not None and isinstance(giver.type, CodeType) else None
    if fact.path in BUILT_IN and fact.path not in _GIVEN_TEXTS:
        label = "what the claim itself is made of is only stated"
    elif fact.question is not None:
        label = "a judgement is left to a reviewer"
    elif fact.given_by is None and not fact.path.startswith("line."):
        label = "the billed code tells of its line alone"
    elif of is None:
        return False  # complained about where the fact is declared
    elif procedures(of) != procedures(system):
        label = f"it is given by `{fact.giver}`, a code of `{of}`"
    else:
        return True
    what = f"a code of `{system}` cannot give `{fact.path}`"
    hint: tuple[str, ...] = ()
    if fact.given_by is None and fact.question is None and fact.path not in BUILT_IN:
        hint = (f"say where it is declared which fact holds the code: `{fact.path} ... given by ...`",)
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
