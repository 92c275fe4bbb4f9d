"""What a contract says of a line: what it excludes, what a rider of it covers, and where these contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from compiler.runtime.codes import system
from compiler.runtime.conditions import NO, Held, code_in
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.lists import elements
from compiler.runtime.questions import DENIALS, REVIEW
from compiler.runtime.reader import Claim, Exclusion, Line
from compiler.runtime.tables import Policy

DIAGNOSES = "claim.diagnoses"


class Terms(NamedTuple):
    """What exclusions, or riders, speak of on a day: the line whatever it is, some sections, or lines with
    some diagnoses.
    """

    everything: bool = False
    sections: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()


SILENT = Terms()


def terms_on(stated: tuple[Exclusion, ...], line: Line) -> Terms:
    """What exclusions or riders come to for a line, as of its date of service."""
    if not stated:
        return SILENT
    applying = [each for each in stated if _applies(each, line)]
    return Terms(
        any(line.code in each.procedures for each in applying),
        frozenset(each.section for each in applying if each.section is not None),
        frozenset(code for each in applying for code in each.diagnoses),
    )


def by_diagnosis(facts: LineFacts, codes: Collection[str]) -> Held:
    """Whether one of the line's diagnoses is among some codes."""
    if not codes:
        return NO
    pairs = tuple((code, f"{code}\0") for code in sorted(codes))
    return elements(
        facts, DIAGNOSES, "diagnosis", 1, lambda facts: code_in(facts, "diagnosis", pairs, "icd10cm")
    )


def contradictions(
    claim: Claim, line: Line, facts: LineFacts, says: Iterable[tuple[str, str]]
) -> list[dict[str, Any]]:
    """What a reviewer is asked where a rider covers what sections deny, or what an exclusion excludes.

    `says` are the sections that speak, each with a determination.
    """
    denied = list(dict.fromkeys(said for said in says if said[1] in DENIALS))
    sections = {section for section, _ in says}
    excluding = [
        f"an exclusion of the contract excludes {_subject(each)}"
        for _, each, _ in _fitting(claim.exclusions, line, facts, sections)
    ]
    policy = [f"section {section} says {determination}" for section, determination in denied]
    asked = []
    for at, rider, certain in _fitting(claim.riders, line, facts, sections):
        if against := policy + excluding:
            open_ = "" if certain else ", if a diagnosis that is not known is one of them"
            covers = f"a rider of the contract covers {_subject(rider)}{open_}"
            question = f"{covers}, but {' and '.join(against)}: which of them counts?"
            asked.append({"rider": f"/contract/riders/{at}", "question": question})
    return asked


def contradictory(says: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What a reviewer is asked where sections that speak give different determinations."""
    said = list(dict.fromkeys(says))
    if len({determination for _, determination in said}) < 2:
        return []
    both = " and ".join(f"section {section} says {determination}" for section, determination in said)
    return [{"question": f"{both}, and the policy states no order of them: which of them counts?"}]


def over_limit(edit: dict[str, Any], claim: Claim, line: Line, facts: LineFacts) -> dict[str, Any]:
    """The edit of units above a limit, where a rider covers what the limit denies."""
    asked = contradictions(claim, line, facts, [(edit["section"], edit["determination"])])
    if not asked:
        return edit
    plain = {key: value for key, value in edit.items() if key != "reason_codes"}
    return {**plain, "determination": REVIEW, "review": asked}


def unknown_sections(policy: Policy, claim: Claim, line: Line, known_on: date | None) -> list[dict[str, Any]]:
    """Edits that name sections of which the contract speaks on the day, and that no revision writes."""
    if not claim.exclusions and not claim.riders:
        return []
    terms = (each for each in (*claim.exclusions, *claim.riders) if _applies(each, line))
    named = dict.fromkeys(each.section for each in terms if each.section is not None)
    if not named:
        return []
    known = {section for row in policy.visible(known_on) for section in row.sections}
    return [{"kind": "unknown_section", "section": section} for section in named if section not in known]


def _applies(each: Exclusion, line: Line) -> bool:
    return each.start <= line.day and (each.end is None or line.day < each.end)


def _fitting(
    stated: tuple[Exclusion, ...], line: Line, facts: LineFacts, sections: set[str]
) -> Iterator[tuple[int, Exclusion, bool]]:
    """Those that fit a line, or may fit it, with their places; and whether they surely do."""
    for at, each in enumerate(stated):
        if _applies(each, line):
            certain = line.code in each.procedures or each.section in sections
            fits = certain or by_diagnosis(facts, each.diagnoses).holds
            if fits is not False:
                yield at, each, fits is True


def _subject(each: Exclusion) -> str:
    if each.section is not None:
        said = f"what section {each.section} decides"
    elif each.procedures:
        said = f"procedure {', '.join(each.procedures)}"
    else:
        said = f"diagnosis {', '.join(map(system('icd10cm').shown, each.diagnoses))}"
    until = f" to before {each.end}" if each.end is not None else ""
    return f"{said} from {each.start}{until}"
