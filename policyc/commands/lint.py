"""`policyc lint`: mistakes, warnings, and the rules that go beyond."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.binding.library import policy_files
from dsl.diagnostics import Diagnostic, Severity
from policyc.commands.calls import FINE, FOUND, existing, reason, say, stop
from policyc.commands.explain import pages
from policyc.files import write_whole
from policyc.linting import linted, safely_fixed
from policyc.options import LintFormat, Roots
from policyc.settings import SettingsError
from policyc.words.drawing import as_json, drawn
from policyc.words.render import counted
from policyc.words.sarif import sarif

_MOST_ROUNDS = 10  # a fix may open the way to another


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    fix: Annotated[bool, typer.Option("--fix", help="Make the changes that change no decision.")] = False,
    form: Annotated[LintFormat, typer.Option("--format", help="How it is told.")] = LintFormat.TEXT,
    root: Roots = None,
) -> None:
    """Find what wants a look in policies and libraries, beyond their mistakes."""
    raise typer.Exit(run(paths, fix, form, root or []))


def run(paths: Sequence[Path], fix: bool, form: LintFormat, roots: Sequence[Path]) -> int:
    """Lint files and folders; status 1 for an error or a warning."""
    existing(*paths, *roots)
    files = list(dict.fromkeys(file for path in paths for file in policy_files(path)))
    if not files:
        stop(f"there is no .pol file under `{paths[0]}`")
    try:
        said = linted(files, roots)
        for _ in range(_MOST_ROUNDS if fix else 0):
            if not _fix(said):
                break
            said = linted(files, roots)
    except SettingsError as error:
        stop(str(error))
    except OSError as error:
        stop(f"cannot read or write `{error.filename or paths[0]}`: {reason(error)}")
    _tell(said, form)
    amounts = Counter(diagnostic.severity for diagnostic in said)
    if form is LintFormat.TEXT:
        told = [
            counted(amounts[s], s) for s in (Severity.ERROR, Severity.WARNING, Severity.NOTE) if amounts[s]
        ]
        say(f"linted {counted(len(files), 'file')}: " + (", ".join(told) or "nothing to say"))
    return FOUND if amounts[Severity.ERROR] or amounts[Severity.WARNING] else FINE


def _fix(said: Sequence[Diagnostic]) -> bool:
    """Make the safe fixes; whether there was one."""
    texts = safely_fixed(said)
    for source, text in texts.items():
        path = Path(source.name)
        mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
        write_whole(path.resolve(), mark + text.encode())
        say(f"fixed {path}")
    return bool(texts)


def _tell(said: Sequence[Diagnostic], form: LintFormat) -> None:
    match form:
        case LintFormat.TEXT:
            if said:
                say(drawn(said) + "\n")
        case LintFormat.JSON:
            typer.echo(json.dumps([as_json(d) for d in said], ensure_ascii=False, indent=2))
        case LintFormat.SARIF:
            texts = pages()
            log = sarif(said, lambda code: texts[code].read_text(encoding="utf-8").strip())
            typer.echo(json.dumps(log, ensure_ascii=False, indent=2))
