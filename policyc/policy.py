"""Compiled policies as Python callers use them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from attrs import frozen

from compiler.library import policy_files
from compiler.pipeline import compile_paths
from compiler.program import Program
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import Claim, Schema, read_claim
from dsl.diagnostics import Diagnostic, Report

Extra = Callable[[str], None]


class PolicyError(Exception):
    """A policy that cannot be compiled, with what is wrong in it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{d.labels[0].span}: {d.message} [{d.code}]" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _decide(program: Program, claim: Claim, known_on: date | None, explain: bool) -> dict[str, Any]:
    return program.explained(claim, known_on) if explain else decide_claim(program, claim, known_on)


@frozen(eq=False)
class Policy:
    """One compiled policy. `known_on` answers as one who knew only what was posted by that day."""

    program: Program
    known_on: date | None = None

    def decide(
        self,
        claim: dict[str, Any],
        *,
        known_on: date | str | None = None,
        explain: bool = False,
        extra: Extra | None = None,
    ) -> dict[str, Any]:
        """The decision of a claim. `extra` is told of each key that no policy declares; without it such a
        key is an error.

        Raises ClaimError where the claim cannot be read.
        """
        read = read_claim(claim, self.program.schema, extra)
        return _decide(self.program, read, _day(known_on) or self.known_on, explain)

    def decide_json(self, claim: bytes) -> bytes:
        """The decision of a claim as JSON text.

        Raises ClaimError where the claim cannot be read.
        """
        decoded = decode(claim)
        return json.dumps(self.decide(decoded), ensure_ascii=False).encode()  # type: ignore[arg-type]


@frozen(eq=False)
class PolicyLibrary:
    """All policies under a folder: a claim is decided by those that it concerns."""

    policies: tuple[Policy, ...]

    def decide(
        self,
        claim: dict[str, Any],
        *,
        known_on: date | str | None = None,
        explain: bool = False,
        extra: Extra | None = None,
        everything: bool = False,
    ) -> list[dict[str, Any]]:
        """The decisions of a claim, in order of package names. A policy that is silent on every line is
        left out, unless `everything` is wanted; a claim that none concerns gives one decision without policy.

        Raises ClaimError where the claim cannot be read; a fact that any policy declares is allowed.
        """
        decisions = []
        read: Claim | None = None
        for policy in self.policies:
            ignore = _ignoring(policy, self.policies, extra)
            read = read_claim(claim, policy.program.schema, ignore)
            made = _decide(policy.program, read, _day(known_on) or policy.known_on, explain)
            silent = all(
                line["determination"] in ("not_applicable", "not_in_force") for line in made["lines"]
            )
            if everything or not silent:
                decisions.append(made)
        if decisions or read is None:
            return decisions
        return [_unconcerned(read, _day(known_on))]


def _ignoring(policy: Policy, policies: tuple[Policy, ...], extra: Extra | None) -> Extra:
    """What to do with a key that one policy does not declare: another may."""
    known: Schema = {}
    for other in policies:
        known |= other.program.schema

    def told(pointer: str) -> None:
        first, _, rest = pointer.lstrip("/").partition("/")
        scope = {"lines": "line", "member": "member", "contract": "contract"}.get(first, "claim")
        name = rest.partition("/")[2] if scope == "line" else rest or first
        if f"{scope}.{name}" in known:
            return
        if extra is None:
            shown = name[:60]
            raise ClaimError("unknown-key", f"no loaded policy declares `{shown}`", pointer)
        extra(pointer)

    return told


def _unconcerned(claim: Claim, known_on: date | None) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "policy": None,
        "policy_digest": None,
        "known_on": known_on.isoformat() if known_on is not None else None,
        "lines": [
            {
                "line": line.number,
                "procedure": line.procedure,
                "service_date": line.day.isoformat(),
                "revision": None,
                "determination": "not_applicable",
                "rules": [],
                "missing": [],
                "edits": [],
                "assumptions": [],
                "subject_to": [],
                "reason_codes": None,
            }
            for line in claim.lines
        ],
    }


def load(path: str | Path, *, known_on: date | str | None = None, roots: Sequence[Path] = ()) -> Policy:
    """Compile the policy of one .pol file.

    Raises PolicyError where it cannot be compiled, or holds no policy; OSError where it cannot be read.
    """
    report = Report()
    programs = compile_paths([Path(path)], roots, report)
    own = [p for p in programs if p.consolidated.policy.span.source.name == Path(path).as_posix()]
    if not own:
        raise PolicyError(report.diagnostics)
    return Policy(own[0], _day(known_on))


def load_library(
    path: str | Path, *, known_on: date | str | None = None, roots: Sequence[Path] = ()
) -> PolicyLibrary:
    """Compile all policies under a folder.

    Raises PolicyError where one cannot be compiled; OSError where one cannot be read.
    """
    report = Report()
    programs = compile_paths(policy_files(Path(path)), roots, report)
    if report.has_errors:
        raise PolicyError(report.diagnostics)
    return PolicyLibrary(tuple(Policy(program, _day(known_on)) for program in programs))
