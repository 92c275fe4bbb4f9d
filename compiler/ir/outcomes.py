"""What another policy decides of the line, as a condition about the line's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from attrs import define

from compiler.ir import decision as d
from compiler.runtime.derive import STATED
from compiler.runtime.questions import NOT_APPLICABLE

PROCEDURE = "line.procedure"

NOT_IN_FORCE = "not_in_force"
NOT_VALID = "code_not_valid"
OTHERS = (NOT_APPLICABLE, NOT_VALID, NOT_IN_FORCE)
"""Outcomes that no section gives. What the contract excludes is asked behind the rules of each policy."""


class Other(Protocol):
    """A policy that is compiled already."""

    @property
    def day_cuts(self) -> tuple[date, ...]: ...
    @property
    def posting_cuts(self) -> tuple[date, ...]: ...
    def decision(self, day: date, known_on: date | None) -> d.Decision | None: ...
    def ever_listed(self, known_on: date | None) -> frozenset[str]: ...
    def valid(self, code: str, day: date, known_on: date | None) -> bool: ...


Others = Mapping[str, Other]


def outcome(other: Other, wanted: tuple[str, ...], day: date, known_on: date | None) -> d.Condition:
    """When another policy comes to one of some determinations, by what stands on a day."""
    stands = other.decision(day, known_on)
    if stands is None:
        return d.ALWAYS if NOT_IN_FORCE in wanted else d.NEVER
    ever = other.ever_listed(known_on)
    valid = {code for code in ever if other.valid(code, day, known_on)}
    asked = concerns(stands, other, day, known_on)
    not_valid = _billed(ever - valid)
    said = _Said(stands)
    ways: list[d.Condition] = [
        d.conjunction((asked, says))
        for rule, says in zip(stands.rules, said.rules(), strict=True)
        if rule.determination in wanted
    ]
    if NOT_VALID in wanted:
        ways.append(not_valid)
    if NOT_APPLICABLE in wanted:
        ways.append(_none_of((not_valid, d.conjunction((asked, _some(said.rules()))))))
    if not ways:
        return d.NEVER
    if not stands.rules:
        return d.Resting(_some(ways), stands.assumptions)
    return d.Named(_some(ways), stands.assumptions, "", None, None, stands.rules[0].span)


def concerns(stands: d.Decision, policy: Other, day: date, known_on: date | None) -> d.Condition:
    """Whether the rules that stand on a day are asked of a line at all: it concerns the policy, and its code
    is valid.
    """
    ever = policy.ever_listed(known_on)
    valid = {code for code in ever if policy.valid(code, day, known_on)}
    listed = {row.code: row.assumption for row in stands.listed}
    codes = valid if stands.open else valid & listed.keys()
    plain = {code for code in codes if listed.get(code) is None}
    ways = [_billed(plain)]
    for code in sorted(codes - plain):
        ways.append(d.Resting(_billed({code}), (str(listed[code]),)))
    if stands.open and stands.stating:
        states = [d.ValueIs(path + STATED, ("true",)) for path in stands.stating]
        ways.append(d.conjunction((d.Not(_billed(ever)), *states)))
    return _some(ways)


@define
class _Said:
    """When each rule speaks: it holds, and nothing that speaks overrides it, or speaks before it."""

    stands: d.Decision

    def rules(self) -> list[d.Condition]:
        rules = self.stands.rules
        said = [d.conjunction((rule.condition, *self._free(rule.section))) for rule in rules]
        first = [says for rule, says in zip(rules, said, strict=True) if not rule.row.otherwise]
        return [
            d.conjunction((says, _none_of(first))) if rule.row.otherwise and first else says
            for rule, says in zip(rules, said, strict=True)
        ]

    def _free(self, section: str) -> list[d.Condition]:
        winners = [winner for winner, loser in self.stands.overrides if loser == section]
        return [d.Not(self._speaks(winner)) for winner in winners]

    def _speaks(self, section: str) -> d.Condition:
        rules = [rule for rule in self.stands.rules if rule.section == section and not rule.row.otherwise]
        return d.conjunction((_some(rule.condition for rule in rules), *self._free(section)))


def _billed(codes: Iterable[str]) -> d.Condition:
    listed = tuple((code, f"{code}\0") for code in sorted(codes))
    return d.CodeIs(PROCEDURE, "procedure", listed, "procedures") if listed else d.NEVER


def _some(conditions: Iterable[d.Condition]) -> d.Condition:
    ways = tuple(conditions)
    return ways[0] if len(ways) == 1 else d.AtLeast(1, ways)


def _none_of(conditions: Iterable[d.Condition]) -> d.Condition:
    return d.Not(_some(conditions))
