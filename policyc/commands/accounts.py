"""`policyc cite --coverage`: of every part of the source document, what rests on it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import typer

from compiler.binding.library import Library
from compiler.binding.resolve import resolve
from compiler.checks.accounts import Account, Standing
from compiler.checks.accounts import accounts as accounted
from compiler.history.consolidate import consolidate
from compiler.source.passages import Reading
from compiler.source.resting import Rest, source_edition
from dsl import syntax as s
from dsl.diagnostics import Report
from policyc.commands.calls import FINE, FOUND, say, stop
from policyc.words.drawing import drawn
from policyc.words.passages import place_of
from policyc.words.render import counted, printable


def show_coverage(
    library: Library, package: str, reading: Reading | None, furniture: list[str], as_json: bool
) -> int:
    """Tell the account of each part, by the document or else by its index; status 1 if one has none, or is
    not what was indexed, or an indexed one is gone.
    """
    file = library.files[package]
    index = library.indexes.get(package)
    indexed = index.places(source_edition(file)) if index is not None else None
    if reading is None and indexed is None:
        stop("the policy has no index of its source: name the document, `--source FILE`")
    report = Report()
    policy = next((p for p in resolve(library, report).policies if p.unit.package == package), None)
    consolidated = consolidate(policy, report) if policy is not None and not report.has_errors else None
    if consolidated is None or report.has_errors:
        errors = [d for d in report.diagnostics if d.severity == "error"]
        if not errors:
            stop(f"`{library.paths[package]}` holds no policy")
        say(drawn(errors))
        return FOUND
    accounts = accounted(file, consolidated, indexed, reading)
    now = {account.place for account in accounts}
    gone = [place for place, entry in (indexed or {}).items() if entry.leaf and place not in now]
    if as_json:
        typer.echo(json.dumps(_json(package, file, accounts, gone, furniture), indent=2, ensure_ascii=False))
    else:
        for line in _text(accounts, gone, furniture):
            typer.echo(line)
    fine = all(account.accounted for account in accounts) and not gone
    say(_summary(accounts, gone))
    return FINE if fine else FOUND


def _summary(accounts: list[Account], gone: list[str]) -> str:
    done = sum(account.accounted for account in accounts)
    counts = Counter(account.standing for account in accounts)
    stale = sum(account.stale for account in accounts)
    said = [
        f"{counts[Standing.RESTS]} rested on",
        f"{counts[Standing.JUDGEMENT]} left to judgement",
        f"{counts[Standing.OUT_OF_SCOPE]} out of scope",
        f"{counts[Standing.UNACCOUNTED]} unaccounted",
        *([f"{stale} not as indexed"] if stale else []),
        *([f"{len(gone)} indexed and gone"] if gone else []),
    ]
    return f"{done} of {counted(len(accounts), 'part')} accounted for: {', '.join(said)}"


def _text(accounts: list[Account], gone: list[str], furniture: list[str]) -> Iterator[str]:
    """A line a part; parts in a row that are out of scope for the same reason share one."""
    for why, alike in groupby(accounts, key=_account):
        group = list(alike)
        first, last = group[0], group[-1]
        name = printable(first.place) + (f" ... {printable(last.place)}" if len(group) > 1 else "")
        count = f" ({counted(len(group), 'part')})" if len(group) > 1 else ""
        where = f"   ({place_of(first.part)})" if first.part is not None else ""
        yield f"{name}{count}{where}"
        yield f"    {printable(why)}"
    for place in gone:
        yield printable(place)
        yield "    INDEXED AND GONE: the document has no such part now"
    if furniture:
        yield "left out as headers and footers of pages:"
        yield from (f"    {printable(line)}" for line in furniture)


def _account(account: Account) -> str:
    stale = "NOT AS INDEXED, look again: " if account.stale else ""
    match account.standing:
        case Standing.RESTS | Standing.JUDGEMENT:
            return stale + "; ".join(dict.fromkeys(map(_rest, account.rests)))
        case Standing.OUT_OF_SCOPE:
            return f"{stale}out of scope: {account.because}"
        case Standing.UNACCOUNTED:
            around = "; ".join(dict.fromkeys(map(_around, account.only_around)))
            return f"{stale}UNACCOUNTED" + (
                f": only the part around it is cited, by {around}" if around else ""
            )


def _around(rest: Rest) -> str:
    return f"{_rest(rest)} as `{rest.place}`"


def _rest(rest: Rest) -> str:
    return "the code table" if rest.kind == "codes" else f"{rest.kind} {rest.name}"


def _json(
    package: str, file: s.File, accounts: list[Account], gone: list[str], furniture: list[str]
) -> dict[str, Any]:
    edition = source_edition(file)
    return {
        "policy": package,
        "edition": edition.isoformat() if edition is not None else None,
        "complete": all(account.accounted for account in accounts) and not gone,
        "parts": [_part(account) for account in accounts],
        "gone": gone,
        "left_out": furniture,
    }


def _part(account: Account) -> dict[str, Any]:
    told: dict[str, Any] = {
        "place": account.place,
        "standing": account.standing.value,
        "rests": [_named(rest) for rest in account.rests],
    }
    if account.because is not None:
        told["because"] = account.because
    if account.only_around:
        told["cited_around"] = [{**_named(rest), "place": rest.place} for rest in account.only_around]
    if account.stale:
        told["stale"] = True
    if account.part is not None:
        told |= {"line": account.part.line, "page": account.part.page}
    return told


def _named(rest: Rest) -> dict[str, str]:
    return {"kind": rest.kind, **({"name": rest.name} if rest.name else {}), "at": str(rest.span)}
