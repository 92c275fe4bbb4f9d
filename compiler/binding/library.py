"""Files become a library: packages by name, found from their roots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import Factory, define

from compiler import errors
from compiler.source.source_index import SourceIndex
from dsl import errors as text_errors
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source, Span

MOST_STEPS = 100
"""Packages that import each other in a row."""

LARGEST_FILE = 16 * 1024 * 1024


class Reader:
    """How files are read: an editor gives what is in it before what was saved."""

    def raw(self, path: Path) -> bytes | None:
        """The content of a file, or None where it is too large. Raises OSError where it cannot be read."""
        return None if path.stat().st_size > LARGEST_FILE else path.read_bytes()

    def parsed(self, source: Source, report: Report) -> s.File | None:
        """The tree of a file, or None where it has mistakes."""
        return parse(source, report)


class SharedReader(Reader):
    """Reads once what many policies rest on: files without mistakes in which no policy stands."""

    def __init__(self) -> None:
        self._trees: dict[Source, s.File] = {}

    def parsed(self, source: Source, report: Report) -> s.File | None:
        """The tree of a file, or None where it has mistakes."""
        known = self._trees.get(source)
        if known is not None:
            return known
        own = Report()
        tree = parse(source, own)
        for diagnostic in own.diagnostics:
            report.add(diagnostic)
        if tree is not None and not own.diagnostics and not any(isinstance(i, s.Policy) for i in tree.items):
            self._trees[source] = tree
        return tree


@define
class Library:
    """Parsed packages by name; every import of each is there too, or was complained about.

    `contents` are the bytes that were read, by path; `missed` the places that held no import, and were
    looked at before the one that did.
    """

    files: dict[str, s.File] = Factory(dict)
    paths: dict[str, Path] = Factory(dict)
    contents: dict[Path, bytes] = Factory(dict)
    missed: list[Path] = Factory(list)
    indexes: dict[str, SourceIndex] = Factory(dict)
    registers: dict[tuple[str, str], Source] = Factory(dict)
    reader: Reader = Factory(Reader)


def load(
    paths: Sequence[Path], roots: Sequence[Path], report: Report, reader: Reader | None = None
) -> Library:
    """Parse files, and all that they import, from their own roots and the given ones.

    Raises OSError where a file cannot be read.
    """
    library = Library(reader=reader or Reader())
    failed: set[Path] = set()
    for path in paths:
        _load_file(path, library, roots, report, failed)
    _cycles(library, report)
    return library


def policy_files(path: Path) -> list[Path]:
    """The .pol files of a folder, in order; a file stands for itself."""
    return sorted(path.rglob("*.pol")) if path.is_dir() else [path]


def _read_source(path: Path, library: Library, report: Report) -> Source | None:
    """A file's text, or None where it is no text."""
    raw = library.reader.raw(path)
    if raw is None:
        place = Span(Source(path.as_posix(), ""), 0, 0)
        report.add(text_errors.unreadable_file(place, "it is larger than 16 MiB"))
        return None
    library.contents[path] = raw
    return as_source(path.as_posix(), raw, report)


def as_source(name: str, raw: bytes, report: Report) -> Source | None:
    """The text of a file, or None where it is no text."""
    try:
        return Source(name, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is not UTF-8"
        report.add(text_errors.unreadable_file(Span(Source(name, ""), 0, 0), why))
        return None


def _load_file(
    path: Path, library: Library, roots: Sequence[Path], report: Report, failed: set[Path], steps: int = 0
) -> str | None:
    """Parse one file and its imports; gives its package name."""
    known = next((name for name, at in library.paths.items() if at.resolve() == path.resolve()), None)
    if known is not None or path.resolve() in failed:
        return known
    source = _read_source(path, library, report)
    file = library.reader.parsed(source, report) if source is not None else None
    if file is None:
        failed.add(path.resolve())
        return None
    package = file.package.path.text
    place = place_of(package)
    if path.resolve().parts[-len(place.parts) :] != place.parts:
        report.add(errors.misplaced_package(file.package.path.span, package))
        failed.add(path.resolve())
        return None
    if package in library.files:
        report.add(
            errors.duplicate_name(
                "package", package, file.package.path.span, library.files[package].package.path.span
            )
        )
        failed.add(path.resolve())
        return None
    library.files[package] = file
    library.paths[package] = path
    found_from = (root_of(path, package), *roots)
    for imported in file.imports:
        _load_import(imported, library, found_from, report, failed, steps + 1)
    for item in file.items:
        # A policy that this one is compared with is no part of what it decides: it only has to be there.
        if isinstance(item, s.Promise) and isinstance(item.says, s.Equal):
            _found(item.says.policy, library, found_from, report)
    _load_index(path, package, library, report)
    _load_registers(path, package, library, report)
    return package


def index_path(policy: Path) -> Path:
    """Where the index of a policy's source document stands: beside the policy."""
    return policy.with_name(policy.stem + ".source.json")


def _load_index(policy: Path, package: str, library: Library, report: Report) -> None:
    path = index_path(policy)
    if not path.is_file():
        library.missed.append(path)
        return
    raw = library.contents[path] = path.read_bytes()
    try:
        library.indexes[package] = SourceIndex.from_json(raw.decode())
    except ValueError as error:
        report.add(text_errors.unreadable_file(Span(Source(path.as_posix(), ""), 0, 0), str(error)))


def _load_registers(policy: Path, package: str, library: Library, report: Report) -> None:
    """The CSV files that stand beside a file and belong to it."""
    for item in library.files[package].items:
        if not isinstance(item, s.Register):
            continue
        name = item.file.value
        path = policy.with_name(name) if name.endswith(".csv") and Path(name).name == name else None
        if path is None or not path.is_file():
            library.missed += [path] if path is not None else []
            known = sorted(other.name for other in policy.parent.glob("*.csv"))
            report.add(errors.unknown_name("CSV file beside this one", name, item.file.span, known))
            continue
        source = _read_source(path, library, report)
        if source is not None:
            library.registers[package, item.name.text] = source


def _load_import(
    imported: s.Import, library: Library, roots: Sequence[Path], report: Report, failed: set[Path], steps: int
) -> None:
    name = imported.path.text
    if name in library.files:
        return
    if steps > MOST_STEPS:
        report.add(errors.too_much_rests_on(name, imported.path.span, MOST_STEPS))
        return
    path = _found(imported.path, library, roots, report)
    if path is not None:
        _load_file(path, library, roots, report, failed, steps)


def _found(package: s.Path, library: Library, roots: Sequence[Path], report: Report) -> Path | None:
    """The file that holds a package, or a complaint and None."""
    for root in roots:
        path = root / place_of(package.text)
        if path.is_file():
            return path
        library.missed.append(path)
    report.add(errors.unknown_import(package.span, package.text, _packages(roots)))
    return None


def place_of(package: str) -> Path:
    """Where the file of a package stands under a root."""
    return Path(*package.split(".")).with_suffix(".pol")


def root_of(path: Path, package: str) -> Path:
    """The root under which the file of a package stands."""
    root = path
    for _ in package.split("."):
        root = root.parent if root.parent != root else root / ".."
    return root


def _packages(roots: Sequence[Path]) -> Iterator[str]:
    for root in roots:
        for path in sorted(root.glob("*/*.pol")):
            yield ".".join(path.relative_to(root).with_suffix("").parts)


def _cycles(library: Library, report: Report) -> None:
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            ring = (*trail[trail.index(name) :], name)
            file = library.files[ring[-2]]
            span = next(i.path.span for i in file.imports if i.path.text == name)
            report.add(errors.import_cycle(span, ring))
        elif name in library.files and name not in done:
            for imported in library.files[name].imports:
                visit(imported.path.text, (*trail, name))
            done.add(name)

    for name in sorted(library.files):
        visit(name, ())
