"""Changes of single facts of a claim: a value in another's place, an element of a list more, or one less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from compiler.answers.explain import shown_value
from compiler.runtime.claim_values import Record, Value
from compiler.runtime.codes import system
from compiler.runtime.derive import STATED
from compiler.runtime.line_facts import LineFacts, spec_of
from compiler.runtime.reader import Claim, Line

_MOST_ADDED = 3
"""Elements that are added to a list together."""


class Change(NamedTuple):
    """What is changed: a fact; or of a list the element at a place, perhaps a field of it, or one added.

    `value` is what stands there now; `fields` those of a record that is added, `after` the change by which
    the element before it is added.
    """

    fact: str
    value: Any = None
    at: int | None = None
    field: str | None = None
    removed: bool = False
    fields: tuple[str, ...] = ()
    after: Change | None = None

    @property
    def path(self) -> str:
        """The name of what is changed."""
        element = self.fact if self.at is None else f"{self.fact}[{self.at}]"
        return element if self.field is None else f"{element}.{self.field}"


def changeable(fact: str, facts: LineFacts) -> Iterator[Change]:
    """What can be changed of a fact, one at a time."""
    value, spec = facts.values.get(fact), facts.specs[fact]
    if not isinstance(value, tuple):
        yield Change(fact, value)
        return
    for at, element in enumerate(value):
        if isinstance(element, Record):
            yield from (Change(fact, element[name], at, name) for name in element)
        else:
            yield Change(fact, element, at)
    added = None
    for at in range(len(value), len(value) + _MOST_ADDED):
        added = Change(fact, at=at, fields=tuple(field.path for field in spec.fields), after=added)
        yield added
    for at, element in enumerate(value):
        yield Change(fact, element, at, removed=True)


def clash(chosen: tuple[Change, ...]) -> bool:
    """Whether some changes cannot be made together."""
    removed = {(change.fact, change.at) for change in chosen if change.removed}
    touched = [(change.fact, change.at) for change in chosen if not change.removed]
    behind = [change.after for change in chosen if change.after is not None]
    return not removed.isdisjoint(touched) or any(after not in chosen for after in behind)


def place(change: Change, chosen: tuple[Change, ...]) -> str:
    """The name of what is changed where the other changes are made too."""
    before = [c for c in chosen if c.removed and c.fact == change.fact and (c.at or 0) < (change.at or 0)]
    return change.path if not before else change._replace(at=(change.at or 0) - len(before)).path


def changed_value(value: Value | None, pairs: Iterable[tuple[Change, Any]]) -> Any:
    """A fact with some of it changed to other values; None is unknown."""
    elements: list[Any] = list(value) if isinstance(value, tuple) else []
    removed = []
    for change, to in pairs:
        if change.at is None:
            return to
        if change.removed:
            removed.append(change.at)
        elif change.at >= len(elements):
            elements.append(_record(change.fields, to) if change.fields else to)
        elif change.field is not None:
            elements[change.at] = _with_field(elements[change.at], change.field, to)
        else:
            elements[change.at] = to
    return tuple(each for at, each in enumerate(elements) if at not in removed)


def _record(fields: tuple[str, ...], stated: dict[str, Any] | None) -> Record:
    made = Record(fields)
    made.update(stated or {})
    return made


def _with_field(record: Record, field: str, to: Any) -> Record:
    made = Record(record)
    made.update({**record, field: to})
    made.unclear = {name: unclear for name, unclear in record.unclear.items() if name != field}
    return made


def by_fact(pairs: Iterable[tuple[Change, Any]]) -> dict[str, list[tuple[Change, Any]]]:
    """Changes and their values, by the fact that they change."""
    found: dict[str, list[tuple[Change, Any]]] = {}
    for change, to in pairs:
        found.setdefault(change.fact, []).append((change, to))
    return found


def forget(facts: LineFacts, chosen: Iterable[Change]) -> None:
    """Make unknown what is changed."""
    for fact, pairs in by_fact((change, None) for change in chosen).items():
        facts.values[fact] = changed_value(facts.values.get(fact), pairs)
        facts.assumptions.pop(fact, None)
        if fact + STATED in facts.values:
            facts.values[fact + STATED] = True


def changed_claim(
    claim: Claim, line: Line, facts: LineFacts, pairs: Iterable[tuple[Change, Any]]
) -> tuple[Claim, Line]:
    """The claim, and its line, that state other values."""
    for fact, changes in by_fact(pairs).items():
        value = changed_value(facts.values.get(fact), changes)
        name = facts.shown_path(fact)
        if name.startswith("line."):
            line = line._replace(stated={**line.stated, name: value}, unclear=_without(line.unclear, name))
        else:
            claim = claim._replace(
                stated={**claim.stated, name: value}, unclear=_without(claim.unclear, name)
            )
    lines = tuple(line if each.number == line.number else each for each in claim.lines)
    return claim._replace(lines=lines), line


def _without(unclear: dict[str, Any], fact: str) -> dict[str, Any]:
    return {path: each for path, each in unclear.items() if path != fact}


def shown(change: Change, to: Any, facts: LineFacts) -> dict[str, Any]:
    """A change as JSON has it; the name is that by which the claim knows the fact."""
    name = change._replace(fact=facts.shown_path(change.fact)).path
    return {"fact": name, "from": _shown(change, change.value, facts), "to": _shown(change, to, facts)}


def _shown(change: Change, value: Any, facts: LineFacts) -> Any:
    if isinstance(value, dict):
        return {key: shown_value(key, each) for key, each in value.items() if each is not None}
    if isinstance(value, str) and change.at is not None and change.field is None:
        form = spec_of(change.path, facts.specs).system
        return system(form).shown(value) if form else value
    return shown_value(change.fact, value)
