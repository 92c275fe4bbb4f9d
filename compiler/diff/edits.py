"""What versions can say differently beside the determination, and claims that bring it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attrs import Factory, frozen

from compiler.answers.explain import shown_value
from compiler.diff.circumstances import Circumstance, Place
from compiler.diff.claims import Claim, add, claim_of, paths, put
from compiler.diff.kinds import decided
from compiler.diff.outcomes import Outcoming
from compiler.diff.side import Side
from compiler.ir import decision as d
from compiler.ir.outcomes import PROCEDURE
from compiler.program import Program
from compiler.runtime.claim_values import FactSpec, Scalar
from compiler.runtime.codes import system
from compiler.runtime.diagnoses import DIAGNOSIS_EDITS, said_of
from compiler.runtime.diagram import TooLarge
from compiler.runtime.edits import code_not_valid
from compiler.runtime.numbers import after, before
from compiler.runtime.questions import NOT_APPLICABLE
from compiler.runtime.reader import Line
from compiler.runtime.reasons import reason_codes
from compiler.runtime.scalars import witnesses
from compiler.runtime.tables import CodeRow, Giver

_CATEGORY = 3
"""So many characters has the shortest category of diagnoses."""


@frozen
class More:
    """What a claim states besides: facts, elements of lists, a contract, and lines with some codes beside the
    first.
    """

    facts: Mapping[str, Any] = Factory(dict)
    contract: Mapping[str, Any] = Factory(dict)
    beside: tuple[str, ...] = ()

    def of(self, claim: Claim) -> Claim:
        """The claim that states it as well."""
        claim = deepcopy(claim)
        first = claim["lines"][0]
        for fact, value in self.facts.items():
            (add if isinstance(value, list) else put)(claim, first, fact, value)
        if self.contract:
            claim["contract"] = {**claim.get("contract", {}), **self.contract}
        for number, code in enumerate(self.beside, start=len(claim["lines"]) + 1):
            claim["lines"].append({"line": number, "procedure": code, "service_date": first["service_date"]})
        return claim


def edit_changes(place: Place) -> Iterator[tuple[tuple[str, ...], Iterator[More]]]:
    """The kinds of edits of which two sides can say something different, with what brings it out."""
    for kinds, said, bringing in _KINDS:
        if said(place, 0) != said(place, 1):
            yield kinds, bringing(place)


def bare_claims(place: Place) -> Iterator[Claim]:
    """Claims that state nothing, and just the facts that bring a line in on a side."""
    line = {"line": 1, "procedure": place.code, "service_date": place.days[0].isoformat()}
    claim = {"claim_id": "witness", "lines": [line]}
    yield claim
    specs = {**place.sides[1].program.specs, **place.sides[0].program.specs}
    for stating in dict.fromkeys(stands.stating for stands in place.standings if stands.stating):
        yield More({fact: shown_value(fact, witnesses(specs[fact], [])[0]) for fact in stating}).of(claim)


def alike_claims(place: Place, outcoming: Outcoming) -> Iterator[Claim]:
    """Claims of which both sides say the same."""
    if outcoming.unlike_at(place):
        return
    for part in place.parts(outcoming.specs):
        try:
            space, root = outcoming.outcomes(part, Circumstance())
        except TooLarge:
            continue
        for path in paths(space, root, lambda leaf: decided(leaf[0]) == decided(leaf[1])):
            yield claim_of(part, Circumstance(), space, path)


def known_sections(side: Side) -> frozenset[str]:
    """The sections that some revision writes."""
    return frozenset(name for row in side.program.visible(side.known_on) for name in row.sections)


# ---- what one of the sides says ---------------------------------------------------------------------------


def _asked(place: Place, at: int) -> bool:
    """Whether the line can concern the policy, and its code is valid."""
    return place.standings[at].settled is None


def _row(place: Place, at: int, code: str, of: str = "procedure") -> CodeRow | None:
    side = place.sides[at]
    return side.program.row(code, place.days[at], side.known_on, of)


def _listed(place: Place, at: int) -> list[d.Listed]:
    decision = place.standings[at].decision
    return [row for row in decision.listed if row.code == place.code] if decision is not None else []


def _quantity(place: Place, at: int) -> object:
    row = _row(place, at, place.code) if _asked(place, at) else None
    return row.per if row is not None else None


def _not_listed(place: Place, at: int) -> object:
    return _asked(place, at) and not _listed(place, at)


def _without_primary(place: Place, at: int) -> object:
    program, known_on = place.sides[at].program, place.sides[at].known_on
    day = place.days[at]
    needs = [code for row in _listed(place, at) for code, _ in row.needs] if _asked(place, at) else ()
    codes = reason_codes("add_on_without_primary", day) if needs else None
    return codes, [(code, program.valid(code, day, known_on)) for code in needs]


def _not_valid(place: Place, at: int) -> object:
    if place.standings[at].settled != "code_not_valid":
        return None
    day, side = place.days[at], place.sides[at]
    line = Line(1, place.code, place.code, day, {"line.units": Decimal(1)}, {}, {}, False)
    return code_not_valid(side.program, line, day, side.known_on)


def _unknown_section(place: Place, at: int) -> object:
    return known_sections(place.sides[at]) if _asked(place, at) else None


def _diagnosed(place: Place, at: int) -> object:
    speaks = place.standings[at].settled not in ("not_in_force", NOT_APPLICABLE)
    return _told_of_diagnoses(place, at) if speaks and not _same_rows(place) else speaks


def _told_of_diagnoses(place: Place, at: int) -> dict[CodeRow, object]:
    """The rows of diagnoses, how the day lies to them, and what reason codes it knows."""
    side, day = place.sides[at], place.days[at]
    rows = (row for row in side.program.code_rows if row.system == "icd10cm" and row.known(side.known_on))
    reasons = [reason_codes(kind, day) for kind in DIAGNOSIS_EDITS]
    return {
        row: (row.start is not None and day < row.start, row.end is not None and row.end <= day, reasons)
        for row in rows
    }


def _gives(place: Place, at: int) -> object:
    program, known_on = place.sides[at].program, place.sides[at].known_on
    if not _asked(place, at) or _same_rows(place):
        return _asked(place, at) and program.givers
    row = _row(place, at, place.code)
    systems = {giver.system for giver in program.givers if giver.by != PROCEDURE}
    others = {
        (each.low, each.high, each.gives)
        for each in program.code_rows
        if each.system in systems and each.on(place.days[at]) and each.known(known_on)
    }
    return program.givers, row.gives if row is not None else (), others


def _same_rows(place: Place) -> bool:
    """Whether the sides say the same of all codes."""
    one, other = place.sides[:2]
    same = one.known_on == other.known_on and place.days[0] == place.days[1]
    return same and _same_codes(one.program, other.program)


@lru_cache(maxsize=4)
def _same_codes(one: Program, other: Program) -> bool:
    return one.code_rows == other.code_rows


# ---- what brings it out -----------------------------------------------------------------------------------


def _billing(place: Place) -> Iterator[More]:
    yield More({"line.units": 1})


def _as_it_is(place: Place) -> Iterator[More]:
    yield More()


def _with_primary(place: Place) -> Iterator[More]:
    yield More()
    needs = (code for at in range(2) for row in _listed(place, at) for code, _ in row.needs)
    for code in dict.fromkeys(needs):
        yield More(beside=(code,))


def _excluding(place: Place) -> Iterator[More]:
    one, other = (known_sections(side) for side in place.sides[:2])
    for name in sorted(one ^ other) or ["0"]:
        yield More(contract={"exclusions": [{"section": name, "from": min(place.days).isoformat()}]})


def _diagnosing(place: Place) -> Iterator[More]:
    """One diagnosis for each way in which the sides say something different of one."""
    told = [_told_of_diagnoses(place, at) if _diagnosed(place, at) else {} for at in range(2)]
    rows = [row for row in {**told[0], **told[1]} if told[0].get(row) != told[1].get(row)]
    codes = {code for row in rows for code in (row.low, row.high.rstrip("\0\x7f"))}
    codes |= {code[:end] for code in codes for end in range(_CATEGORY, len(code))}
    found: dict[object, str] = {}
    for code in sorted(codes):
        said = [
            _said_of_diagnosis(side, code, day) if own else None
            for side, day, own in zip(place.sides, place.days, told, strict=False)
        ]
        if said[0] != said[1]:
            found.setdefault(tuple(each and each[0] for each in said), code)
    for code in found.values():
        yield More({"claim.diagnoses": [system("icd10cm").shown(code)]})


def _said_of_diagnosis(side: Side, code: str, day: date) -> tuple[object, ...] | None:
    """The kind of the edit, what it says, and its reason codes."""
    said = said_of(side.program, code, day, side.known_on)
    return (*said, reason_codes(said[0], day)) if said is not None else None


def _contradicting(place: Place) -> Iterator[More]:
    """What a code gives on one side alone, stated so and otherwise."""
    programs = [side.program for side in place.sides[:2]]
    for giver in dict.fromkeys(giver for program in programs for giver in program.givers):
        rows = (row for program in programs for row in program.code_rows if row.system == giver.system)
        own = giver.by == PROCEDURE
        for code in [place.code] if own else sorted({row.low for row in rows if row.gives}):
            one, other = (_gifts(place, at, giver, code) for at in range(2))
            for path in sorted({**one, **other}):
                if one.get(path) != other.get(path):
                    gifts = [each[path] for each in (one, other) if path in each]
                    yield from _stating(place, giver, code, path, gifts)


def _gifts(place: Place, at: int, giver: Giver, code: str) -> dict[str, Scalar]:
    """What a code gives on one side."""
    asked = _asked(place, at) and giver in place.sides[at].program.givers
    row = _row(place, at, code, giver.system) if asked else None
    return {path: value for path, value in row.gives if path in giver.gives} if row is not None else {}


def _stating(place: Place, giver: Giver, code: str, path: str, gifts: list[Scalar]) -> Iterator[More]:
    """A code, and beside it what it gives, and what it does not."""
    sides = [side.program.specs for side in place.sides[:2]]
    shown = system(giver.system).shown(code)
    name = path.rpartition(".")[2]
    if giver.list:
        fields = [field for own in sides if giver.list in own for field in own[giver.list].fields]
        declared = [field for field in fields if field.path == name]
    else:
        declared = [own[path] for own in sides if path in own]
    if len({spec.kind for spec in declared}) > 1:
        return
    by = {} if giver.by == PROCEDURE else {giver.by: shown}
    for value in _values(declared[-1], gifts):
        if giver.list:
            yield More({giver.list: [{giver.by: shown, name: shown_value(name, value)}]})
        else:
            yield More({**by, path: shown_value(path, value)})


def _values(spec: FactSpec, gifts: list[Scalar]) -> list[Scalar]:
    """Some values of a fact, and another one."""
    return witnesses(spec, [_is(spec, value) for value in gifts])


def _is(spec: FactSpec, value: Scalar) -> d.Atom:
    """That a fact has a value."""
    match value:
        case date():
            return d.DayIs(spec.path, value, date.fromordinal(value.toordinal() + 1))
        case Decimal():
            return d.NumberIs(spec.path, ((before(value), after(value)),))
        case _ if spec.kind == "code":
            return d.CodeIs(spec.path, spec.system, ((str(value), f"{value}\0"),))
        case _:
            return d.ValueIs(spec.path, (str(value).casefold(),))


_KINDS: tuple[
    tuple[tuple[str, ...], Callable[[Place, int], object], Callable[[Place], Iterator[More]]], ...
] = (
    (("code_not_valid",), _not_valid, _billing),
    (("not_listed",), _not_listed, _as_it_is),
    (("add_on_without_primary",), _without_primary, _with_primary),
    (("quantity",), _quantity, _billing),
    (("contradicts_code",), _gives, _contradicting),
    (("unknown_section",), _unknown_section, _excluding),
    (DIAGNOSIS_EDITS, _diagnosed, _diagnosing),
)
"""The kinds of edits, what a side says by which they can differ, and what brings that out."""
