"""What a revision changes, as it was known on the day of its posting."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from compiler.diff.comparison import Comparison
from compiler.diff.cut import cut, each_alone
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.diff.watch import Watch, unwatched
from compiler.program import Program


@frozen
class Revised:
    """What was posted by the day of a revision, without it and with it."""

    without: Program
    with_it: Program
    posted: date

    @property
    def known(self) -> tuple[date | None, ...]:
        """What was known of the libraries since: all of it, then less, down to the day of the posting."""
        later = [day for day in self.with_it.posting_cuts if day >= self.posted]
        return (None, *later[-2::-1])

    def comparison(
        self, each: bool = False, watch: Watch = unwatched, known_on: date | None = None
    ) -> Comparison:
        """What they decide differently by what was known on a day; `each`: also by each amendment alone."""
        sides = Side(self.without, known_on), Side(self.with_it, known_on)
        before = self.without.consolidated.policy.revisions
        made = each_alone(self.with_it, before) if each else ()
        return diff(*sides, ((about, Side(program, known_on)) for about, program in made), watch)


def revised(program: Program, number: int) -> Revised | None:
    """Around the revision of a number; None where nothing stood before it, or stands so alone."""
    revisions = program.consolidated.policy.revisions
    revision = revisions[number]
    known = tuple(
        other
        for at, other in enumerate(revisions)
        if other.id.posted < revision.id.posted or (other.id.posted == revision.id.posted and at <= number)
    )
    without = cut(program, tuple(other for other in known if other is not revision)) if known[1:] else None
    with_it = cut(program, known)
    if without is None or with_it is None:
        return None
    return Revised(without, with_it, revision.id.posted)
