"""A policy as one Python module that needs the standard library alone."""

from __future__ import annotations

import ast
from collections import Counter
from importlib import metadata
from importlib.resources import files

from compiler.emit.layout import comment_line, layout
from compiler.emit.python import emit
from compiler.program import Program

_MODULES = (
    "errors",
    "alike",
    "codes",
    "claim_values",
    "reader",
    "reasons",
    "diagram",
    "partition",
    "questions",
    "tables",
    "conditions",
    "compiled",
    "derive",
    "edits",
    "adjudicate",
    "claims",
    "command",
)
"""The modules of the run-time, each after those that it uses."""


def standalone(program: Program) -> str:
    """The text of the module. Two builds of the same sources are the same, byte for byte."""
    imports, run_time = _run_time()
    parts = [_header(program), imports, run_time, _title("The policy"), layout(emit(program)), _ENTRY]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


_ENTRY = '''
def decide(claim: object, *, known_on: object = None) -> dict[str, Any]:
    """The decision of a claim, a dict as from JSON. `known_on`, a date or its text, answers as one who knew
    only what was posted by that day. Raises ClaimError where the claim cannot be read.
    """
    return decide_with(POLICY, claim, known_on)


if __name__ == "__main__":
    sys.exit(run_command(POLICY))
'''


def _header(program: Program) -> str:
    """The docstring of the module: what it decides, from which text, and how it was made."""
    policy = program.consolidated.policy
    revisions = "\n".join(
        f"#   {row.name}  {comment_line(revision.title)[2:]}"
        for row, revision in zip(program.revisions, policy.revisions, strict=True)
    )
    lines = [
        comment_line(policy.title),
        comment_line(policy.payer),
        "#",
        comment_line(f"policy    {program.package}"),
        comment_line(f"digest    {program.digest}"),
        comment_line(
            f"made by   policyc {metadata.version('policyc')}, `policyc build`; edit the policy, not this"
        ),
        "#",
        "# Revisions:",
        revisions,
        "#",
        "# Needs Python 3.11 and its standard library. `decide(claim)` decides; as a command, claims are",
        "# read from standard input, one JSON object a line, and decisions are written likewise.",
        "# First comes the run-time, which is the same for every policy; `The policy` is at the end.",
    ]
    return "\n".join(lines)


def _title(text: str) -> str:
    return f"# {'-' * 90}\n# {text}\n# {'-' * 90}"


def _run_time() -> tuple[str, str]:
    """The standard library's imports, and the text of the run-time without its imports."""
    found: dict[str, set[str]] = {}
    plain: set[str] = set()
    texts: list[str] = []
    defined: Counter[str] = Counter()
    for module in _MODULES:
        source = files("compiler.runtime").joinpath(f"{module}.py").read_text(encoding="utf-8")
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
            defined.update(_names(statement))
        described = tree.body[0]
        dropped |= set(range(described.lineno, (described.end_lineno or 0) + 1))
        dropped |= _lines_of_all(tree)
        lines = [line for n, line in enumerate(source.split("\n"), 1) if n not in dropped]
        said = (ast.get_docstring(tree) or "").split("\n")[0]
        texts.append(_title(said) + "\n\n" + "\n".join(lines).strip("\n"))
    twice = [name for name, count in defined.items() if count > 1]
    assert not twice, f"defined twice in the run-time: {twice}"
    future = found.pop("__future__", set())
    imports = [f"from __future__ import {', '.join(sorted(future))}\n"]
    imports += [f"import {name}" for name in sorted(plain)]
    imports += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(found.items())]
    return "\n".join(imports), "\n\n\n".join(texts)


def _names(statement: ast.stmt) -> list[str]:
    """What a statement defines at the top of a module."""
    match statement:
        case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
            return [defined]
        case ast.Assign(targets=[ast.Name(id=defined)]) | ast.AnnAssign(target=ast.Name(id=defined)):
            return [defined] if defined != "__all__" else []
    return []


def _lines_of_all(tree: ast.Module) -> set[int]:
    """The lines of `__all__`, which says nothing of the whole."""
    return {
        line
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"
        for line in range(statement.lineno, (statement.end_lineno or 0) + 1)
    }
