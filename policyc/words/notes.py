"""Edits and validities as parts of sentences for a letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from policyc.words.wordings import Wordings

Edit = dict[str, Any]


def validity_told(edit: Edit, words: Wordings) -> str:
    """When a code that is not valid was valid, what replaced it, and what the line's units would be."""
    start = words.day(edit["valid_from"]) if "valid_from" in edit else None
    last = None
    if "valid_until" in edit:
        last = words.day((date.fromisoformat(edit["valid_until"]) - timedelta(days=1)).isoformat())
    if last is None:
        told = words.part("valid", start=start)
    elif start is None:
        told = words.part("valid_until", last=last)
    else:
        told = words.part("valid_between", start=start, last=last)
    if "replaced_by" not in edit:
        return told
    codes = words.join("or", edit["replaced_by"])
    if "units_become" not in edit:
        return words.part("replaced", validity=told, codes=codes)
    become = [words.part("become", units=units, code=code) for code, units in edit["units_become"].items()]
    return words.part(
        "converted", validity=told, codes=codes, units=edit["units"], become=words.join("or", become)
    )


def edits_told(line: dict[str, Any], words: Wordings, named: Callable[[str], str]) -> list[str]:
    """What edits say that a reader of the letter needs to know."""
    told = []
    for edit in line["edits"]:
        match edit["kind"]:
            case "add_on_without_primary":
                codes = words.join("or", edit["needs"])
                told.append(words.part("add_on", code=line["procedure"], codes=codes))
            case "contradicts_code":
                stated, said = edit["stated"], edit["code_says"]
                told.append(words.part("contradicts", fact=named(edit["fact"]), stated=stated, said=said))
            case "unrecognized_value" if edit["near"]:
                near = words.join("or", [f"“{each}”" for each in edit["near"]])
                given = {"fact": named(edit["fact"]), "stated": edit["stated"]}
                told.append(words.part("unrecognized_near", **given, near=near))
            case "unrecognized_value":
                told.append(words.part("unrecognized", fact=named(edit["fact"]), stated=edit["stated"]))
            case "units_over_limit":
                determination = words.say("determinations", edit["determination"])
                given = {key: edit[key] for key in ("allowed", "limit", "over")}
                told.append(words.part("over_limit", **given, determination=determination))
            case "diagnosis_not_valid":
                day = words.day(line["service_date"])
                told.append(words.part("diagnosis_not_valid", code=edit["code"], date=day))
            case "diagnosis_not_specific":
                told.append(words.part("diagnosis_not_specific", code=edit["code"]))
            case _:
                pass
    return told
