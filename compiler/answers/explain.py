"""Why: the criteria of a decision, each with what decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from compiler.ir import decision as d
from compiler.ir.occurring import SCOPES
from compiler.runtime.claim_values import Record, Value
from compiler.runtime.codes import system
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import ASSUMPTION, LineFacts
from compiler.runtime.reader import DERIVED

_TOLD = SCOPES | {ASSUMPTION.rstrip(".")}


def explain(decision: d.Decision, facts: LineFacts) -> list[dict[str, Any]]:
    """A tree for each section: its criterion, whether it holds, because of what, and its children."""
    return [_node(rule.condition, f"{rule.section}: {rule.condition.name}", facts) for rule in decision.rules]


def _node(named: d.Named, name: str, facts: LineFacts) -> dict[str, Any]:
    return {
        "criterion": name,
        "holds": judge(named.condition, facts).holds,
        "because": [_because(path, facts) for path in _own_facts(named.condition)],
        "cites": [named.citation.place] if named.citation else [],
        "revision": str(named.revision.effective) if named.revision else None,
        "children": [_node(child, child.name, facts) for child in _named_below(named.condition)],
    }


def _because(path: str, facts: LineFacts) -> dict[str, Any]:
    unclear = facts.unclear.get(path)
    value = facts.values.get(path)
    told = {
        "fact": path if path in DERIVED and value is not None else facts.shown_path(path),
        "value": unclear.stated if unclear else shown_value(path, value),
        "origin": facts.origins.get(path, "unknown"),
    }
    assumption = facts.assumptions.get(path)
    return told if assumption is None else told | {"assumption": assumption}


def _named_below(condition: d.Condition) -> Iterator[d.Named]:
    """The criteria directly inside a condition; not those about list elements. What the compiler made of one
    criterion has no name, and belongs to it.
    """
    match condition:
        case d.Named() if condition.name:
            yield condition
        case d.Named(inner):
            yield from _named_below(inner)
        case d.Not(inner):
            yield from _named_below(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from _named_below(inner)
        case _:
            pass


def _own_facts(condition: d.Condition) -> list[str]:
    """The facts that a criterion asks for itself, not through criteria inside it."""
    match condition:
        case d.Named() if condition.name:
            return []
        case d.Named(inner) | d.Not(inner):
            return _own_facts(inner)
        case d.AtLeast(_, conditions):
            return list(dict.fromkeys(path for inner in conditions for path in _own_facts(inner)))
        case _:
            found = [fact for fact in d.facts_of(condition) if fact.partition(".")[0] in _TOLD]
            return list(dict.fromkeys(found))


def shown_value(path: str, value: Value | None) -> Any:
    """A value as JSON has it; diagnosis codes with their dot, of records what is known."""
    if isinstance(value, tuple):
        form = system("icd10cm") if path == "claim.diagnoses" else None
        return [_element(v, form.shown if form else str) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if value is None or isinstance(value, bool) else str(value)


def _element(value: Record | str | None, shown: Callable[[str], str]) -> Any:
    if isinstance(value, Record):
        return {key: shown_value(key, each) for key, each in value.items() if each is not None}
    return None if value is None else shown(value)
