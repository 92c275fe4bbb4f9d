"""Procedure codes that show all that versions of a policy can tell apart about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from compiler.diff.side import Side
from compiler.ir import decision as d
from compiler.ir.occurring import This
from compiler.ir.outcomes import PROCEDURE
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.codes import Interval, contains
from compiler.runtime.reader import BUILT_IN
from compiler.runtime.scalars import witnesses

PLAIN = "99213"
"""An office visit: of the codes that nothing speaks of the one to be shown."""


def procedures(sides: Sequence[Side], days: Sequence[date], asked: Sequence[Interval] = ()) -> list[str]:
    """One code for each way in which codes can differ on some days, one a side; some more are `asked` for."""
    own = (each for side, day in zip(sides, days, strict=True) for each in _sets(side, day))
    sets = list(dict.fromkeys((*own, *asked)))
    atoms = [d.CodeIs(PROCEDURE, "procedure", (codes,)) for codes in sets]
    spec: FactSpec = BUILT_IN[PROCEDURE]
    found: dict[object, str] = {}
    rows = len({tuple(side.program.code_rows) for side in sides}) > 1
    for code in (PLAIN, *(str(value) for value in witnesses(spec, atoms))):
        told: list[object] = [_told(side, code, day) for side, day in zip(sides, days, strict=True)]
        told += [side.program.rows(code, side.known_on) for side in sides if rows]
        told += [low <= code < high for low, high in asked]
        found.setdefault(repr(told), code)
    return sorted(found.values(), key=lambda code: (code == PLAIN, code))


def _sets(side: Side, day: date) -> Iterator[Interval]:
    """The sets of codes of which anything speaks."""
    program = side.program
    for revision in program.visible(side.known_on):
        yield from ((code, f"{code}\0") for code in revision.lists)
    yield from ((row.low, row.high) for row in program.code_rows if row.system == "procedure")
    decision = program.decision(day, side.known_on)
    if decision is not None:
        yield from ((code, f"{code}\0") for row in decision.listed for code, _ in row.needs)
        yield from asked_codes(decision)
        yield from (codes for rule in decision.evidence for codes in rule.codes or ())
        yield from ((code, f"{code}\0") for limit in decision.limits for code in limit.codes)


def asked_codes(decision: d.Decision) -> tuple[Interval, ...]:
    """The procedure codes of which the rules of a decision speak."""
    return _asked(This(decision))


@lru_cache(maxsize=4096)
def _asked(decision: This[d.Decision]) -> tuple[Interval, ...]:
    atoms = (atom for rule in decision.value.rules for atom in d.atoms(rule.condition))
    found = (atom.codes for atom in atoms if isinstance(atom, d.CodeIs) and atom.fact == PROCEDURE)
    return tuple(codes for own in found for codes in own)


def _told(side: Side, code: str, day: date) -> object:
    """All that a side knows of a code on a day."""
    program, known_on = side.program, side.known_on
    row = program.row(code, day, known_on)
    decision = program.decision(day, known_on)
    listed = asked = evidence = limits = None
    if decision is not None:
        listed = [listed for listed in decision.listed if listed.code == code]
        asked = [low <= code < high for low, high in asked_codes(decision)]
        evidence = [rule.codes is None or contains(rule.codes, code) for rule in decision.evidence]
        limits = [any(code in program.family(each) for each in limit.codes) for limit in decision.limits]
    said = (row.per, row.gives) if row is not None else program.valid(code, day, known_on)
    return code in program.ever_listed(known_on), said, listed, asked, evidence, limits
