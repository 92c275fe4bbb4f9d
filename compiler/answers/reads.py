"""What of a claim its decision can depend on: the facts that rules, evidence, limits and edits could read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from compiler.runtime.adjudicate import adjudicate
from compiler.runtime.codes import contains
from compiler.runtime.contract import DIAGNOSES
from compiler.runtime.derive import STATED, completed_years
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.reader import Claim, Line
from compiler.runtime.tables import Policy, Version

_AGE, _BORN = "member.age", "member.birth_date"
_CONTRACT = ("contract.exclusions", "contract.riders")
_STRUCTURE = {
    "claim": ("claim_id", "lines", "member", "contract"),
    "line": ("line", "procedure", "service_date"),
    "member": (),
    "contract": (),
}


class Reads(NamedTuple):
    """Facts by path: those of the claim, its member and its contract, and those of each line by its number.

    What every decision repeats of a claim (numbers, procedures and dates of its lines) is not named.
    """

    claim: frozenset[str]
    lines: Mapping[int, frozenset[str]]

    def names(self) -> frozenset[str]:
        """The facts, those of lines as `lines[2].drug`."""
        of_lines = (_on_line(n, path) for n, paths in self.lines.items() for path in paths)
        return self.claim | frozenset(of_lines)

    def __or__(self, other: Reads) -> Reads:
        """What two policies read of one claim."""
        lines = {n: paths | other.lines[n] for n, paths in self.lines.items()}
        return Reads(self.claim | other.claim, lines)


def reads(policy: Policy, claim: Claim, known_on: date | None) -> Reads:
    """The facts that could be read when a claim is decided: too many rather than too few."""
    reader = _Reader(policy, claim, known_on)
    for line in claim.lines:
        reader.line(line)
    return Reads(frozenset(reader.of_claim), {n: frozenset(paths) for n, paths in reader.of_lines.items()})


class _Reader:
    def __init__(self, policy: Policy, claim: Claim, known_on: date | None) -> None:
        self.policy = policy
        self.claim = claim
        self.known_on = known_on
        self.of_claim: set[str] = set()
        self.of_lines: dict[int, set[str]] = {line.number: set() for line in claim.lines}

    def line(self, line: Line) -> None:
        """What the decision of one line reads, from other lines too."""
        self._add(line, self.policy.governed_by)
        if line.code not in self.policy.ever_listed(self.known_on):
            self._stating(line)
        made = adjudicate(self.policy, self.claim, line, self.known_on)
        not_valid = made.finding.determination == "code_not_valid"
        if made.version is not None or not_valid:
            for path in (*self.claim.unclear, *line.unclear):
                self._add(line, path)
            if self.policy.knows_diagnoses:
                self._add(line, DIAGNOSES)
        if not_valid:
            self._add(line, "line.units")  # what they become in the code's successors is said
        if made.version is None or made.facts is None:
            return
        for path in made.version.facts:
            self._add(line, path)
        self._codes(made.facts, line)
        self._evidence(made.version, line)
        self._limits(made.version, line)
        for path in _CONTRACT:
            self._add(line, path)
        if any(terms.diagnoses for terms in (*self.claim.exclusions, *self.claim.riders)):
            self._add(line, DIAGNOSES)

    def _add(self, line: Line, path: str) -> None:
        path = path.partition("[")[0].removesuffix(STATED)
        if path.startswith("line."):
            self.of_lines[line.number].add(path)
        elif path == DIAGNOSES and line.own_diagnoses:
            self.of_lines[line.number].add("line.diagnoses")
        else:
            self.of_claim.add(path)

    def _stating(self, line: Line) -> None:
        """What brings a line in whose code is not listed."""
        day = self.policy.governing(self.claim, line)
        visible = self.policy.visible(self.known_on)
        for each in [day] if day is not None else [row.effective for row in visible]:
            version = self.policy.version(each, self.known_on)
            for path in version.stating if version is not None and version.open else ():
                self._add(line, path)

    def _codes(self, facts: LineFacts, line: Line) -> None:
        """What codes say: a quantity for the units, and facts, which a claim may contradict."""
        day = self.policy.governing(self.claim, line) or line.day
        row = self.policy.row(line.code, day, self.known_on)
        if row is not None and row.per is not None:
            self._add(line, "line.units")
        self._givers(line)
        for path in facts.given:
            self._add(line, path)

    def _givers(self, line: Line) -> None:
        for giver in self.policy.fact_givers:
            self._add(line, giver.by)

    def _evidence(self, version: Version, line: Line) -> None:
        for rule in version.evidence:
            if rule.fact not in version.facts or rule.fact in line.stated or rule.fact in line.unclear:
                continue
            for other in self.claim.lines:
                if other.day == line.day and (rule.codes is None or contains(rule.codes, other.code)):
                    self._add(other, rule.fact)
                    self._givers(other)

    def _limits(self, version: Version, line: Line) -> None:
        for limit in version.limits:
            codes = {code for each in limit.codes or (line.code,) for code in self.policy.family(each)}
            if line.code in codes:
                self._add(line, "claim.history")
                for other in self.claim.lines:
                    if other.code in codes:
                        self._add(other, "line.units")


def reduced(raw: Mapping[str, Any], claim: Claim, wanted: Reads) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A decoded claim with nothing but what is read of it, and the names of the facts that are left out.

    A birth date of which only ages are read becomes the last one that gives these ages.
    """
    left_out: set[str] = set()
    made = _kept(raw, "claim", wanted.claim, left_out)
    for scope in ("member", "contract"):
        part = _kept(made.pop(scope, None) or {}, scope, wanted.claim, left_out)
        born = claim.stated.get(_BORN)
        if scope == "member" and isinstance(born, date) and _BORN in left_out and _AGE in wanted.claim:
            part["birth_date"] = _same_ages(born, [line.day for line in claim.lines]).isoformat()
        made |= {scope: part} if part else {}
    made["lines"] = []
    for stated, line in zip(raw["lines"], claim.lines, strict=True):
        of_line: set[str] = set()
        made["lines"].append(_kept(stated, "line", wanted.lines[line.number], of_line))
        left_out |= {_on_line(line.number, path) for path in of_line}
    return made, tuple(sorted(left_out))


def _kept(raw: Mapping[str, Any], scope: str, wanted: frozenset[str], left_out: set[str]) -> dict[str, Any]:
    """The keys of an object that are wanted; to `left_out` the paths of others that say something."""
    made = {}
    for key, value in raw.items():
        path = f"{scope}.{key}"
        if key in _STRUCTURE[scope] or path in wanted:
            made[key] = value
        elif value is not None:
            left_out.add(path)
    return made


def _on_line(number: int, path: str) -> str:
    return f"lines[{number}].{path.removeprefix('line.')}"


def _same_ages(born: date, days: list[date]) -> date:
    """The last birth date that gives the same ages on some days."""
    latest = [_born(day, completed_years(born, day)) for day in days if born <= day]
    return min(latest, default=max(days) + timedelta(1))


def _born(day: date, age: int) -> date:
    """The last birth date of those who are so old on a day."""
    try:
        return day.replace(year=day.year - age)
    except ValueError:  # on 29 February of a common year: who was born on 1 March is a year younger
        return date(day.year - age, 2, 28)
