"""`policyc render`: policies as pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from compiler.binding.library import policy_files
from policyc.commands.calls import FINE, broken, existing, policy_of, reason, say, stop
from policyc.options import Roots
from policyc.pages.ink import NeedsJinja
from policyc.pages.site import Source, write_site
from policyc.policy import PolicyError, load
from policyc.words.render import counted


def command(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file, or a folder of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the pages are written.")],
    mutation: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="What `policyc mutate --format json` printed; repeatable."),
    ] = None,
    root: Roots = None,
) -> None:
    """Write policies as pages: their text on each day, what changed, and on what it rests."""
    raise typer.Exit(run(policy, out, mutation or [], root or []))


def run(path: Path, out: Path, mutation: Sequence[Path], roots: Sequence[Path]) -> int:
    """Write a site that a browser opens from the folder."""
    existing(path, *mutation, *roots)
    scores = dict(map(_score, mutation))
    sources = _sources(path, roots, scores)
    if not sources:
        stop(f"no policy is found under `{path}`")
    try:
        count = write_site(sources, out)
    except NeedsJinja as error:
        stop(str(error))
    except OSError as error:
        stop(f"cannot write `{error.filename or out}`: {reason(error)}")
    say(f"wrote {counted(count, 'page')}: open {out / 'index.html'}")
    return FINE


def _score(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return str(told["policy"]), dict(told)
    except (ValueError, KeyError, TypeError):
        stop(f"`{path}` is not what `policyc mutate --format json` prints")


def _sources(path: Path, roots: Sequence[Path], scores: dict[str, dict[str, Any]]) -> list[Source]:
    """The policy of a file, or those of a folder, whose other files are libraries."""
    if not path.is_dir():
        policy = policy_of(path, None, roots)
        return [Source(path, policy, roots, scores.get(policy.compiled.package))]
    found = []
    for file in policy_files(path):
        try:
            policy = load(file, roots=roots)
        except PolicyError as error:
            if any(diagnostic.severity == "error" for diagnostic in error.diagnostics):
                broken(file, error)
            continue
        except OSError as error:
            stop(f"cannot read `{error.filename or file}`: {reason(error)}")
        found.append(Source(file, policy, roots, scores.get(policy.compiled.package)))
    return found
