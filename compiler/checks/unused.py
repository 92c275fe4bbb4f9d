"""Declarations of a policy's own file that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from compiler import errors
from compiler.program import Program
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside

_DECLARED = s.Record | s.Scale | s.Variant | s.ValueDefinition | s.Parameter


def unused_declarations(program: Program, report: Report) -> None:
    """Every record, scale, named value, variant and parameter of the policy's own file is spoken of in it."""
    for what, name in unused(program.consolidated.policy.unit.file):
        report.add(errors.unused_declaration(name.span, what, name.text))


def unused(file: s.File) -> Iterator[tuple[str, s.Name]]:
    """What a file declares and nothing in it uses, in order of declaration."""
    if not any(isinstance(item, _DECLARED) for item in file.items):
        return
    records = {kind.record.text for kind in inside(file, s.ListType)}
    scales = {kind.scale.text for kind in inside(file, s.ScaleType)}
    variants = {value.variant.text for value in inside(file, s.ParameterValue)}
    paths = {path.text for path in inside(file, s.Path)}
    for item in file.items:
        match item:
            case s.Record(name=name) if name.text not in records:
                yield "record", name
            case s.Scale(name=name) if name.text not in scales:
                yield "scale", name
            case s.Variant(name=name) if name.text not in variants:
                yield "variant", name
            case s.ValueDefinition(name=name) if name.text not in paths:
                yield "value", name
            case s.Parameter(name=name) if name.text not in paths:
                yield "parameter", name
            case _:
                pass
