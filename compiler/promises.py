"""What authors state of all claims, with every name bound."""

from __future__ import annotations

from typing import assert_never

from compiler import errors
from compiler.bind import Binder
from compiler.libraries import validity
from compiler.model import DETERMINATIONS, Promise
from compiler.scope import Scope
from dsl import syntax as s


def promises(scope: Scope, binder: Binder) -> tuple[Promise, ...]:
    """The statements of a policy's file, in order."""
    return tuple(
        _promise(item, scope, binder) for item in scope.unit.file.items if isinstance(item, s.Promise)
    )


def _promise(item: s.Promise, scope: Scope, binder: Binder) -> Promise:
    said = item.says
    for name in said.determinations:
        if name.text not in DETERMINATIONS:
            scope.report.add(errors.unknown_determination(name.text, name.span, DETERMINATIONS))
    body: s.Body | None = None
    known: tuple[str, ...] = ()
    match said:
        case s.Always():
            body = said.body
        case s.Never(unless=s.Known(paths=paths)):
            known = tuple(fact.path for path in paths if (fact := scope.fact(path)) is not None)
        case s.Never():
            body = said.unless if isinstance(said.unless, s.Body) else None
        case _:
            assert_never(said)
    criteria = binder.body(body, f"`{item.title.value}`") if body is not None else ()
    names = tuple(name.text for name in said.determinations)
    always = isinstance(said, s.Always)
    days = validity(item.clauses, scope, item.title.span)
    return Promise(item.title.value, names, always, criteria, known, days, span=item.title.span)
