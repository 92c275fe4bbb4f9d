"""Codes over time, and the tables that list them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from compiler.errors.words import diagnostic, error, warning
from dsl.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from dsl.near import did_you_mean
from dsl.source import Span


def excepts_nothing(concept: str, span: Span) -> Diagnostic:
    """Codes that are excepted of a concept and were never of it."""
    return warning(
        "excepts-nothing",
        f"`{span.text}` is not of `{concept}` in any case",
        span,
        "takes nothing out",
        hints=("look for a slip in the code, or delete it",),
    )


def overlapping_validity(code: str, span: Span, first: Span) -> Diagnostic:
    """A code that two rows say to be valid on the same day."""
    return error(
        "overlapping-validity",
        f"two rows say that `{code}` is valid on the same day",
        span,
        "overlaps",
        Label(first, "with this row"),
        hints=("end the first row where the second begins: `until` names the first day on which it is over",),
    )


def successor_unit_differs(
    code: str, unit: str, successor: str, its_unit: str, factor: str | None, span: Span
) -> Diagnostic:
    """A successor of which one unit stands for another quantity."""
    label = "the two quantities cannot be compared"
    if factor is not None:
        label = f"one unit of `{code}` is as much as {factor} of `{successor}`"
    return diagnostic(
        Severity.NOTE,
        "successor-unit-differs",
        f"a unit of `{code}` is {unit}, a unit of its successor `{successor}` is {its_unit}",
        span,
        label,
    )


def successor_without_end(code: str, successors: Iterable[str], span: Span) -> Diagnostic:
    """A code that is replaced and never ends."""
    offer = " and ".join(f"`{s}`" for s in successors)
    return warning(
        "successor-without-end",
        f"`{code}` is replaced by {offer}, and never ends",
        span,
        "no `until`",
        hints=("say the first day on which it is over: `until 2024-10-01`",),
    )


def unknown_code(code: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A code that no imported library has."""
    return error(
        "unknown-code",
        f"no imported code library has `{code}`",
        span,
        "not known",
        hints=did_you_mean(code, known) or ("add it to the library that it belongs to, or import that",),
    )


def unlisted_code(code: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A code that a criterion asks for, and no imported library has."""
    return warning(
        "unlisted-code",
        f"no imported code library has `{code}`, for which this asks",
        span,
        "if it is misspelt, this never holds",
        hints=did_you_mean(code, known) or ("add it to the library that it belongs to, or import that",),
    )


def code_after_end(
    code: str,
    span: Span,
    ended: date,
    until: date | None,
    successors: tuple[str, ...],
    acknowledged: bool,
    amending: tuple[Span, str, str] | None,
) -> Diagnostic:
    """A code that stays listed after its last valid day. `amending` is where an amendment of that day would
    stand, and the words before and after it; None where the code is listed only later than that.
    """
    through = f"until {until}" if until else "without end"
    offer = " and ".join(f"`{s}`" for s in successors)
    does = f"replace code {code} with {', '.join(successors)}" if successors else f"remove code {code}"
    hints = (
        f"{does.partition(' ')[0]} it on {ended}: `{does}`",
        f'or say that the document lags behind: `{code} though ended "why"`',
    )
    fixes: tuple[Fix, ...] = ()
    if amending is not None and not acknowledged:
        place, before, after = amending
        fixes = (Fix(f"{does} on {ended}", (Edit(place, before + does + after),)),)
    elif successors and not acknowledged:
        fixes = (Fix(f"list {', '.join(successors)} instead", (Edit(span, ", ".join(successors)),)),)
    return diagnostic(
        Severity.NOTE if acknowledged else Severity.ERROR,
        "code-after-end",
        f"`{code}` is not valid from {ended} on, and is listed {through}"
        + (f"; its successor{'s are' if len(successors) > 1 else ' is'} {offer}" if successors else ""),
        span,
        "listed after its end" + (", and known to be" if acknowledged else ""),
        hints=() if acknowledged else hints,
        fixes=fixes,
    )


def needless_acknowledgement(code: str, span: Span) -> Diagnostic:
    """A code is said to be over, and is not."""
    return warning(
        "needless-acknowledgement",
        f"`{code}` is said to be listed after its end, and is not",
        span,
        "valid as long as it is listed",
        hints=("delete `though ended`, or look at its row in the library",),
    )


def code_never_valid(code: str, span: Span) -> Diagnostic:
    """A code that is valid on no day on which it is listed."""
    return error(
        "code-never-valid",
        f"`{code}` is valid on no day on which it is listed",
        span,
        "never valid meanwhile",
        hints=("look at its row in the library: one of the dates, or the code, is wrong",),
    )


def code_before_start(code: str, span: Span, listed: date, start: date) -> Diagnostic:
    """A code that is listed ahead of its first day."""
    return warning(
        "code-before-start",
        f"`{code}` is listed from {listed} on, and valid only from {start} on",
        span,
        "listed ahead of its first day",
        hints=(f"list it in a revision of {start}",),
    )


def reason_not_valid(code: str, span: Span, named: date, invalid: date) -> Diagnostic:
    """A reason code that is not valid on every day on which a section names it."""
    hint = f"name another one from then on, in a revision of {invalid}"
    if invalid == named:
        hint = "name a code that is valid then; its row in the library has the dates"
    return error(
        "reason-not-valid",
        f"the reason code `{code}` is named from {named} on, and is not valid on {invalid}",
        span,
        "not valid all the time",
        hints=(hint,),
    )


def incomplete_reason(carc: str, span: Span) -> Diagnostic:
    """A reason code that says nothing without a remark code."""
    return error(
        "incomplete-reason",
        f"`{carc}` says nothing without a RARC",
        span,
        "needs a RARC",
        hints=(f"name one behind it: `reasons carc {carc} rarc N130`",),
    )


def reasons_without_denial(what: str, span: Span) -> Diagnostic:
    """Reason codes behind what denies nothing."""
    return error(
        "reasons-without-denial",
        f"{what} denies nothing, and gives reason codes for it",
        span,
        "reasons of no denial",
        hints=("delete them, or put them behind the determination that they are for",),
    )


def stating_without_open(span: Span) -> Diagnostic:
    """A closed list says which facts bring other codes in."""
    return error(
        "stating-without-open",
        "a closed list of codes takes no other codes in",
        span,
        "speaks of codes that are not listed",
        hints=("write `codes open to lines stating ...` if the document's list is incomplete",),
    )
