"""What is needed to repeat a decision: the facts that it could depend on, and digests of all that made it."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from pathlib import Path
from types import CodeType
from typing import Any

import compiler
import dsl
from compiler.answers.reads import Reads, reads, reduced
from compiler.runtime.reader import Claim, read_claim
from policyc.policy import Policy
from policyc.records.chain import digest

FORMAT = 1
_APART = frozenset(
    {
        *("explanation", "reason", "without_assumption", "counterfactual", "counterfactual_complete"),
        *("missing_for", "missing_for_complete", "relevant", "ask_first"),
    }
)
"""What a decision says of its reasons on demand: it follows from the rest."""


def record(
    raw: Mapping[str, Any],
    decision: Mapping[str, Any],
    policies: Sequence[Policy],
    known_on: date | None,
    key: bytes | None,
) -> str:
    """The members of a record as JSON text: a decoded claim, and what `policies` decided together: one of
    them, or all of a library that are silent. With a key, the claim is known by a keyed digest of its id.
    """
    wanted, claim = asked(raw, policies, known_on)
    kept, left_out = reduced(raw, claim, wanted)
    if key is not None:
        kept["claim_id"] = f"hmac-sha256:{hmac.digest(key, claim.claim_id.encode(), 'sha256').hex()}"
    return json_text(
        {
            "record": FORMAT,
            "policy": decision["policy"],
            "known_on": decision["known_on"],
            "digests": digests(policies),
            "claim": kept,
            "left_out": left_out,
            "lines": lines(decision),
        }
    )[1:-1]


def lines(decision: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a decision says of each line, without its reasons."""
    return [{key: value for key, value in line.items() if key not in _APART} for line in decision["lines"]]


def asked(raw: Mapping[str, Any], policies: Sequence[Policy], known_on: date | None) -> tuple[Reads, Claim]:
    """What policies could read of a decoded claim, and the claim as read.

    Raises ClaimError where it cannot be read.
    """
    read = [(policy, read_claim(raw, policy.compiled.schema, lambda _: None)) for policy in policies]
    return reduce(or_, (reads(policy.compiled, claim, known_on) for policy, claim in read)), read[0][1]


def digests(policies: Sequence[Policy]) -> dict[str, str]:
    """What policies mean (`policy`), the text of their files, the compiler, and the code that decides."""
    each = [_digests(policy) for policy in policies]
    one = each[0] if len(each) == 1 else {key: _of([d[key] for d in each]) for key in each[0]}
    return one | {"compiler": compiler_digest(), "python": ".".join(map(str, sys.version_info[:2]))}


@cache
def _digests(policy: Policy) -> dict[str, str]:
    assert policy.kept is not None
    return {
        "policy": policy.compiled.digest,
        "sources": _of(sorted(policy.kept.sources.values())),
        "code": _of(_said(policy.kept.code)),
    }


@cache
def compiler_digest() -> str:
    """The digest of the compiler's own files, wherever they are installed."""
    told = []
    for package in (compiler, dsl):
        root = Path(str(package.__file__)).parent
        files = (file for file in root.rglob("*") if file.suffix in (".py", ".lark"))
        told += [(file.relative_to(root.parent).as_posix(), digest(file.read_bytes())) for file in files]
    return _of(sorted(told))


def _of(told: object) -> str:
    return digest(repr(told).encode())


def _said(value: object) -> object:
    """What code does, and its constants, without the place where it stands and the order of sets."""
    match value:
        case CodeType():
            does = hashlib.sha256(value.co_code).hexdigest()
            return value.co_name, does, value.co_names, value.co_varnames, _said(value.co_consts)
        case tuple():
            return tuple(map(_said, value))
        case frozenset():
            return tuple(sorted(map(repr, value)))
        case _:
            return value


def json_text(value: object) -> str:
    """JSON text, in which a Decimal is the number that it is."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_text(key)}: {json_text(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(json_text, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
