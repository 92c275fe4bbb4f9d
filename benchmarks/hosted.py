"""The job of `plain.py` with another engine: what is written by hand around it reads and checks the claim,
derives the facts and dresses the answer; the engine is asked which sections hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import plain
from engines import Engine, Facts
from plain_claims import Line

DRUG = ("ketamine", "esketamine")
ROUTE = ("intravenous", "oral")
CODES = ([], ["G905"], ["F329"], ["G905", "F329"])
"""Of each unknown fact, one value of each kind that the policy tells apart."""

Unknown = tuple[str, Sequence[Any]]
"""The key of an unknown fact, and its possible values."""

Inferred = tuple[str, list[str], list[str], list[list[str]], list[str]]
"""The determination, the sections that hold, those that may, what is missing, and the assumptions: none."""


class Hosted:
    """An engine in the place of `plain.infer`; `asked` counts the questions put to it.

    An engine knows of nothing unknown: where facts are, it is asked of every completion, and what is missing
    is found from its answers. It does not tell on which assumptions an answer rests.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked = 0

    def decide(self, claim: dict[str, Any]) -> dict[str, Any]:
        """The decision of a claim; ValueError or KeyError where it cannot be read."""
        return plain.decide(claim, self.infer)

    def infer(self, line: Line, drug: str | None, route: str | None, purpose: str, _: object) -> Inferred:
        """What the sections say of a line."""
        day = line.day.year * 10000 + line.day.month * 100 + line.day.day
        facts: Facts = {"day": day, "code": line.code, "drug": drug, "route": route, "purpose": purpose}
        facts["diagnoses"] = line.diagnoses
        unknown: dict[str, Unknown] = {}
        if drug is None:
            unknown["line.drug"] = ("drug", DRUG)
        if route is None:
            unknown["line.route"] = ("route", ROUTE)
        if line.diagnoses is None or None in line.diagnoses:
            known = [code for code in line.diagnoses or () if code is not None]
            path = "line.diagnoses" if line.own else "claim.diagnoses"
            unknown[path] = ("diagnoses", [known + codes for codes in CODES])
        if not unknown:
            self.asked += 1
            return _settled([self.engine.ask(facts)])
        cases = [*product(*(range(len(values)) for _, values in unknown.values()))]
        told = self.engine.ask_all([facts | _completed(unknown.values(), case) for case in cases])
        self.asked += len(cases)
        if all(told) or not any(told):
            return _settled(told)
        missing = _missing([*unknown], dict(zip(cases, map(bool, told), strict=True)))
        return "needs_information", [], [], missing, []


def _completed(unknown: Iterable[Unknown], case: tuple[int, ...]) -> Facts:
    return {key: values[at] for (key, values), at in zip(unknown, case, strict=True)}


def _settled(told: list[str]) -> Inferred:
    if not told[0]:
        return "not_applicable", [], [], [], []
    certain = [section for section in "AB" if all(section in each for each in told)]
    unsure = [section for section in "AB" if section not in certain and any(section in each for each in told)]
    return "experimental_investigational", certain, unsure, [], []


def _missing(facts: list[str], answers: Mapping[tuple[int, ...], bool]) -> list[list[str]]:
    """The smallest sets of facts of which some values settle the answer, whatever the others are."""
    found: list[tuple[int, ...]] = []
    for size in range(1, len(facts) + 1):
        for places in combinations(range(len(facts)), size):
            said: dict[tuple[int, ...], set[bool]] = {}
            for case, answer in answers.items():
                said.setdefault(tuple(case[place] for place in places), set()).add(answer)
            if any(len(each) == 1 for each in said.values()) and not any(
                set(less) < set(places) for less in found
            ):
                found.append(places)
    return [[facts[place] for place in places] for places in found]
