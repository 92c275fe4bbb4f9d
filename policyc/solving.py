"""The solver of arithmetic, an extra: z3."""

from __future__ import annotations

from compiler.diff.by_z3 import ByZ3, installed
from compiler.diff.solving import Solver

HINT = "`pip install 'policyc[prove]'` may settle what is computed from several facts"


def solver() -> Solver | None:
    """z3, which is loaded when it is first asked; None where it is not installed."""
    return ByZ3() if installed() else None
