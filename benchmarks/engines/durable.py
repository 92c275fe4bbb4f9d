"""durable_rules: a line is a fact, asserted and retracted; what is told are the rules that ran."""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from engines import Engine, Facts, iv, one_by_one


def engine() -> Engine:
    lang = import_module("durable.lang")
    not_handled = import_module("durable.engine").MessageNotHandledException
    told: set[str] = set()  # a rule runs once for each alternative of its condition
    with lang.ruleset("iv"):
        for text, condition in _rules(lang.m, lang.item):
            lang.when_all(condition)(_telling(told, text))

    def ask(line: Facts) -> str:
        fact = {**line, "id": 1}
        for do in (lang.assert_fact, lang.retract_fact):
            with suppress(not_handled):  # no rule has a say
                do("iv", fact)
        found = "".join(sorted(told))
        told.clear()
        return found

    return one_by_one(ask)


def _telling(told: set[str], text: str) -> Callable[[Any], None]:
    return lambda _: told.add(text)


def _rules(m: Any, item: Any) -> list[tuple[str, Any]]:
    """What is told, and when. A code is asked whether it begins with a text by a regular expression."""
    stands = m.day >= iv.BEGUN
    late = (m.code == "J2001") & (m.day >= iv.CHANGE)
    early = ((m.code == "J2002") | (m.code == "J2003")) & (m.day < iv.CHANGE)
    valid = ((m.code != "J2001") | (m.day < iv.CHANGE)) & (
        ((m.code != "J2002") & (m.code != "J2003")) | (m.day >= iv.CHANGE)
    )
    drug = (m.drug == iv.DRUGS[0]) | (m.drug == iv.DRUGS[1])
    infusion = stands & valid & drug & (m.route == "intravenous") & (m.purpose == "treatment")
    pain = "|".join([*(f"{prefix}.*" for prefix in iv.PAIN), *iv.PAIN_EXACTLY])
    divided = "|".join(f"{prefix}.*" for prefix in iv.PAIN_DIVIDED)
    painful = m.diagnoses.anyItem(item.matches(pain)) | (
        (m.day >= iv.DIVIDED) & m.diagnoses.anyItem(item.matches(divided))
    )
    psychiatric = m.diagnoses.anyItem(item.matches("|".join(f"{prefix}.*" for prefix in iv.PSYCHIATRIC)))
    return [
        ("not_in_force", m.day < iv.BEGUN),
        ("code_not_valid", stands & (late | early)),
        ("A", infusion & painful),
        ("B", infusion & psychiatric),
    ]
