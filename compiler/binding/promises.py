"""What authors state of all claims, with every name bound."""

from __future__ import annotations

from typing import assert_never

from compiler import errors
from compiler.binding.bind import Binder
from compiler.binding.libraries import validity
from compiler.binding.scope import Scope
from compiler.model import DETERMINATIONS, Criterion, Promise
from dsl import syntax as s


def promises(scope: Scope, binder: Binder) -> tuple[Promise, ...]:
    """The statements of a policy's file, in order."""
    return tuple(
        _promise(item, scope, binder) for item in scope.unit.file.items if isinstance(item, s.Promise)
    )


def _promise(item: s.Promise, scope: Scope, binder: Binder) -> Promise:
    said = item.says
    names: tuple[s.Name, ...] = ()
    body: s.Body | None = None
    implied: s.Body | None = None
    known: tuple[str, ...] = ()
    equal_to: str | None = None
    procedures: tuple[Criterion, ...] = ()
    match said:
        case s.Always():
            body = said.body
            if isinstance(said.says, s.Body):
                implied = said.says
            else:
                names = said.says
        case s.Never():
            names = said.determinations
            if isinstance(said.unless, s.Known):
                paths = said.unless.paths
                known = tuple(fact.path for path in paths if (fact := scope.fact(path)) is not None)
            else:
                body = said.unless
        case s.Equal():
            equal_to, body = said.policy.text, said.body
            procedures = _procedures(said.codes, binder) if said.codes is not None else ()
        case _:
            assert_never(said)
    for name in names:
        if name.text not in DETERMINATIONS:
            scope.report.add(errors.unknown_determination(name.text, name.span, DETERMINATIONS))
    title = item.title
    criteria, others = (
        binder.body(each, f"`{title.value}`") if each is not None else () for each in (body, implied)
    )
    determinations = tuple(name.text for name in names)
    always = isinstance(said, s.Always)
    days = validity(item.clauses, scope, title.span)
    return Promise(
        title.value,
        determinations,
        always,
        (*procedures, *criteria),
        others,
        known,
        days,
        equal_to,
        span=title.span,
    )


def _procedures(codes: s.Set, binder: Binder) -> tuple[Criterion, ...]:
    """The line bills one of some codes."""
    span = codes.span
    subject = s.Path(tuple(s.Name(part, span=span) for part in ("line", "procedure")), span=span)
    condition = binder.condition(s.Membership(subject, codes, span=span), {})
    return (Criterion(None, condition, span=span),) if condition is not None else ()
