"""Which policies a change of files can touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from compiler.binding.library import Library, load, policy_files
from dsl.diagnostics import Report
from policyc.golden.goldens import GoldenError, is_golden, policy_of


def affected(root: Path, changed: Iterable[Path]) -> list[Path]:
    """The files of a folder that a change can touch: those changed, those that rest on them, and those whose
    golden files were changed; in order.
    """
    files = policy_files(root)
    library = load(files, [], Report())
    touched = {path for each in changed for path in _meant(each.resolve())}
    packages = {path.resolve(): package for package, path in library.paths.items()}
    return [
        file
        for file in files
        if file.resolve() in touched
        or any(_stands_at(package, touched) for package in _rests_on(library, packages.get(file.resolve())))
    ]


def _meant(changed: Path) -> Iterator[Path]:
    """The .pol files that a changed file is, or belongs to."""
    if changed.suffix == ".pol":
        yield changed
    elif is_golden(changed):
        try:
            yield policy_of(changed)
        except GoldenError:
            return  # it lies in no policy's folder
    else:  # a register, or the index of a source: either belongs to files beside it
        yield from changed.parent.glob("*.pol")


def _stands_at(package: str, touched: set[Path]) -> bool:
    place = Path(*package.split(".")).with_suffix(".pol").parts
    return any(path.parts[-len(place) :] == place for path in touched)


def _rests_on(library: Library, package: str | None) -> set[str]:
    """What a package imports, and what that imports; of what does not exist, the names."""
    found: set[str] = set()
    left = [package] if package is not None else []
    while left:
        file = library.files.get(left.pop())
        names = {imported.path.text for imported in file.imports} - found if file is not None else set()
        found |= names
        left += names
    return found
