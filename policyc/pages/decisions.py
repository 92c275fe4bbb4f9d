"""Decisions of golden files as a page shows them: in words, each with its tree of criteria."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from compiler.runtime.errors import ClaimError
from policyc.golden.goldens import Golden, GoldenError, collect, laid_out, read
from policyc.pages.prose import spaced
from policyc.policy import Policy
from policyc.words.render import because, remarks

_APART = ("ask_first", "assumptions", "missing_for")
"""What is not said among the remarks."""

_ASSUMED = ("assumptions", "without_assumption", "determination")
_NOTHING: dict[str, Any] = {
    "missing": [],
    "edits": [],
    "assumptions": [],
    "subject_to": [],
    "reason_codes": None,
}
"""A line of which nothing is to be said."""


@frozen
class Node:
    """A criterion of an explanation; `mark` is holds, fails or open. `tells` is whether it agrees with the
    whole, so that it is one of those that decide; of the others, what is inside is left out.
    """

    name: str
    mark: str
    because: str
    cites: tuple[str, ...]
    revision: str
    tells: bool
    children: tuple[Node, ...]


@frozen
class DecidedLine:
    """A line of a claim with what is decided of it, and why; `leads` says which facts lead to what, `asks`
    what is asked, first what is asked first, `without` what would be decided without assumptions.
    """

    number: int
    procedure: str
    day: str
    revision: str | None
    determination: str
    rules: tuple[str, ...]
    reason: str
    remarks: tuple[str, ...]
    leads: tuple[str, ...]
    assumptions: tuple[str, ...]
    without: tuple[str, ...]
    asks: tuple[str, ...]
    trees: tuple[Node, ...]


@frozen
class Decided:
    """A claim as it is decided: its lines, or why it cannot be read."""

    lines: tuple[DecidedLine, ...]
    error: str = ""


@frozen
class Example:
    """A golden file: what it is about, its claim, and its decision as it is made now; `holds` is whether
    that is the one that the file expects.
    """

    name: str
    about: str
    folder: str
    known_on: str
    claim: str
    decided: Decided
    holds: bool
    reviewed: bool


def examples(path: Path, policy: Policy) -> Iterator[Example]:
    """The golden files of a policy, in order. A file that is none is left out: `policyc test` tells of it."""
    for file in collect(path):
        try:
            golden = read(file)
        except GoldenError:
            continue
        yield _example(file, golden, policy)


def _example(file: Path, golden: Golden, policy: Policy) -> Example:
    try:
        made = policy.decide(golden.claim, known_on=golden.known_on, explain=True)
    except ClaimError as error:
        made = error.record()
    return Example(
        file.stem,
        golden.about,
        file.parent.name,
        str(golden.known_on or ""),
        laid_out(golden.claim),
        decided(made),
        golden.difference(golden.decided(policy)) is None,
        golden.reviewed,
    )


def decided(made: dict[str, Any]) -> Decided:
    """A decision, explained, as pages show it."""
    if "error" in made:
        at = f" (at {made['error']['at']})" if made["error"]["at"] else ""
        return Decided((), made["error"]["message"] + at)
    return Decided(tuple(map(_line, made["lines"])))


def _line(line: dict[str, Any]) -> DecidedLine:
    return DecidedLine(
        line["line"],
        line["procedure"],
        line["service_date"],
        line["revision"],
        line["determination"],
        tuple(line["rules"]),
        line.get("reason", ""),
        tuple(remarks({key: said for key, said in line.items() if key not in _APART} | {"assumptions": []})),
        tuple(remarks(_NOTHING | {key: said for key, said in line.items() if key.startswith("missing_for")})),
        tuple(line["assumptions"]),
        tuple(remarks(_NOTHING | {key: said for key, said in line.items() if key in _ASSUMED})),
        tuple(dict.fromkeys(filter(None, [line.get("ask_first"), *line.get("relevant", ())]))),
        tuple(_node(tree, tree["holds"], None) for tree in line.get("explanation", ())),
    )


def _node(node: dict[str, Any], whole: bool | None, above: dict[str, Any] | None) -> Node:
    tells = node["holds"] is whole
    new = node["revision"] if above is None or node["revision"] != above["revision"] else None
    return Node(
        spaced(node["criterion"]),
        {True: "holds", False: "fails", None: "open"}[node["holds"]],
        "; ".join(map(because, node["because"])),
        tuple(cite for cite in node["cites"] if above is None or cite not in above["cites"]),
        new or "",
        tells,
        tuple(_node(child, node["holds"], node) for child in node["children"]) if tells else (),
    )
