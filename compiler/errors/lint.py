"""What is no mistake, and wants a look all the same: the rules of `policyc lint`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compiler.errors.words import shown, warning
from compiler.model import RevisionId
from dsl.diagnostics import Diagnostic, Edit, Fix, Label
from dsl.source import Span


def ending_code(code: str, span: Span, over: date, successors: Sequence[str], listed: bool) -> Diagnostic:
    """A code that ends while what names it stands on, without its successors beside it. `listed` says that a
    list stands there, which takes them too.
    """
    offer = ", ".join(successors)
    hints = (
        (f"name {offer} beside it, in a revision of {over} if the document says so",) if successors else ()
    )
    add = Fix(f"name {offer} too", (Edit(span, f"{code}, {offer}"),))
    return warning(
        "ending-code",
        f"`{code}` is not valid from {over} on, and is still named here",
        span,
        "no revision follows its end" if not successors else "without what replaces it",
        hints=hints or ("look at what the document says of it from then on",),
        fixes=(add,) if successors and listed else (),
    )


def assumption_without_reason(name: str, span: Span) -> Diagnostic:
    """An assumption whose reason says no more than its name."""
    return warning(
        "assumption-without-reason",
        f"the reason of `{name}` says no more than its name",
        span,
        "why is it so?",
        hints=("say what the document leaves open, and what is taken to be so",),
    )


def criterion_without_citation(what: str, span: Span) -> Diagnostic:
    """A criterion of which nobody can say where it comes from."""
    return warning(
        "criterion-without-citation",
        f"{what} cites no part of the source document",
        span,
        "where does the document say so?",
        hints=('add `cites "PART"`, or `assume NAME "why"` where the document does not say it',),
    )


def rule_without_golden(what: str, span: Span) -> Diagnostic:
    """A rule that holds in no golden file."""
    return warning(
        "rule-without-golden",
        f"no golden file shows {what}",
        span,
        "it could be changed unnoticed",
        hints=("add a golden file of a claim for which it holds",),
    )


def open_list_closed(what: str, span: Span) -> Diagnostic:
    """A list that is open by its declaration, and closed by what asks for it."""
    return warning(
        "open-list-closed",
        f"{what} is open, and only what it names is asked for here",
        span,
        "anything else is outside",
        hints=("ask for the whole of it, or declare it without `open`",),
    )


def threshold_left_behind(fact: str, span: Span, changed: Span, revision: RevisionId) -> Diagnostic:
    """A revision changes what is asked of a fact in one place, and leaves the same in another."""
    return warning(
        "threshold-left-behind",
        f"revision {shown(revision)} changes what is asked of `{fact}` elsewhere, and not here",
        span,
        "still as it was",
        Label(changed, "changed here"),
        hints=("amend it too, or say why the two differ: by a citation of their own, or an assumption",),
    )


def label_repeats_code(code: str, span: Span, edit: Edit) -> Diagnostic:
    """A label that says the code again."""
    return warning(
        "label-repeats-code",
        f"the label of `{code}` repeats the code",
        span,
        "it stands before it already",
        hints=("say what it is in words of your own, or leave the label out",),
        fixes=(Fix("leave the code out of the label", (edit,), safe=True),),
    )


def unasked_fact(fact: str, span: Span, packages: Sequence[str]) -> Diagnostic:
    """A fact of a library that no policy asks for."""
    by = "no policy that imports it" if len(packages) > 1 else f"`{packages[0]}`, which imports it, never"
    return warning(
        "unasked-fact",
        f"{by} asks for `{fact}`",
        span,
        "would be gathered for nothing",
        hints=("delete it, or ask for it in a rule",),
    )
