"""The decision IR: what to compute about a line, with no name to look up and no date left to ask.

Every atom is one fact and a set of its values; a list is asked how many of its elements meet a condition.
"""

from __future__ import annotations

from attrs import field, frozen

from compiler.model import Citation, RevisionId, Table
from compiler.runtime.atoms import (
    ALWAYS,
    NEVER,
    Amount,
    AtLeast,
    Atom,
    CodeIs,
    Computed,
    ComputedIs,
    Condition,
    DayIs,
    Elapsed,
    Elements,
    Fixed,
    Newest,
    Not,
    NumberIs,
    Open,
    Resting,
    Term,
    Total,
    ValueIs,
    WindowIs,
    atoms,
    conjunction,
    facts_of,
)
from compiler.runtime.codes import Interval
from compiler.runtime.questions import RuleRow
from compiler.runtime.tables import LimitRow
from dsl.source import Span

__all__ = [
    "ALWAYS",
    "NEVER",
    "Amount",
    "AtLeast",
    "Atom",
    "CodeIs",
    "Computed",
    "ComputedIs",
    "Condition",
    "DayIs",
    "Decision",
    "Elapsed",
    "Elements",
    "EvidenceRule",
    "Fixed",
    "LimitRow",
    "Listed",
    "Named",
    "Newest",
    "Not",
    "NumberIs",
    "Open",
    "Resting",
    "Rule",
    "RuleRow",
    "Term",
    "Total",
    "ValueIs",
    "WindowIs",
    "atoms",
    "conjunction",
    "facts_of",
]


class Named(Resting):
    """A condition that the author wrote as a criterion, with where it comes from."""

    name: str
    citation: Citation | None
    revision: RevisionId | None
    span: Span
    apart = frozenset({"span"})


@frozen
class Rule:
    """A section's determination and when it holds; `table` is the one of which it is a row."""

    row: RuleRow
    condition: Named
    span: Span = field(eq=False, repr=False)
    table: Table | None = None

    @property
    def section(self) -> str:
        return self.row.section

    @property
    def determination(self) -> str:
        return self.row.determination


@frozen
class Listed:
    """A row of the code table. `needs`: codes of which one must stand beside, with their assumptions."""

    code: str
    needs: tuple[tuple[str, str | None], ...]
    assumption: str | None


@frozen
class EvidenceRule:
    """A fact that may be taken from the other lines of the day: those of some codes, or all (None)."""

    fact: str
    codes: tuple[Interval, ...] | None
    assumption: str | None


@frozen
class Decision:
    """One consolidated text as of one stretch of days: what the sections say, in document order."""

    rules: tuple[Rule, ...]
    overrides: tuple[tuple[str, str], ...]
    listed: tuple[Listed, ...]
    open: bool
    stating: tuple[str, ...]
    evidence: tuple[EvidenceRule, ...]
    assumptions: tuple[str, ...]
    limits: tuple[LimitRow, ...] = ()
