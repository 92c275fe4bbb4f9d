"""What a policy says of itself, and its revisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from compiler.errors.words import another, error, shown, warning
from compiler.model import RevisionId
from dsl.diagnostics import Diagnostic, Label
from dsl.near import did_you_mean, near
from dsl.source import Span


def incomplete_policy(span: Span, missing: str) -> Diagnostic:
    """A policy block lacks what every policy has."""
    return error("incomplete-policy", f"`{missing}` is missing", span, "every policy has one")


def decides_nothing(span: Span, missing: str) -> Diagnostic:
    """A policy without a section, or without a code: no claim is ever decided by it."""
    return warning(
        "decides-nothing",
        f"no revision of this policy has a {missing}",
        span,
        "so it never decides a claim",
    )


def unknown_determination(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """Determinations are a closed set."""
    names = list(known)
    return error(
        "unknown-determination",
        f"`{name}` is no determination",
        span,
        "not one of the determinations",
        hints=did_you_mean(name, names) or ("the determinations are " + ", ".join(f"`{n}`" for n in names),),
        fixes=another(span, near(name, names)),
    )


def other_governing_date(span: Span, other: str, own: str) -> Diagnostic:
    """The outcome of a policy that another date governs: which of its versions is meant is not the line's."""
    return error(
        "other-governing-date",
        f"that policy is governed by `{other}`, this one by `{own}`",
        span,
        "which of its revisions is meant cannot be told",
        hints=(f"ask for what its section asks instead, or govern both by `{own}`",),
    )


def unasked_concept(section: str, concept: str, span: Span) -> Diagnostic:
    """A section is for a concept that its rules do not ask for."""
    return warning(
        "unasked-concept",
        f"section `{section}` is for `{concept}`, and its rules do not ask for it",
        span,
        "no criterion of the section asks for this concept",
        hints=("look at the concepts that its criteria ask for: one of the two is wrong",),
    )


def unused_fact(path: str, span: Span) -> Diagnostic:
    """A fact that is declared and asked by no rule."""
    return warning(
        "unused-fact",
        f"fact `{path}` is declared and never asked",
        span,
        "no criterion asks for it",
        hints=("ask for it in a rule, or delete it: whoever files claims would gather it for nothing",),
    )


def never_given(path: str, by: str, span: Span) -> Diagnostic:
    """A fact that is to be given by codes, and that no code in view gives."""
    return warning(
        "never-given",
        f"no code gives `{path}`",
        span,
        f"to be given by `{by}`",
        hints=("import the library whose codes give it, or leave out `given by`",),
    )


def unknown_edition(span: Span, edition: date | None, editions: Iterable[date]) -> Diagnostic:
    """A citation of an edition of the source that its index does not have."""
    known = ", ".join(f"`{day}`" for day in editions)
    return error(
        "unknown-edition",
        f"the index of the source document has no edition `{edition}`",
        span,
        "read in an edition that is not indexed",
        hints=(
            f"indexed are {known}" if known else "make the index with `policyc cite --source FILE --write`",
        ),
    )


def unknown_citation(span: Span, place: str, places: Iterable[str]) -> Diagnostic:
    """A citation of a part that the source's index does not have."""
    places = list(places)
    close = near(place, places)
    return error(
        "unknown-citation",
        f"the source document has no part `{place}`",
        span,
        "not in the source's index",
        hints=did_you_mean(place, places),
        fixes=another(span, f'"{close}"' if close else None),
    )


def several_parts(span: Span, place: str, inside: Iterable[str]) -> Diagnostic:
    """A part that is declared out of scope holds several: it is not said whether all are meant."""
    names = list(inside)
    shown_names = ", ".join(f"`{name}`" for name in names[:3])
    return error(
        "several-parts",
        f"`{place}` has {len(names)} parts",
        span,
        "all of them, or which?",
        hints=(
            f'write `all of "{place}"`, or name those that are meant: {shown_names}'
            + (", ..." if len(names) > 3 else ""),
        ),
    )


def accounted_twice(place: str, span: Span, first: Span, rests: bool) -> Diagnostic:
    """A part is declared out of scope, and something rests on it, or it is declared so twice."""
    return error(
        "accounted-twice",
        f"`{place}` is out of scope, and the policy rests on it" if rests else f"`{place}` is declared twice",
        span,
        "declared out of scope here",
        Label(first, "cited here" if rests else "first declared here"),
        hints=("keep one of the two",),
    )


def revision_out_of_order(span: Span, revision: RevisionId, before: Span) -> Diagnostic:
    """Revisions stand by effective date, then by posting date."""
    return error(
        "revision-out-of-order",
        f"revision {shown(revision)} stands behind a later one, or one of the same days",
        span,
        "revisions stand by effective date, then by posting date",
        Label(before, "stands before it"),
        hints=("what takes effect and was posted on the same days is one revision",),
    )


def unknown_revision(span: Span, effective: date) -> Diagnostic:
    """`supersedes` names a revision that the file does not have, or several."""
    return error(
        "unknown-revision",
        f"no other revision is of {effective}, or more than one is",
        span,
        "name its effective date, and `posted` where two share that date",
    )


def supersedes_cycle(span: Span, revisions: Iterable[RevisionId]) -> Diagnostic:
    """Revisions that supersede each other in a ring."""
    ring = " -> ".join(shown(revision) for revision in revisions)
    return error("supersedes-cycle", "these revisions supersede each other", span, ring)


def too_many_revisions(span: Span, most: int) -> Diagnostic:
    """More revisions than can be consolidated for all days and all that was known."""
    return error(
        "too-many-revisions",
        f"the policy has more than {most} revisions",
        span,
        "one too many",
        hints=("begin a new file with the text as it stands",),
    )


def after_retirement(span: Span, revision: RevisionId) -> Diagnostic:
    """A retired policy is amended."""
    return error(
        "after-retirement",
        f"revision {shown(revision)} amends a policy that was retired",
        span,
        "comes to nothing",
        hints=("a policy that comes back is a new policy, in a file of its own",),
    )


def amends_nothing(what: str, span: Span, revision: RevisionId, known: Iterable[str] = ()) -> Diagnostic:
    """An amendment of something that does not stand in the text."""
    known = list(known)
    return error(
        "amends-nothing",
        f"{what} does not stand in the text that revision {shown(revision)} amends",
        span,
        "nothing to amend",
        hints=did_you_mean(span.text, known) or _standing(known),
        fixes=another(span, near(span.text, known)),
    )


def _standing(known: Iterable[str]) -> tuple[str, ...]:
    names = [f"`{name}`" for name in dict.fromkeys(known)][:8]
    return (f"what stands there: {', '.join(names)}",) if names else ()


def already_there(what: str, span: Span, revision: RevisionId, first: Span) -> Diagnostic:
    """An addition of something that stands in the text."""
    hints = ["use `replace` to put another in its place"]
    if what.startswith(("section", "definition")):
        hints.append("two ways to meet one rule are one rule: `any of { ... }`")
    return error(
        "already-there",
        f"{what} already stands in the text that revision {shown(revision)} amends",
        span,
        "added again",
        Label(first, "stands here"),
        hints=tuple(hints),
    )


def ambiguous_order(what: str, span: Span, later: RevisionId, other: Span, earlier: RevisionId) -> Diagnostic:
    """Two revisions amend the same, and effective and posting dates order them differently."""
    return error(
        "ambiguous-order",
        f"revisions {shown(earlier)} and {shown(later)} both amend {what}, and their two orders disagree",
        span,
        "in force later, but posted earlier",
        Label(other, "in force earlier, but posted later"),
        hints=(
            f"say which stands: `supersedes {earlier.effective}` here, "
            f"or `supersedes {later.effective}` there",
        ),
    )


def override_cycle(span: Span, names: Iterable[str]) -> Diagnostic:
    """Sections that override each other in a ring."""
    return error(
        "override-cycle", "these sections override each other", span, " -> ".join(f"`{n}`" for n in names)
    )


def possible_overlap(
    first: str, span: Span, second: str, other: Span, answers: tuple[str, str]
) -> Diagnostic:
    """Two rules that give different determinations, of which it cannot be told whether both can hold."""
    return warning(
        "possible-overlap",
        f"it cannot be told whether `{first}` and `{second}` can both hold",
        span,
        f"says {answers[0]}",
        Label(other, f"says {answers[1]}"),
        hints=(
            f"if they can, state an order: `{first} overrides {second}`",
            "if both ever hold, the line goes to manual review",
        ),
    )


def assumption_without_effect(name: str, span: Span) -> Diagnostic:
    """An assumption that stands behind something of which nothing is decided."""
    return error(
        "assumption-without-effect",
        f"no decision rests on the assumption `{name}` here",
        span,
        "nothing is decided by what it stands behind",
        hints=(
            "write it behind the section, rule or criterion that is reconstructed, or alone in the revision: "
            f'`assume {name} "why"`',
        ),
    )


def overlapping_rules(
    first: str, span: Span, second: str, other: Span, answers: tuple[str, str], claim: str
) -> Diagnostic:
    """Two rules that give different determinations for one claim, with no stated order."""
    same = first == second
    return error(
        "overlapping-rules",
        f"two rules of section `{first}` can both hold, and say different things"
        if same
        else f"sections `{first}` and `{second}` can both hold, and say different things",
        span,
        f"says {answers[0]}",
        Label(other, f"says {answers[1]}"),
        hints=(
            f"both hold for this claim: {claim}",
            "state which goes first: add `except if { ... }` to one of them"
            if same
            else f"state an order: `{first} overrides {second}`, or `except if {{ ... }}` in one of them",
        ),
    )


_CHANGED = {
    "rules": "other sections give it",
    "missing": "another question is asked",
    "edits": "another edit is made",
    "reasons": "other reason codes are given",
}


def not_wording_only(span: Span, kind: str, answers: tuple[str, str], claim: str) -> Diagnostic:
    """A revision that is said to change wording alone, and by which a decision changes."""
    before, after = answers
    became = f"{before} becomes {after}" if before != after else f"{before} stays, but {_CHANGED[kind]}"
    return error(
        "not-wording-only",
        "this revision changes more than wording",
        span,
        became,
        hints=(
            f"this claim is decided otherwise by it: {claim}",
            "leave out `wording only`, or amend nothing that decides",
        ),
    )


def wording_unproved(span: Span) -> Diagnostic:
    """A revision that is said to change wording alone, where that could not be proved."""
    return warning(
        "wording-unproved",
        "whether this revision changes wording alone could not be proved",
        span,
        "no claim is known that it changes",
        hints=("`policyc history` says what is beyond exact analysis",),
    )
