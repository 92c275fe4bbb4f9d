"""The revisions of a policy: what each amended, and what is proved of it."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from compiler.diff.revised import revised
from compiler.program import Program, revision_name
from policyc.words.amendments import sentence
from policyc.words.differences import findings


@frozen
class RevisionChange:
    """One revision in words; `effect` begins with what is proved of it, and goes on with each difference."""

    revision: str
    posted: date
    title: str
    citation: str | None
    amendments: tuple[str, ...]
    effect: tuple[str, ...]


def history(program: Program, known_on: date | None) -> tuple[RevisionChange, ...]:
    """The revisions that are visible on a day, in the order of the file."""
    changes = []
    for number, revision in enumerate(program.consolidated.policy.revisions):
        if known_on is None or revision.id.posted <= known_on:
            changes.append(
                RevisionChange(
                    revision_name(revision.id, program.consolidated),
                    revision.id.posted,
                    revision.title,
                    revision.citation.place if revision.citation else None,
                    tuple(sentence(amendment) for amendment in revision.amendments),
                    effect(program, number),
                )
            )
    return tuple(changes)


def effect(program: Program, number: int) -> tuple[str, ...]:
    """What a revision changes, as it was known on the day of its posting: what was posted by then with it,
    held against the same without it.
    """
    around = revised(program, number)
    return ("the first version",) if around is None else tuple(findings(around.comparison(each=True)))
