"""JsonLogic in Python."""

from importlib import import_module
from typing import Any

from engines import Engine, iv, one_by_one


def engine() -> Engine:
    apply, rule = import_module("json_logic").jsonLogic, logic()
    return one_by_one(lambda line: apply(rule, line))


def logic() -> dict[str, Any]:
    """The policy. Inside `some` only the element can be seen, so the day stands outside."""
    pain = {"if": [{">=": [_var("day"), iv.DIVIDED]}, _pain(iv.PAIN + iv.PAIN_DIVIDED), _pain(iv.PAIN)]}
    psychiatric = {"some": [_var("diagnoses"), {"or": _begins(iv.PSYCHIATRIC)}]}
    late = {"and": [{"==": [_var("code"), "J2001"]}, {">=": [_var("day"), iv.CHANGE]}]}
    early = {"and": [{"in": [_var("code"), ["J2002", "J2003"]]}, {"<": [_var("day"), iv.CHANGE]}]}
    infusion = [
        {"in": [_var("drug"), iv.DRUGS]},
        {"==": [_var("route"), "intravenous"]},
        {"==": [_var("purpose"), "treatment"]},
    ]
    sections = {"cat": [{"if": [pain, "A", ""]}, {"if": [psychiatric, "B", ""]}]}
    not_in_force = [{"<": [_var("day"), iv.BEGUN]}, "not_in_force"]
    not_valid = [{"or": [late, early]}, "code_not_valid"]
    return {"if": [*not_in_force, *not_valid, {"and": infusion}, sections, ""]}


def _var(name: str) -> dict[str, str]:
    return {"var": name}


def _pain(prefixes: list[str]) -> dict[str, Any]:
    return {"some": [_var("diagnoses"), {"or": [*_begins(prefixes), {"in": [_var(""), iv.PAIN_EXACTLY]}]}]}


def _begins(prefixes: list[str]) -> list[dict[str, Any]]:
    by_length: dict[int, list[str]] = {}
    for prefix in prefixes:
        by_length.setdefault(len(prefix), []).append(prefix)
    return [{"in": [{"substr": [_var(""), 0, n]}, of]} for n, of in by_length.items()]
