"""Criteria and facts as parts of sentences for a letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from compiler.answers.counted import Counted, Element
from compiler.answers.deciding import Because, Choice, Point, Reason
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.line_facts import spec_of
from policyc.words.wordings import Wordings

_MOST = 6
"""So many criteria, facts or values are named; of more it is said how many."""

_MOST_ELEMENTS = 3
"""So many records of a list are told with their fields; of more it is said how many there are."""

_LONGEST = 90


class Points:
    """Tells what decided: `specs` are the declared facts, `giver` says how a fact that is given was."""

    def __init__(self, words: Wordings, specs: dict[str, FactSpec], giver: Callable[[str], str]) -> None:
        self.words = words
        self.specs = specs
        self.giver = giver

    def told(self, reasons: Sequence[Reason], how: str = "but") -> str:
        """The criteria that are met, those that are not, and exceptions that apply."""
        alike: dict[str, dict[str, None]] = {"met": {}, "unmet": {}, "excepted": {}}
        choices: dict[str, None] = {}
        for each in reasons:
            if isinstance(each, Choice):
                choices[self._choice(each)] = None
            else:
                name = "excepted" if each.excepts and each.met else "met" if each.met else "unmet"
                alike[name][self._point(each)] = None
        met, *others = [
            self.words.part(name if len(them) == 1 else f"{name}_all", criteria=self.list("and", them))
            if them
            else ""
            for name, them in alike.items()
        ]
        against = [each for each in (*others, *choices) if each]
        both = [met, self.words.join("and", against)] if met and against else [met] if met else against
        return self.words.join(how if met and against else "and", both)

    def _choice(self, choice: Choice) -> str:
        """What would be needed of a group that is not met."""
        name = "none_met" if choice.needed == 1 else "too_few_met"
        return self.words.part(name, criteria=self._missing(choice), number=choice.needed)

    def _missing(self, choice: Choice, how: str = "and") -> str:
        ways = [self.words.join("with", [self._inner(each) for each in way]) for way in choice.missing]
        return self.list(how, dict.fromkeys(ways))

    def _inner(self, reason: Reason) -> str:
        if isinstance(reason, Point):
            return self._point(reason)
        if reason.needed == 1:
            return self._missing(reason, "or")
        return self.words.part("some_of", criteria=self._missing(reason), number=reason.needed)

    def _point(self, point: Point) -> str:
        criterion = self._criterion(point)
        alone = len({each.shown for each in point.because}) == 1
        known = dict.fromkeys(self._fact(each, criterion if alone else None) for each in point.because)
        facts = self.words.part("facts_of", facts=self.list("semicolon", known)) if known else ""
        return self.words.part("criterion", criterion=criterion, facts=facts)

    def _criterion(self, point: Point) -> str:
        """A label as words; where there is none, what it asks."""
        if not re.fullmatch(r"[a-z0-9_]+", point.criterion) and point.because:
            return self.list("and", dict.fromkeys(self.name(each.shown) for each in point.because))
        name = point.criterion.replace("_", " ")
        return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"

    # ---- facts

    def _fact(self, because: Because, criterion: str | None) -> str:
        """What is known of a fact; a criterion that asks it alone may say its name already."""
        name = self.name(because.shown)
        value = (
            self._counted(because.counted, because.path) if because.counted else self._value(because.value)
        )
        value = self._with_unit(value, because.path) if because.origin != "unknown" else value
        match because.origin:
            case "unknown":
                kind = "unknown" if because.value is None else "unclear"
            case "given":
                kind = self.giver(because.path)
            case origin:
                kind = origin
        told = self.words.part(kind) if kind == "unknown" else self.words.part(kind, value=value)
        return told if name == criterion else self.words.part("named", fact=name, value=told)

    def _counted(self, counted: Counted, path: str) -> str:
        """The elements of a list that count: codes as they are, records by what is asked of them."""
        if not counted.of:
            return self.words.say("values", "empty")
        if not all(isinstance(each.value, tuple) for each in counted.elements):
            return self._value(tuple(each.value for each in counted.elements))
        told = [self._element(each, path) for each in counted.elements]
        given = {"number": counted.counting, "of": counted.of, "needed": counted.needed}
        few = bool(told) and len(told) <= _MOST_ELEMENTS
        if few and counted.counting in (0, counted.of) and counted.needed <= 1:
            return self.words.join("comma", told)
        short = counted.needed > max(1, counted.counting)
        entries = self.words.part("entries_short" if short else "entries", **given)
        return (
            self.words.part("entries_told", entries=entries, told=self.list("comma", told))
            if few
            else entries
        )

    def _element(self, element: Element, path: str) -> str:
        fields = []
        for field, value in element.value:
            shown = self._with_unit(self._value(value), f"{path}[0].{field}")
            fields.append(self.words.part("field", field=self.words.fact(field), value=shown))
        if not fields:
            return self.words.part("entry", number=element.number)
        return self.words.part("entry_with", number=element.number, fields=self.list("and", fields))

    def _with_unit(self, value: str, path: str) -> str:
        if path not in self.specs and "[" not in path:
            return value
        unit = spec_of(path, self.specs).unit
        return f"{value} {unit}" if unit else value

    def name(self, path: str) -> str:
        """The name of a fact, or of a field of one of a list's entries."""
        listed = re.fullmatch(r"(.*?)\[([0-9]+)\](?:\.(.*))?", path)
        if listed is None:
            return self.words.fact(path)
        entry = self.words.part("entry_of", number=int(listed[2]) + 1, list=self.words.fact(listed[1]))
        return (
            self.words.part("field_of", field=self.words.fact(listed[3]), entry=entry) if listed[3] else entry
        )

    def _value(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.words.say("values", "true" if value else "false")
        if isinstance(value, tuple):
            if not value:
                return self.words.say("values", "empty")
            if any(isinstance(each, tuple) for each in value):
                return self.words.part("entries", number=len(value), of=len(value))
            return self.list("comma", [self._value(each) for each in value])
        text = str(value)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return self.words.day(text)
        return text.replace("_", " ")

    def list(self, how: str, items: Sequence[str] | dict[str, None]) -> str:
        """Several texts as one, of which those above a number are only counted."""
        kept = list(items)
        if not kept:
            return ""
        if len(kept) <= _MOST:
            return self.words.join(how, kept)
        apart = how == "semicolon"
        first = self.words.join("semicolon" if apart else "comma", kept[:_MOST])
        return self.words.say(
            "lists", "more_facts" if apart else "more", first=first, number=len(kept) - _MOST
        )
