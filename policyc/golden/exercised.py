"""What the golden files of a policy exercise of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from compiler.coverage.coverage import Coverage
from compiler.program import Program
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from policyc.golden.goldens import GoldenError, read


def exercised(
    program: Program, goldens: Iterable[Path], known_on: date | None = None
) -> tuple[Coverage, list[Path]]:
    """What golden files exercise, as known on a day where they say none, and those that do."""
    coverage = Coverage(program)
    return coverage, list(exercising(coverage, goldens, known_on))


def exercising(coverage: Coverage, goldens: Iterable[Path], known_on: date | None = None) -> Iterator[Path]:
    """Count what golden files exercise, and give each that does once it is counted: one that cannot be run,
    or states no claim, exercises nothing.
    """
    for path in goldens:
        try:
            golden = read(path)
            claim = read_claim(golden.claim, coverage.program.schema)
        except (GoldenError, ClaimError, OSError):
            continue  # told where golden files are run, or decided as the error that it is
        coverage.add(claim, golden.known_on or known_on)
        yield path
