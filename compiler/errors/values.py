"""Types, values and criteria."""

from __future__ import annotations

from compiler.errors.words import error, warning
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span

_PROCEDURES = ("they have five characters: `96365`, `J2001`",)
_FORMS = {
    "cpt": _PROCEDURES,
    "hcpcs": _PROCEDURES,
    "procedure": _PROCEDURES,
    "icd10cm": ("they are written `G43.709`; `G43.7x` stands for all that begin so",),
}


def type_mismatch(span: Span, message: str, label: str, hints: tuple[str, ...] = ()) -> Diagnostic:
    """A fact is asked something that it cannot answer."""
    return error("type-mismatch", message, span, label, hints=hints)


def invalid_code(span: Span, system: str) -> Diagnostic:
    """A text that the code system cannot have."""
    kind = "procedure code" if system == "procedure" else f"code of `{system}`"
    return error(
        "invalid-code",
        f"`{span.text}` is no {kind}",
        span,
        "not of the form of these codes",
        hints=_FORMS.get(system, ()),
    )


def empty_range(span: Span, why: str = "ends before it begins") -> Diagnostic:
    """A range, or a stretch of time, that takes nothing in."""
    return error("empty-range", f"`{span.text}` takes nothing in", span, why)


def impossible_count(span: Span, wanted: str, count: int, of: int) -> Diagnostic:
    """A group that asks for more criteria than it has; of at most so many, that always holds."""
    outcome = "always holds" if wanted == "at most" else "can never hold"
    return error(
        "impossible-count",
        f"{wanted} {count} of {of} {outcome}",
        span,
        f"this group has {of} criteri{'on' if of == 1 else 'a'}",
    )


def counted_twice(said: str, span: Span, first: Span) -> Diagnostic:
    """A criterion that stands twice in a group that counts."""
    return warning(
        "counted-twice",
        f"`{said}` counts twice in this group",
        span,
        "said again here",
        Label(first, "first said here"),
        hints=("one of them is probably another criterion",),
    )


def empty_body(span: Span, what: str, part: str = "criterion") -> Diagnostic:
    """Braces with nothing inside: what is meant?"""
    return error("empty-body", f"{what} has no {part}", span, "write at least one")


def date_in_condition(span: Span) -> Diagnostic:
    """The governing date selects revisions; criteria do not ask it."""
    return error(
        "date-in-condition",
        "a criterion cannot ask for the date that governs the policy",
        span,
        "the date selects the revision",
        hints=("write a revision that takes effect on that date",),
    )


def unused_element(name: str, span: Span) -> Diagnostic:
    """An element of a list that its own criteria do not speak of."""
    return warning(
        "unused-element",
        f"nothing is said of `{name}`",
        span,
        "the criteria in the braces do not ask it",
        hints=(f"ask something of `{name}`, or move the criteria out of the braces",),
    )


def never_holds(section: str, span: Span) -> Diagnostic:
    """A rule that no claim can meet, or that another section silences always."""
    return warning(
        "never-holds",
        f"this rule of section `{section}` never speaks",
        span,
        "no claim meets it",
        hints=("look for criteria that contradict each other, an exception that repeats them, or an order",),
    )


def too_much_rests_on(name: str, span: Span, most: int) -> Diagnostic:
    """A definition or concept that becomes too large when all that it rests on is written out."""
    return error(
        "too-much-rests-on",
        f"too much rests on each other in `{name}`",
        span,
        f"written out, it has more than {most:,} parts, or too many inside each other",
        hints=("name fewer things through other names, and none twice",),
    )


def too_large(span: Span, nodes: int, unchecked: str = "conflicts between sections") -> Diagnostic:
    """A policy whose rules are beyond exact questions."""
    return warning(
        "too-large",
        f"the rules are too large for exact questions (more than {nodes:,} steps)",
        span,
        "decided by three-valued logic alone where facts are unknown",
        hints=(f"{unchecked} could not be checked for all claims",),
    )
