"""Dated revisions become the text that stands on a day, for one who knew what was posted by a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations, product

from attrs import frozen

from compiler import errors
from compiler.binding import amendments as a
from compiler.binding.resolve import PolicyText
from compiler.history.amend import amend, touches
from compiler.history.standing import StandingText
from compiler.model import RevisionId
from dsl.diagnostics import Report

Applied = tuple[RevisionId, ...]
"""The revisions that make a text, in the order in which they were applied."""

_NONE: Mapping[Applied, StandingText] = {}


@frozen
class Consolidated:
    """A policy without revisions left to execute: one text for each set of revisions that can apply."""

    policy: PolicyText
    texts: dict[Applied, StandingText]

    def applied(self, day: date, known_on: date | None) -> Applied:
        """The revisions in force on a day and visible on another, in the order of application."""
        return _applied(self.policy.revisions, day, known_on)

    def at(self, day: date, known_on: date | None) -> StandingText | None:
        """The text in force, or None: before the first revision, or after the policy was retired."""
        applied = self.applied(day, known_on)
        text = self.texts[applied] if applied else None
        return text if text is not None and text.retired is None else None

    @property
    def posting_days(self) -> tuple[date, ...]:
        """The days on which more became known."""
        return tuple(sorted({revision.id.posted for revision in self.policy.revisions}))

    @property
    def effective_days(self) -> tuple[date, ...]:
        """The days on which another text came into force."""
        return tuple(sorted({revision.id.effective for revision in self.policy.revisions}))


def consolidate(
    policy: PolicyText, report: Report, begun: Mapping[Applied, StandingText] = _NONE
) -> Consolidated:
    """Execute the revision history, for every view of it that a day and a known-on day can give. `begun` are
    texts that some of the revisions make, as they were made before.
    """
    _supersedes_cycle(policy.revisions, report)
    _ambiguous_orders(policy.revisions, report)
    by_id = {revision.id: revision for revision in policy.revisions}
    made = {(): StandingText.beginning(policy.unit.definitions), **begun}

    def text(applied: Applied) -> StandingText:
        if applied not in made:
            made[applied] = amend(text(applied[:-1]), by_id[applied[-1]], policy.unit, report)
        return made[applied]

    postings = sorted({revision.id.posted for revision in policy.revisions})
    days = sorted({revision.id.effective for revision in policy.revisions})
    views = dict.fromkeys(_applied(policy.revisions, *view) for view in product(days, postings))
    return Consolidated(policy, {applied: text(applied) for applied in views if applied})


def _applied(revisions: tuple[a.Revision, ...], day: date, known_on: date | None) -> Applied:
    """By effective date, then posting date; but a revision that supersedes a later one comes after it."""
    seen = [r for r in revisions if r.id.effective <= day and (known_on is None or r.id.posted <= known_on)]
    waiting = sorted(seen, key=lambda r: r.id)
    present = {r.id for r in waiting}
    order: list[RevisionId] = []
    while waiting:
        free = (r for r in waiting if all(s in order or s not in present for s, _ in r.supersedes))
        following = next(free, waiting[0])
        waiting.remove(following)
        order.append(following.id)
    return tuple(order)


def _ambiguous_orders(revisions: tuple[a.Revision, ...], report: Report) -> None:
    """Two revisions that amend the same element, and whose effective and posting order disagree; or which
    come in another order because one of them supersedes a third.
    """
    order = {revision: at for at, revision in enumerate(_applied(revisions, date.max, None))}
    for first, second in combinations(sorted(revisions, key=lambda r: r.id), 2):
        disagree = first.id.posted > second.id.posted and first.id.effective != second.id.effective
        if not disagree and order[first.id] < order[second.id]:
            continue
        said = {s for s, _ in first.supersedes} | {s for s, _ in second.supersedes}
        if said & {first.id, second.id}:
            continue
        for mine in first.amendments:
            for theirs in second.amendments:
                both = [k for k in touches(mine) for other in touches(theirs) if _same_element(k, other)]
                if both:
                    what = "`" + ".".join(min(both, key=len)[1:]) + "`"
                    report.add(errors.ambiguous_order(what, theirs.span, second.id, mine.span, first.id))


def _supersedes_cycle(revisions: tuple[a.Revision, ...], report: Report) -> None:
    """No revision supersedes one that supersedes it in turn."""
    supersedes = {r.id: [superseded for superseded, _ in r.supersedes] for r in revisions}
    done: set[RevisionId] = set()

    def visit(revision: RevisionId, trail: tuple[RevisionId, ...]) -> None:
        if revision in trail:
            ring = (*trail[trail.index(revision) :], revision)
            last = next(r for r in revisions if r.id == ring[-2])
            report.add(errors.supersedes_cycle(last.supersedes[0][1].span, ring))
        elif revision not in done:
            for superseded in supersedes.get(revision, []):
                visit(superseded, (*trail, revision))
            done.add(revision)

    for revision in revisions:
        visit(revision.id, ())


def _same_element(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """The same element, or one inside the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
