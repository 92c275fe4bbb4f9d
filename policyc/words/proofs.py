"""Words: what is proved of a policy, and what is refuted, as JSON and as text."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from compiler.proofs.statement import Statement
from policyc.words.differences import beyond
from policyc.words.render import Marks, printable, table

Document = dict[str, Any]

_VERDICTS = {True: "proved", False: "refuted", None: "unknown"}


def document(statements: Iterable[Statement], package: str, policy: str) -> Document:
    """The statements as JSON has them; the whole is proved if each is."""
    told = [_statement(each, policy) for each in statements]
    verdicts = [each["proved"] for each in told]
    whole = False if False in verdicts else None if None in verdicts else True
    return {"policy": package, "proved": whole, "statements": told}


def _statement(each: Statement, policy: str) -> Document:
    told: Document = {"kind": each.kind, "about": each.about}
    if each.section is not None:
        told["section"] = each.section
    told["statement"] = sentence(each)
    told["proved"] = each.proved
    if each.span is not None:
        told["at"] = str(each.span)
    if each.days is not None:
        told["from"], told["through"] = (day.isoformat() for day in each.days)
    if each.claim is not None:
        told["claim"], told["decision"] = each.claim, each.decision
        sides = each.compared
        told["replay"] = _replay(each.claim, policy, sides is not None and sides[0].ignores(each.claim))
        if sides is not None:
            file = sides[1].program.consolidated.policy.span.source.name
            told["other"] = {
                "decision": sides[1].decide(each.claim),
                "replay": _replay(each.claim, file, sides[1].ignores(each.claim)),
            }
    if each.solved and each.proved:
        told["by"] = "z3"
    if each.beyond:
        told["beyond"] = [beyond(apart) for apart in each.beyond]
    return told


def _replay(claim: Document, policy: str, more: bool) -> str:
    """The command by which a policy decides a claim that states `more` than it declares, or does not."""
    call = ["policyc", "eval", policy, "-", *(["--ignore-extra"] if more else [])]
    return f"printf '%s' {shlex.quote(json.dumps(claim, ensure_ascii=False))} | {shlex.join(call)}"


def sentence(each: Statement) -> str:
    """What is stated, in words."""
    where = f" of section {each.section}" if each.section is not None else ""
    match each.kind:
        case "overlap":
            return "no two sections give different determinations of a line without an order"
        case "rule":
            return f"some line needs the rule {each.about}{where}"
        case "row":
            return f"some line needs the row {each.about}{where}"
        case "exception":
            return f"some line needs the exception {each.about}{where}"
        case "criterion":
            return f"some line needs the criterion {each.about}{where}"
        case "redundant":
            return f"what the criterion {each.about}{where} asks, the rest of the text makes up for"
        case "gap" if each.section is None:
            return f"{each.about} is followed by another code on the day on which it ends"
        case "gap":
            return f"{each.about} speaks on all days from its first to its last"
        case "claim":
            return each.about
        case "stopped":
            return "the whole policy was looked at: it was stopped before"
        case "code":
            return f"{each.about} is valid as long as it is listed"
        case _:
            return f"some claim gets {each.about}"


def text(told: Document, marks: Marks) -> Iterator[str]:
    """The statements for people: those one by one that are not proved, or only with a solver, the others
    counted.
    """
    yield str(told["policy"])
    for each in told["statements"]:
        if each["proved"] is True and each["kind"] != "redundant" and "by" not in each:
            continue
        by = f" with {each['by']}" if "by" in each else ""
        yield ""
        yield f"{_VERDICTS[each['proved']]}{by}: {printable(each['statement'])}"
        if "at" in each:
            yield f"    at      {each['at']}"
        if "from" in each:
            yield f"    from    {each['from']} through {each['through']}"
        if "claim" in each:
            yield f"    claim   {printable(json.dumps(each['claim'], ensure_ascii=False))}"
            yield from (f"    decided {row}" for row in table(each["decision"], marks).splitlines()[1:])
            yield f"    replay  {printable(each['replay'])}"
        if "other" in each:
            yield from (
                f"    other   {row}" for row in table(each["other"]["decision"], marks).splitlines()[1:]
            )
            yield f"    replay  {printable(each['other']['replay'])}"
        if "beyond" in each:
            yield f"    beyond exact analysis is {', and '.join(map(printable, each['beyond']))}"
    yield ""
    counts = Counter(each["proved"] for each in told["statements"])
    yield ", ".join(f"{counts[verdict]} {name}" for verdict, name in _VERDICTS.items())
