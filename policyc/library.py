"""All policies under a folder. A line is put to those alone that list its code, or that it can concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compiler.runtime.claim_values import FactSpec
from compiler.runtime.compiled import CompiledPolicy
from compiler.runtime.errors import ClaimError, quoted
from compiler.runtime.reader import BUILT_IN, Claim, Line, Schema, read_claim
from compiler.runtime.tables import Policy as Compiled
from policyc import cache
from policyc.policy import LOADED_WITH, Extra, KnownOn, Policy, PolicyError, Shelved, day_of_knowledge, loaded

if TYPE_CHECKING:
    from compiler.binding.library import Reader

SILENT = ("not_applicable", "not_in_force")

_MOST_KEPT = 131_072
"""So many decisions are kept by all policies together; but by each at least the next number, and no more than
it would keep alone."""

_FEWEST_KEPT = 32


class Index(NamedTuple):
    """Which policies a line can concern, by their numbers: those that list its code, and those that take in
    lines that state a fact. `schema` is what all declare alike who declare it, `disputed` the facts that some
    declare differently, `declared` what each declares.
    """

    schema: Schema
    disputed: frozenset[str]
    declared: tuple[frozenset[str], ...]
    by_code: dict[str, list[int]]
    by_fact: dict[str, list[int]]


class PolicyLibrary:
    """All policies under a folder: a claim is decided by those that it concerns.

    A claim is read once, by what all policies declare together. A fact that two of them declare differently
    is read by each for itself. `known_on` answers as one who knew only what was posted by that day; by
    default, what all policies were loaded with.
    """

    def __init__(self, policies: Iterable[Policy], known_on: KnownOn = LOADED_WITH) -> None:
        carded = sorted(((_card(policy), policy) for policy in policies), key=lambda each: each[0].package)
        self.policies = tuple(policy for _, policy in carded)
        self.known_on = self._loaded_with() if known_on is LOADED_WITH else day_of_knowledge(known_on)
        cards = [card for card, _ in carded]
        self._most_kept = most_kept(len(cards))
        schema, disputed = _together(card.schema for card in cards)
        self.index = Index(schema, disputed, tuple(card.declared for card in cards), {}, {})
        for number, card in enumerate(cards):
            for code in card.codes:
                self.index.by_code.setdefault(code, []).append(number)
            for path in card.facts:
                self.index.by_fact.setdefault(path, []).append(number)

    def _loaded_with(self) -> date | None:
        days = {policy.known_on for policy in self.policies} or {None}
        if len(days) > 1:
            raise ValueError("the policies were loaded as known on several days: which one is meant?")
        return days.pop()

    def decide(
        self,
        claim: dict[str, Any],
        *,
        known_on: KnownOn = LOADED_WITH,
        explain: bool = False,
        counterfactual: bool = False,
        extra: Extra | None = None,
        everything: bool = False,
    ) -> list[dict[str, Any]]:
        """The decisions of a claim, in order of package names. A policy that is silent on every line is
        left out, unless `everything` is wanted; a claim that none concerns gives one decision without policy.

        Raises ClaimError where the claim cannot be read; a fact that any policy declares is allowed.
        """
        known = self.known_on if known_on is LOADED_WITH else day_of_knowledge(known_on)
        disputed: set[str] = set()
        read = read_claim(claim, self.index.schema, lambda pointer: self._told(pointer, disputed, extra))
        paths = paths_of(read)
        decisions = []
        for number in range(len(self.policies)) if everything else self._concerned(read, disputed):
            policy = self.policies[number]
            policy.compiled.keep_at_most(self._most_kept)
            of_others = partial(_of_others, extra)
            own = read if not disputed else read_claim(claim, policy.compiled.schema, of_others)
            own = own_claim(own, paths, policy.compiled)
            made = policy.decide_read(own, known, explain, counterfactual)
            if everything or any(line["determination"] not in SILENT for line in made["lines"]):
                decisions.append(made)
        return decisions or [_unconcerned(read, known)]

    def _concerned(self, claim: Claim, disputed: set[str]) -> list[int]:
        """The policies that a line can concern, by its code or by what it states."""
        found: set[int] = set()
        for line in claim.lines:
            found.update(self.index.by_code.get(line.code, ()))
            for path in (*line.stated, *line.unclear, *disputed):
                found.update(self.index.by_fact.get(path, ()))
        return sorted(found)

    def _told(self, pointer: str, disputed: set[str], extra: Extra | None) -> None:
        """What to do with a key that is not declared alike by all that declare it."""
        scope, key, inside = _place(pointer)
        path = f"{scope}.{key}"
        if path in self.index.disputed:
            disputed.add(path)
        elif extra is not None:
            extra(pointer)
        else:
            from difflib import get_close_matches  # noqa: PLC0415  (only where a key is wrong)

            known = BUILT_IN | self.index.schema
            if inside and path in known:
                names = [field.path for field in known[path].fields]
            else:
                paths = (each.partition(".") for each in (*self.index.schema, *self.index.disputed))
                names = [name for of, _, name in paths if of == scope]
            name = [key, *inside][-1]
            near = get_close_matches(name, names, n=1)
            hint = f"; the nearest known key is {quoted(near[0])}" if near else ""
            raise ClaimError("unknown-key", f"no loaded policy declares {quoted(name)}{hint}", pointer)


def _place(pointer: str) -> tuple[str, str, list[str]]:
    """Where a key stands: the object, the key of a fact in it, and what of that fact is meant."""
    first, *rest = pointer.removeprefix("/").split("/")
    scope = {"lines": "line", "member": "member", "contract": "contract"}.get(first, "claim")
    key, *inside = {"line": rest[1:], "claim": [first, *rest]}.get(scope, rest)
    return scope, key, inside


def _together(schemas: Iterable[Schema]) -> tuple[Schema, frozenset[str]]:
    """The facts that all schemas declare alike who declare them, and the paths of the others."""
    known: dict[str, FactSpec] = {}
    disputed: set[str] = set()
    for schema in schemas:
        for path, spec in schema.items():
            if known.setdefault(path, spec) != spec:
                disputed.add(path)
    return {path: spec for path, spec in known.items() if path not in disputed}, frozenset(disputed)


def most_kept(policies: int) -> int:
    """So many decisions are kept by each of several policies."""
    return max(_FEWEST_KEPT, _MOST_KEPT // max(1, policies))


def paths_of(claim: Claim) -> frozenset[str]:
    """The facts that a claim states, clearly or not."""
    parts: tuple[Claim | Line, ...] = (claim, *claim.lines)
    unclear = (path.partition("[")[0] for part in parts for path in part.unclear)
    return frozenset(unclear).union(*(part.stated for part in parts))


def own_claim(claim: Claim, paths: frozenset[str], policy: Compiled) -> Claim:
    """A claim as a policy knows it: without the facts that others declare."""
    foreign = paths - policy.specs.keys()
    if not foreign:
        return claim

    def kept(part: dict[str, Any]) -> dict[str, Any]:
        return {path: value for path, value in part.items() if path.partition("[")[0] not in foreign}

    lines = tuple(
        line._replace(stated=kept(line.stated), unclear=kept(line.unclear), echo=kept(line.echo))
        for line in claim.lines
    )
    return claim._replace(
        stated=kept(claim.stated), unclear=kept(claim.unclear), echo=kept(claim.echo), lines=lines
    )


def _of_others(extra: Extra | None, pointer: str) -> None:
    """A key that one policy does not declare: that of a fact another does; that of a record none may."""
    _, key, inside = _place(pointer)
    if inside and extra is None:
        said = f"not every loaded policy that reads {quoted(key)} declares {quoted(inside[-1])}"
        raise ClaimError("unknown-key", said, pointer)
    if inside and extra is not None:
        extra(pointer)


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
                **silence(),
            }
            for line in claim.lines
        ],
    }


def silence() -> dict[str, Any]:
    """What is said of a line of a claim that no policy concerns."""
    return {
        "revision": None,
        "determination": "not_applicable",
        "rules": [],
        "missing": [],
        "edits": [],
        "assumptions": [],
        "subject_to": [],
        "reason_codes": None,
    }


def load_library(
    path: str | Path, *, known_on: date | str | None = None, roots: Sequence[Path] = ()
) -> PolicyLibrary:
    """All policies under a folder. Of those that the cache has, the code is read when a line first concerns
    them.

    Raises PolicyError where a file cannot be compiled; OSError where one cannot be read.
    """
    digests = cache.Digests()
    files = {file: cache.absolute(file) for file in sorted(Path(path).rglob("*.pol"))}
    # A file without that word holds no policy. What policies rest on is compiled with them, so not again.
    shared = {file for file, name in files.items() if b"policy" not in digests.read(name)}
    places = [cache.absolute(root) for root in roots]
    policies: list[Policy] = []
    known: set[str] = set()
    reader: Reader | None = None
    for file in sorted(files, key=lambda file: file in shared):
        if file in shared and files[file] in known:
            continue
        card = cache.looked_up(file, roots, digests)
        if card is not None:
            policies.append(Shelved(files[file], places, card, day_of_knowledge(known_on)))
            known.update(card.sources)
            continue
        from compiler.binding.library import SharedReader  # noqa: PLC0415  (where one has to be compiled)

        reader = reader or SharedReader()
        try:
            policy = loaded(file, day_of_knowledge(known_on), roots, reader)
            policies.append(policy)
            known.update(policy.kept.sources if policy.kept is not None else ())
        except PolicyError as error:
            if any(diagnostic.severity == "error" for diagnostic in error.diagnostics):
                raise
    return PolicyLibrary(policies, day_of_knowledge(known_on))


def _card(policy: Policy) -> cache.Card:
    """What a library has to know of a policy; one that is shelved stays so."""
    if isinstance(policy, Shelved):
        return policy.card
    assert isinstance(policy.compiled, CompiledPolicy)
    return cache.card_of(policy.compiled, {})
