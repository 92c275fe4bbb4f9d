"""Words: what two versions of a policy decide differently, as JSON, as text and for a pull request."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from compiler.diff.comparison import Alone, ByContract, Comparison, Difference
from compiler.diff.spaces import Apart
from compiler.diff.wording import Wording
from policyc.versions import Version
from policyc.words.amendments import sentence
from policyc.words.render import Marks, counted, printable, table

Document = dict[str, Any]

_MOST_SETS = 4
KINDS = {
    "determination": "another determination",
    "rules": "another set of sections, the same determination",
    "missing": "another question asked",
    "edits": "another edit",
    "reasons": "other reason codes",
    "wording": "wording alone",
}
"""What each kind of difference is called, in the order in which they are told."""


def document(comparison: Comparison, package: str, versions: tuple[Version, Version]) -> Document:
    """The comparison as the interface has it."""
    differences = [_difference(found, versions) for found in in_order(comparison)]
    by = {"by": "z3"} if comparison.equal and comparison.solved else {}
    return {
        "policy": package,
        "from": versions[0].name,
        "to": versions[1].name,
        "compared": compared(versions),
        "equal": comparison.equal,
        **by,
        "differences": [*differences, *_unshown(comparison), *map(_wording, comparison.wording)],
        "beyond": [beyond(apart) for apart in comparison.beyond],
        **({"alone": [*_open(comparison)]} if comparison.open else {}),
    }


def _open(comparison: Comparison) -> Iterator[Document]:
    """Of amendments looked at alone, what was beyond the analysis."""
    for about in dict.fromkeys(about for about, _ in comparison.open):
        yield {
            "about": f"revision {about.revision} {sentence(about.amendment)}",
            "beyond": [beyond(apart) for other, apart in comparison.open if other == about],
        }


def in_order(comparison: Comparison) -> list[Difference]:
    """The differences that claims show, by kind."""
    order = list(KINDS)
    return sorted(
        comparison.differences, key=lambda each: (order.index(each.kind), isinstance(each.about, ByContract))
    )


def findings(comparison: Comparison) -> Iterator[str]:
    """What a comparison proves, and each difference in a line."""
    differences = in_order(comparison)
    yield verdict(comparison.equal, [found.kind for found in differences], map(beyond, comparison.beyond))
    yield from map(_alone, _open(comparison))
    yield from (f"{KINDS[found.kind]}: {_about(found)}" for found in differences)
    yield from (f"{KINDS[found['kind']]}: {found['about']}" for found in _unshown(comparison))
    yield from (f"{KINDS['wording']}: {_worded(word)}" for word in comparison.wording)


def compared(versions: tuple[Version, Version]) -> str:
    """What was held against what, in words."""
    return f"{_version(versions[0])} against {_version(versions[1])}"


def _version(version: Version) -> str:
    match version.kind:
        case "revision":
            said = f"the history up to revision {version.name}"
        case "date":
            said = f"claims governed by {version.name}"
        case "git":
            said = f"git revision {version.name}"
        case _:
            said = version.name
    return said + (f", as known on {version.side.known_on}" if version.side.known_on else "")


def _difference(found: Difference, versions: tuple[Version, Version]) -> Document:
    return {
        "kind": found.kind,
        "about": _about(found),
        "claim": found.claim,
        "from": found.decisions[0],
        "to": found.decisions[1],
        "replay": [replay(version, found.claim) for version in versions],
    }


def replay(version: Version, claim: Document) -> str:
    """The command by which a version decides a claim."""
    known = version.side.known_on
    options = [*version.arguments, *(("--known-on", str(known)) if known is not None else ())]
    if version.side.ignores(claim):
        options.append("--ignore-extra")
    stated = json.dumps(version.side.moved(claim), ensure_ascii=False)
    command = shlex.join(["policyc", "eval", version.policy, "-", *options])
    return f"printf '%s' {shlex.quote(stated)} | {command}"


def _about(found: Difference) -> str:
    one, other = (decision["lines"][0] for decision in found.decisions)
    match found.about:
        case Alone(revision, amendment):
            by = f"revision {revision} {sentence(amendment)}: "
        case ByContract(section):
            by = f"where the contract excludes section {section}: "
        case None:
            by = ""
    return by + _change(found.kind, one, other)


def _change(kind: str, one: Document, other: Document) -> str:
    match kind:
        case "determination":
            return f"{one['determination']} becomes {other['determination']}"
        case "rules":
            before, after = (", ".join((*line["rules"], *line.get("unsure", ()))) for line in (one, other))
            return f"{one['determination']} by {before} becomes one by {after}"
        case "missing":
            before, after = (_asked(line) for line in (one, other))
            return f"{one['determination']}: {before} becomes {after}"
        case "reasons":
            before, after = (_reasons(line["reason_codes"]) for line in (one, other))
            return f"{one['determination']}: {before} becomes {after}"
        case _:
            before, after = (
                ", ".join(edit["kind"] for edit in line["edits"]) or "no edit" for line in (one, other)
            )
            return f"{before} becomes {after}"


def _reasons(codes: Document | None) -> str:
    return (
        ", ".join([f"CARC {codes['carc']}", *(f"RARC {code}" for code in codes["rarc"])]) if codes else "none"
    )


def _asked(line: Document) -> str:
    sets = [" with ".join(facts) for facts in line["missing"]]
    more = [f"{len(sets) - _MOST_SETS} more"] if len(sets) > _MOST_SETS else []
    return "would be settled by " + ", or ".join([*sets[:_MOST_SETS], *more] or ["nothing"])


def _unshown(comparison: Comparison) -> Iterator[Document]:
    """That reason codes may differ, where none were found to."""
    if comparison.unshown and not any(found.kind == "reasons" for found in comparison.differences):
        yield _without_claim("reasons", "unknown: denials may name others; no claim was found that shows it")


def _wording(word: Wording) -> Document:
    return _without_claim("wording", _worded(word))


def _without_claim(kind: str, about: str) -> Document:
    return {"kind": kind, "about": about, "claim": None, "from": None, "to": None, "replay": []}


def _worded(word: Wording) -> str:
    added, removed = (
        ", ".join(each.replace("_", " ") for each in part) for part in (word.added, word.removed)
    )
    match word.what:
        case "names":
            verbs = "also names", "no longer names"
        case "title":
            verbs = "is now titled", "was titled"
        case "citation":
            verbs = "now cites", "cited"
        case "question":
            verbs = "now asks reviewers", "asked reviewers"
        case "subject_to":
            verbs = "is also subject to", "is no longer subject to"
        case _:
            verbs = "also assume", "no longer assume"
            added, removed = ", ".join(word.added), ", ".join(word.removed)
    whole = "decisions" if word.what == "assumptions" else "the policy"
    who = f"section {word.section}" if word.section is not None else whole
    parts = [f"{verb} {words}" for verb, words in zip(verbs, (added, removed), strict=True) if words]
    return f"{who} {', and '.join(parts)}"


def beyond(apart: Apart) -> str:
    """What kept the answer from being exact."""
    facts = ", ".join(apart.facts)
    match apart.what:
        case "computed":
            return f"what is computed from {facts}"
        case "listed":
            return f"a run of days or the newest element in {facts}"
        case "fact":
            return f"{facts}, which the versions declare differently"
        case "given":
            return f"{facts}, as the codes of other facts give it"
        case "evidence":
            return f"{facts}, as other lines say it whose governing dates are others"
        case "limits":
            return "limits that differ"
        case "governed":
            return f"the governing date: {' and '.join(apart.facts)}"
        case "stopped":
            return "what was not looked at before it was stopped"
        case "other":
            return f"what {facts} decides, which was not at hand"
        case "too large":
            return "rules too large for a diagram"
        case _:
            return "a difference that no claim reproduced"


def text(told: Document, marks: Marks) -> Iterator[str]:
    """The comparison for people."""
    yield f"{told['policy']}: {printable(told['compared'])}"
    yield ""
    yield _verdict(told)
    yield from map(_alone, told.get("alone", ()))
    for found in told["differences"]:
        yield ""
        yield f"{KINDS[found['kind']]}: {printable(found['about'])}"
        if found["claim"] is None:
            continue
        yield f"    claim   {printable(json.dumps(found['claim'], ensure_ascii=False))}"
        for side in ("from", "to"):
            rows = table(found[side], marks).splitlines()[1:]
            yield from (f"    {side if not number else '':<4}{row}" for number, row in enumerate(rows))
        yield from (f"    replay  {printable(command)}" for command in found["replay"])


def verdict(equal: bool | None, kinds: Sequence[str], beyond: Iterable[str]) -> str:
    """Whether the versions decide alike; `kinds` are those of the differences that were found."""
    match equal:
        case True:
            return "proved: every claim gets the same determination"
        case False:
            found = f"not equal: {counted(kinds.count('determination'), 'way')} to another determination"
            left = list(beyond)
            return f"{found}; not all: beyond exact analysis is {', and '.join(left)}" if left else found
        case _:
            return f"unknown: beyond exact analysis is {', and '.join(beyond)}"


def _verdict(told: Document) -> str:
    said = verdict(told["equal"], [found["kind"] for found in told["differences"]], told["beyond"])
    return said.replace("proved:", f"proved with {told['by']}:", 1) if "by" in told else said


def _alone(told: Document) -> str:
    return f"unknown of {told['about']}, alone: beyond exact analysis is {', and '.join(told['beyond'])}"


def markdown(told: Document) -> Iterator[str]:
    """The comparison for a pull request."""
    yield f"### `{told['policy']}`: {told['compared']}"
    yield ""
    yield f"**{_verdict(told)}**"
    for each in told.get("alone", ()):
        yield ""
        yield _escaped(_alone(each))
    for kind, title in KINDS.items():
        found = [each for each in told["differences"] if each["kind"] == kind]
        if not found:
            continue
        yield ""
        yield f"#### {title}"
        yield ""
        for each in found:
            yield f"- {_escaped(each['about'])}"
            if each["claim"] is not None:
                yield ""
                yield "  | | determination | sections | would be settled by | edits |"
                yield "  |---|---|---|---|---|"
                yield from (_row(side, each[side]["lines"][0]) for side in ("from", "to"))
                yield ""
                yield "  <details><summary>the claim, and how to decide it again</summary>"
                yield ""
                yield "  ```json"
                claim = json.dumps(each["claim"], ensure_ascii=False, indent=2)
                yield from (f"  {line}" for line in claim.splitlines())
                yield "  ```"
                yield "  ```sh"
                yield from (f"  {command}" for command in each["replay"])
                yield "  ```"
                yield "  </details>"


def _row(side: str, line: Document) -> str:
    """A line's decision as a row of a table."""
    sections = ", ".join((*line["rules"], *line.get("unsure", ())))
    asked = ", or ".join(" with ".join(facts) for facts in line["missing"][:_MOST_SETS])
    more = ", or more" if len(line["missing"]) > _MOST_SETS else ""
    edits = ", ".join(edit["kind"] for edit in line["edits"])
    cells = (side, line["determination"], sections, asked + more, edits)
    return "  | " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(text: str) -> str:
    """An author's words as Markdown shows them."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", text)
