"""Files, packages and names."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.errors.words import another, error, warning
from dsl.diagnostics import Diagnostic, Edit, Fix, Label
from dsl.mistakes import FOREIGN
from dsl.near import did_you_mean, near
from dsl.source import Span


def misplaced_package(span: Span, package: str) -> Diagnostic:
    """A package name is the file's place under its root."""
    place = package.replace(".", "/") + ".pol"
    return error(
        "misplaced-package",
        f"package `{package}` does not stand at its place",
        span,
        f"expected in a file `{place}`",
        hints=("rename the package, or move the file",),
    )


def unknown_import(span: Span, package: str, known: Iterable[str]) -> Diagnostic:
    """No file of the roots holds the imported package."""
    known = list(known)
    hints = did_you_mean(package, known)
    if package.partition(".")[0] in ("rego", "future"):
        hints = ("delete it: `if`, `in`, `some` and `every` need no import here",)
    return error(
        "unknown-import",
        f"no package `{package}` is found under the root",
        span,
        f"looked for `{package.replace('.', '/')}.pol`",
        hints=hints,
        fixes=another(span, near(package, known)),
    )


def unused_import(span: Span, package: str, silent: bool) -> Diagnostic:
    """An import of which nothing is used. A `silent` one brings no facts, codes or evidence, which count for
    claims though the file does not name them.
    """
    return warning(
        "unused-import",
        f"nothing of `{package}` is used here",
        span,
        "imported and never used",
        hints=("delete the line",),
        fixes=(Fix("delete the import", (Edit(_line(span), ""),), safe=silent),),
    )


def _line(span: Span) -> Span:
    """The whole line of a place, with its end, if nothing else but the import stands on it."""
    text = span.source.text
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1 or len(text)
    alone = text[start : span.start].split() == ["import"] and not text[span.end : end].strip()
    return (
        Span(span.source, start, end) if alone else Span(span.source, span.start - len("import "), span.end)
    )


def import_cycle(span: Span, packages: Iterable[str]) -> Diagnostic:
    """Packages that import each other in a ring."""
    ring = " -> ".join(f"`{p}`" for p in packages)
    return error(
        "import-cycle",
        "these packages import each other",
        span,
        ring,
        hints=("move what both need into a package of its own",),
    )


def duplicate_name(kind: str, name: str, span: Span, first: Span, *hints: str) -> Diagnostic:
    """Two things of one name where names must differ."""
    return error(
        "duplicate-name",
        f"{kind} `{name}` is declared twice",
        span,
        "declared again here",
        *([Label(first, "first declared here")] if first != span else []),
        hints=hints,
    )


def built_in_fact(path: str, span: Span) -> Diagnostic:
    """A fact that the claim format has anyway."""
    return error(
        "built-in-fact",
        f"every claim has `{path}` already",
        span,
        "cannot be declared",
        hints=("delete the line, or give your fact another name",),
    )


def said_twice(what: str, span: Span, first: Span) -> Diagnostic:
    """Something that is said once, said again: which one counts?"""
    hints = ("delete one of them",)
    if what == "the policy":
        hints = ("each policy has a file of its own",)
    elif what.startswith("`codes "):
        hints = ("put the rows into one block",)
    return error(
        "said-twice",
        f"{what} is said twice",
        span,
        "said again here",
        Label(first, "first said here"),
        hints=hints,
    )


def duplicate_assumption(name: str, span: Span, first: Span) -> Diagnostic:
    """An assumption is one decision of the author: its name is used once."""
    return error(
        "duplicate-assumption",
        f"assumption `{name}` is named twice",
        span,
        "named again here",
        Label(first, "first named here"),
        hints=("give each assumption a name of its own, so that a decision can say on which it rests",),
    )


def unknown_name(kind: str, name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A name that nothing in scope declares."""
    known = list(known)
    hints = did_you_mean(name, known) or did_you_mean(name.lower(), known)
    if name in FOREIGN:
        hints = (FOREIGN[name],)
    elif not hints and kind.startswith(("member", "code system", "value")) and known:
        hints = ("known are " + ", ".join(f"`{n}`" for n in known[:8]),)
    message = f"there is no {kind} `{name}` here"
    if kind.startswith("value of "):
        message = f"{kind.removeprefix('value of ')} has no value `{name}`"
    close = near(name, known) or near(name.lower(), known)
    return error(
        "unknown-name",
        message,
        span,
        "not known",
        hints=hints or ("declare it, or import the package that does",),
        fixes=another(span, close) if span.text == name and name not in FOREIGN else (),
    )


def unused_definition(name: str, span: Span) -> Diagnostic:
    """A definition of a policy that no rule uses."""
    return warning(
        "unused-definition",
        f"`{name}` is defined and never used",
        span,
        "no rule rests on it",
        hints=("use it in a section, or delete it",),
    )


def recursion(name: str, span: Span) -> Diagnostic:
    """A definition, concept or code that rests on itself."""
    return error(
        "recursion",
        f"`{name}` rests on itself",
        span,
        "comes back to where it began",
        hints=("nothing can be decided in a circle: leave one of the steps out",),
    )
