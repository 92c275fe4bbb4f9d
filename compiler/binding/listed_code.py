"""Procedure codes as policies name them: each is in some library."""

from __future__ import annotations

from compiler import errors
from compiler.binding.scope import Scope
from compiler.model import CodeEntry
from compiler.runtime.codes import PROCEDURES
from dsl import syntax as s


def listed_code(literal: s.Literal, scope: Scope) -> str | None:
    """A procedure code that some imported library holds, or a complaint and None."""
    code = scope.code(literal, "procedure")
    if code is None:
        return None
    if not rows_of(code, scope):
        known = [entry.shown for entry in _procedures(scope)]
        scope.report.add(errors.unknown_code(code, literal.span, known))
        return None
    return code


def known(literal: s.Literal, scope: Scope) -> None:
    """Warn of a procedure code that a criterion asks for, and that no imported library holds."""
    code = scope.code(literal, "procedure")
    if code is not None and not rows_of(code, scope):
        scope.report.add(errors.unlisted_code(code, literal.span, [e.shown for e in _procedures(scope)]))


def rows_of(code: str, scope: Scope) -> list[CodeEntry]:
    """The library rows of a procedure code."""
    return [entry for entry in _procedures(scope) if entry.codes[0] <= code < entry.codes[1]]


def _procedures(scope: Scope) -> list[CodeEntry]:
    return [e for unit in scope.unit.closure() for e in unit.codes if e.system in PROCEDURES]
