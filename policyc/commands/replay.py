"""`policyc replay`: recorded claims are decided again, and what differs is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from policyc.commands.calls import FINE, FOUND, existing, policies_of, reason, say, stop
from policyc.library import PolicyLibrary
from policyc.options import Roots
from policyc.policy import Policy
from policyc.records.chain import Link, links
from policyc.records.record import json_text
from policyc.records.replay import Recorded, Replayed, recorded, replayed
from policyc.words.render import counted, printable

PARTS = {
    "policy": "the policy",
    "sources": "the text of its files",
    "compiler": "the compiler",
    "code": "the generated code",
    "python": "Python",
}
"""What a record holds digests of, as people call it."""


def command(
    records: Annotated[Path, typer.Argument(metavar="FILE", help="What `policyc eval --record` wrote.")],
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file or a folder of them.")],
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="DIGEST", help="A head that was kept elsewhere: it must be in FILE."),
    ] = None,
    root: Roots = None,
) -> None:
    """Decide recorded claims again, and report what differs."""
    if head is not None and not re.fullmatch(r"sha256:[0-9a-f]{64}", head):
        raise typer.BadParameter(f"`{head}` is no digest: expected `sha256:` and 64 hexadecimal digits")
    raise typer.Exit(run(records, policy, head, root or []))


def run(path: Path, policy: Path, head: str | None, roots: Sequence[Path]) -> int:
    """Decide again what was recorded; status 1 if a decision differs or cannot be made again, or if a record
    was altered or is missed.
    """
    existing(path)
    if not path.is_file():
        stop(f"`{path}` is no file of records")
    replay = _Replay(policies_of(policy, None, roots))
    name = printable(str(path))
    after: int | None = None
    try:
        for link in links(path, lambda: say(f"dropped a half-written record at the end of `{name}`")):
            replay.link(link)
            after = 0 if link.digest == head else after + 1 if after is not None else None
    except OSError as error:
        stop(f"cannot read `{path}`: {reason(error)}")
    if head is not None and after is None:
        print(f"the head {head} is not in `{name}`: its end was rewritten or cut off")
    replay.tell()
    if after:
        say(f"the head that was given vouches for all but the last {counted(after, 'record')}")
    return FINE if replay.as_they_were and (head is None or after is not None) else FOUND


class _Replay:
    """Tells what differs as it comes, and the sums at the end."""

    def __init__(self, policies: Policy | PolicyLibrary) -> None:
        self._policies = policies
        self._sums: Counter[str] = Counter()
        self._changed: Counter[tuple[str, str]] = Counter()

    @property
    def as_they_were(self) -> bool:
        """Whether all records were decided again, and none otherwise."""
        return set(self._sums) <= {"as they were"}

    def link(self, link: Link) -> None:
        """Decide a record again, if it is one."""
        if link.fault is not None:
            self._sums["not decided"] += 1
            print(f"record {link.number} {link.fault}")
            return
        try:
            record = recorded(link.content)
        except ValueError as error:
            self._sums["not decided"] += 1
            print(f"record {link.number} cannot be read: {printable(str(error))}")
            return
        found = replayed(record, self._policies)
        self._changed.update((record.policy or "the library", part) for part in found.changed)
        self._sums[self._told(link.number, record, found)] += 1

    def _told(self, number: int, record: Recorded, found: Replayed) -> str:
        """Which of the sums a record counts for; what is to be said of it alone is said."""
        if found.untold is None and not found.differences:
            return "as they were"
        claim = printable(str(record.claim.get("claim_id")))
        named = [PARTS[part] for part in found.changed]
        since = f" ({_listed(named)} changed since)" if named else ""
        verdict = "decided otherwise" if found.untold is None else "cannot be decided again"
        if found.untold is None and not named:
            since = " (though nothing that decides has changed)"
        print(f"record {number}, claim {claim}, {record.policy or 'no policy'}: {verdict}{since}")
        if found.untold is not None:
            print(f"    {printable(found.untold)}")
        for line, about, then, now in found.differences:
            where = f"line {line} " if line else ""
            print(f"    {where}{about}: {_shown(then)} then, {_shown(now)} now")
        return "otherwise" if found.untold is None else "not decided"

    def tell(self) -> None:
        """Which digests are others now, and how many records differ."""
        for (policy, part), count in self._changed.items():
            print(f"{policy}: {PARTS[part]} changed since {counted(count, 'record')}")
        sums = ", ".join(f"{count} {how}" for how, count in self._sums.items())
        say(counted(self._sums.total(), "record") + (f": {sums}" if sums else ""))


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _shown(value: object) -> str:
    return printable(json_text(value)) if value is not None else "nothing"
