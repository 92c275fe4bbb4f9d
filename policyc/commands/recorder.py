"""`policyc eval --record`: the decisions of a run into a file of records, before they are given out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import typer

from policyc.commands.calls import FOUND, reason, say, stop
from policyc.commands.evaluate import Recording
from policyc.files import write_whole
from policyc.library import PolicyLibrary
from policyc.policy import Policy
from policyc.records.chain import Chain, NotRecords
from policyc.records.record import record
from policyc.words.render import counted, printable

SHORTEST_KEY = 16


class Recorder:
    """Appends the decisions of one run."""

    def __init__(self, policies: Policy | PolicyLibrary, known_on: date | None, recording: Recording) -> None:
        own = (policies,) if isinstance(policies, Policy) else policies.policies
        self._policies = {policy.compiled.package: policy for policy in own}
        self._known_on = known_on
        self._to = recording
        self._key = _key(recording.key_file) if recording.key_file is not None else None
        self._count = 0
        name = printable(str(recording.file))
        try:
            dropped = f"dropped a half-written record at the end of `{name}`"
            self._chain = Chain(recording.file, lambda: say(dropped))
        except OSError as error:
            stop(f"cannot append to `{name}`: {reason(error)}")
        except NotRecords as error:
            stop(f"cannot append to `{name}`: {error}")

    def put(self, claim: Mapping[str, Any], decision: Mapping[str, Any]) -> None:
        """Record a decision, or end the work: what is not recorded is not given out."""
        name = decision["policy"]
        asked = [self._policies[name]] if name is not None else [*self._policies.values()]
        text = record(claim, decision, asked, self._known_on, self._key)
        try:
            self._chain.append(text)
        except (OSError, NotRecords) as error:
            self._fail(error)
        self._count += 1

    def close(self) -> None:
        """Tell the head of the file, which is to be kept elsewhere."""
        unwritten: list[str] = []

        def write(head: str) -> None:
            try:
                if self._to.head_file is not None:
                    write_whole(self._to.head_file, head + "\n")
            except OSError as error:
                unwritten.append(reason(error))

        try:
            head = self._chain.head(write)
            self._chain.close()
        except (OSError, NotRecords) as error:
            self._fail(error)
        shown = f"; its head is {head}" if head is not None else ""
        say(f"recorded {counted(self._count, 'decision')} in `{printable(str(self._to.file))}`{shown}")
        for why in unwritten:
            say(f"policyc: cannot write `{printable(str(self._to.head_file))}`: {why}")
            raise typer.Exit(FOUND)

    def _fail(self, error: Exception) -> NoReturn:
        say(f"policyc: cannot append to `{printable(str(self._to.file))}`: {reason(error)}")
        raise typer.Exit(FOUND)


def _key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        stop(f"cannot read `{path}`: {reason(error)}")
    if len(key) < SHORTEST_KEY:
        stop(f"the key in `{path}` has {counted(len(key), 'byte')}: at least {SHORTEST_KEY} are needed")
    return key
