"""Criteria on values and codes as authors write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from compiler import errors
from compiler.binding.listed_code import known
from compiler.model import (
    BoolType,
    CodeIn,
    CodesType,
    CodeType,
    Condition,
    DayType,
    ElementType,
    EnumType,
    FactType,
    NumberType,
    RecordsType,
    RecordType,
    TextsType,
    TextType,
    ValueIn,
)
from dsl import syntax as s
from dsl.near import did_you_mean

if TYPE_CHECKING:
    from compiler.binding.bind import Binder


def values(
    subject: s.Path, kind: FactType | ElementType, items: tuple[s.Node, ...], binder: Binder
) -> Condition | None:
    """A fact is one of some values or codes, or a complaint and None."""
    match kind:
        case EnumType() | BoolType() | TextType():
            members = ("true", "false") if isinstance(kind, BoolType) else getattr(kind, "members", ())
            found = [_value(subject, item, members, binder) for item in items]
            return None if None in found else ValueIn(subject.text, tuple(v for v in found if v))
        case CodeType(system):
            return _codes(subject, system, items, binder)
        case CodesType() | TextsType() | RecordsType():
            said = [item.span.text for item in items]
            one = len(said) == 1 and not isinstance(items[0], s.Path)
            asked = f"x == {said[0]}" if one else f"x in {said[0] if len(said) == 1 else _set(said)}"
            asked = "x.field == ..." if isinstance(kind, RecordsType) else asked
            wanted = f"some x in {subject.text} {{ {asked} }}"
            binder.says(subject, "is a list", "a list is no single value", wanted)
        case RecordType():
            fields = ", ".join(name for name, _ in kind.fields[:4])
            binder.says(subject, "is a record", f"ask one of its fields: {fields}")
        case DayType():
            binder.says(subject, "is a date", "compare it: `<`, `>=`")
        case NumberType():
            raise AssertionError("numbers are compared elsewhere")
        case _:
            assert_never(kind)
    return None


def _set(said: list[str]) -> str:
    return f"{{ {', '.join(said)} }}"


def _value(subject: s.Path, item: s.Node, members: tuple[str, ...], binder: Binder) -> str | None:
    if isinstance(item, s.Text) and not members:
        return item.value.casefold()
    if isinstance(item, s.Path) and len(item.parts) == 1 and members:
        if item.text in members:
            return item.text
        binder.scope.report.add(
            errors.unknown_name(f"value of `{subject.text}`", item.text, item.span, members)
        )
        return None
    wanted = "one of its declared values" if members else "a text in quotes"
    hints = did_you_mean(item.span.text.strip('"').lower().replace(" ", "_"), members)
    if not members and not isinstance(item, s.Text):
        hints = (f'write `"{item.span.text}"`',)
    binder.scope.report.add(
        errors.type_mismatch(
            item.span, f"`{item.span.text}` is no value of `{subject.text}`", f"expected {wanted}", hints
        )
    )
    return None


def _codes(subject: s.Path, system: str, items: tuple[s.Node, ...], binder: Binder) -> Condition | None:
    codes, concepts, good = [], [], True
    for item in items:
        found: object = None
        if isinstance(item, s.Path) and item.text in binder.scope.facts():
            what, label = f"`{item.text}` is a fact", "a code is compared with codes and concepts"
            binder.scope.report.add(errors.type_mismatch(item.span, what, label))
        elif isinstance(item, s.Path):
            concept = binder.scope.concept(item)
            if concept is not None:
                own = {"cpt": "procedure", "hcpcs": "procedure"}.get(concept.system, concept.system)
                if system in (own, concept.system):
                    concepts.append(concept.id)
                    found = concept
                else:
                    binder.says(
                        item, f"holds codes of `{concept.system}`", f"`{subject.text}` is of `{system}`"
                    )
        elif isinstance(item, s.Pattern | s.Literal):
            pattern = item if isinstance(item, s.Pattern) else s.Pattern(item, None, span=item.span)
            found = binder.scope.pattern(pattern, system)
            if found is not None:
                codes.append(found)
                if system == "procedure" and pattern.high is None and "x" not in pattern.text:
                    known(pattern.low, binder.scope)
        else:
            binder.scope.report.add(
                errors.type_mismatch(
                    item.span, f"`{item.span.text}` is no code", "a code or a concept is wanted"
                )
            )
        good = good and found is not None
    return CodeIn(subject.text, system, tuple(codes), tuple(concepts)) if good else None
