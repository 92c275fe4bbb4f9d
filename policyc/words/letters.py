"""The reason of a decision, in one to three sentences for a letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compiler.answers.deciding import Point, Reason, deciding, distance
from compiler.ir import decision as d
from compiler.program import Program
from compiler.runtime.adjudicate import Adjudicated, adjudicate
from compiler.runtime.codes import system
from compiler.runtime.judge import judge
from compiler.runtime.limits import ALLOWED
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import Claim, Line
from policyc.words.notes import edits_told, validity_told
from policyc.words.points import Points
from policyc.words.wordings import Wordings


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
        self.points = Points(wordings, program.specs, self._giver)

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
                told = [self._say("excluded", grounds=self.points.list("and", self._grounds()))]
            case "manual_review":
                told = [
                    self._say("review", clauses=self._clauses(self.shown["rules"], "and")),
                    *self._applies(self._speaking(determination)),
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
        speaking = self._speaking(determination)
        others = [rule for rule in self.rules if not rule.row.otherwise]
        plain = [rule for rule in speaking if not rule.row.otherwise]
        return told + (self._applies(speaking) or ([] if plain else self._failing(others, "not_allowed")))

    def _speaking(self, determination: str) -> list[d.Rule]:
        """The rules that give a determination."""
        given = [rule for rule in self.rules if rule.section in self.shown["rules"]]
        return [rule for rule in given if rule.determination == determination]

    def _applies(self, speaking: Sequence[d.Rule]) -> list[str]:
        """By which criteria rules apply, those that say `otherwise` apart."""
        facts = self.made.facts
        assert facts is not None
        plain = [rule for rule in speaking if not rule.row.otherwise and _judged(rule, facts)]
        criteria = [point for rule in plain for point in deciding(rule, facts)]
        if not criteria:
            return []
        how = "and" if plain[0].determination == ALLOWED else "but"
        return [self._say("applies", criteria=self.points.told(criteria, how))]

    def _silent(self) -> list[str]:
        if self.made.facts is None:
            return [self._say("no_concern")]
        return [self._say("silent"), *self._failing(list(self.rules), "none_applies")]

    def _failing(self, rules: Sequence[d.Rule], sentence: str) -> list[str]:
        """Why sections do not apply; of one of which that is open, only that it is."""
        facts = self.made.facts
        assert facts is not None
        told: dict[str, list[str]] = {}
        still_open = [self._clause(rule.section) for rule in rules if _judged(rule, facts) is None]
        failing = [(rule, deciding(rule, facts)) for rule in rules if _judged(rule, facts) is False]
        nearest = _nearest([(rule, points) for rule, points in failing if points], facts)
        for rule, points in nearest:
            told.setdefault(self.points.told(points), []).append(self._clause(rule.section))
        sections = [
            self.words.part(
                "fails", clause=self.points.list("and", dict.fromkeys(clauses)), criteria=criteria
            )
            for criteria, clauses in told.items()
        ]
        sections += [self.words.part("fails_open", clause=clause) for clause in dict.fromkeys(still_open)]
        if not sections:
            return [self._say("none_for_code")] if failing and sentence == "none_applies" else []
        if still_open:
            sentence = "open_all_the_same"
        elif len(nearest) < len(failing):
            sentence += "_nearest"
        return [self._say(sentence, sections=self.points.list("semicolon", sections))]

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
            joined = self.points.list("or", ways)
            if not self.shown.get("missing_complete", True):
                joined = self.words.part("or_more", ways=joined)
            told.append(self._say("needed", ways=joined))
        facts = self.made.facts
        rules = [rule for rule in self.rules if facts is not None and _judged(rule, facts) is None]
        if rules:
            asking = list(dict.fromkeys(self._clause(rule.section) for rule in rules))
            told.append(self._say("asking", clauses=self.points.list("and", asking)))
        return told

    def _needed(self, path: str) -> str:
        if path.startswith(ASSUMPTION):
            return self.words.part("doubted", reason=self.program.assumptions[path.removeprefix(ASSUMPTION)])
        declared = self.program.facts.get(path)
        if declared is not None and declared.question is not None:
            return self.words.part("question", question=declared.question)
        return self.points.name(path)

    # ---- clauses

    def _clauses(self, sections: Sequence[str], how: str) -> str:
        return self.words.join(how, [self._clause(section) for section in sections])

    def _clause(self, section: str) -> str:
        """A section by the document's letter or number; where the name is the author's own, by its title."""
        condition = next(rule.condition for rule in self.rules if rule.section == section)
        name = "clause_titled" if section[0].islower() else "clause"
        if condition.citation is None:
            return self.words.part(name, section=section, title=condition.name)
        place = condition.citation.place
        return self.words.part(f"{name}_cited", section=section, title=condition.name, place=place)

    def _giver(self, path: str) -> str:
        """Whether the code, or what absence means, gives a fact: told apart where only one can."""
        row = self.program.row(self.line.code, self.day, self.known_on)
        by_code = row is not None and path in dict(row.gives)
        by_other = any(path in giver.gives for giver in self.program.givers)
        if by_code:
            return "given"
        return "assumed" if path in self.program.absent and not by_other else "given_by_policy"

    # ---- what is to be said beside

    def _notes(self) -> list[str]:
        notes = edits_told(self.shown, self.words, self.points.name)
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


def _nearest(
    failing: Sequence[tuple[d.Rule, tuple[Reason, ...]]], facts: LineFacts
) -> Sequence[tuple[d.Rule, tuple[Reason, ...]]]:
    """Of the rules that do not hold, those that lack the fewest criteria; none that asks for another code."""
    here = [each for each in failing if not _for_other_codes(each[1])]
    least = min((distance(rule, facts) for rule, _ in here), default=0)
    return [each for each in here if distance(each[0], facts) == least]


def _for_other_codes(reasons: Sequence[Reason]) -> bool:
    """Whether a criterion that is not met asks for the billed code alone."""
    return any(
        isinstance(each, Point) and not each.excepts and {b.path for b in each.because} == {"line.procedure"}
        for each in reasons
    )
