"""What versions say in other words: nothing here changes a determination by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from compiler.diff.days import stretches
from compiler.diff.side import Side
from compiler.history.standing import StandingText
from compiler.ir.decision import Decision
from compiler.ir.occurring import occurring


@frozen
class Wording:
    """Other words of a section, or (None) of the whole: `what` is names, title, citation, question,
    assumptions or subject_to; `added` and `removed` are the words.
    """

    what: str
    section: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def within(self, other: Wording) -> bool:
        """Whether another one says this and more."""
        same = (self.what, self.section) == (other.what, other.section) and self != other
        return same and set(self.added) <= set(other.added) and set(self.removed) <= set(other.removed)


def wordings(sides: tuple[Side, Side]) -> tuple[Wording, ...]:
    """The other words of all days, each once: where one day tells more, as that tells it."""
    moved = [side.day for side in sides if side.day is not None]
    days = [(moved[0], moved[1])] if moved else [(first, first) for first, _ in stretches(sides)]
    words = dict.fromkeys(word for each in days for word in wording(sides, each))
    return tuple(word for word in words if not any(word.within(other) for other in words))


def wording(sides: tuple[Side, Side], days: tuple[date, date]) -> Iterator[Wording]:
    """The other words of two texts, each on its day; none where one is not in force."""
    decisions = [side.program.decision(day, side.known_on) for side, day in zip(sides, days, strict=True)]
    texts = [side.program.consolidated.at(day, side.known_on) for side, day in zip(sides, days, strict=True)]
    first, second = ({} if text is None else _said(text) for text in texts)
    if decisions[0] is None or decisions[1] is None:
        return
    first[None, "assumptions"], second[None, "assumptions"] = (
        _assumed(d, side) for d, side in zip(decisions, sides, strict=True) if d is not None
    )
    first[None, "subject_to"], second[None, "subject_to"] = (side.program.subject_to for side in sides)
    for section, what in sorted(first.keys() & second.keys(), key=repr):
        before, after = first[section, what], second[section, what]
        added = tuple(word for word in after if word not in before)
        removed = tuple(word for word in before if word not in after)
        if added or removed:
            yield Wording(what, section, added, removed)


def _said(text: StandingText) -> dict[tuple[str | None, str], tuple[str, ...]]:
    """The words of each section, by what they are."""
    found: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for section in text.sections:
        asked = [(rule.question, rule.addressee) for rule in section.rules if rule.question is not None]
        found[section.name, "names"] = tuple(name.name for name in section.names)
        found[section.name, "title"] = (section.title,)
        cited = (section.citation, *(limit.citation for limit in section.limits))
        found[section.name, "citation"] = tuple(c.place for c in cited if c is not None)
        found[section.name, "question"] = tuple(
            f"{question} ({of})" if of else str(question) for question, of in asked
        )
    return found


def _assumed(decision: Decision, side: Side) -> tuple[str, ...]:
    """The assumptions on which decisions can rest."""
    names = [*decision.assumptions]
    asked = [name for rule in decision.rules for name in occurring(rule.condition)]
    names += [name for name in asked if "." not in name]
    absent = (side.program.absent.get(fact, (None, None))[1] for fact in asked)
    names += [name for name in absent if name is not None]
    for row in decision.listed:
        names += [name for name in (row.assumption, *(of for _, of in row.needs)) if name is not None]
    names += [rule.assumption for rule in decision.evidence if rule.assumption is not None]
    names += [limit.assumption for limit in decision.limits if limit.assumption is not None]
    return tuple(dict.fromkeys(names))
