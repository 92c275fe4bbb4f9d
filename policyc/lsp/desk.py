"""What is known of the files in the editor, as they stand there: analysed once for each state of them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from attrs import Factory, define, frozen

from compiler.binding.library import LARGEST_FILE, Library, Reader, load, policy_files
from compiler.binding.scope import Unit
from compiler.lint.lint import lint
from compiler.pipeline import bound, compile_resolved
from compiler.program import Program
from dsl import syntax as s
from dsl.diagnostics import Diagnostic, Report
from dsl.parse import parse
from dsl.recovered import recovered
from dsl.source import Source
from policyc.lsp.names import Key, Occurrence, names


@define(eq=False)
class Analysis:
    """What is known of a file. Of one with mistakes, its tree holds the parts that can be read; with an error
    anywhere there is no program.
    """

    path: Path
    library: Library
    units: dict[str, Unit]
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def package(self) -> str | None:
        """The name of its package, if one can be read."""
        found = (name for name, path in self.library.paths.items() if path == self.path)
        return next(found, None)

    @property
    def file(self) -> s.File | None:
        return self.library.files.get(self.package or "")

    @property
    def unit(self) -> Unit | None:
        return self.units.get(self.package or "")

    @cached_property
    def names(self) -> list[Occurrence]:
        """The names in the file."""
        return names(self.unit.file, self.unit) if self.unit is not None else []

    @cached_property
    def all_names(self) -> list[Occurrence]:
        """The names in it and in all files that were read for it."""
        return [name for unit in self.units.values() for name in names(unit.file, unit)]

    def same(self, key: Key) -> list[Occurrence]:
        """Where one thing is named."""
        return [name for name in self.all_names if name.key == key]

    def declared(self, key: Key) -> list[Occurrence]:
        """Where one thing is declared."""
        return [name for name in self.same(key) if name.declares]


@frozen
class _Read:
    """A text, its tree and what was said of it."""

    source: Source
    tree: s.File | None
    diagnostics: tuple[Diagnostic, ...]


@define(eq=False)
class Desk(Reader):
    """The texts that are open, and what was made of them and of the files that they rest on.

    `units` counts a text in the units of the editor's columns.
    """

    roots: list[Path] = Factory(list)
    texts: dict[Path, str] = Factory(dict)
    units: Callable[[str], int] = len
    _read: dict[str, _Read] = Factory(dict)
    _analyses: dict[Path, tuple[tuple[tuple[Path, bytes | None], ...], Analysis]] = Factory(dict)

    # ---- reading -------------------------------------------------------------------------------------------

    def raw(self, path: Path) -> bytes | None:
        """What is in the editor, else what was saved."""
        if path in self.texts:
            return self.texts[path].encode("utf-8", "surrogatepass")
        return None if path.stat().st_size > LARGEST_FILE else path.read_bytes()

    def parsed(self, source: Source, report: Report) -> s.File | None:
        """The tree of a text, or of its readable parts; a text that was read before is not read again."""
        known = self._read.get(source.name)
        if known is None or known.source != source:
            own = Report()
            tree = parse(source, own) or recovered(source)
            known = self._read[source.name] = _Read(source, tree, tuple(own.diagnostics))
        for diagnostic in known.diagnostics:
            report.add(diagnostic)
        return known.tree

    # ---- analysing -----------------------------------------------------------------------------------------

    def analysis(self, path: Path) -> Analysis:
        """What is known of a file; made anew where it, or a file that it rests on, is another than before.

        Raises OSError where it cannot be read.
        """
        known = self._analyses.get(path)
        if known is not None and all(self._content(at) == content for at, content in known[0]):
            return known[1]
        analysis = self._analysed(path)
        library = analysis.library
        rests = [*library.contents.items(), *((at, None) for at in library.missed)]
        self._analyses[path] = tuple(rests), analysis
        return analysis

    def around(self, path: Path) -> Analysis:
        """The same, with all files of the folder that is the root of its package."""
        return self._analysed(path, *policy_files(self.root(path)))

    def root(self, path: Path) -> Path:
        """The folder in which a file's package begins."""
        package = self.analysis(path).package
        return path.parents[package.count(".")] if package is not None else path.parent

    def is_saved(self, path: Path) -> bool:
        """Whether a file says what the editor does."""
        return self.raw(path) == path.read_bytes().removeprefix(BOM_UTF8) if path.is_file() else False

    def _content(self, path: Path) -> bytes | None:
        try:
            return self.raw(path)
        except OSError:
            return None

    def _analysed(self, path: Path, *others: Path) -> Analysis:
        report = Report()
        library = load([path, *others], self.roots, report, self)
        programs: tuple[Program, ...] = ()
        if others or report.has_errors:
            units = bound(library, Report()).units
        else:
            resolved = bound(library, report)
            units, programs = resolved.units, compile_resolved(resolved, report)
        if not others and not report.has_errors:
            lint(library, programs, {}, report)
        own = next((name for name, at in library.paths.items() if at == path), None)
        program = next((program for program in programs if program.package == own), None)
        return Analysis(path, library, units, program, tuple(report.diagnostics))
