"""Texts of policies, compiled in the places of their packages."""

from compiler.pipeline import compile_paths
from dsl.diagnostics import Report


def compiled(folder, text, *beside):
    """The policy of a text, with the texts of other packages beside it."""
    paths = []
    for said in (text, *beside):
        package = said.split(maxsplit=2)[1]
        paths.append(folder.joinpath(*package.split(".")).with_suffix(".pol"))
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_text(said)
    report = Report()
    programs = compile_paths(paths[:1], (), report)
    assert not report.has_errors, report.diagnostics
    return next(each for each in programs if each.consolidated.policy.span.source.name == str(paths[0]))
