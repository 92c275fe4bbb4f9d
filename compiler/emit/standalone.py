"""A policy as one Python module that needs the standard library alone."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from functools import cache
from importlib import metadata
from importlib.resources import files
from textwrap import wrap

from compiler.emit.layout import WIDTH, comment_line, layout
from compiler.emit.python import emit
from compiler.program import Program

_MODULES = (
    "errors",
    "alike",
    "codes",
    "numbers",
    "windows",
    "kept",
    "claim_values",
    "tree",
    "atoms",
    "line_facts",
    "conditions",
    "lists",
    "terms",
    "judge",
    "diagram",
    "expand",
    "scalars",
    "clusters",
    "summaries",
    "cells",
    "settling",
    "questions",
    "ages",
    "asks",
    "reader",
    "contract",
    "reasons",
    "tables",
    "beside",
    "derive",
    "edits",
    "signature",
    "compiled",
    "diagnoses",
    "limits",
    "open_limits",
    "again",
    "adjudicate",
    "claims",
    "command",
)
"""The modules of the run-time, each after those that it uses."""


def standalone(program: Program) -> str:
    """The text of the module. Two builds of the same sources are the same, byte for byte."""
    statements = emit(program)
    _assert_apart(statements)
    policy = f"{_title('The policy')}\n{_LEGEND}\n\n{layout(statements)}"
    parts = [_header(program), *_run_time(), policy, _ENTRY]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


_LEGEND = r"""#
# In this order, and only where the policy has them:
#   CODES_...    a set of codes as pairs in string order, each from the first to before the second.
#                "\x00" is the smallest character and "\x7f" is behind all of a code, so that
#                ("B0229", "B0229\x00") is that code alone, and ("G564", "G564\x7f") all that begin with it
#   section_...  whether a section's rule holds of a line, or what is still open about it: a function a
#                wording. `facts` is what is known of the line; where it says `lambda facts:`, also of an
#                element of a list, by the name before it. `lambda:` is asked only where what stands before
#                it does not settle the matter. In a stretch of numbers (x, 0) is just before x, (x, 2) just
#                behind it; a Window goes from so many months and days after its anchor (before it, if
#                negative) to before so many others; None is without end
#   criterion_...
#                a part of such a rule that would be nested too deeply there
#   LISTED, RULES, EVIDENCE, ORDER
#                tables that several versions have in common
#   VERSION_...  the policy as it stands in a stretch of days, made of the above
#   POLICY       the whole: the facts that claims may state, the revisions, and which version stands when"""

_ENTRY = '''
def decide(claim: object, *, known_on: object = None, explain: bool = False) -> dict[str, Any]:
    """The decision of a claim, a dict as from JSON. `known_on`, a date or its text, answers as one who knew
    only what was posted by that day; `explain` adds what to ask where a line is open. Raises ClaimError where
    the claim cannot be read.
    """
    return decide_with(POLICY, claim, known_on, explain)


if __name__ == "__main__":
    sys.exit(run_command(POLICY))
'''


@cache
def _taken() -> frozenset[str]:
    """The names of the run-time, of its imports and of Python."""
    statements = ast.parse("\n".join([*_run_time(), _ENTRY])).body
    return frozenset(dir(builtins)).union(*(_names(statement) for statement in statements))


def _assert_apart(statements: list[ast.stmt]) -> None:
    """No generated name hides one that is taken."""
    generated = [name for statement in statements for name in _names(statement)]
    generated += [
        node.arg for statement in statements for node in ast.walk(statement) if type(node) is ast.arg
    ]
    hidden = _taken().intersection(generated)
    assert not hidden, f"generated names hide others: {sorted(hidden)}"


def _header(program: Program) -> str:
    """The comment on top: what the module decides, by which text, how it was made, and what is where."""
    policy = program.consolidated.policy
    made_by = f"policyc {metadata.version('policyc')}, `policyc build`; edit the policy, not this"
    lines = [
        policy.title,
        policy.payer,
        "",
        f"policy    {program.package}",
        f"digest    {program.digest}",
        f"made by   {made_by}",
        "",
        "Revisions:",
        *(f"  {row.name}  {r.title}" for row, r in zip(program.revisions, policy.revisions, strict=True)),
        "",
        "What the author assumed where the document is silent; a decision names those that it rests on:",
        *(f"  {name}: {a.reason}" for unit in policy.unit.closure() for name, a in unit.assumptions.items()),
        "",
        "Needs Python 3.11 and its standard library. `decide(claim)` decides; as a command, the module reads",
        "claims from standard input, one JSON object a line, and writes decisions likewise.",
        "",
        "To review the policy, read from the title `The policy` on.",
        "What is where: the run-time, which is the same for every policy, then The policy, then `decide`.",
        "The run-time has the parts",
        *(f"  {line}" for module in _MODULES for line in _wrapped(_about(module))),
    ]
    return "\n".join(comment_line(line) for line in lines)


@cache
def _source(module: str) -> str:
    return files("compiler.runtime").joinpath(f"{module}.py").read_text(encoding="utf-8")


@cache
def _about(module: str) -> str:
    """What a module of the run-time says that it is: the first paragraph of its docstring."""
    described = ast.get_docstring(ast.parse(_source(module))) or ""
    return " ".join(described.partition("\n\n")[0].split())


def _wrapped(text: str) -> list[str]:
    return wrap(text, 105, subsequent_indent="  ")


def _title(text: str) -> str:
    rule = "-" * 90
    return "\n".join(f"# {line}" for line in (rule, *_wrapped(text), rule))


@cache
def _run_time() -> tuple[str, str]:
    """The standard library's imports, and the text of the run-time without its imports."""
    found: dict[str, set[str]] = {}
    plain: set[str] = set()
    texts: list[str] = []
    defined: Counter[str] = Counter()
    for module in _MODULES:
        source = _source(module)
        tree = ast.parse(source)
        dropped: set[int] = set()
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom):
                dropped |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
                if not (statement.module or "").startswith("compiler.runtime"):
                    found.setdefault(statement.module or "", set()).update(a.name for a in statement.names)
            elif isinstance(statement, ast.Import):
                dropped |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
                plain |= {alias.name for alias in statement.names}
            else:
                defined.update(_names(statement))
        described = tree.body[0]
        dropped |= set(range(described.lineno, (described.end_lineno or 0) + 1))
        dropped |= _lines_of_all(tree)
        lines = [line for n, line in enumerate(source.split("\n"), 1) if n not in dropped]
        texts.append(_title(_about(module)) + "\n\n" + "\n".join(lines).strip("\n"))
    twice = [name for name, count in defined.items() if count > 1]
    assert not twice, f"defined twice in the run-time: {twice}"
    future = found.pop("__future__", set())
    imports = [f"from __future__ import {', '.join(sorted(future))}\n"]
    imports += [f"import {name}" for name in sorted(plain)]
    imports += [_import(module, sorted(names)) for module, names in sorted(found.items())]
    return "\n".join(imports), "\n\n\n".join(texts)


def _names(statement: ast.stmt) -> list[str]:
    """What a statement defines at the top of a module."""
    match statement:
        case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
            return [defined]
        case ast.Assign(targets=[ast.Name(id=defined)]) | ast.AnnAssign(target=ast.Name(id=defined)):
            return [defined] if defined != "__all__" else []
        case ast.Import(names=used) | ast.ImportFrom(names=used):
            return [alias.asname or alias.name for alias in used]
    return []


def _lines_of_all(tree: ast.Module) -> set[int]:
    """The lines of `__all__`, which says nothing of the whole."""
    return {
        line
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"
        for line in range(statement.lineno, (statement.end_lineno or 0) + 1)
    }


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
