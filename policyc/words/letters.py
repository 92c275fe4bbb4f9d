"""The reason of a decision, in one to three sentences for a letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from compiler.answers.deciding import Because, Point, deciding
from compiler.ir import decision as d
from compiler.program import Program
from compiler.runtime.adjudicate import ALLOWED, Adjudicated, adjudicate
from compiler.runtime.codes import system
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import Claim, Line
from policyc.words.notes import edits_told, validity_told
from policyc.words.wordings import Wordings

_MOST = 6
"""So many criteria, facts or values are named; of more it is said how many."""

_LONGEST = 90


def reason(program: Program, claim: Claim, line: Line, known_on: date | None, wordings: Wordings) -> str:
    """Why a line is decided as it is: by which clause of which version, which criteria and which facts."""
    return _Letter(program, claim, line, known_on, wordings).text()


class _Letter:
    def __init__(
        self, program: Program, claim: Claim, line: Line, known_on: date | None, wordings: Wordings
    ) -> None:
        self.program = program
        self.claim = claim
        self.line = line
        self.known_on = known_on
        self.words = wordings
        self.made: Adjudicated = adjudicate(program, claim, line, known_on)
        self.shown = self.made.as_dict(line, explain=True)
        day = program.governing(claim, line)
        self.day = day or line.day
        stands = program.decision(day, known_on) if day is not None else None
        self.rules: tuple[d.Rule, ...] = stands.rules if stands is not None else ()

    def text(self) -> str:
        """The sentences that there is something to say in."""
        determination = self.shown["determination"]
        match determination:
            case "not_in_force":
                known = self.known_on
                name = "not_in_force" if known is None else "not_in_force_as_known"
                told = [self._say(name, known_on=self.words.day(str(known)) if known else "")]
            case "not_applicable":
                told = self._silent()
            case "needs_information":
                told = self._needs()
            case "code_not_valid":
                told = [self._say("not_valid", validity=validity_told(self.shown["edits"][0], self.words))]
            case "excluded_by_contract":
                told = [self._say("excluded", grounds=self._list("and", self._grounds()))]
            case "manual_review":
                told = [
                    self._say("review", clauses=self._clauses(self.shown["rules"], "and")),
                    *self._asked(),
                ]
            case _:
                told = self._decided(determination)
        return " ".join([*told, *self._notes()])

    def _say(self, name: str, **given: object) -> str:
        policy = self.program.consolidated.policy
        code, day = self.line.procedure, self.words.day(self.line.day.isoformat())
        common = {"code": code, "date": day, "policy": policy.title, "payer": policy.payer}
        return self.words.say("sentences", name, **common, revision=self._version(), **given)

    def _version(self) -> str:
        if self.shown["revision"] is None:
            return ""
        effective, _, posted = self.shown["revision"].partition("@")
        told = self.words.day(effective)
        if posted:
            told = self.words.part("version_posted", day=told, posted=self.words.day(posted))
        if self.known_on is not None:
            known = self.words.day(self.known_on.isoformat())
            told = self.words.part("as_known", version=told, known_on=known)
        return told

    # ---- what the sections say

    def _decided(self, determination: str) -> list[str]:
        named = self.words.say("determinations", determination)
        rules, unsure = self.shown["rules"], self.shown.get("unsure", [])
        if not rules:
            clauses = self._clauses(unsure, "or")
            return [self._say("decided_alike", determination=named, clauses=clauses)]
        told = [self._say("decided", determination=named, clauses=self._clauses(rules, "and"))]
        speaking = [
            rule for rule in self.rules if rule.section in rules and rule.determination == determination
        ]
        facts = self.made.facts
        assert facts is not None
        plain = [rule for rule in speaking if not rule.row.otherwise]
        criteria = [p for rule in plain if _judged(rule, facts) for p in deciding(rule, facts)]
        if criteria:
            how = "and" if determination == ALLOWED else "but"
            return [*told, self._say("applies", criteria=self._points(criteria, how))]
        others = [rule for rule in self.rules if not rule.row.otherwise]
        return told + ([] if plain else self._failing(others, "not_allowed"))

    def _silent(self) -> list[str]:
        if self.made.facts is None:
            return [self._say("no_concern")]
        return [self._say("silent"), *self._failing(list(self.rules), "none_applies")]

    def _failing(self, rules: Sequence[d.Rule], sentence: str) -> list[str]:
        """Why sections do not apply; of one of which that is open, only that it is."""
        facts = self.made.facts
        assert facts is not None
        told: dict[str, None] = {}
        is_open = False
        for rule in rules:
            clause = self._clause(rule.section)
            points = deciding(rule, facts) if _judged(rule, facts) is False else ()
            if points:
                told[self.words.part("fails", clause=clause, criteria=self._points(points))] = None
            elif _judged(rule, facts) is None:
                is_open = True
                told[self.words.part("fails_open", clause=clause)] = None
        if not told:
            return []
        return [
            self._say("open_all_the_same" if is_open else sentence, sections=self._list("semicolon", told))
        ]

    def _asked(self) -> list[str]:
        asked = []
        for review in self.shown.get("review", []):
            addressee = review.get("addressee")
            asked.append(
                self.words.part("reviewed", question=review["question"])
                if addressee is None
                else self.words.part("reviewed_by", question=review["question"], addressee=addressee)
            )
        return [self._say("asked", questions=self.words.join("semicolon", asked))] if asked else []

    def _grounds(self) -> dict[str, None]:
        """By what the contract excludes the line."""
        facts = self.made.facts
        assert facts is not None
        listed = facts.values.get("claim.diagnoses")
        diagnoses = listed if isinstance(listed, tuple) else ()
        named = [rule.section for rule in self.rules if _judged(rule, facts) is not False]
        told: dict[str, None] = {}
        for exclusion in self.claim.exclusions:
            if exclusion.start <= self.line.day and (exclusion.end is None or self.line.day < exclusion.end):
                since = self.words.day(exclusion.start.isoformat())
                if exclusion.section in named:
                    clause = self._clause(exclusion.section)
                    told[self.words.part("excludes", what=clause, since=since)] = None
                if self.line.code in exclusion.procedures:
                    told[self.words.part("excludes", what=self.line.procedure, since=since)] = None
                for code in exclusion.diagnoses:
                    if code in diagnoses:
                        shown = system("icd10cm").shown(code)
                        told[self.words.part("excludes_diagnosis", code=shown, since=since)] = None
        return told or {self.words.part("excludes_open"): None}

    def _needs(self) -> list[str]:
        if self.shown["revision"] is None:
            return [self._say("needed_undated")]
        told = [self._say("needs")]
        ways = [self.words.join("with", [self._needed(path) for path in s]) for s in self.shown["missing"]]
        if ways:
            joined = self._list("or", ways)
            if not self.shown.get("missing_complete", True):
                joined = self.words.part("or_more", ways=joined)
            told.append(self._say("needed", ways=joined))
        facts = self.made.facts
        rules = [rule for rule in self.rules if facts is not None and _judged(rule, facts) is None]
        if rules:
            asking = list(dict.fromkeys(self._clause(rule.section) for rule in rules))
            told.append(self._say("asking", clauses=self._list("and", asking)))
        return told

    def _needed(self, path: str) -> str:
        if path.startswith(ASSUMPTION):
            return self.words.part("doubted", reason=self.program.assumptions[path.removeprefix(ASSUMPTION)])
        declared = self.program.facts.get(path)
        if declared is not None and declared.question is not None:
            return self.words.part("question", question=declared.question)
        return self._name(path)

    # ---- clauses, criteria, facts

    def _clauses(self, sections: Sequence[str], how: str) -> str:
        return self.words.join(how, [self._clause(section) for section in sections])

    def _clause(self, section: str) -> str:
        condition = next(rule.condition for rule in self.rules if rule.section == section)
        if condition.citation is None:
            return self.words.part("clause", section=section, title=condition.name)
        return self.words.part(
            "clause_cited", section=section, title=condition.name, place=condition.citation.place
        )

    def _points(self, points: Sequence[Point], how: str = "but") -> str:
        """The criteria that are met, those that are not, and exceptions that apply."""
        alike: dict[str, dict[str, None]] = {}
        for point in points:
            name = "excepted" if point.excepts and point.met else "met" if point.met else "unmet"
            alike.setdefault(name, {})[self._point(point)] = None
        told = {
            name: self.words.part(name if len(them) == 1 else f"{name}_all", criteria=self._list("and", them))
            for name, them in alike.items()
        }
        others = [each for name, each in told.items() if name != "met"]
        if "met" not in told or not others:
            return self.words.join("and", list(told.values()))
        return self.words.join(how, [told["met"], self.words.join("and", others)])

    def _point(self, point: Point) -> str:
        criterion = self._criterion(point)
        alone = len({each.shown for each in point.because}) == 1
        known = dict.fromkeys(self._fact(each, criterion if alone else None) for each in point.because)
        facts = self.words.part("facts_of", facts=self._list("semicolon", known)) if known else ""
        return self.words.part("criterion", criterion=criterion, facts=facts)

    def _criterion(self, point: Point) -> str:
        """A label as words; where there is none, what it asks."""
        if not re.fullmatch(r"[a-z0-9_]+", point.criterion) and point.because:
            return self._list("and", dict.fromkeys(self._name(each.shown) for each in point.because))
        name = point.criterion.replace("_", " ")
        return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"

    def _fact(self, because: Because, criterion: str | None) -> str:
        """What is known of a fact; a criterion that asks it alone may say its name already."""
        name, value = self._name(because.shown), self._value(because.value)
        spec = self.program.specs.get(because.path)
        if spec is not None and spec.unit and because.origin != "unknown":
            value = f"{value} {spec.unit}"
        match because.origin:
            case "unknown":
                kind = "unknown" if because.value is None else "unclear"
            case "given":
                kind = self._giver(because.path)
            case origin:
                kind = origin
        told = self.words.part(kind) if kind == "unknown" else self.words.part(kind, value=value)
        return told if name == criterion else self.words.part("named", fact=name, value=told)

    def _giver(self, path: str) -> str:
        """Whether the code, or what absence means, gives a fact: told apart where only one can."""
        row = self.program.row(self.line.code, self.day, self.known_on)
        by_code = row is not None and path in dict(row.gives)
        by_other = any(path in giver.gives for giver in self.program.givers)
        if by_code:
            return "given"
        return "assumed" if path in self.program.absent and not by_other else "given_by_policy"

    def _name(self, path: str) -> str:
        listed = re.fullmatch(r"(.*?)\[([0-9]+)\](?:\.(.*))?", path)
        if listed is None:
            return self.words.fact(path)
        inner = f" {listed[3].replace('_', ' ')}" if listed[3] else ""
        return f"{self.words.fact(listed[1])} [{listed[2]}]{inner}"

    def _value(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.words.say("values", "true" if value else "false")
        if isinstance(value, tuple):
            if not value:
                return self.words.say("values", "empty")
            if any(isinstance(each, tuple) for each in value):
                return self.words.say("values", "entry" if len(value) == 1 else "entries", number=len(value))
            return self._list("comma", [self._value(each) for each in value])
        text = str(value)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return self.words.day(text)
        return text.replace("_", " ")

    def _list(self, how: str, items: Sequence[str] | dict[str, None]) -> str:
        kept = list(items)
        if not kept:
            return ""
        if len(kept) <= _MOST:
            return self.words.join(how, kept)
        apart = how == "semicolon"
        first = self.words.join("semicolon" if apart else "comma", kept[:_MOST])
        return self.words.say(
            "lists", "more_facts" if apart else "more", first=first, number=len(kept) - _MOST
        )

    # ---- what is to be said beside

    def _notes(self) -> list[str]:
        notes = edits_told(self.shown, self.words, self._name)
        reasons = self.program.assumptions
        if self.shown["determination"] not in ("not_applicable", "needs_information"):
            assumed = [
                self.words.part("assumption", reason=reasons[name]) for name in self.shown["assumptions"]
            ]
            if assumed:
                notes.append(self.words.part("assumes", reasons=self.words.join("comma", assumed)))
        return [self._say("note", notes=self.words.join("semicolon", notes))] if notes else []


def _judged(rule: d.Rule, facts: LineFacts) -> bool | None:
    return judge(rule.condition, facts).holds
