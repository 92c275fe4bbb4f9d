"""Values as Python syntax. Text of a policy reaches generated code only through here, as a constant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from compiler.ir import decision as d
from compiler.runtime.tree import Tree

LONGEST_IDENTIFIER = 60


def name(identifier: str) -> ast.Name:
    """A name of the run-time or of the generated module itself, never a policy's word as it stands."""
    return ast.Name(identifier, ast.Load())


def call(function: str, *arguments: ast.expr, **named: ast.expr) -> ast.Call:
    """A call of a function of the run-time."""
    return ast.Call(
        name(function), list(arguments), [ast.keyword(key, value) for key, value in named.items()]
    )


def made(kind: str, fields: Mapping[str, ast.expr]) -> ast.Call:
    """A record of the run-time, its fields by name."""
    return call(kind, **fields)


def sequence(items: Iterable[ast.expr]) -> ast.Tuple:
    """A tuple of expressions."""
    return ast.Tuple(list(items), ast.Load())


def literal(value: object) -> ast.expr:
    """A value of plain data as an expression that gives it again."""
    match value:
        case int() if value < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        case None | bool() | int() | str():
            return ast.Constant(value)
        case date():
            return call("date", *(ast.Constant(part) for part in (value.year, value.month, value.day)))
        case Decimal():
            return call("Decimal", ast.Constant(str(value)))
        case frozenset():
            members: list[ast.expr] = [literal(item) for item in sorted(value)]
            return call("frozenset", *([ast.Set(members)] if members else []))
        case dict():
            return ast.Dict([literal(key) for key in value], [literal(item) for item in value.values()])
        case Fraction():
            return call("Fraction", literal(value.numerator), literal(value.denominator))
        case d.Named():
            return literal(
                d.Resting(value.condition, value.assumptions) if value.assumptions else value.condition
            )
        case Tree():
            told = {
                field: getattr(value, field) for field in value.__match_args__ if field not in value.apart
            }
            usual = vars(type(value))
            return made(
                type(value).__name__,
                {field: literal(x) for field, x in told.items() if field not in usual or usual[field] != x},
            )
        case tuple() if hasattr(value, "_asdict"):
            return record(value)
        case tuple() | list():
            return sequence(literal(item) for item in value)
    raise TypeError(f"{type(value).__name__} is no plain data")


def record(value: tuple[object, ...]) -> ast.Call:
    """A named tuple, without the fields that say no more than their default."""
    own: dict[str, object] = value._asdict()  # type: ignore[attr-defined]
    usual: dict[str, object] = value._field_defaults  # type: ignore[attr-defined]
    told = {field: literal(x) for field, x in own.items() if field not in usual or usual[field] != x}
    return made(type(value).__name__, told)


def assign(target: str, value: ast.expr) -> ast.Assign:
    """A constant of the generated module."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def identifier(text: str) -> str:
    """What a Python identifier may end with that reminds of a text: ASCII letters, digits, underscores."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
    return kept[:LONGEST_IDENTIFIER]


def printable(text: str) -> str:
    """A text in printable ASCII on one line, whatever it contains."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in plain)
