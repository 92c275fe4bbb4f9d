"""The revisions of a policy: what each amended, and whether any decision can change by it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import assert_never

from attrs import frozen

from compiler import amendments as a
from compiler.compare import Difference, compare, days_between, only
from compiler.program import Program, revision_name


@frozen
class RevisionChange:
    """One revision in words."""

    revision: str
    posted: date
    title: str
    citation: str | None
    amendments: tuple[str, ...]
    effect: str


def history(program: Program, known_on: date | None) -> tuple[RevisionChange, ...]:
    """The revisions that are visible on a day, in the order of the file."""
    policy = program.consolidated.policy
    changes = []
    for number, revision in enumerate(policy.revisions):
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


def effect(program: Program, number: int) -> str:
    """Whether a revision can change any decision, as it was known on the day of its posting: what was posted
    by then with it, held against the same without it.
    """
    policy = program.consolidated.policy
    revision = policy.revisions[number]
    known = tuple(
        other
        for at, other in enumerate(policy.revisions)
        if other.id.posted < revision.id.posted or (other.id.posted == revision.id.posted and at <= number)
    )
    without = tuple(other for other in known if other is not revision)
    if not without:
        return "the first version"
    before, after = only(program.lowering, without), only(program.lowering, known)
    listed_before, listed_after = (set(a.listed_codes(revisions)) for revisions in (without, known))
    differences: list[Difference] = []
    days = days_between((before, after), revision.id.effective)
    for day, following in zip(days, [*days[1:], None], strict=True):
        one, other = before.at(day, None), after.at(day, None)
        if one is None and other is None:
            continue
        if other is None:
            return f"from {day} on no version is in force"
        if one is None:
            return f"from {day} on a version is in force where none was"
        differences.append(
            compare(one, other, program, (day, following - timedelta(days=1) if following else date.max))
        )
    if any(found.determination is None for found in differences):
        return "whether decisions change could not be told: the rules are too large"
    changed = []
    if any(found.determination for found in differences):
        changed.append("determinations")
    elif any(found.rules for found in differences):
        changed.append("the sections that give a determination")
    if any(found.codes for found in differences) or listed_before != listed_after:
        changed.append("the codes that bring a line in")
    if any(found.evidence for found in differences):
        changed.append("what counts as evidence")
    if any(found.limits for found in differences):
        changed.append("what limits leave of a line")
    if any(found.reviews for found in differences):
        changed.append("what reviewers are asked")
    if any(found.reasons for found in differences):
        changed.append("the reason codes of denials")
    if changed:
        return "decisions can change: " + ", ".join(changed)
    if any(found.assumptions for found in differences):
        return "no determination can change, only what decisions assume: the diagram is the same"
    return "no decision can change: before and after are the same diagram"


def sentence(amendment: a.Amendment) -> str:
    """An amendment in words."""
    match amendment:
        case a.PutSection(section, replaces):
            return f"{'replaces' if replaces else 'adds'} section {section.name}, {section.title}"
        case a.RemoveSection(name):
            return f"removes section {name}"
        case a.AddNames(section, names, _):
            said = ", ".join(name.name.replace("_", " ") for name in names)
            return f"section {section} names {said}"
        case a.PutReasons(section, named):
            codes = f"CARC {named.carc.code}" + "".join(f", RARC {code.code}" for code in named.rarc)
            return f"section {section} gives {codes} as its reasons"
        case a.PutTable(table, replaces):
            codes = ", ".join(row.code for row in table.rows)
            return f"{'replaces the code table with' if replaces else 'lists the codes'} {codes}"
        case a.PutCodes(removed, added):
            came = ", ".join(row.code for row in added)
            if removed and added:
                return f"replaces {', '.join(removed)} with {came}"
            return f"adds {came}" if added else f"removes {', '.join(removed)}"
        case a.PutDefinition(definition):
            return f"defines {definition.name}"
        case a.ReplaceElement(path, _):
            return f"replaces {'.'.join(path)}"
        case a.AddTo(path, criteria):
            count = len(criteria)
            return f"adds {count} criteri{'on' if count == 1 else 'a'} to {'.'.join(path)}"
        case a.RemoveElement(path):
            return f"removes {'.'.join(path)}"
        case a.PutOverride(override, removes):
            verb = "no longer overrides" if removes else "overrides"
            return f"section {override.winner} {verb} section {override.loser}"
        case a.PutAssumption(assumption):
            return f"assumes {assumption.name}"
        case a.RemoveAssumption(name):
            return f"no longer assumes {name}"
        case a.Retire(reason):
            return f"retires the policy: {reason}"
    assert_never(amendment)
