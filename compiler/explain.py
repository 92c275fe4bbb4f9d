"""Why: the criteria of a decision with what decided each, and the assumptions that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from compiler import decision as d
from compiler.derive import LineFacts
from compiler.interpret import Value, evaluate
from compiler.runtime.codes import system
from compiler.runtime.reader import Unclear


@frozen
class Explainer:
    """Explains the conditions of one decision by the facts of one line."""

    facts: LineFacts

    def tree(self, rule: d.Rule, name: str | None = None) -> dict[str, Any]:
        """The explanation of a rule: its criterion, whether it holds, because of what, and its children."""
        return self._node(rule.condition, name or f"{rule.section}: {rule.condition.name}")

    def _node(self, named: d.Named, name: str) -> dict[str, Any]:
        inner = list(_named_below(named.condition))
        return {
            "criterion": name,
            "holds": evaluate(named.condition, self.facts.values),
            "because": [self._because(path) for path in _own_facts(named.condition)],
            "cites": [named.citation.place] if named.citation else [],
            "revision": str(named.revision.effective) if named.revision else None,
            "children": [self._node(child, child.name) for child in inner],
        }

    def _because(self, path: str) -> dict[str, Any]:
        unclear: Unclear | None = self.facts.unclear.get(path)
        value = self.facts.values.get(path)
        return {
            "fact": self.facts.shown_path(path),
            "value": unclear.stated if unclear else shown_value(path, value),
            "origin": self.facts.origins.get(path, "unknown"),
        }

    def rests_on(self, condition: d.Condition, held: bool | None) -> set[str]:
        """The assumptions behind a condition's value: those of a reason that suffices, with the fewest.

        What is unknown rests on all that leaves it open.
        """
        match condition:
            case d.Named(condition=inner, assumptions=assumptions):
                return self.rests_on(inner, held) | set(assumptions)
            case d.Not(inner):
                return self.rests_on(inner, None if held is None else not held)
            case d.AtLeast(count, conditions):
                values = [(c, evaluate(c, self.facts.values)) for c in conditions]
                parts = [(value, self.rests_on(c, value)) for c, value in values]
                if held is None:
                    return set[str]().union(*(rests for _, rests in parts))
                needed = count if held else len(conditions) - count + 1
                enough = sorted((rests for value, rests in parts if value is held), key=len)[:needed]
                return set[str]().union(*enough)
            case d.Elements(fact, _, _, where):
                behind = set() if self.facts.values.get(fact) == () else set(_assumptions_in(where))
                return self._of_fact(fact) | behind
            case d.CodeIs(fact=fact, assumptions=assumptions):
                return self._of_fact(fact) | set(assumptions)
            case _:
                return self._of_fact(condition.fact)

    def _of_fact(self, path: str) -> set[str]:
        assumption = self.facts.assumptions.get(path)
        return {assumption} if assumption is not None else set()


def _assumptions_in(condition: d.Condition) -> Iterator[str]:
    match condition:
        case d.Named():
            yield from condition.assumptions
            yield from _assumptions_in(condition.condition)
        case d.Not(inner):
            yield from _assumptions_in(inner)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                yield from _assumptions_in(inner)
        case d.CodeIs():
            yield from condition.assumptions
        case d.Elements():
            yield from _assumptions_in(condition.where)
        case _:
            pass


def occurring(condition: d.Condition, facts: LineFacts) -> list[str]:
    """All assumptions that a condition could rest on, in order of occurrence."""
    found: list[str] = []
    match condition:
        case d.Named():
            found += condition.assumptions
            found += occurring(condition.condition, facts)
        case d.Not(inner):
            found += occurring(inner, facts)
        case d.AtLeast(_, conditions):
            for inner in conditions:
                found += occurring(inner, facts)
        case _:
            assumption = facts.assumptions.get(condition.fact)
            found += [assumption] if assumption is not None else []
            found += _assumptions_in(condition)
    return found


def _named_below(condition: d.Condition) -> Iterator[d.Named]:
    """The criteria directly inside a condition; not those about list elements."""
    match condition:
        case d.Named():
            yield condition
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
        case d.Named():
            return []
        case d.Not(inner):
            return _own_facts(inner)
        case d.AtLeast(_, conditions):
            return list(dict.fromkeys(path for inner in conditions for path in _own_facts(inner)))
        case d.Elements():
            others = [a.fact for a in d.atoms(condition.where) if a.fact != condition.element]
            return list(dict.fromkeys([condition.fact, *others]))
        case _:
            return [condition.fact]


def shown_value(path: str, value: Value | None) -> Any:
    """A value as JSON has it; diagnosis codes with their dot."""
    if isinstance(value, tuple):
        form = system("icd10cm") if path == "claim.diagnoses" else None
        return [form.shown(v) if form and v is not None else v for v in value]
    return value if value is None or isinstance(value, bool) else str(value)
