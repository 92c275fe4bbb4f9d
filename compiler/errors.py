"""What the compiler can complain about: one function a code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from compiler.model import RevisionId
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.near import did_you_mean
from dsl.source import Span


def _diagnostic(
    severity: Severity,
    code: str,
    message: str,
    span: Span,
    label: str,
    *more: Label,
    hints: tuple[str, ...] = (),
) -> Diagnostic:
    return Diagnostic(code, severity, message, (Label(span, label), *more), hints)


def _error(
    code: str, message: str, span: Span, label: str, *more: Label, hints: tuple[str, ...] = ()
) -> Diagnostic:
    return _diagnostic(Severity.ERROR, code, message, span, label, *more, hints=hints)


def shown(revision: RevisionId) -> str:
    """A revision as people name it."""
    if revision.posted == revision.effective:
        return str(revision.effective)
    return f"{revision.effective} (posted {revision.posted})"


# ---- files and names ------------------------------------------------------------------------------


def misplaced_package(span: Span, package: str) -> Diagnostic:
    """A package name is the file's place under its root."""
    place = package.replace(".", "/") + ".pol"
    return _error(
        "misplaced-package",
        f"package `{package}` does not stand at its place",
        span,
        f"expected in a file `{place}`",
        hints=("rename the package, or move the file",),
    )


def unknown_import(span: Span, package: str, known: Iterable[str]) -> Diagnostic:
    """No file of the roots holds the imported package."""
    return _error(
        "unknown-import",
        f"no package `{package}` is found under the root",
        span,
        f"looked for `{package.replace('.', '/')}.pol`",
        hints=did_you_mean(package, known),
    )


def import_cycle(span: Span, packages: Iterable[str]) -> Diagnostic:
    """Packages that import each other in a ring."""
    ring = " -> ".join(f"`{p}`" for p in packages)
    return _error("import-cycle", "these packages import each other", span, ring)


def duplicate_name(kind: str, name: str, span: Span, first: Span) -> Diagnostic:
    """Two things of one name where names must differ."""
    return _error(
        "duplicate-name",
        f"{kind} `{name}` is declared twice",
        span,
        "declared again here",
        Label(first, "first declared here"),
    )


def duplicate_assumption(name: str, span: Span, first: Span) -> Diagnostic:
    """An assumption is one decision of the author: its name is used once."""
    return _error(
        "duplicate-assumption",
        f"assumption `{name}` is named twice",
        span,
        "named again here",
        Label(first, "first named here"),
        hints=("give each assumption a name of its own, so that a decision can say on which it rests",),
    )


def unknown_name(kind: str, name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A name that nothing in scope declares."""
    return _error(
        "unknown-name",
        f"there is no {kind} `{name}` here",
        span,
        "not known",
        hints=did_you_mean(name, known) or ("declare it, or import the package that does",),
    )


def recursion(name: str, span: Span) -> Diagnostic:
    """A definition or concept that rests on itself."""
    return _error("recursion", f"`{name}` rests on itself", span, "comes back to where it began")


# ---- types and values -----------------------------------------------------------------------------


def type_mismatch(span: Span, message: str, label: str, hints: tuple[str, ...] = ()) -> Diagnostic:
    """A fact is asked something that its type cannot answer."""
    return _error("type-mismatch", message, span, label, hints=hints)


def invalid_code(span: Span, system: str) -> Diagnostic:
    """A text that the code system cannot have."""
    return _error(
        "invalid-code", f"`{span.text}` is no code of `{system}`", span, f"not of the form of {system} codes"
    )


def empty_range(span: Span) -> Diagnostic:
    """A range, or a stretch of time, that ends before it begins."""
    return _error("empty-range", f"`{span.text}` takes nothing in", span, "ends before it begins")


def impossible_count(span: Span, count: int, of: int) -> Diagnostic:
    """A group that asks for more criteria than it has."""
    return _error(
        "impossible-count",
        f"at least {count} of {of} can never hold",
        span,
        f"this group has {of} criteri{'on' if of == 1 else 'a'}",
    )


def empty_body(span: Span, what: str) -> Diagnostic:
    """Braces without a criterion: what is meant to hold?"""
    return _error("empty-body", f"{what} has no criterion", span, "write at least one")


def date_in_condition(span: Span) -> Diagnostic:
    """The governing date selects revisions; criteria do not ask it."""
    return _error(
        "date-in-condition",
        "a criterion cannot ask for the date that governs the policy",
        span,
        "the date selects the revision",
        hints=("write a revision that takes effect on that date",),
    )


def overlapping_validity(code: str, span: Span, first: Span) -> Diagnostic:
    """A code that two rows say to be valid on the same day."""
    return _error(
        "overlapping-validity",
        f"two rows say that `{code}` is valid on the same day",
        span,
        "overlaps",
        Label(first, "with this row"),
    )


def successor_unit_differs(
    code: str, unit: str, successor: str, its_unit: str, factor: str, span: Span
) -> Diagnostic:
    """A successor of which one unit stands for another quantity."""
    return _diagnostic(
        Severity.NOTE,
        "successor-unit-differs",
        f"a unit of `{code}` is {unit}, a unit of its successor `{successor}` is {its_unit}",
        span,
        f"one unit of `{code}` becomes {factor} of `{successor}`",
    )


# ---- the policy -----------------------------------------------------------------------------------


def incomplete_policy(span: Span, missing: str) -> Diagnostic:
    """A policy block lacks what every policy has."""
    return _error("incomplete-policy", f"the policy says no {missing}", span, f"`{missing}` is missing")


def unknown_determination(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """Determinations are a closed set."""
    names = list(known)
    return _error(
        "unknown-determination",
        f"`{name}` is no determination",
        span,
        "not one of the determinations",
        hints=did_you_mean(name, names) or ("the determinations are " + ", ".join(f"`{n}`" for n in names),),
    )


def unused_fact(path: str, span: Span) -> Diagnostic:
    """A fact that is declared and asked by no rule."""
    return _diagnostic(
        Severity.WARNING,
        "unused-fact",
        f"fact `{path}` is declared and never asked",
        span,
        "no criterion, evidence or code asks for it",
    )


def unknown_citation(span: Span, place: str, places: Iterable[str]) -> Diagnostic:
    """A citation of a part that the source's index does not have."""
    return _error(
        "unknown-citation",
        f"the source document has no part `{place}`",
        span,
        "not in the source's index",
        hints=did_you_mean(place, places),
    )


# ---- revisions ------------------------------------------------------------------------------------


def revision_out_of_order(span: Span, revision: RevisionId, before: Span) -> Diagnostic:
    """Revisions stand by effective date, then by posting date."""
    return _error(
        "revision-out-of-order",
        f"revision {shown(revision)} stands behind a later one, or behind itself",
        span,
        "revisions stand by effective date, then by posting date",
        Label(before, "stands before it"),
    )


def unknown_revision(span: Span, effective: date) -> Diagnostic:
    """`supersedes` names a revision that the file does not have, or several."""
    return _error(
        "unknown-revision",
        f"there is no one revision {effective} to supersede",
        span,
        "name its effective date, and its posting date where two share the first",
    )


def amends_nothing(what: str, span: Span, revision: RevisionId, known: Iterable[str] = ()) -> Diagnostic:
    """An amendment of something that does not stand in the text."""
    return _error(
        "amends-nothing",
        f"{what} does not stand in the text that revision {shown(revision)} amends",
        span,
        "nothing to amend",
        hints=did_you_mean(span.text, known),
    )


def already_there(what: str, span: Span, revision: RevisionId, first: Span) -> Diagnostic:
    """An addition of something that stands in the text."""
    return _error(
        "already-there",
        f"{what} already stands in the text that revision {shown(revision)} amends",
        span,
        "added again",
        Label(first, "stands here"),
        hints=("use `replace` to put another in its place",),
    )


def ambiguous_order(what: str, span: Span, later: RevisionId, other: Span, earlier: RevisionId) -> Diagnostic:
    """Two revisions amend the same, and effective and posting dates order them differently."""
    return _error(
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


# ---- codes and rules over time ----------------------------------------------------------------------


def code_after_end(
    code: str, span: Span, ended: date, until: date | None, successors: tuple[str, ...], acknowledged: bool
) -> Diagnostic:
    """A code that stays listed after its last valid day."""
    through = f"until {until}" if until else "without end"
    offer = " and ".join(f"`{s}`" for s in successors)
    hints = (
        (f"replace it on {ended}: `replace code {code} with {', '.join(successors)}`",) if successors else ()
    ) + (f'or say that the document lags behind: `{code} though ended "why"`',)
    return _diagnostic(
        Severity.NOTE if acknowledged else Severity.ERROR,
        "code-after-end",
        f"`{code}` is not valid from {ended} on, and is listed {through}"
        + (f"; its successors are {offer}" if successors else ""),
        span,
        "listed after its end" + (", and known to be" if acknowledged else ""),
        hints=() if acknowledged else hints,
    )


def code_never_valid(code: str, span: Span) -> Diagnostic:
    """A code that is valid on no day on which it is listed."""
    return _error(
        "code-never-valid",
        f"`{code}` is valid on no day on which it is listed",
        span,
        "never valid meanwhile",
    )


def code_before_start(code: str, span: Span, listed: date, start: date) -> Diagnostic:
    """A code that is listed ahead of its first day."""
    return _diagnostic(
        Severity.WARNING,
        "code-before-start",
        f"`{code}` is listed from {listed} on, and valid only from {start} on",
        span,
        "listed ahead of its first day",
    )


def unlisted_library_code(code: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A code that no imported library has."""
    return _error(
        "unknown-code",
        f"no imported code library has `{code}`",
        span,
        "not known",
        hints=did_you_mean(code, known) or ("add it to the library that it belongs to, or import that",),
    )


def override_cycle(span: Span, names: Iterable[str]) -> Diagnostic:
    """Sections that override each other in a ring."""
    return _error(
        "override-cycle", "these sections override each other", span, " -> ".join(f"`{n}`" for n in names)
    )


def overlapping_rules(
    first: str, span: Span, second: str, other: Span, answers: tuple[str, str], claim: str
) -> Diagnostic:
    """Two sections that give different determinations for one claim, with no stated order."""
    return _error(
        "overlapping-rules",
        f"sections `{first}` and `{second}` can both hold, and say different things",
        span,
        f"says {answers[0]}",
        Label(other, f"says {answers[1]}"),
        hints=(
            f"both hold for this claim: {claim}",
            f"state an order: `{first} overrides {second}`, or `except`",
        ),
    )


def too_large(span: Span, nodes: int) -> Diagnostic:
    """A policy whose decision diagram is larger than the limit."""
    return _diagnostic(
        Severity.WARNING,
        "too-large",
        f"the rules are too large for exact questions (more than {nodes} nodes)",
        span,
        "decided by three-valued logic alone where facts are unknown",
        hints=("conflicts between sections could not be checked for all claims",),
    )
