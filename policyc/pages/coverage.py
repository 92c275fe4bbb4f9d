"""What golden files exercise, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from compiler.coverage.coverage import Coverage
from policyc.pages.ink import filled, static
from policyc.words.coverage import Row, annotated, summary, titled
from policyc.words.render import counted


@frozen
class Covered:
    """The coverage of a policy by so many golden files."""

    package: str
    goldens: str
    summary: list[tuple[str, str]]
    files: list[tuple[str, list[Row]]]


def covered(coverage: Coverage, goldens: int) -> Covered:
    """A coverage in words."""
    told = counted(goldens, "golden file")
    files = [("/".join(Path(name).parts[-2:]), rows) for name, rows in annotated(coverage)]
    return Covered(coverage.program.package, told, list(summary(coverage)), files)


def coverage_page(coverages: Iterable[tuple[Coverage, int]]) -> str:
    """One page that stands alone: each policy with the number of golden files that exercise it.

    Raises NeedsJinja where what makes pages is not installed.
    """
    found = list(coverages)
    title = titled(coverage for coverage, _ in found)
    told = [covered(coverage, goldens) for coverage, goldens in found]
    return filled("coverage_alone.html", title=title, coverages=told, style=static("style.css"), up="")
