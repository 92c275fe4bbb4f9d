"""Bound text in the author's own words: what was written, or that laid out anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from attrs import frozen

from compiler.history.standing import criteria_of
from compiler.model import (
    Assumption,
    Citation,
    CodeEntry,
    Condition,
    Criterion,
    Group,
    Quantified,
    ReasonCodes,
    Rule,
)
from compiler.program import Program
from compiler.runtime.codes import PROCEDURES
from compiler.runtime.edits import plain, unit_factor
from dsl.syntax import GroupKind

_COMMENT = re.compile(r'("(?:\\["\\]|[^"\\\n])*")|#[^\n]*')


def parted(exception: tuple[Criterion, ...]) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """The criteria of an exception, and those of its own exception, which stands behind them."""
    match exception[-1] if exception else None:
        case (
            Criterion(
                condition=Group(
                    kind=GroupKind.NONE, criteria=(Criterion(condition=Group() as unless) as inner,)
                )
            ) as last
        ) if inner.span == last.span and last.span.text.startswith("{"):
            return exception[:-1], unless.criteria
    return exception, ()


def determined(rule: Rule) -> str:
    """What a rule determines, of whom it asks what, and when it is in force."""
    asked = f" {quoted(rule.question)}" if rule.question is not None else ""
    asked += f" to {quoted(rule.addressee)}" if rule.addressee is not None else ""
    valid = rule.validity
    since = f" from {valid.start}" if valid.start is not None else ""
    until = f" until {valid.end}" if valid.end is not None else ""
    return f"{rule.determination}{asked}{' otherwise' if rule.otherwise else ''}{since}{until}"


def reason_words(reasons: ReasonCodes) -> str:
    rarc = ", ".join(code.code for code in reasons.rarc)
    return f"reasons carc {reasons.carc.code}" + (f" rarc {rarc}" if rarc else "")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def assume_words(assumption: Assumption) -> str:
    return f"assume {assumption.name} {quoted(assumption.reason)}"


def cites_words(citation: Citation | None) -> str:
    if citation is None:
        return ""
    edition = f" edition {citation.edition}" if citation.edition else ""
    return f" cites {quoted(citation.place)}{edition}{' reconstructed' if citation.reconstructed else ''}"


def written(criterion: Criterion) -> str:
    """A criterion's source text, with its label; another body may have been put under that."""
    text = flat(criterion.span.text)
    labelled = criterion.label is None or text.startswith(f"{criterion.label}:")
    return text if labelled else f"{criterion.label}: {text}"


def flat(source: str) -> str:
    """Source text on one line, without its comments."""
    return " ".join(_COMMENT.sub(lambda match: match[1] or "", source).split())


def _below(condition: Condition) -> Iterator[Criterion]:
    if isinstance(condition, Group | Quantified):
        for criterion in condition.criteria:
            yield criterion
            yield from _below(criterion.condition)


def as_written(criterion: Criterion) -> bool:
    """Whether the source text still says the criterion: short, and nothing inside could be amended."""
    below = list(_below(criterion.condition))
    span = criterion.span
    if not below:
        bare = isinstance(criterion.condition, Quantified) and criterion.condition.bare
        return bare or not isinstance(criterion.condition, Group | Quantified)
    if any(not c.span.text or (c.span == span and c.label is None) for c in criteria_of(criterion)):
        return True  # what was made of one condition is read as it was written
    inside = all(
        c.label is None
        and c.span.source == span.source
        and span.start <= c.span.start
        and c.span.end <= span.end
        for c in below
    )
    return inside and "\n" not in span.text


def opening(condition: Group | Quantified) -> str:
    counted = condition.kind in (GroupKind.AT_LEAST, GroupKind.AT_MOST, GroupKind.EXACTLY)
    kind = f"{condition.kind.value} {condition.count}" if counted else condition.kind.value
    if not isinstance(condition, Quantified):
        return f"{kind} of"
    kind = "no" if condition.kind is GroupKind.NONE else kind
    different = f" with different {condition.different}" if condition.different else ""
    run = f" within {condition.run[0]} consecutive days of {condition.run[1]}" if condition.run else ""
    return f"{kind} {condition.element} in {condition.list}{different}{run}"


@frozen
class Codes:
    """What the libraries say of procedure codes on a day, as known on another."""

    program: Program
    on: date
    known_on: date | None

    def entries(self, code: str) -> list[CodeEntry]:
        """The rows of a code, by date."""
        found = [
            e
            for e in self.program.lowering.entries
            if e.system in PROCEDURES and e.codes[0] <= code < e.codes[1] and e.validity.known(self.known_on)
        ]
        return sorted(found, key=lambda e: e.validity.start or date.min)

    def entry(self, code: str, day: date | None = None) -> CodeEntry | None:
        """The row that is valid on a day, by default the one in hand."""
        return next((e for e in self.entries(code) if e.validity.on(day or self.on)), None)

    def factor(self, entry: CodeEntry, successor: str) -> str | None:
        """How many units of its successor a unit is, where both stand for a quantity of one kind."""
        new = self.entry(successor, entry.validity.end or self.on)
        times = unit_factor(entry.per, new.per) if new is not None else None
        return plain(times) if times is not None else None

    def successors(self, entry: CodeEntry) -> list[tuple[str, str | None]]:
        """The codes that take the place of one, each with its factor."""
        return [(code, self.factor(entry, code)) for code in entry.replaced_by]
