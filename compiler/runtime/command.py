"""A compiled policy as a command: claims from standard input, decisions to standard output."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date
from typing import Any

from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.claim_values import read_date
from compiler.runtime.claims import read_claims
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from compiler.runtime.tables import Policy


def decide_with(
    policy: Policy, claim: object, known_on: object = None, explain: bool = False
) -> dict[str, Any]:
    """The decision of a claim. Raises ClaimError where it, or the day of knowledge, cannot be read."""
    known = known_on if known_on is None or isinstance(known_on, date) else read_date(known_on)
    return decide_claim(policy, read_claim(claim, policy.schema), known, explain)


def run_command(policy: Policy, arguments: list[str] | None = None) -> int:
    """Decide the claims of standard input, each as it comes; status 1 if one could not be read."""
    parser = argparse.ArgumentParser(description=f"decide claims by {policy.package}, one JSON object a line")
    parser.add_argument("--known-on", type=_day, metavar="DATE", help="as one who knew what was posted by it")
    parser.add_argument("--explain", action="store_true", help="with what to ask where a line is open")
    given = parser.parse_args(arguments)
    status = 0
    try:
        for claim in read_claims(sys.stdin.buffer):
            try:
                if isinstance(claim, ClaimError):
                    raise claim
                shown = decide_with(policy, claim, given.known_on, given.explain)
            except ClaimError as error:
                shown, status = error.record(), 1
            sys.stdout.buffer.write(json.dumps(shown, ensure_ascii=False).encode() + b"\n")
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Nobody reads on; the interpreter must not try to flush what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return status


def _day(text: str) -> date:
    try:
        return read_date(text)
    except ClaimError as error:
        raise argparse.ArgumentTypeError(error.message) from None
