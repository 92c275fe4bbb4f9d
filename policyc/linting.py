"""Everything that can be said of some files: mistakes, warnings, and the rules that go beyond."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from compiler.binding.library import load
from compiler.coverage.coverage import Coverage
from compiler.lint.lint import lint
from compiler.pipeline import compile_library
from dsl.diagnostics import Diagnostic, Edit, Report, Severity
from dsl.source import Source
from policyc.commands.explain import pages
from policyc.golden.exercised import exercised
from policyc.golden.goldens import collect
from policyc.settings import settings_for


def linted(files: Sequence[Path], roots: Sequence[Path]) -> list[Diagnostic]:
    """What there is to say of files, less what their settings turn off. An error cannot be turned off, and
    with one there are no rules.

    Raises SettingsError for settings that mean nothing; OSError where a file cannot be read.
    """
    report = Report()
    library = load(files, roots, report)
    programs = compile_library(library, report)
    if not report.has_errors:
        asked = {path.resolve() for path in files}
        shown: dict[str, Coverage | None] = {}
        for program in programs:
            path = library.paths[program.package]
            if path.resolve() in asked:
                goldens = list(collect(path))
                shown[program.package] = exercised(program, goldens)[0] if goldens else None
        lint(library, programs, shown, report)
    codes = frozenset(pages())
    off = {path.as_posix(): settings_for(path, codes).off for path in files}
    return [
        said
        for said in report.diagnostics
        if said.severity is Severity.ERROR or said.code not in off.get(place(said), {said.code})
    ]


def place(said: Diagnostic) -> str:
    """The name of the file that a diagnostic is about."""
    return said.labels[0].span.source.name


def safely_fixed(said: Iterable[Diagnostic]) -> dict[Source, str]:
    """The texts of files after all safe fixes, of those that are changed by one."""
    edits: dict[Source, list[Edit]] = {}
    for diagnostic in said:
        for fix in (fix for fix in diagnostic.fixes if fix.safe):
            for edit in fix.edits:
                edits.setdefault(edit.span.source, []).append(edit)
    return {source: edited(source.text, those) for source, those in edits.items()}


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text after some edits; of two that overlap, the first."""
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        if edit.span.start >= at:
            parts += [text[at : edit.span.start], edit.text]
            at = edit.span.end
    return "".join([*parts, text[at:]])
