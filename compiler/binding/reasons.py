"""Reason codes that a policy names get their meaning."""

from __future__ import annotations

from compiler import errors
from compiler.binding.scope import Scope
from compiler.model import ReasonCode, ReasonCodes
from compiler.runtime.reasons import NEEDS_REMARK
from dsl import syntax as s


def reasons(written: s.Reasons | None, scope: Scope) -> ReasonCodes | None:
    """The reason codes that a text names; complained about where no imported library has one of them."""
    if written is None:
        return None
    carc = _known(written.carc, "carc", scope)
    rarc = tuple(code for each in written.rarc if (code := _known(each, "rarc", scope)) is not None)
    if carc is None:
        return None
    if carc.code in NEEDS_REMARK and not written.rarc:
        scope.report.add(errors.incomplete_reason(carc.code, written.carc.span))
    return ReasonCodes(carc, rarc, span=written.span)


def _known(literal: s.Literal, system: str, scope: Scope) -> ReasonCode | None:
    code = scope.code(literal, system)
    if code is None:
        return None
    known = [e.shown for unit in scope.unit.closure() for e in unit.codes if e.system == system]
    if code not in known:
        scope.report.add(errors.unknown_code(code, literal.span, known))
        return None
    return ReasonCode(system, code, span=literal.span)
