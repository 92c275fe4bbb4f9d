"""The libraries that come with policyc: codes, concepts, facts and scales, as data to begin from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from compiler.binding.library import Library, load
from dsl import syntax as s
from dsl.diagnostics import Report

ROOMS = ("codes", "concepts", "facts", "scales")


def folder() -> Path:
    """Where they are: in an installed package inside it, in a checkout where they are written."""
    inside = Path(__file__).parent / "libraries"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "policies"


def libraries() -> Library:
    """All of them, parsed."""
    files = [path for room in ROOMS for path in sorted((folder() / room).glob("*.pol"))]
    return load(files, [], Report())


def listing(library: Library, system: str, code: str) -> str | None:
    """The package whose code library has a row for a code."""
    for package, file in library.files.items():
        systems = [item for item in file.items if isinstance(item, s.CodeSystem) and item.name.text == system]
        if any(row.pattern.low.text == code for each in systems for row in each.rows):
            return package
    return None


def closure(library: Library, packages: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Packages and all that they import, each once, with the file that it stands in."""
    seen: set[str] = set()
    left = list(packages)
    while left:
        package = left.pop(0)
        if package not in seen:
            seen.add(package)
            yield package, library.paths[package]
            left += [imported.path.text for imported in library.files[package].imports]
