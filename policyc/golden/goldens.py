"""Golden files: claims with the decision that a policy's authors expect, kept beside the policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from difflib import unified_diff
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, cast

from attrs import Factory, define, evolve, frozen

from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError
from policyc.files import write_whole
from policyc.policy import Policy, PolicyError, load

FOLDER = ".golden"
NO_REVISION = "none"
_KEYS = ("about", "reviewed", "claim", "known_on", "decision")
_OPTIONAL = ("reviewed", "known_on")
_LEFT_OUT = ("policy_digest", "explanation", "reason")
_ONLY_WHERE_SAID = ("unsure", "missing_complete", "exact")  # a line has them only where they say something
_WIDTH = 110


class GoldenError(Exception):
    """A golden file that cannot be run, and why."""


@frozen(eq=False)
class Golden:
    """One golden file. `decision` is compared in the keys that it has; empty, it is yet to be written. Where
    it is not `reviewed`, it only says what the policy decided when the file was written.
    """

    path: Path
    about: str
    claim: dict[str, Any]
    known_on: date | None
    decision: dict[str, Any]
    reviewed: bool = True

    def decided(self, policy: Policy) -> dict[str, Any]:
        """What the policy says of the claim: a decision, or an error record where it cannot be read."""
        try:
            made = policy.decide(self.claim, known_on=self.known_on)
        except ClaimError as error:
            return error.record()
        made["lines"] = [_without(line) for line in made["lines"]]
        return _without(made)

    def difference(self, got: dict[str, Any]) -> str | None:
        """How a decision differs from the expected one, as a unified diff; None where it does not."""
        says = "lines" in self.decision or "error" in self.decision
        asked = _asked(self.decision, got) if says else got
        if _same(self.decision, asked):
            return None
        before, after = (laid_out(value, fill=False).splitlines() for value in (self.decision, asked))
        return "\n".join(unified_diff(before, after, "expected", "got", lineterm="", n=6))

    def misplaced(self, got: dict[str, Any]) -> str | None:
        """Why the golden lies in the wrong folder, if it does."""
        folder = revision_of(got)
        if self.path.parent.name == folder:
            return None
        return f"misplaced: it lies in {self.path.parent.name}/, and its first decided line in {folder}/"

    def text(self) -> str:
        """The file's text, of one that is not yet written."""
        known_on = {} if self.known_on is None else {"known_on": str(self.known_on)}
        reviewed = {} if self.reviewed else {"reviewed": False}
        stated = {"about": self.about, **reviewed, "claim": self.claim, **known_on, "decision": self.decision}
        return laid_out(stated) + "\n"

    def updated(self, got: dict[str, Any]) -> str:
        """The file's text with another decision; keys that the author left out stay out."""
        old, lines = self.decision, got.get("lines")
        new = {key: value for key, value in got.items() if key in old} if "lines" in old and lines else got
        if lines is not None and "lines" in new:
            before = old["lines"] if isinstance(old.get("lines"), list) else []
            new["lines"] = [_like(old, line) for old, line in zip_longest(before[: len(lines)], lines)]
        stated = cast("dict[str, Any]", decode(self.path.read_bytes()))
        return laid_out({**stated, "decision": new}) + "\n"


def revision_of(decision: dict[str, Any]) -> str:
    """The folder of a decision's golden file: the revision of its first decided line."""
    revisions = (line["revision"] for line in decision.get("lines", ()))
    return next((revision for revision in revisions if revision is not None), NO_REVISION)


def read(path: Path) -> Golden:
    """A golden file.

    Raises GoldenError where it is none; OSError where it cannot be read.
    """
    try:
        raw = decode(path.read_bytes())
    except ClaimError as error:
        raise GoldenError(error.message) from None
    if not isinstance(raw, dict):
        raise GoldenError("a golden file is an object")
    missing = [key for key in _KEYS if key not in _OPTIONAL and key not in raw]
    unknown = [key for key in raw if key not in _KEYS]
    if missing:
        raise GoldenError(f"the key `{missing[0]}` is missing")
    if unknown:
        raise GoldenError(f"unknown key `{unknown[0]}`, expected {', '.join(_KEYS)}")
    if not isinstance(raw["about"], str):
        raise GoldenError("`about` is no text")
    for key in ("claim", "decision"):
        if not isinstance(raw[key], dict):
            raise GoldenError(f"`{key}` is no object")
    reviewed = raw.get("reviewed", True)
    if not isinstance(reviewed, bool):
        raise GoldenError("`reviewed` is neither true nor false")
    return Golden(path, raw["about"], raw["claim"], _day(raw.get("known_on")), raw["decision"], reviewed)


def policy_of(path: Path) -> Path:
    """The .pol file whose golden a file is.

    Raises GoldenError where the file does not lie in `<policy>.golden/<revision>/`.
    """
    folder = path.parent.parent
    if not folder.name.endswith(FOLDER) or folder.name == FOLDER:
        raise GoldenError(f"misplaced: a golden file lies in <policy>{FOLDER}/<revision>/")
    return folder.with_suffix(".pol")


def is_golden(path: Path) -> bool:
    """Whether a file is meant as a golden: JSON somewhere under a `.golden` folder."""
    return path.suffix == ".json" and any(parent.suffix == FOLDER for parent in path.parents)


def collect(path: Path) -> Iterator[Path]:
    """The golden files of a folder or of a .pol file, in order; any other file stands for itself.

    Raises FileNotFoundError where there is nothing of that name.
    """
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    if path.is_dir():
        yield from sorted(found for found in path.rglob("*.json") if is_golden(found))
    elif path.suffix == ".pol":
        yield from sorted(path.with_suffix(FOLDER).rglob("*.json"))
    else:
        yield path


@frozen
class Results:
    """What came of some golden files: failures with the reason, and those that were rewritten."""

    passed: int
    failures: list[tuple[Path, str]]
    updated: list[Path]


@define
class Runner:
    """Runs golden files, and compiles each policy once."""

    known_on: date | None = None
    """What the golden files are decided by that say nothing of it themselves."""
    _policies: dict[Path, Policy | str] = Factory(dict)

    def run(self, path: Path) -> tuple[Golden, dict[str, Any]]:
        """A golden file and what its policy says of its claim.

        Raises GoldenError where the file is no golden, or its policy does not compile.
        """
        policy = self._policy(policy_of(path))
        try:
            golden = read(path)
        except OSError as error:
            raise GoldenError(f"cannot be read: {error.strerror}") from None
        if golden.known_on is None and self.known_on is not None:
            # What was known on that day is not what the file says; its decision is what is compared.
            said = {key: value for key, value in golden.decision.items() if key != "known_on"}
            golden = evolve(golden, known_on=self.known_on, decision=said)
        return golden, golden.decided(policy)

    def failure(self, path: Path) -> tuple[str, str] | None:
        """What is wrong with a golden file, and what it is about; None where it passes."""
        try:
            golden, got = self.run(path)
        except GoldenError as error:
            return str(error), ""
        why = golden.difference(got) or golden.misplaced(got)
        return (why, golden.about) if why is not None else None

    def _policy(self, path: Path) -> Policy:
        if path not in self._policies:
            self._policies[path] = _compiled(path)
        policy = self._policies[path]
        if isinstance(policy, str):
            raise GoldenError(policy)
        return policy


def run(paths: Iterable[Path], update: bool = False, known_on: date | None = None) -> Results:
    """Run golden files, as known on a day where they say none; with `update`, those whose decision differs
    are rewritten.

    Raises FileNotFoundError where there is nothing of a name.
    """
    runner = Runner(known_on)
    passed, failures, updated = 0, list[tuple[Path, str]](), list[Path]()
    for path in dict.fromkeys(chain.from_iterable(map(collect, paths))):
        try:
            golden, got = runner.run(path)
        except GoldenError as error:
            failures.append((path, str(error)))
            continue
        why = golden.difference(got)
        if why is not None and update:
            write_whole(path, golden.updated(got))
            updated.append(path)
            why = None
        why = why or golden.misplaced(got)
        if why is not None:
            failures.append((path, why))
        elif path not in updated:
            passed += 1
    return Results(passed, failures, updated)


def laid_out(value: object, *, fill: bool = True) -> str:
    """JSON for people: what fits stands on one line. With `fill`, listed objects are packed."""
    return _laid_out(value, 0, 0, fill, False)


def _laid_out(value: object, indent: int, column: int, fill: bool, packed: bool) -> str:
    flat = _flat(value)
    if not isinstance(value, dict | list) or not value or (indent and column + len(flat) < _WIDTH):
        return flat
    keys = [f"{_flat(key)}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    members = list(value.values() if isinstance(value, dict) else value)
    packed = fill and (packed or not any(isinstance(member, dict | list) for member in members))
    deeper = indent + (1 if packed else 2)
    parts = [
        key + _laid_out(member, deeper, deeper + len(key), fill, isinstance(value, list))
        for key, member in zip(keys, members, strict=True)
    ]
    if not packed:
        broken = (",\n" + " " * deeper).join(parts)
        return f"{flat[0]}\n{' ' * deeper}{broken}\n{' ' * indent}{flat[-1]}"
    rows = [parts[0]]
    for part in parts[1:]:
        if "\n" in rows[-1] + part or deeper + len(rows[-1]) + len(part) + 3 > _WIDTH:
            rows.append(part)
        else:
            rows[-1] += f", {part}"
    return flat[0] + (",\n" + " " * deeper).join(rows) + flat[-1]


def _compiled(path: Path) -> Policy | str:
    try:
        return load(path)
    except PolicyError as error:
        return f"{path.name} does not compile: {error}"
    except FileNotFoundError:
        return f"there is no {path.name} beside the golden folder"
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"


def _day(text: object) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(cast(str, text))
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != text:
        raise GoldenError(f"`known_on` is no date YYYY-MM-DD: {text}")
    return day


def _flat(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_flat(key)}: {_flat(member)}" for key, member in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _without(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in _LEFT_OUT}


def _like(old: object, line: dict[str, Any]) -> dict[str, Any]:
    """A decided line with the keys that an expected line has, all where it has none."""
    if not isinstance(old, dict) or not old:
        return line
    return {key: value for key, value in line.items() if key in old or key in _ONLY_WHERE_SAID}


def _asked(expected: object, got: object) -> Any:
    """What one got, without the keys that the expected value lacks."""
    if isinstance(expected, dict) and isinstance(got, dict):
        # In the order of what is expected, so that a diff shows nothing but differences.
        return {key: _asked(expected[key], got[key]) for key in expected if key in got}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [_asked(*pair) for pair in zip(expected, got, strict=True)]
    return got


def _same(one: object, other: object) -> bool:
    """Equality of JSON values: `true` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
