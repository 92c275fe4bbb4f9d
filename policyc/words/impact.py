"""Words: which claims of a file two versions decide differently, as JSON, as text and as a worklist."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from compiler.diff.impact import Affected, Change, Count, Impact, Told
from policyc.versions import Version
from policyc.words.differences import KINDS, compared
from policyc.words.render import counted, printable

Document = dict[str, Any]


def document(impact: Impact, package: str, versions: tuple[Version, Version], money: str) -> Document:
    """What was found, for programs."""
    return {
        "policy": package,
        "from": versions[0].name,
        "to": versions[1].name,
        "compared": compared(versions),
        "claims": {
            "read": impact.claims - impact.unreadable,
            "unreadable": impact.unreadable,
            "changed": impact.changed_claims,
        },
        "lines": {"read": impact.lines, "changed": impact.changed_lines},
        "money": money,
        "differences": [_difference(change, count) for change, count in _sorted(impact)],
    }


def _sorted(impact: Impact) -> list[tuple[Change, Count]]:
    """By kind, and of each the most frequent first."""
    order = list(KINDS)
    return sorted(impact.counts.items(), key=lambda item: (order.index(item[0].kind), -item[1].lines))


def _difference(change: Change, count: Count) -> Document:
    example = count.example
    return {
        "kind": change.kind,
        "from": _listed(change.before),
        "to": _listed(change.after),
        "lines": count.lines,
        "money": plain(count.money) if count.unstated < count.lines else None,
        "lines_without_money": count.unstated,
        "example": {
            "claim_id": example.claim_id,
            "from": example.decisions[0],
            "to": example.decisions[1],
        },
    }


def _listed(told: Told) -> str | list[str]:
    return told if isinstance(told, str) else list(told)


def plain(amount: Decimal) -> str:
    """An amount with all its digits and no exponent."""
    return f"{amount:f}"


def text(told: Document) -> Iterator[str]:
    """What was found, for people."""
    claims, lines = told["claims"], told["lines"]
    yield f"{told['policy']}: {printable(told['compared'])}"
    yield ""
    of_lines = f"{lines['changed'] or 'none'} of {counted(lines['read'], 'line')}"
    of_claims = f"{claims['changed'] or 'none'} of {counted(claims['read'], 'claim')}"
    yield f"decided differently: {of_lines}, in {of_claims}"
    kind = None
    for found in told["differences"]:
        if found["kind"] != kind:
            kind = found["kind"]
            yield ""
            yield KINDS[kind]
        yield f"    {_change(found)}: {counted(found['lines'], 'line')}{_money(found, told['money'])}"
        line = found["example"]["from"]
        where = f"line {line['line']}, {line['procedure']} on {line['service_date']}"
        yield printable(f"        as in claim {found['example']['claim_id']}, {where}")


def _change(found: Document) -> str:
    one, other = (
        ", ".join(said) or "none" if isinstance(said, list) else said for said in (found["from"], found["to"])
    )
    return f"{one}" if one == other else f"{one} becomes {other}"


def _money(found: Document, money: str) -> str:
    """What the lines bill, as far as they state it."""
    if found["money"] is None:
        return ""
    without = f" ({counted(found['lines_without_money'], 'line')} without)"
    return f", {printable(money)} {found['money']}" + (without if found["lines_without_money"] else "")


_HEAD = ("service_date", "claim_id", "line", "procedure", "kind", "from", "to", "rules_from", "rules_to")


def worklist(claims: Iterable[list[Affected]], money: str) -> str:
    """The lines to decide again as CSV, claims with the oldest of them first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_HEAD, money))
    for claim in sorted(claims, key=lambda lines: min(affected.day for affected in lines)):
        for affected in claim:
            one, other = affected.decisions
            writer.writerow(
                (
                    affected.day,
                    affected.claim_id,
                    one["line"],
                    one["procedure"],
                    affected.change.kind,
                    one["determination"],
                    other["determination"],
                    *(";".join((*line["rules"], *line.get("unsure", ()))) for line in (one, other)),
                    "" if affected.money is None else plain(affected.money),
                )
            )
    return out.getvalue()
