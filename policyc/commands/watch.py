"""`policyc watch`: at each save, the mistakes and the golden files of what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from compiler.binding.library import policy_files
from policyc.commands import check
from policyc.commands.calls import FINE, FOUND, existing, say, stop
from policyc.commands.test import tell_failures
from policyc.golden.goldens import FOLDER
from policyc.golden.goldens import run as run_goldens
from policyc.options import Roots
from policyc.watching import affected
from policyc.words.render import counted

TOGETHER = 200
"""Milliseconds within which files that are saved count as one change."""

_WATCHED = (".pol", ".csv", ".json")


def command(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder of policies.")] = Path("."),
    root: Roots = None,
) -> None:
    """Check policies, and run their golden files, at each save."""
    raise typer.Exit(run(path, root or []))


def run(path: Path, roots: Sequence[Path]) -> int:
    """Until the user ends it."""
    try:
        from watchfiles import watch  # noqa: PLC0415  (an extra)
    except ImportError:
        stop("watching needs `pip install 'policyc[watch]'`")
    existing(path, *roots)
    if not path.is_dir():
        stop(f"`{path}` is no folder")
    begun = False
    for changes in watch(
        path, debounce=TOGETHER, rust_timeout=TOGETHER, yield_on_timeout=True, raise_interrupt=False
    ):
        if not begun:  # from here on, no save goes unseen
            begun = True
            look(policy_files(path), roots)
            say(f"watching {path}: Ctrl-C ends it")
        changed = sorted({Path(name) for _, name in changes if name.endswith(_WATCHED)})
        if files := affected(path, changed) if changed else []:
            say(f"\nsaved {', '.join(each.name for each in changed)}")
            look(files, roots)
    return FINE


def look(files: Sequence[Path], roots: Sequence[Path]) -> None:
    """Check files and, where they have no mistakes, run the golden files of those that have some."""
    if not files or check.run(files, False, roots, False) == FOUND:
        return
    results = run_goldens([file for file in files if file.with_suffix(FOLDER).is_dir()])
    tell_failures(results)
    say(f"{counted(results.passed, 'golden file')} passed, {len(results.failures)} failed")
