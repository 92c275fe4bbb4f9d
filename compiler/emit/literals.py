"""Values as Python syntax. Text of a policy reaches generated code only through here, as a constant."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from datetime import date
from decimal import Decimal


def name(identifier: str) -> ast.Name:
    """A name of the run-time or of the generated module itself, never a policy's word as it stands."""
    return ast.Name(identifier, ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """A call of a function of the run-time."""
    return ast.Call(name(function), list(arguments), [])


def made(kind: str, fields: dict[str, ast.expr]) -> ast.Call:
    """A record of the run-time, its fields by name."""
    return ast.Call(name(kind), [], [ast.keyword(field, value) for field, value in fields.items()])


def sequence(items: Iterable[ast.expr]) -> ast.Tuple:
    """A tuple of expressions."""
    return ast.Tuple(list(items), ast.Load())


def literal(value: object) -> ast.expr:
    """A value of plain data as an expression that gives it again."""
    match value:
        case None | bool() | int() | str():
            return ast.Constant(value)
        case date():
            return call("date", *(ast.Constant(part) for part in (value.year, value.month, value.day)))
        case Decimal():
            return call("Decimal", ast.Constant(str(value)))
        case frozenset():
            return call("frozenset", ast.List([literal(item) for item in sorted(value)], ast.Load()))
        case dict():
            return ast.Dict([literal(key) for key in value], [literal(item) for item in value.values()])
        case tuple() if hasattr(value, "_asdict"):
            return made(type(value).__name__, {field: literal(x) for field, x in value._asdict().items()})
        case tuple() | list():
            return sequence(literal(item) for item in value)
    raise TypeError(f"{type(value).__name__} is no plain data")


def assign(target: str, value: ast.expr) -> ast.Assign:
    """A constant of the generated module."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def identifier(text: str) -> str:
    """A Python identifier that reminds of a text: ASCII letters, digits and underscores of it."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
    return kept.strip("_") or "x"
