"""Large policies are looked at by the values of one fact, where most rules ask for some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from compiler.ir import decision as d
from compiler.ir.occurring import This
from compiler.runtime.claim_values import FactSpec, Scalar
from compiler.runtime.judge import judge
from compiler.runtime.line_facts import LineFacts
from compiler.runtime.questions import Case, Truth
from compiler.runtime.scalars import holds, witnesses

_FEW = 24
"""So many rules are looked at together."""


@frozen
class Fixed:
    """A fact with a value that shows all values which rules do not tell apart from it."""

    fact: str
    value: Scalar


def splits(
    decisions: Sequence[d.Decision], specs: Mapping[str, FactSpec], leave: Collection[str] = ()
) -> Sequence[Fixed | None]:
    """The values of the fact by which to look at some decisions; None alone where they are small, or no fact
    but those to `leave` parts their rules.
    """
    if all(len(decision.rules) <= _FEW for decision in decisions):
        return (None,)
    asked: Counter[str] = Counter()
    atoms: dict[d.ValueIs, None] = {}
    for decision in decisions:
        required, values = _asked(This(decision))
        asked.update(required)
        atoms |= values
    usable = [fact for fact in asked if fact not in leave and specs[fact].kind == "enum"]
    fact = max(usable, key=lambda fact: asked[fact], default=None)
    if fact is None or asked[fact] * 2 < sum(len(decision.rules) for decision in decisions):
        return (None,)
    return [
        Fixed(fact, value) for value in witnesses(specs[fact], [atom for atom in atoms if atom.fact == fact])
    ]


@lru_cache(maxsize=4096)
def _asked(decision: This[d.Decision]) -> tuple[Mapping[str, int], dict[d.ValueIs, None]]:
    """Of how many rules each fact is required, and what is asked of values."""
    rules = [rule.condition for rule in decision.value.rules]
    required = Counter(fact for rule in rules for fact in {atom.fact for atom in _all_required(This(rule))})
    asked = (atom for rule in rules for atom in d.atoms(rule) if isinstance(atom, d.ValueIs))
    return required, dict.fromkeys(asked)


def within(decision: d.Decision, fixed: Fixed | None) -> d.Decision:
    """The decision without the rules that cannot hold of a value."""
    return decision if fixed is None else _within(This(decision), fixed)


@lru_cache(maxsize=4096)
def _within(decision: This[d.Decision], fixed: Fixed) -> d.Decision:
    rules = tuple(rule for rule in decision.value.rules if not refuted(rule.condition, fixed))
    sections = {rule.section for rule in rules}
    overrides = tuple(pair for pair in decision.value.overrides if sections.issuperset(pair))
    return evolve(decision.value, rules=rules, overrides=overrides)


def refuted(condition: d.Condition, fixed: Fixed) -> bool:
    """Whether a condition cannot hold of a value."""
    atoms = _all_required(This(condition))
    return any(atom.fact == fixed.fact and not holds(atom, fixed.value) for atom in atoms)


@lru_cache(maxsize=4096)
def _all_required(condition: This[d.Condition]) -> tuple[d.ValueIs, ...]:
    return tuple(_required(condition.value))


def truth(condition: d.Condition, facts: LineFacts) -> Truth:
    """Whether a rule holds of what is known, or what is open of it."""
    found = judge(condition, facts)
    return found.open if found.holds is None else found.holds


def case_of(decision: d.Decision, truths: Sequence[Truth]) -> Case:
    """The rules that can hold, without what is put to a reviewer, and the orders between them."""
    rows = (rule.row._replace(question=None, addressee=None) for rule in decision.rules)
    left = [(row, own) for row, own in zip(rows, truths, strict=True) if own is not False]
    sections = {row.section for row, _ in left}
    overrides = tuple(pair for pair in decision.overrides if sections.issuperset(pair))
    return Case(tuple(row for row, _ in left), overrides, tuple(own for _, own in left))


def _required(condition: d.Condition) -> Iterator[d.ValueIs]:
    """What is asked of one fact in every case in which a condition holds."""
    match condition:
        case d.Resting(inner):
            yield from _required(inner)
        case d.AtLeast(count, conditions) if count == len(conditions):
            for inner in conditions:
                yield from _required(inner)
        case d.ValueIs():
            yield condition
        case _:
            pass
